// Runs one attempt from beginning to end, the same on every target: work folder, variables, body in
// a session of its own, time and memory watched, outputs probed, hashed and published, everything
// measured. What it returns is the end of the attempt; who called it sees that the record reaches
// the ledger (over a socket to a living controller, or through the inbox).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/attempt/job.h"
#include "runtime/ledger/folder.h"

namespace wfc::run {

/// How an attempt ended: `end`, and the members of its set outputs as further records.
struct Ending {
  ir::Outcome outcome = ir::Outcome::Failed;
  bool slice = false, uncounted = false;
  std::string why;
  int exit = 0, signal = 0;
  int64_t started = 0, ended = 0, cpuMs = 0, rss = 0, read = 0, written = 0;
  struct Output {
    uint32_t output;
    uint64_t bytes;
    std::string path, hash;
    uint64_t inodes = 1;  ///< as OutputRecord's
  };
  int64_t gpuBusy = 0, gpuMemory = 0, gpuJoules = 0;  ///< as Record's
  std::vector<Output> outputs;
  std::vector<std::pair<uint32_t, std::string>> values;
  struct Set {
    uint32_t output;
    std::vector<std::string> members;
  };
  std::vector<Set> sets;
  std::string node, job;
  std::string inputs;  ///< hash of what it read from outside the run
  std::string copies;  ///< as Record's
};

/// The record lines of an ending: sets first, then End.
std::string linesOf(const Job& job, const Ending& ending);

/// Told from outside while an attempt runs.
struct AttemptSignals {
  enum Wish : int { GoOn = 0, Stop = 1, Deadline = 2 };
  /// Asked from time to time, and when `descriptor` has news: a stop ends the body uncounted, a
  /// deadline as timed_out.
  std::function<int()> wantsStop;
  /// Readable when there is something to ask for; -1: none.
  int descriptor = -1;
};

/// Claims (instance, attempt) for this process: its work folder appears with our name in it, or not
/// at all. False: somebody else runs or ran it.
bool claim(const Job& job);
/// The end of an attempt that nobody could claim, because nothing can be written there; nullopt:
/// somebody else has claimed it. Asked after `claim`, with its errno.
std::optional<Ending> unclaimed(const Job& job);
/// True if nothing of an attempt is left in its work folder but the claim.
bool hasOnlyClaim(const std::string& work);
/// The wrapper that claimed an attempt, the leader of its body's process group once there is one,
/// and what else it started.
struct Claim {
  ProcessName wrapper;
  std::optional<ProcessName> body;
  std::vector<ProcessName> checks;
  std::vector<std::string> containerEnd;  ///< the command; empty: none
  std::vector<std::string> mark;          ///< of its body's environment
};
std::optional<Claim> readClaim(const std::string& run, llvm::StringRef instance, uint32_t attempt);
/// Ends what is left of an attempt whose wrapper is gone. True if nothing of it lives any more.
bool endLeftovers(const Claim& claim);

/// Runs the body and everything around it. The attempt must be claimed.
Ending runAttempt(const Job& job, const AttemptSignals& signals);

/// The work folder of an attempt: RUN/work/FAMILY/KEY.ATTEMPT
std::string workFolder(const std::string& run, llvm::StringRef instance, uint32_t attempt);
/// A file in it: whoever finds it there is to end, uncounted, for its instance is taken back.
std::string takenBackMark(const std::string& work);
std::string logFile(const std::string& run, llvm::StringRef instance, uint32_t attempt);

}  // namespace wfc::run
