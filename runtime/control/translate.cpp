// The ledger of before, as the plan of now would have written it: what names things by their number
// in the plan gets the number that they have now, and what follows from the rest is left to the
// engine.
#include <algorithm>

#include <fmt/format.h>
#include <llvm/ADT/StringSet.h>

#include "runtime/control/compare.h"
#include "runtime/control/outside.h"

namespace wfc::run {

namespace {

std::optional<uint32_t> outputNamed(const ir::Task& task, const std::string& name) {
  for (uint32_t n = 0; n < task.outputs.size(); ++n)
    if (task.outputs[n].name == name) return n;
  return std::nullopt;
}

/// The number that an output has now.
std::optional<uint32_t> outputNow(const ir::Task& before, const ir::Task& after, uint32_t output) {
  if (output >= before.outputs.size()) return std::nullopt;
  return outputNamed(after, before.outputs[output].name);
}

template <class List>
void renumber(const ir::Task& before, const ir::Task& after, List& list) {
  List kept;
  for (auto& entry : list) {
    std::optional<uint32_t> output = outputNow(before, after, entry.output);
    if (!output) continue;
    kept.push_back(entry);
    kept.back().output = *output;
  }
  list = std::move(kept);
}

}  // namespace

void Comparison::note(const Record& record) {
  if (!now_.engine->apply(record).empty()) return;
  encodeTo(journal_, record);
}

/// Attempts before the last of an instance that is made count for nothing any more: with other
/// retries they would not have been followed by it.
void Comparison::keepAttempts(Record& record) const {
  std::optional<InstanceId> id = old_->engine->find(record.instance);
  if (!id) return;
  const Instance& instance = old_->engine->state().at(*id);
  bool isMade = instance.phase == Phase::Ended &&
                (instance.outcome == ir::Outcome::Ok || instance.outcome == ir::Outcome::NoData);
  std::vector<Attempt> attempts = old_->engine->attemptsOf(*id);
  for (const Attempt& attempt : attempts) {
    if (attempt.n != record.attempt) continue;
    bool isLast = &attempt == &attempts.back() && !attempt.isPast;
    record.uncounted |= !isLast && (isMade || attempt.isPast);
    // Ended is ended: the last one is told as it counted.
    if (isLast && !attempt.uncounted) record.uncounted = false;
  }
}

/// What instances have to say of themselves. False: it is of no use to the plan of now.
bool Comparison::translateRecord(Record& record, const ir::Task* before, const ir::Task* after) {
  if (record.kind == Record::End) {
    if (before != nullptr && after != nullptr) {
      renumber(*before, *after, record.outputs);
      renumber(*before, *after, record.values);
    }
    keepAttempts(record);
    record.place = 0;
    return true;
  }
  if (record.kind == Record::Set) {
    std::optional<uint32_t> output;
    if (before != nullptr && after != nullptr) output = outputNow(*before, *after, record.number);
    record.number = output.value_or(0);
    return output.has_value();
  }
  if (record.kind != Record::Chosen) return record.kind != Record::Ask;
  // References have no names: they are counted off.
  const std::vector<Wait>& was =
      old_->plan->family(old_->engine->find(record.instance)->family).waits;
  const std::vector<Wait>& is = now_.plan->family(now_.engine->find(record.instance)->family).waits;
  for (size_t n = 0; n < was.size() && was.size() == is.size(); ++n) {
    if (was[n].ref.index() != record.number) continue;
    record.number = is[n].ref.index();
    return true;
  }
  return false;
}

/// The family may get members yet.
bool Comparison::mayBecomeKnown(llvm::StringRef id) const {
  std::optional<uint32_t> family = now_.plan->familyNamed(id.split('[').first);
  if (!family) return false;
  const std::vector<ir::LoopId>& loops = now_.plan->module().families[*family].loops;
  return std::any_of(loops.begin(), loops.end(),
                     [&](ir::LoopId loop) { return !now_.plan->loop(loop.index()).isStatic; });
}

/// Sets of files are read again, as a start reads them.
void Comparison::readFiles() {
  Engine scratch(*now_.plan);
  for (const ReadFiles& read : scratch.settle(at_).reads) {
    std::vector<std::string> paths = globFiles(now_.header.project, read.pattern);
    Record record;
    record.kind = Record::Set;
    record.time = at_;
    record.number = read.space.index();
    for (const std::string& path : paths) record.members.push_back(path);
    note(record);
  }
}

void Comparison::translate() {
  const ir::Module &was = old_->plan->module(), &is = now_.plan->module();
  llvm::StringSet<> unknown;
  bool isOpened = false;
  auto visit = [&](const Record& original) {
    Record record = original;
    switch (record.kind) {
      case Record::Run:
        // The run began once; whoever opens it next says so.
        if (std::exchange(isOpened, true)) return;
        record.text = now_.header.artifact;
        record.place = 0;
        note(record);
        return readFiles();
      case Record::Stop:
      case Record::Close:
      case Record::Part:
      case Record::Fold:
        return;
      case Record::Hold:
      case Record::Change:
        return note(record);
      case Record::Publish: {
        bool isShared = record.number < was.publishes.size() && was.publishes[record.number].shared;
        std::vector<std::string>& targets = published_[record.text.str()];
        targets.clear();
        for (llvm::StringRef target : record.members) targets.push_back(target.str());
        // Others may have their hand on it.
        if (targets.empty() || isShared) published_.erase(record.text.str());
        return;
      }
      default:
        break;
    }
    if (record.instance.empty() || unknown.contains(record.instance)) return;
    std::optional<InstanceId> before = old_->engine->find(record.instance);
    std::optional<InstanceId> id = now_.engine->locate(record.instance);
    if (!id) {
      if (!mayBecomeKnown(record.instance)) unknown.insert(record.instance);
      return;
    }
    const ir::Family& family = is.families[id->family];
    const ir::Task *taskWas = nullptr, *taskIs = nullptr;
    if (before && was.families[before->family].task.valid())
      taskWas = &was[was.families[before->family].task];
    if (family.task.valid()) taskIs = &is[family.task];
    // A hook on the end of the flow runs at its next end.
    if (record.kind == Record::Hook && family.hook.of.empty()) return;
    if (translateRecord(record, taskWas, taskIs)) note(record);
  };
  (void)history_.read(old_->run, visit);
}

void Comparison::noteLinks() {
  const std::string &was = old_->plan->module().publishRoot, &is = now_.plan->module().publishRoot;
  for (const auto& [link, targets] : published_) {
    std::string root = was.empty() ? fmt::format("{}/{}", now_.run, abi::kPublishedDir) : was;
    std::string path = was == is || link.starts_with("/") ? link : root + "/" + link;
    Record record;
    record.kind = Record::Publish;
    record.time = at_;
    record.number = kNone;
    record.text = path;
    for (const std::string& target : targets) record.members.push_back(target);
    note(record);
  }
  // What would go if a controller looked at it now.
  for (const MoveLink& move : now_.engine->settle(at_).publishes)
    if (move.targets.empty()) links_.push_back(move.link);
}

}  // namespace wfc::run
