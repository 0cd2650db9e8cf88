// The members of each family as far as they are known before the run, by cycle and variables; and
// the words found for what they wait for.
#pragma once

#include <string>
#include <vector>

#include "targets/rocoto/outline.h"

namespace wfc::targets::rocoto {

struct Member {
  run::InstanceId id;
  int64_t time = 0;               ///< start of its cycle; of `once` the one of that
  std::vector<std::string> rest;  ///< values of the variables
};
/// By family.
using Members = std::vector<std::vector<Member>>;

/// Sets words, gates and throttles of every shape. The engine has settled.
void findWords(const run::Engine& engine, const Members& members, Outline& outline);

}  // namespace wfc::targets::rocoto
