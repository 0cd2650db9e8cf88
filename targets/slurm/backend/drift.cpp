// `wfr drift`: what SLURM holds for a run against what the run would submit now.
#include "targets/slurm/backend/drift.h"

#include <cstdio>
#include <map>
#include <set>

#include <fmt/format.h>

#include "runtime/control/controller.h"
#include "targets/slurm/backend/calls.h"
#include "targets/slurm/backend/submit.h"

namespace wfc::slurm {

namespace {

using run::InstanceId;

/// `180224M`, `176G` as MiB; 0: no number.
uint64_t mebibytes(llvm::StringRef text) {
  uint64_t shift = text.ends_with("T") ? 20 : text.ends_with("G") ? 10 : 0, number = 0;
  if (text.drop_back().getAsInteger(10, number)) return 0;
  return number << shift;
}

/// `5:00`, `8:05:00`, `2-00:00:00` as minutes; 0: no time.
int64_t minutes(llvm::StringRef text) {
  int64_t days = 0, all = 0, parts = 0;
  if (text.contains('-') && text.split('-').first.getAsInteger(10, days)) return 0;
  if (text.contains('-')) text = text.split('-').second;
  for (llvm::StringRef rest = text; !rest.empty(); ++parts) {
    auto [piece, more] = rest.split(':');
    int64_t number = 0;
    if (piece.getAsInteger(10, number)) return 0;
    all = all * 60 + number;
    rest = more;
  }
  return parts < 2 ? 0 : (days * 86400 + all) / 60;
}

class Comparison {
 public:
  /// `table` is from before the scheduler was asked, so that what it lists and the queue does not
  /// hold is gone; `later` and `view` are from after, so that they know what came or ended
  /// meanwhile.
  Comparison(const run::RunView& view, Table& table, const Table& later)
      : view_(view), table_(table), later_(later), facts_(view.plan->module()) {}

  void compare(const Held& row) {
    llvm::StringRef token = row.comment;
    const Entry* entry = nullptr;
    token.consume_front(table_.commentPrefix());
    for (size_t n = 0; n < table_.entries().size(); ++n)
      if (table_.entries()[n].token == token) entry = &table_.entries()[n], at_ = n;
    bool isNew = llvm::any_of(later_.entries(), [&](const Entry& e) { return e.token == token; });
    if (entry == nullptr && isNew) return;
    if (entry == nullptr)
      return say(fmt::format("job {}", row.job), "bears the run's mark, and the run knows it not");
    seen_.insert(row.job);
    isHeldByUs_ = table_.isWaiting(at_) || table_.held().contains(row.job);
    if (entry->kind != Entry::Work) return standing(fmt::format("job {}", row.job), row);
    std::optional<uint32_t> family = view_.plan->familyNamed(entry->family);
    if (!family) return;
    for (uint32_t index : entry->indices)
      if (entry->jobOf(entry->offset + index) == row.job)
        instance({*family, entry->offset + index}, row);
  }

  /// Handed over, no end, and in the queue no more.
  void lookForLost() {
    view_.engine->forEach([&](InstanceId id) {
      const run::Instance& instance = view_.engine->state().at(id);
      if (instance.phase == run::Phase::Ended || instance.phase == run::Phase::Absent) return;
      std::string job = table_.owner(view_.plan->module().families[id.family].name, id.iteration);
      if (!job.empty() && !seen_.contains(job))
        say(fmt::format("job {}, {}", job, view_.engine->idOf(id)),
            "is not in the queue, and left no end; the run's next step looks after it");
    });
  }

  size_t count() const { return count_; }
  size_t seen() const { return seen_.size(); }

 private:
  void say(const std::string& what, const std::string& line) {
    ++count_;
    fmt::print("{}: {}\n", what, line);
  }

  void standing(const std::string& what, const Held& row) {
    bool isHeld = row.state == "PENDING" && llvm::StringRef(row.reason).starts_with("JobHeld");
    if (isHeld && !isHeldByUs_)
      say(what, fmt::format("is held ({}), and not by the run; `scontrol release {}` lets it go",
                            row.reason, row.job));
  }

  void instance(InstanceId id, const Held& row) {
    std::string what = fmt::format("job {}, {}", row.job, view_.engine->idOf(id));
    standing(what, row);
    std::vector<run::Attempt> attempts = view_.engine->attemptsOf(id);
    uint32_t n = attempts.empty() ? 1 : attempts.back().n + (attempts.back().hasEnded ? 1 : 0);
    run::Needs needs = view_.engine->needsOf(id, std::max(n, 1u));
    std::string partition = facts_.partitionOf(id.family);
    if (!partition.empty() && row.partition != partition)
      say(what, fmt::format("is for partition {}, was built for {}", row.partition, partition));
    int64_t wanted = minutesFor(facts_, id.family, needs), has = minutes(row.time);
    if (needs.timeMs > 0 && has > 0 && has != wanted)
      say(what, fmt::format("may run {} min, was built for {} min", has, wanted));
    uint64_t memory = (static_cast<uint64_t>(needs.memory) + (1 << 20) - 1) >> 20;
    uint64_t granted = mebibytes(row.memory);
    if (memory > 0 && granted > 0 && granted != memory)
      say(what, fmt::format("has {} MiB of memory, was built for {} MiB", granted, memory));
  }

  const run::RunView& view_;
  Table& table_;
  const Table& later_;
  Facts facts_;
  std::set<std::string> seen_;
  size_t at_ = 0, count_ = 0;
  bool isHeldByUs_ = false;
};

}  // namespace

int drift(const std::string& run, const std::string&) {
  Table table(run);
  // Looking is no call of the run's own.
  std::optional<std::vector<Held>> rows = Calls("").held(table.commentPrefix());
  if (!rows) {
    fmt::print(stderr, "wfr: SLURM does not answer\n");
    return run::abi::LostControl;
  }
  std::string error;
  std::unique_ptr<run::RunView> view = run::RunView::read(run, error);
  if (!view) {
    fmt::print(stderr, "wfr: {}\n", error);
    return run::abi::WrongUse;
  }
  view->engine->settle(0);
  const Table later(run);
  Comparison comparison(*view, table, later);
  for (const Held& row : *rows) comparison.compare(row);
  comparison.lookForLost();
  if (comparison.count() == 0)
    fmt::print("{}\n", comparison.seen() == 0
                           ? std::string("nothing of the run is in the queue")
                           : fmt::format("{} jobs in the queue are as built", comparison.seen()));
  return comparison.count() == 0 ? run::abi::Good : run::abi::Drifted;
}

}  // namespace wfc::slurm
