// Named tensors and texts in one file, in the format `safetensors`, which other programs read too:
// a length, a head in JSON, and the numbers.
//
// The text `blake3` is the hash of the numbers and of all other texts: a file that was torn or
// changed is found when it is read.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/torch/tensors.h"

namespace wfc::learn {

struct Bundle {
  /// Of floats.
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> texts;
};

/// Writes it whole or not at all; its hash. The same bundle has the same bytes.
std::string write(const Bundle& bundle, const std::string& path);

struct ReadBundle : Bundle {
  std::string path, hash;
  /// A tensor of this many numbers, or a Problem.
  Tensor numbers(const std::string& name, int64_t count) const;
  const std::string& text(const std::string& name) const;
};

/// Throws a Problem where it is not there, not whole, or something else. One of other programs has
/// no hash, unless that is asked for.
ReadBundle readBundle(const std::string& path, bool mustHaveHash = true);

/// The hash of texts and numbers in hexadecimal digits.
std::string hashOf(const Bundle& bundle);

}  // namespace wfc::learn
