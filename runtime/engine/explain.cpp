// Why an instance is where it is, in words: for each reference, how it settled or what it waits
// for.
#include <fmt/format.h>
#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/StringExtras.h>

#include "runtime/engine/impl.h"

namespace wfc::run {

namespace {

std::string demandName(const ir::Ref& ref, int64_t count) {
  switch (ref.demand) {
    case ir::Demand::All:
      return ref.single ? "" : "all of ";
    case ir::Demand::Ok:
      return "the ok ones of ";
    case ir::Demand::AtLeast:
      return fmt::format("at least {} of ", count);
    case ir::Demand::First:
      return fmt::format("the first {} of ", count);
    case ir::Demand::Ended:
      return "the end of ";
  }
  return "";
}

}  // namespace

std::vector<Explanation> Engine::explain(InstanceId id) const {
  const Impl& e = *impl_;
  std::vector<Explanation> lines;
  const Where where = e.whereOf(id);
  for (const Wait& wait : e.plan.family(id.family).waits) {
    const ir::Ref& ref = e.m[wait.ref];
    Spot spot;
    Verdict verdict = e.judgeWait(wait, where, spot);
    std::vector<InstanceId> leaves;
    Terms terms = e.termsOfWait(wait, where);
    for (const Term& term : terms.list) e.leavesOf(term, leaves);
    size_t ok = 0, ended = 0;
    std::string first, bad;
    for (InstanceId leaf : leaves) {
      const Instance& instance = e.state.at(leaf);
      ended += instance.phase == Phase::Ended;
      ok += instance.phase == Phase::Ended && instance.outcome == ir::Outcome::Ok;
      if (instance.phase != Phase::Ended && first.empty()) first = e.idOf(leaf);
      if (instance.phase == Phase::Ended && isBad(instance.outcome) && bad.empty())
        bad = e.idOf(leaf);
    }
    std::string what = leaves.size() == 1 ? e.idOf(leaves.front()) : e.m[ref.families.front()].name;
    Explanation& line = lines.emplace_back();
    const char* states[] = {"waits", "met", "skipped", "cancelled"};
    line.state = states[static_cast<size_t>(verdict)];
    line.text = demandName(ref, e.countOf(ref, where)) + what;
    if (leaves.size() != 1)
      line.text += fmt::format(": {} of {} ended, {} ok", ended, leaves.size(), ok);
    if (terms.unread.kind != Spot::None) line.text += ", more to come when a set is known";
    if (!first.empty() && verdict == Verdict::Open)
      line.text += leaves.size() == 1 ? "" : fmt::format(", waits for {}", first);
    if (!bad.empty())
      line.text += fmt::format("{}is {}", leaves.size() == 1 ? " " : ", " + bad + " ",
                               name(e.state.at(*e.find(bad)).outcome).str());
  }
  const Instance& instance = e.state.at(id);
  if (instance.phase == Phase::Running && e.m.families[id.family].role == ir::Family::Wait)
    lines.push_back({"waits", textOf(e.watchOf(id))});
  if (instance.phase != Phase::Ended && impl_->isHeld(id)) {
    bool isOfPart = impl_->heldByPart(id);
    lines.push_back({"held", isOfPart ? fmt::format("this start leaves it out (--{})", e.part)
                                      : "a person holds it; see `wfr help release`"});
  } else if (instance.phase == Phase::Ready) {
    std::optional<uint32_t> holder = e.heldBy(id, e.now);
    if (!holder)
      lines.push_back({"ready", "everything it needs is there; it waits for room"});
    else if (*holder < e.m.limits.size())
      lines.push_back(
          {"ready", fmt::format("it waits for `limit` of {} ({})", e.m.limits[*holder].name,
                                place(e.m, e.m.limits[*holder].loc))});
    else
      lines.push_back({"ready", fmt::format("it waits for the budget of {}",
                                            e.m.budgets[*holder - e.m.limits.size()].resource)});
  }
  return lines;
}

std::string textOf(llvm::ArrayRef<Sight> all) {
  auto one = [](const Sight& sight) {
    if (sight.path.empty())
      return ir::toText({}, ir::Value::scalar(ir::Value::Instant, sight.instant / 1000));
    if (sight.freeBytes == 0) return sight.path;
    return fmt::format("{} free at {}",
                       ir::toText({}, ir::Value::scalar(ir::Value::Bytes, sight.freeBytes)),
                       sight.path);
  };
  return llvm::join(llvm::map_range(all, one), " and ");
}

std::string textOf(const Watch& watch) {
  return llvm::join(
      llvm::map_range(watch.any, [](llvm::ArrayRef<Sight> all) { return textOf(all); }), " or ");
}

std::string countsText(const Engine& engine) {
  Counts counts = engine.counts();
  uint64_t queued = 0;
  engine.forEach([&](InstanceId id) {
    const Instance& instance = engine.state().at(id);
    queued += instance.phase == Phase::Running && !instance.isStarted;
  });
  std::string text;
  auto add = [&](uint64_t count, llvm::StringRef what) {
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, what.str());
  };
  for (size_t n = 0; n < std::size(counts.ended); ++n)
    add(counts.ended[n], ir::name(static_cast<ir::Outcome>(n)));
  add(counts.running - std::min(queued, counts.running), "running");
  add(queued, "queued");
  add(counts.ready, "ready");
  add(counts.delayed, "delayed");
  add(counts.waiting, "waiting");
  return fmt::format("{} of {}: {}",
                     counts.total - counts.waiting - counts.ready - counts.running - counts.delayed,
                     counts.total, text);
}

}  // namespace wfc::run
