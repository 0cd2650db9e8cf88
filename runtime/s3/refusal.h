// What a store says when it refuses, in words that tell what to do.
#pragma once

#include <string>

#include "runtime/s3/http.h"

namespace wfc::s3 {

struct Refusal {
  std::string what, fix;
};

/// The code in the XML of a refusal, such as `NoSuchKey`; empty where there is none.
std::string codeOf(const Answer& answer);

Refusal refusalOf(const Answer& answer, const Account& account, const std::string& bucket);

}  // namespace wfc::s3
