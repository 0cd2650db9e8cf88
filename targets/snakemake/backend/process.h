// The one Snakemake of a run: started in the run's folder, named in RUN/ledger/snakemake so that a
// start after a crash finds it, its lock taken away when it has died.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/ledger/folder.h"

namespace wfc::snakemake {

class Process {
 public:
  explicit Process(std::string run) : run_(std::move(run)) {}

  /// Starts it with more words on its command line. Empty, or why not.
  std::string start(const std::vector<std::string>& words);
  /// Waits up to `ms`; true once it has ended, or if there is none.
  bool hasEnded(int64_t ms);
  /// The one that an earlier start left, if it lives still.
  bool adopt();
  /// SIGTERM: what runs goes on to its end, nothing more is started.
  void end();
  /// SIGKILL: where it waits for what never comes.
  void kill();
  /// Takes the lock away that a killed one left; only where none lives and the lease is ours.
  void unlock() const;
  /// What it printed last, for who must know why a round did nothing.
  std::string lastWords() const;
  std::string logPath() const;

 private:
  std::string namePath() const;
  std::optional<run::ProcessName> named() const;
  std::string run_;
  run::ProcessName name_;
  int pid_ = -1;  ///< of our own child; -1: adopted, or none
  uint64_t logFrom_ = 0;
};

/// A controller that lives holds the run.
bool isHeld(const std::string& run);

}  // namespace wfc::snakemake
