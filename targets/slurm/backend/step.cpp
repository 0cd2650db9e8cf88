// What a step does, in this order: ends in; settle; end what must be ended; submit what became
// ready; hooks; keep the chain of sweeps and the end job alive; close.
#include "targets/slurm/backend/step.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>
#include <unistd.h>

#include <fmt/format.h>

#include "compiler/ir/planned.h"

#include "runtime/control/outside.h"
#include "targets/slurm/backend/ahead.h"
#include "targets/slurm/backend/files.h"
#include "targets/slurm/backend/pool.h"
#include "targets/slurm/backend/pool_node.h"
#include "targets/slurm/backend/reconcile.h"
#include "targets/slurm/backend/wish.h"

namespace wfc::slurm {

namespace {

using run::Fit;
using run::InstanceId;
using run::Launch;
using run::Phase;

constexpr int64_t kStepLeaseMs = 60000;
/// A holder goes on for so long while there is news.
constexpr int64_t kStepPatienceMs = 10000;

class Pass {
 public:
  Pass(run::Controller& controller, Submitter& submitter, StepKind kind)
      : controller_(controller), submitter_(submitter), kind_(kind), now_(run::nowMs()) {}

  std::string work(StepResult& result) {
    if (!submitter_.findCutOff()) return "SLURM does not answer";
    controller_.onReopen = [this](const run::Reopening& reopening) {
      cancelReopened(controller_, submitter_, reopening);
    };
    controller_.ingest();
    if (controller_.isStopAsked()) noteStop();
    run::Decisions decisions = controller_.advance(now_);
    run::lookAtWatches(controller_, decisions, now_);
    mergeAfterWaits(decisions);
    if (endQueued(controller_, submitter_, decisions, now_)) {
      earlier_ = std::move(decisions);
      decisions = controller_.advance(now_);
    }
    result.isWaiting = !decisions.ends.empty();
    endWhatMustEnd(decisions);
    if (kind_ == StepKind::Wish) sayWishes(controller_, submitter_);
    if (!controller_.isStopAsked()) submitReady();
    if (!submitter_.table().isSound() || !controller_.commit())
      return "the ledger cannot be written";
    bool hasHooks = !decisions.hooks.empty();
    // Hooks are bodies: they run in a job, not where `wfr start` was called.
    if (hasHooks && kind_ != StepKind::Start) {
      run::runHooks(controller_, decisions);
      decisions = controller_.advance(run::nowMs());
      hasHooks = !decisions.hooks.empty();
    }
    if (decisions.isOver && !hasHooks) {
      close();
      result.isOver = true;
    }
    return controller_.commit() ? error_ : "the ledger cannot be written";
  }

 private:
  run::Engine& engine() { return controller_.engine(); }

  const std::string& familyOf(InstanceId id) {
    return engine().plan().module().families[id.family].name;
  }

  std::string ownerOf(InstanceId id) {
    return submitter_.table().owner(familyOf(id), id.iteration);
  }

  /// Late ones, and pending jobs of instances that were settled without them.
  void endWhatMustEnd(const run::Decisions& decisions) {
    std::vector<std::string> jobs;
    for (InstanceId id : decisions.kills) {
      std::string job = ownerOf(id);
      if (job.empty()) continue;
      jobs.push_back(job);
      run::writeWhole(killMark(job), "deadline\n");
      if (!engine().state().at(id).isStarted) endLate(id, job);
    }
    for (const run::Record& record : decisions.records) {
      if (record.kind != run::Record::Settle) continue;
      std::optional<InstanceId> id = engine().find(record.instance);
      std::string job = id ? ownerOf(*id) : std::string();
      if (job.empty() || job == ownJob()) continue;
      jobs.push_back(job);
      submitter_.table().gone(job);
    }
    if (!jobs.empty()) submitter_.calls().cancel(jobs);
  }

  void noteStop() {
    if (engine().state().isStopped) return;
    run::Record stop;
    stop.kind = run::Record::Stop;
    stop.time = now_;
    controller_.take(stop);
  }

  /// What follows from waits that were just found to be over.
  void mergeAfterWaits(run::Decisions& decisions) {
    if (decisions.watches.empty()) return;
    run::Decisions more = controller_.advance(now_);
    more.records.insert(more.records.end(), decisions.records.begin(), decisions.records.end());
    earlier_ = std::move(decisions);
    decisions = std::move(more);
  }

  std::string killMark(const std::string& job) const {
    std::string folder = fmt::format("{}/{}/late", controller_.run(), run::abi::kLedgerDir);
    run::makeFolders(folder);
    return folder + "/" + job;
  }

  void endLate(InstanceId id, const std::string& job) {
    submitter_.table().gone(job);
    std::string name = engine().idOf(id);
    // No attempt: the body never ran.
    run::Record settle;
    settle.kind = run::Record::Settle;
    settle.time = now_;
    settle.instance = name;
    settle.outcome = ir::Outcome::TimedOut;
    settle.text = "its deadline passed before it could start";
    controller_.take(settle);
  }

  uint64_t queuedWork() {
    uint64_t count = 0;
    for (const Entry& entry : submitter_.table().entries()) {
      if (entry.kind != Entry::Work || entry.isGone || entry.id.empty()) continue;
      std::optional<uint32_t> family = engine().plan().familyNamed(entry.family);
      if (!family) continue;
      const std::vector<run::Instance>& instances = engine().state().families[*family].instances;
      for (uint32_t index : entry.indices) {
        uint32_t iteration = entry.offset + index;
        bool isLeft = iteration < instances.size() && instances[iteration].phase != Phase::Ended;
        count += isLeft && !submitter_.table().isGone(entry.jobOf(iteration));
      }
    }
    return count;
  }

  void submitReady() {
    uint64_t most = submitter_.facts().workJobs();
    uint64_t room = most == UINT64_MAX ? most : most - std::min(most, queuedWork());
    pools_.clear();
    auto take = [&](const Launch& launch) {
      // The controller in the pool's job hands it to a node.
      const std::string& pool = engine().plan().module().families[launch.instance.family].pool;
      if (!pool.empty()) {
        pools_.insert(pool);
        return Fit::TooLarge;
      }
      if (!ownerOf(launch.instance).empty()) return Fit::Taken;
      if (room == 0) return Fit::Full;
      --room;
      return Fit::Taken;
    };
    bool isRoom = submitChosen(controller_.choose(now_, take), 0);
    openPools();
    if (!isRoom) return;
    for (int64_t later : laterStarts()) {
      if (!submitChosen(controller_.choose(now_ + later, take), later)) return;
    }
  }

  void openPools() {
    for (const std::string& name : pools_) {
      std::string error =
          openPool(controller_, submitter_, *ir::poolNamed(engine().plan().module(), name), now_);
      if (!error.empty()) error_ = error;
    }
  }

  /// Rates: what may start before the next sweep is submitted now, to begin then. Not where cycles
  /// have no end, whose iterations the ledger's own times open.
  std::vector<int64_t> laterStarts() {
    const ir::Module& module = engine().plan().module();
    int64_t least = 0;
    for (const ir::Limit& limit : module.limits) {
      if (limit.perMs > 0 && (least == 0 || limit.perMs < least)) least = limit.perMs;
    }
    for (uint32_t loop = 0; loop < module.loops.size(); ++loop) {
      if (engine().plan().loop(loop).isOpen) return {};
    }
    std::vector<int64_t> times;
    for (int64_t at = least; least > 0 && at < sweepSeconds() * 1500 && times.size() < 100;
         at += least)
      times.push_back(at);
    return times;
  }

  /// False: the queue takes no more.
  bool submitChosen(const std::vector<Launch>& launches, int64_t later) {
    std::map<std::pair<uint32_t, uint64_t>, std::vector<const Launch*>> groups;
    uint64_t size = submitter_.facts().arraySize();
    later_ = later;
    for (const Launch& launch : launches) {
      std::string owner = ownerOf(launch.instance);
      if (owner.empty())
        groups[{launch.instance.family, launch.instance.iteration / size}].push_back(&launch);
      else
        controller_.noteSubmit(launch, owner, now_ + later);
    }
    for (auto& [place, group] : groups) {
      if (!submitGroup(group, static_cast<uint32_t>(place.second * size))) return false;
    }
    return true;
  }

  /// The script states what the first attempt needs, unless it varies by index.
  bool isStated(const Launch& launch) {
    if (submitter_.facts().hasVaryingNeeds(launch.instance.family)) return false;
    return launch.attempt == 1 ||
           needsText(engine().needsOf(launch.instance, 1)) == needsText(launch.needs);
  }

  /// One array for all with the needs of the script, one for each other size. False: the queue
  /// takes no more.
  bool submitGroup(const std::vector<const Launch*>& group, uint32_t offset) {
    std::map<std::string, std::vector<const Launch*>> bySize;
    for (const Launch* launch : group)
      bySize[isStated(*launch) ? "" : needsText(launch->needs)].push_back(launch);
    for (const auto& [size, launches] : bySize) {
      std::optional<run::Needs> needs;
      if (!size.empty()) needs = launches.front()->needs;
      if (!submitOne(launches, offset, needs)) return false;
    }
    return true;
  }

  bool submitOne(std::vector<const Launch*> launches, uint32_t offset,
                 std::optional<run::Needs> needs) {
    std::sort(launches.begin(), launches.end(),
              [](const Launch* a, const Launch* b) { return a->instance < b->instance; });
    const ir::Family& family = engine().plan().module().families[launches.front()->instance.family];
    Work work;
    work.family = launches.front()->instance.family;
    work.offset = offset;
    work.isSingle = family.loops.empty();
    work.nice = family.priority < 0 ? -100 * family.priority : 0;
    work.stated = std::move(needs);
    // SLURM counts from the whole second that it is; nothing begins before its release.
    work.beginSeconds = later_ == 0 ? 0 : (now_ % 1000 + later_ + 999) / 1000;
    for (const Launch* launch : launches)
      work.indices.push_back(launch->instance.iteration - offset);
    Submitted submitted = submitter_.work(work, launches.front()->needs);
    // An array gets in whole or not at all: as much of it as there is room for.
    bool isCut = false;
    while (submitted.refusal == Refusal::Full && launches.size() > 1) {
      launches.resize(launches.size() / 2);
      work.indices.resize(launches.size());
      submitted = submitter_.work(work, launches.front()->needs);
      isCut = true;
    }
    if (submitted.refusal != Refusal::None) {
      // A full queue is no error: they stay ready, for the next step.
      if (submitted.refusal != Refusal::Full)
        error_ = fmt::format("`{}` was not submitted: {}", family.name, submitted.error);
      noteRefusal(controller_.run(), family.name, submitted.error);
      std::fprintf(stderr, "wfr: `%s` waits for the next step: %s\n", family.name.c_str(),
                   submitted.error.c_str());
      return false;
    }
    noteRefusal(controller_.run(), family.name, {});
    const Entry& entry = submitter_.table().entries().back();
    for (const Launch* launch : launches)
      controller_.noteSubmit(*launch, entry.jobOf(launch->instance.iteration), now_ + later_);
    return !isCut;
  }

  void close() {
    controller_.close(run::nowMs());
    std::vector<std::string> jobs;
    for (const Entry& entry : submitter_.table().entries()) {
      bool isLeft = entry.kind != Entry::Work && !entry.id.empty() && !entry.isGone &&
                    !submitter_.table().isGone(entry.id);
      if (isLeft && entry.id != ownJob()) jobs.push_back(entry.id);
    }
    if (!jobs.empty()) submitter_.calls().cancel(jobs);
  }

  run::Controller& controller_;
  Submitter& submitter_;
  StepKind kind_;
  int64_t now_;
  /// Of the launches at hand: so long after now they may start.
  int64_t later_ = 0;
  /// Owns the texts of records that were decided before the waits were looked at.
  run::Decisions earlier_;
  std::string error_;
  /// Pools that something ready runs in.
  std::set<std::string> pools_;
};

/// The newest sweep (or end) after the given job, or at all, that may still come.
bool hasSuccessor(const Table& table, Entry::Kind kind, const std::string& own) {
  bool isAfter = own.empty();
  bool has = false;
  for (const Entry& entry : table.entries()) {
    if (entry.kind != kind) continue;
    if (isAfter && !entry.isGone && !table.isGone(entry.id)) has = true;
    if (entry.id == own) isAfter = true, has = false;
  }
  return has;
}

/// The job that looks at the end again: behind what is outstanding, or, where nothing is, some time
/// later.
void submitNextEnd(run::Controller& controller, Submitter& submitter) {
  std::string jobs;
  const run::Engine& engine = controller.engine();
  for (const Entry& entry : submitter.table().entries()) {
    if (entry.isGone || entry.id.empty()) continue;
    if (entry.kind == Entry::Pool && !submitter.table().isGone(entry.id)) jobs += ":" + entry.id;
    if (entry.kind != Entry::Work) continue;
    std::optional<uint32_t> family = engine.plan().familyNamed(entry.family);
    if (!family) continue;
    const std::vector<run::Instance>& instances = engine.state().families[*family].instances;
    bool isLeft = false;
    for (uint32_t index : entry.indices) {
      uint32_t iteration = entry.offset + index;
      isLeft |= iteration < instances.size() && instances[iteration].phase != Phase::Ended &&
                submitter.table().owner(entry.family, iteration) == entry.jobOf(iteration);
    }
    if (isLeft) jobs += ":" + entry.id;
  }
  // Behind jobs that have ended it would start at once, again and again: time passes in any case.
  submitter.end(jobs.empty() ? "" : "afterany" + jobs, sweepSeconds(), false);
}

}  // namespace

std::string advanceOnce(run::Controller& controller, Submitter& submitter, StepKind kind,
                        StepResult& result) {
  std::string error = Pass(controller, submitter, kind).work(result);
  controller.onReopen = nullptr;
  return error;
}

bool isHolderGone(const run::Lease::Holder& holder) {
  if (holder.job.empty()) return true;
  Calls calls("");
  std::optional<std::string> state = calls.stateOf(holder.job);
  bool isAtWork = !state || *state == "RUNNING" || *state == "COMPLETING" || *state == "SUSPENDED";
  return !isAtWork || calls.endHeadless(holder.job);
}

StepResult takeStep(const std::string& run, StepKind kind) {
  StepResult result;
  int64_t end = run::nowMs() + kStepPatienceMs;
  for (bool isFirst = true; isFirst || (run::nowMs() < end && !run::readInbox(run).empty());
       isFirst = false) {
    int exit = 0;
    std::unique_ptr<run::Controller> controller = run::Controller::open(
        run, {kStepLeaseMs, ownJob(), isHolderGone, kind == StepKind::Wish}, result.error, exit);
    if (controller == nullptr) {
      result.exit = result.hadLease ? 0 : exit;
      return result;
    }
    result.hadLease = true;
    Table::fold(run);
    run::foldCalls(run);
    Calls calls(run);
    Table table(run);
    Submitter submitter(run, controller->view().header, controller->view().plan->module(), calls,
                        table);
    bool hasSweep = kind == StepKind::Start || !submitter.facts().maySubmitFromCompute() ||
                    hasSuccessor(table, Entry::Sweep, "");
    // A sweep that found no room for its successor leaves it to the next step that does.
    if (!hasSweep && !controller->isStopAsked()) submitter.sweep(sweepSeconds(), false);
    bool mayAsk = kind == StepKind::Sweep || kind == StepKind::End || kind == StepKind::Wish;
    if (isFirst && mayAsk && !reconcile(*controller, submitter))
      std::fprintf(stderr, "wfr: squeue does not answer\n");
    result.error = advanceOnce(*controller, submitter, kind, result);
    result.isOver |= controller->engine().state().isClosed;
    if (!result.error.empty()) result.exit = run::abi::LostControl;
    if (result.isOver || !result.error.empty()) return result;
    bool isLast = (kind == StepKind::End || kind == StepKind::Wish) &&
                  submitter.facts().maySubmitFromCompute() && !controller->isStopAsked();
    if (isLast && !hasSuccessor(table, Entry::End, ownJob())) submitNextEnd(*controller, submitter);
  }
  return result;
}

int step(const std::string& run, llvm::ArrayRef<std::string> args) {
  std::string word = args.empty() ? "" : args.front();
  if (word == "worker") return workForPool(run, args.drop_front());
  if (word == "pool" && args.size() == 2) return holdPool(run, args[1]);
  StepKind kind = word == "sweep" ? StepKind::Sweep
                  : word == "end" ? StepKind::End
                                  : StepKind::Body;
  if (kind == StepKind::Sweep) {
    // The successor first: whatever happens to this one, the chain goes on.
    std::string error;
    std::unique_ptr<run::RunView> view = run::RunView::read(run, error);
    if (view == nullptr || view->engine->state().isClosed ||
        run::readFile(fmt::format("{}/{}", run, run::abi::kStopFile)))
      return 0;
    Calls calls(run);
    Table table(run);
    Submitter submitter(run, view->header, view->plan->module(), calls, table);
    if (!hasSuccessor(table, Entry::Sweep, ownJob())) {
      Submitted next = submitter.sweep(sweepSeconds(), false);
      if (next.refusal != Refusal::None && !ownJob().empty()) table.gone(ownJob());
    }
  }
  StepResult result = takeStep(run, kind);
  if (!result.error.empty()) std::fprintf(stderr, "wfr: %s\n", result.error.c_str());
  return result.exit == run::abi::Refused ? 0 : result.exit;
}

}  // namespace wfc::slurm
