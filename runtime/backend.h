// What a target offers to the runtime. runtime/ names no target: targets/backends.cpp lists them,
// one line each.
//
// A backend with a living loop does all its work in `start`; a head-less one submits in `start` and
// goes on in `step`, which bodies, sweeps and ends call (`wfr step`). All of them drive the same
// Controller.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/StringRef.h>

#include "compiler/ir/module.h"

namespace wfc::run {

/// What `wfr start` was told.
struct StartOptions {
  std::string run;        ///< absolute folder
  std::string artifacts;  ///< absolute folder
  bool wait = false;
  int jobs = 0;           ///< at most so many at once; 0: as the machine allows
  int64_t stopAfter = 0;  ///< leave after so many more ends; 0: no
  bool cron = false;      ///< let cron go on with it (Backend::hasCron)
};

/// An attempt that was handed over, as `ask` sees it.
struct Asked {
  std::string instance, job;
  unsigned attempt = 0;
};
enum class Alive { Yes, No, Unknown };

/// What a scheduler says of one of its jobs.
struct JobWord {
  Alive alive = Alive::Unknown;
  /// Where it is over: what that counts for, if the attempt in it left no word of its own.
  ir::Outcome outcome = ir::Outcome::NodeLost;
  bool isUncounted = false;
  std::string why;
};

/// A scheduler, for targets that have another program submit to it.
struct Scheduler {
  /// The job that this process runs in; empty: none.
  std::string (*ownJob)();
  /// The node that this process runs on, as the scheduler calls it; empty: in no job.
  std::string (*ownNode)();
  JobWord (*wordOn)(const std::string& job);
  /// Of the job we are in, while it is being ended.
  JobWord (*wordOnOwn)();
  /// The user's jobs that were submitted from this folder and are not over, or have not even begun;
  /// nullopt: it does not answer.
  std::optional<std::vector<std::string>> (*jobsIn)(const std::string& folder, bool isWaiting);
  void (*cancel)(llvm::ArrayRef<std::string> jobs);
};

/// How the job that this process is the body of starts a command on all its nodes.
struct Spread {
  unsigned nodes = 1;
  unsigned tasks = 0;                ///< that were asked for; 0: not said
  std::string address;               ///< of the first node
  bool isThere = false;              ///< this process is on it
  std::vector<std::string> command;  ///< begins the command line
  /// Variables from which a process that was so started knows which it is.
  std::string rank, localRank, node;
};

struct Backend {
  llvm::StringRef name;
  /// The run's folder exists and fits the artifacts. Works on it; the exit status of abi::Exit.
  int (*start)(const StartOptions& options);
  /// One pass of a head-less target; null: it has none. `args` are the words after `wfr step RUN`.
  int (*step)(const std::string& run, llvm::ArrayRef<std::string> args);
  /// Ends what runs by own ids only; the wish itself is already in the run's folder. The exit
  /// status.
  int (*stop)(const std::string& run);
  /// Which of these still live, in the same order.
  std::vector<Alive> (*ask)(const std::string& run, llvm::ArrayRef<Asked> attempts);
  /// The command that starts the wrapper's body is `wfr task`; called after it left its end in the
  /// inbox (a step); may be null.
  void (*afterTask)(const std::string& run);
  /// `wfr task …` inside a job of a head-less target: all of it, `args` being the words after
  /// `task` (the run is `args[0]` when that is an absolute path, else WFR_RUN). The exit status;
  /// null: the runtime's own way (local).
  int (*task)(llvm::ArrayRef<std::string> args) = nullptr;
  /// Prints what `start` would submit for these artifacts (`wfr plan-submission OUT`, hidden);
  /// null: nothing to tell.
  int (*planSubmission)(const std::string& artifacts) = nullptr;
  /// The instance that a scheduler's job id stands for, where the ledger does not know the id yet;
  /// empty: none.
  std::string (*whose)(const std::string& run, llvm::StringRef job) = nullptr;
  /// The folder of the run that a scheduler's job belongs to, as the scheduler knows it; empty:
  /// none, or it does not tell. Null: its jobs have no ids that a person would see.
  std::string (*runOf)(llvm::StringRef job) = nullptr;
  /// The scheduler's word on an instance that does not run yet: its job, and why that waits. Asks
  /// the scheduler; empty: no job carries it. May be null.
  std::string (*standing)(const std::string& run, const std::string& family,
                          uint32_t iteration) = nullptr;
  /// A person's wish lies in the inbox: takes it in, or sees to it that somebody does. The exit
  /// status; null: a run has a living controller or none, and nothing runs without it (deliver in
  /// runtime/control/wish.h).
  int (*wish)(const std::string& run) = nullptr;
  /// The system that it speaks with, for others; null: it is none that has jobs of others.
  const Scheduler* scheduler = nullptr;
  /// What it, or its scheduler, puts into a run's folder beside the artifacts.
  std::vector<llvm::StringRef> ownFiles = {};
  /// Artifacts whose copy in the run says what the run knows, and is written again and again.
  std::vector<llvm::StringRef> rewritten = {};
  /// Why instances cannot be taken back here, or limits changed; empty: they can.
  llvm::StringRef cannotReopen = {}, cannotSet = {};
  /// Why a run cannot be given other artifacts here; empty: it can.
  llvm::StringRef cannotAdopt = {};
  /// What of a run that nobody holds still waits or works outside, so that it cannot be given other
  /// artifacts now; empty: nothing. Null: `ask` says it all.
  std::string (*leftOutside)(const std::string& run) = nullptr;
  /// Pools have nodes with disks of their own (the site's `local_disk`).
  bool hasNodeDisks = false;
  /// Steps are called by cron: `wfr start --cron` installs the line that does.
  bool hasCron = false;
  /// Takes away what it has put elsewhere than into the run's folder. Empty, or what a person has
  /// to do. Null: there is nothing.
  std::string (*forget)(const std::string& run) = nullptr;
  /// Compares what the scheduler holds for a run with artifacts, and tells: abi::Good the same,
  /// abi::Drifted not. Null: the scheduler holds nothing that could differ.
  int (*drift)(const std::string& run, const std::string& artifacts) = nullptr;
  /// `perNode` processes on each node of the job that we are in, `mpi` being the kind of MPI they
  /// speak, or empty; nullopt: we are in none, or in a part of one. May be null.
  std::optional<Spread> (*spread)(unsigned perNode, const std::string& mpi) = nullptr;
};

/// The scheduler that the site's facts name, if one of the back ends speaks with it.
const Scheduler* findScheduler(const std::map<std::string, std::string>& siteFacts);

/// `ask` of a back end whose wrappers can be looked at from here: by their claims.
std::vector<Alive> askClaims(const std::string& run, llvm::ArrayRef<Asked> attempts);

/// All of them, by name.
llvm::ArrayRef<Backend> backends();
const Backend* findBackend(llvm::StringRef name);

}  // namespace wfc::run
