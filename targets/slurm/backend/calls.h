// Everything that is said to SLURM, and nothing else: sbatch, scontrol, squeue, sacct, scancel,
// spawned with argument vectors (no shell), read, and ended when they take too long. Whoever wants
// to know what wfr does to a scheduler reads this file and its .cpp.
//
// Every call gets an environment without the variables of the job it may run in: SLURM_*, SBATCH_*,
// SRUN_* (but SLURM_CONF) would give the new job its parent's size, and WFR_INSTANCE would make its
// script believe that the runtime had already started it.
//
// It decides nothing: what to submit is plan.h's, what a state means is causes.h's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/StringMap.h>
#include <llvm/ADT/StringRef.h>

#include "runtime/ledger/calls.h"

namespace wfc::slurm {

/// What a call printed and how it ended.
struct Reply {
  int status = -1;  ///< exit status; -1: it could not be started, was killed, or took too long
  std::string out, err;
  bool isGood() const { return status == 0; }
  /// Its complaint on one line.
  std::string complaint() const;
};

/// Why sbatch gave no id.
enum class Refusal {
  None,
  Full,     ///< a limit of submitted jobs: later it may work
  Down,     ///< slurmctld does not answer
  Refused,  ///< it will not take this job
};

struct Submitted {
  std::string id;  ///< of the job, or of the array
  Refusal refusal = Refusal::None;
  std::string error;
};

/// One job to submit. `script` is a path, or, with `isText`, the script itself.
struct Submission {
  std::vector<std::string> options;
  std::string script;
  bool isText = false;
  std::vector<std::pair<std::string, std::string>> environment;
};

/// A line of squeue or sacct: a job, or one index of an array.
struct QueueRow {
  std::string job;    ///< `12` or `12_3`
  std::string state;  ///< `PENDING`, `CANCELLED` …, one word
  std::string comment;
};

/// A job in the queue, or one index of an array, as SLURM would run it; its own words.
struct Held {
  std::string job, state, reason, partition, time, memory, comment;
};

class Calls {
 public:
  /// Calls are counted in the run's ledger/calls; an empty run counts nowhere.
  explicit Calls(std::string run) : run_(std::move(run)) {}
  ~Calls();
  Calls(const Calls&) = delete;
  Calls& operator=(const Calls&) = delete;

  Submitted submit(const Submission& submission);
  /// Lines for one scontrol; it goes on after a line that failed. The complaints, one each; empty:
  /// all were done.
  std::vector<std::string> control(llvm::ArrayRef<std::string> lines);
  /// One scontrol command with its words.
  Reply scontrol(llvm::ArrayRef<std::string> words);
  /// Own jobs whose comment begins with `comment`, ended ones too as long as slurmctld remembers
  /// them; nullopt: no answer.
  std::optional<std::vector<QueueRow>> queue(llvm::StringRef comment);
  /// Own jobs that are in the queue and whose comment begins so; nullopt: no answer.
  std::optional<std::vector<Held>> held(llvm::StringRef comment);
  /// What accounting says of these jobs, every life of each, in order. Empty where there is no
  /// accounting.
  std::vector<QueueRow> history(llvm::ArrayRef<std::string> jobs);
  /// Jobs whose comment begins so, by accounting, since the given time (`YYYY-MM-DDTHH:MM:SS`,
  /// local).
  std::vector<QueueRow> historyOf(llvm::StringRef comment, const std::string& since);
  /// Own jobs that were submitted from this folder and are in the queue, or wait in it; nullopt: no
  /// answer.
  std::optional<std::vector<std::string>> jobsIn(const std::string& folder, bool isWaiting);
  Reply cancel(llvm::ArrayRef<std::string> ids);
  /// The state of a job as scontrol shows it, `RUNNING`; empty: unknown to slurmctld; nullopt: it
  /// does not answer.
  std::optional<std::string> stateOf(const std::string& job);
  /// When SLURM will end a job that runs (ms since 1970); INT64_MAX: never, or unknown.
  int64_t endOf(const std::string& job);
  /// A job that outlives the loss of nodes goes on, until its time is over, without the node that
  /// its script ran on. Ends one for which that is so; true if it is.
  bool endHeadless(const std::string& job);
  /// Where a job writes its log, by slurmctld, or by accounting where that has forgotten it; empty:
  /// unknown.
  std::string outputOf(llvm::StringRef job);
  /// Why a job waits, in SLURM's words: `pending (Resources), expected to start …`; empty: unknown.
  std::string standingOf(const std::string& job);
  /// The state of the job we are in while it is being ended: slurmctld calls it COMPLETING whatever
  /// for, but counts a restart at once where it was requeued, and notes the time where it was
  /// preempted. In no job: `CANCELLED`.
  std::string endingStateOfOwn();

 private:
  Reply call(llvm::ArrayRef<std::string> argv, llvm::StringRef input,
             llvm::ArrayRef<std::pair<std::string, std::string>> environment = {});
  std::string run_;
  run::CallCounts counts_;
};

/// The job that this process is in, as its own scontrol calls must name it: `12`, or `12_3` in an
/// array; empty: none.
std::string ownJob();
/// The node of the job that this process runs in; empty: none.
std::string ownNode();

/// Whether a state means that the job may still run or runs.
bool isAliveState(llvm::StringRef state);

}  // namespace wfc::slurm
