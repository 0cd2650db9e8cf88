// What a family asks of the machine: its needs as numbers, at the first attempt and at the ceiling
// of all retries.
//
// A need may depend on the index through the arguments of the call; then every value that the index
// can take is looked at, and the largest counts. What depends on values that tasks compute is known
// only at run time and said to be so.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compiler/ir/module.h"

namespace wfc::pass {

/// One need of a family. Sizes are bytes, times milliseconds, counts counts.
struct Amount {
  const ir::Need* need = nullptr;    ///< where it is written
  const ir::Retry* grows = nullptr;  ///< a clause that raises the ceiling, if any
  double smallest = 0, largest = 0;  ///< of the first attempt, over the index
  double ceiling = 0;                ///< of the last attempt of every clause
  std::string how;                   ///< `27h × 2 on a later attempt`, if the ceiling is above
  bool varies() const { return smallest != largest; }
};

struct Gpus {
  std::string model;
  Amount count;
};

/// What nodes must have: one at least of these.
struct Feature {
  const ir::Need* need = nullptr;
  std::vector<std::string> anyOf;
};

struct Needs {
  std::map<std::string, Amount> amounts;  ///< nodes tasks cpus memory time disk
  std::vector<Gpus> gpus;
  std::vector<Gpus> licences;
  std::map<std::string, std::pair<std::string, const ir::Need*>> names;  ///< partition qos account
  std::vector<Feature> features;
  bool exclusive = false;
  std::vector<std::string> atRunTime;  ///< keys known only when an instance starts

  struct Mistake {
    ir::Loc loc;
    std::string what, why;
    bool tooMany = false;  ///< too many values to look at: only a warning
  };
  std::vector<Mistake> mistakes;

  double ceiling(const char* key, double otherwise) const {
    auto it = amounts.find(key);
    return it == amounts.end() ? otherwise : it->second.ceiling;
  }
};

/// Requires that the family has a task.
Needs needsOf(const ir::Module& module, const ir::Family& family);

/// An amount of a need as people write it: `176GiB`, `8h`, `96`.
std::string amountText(llvm::StringRef key, double amount);

}  // namespace wfc::pass
