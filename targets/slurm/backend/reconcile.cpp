// One squeue, then, for the few it cannot explain, one sacct.
#include "targets/slurm/backend/reconcile.h"

#include <map>

#include <fmt/format.h>

#include "targets/slurm/backend/pool.h"

namespace wfc::slurm {

namespace {

using llvm::StringRef;
using run::InstanceId;
using run::Phase;

struct CauseRow {
  StringRef state;
  ir::Outcome outcome;
  bool uncounted;
  StringRef why;
};

/// What SLURM's word counts for where the body left none (semantics §12 "Attempts").
constexpr CauseRow kCauses[] = {
    {"COMPLETED", ir::Outcome::Failed, false, "the job ended without a record of its end"},
    {"FAILED", ir::Outcome::NodeLost, true, "its wrapper died (FAILED)"},
    {"TIMEOUT", ir::Outcome::TimedOut, false, "SLURM ended the job at its time (TIMEOUT)"},
    {"DEADLINE", ir::Outcome::TimedOut, false, "SLURM ended the job at its deadline (DEADLINE)"},
    {"OUT_OF_MEMORY", ir::Outcome::OutOfMemory, false,
     "SLURM killed the job for its memory (OUT_OF_MEMORY)"},
    {"NODE_FAIL", ir::Outcome::NodeLost, false, "its node failed (NODE_FAIL)"},
    {"BOOT_FAIL", ir::Outcome::NodeLost, false, "its node did not come up (BOOT_FAIL)"},
    {"PREEMPTED", ir::Outcome::Preempted, false, "the job was preempted (PREEMPTED)"},
    {"CANCELLED", ir::Outcome::Cancelled, false, "the job was cancelled from outside (CANCELLED)"},
    {"REVOKED", ir::Outcome::Cancelled, false, "the job was revoked (REVOKED)"},
    // The same job runs again: what its earlier life did counts against no limit.
    {"REQUEUED", ir::Outcome::Preempted, true, "the job was requeued from outside"},
    {"REQUEUE_HOLD", ir::Outcome::Preempted, true, "the job was requeued from outside"},
    {"SPECIAL_EXIT", ir::Outcome::Preempted, true, "the job was requeued from outside"},
    {"PENDING", ir::Outcome::Preempted, true, "the job was requeued from outside"},
    {"COMPLETING", ir::Outcome::Preempted, true, "the job was requeued from outside"},
    {"RUNNING", ir::Outcome::Preempted, true, "the job was requeued from outside"},
};

constexpr Cause kNeverBegan = {ir::Outcome::NodeLost, true,
                               "its job left the queue before it began"};

/// What carries an instance and how far it got.
struct Carried {
  InstanceId instance;
  std::string id, job;
  bool hasStarted = false;
};

class Reconciler {
 public:
  Reconciler(run::Controller& controller, Submitter& submitter)
      : controller_(controller), submitter_(submitter) {}

  bool work() {
    // The queue first, the inbox after: a job that had ended by then has left its word before.
    std::optional<std::vector<QueueRow>> rows =
        submitter_.calls().queue(submitter_.table().commentPrefix());
    if (!rows) return false;
    for (const QueueRow& row : *rows) states_[row.job] = row.state;
    controller_.ingest();
    std::vector<Carried> dead;
    forEachCarried([&](const Carried& carried) {
      if (!isAlive(carried)) dead.push_back(carried);
    });
    askAccounting(dead);
    for (const Carried& carried : dead) bury(carried);
    noteSmallJobs();
    buryPooled();
    return true;
  }

 private:
  std::string stateOf(const std::string& job) const {
    auto found = states_.find(job);
    return found == states_.end() ? std::string() : found->second;
  }

  /// A requeued job that waits again is alive, but the attempt of its earlier life is not.
  bool isAlive(const Carried& carried) const {
    std::string state = stateOf(carried.job);
    if (submitter_.table().isGone(carried.job)) return false;
    if (carried.hasStarted)
      return state == "RUNNING" || state == "SUSPENDED" || state == "COMPLETING" ||
             state == "CONFIGURING" || state == "STAGE_OUT" || state == "SIGNALING" ||
             state == "STOPPED" || state == "RESIZING";
    return isAliveState(state);
  }

  void forEachCarried(const std::function<void(const Carried&)>& visit) {
    run::Engine& engine = controller_.engine();
    std::vector<Carried> all;
    engine.forEach([&](InstanceId id) {
      const run::Instance& instance = engine.state().at(id);
      if (instance.phase == Phase::Ended || instance.phase == Phase::Absent) return;
      const std::string& family = engine.plan().module().families[id.family].name;
      Carried carried{id, engine.idOf(id), submitter_.table().owner(family, id.iteration, true),
                      instance.isStarted};
      // Noted as submitted, but that job was given up: nobody carries it.
      if (carried.job.empty() && instance.isSubmitted && !instance.isStarted)
        carried.job = engine.detailsOf(engine.attemptsOf(id).back()).job;
      if (!carried.job.empty()) all.push_back(std::move(carried));
    });
    for (const Carried& carried : all) visit(carried);
  }

  /// For started ones whose last word squeue no longer has, or whose job lives on in another life.
  void askAccounting(const std::vector<Carried>& dead) {
    std::vector<std::string> jobs;
    for (const Carried& carried : dead) {
      std::string state = stateOf(carried.job);
      if (carried.hasStarted && (state.empty() || isAliveState(state))) jobs.push_back(carried.job);
    }
    if (jobs.empty() || !submitter_.facts().hasSacct()) return;
    for (const QueueRow& row : submitter_.calls().history(jobs)) {
      if (row.state != "PENDING" && row.state != "RUNNING") lastWords_[row.job] = row.state;
    }
  }

  void bury(const Carried& carried) {
    std::string state = stateOf(carried.job);
    auto last = lastWords_.find(carried.job);
    bool livesOn = isAliveState(state);
    // Accounting is some seconds behind: the job's next life, or a later look, learns the cause.
    if (livesOn && carried.hasStarted && last == lastWords_.end() && submitter_.facts().hasSacct())
      return;
    if (!livesOn) submitter_.table().gone(carried.job);
    const run::Instance& instance = controller_.engine().state().at(carried.instance);
    if (!instance.isStarted && !instance.isSubmitted) return;
    Cause cause = causeOf(last == lastWords_.end() ? state : last->second);
    if (!carried.hasStarted) cause = kNeverBegan;
    std::string why = fmt::format("{} [job {}]", cause.why.str(), carried.job);
    run::Record end;
    end.kind = run::Record::End;
    end.time = run::nowMs();
    end.instance = carried.id;
    end.attempt = controller_.engine().attemptOf(carried.instance);
    end.outcome = cause.outcome;
    end.uncounted = cause.uncounted;
    end.text = why;
    end.job = carried.job;
    end.ended = end.time;
    // 0: no body ran, so nobody calls it an attempt.
    end.started = carried.hasStarted ? end.time : 0;
    controller_.take(end);
  }

  /// What ran in a pool whose job is no more: no fault of its own, so it counts for nothing.
  void buryPooled() {
    const ir::Module& module = controller_.engine().plan().module();
    for (auto [instance, attempt] : controller_.running()) {
      const std::string& pool = module.families[instance.family].pool;
      if (pool.empty() || !jobOfPool(submitter_.table(), pool).empty()) continue;
      std::string id = controller_.engine().idOf(instance);
      run::Record end;
      end.kind = run::Record::End;
      end.time = end.started = end.ended = run::nowMs();
      end.instance = id;
      end.attempt = attempt;
      end.outcome = ir::Outcome::NodeLost;
      end.uncounted = true;
      end.text = "the job of its pool is no more";
      controller_.take(end);
    }
  }

  /// Sweeps, ends and pools that are no more, so that a broken chain is seen.
  void noteSmallJobs() {
    std::vector<std::string> gone;
    for (const Entry& entry : submitter_.table().entries()) {
      if (entry.kind == Entry::Work || entry.id.empty() || submitter_.table().isGone(entry.id))
        continue;
      if (entry.kind == Entry::Pool) noteEndOf(entry);
      if (!isAliveState(stateOf(entry.id))) gone.push_back(entry.id);
    }
    for (const std::string& job : gone) submitter_.table().gone(job);
  }

  /// Of a pool whose controller left no word.
  void noteEndOf(const Entry& pool) {
    std::string state = stateOf(pool.id);
    if (pool.end || pool.id == ownJob()) return;
    if (isAliveState(state)) {
      // The next look sees that it is no more.
      if (state != "RUNNING" || !submitter_.calls().endHeadless(pool.id)) return;
      state = "NODE_FAIL";
    } else if (state.empty() && submitter_.facts().hasSacct()) {
      for (const QueueRow& row : submitter_.calls().history({pool.id})) state = row.state;
    }
    AllocationEnd end;
    if (!controller_.isStopAsked()) {
      Cause cause = pool.hasBegun ? causeOf(state) : kNeverBegan;
      end = {cause.outcome, cause.uncounted, fmt::format("{} [job {}]", cause.why.str(), pool.id)};
    }
    end.time = run::nowMs();
    submitter_.table().ended(pool.id, end);
  }

  run::Controller& controller_;
  Submitter& submitter_;
  std::map<std::string, std::string> states_, lastWords_;
};

}  // namespace

Cause causeOf(StringRef state) {
  for (const CauseRow& row : kCauses) {
    if (row.state == state) return {row.outcome, row.uncounted, row.why};
  }
  return {ir::Outcome::NodeLost, false, "its job is unknown to SLURM"};
}

bool reconcile(run::Controller& controller, Submitter& submitter) {
  return Reconciler(controller, submitter).work();
}

}  // namespace wfc::slurm
