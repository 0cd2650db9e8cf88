// What the flow says that an output will hold, beside what was counted when it was made.
#pragma once

#include "runtime/engine/engine.h"

namespace wfc::run {

struct Stated {
  std::optional<int64_t> bytes, inodes;
};

/// Of one output of an instance that has an attempt; a file is one inode without a word.
Stated statedOf(const Engine& engine, InstanceId id, const Details::Output& output);

}  // namespace wfc::run
