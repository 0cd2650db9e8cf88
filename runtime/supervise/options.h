// What `wfr supervise` was told, and what it tells the seats: the processes that start the ranks,
// one a node, or one a rank where the scheduler starts them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/StringRef.h>

namespace wfc::supervise {

/// Exit statuses of its own; all others are the program's.
enum Exit : int { NotANumber = 65, Hung = 124 };

struct Options {
  unsigned ranks = 0;  ///< on each node; 0: one a GPU
  bool isOwnGpu = false;
  std::string mpi;  ///< the scheduler's kind of MPI; empty: none
  std::vector<std::string> checkpoints;
  std::string latest;
  int64_t heartbeatMs = 0, silenceMs = 0, settleMs = 5000, graceMs = 10000, sampleMs = 10000;
  unsigned nans = 3;  ///< so many losses in a row that are no number end it; 0: none do
  bool isJson = false;
  std::string summary;
  std::vector<std::string> command;
};

/// What a seat starts, as one word of its command line.
struct Seat {
  unsigned ranks = 1;    ///< that it starts itself
  unsigned perNode = 1;  ///< on its node
  unsigned nodes = 1;
  std::string address;
  unsigned port = 0;
  /// Variables that say which rank it is; empty: it starts all of its node, from 0.
  std::string rankIn, localIn, nodeIn;
  bool isOwnGpu = false;
  int64_t graceMs = 0, sampleMs = 0;
  unsigned secrets = 0;  ///< that it is sent before it starts anything

  std::string text() const;
  static std::optional<Seat> parse(llvm::StringRef text);
};

/// Runs what was asked for. The exit status.
int lead(const Options& options);
/// The same of a seat.
int sit(const Seat& seat, llvm::ArrayRef<std::string> command);

/// The GPUs of this node that are ours, as CUDA_VISIBLE_DEVICES names them.
std::vector<std::string> ownGpus();

}  // namespace wfc::supervise
