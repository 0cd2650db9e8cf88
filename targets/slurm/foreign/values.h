// Values of sbatch's options, read as sbatch and slurmctld read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "targets/slurm/foreign/options.h"

namespace wfc::targets::slurm::foreign {

/// `30`, `30:00`, `1:30:00`, `2-12`, `2-12:30`, `2-12:30:00` in milliseconds; 0 is no limit.
std::optional<int64_t> readTime(llvm::StringRef text);
/// In bytes: a number is of MiB, `K M G T` are powers of 1024, a `B` behind them is allowed.
std::optional<int64_t> readMemory(llvm::StringRef text);
std::optional<int64_t> readNumber(llvm::StringRef text);

struct Range64 {
  int64_t least = 0, most = 0;
};
/// `4`, `2-4`.
std::optional<Range64> readNodes(llvm::StringRef text);

/// `1-9:2,20%3`.
struct Indices {
  struct Run {
    int64_t first = 0, last = 0, step = 1;
    bool operator==(const Run&) const = default;
  };
  std::vector<Run> runs;
  int64_t limit = 0;  ///< 0: none

  int64_t count() const;
  int64_t most() const;
  /// All of them, in order, each once; only where they are not too many.
  std::vector<int64_t> all() const;
};
std::optional<Indices> readArray(llvm::StringRef text);

/// One clause of `afterok:1:2,afterany:$x`.
struct Clause {
  std::string kind;              ///< `afterok`, `singleton`; empty: a bare id, which is afterany
  std::vector<std::string> ids;  ///< as written
};
struct Dependencies {
  std::vector<Clause> clauses;
  bool isAnyOf = false;  ///< `?`
  std::string wrong;     ///< what is wrong with it; empty: nothing
};
/// Ids may be anything but separators, where `mayHoldVariables` says so.
Dependencies readDependencies(llvm::StringRef text, bool mayHoldVariables);

struct Gpu {
  std::string model;  ///< empty: any
  int64_t count = 1;
};
/// `2`, `h100:2`, `h100`.
std::optional<Gpu> readGpus(llvm::StringRef text);
/// The GPUs of `gpu:h100:2,shard:1`, and whether the list is well formed.
struct GresList {
  bool isValid = true;
  std::vector<Gpu> gpus;
};
GresList readGres(llvm::StringRef text);

/// Whether a list between blanks holds a word.
bool isAmong(llvm::StringRef list, llvm::StringRef word);

/// What is wrong with a value; empty: nothing. `what` it should be is a few words.
std::string whyWrong(const Option& option, llvm::StringRef value);
/// How values of this form are written.
llvm::StringRef formText(Form form);

}  // namespace wfc::targets::slurm::foreign
