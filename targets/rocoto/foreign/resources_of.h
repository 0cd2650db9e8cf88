// What a task of a document asks for, as numbers: the same reading for the import and for the
// comparison of what is built from it.
#pragma once

#include "targets/rocoto/foreign/document.h"

namespace wfc::targets::rocoto::foreign {

struct Asked {
  int64_t nodes = 1, perNode = 1, threads = 1;
  bool isCores = false;  ///< `<cores>`: so many tasks, on whatever nodes
  int64_t seconds = 0;
  int64_t memory = 0;  ///< MiB; 0: not stated
  std::string partition, queue, account;
  bool isExclusive = false;
  std::vector<std::string> features;
  std::string gpus;  ///< `h100:1`, or a number
  /// Options in `<native>` that a flow has no word for.
  std::set<std::string> others;

  bool operator==(const Asked&) const = default;
};

/// Nullopt, with a reason, where the document asks in a way that cannot be read.
std::optional<Asked> askedBy(const Task& task, std::string& problem);

}  // namespace wfc::targets::rocoto::foreign
