// See compare.h.
#include "runtime/control/compare.h"

#include <cmath>

#include <fmt/format.h>

#include "compiler/ir/text.h"

#include "runtime/attempt/inputs.h"
#include "runtime/attempt/recipe.h"

namespace wfc::run {

namespace {

/// Longer values are cut where they are told.
constexpr size_t kShown = 40;

std::string shown(const Job& job, const Variable& v) {
  std::string text = v.isUnset ? "nothing" : v.json.empty() ? v.text : v.json;
  for (const std::string& word : v.words) text += (text.empty() ? "" : " ") + word;
  for (size_t at = 0; (at = text.find(job.run + "/", at)) != std::string::npos;)
    text.erase(at, job.run.size() + 1);
  if (text.size() > kShown) text = text.substr(0, kShown) + "…";
  return text.empty() ? "an empty text" : text;
}

std::string changedValue(const Job& was, const Job& now) {
  for (const Variable& v : now.script.variables) {
    for (const Variable& w : was.script.variables) {
      bool isOther =
          v.text != w.text || v.words != w.words || v.json != w.json || v.isUnset != w.isUnset;
      if (v.name == w.name && isOther)
        return v.words.size() == w.words.size()
                   ? fmt::format("its value `{}` changed from {} to {}", v.name, shown(was, w),
                                 shown(now, v))
                   : fmt::format("its list `{}` changed from {} to {} values", v.name,
                                 w.words.size(), v.words.size());
    }
  }
  return "its values changed";
}

/// What bounds an attempt, as text.
std::string boundsOf(const Engine& engine, InstanceId id) {
  Needs needs = engine.needsOf(id, 1);
  std::string text =
      fmt::format("{} {} {} {} {} {} {} {} {}", needs.nodes, needs.tasks, needs.cpus, needs.gpus,
                  needs.gpuModel, needs.memory, needs.timeMs, needs.disk, needs.exclusive);
  for (const auto& [name, count] : needs.licences) text += fmt::format(" {} {}", name, count);
  for (const auto& [name, value] : needs.names) text += fmt::format(" {} {}", name, value);
  const ir::Module& m = engine.plan().module();
  const ir::Task& task = m[m.families[id.family].task];
  for (const ir::Retry& retry : task.retries) {
    text += fmt::format(" retry {} {} {}", retry.count, retry.delayMs, retry.growing);
    for (ir::Outcome cause : retry.causes) text += " " + ir::name(cause).str();
  }
  return text + fmt::format(" resume {} checks {}", task.resume.slices, task.checks.size());
}

bool isMade(const Instance& instance) {
  return instance.outcome == ir::Outcome::Ok || instance.outcome == ir::Outcome::NoData;
}

/// Its last attempt, if it is what ended the instance.
std::optional<Attempt> endOf(const Engine& engine, InstanceId id) {
  if (engine.state().at(id).phase != Phase::Ended) return std::nullopt;
  std::vector<Attempt> attempts = engine.attemptsOf(id);
  if (attempts.empty() || attempts.back().isPast) return std::nullopt;
  return attempts.back();
}

}  // namespace

llvm::StringRef fateName(Fate fate) {
  static constexpr llvm::StringRef kNames[] = {"reused", "rerun", "rerun_if_changed", "new",
                                               "orphaned"};
  return kNames[static_cast<size_t>(fate)];
}

bool Comparison::isSame() const { return countOf(Fate::Reused) == items_.size() && links_.empty(); }

std::string Comparison::make(const RunView& old, const RunHeader& header, const std::string& plan) {
  old_ = &old;
  at_ = nowMs();
  now_.run = old.run;
  now_.header = header;
  ir::ParseResult parsed = ir::parse(plan);
  if (!parsed.module) return fmt::format("{}:{}: {}", abi::kPlanFile, parsed.line, parsed.error);
  now_.plan = std::make_unique<Plan>(std::move(*parsed.module));
  std::string refused;
  for (const std::string& line : now_.plan->unsupported())
    refused += (refused.empty() ? "" : "\n") + line;
  if (!refused.empty()) return refused;
  now_.engine = std::make_unique<Engine>(*now_.plan);
  now_.engine->setFolders(old.run, header.project, nodeFolderOf(now_));
  now_.engine->setLines([this](uint64_t place) { return history_.lineAt(place); });
  // Both see the files of one project, wherever it lies by now.
  old.engine->setFolders(old.run, header.project, nodeFolderOf(old));
  translate();
  findOrphans();
  takeBack();
  noteLinks();
  counts_[static_cast<size_t>(Fate::Orphaned)] = orphans_.size();
  items_.insert(items_.end(), orphans_.begin(), orphans_.end());
  return {};
}

std::string Comparison::changeOutside(InstanceId before, const Job& now) const {
  std::optional<Attempt> end = endOf(*old_->engine, before);
  if (now.outside.empty() || !end) return {};
  std::string recorded = old_->engine->detailsOf(*end).inputs;
  if (recorded.empty()) return "what it read from outside was not recorded";
  if (recorded == "changed") return "a file that it read changed while it ran";
  if (recorded == hashOutsideNow(old_->run, now.outside)) return {};
  for (const JobInput& input : now.outside) {
    std::string is = contentOf(old_->run, input, false);
    if (notedContent(old_->run, input.path) == is) continue;
    if (is == "absent") return fmt::format("{} is not there any more", input.path);
    if (llvm::StringRef(is).starts_with("times "))
      return fmt::format("{} is too large to be hashed, and its size or time changed", input.path);
    return fmt::format("the content of {} changed", input.path);
  }
  return "it reads other files from outside";
}

std::string Comparison::differenceOf(const Job& was, const Job& now) const {
  Recipe before = recipeOf(was), after = recipeOf(now);
  if (before.program != after.program) return "its program text changed";
  if (before.values != after.values) return changedValue(was, now);
  if (before.environment != after.environment) return "its environment changed";
  if (before.outputs != after.outputs) return "what it declares to make changed";
  auto namesOf = [](const std::vector<JobInput>& inputs) {
    std::set<std::string> names;
    for (const JobInput& input : inputs) names.insert(input.path);
    return names;
  };
  if (namesOf(was.kept.inputs) != namesOf(now.kept.inputs)) return "it reads other files";
  return {};
}

std::string Comparison::differentBounds(InstanceId id, InstanceId before) const {
  if (isMade(now_.engine->state().at(id))) return {};
  return boundsOf(*old_->engine, before) == boundsOf(*now_.engine, id)
             ? ""
             : "it failed, and what it may use or how it is tried again changed";
}

std::string Comparison::differentWait(InstanceId id, InstanceId before) const {
  auto textOf = [](const Engine& engine, InstanceId of) {
    const ir::Module& m = engine.plan().module();
    const ir::Family::WaitFor& wait = m.families[of.family].wait;
    std::string text = fmt::format("{} {}", wait.timeoutMs, wait.timeoutIsNoData);
    for (const std::vector<ir::Family::Awaited>& all : wait.any) {
      text += " or";
      for (const ir::Family::Awaited& awaited : all) {
        ir::Result what = ir::evaluate(m, awaited.what, engine.scopeOf(of, 0));
        text += fmt::format(" {} {} {} {}", what ? ir::toText(m, *what.value) : what.error,
                            awaited.ageMs, awaited.bytes, awaited.freeBytes);
      }
    }
    return text;
  };
  return textOf(*old_->engine, before) == textOf(*now_.engine, id) ? ""
                                                                   : "it waits for something else";
}

/// One that has ended: does it stand, and if what it reads is made again, by what recipe may it?
Comparison::Verdict Comparison::judge(InstanceId id, InstanceId before) {
  Verdict verdict;
  auto changed = [&](std::string why) {
    verdict.why = std::move(why);
    verdict.isChanged = true;
    return verdict;
  };
  const Engine& engine = *now_.engine;
  const ir::Module &was = old_->plan->module(), &is = now_.plan->module();
  const ir::Family& family = is.families[id.family];
  if (was.families[before.family].role != family.role) return changed("it is something else now");
  const Instance& instance = engine.state().at(id);
  std::optional<Attempt> last = endOf(engine, id);
  bool wasStarted = last && last->n > 0;
  // It had ended without an attempt: that is decided anew where it would come out otherwise.
  if (!wasStarted)
    return engine.wouldStart(id) ? changed("what kept it from running changed") : verdict;
  if (!engine.wouldStart(id)) verdict = {"whether it runs is decided anew", {}, true};
  if (family.role == ir::Family::Wait) {
    std::string why = differentWait(id, before);
    return why.empty() ? verdict : changed(why);
  }
  Job jobWas, jobIs;
  std::string wrong = makeRecipeJob(*old_->engine, old_->run, now_.header.project, before, jobWas);
  if (!wrong.empty()) return changed("its recipe of before cannot be told: " + wrong);
  wrong = makeRecipeJob(engine, now_.run, now_.header.project, id, jobIs);
  if (!wrong.empty()) return changed("it reads what has not been made yet");
  std::string why = differenceOf(jobWas, jobIs);
  if (why.empty()) why = changeOutside(before, jobIs);
  if (why.empty()) why = differentBounds(id, before);
  bool isLost = instance.outcome == ir::Outcome::Ok && !instance.isRemoved && isGone(now_, id);
  if (why.empty() && isLost) why = "its output is gone";
  if (!why.empty()) return changed(why);
  if (isMade(instance))
    verdict.recipe = hashOfRecipe(now_.run, recipeOf(jobIs).text(), jobIs.kept.inputs);
  return verdict;
}

void Comparison::findOrphans() {
  const ir::Module& was = old_->plan->module();
  old_->engine->forEach([&](InstanceId id) {
    const ir::Family& family = was.families[id.family];
    std::string name = old_->engine->idOf(id);
    if (family.role != ir::Family::Hook && !now_.engine->find(name))
      orphans_.push_back({family.name, name, Fate::Orphaned, "the flow has it no more"});
  });
}

void Comparison::add(InstanceId id, Fate fate, std::string why) {
  const ir::Family& family = now_.plan->module().families[id.family];
  items_.push_back({family.name, now_.engine->idOf(id), fate, std::move(why)});
  ++counts_[static_cast<size_t>(fate)];
}

std::string Comparison::whyTakenBack(InstanceId id, const std::set<InstanceId>& taken) {
  const Engine& engine = *now_.engine;
  for (const Wait& wait : now_.plan->family(id.family).waits) {
    for (InstanceId producer : engine.namedBy(id, wait)) {
      if (!taken.contains(producer)) continue;
      const Verdict& verdict = verdicts_.at(producer);
      bool hasEnded = engine.state().at(producer).phase == Phase::Ended;
      return fmt::format("it follows {}, which {}", engine.idOf(producer),
                         !hasEnded                ? "has not run yet"
                         : verdict.recipe.empty() ? "runs again"
                                                  : "may run again");
    }
  }
  return verdicts_.at(id).isChanged ? verdicts_.at(id).why
                                    : "the set that it is a member of is read again";
}

/// The closure over what is made by another recipe, or not made yet; in the ledger of now it is
/// taken back.
void Comparison::takeBack() {
  Engine& engine = *now_.engine;
  std::vector<InstanceId> asked;
  std::vector<InstanceId> all;
  engine.forEach([&](InstanceId id) {
    if (now_.plan->module().families[id.family].role == ir::Family::Hook) return;
    all.push_back(id);
    Verdict& verdict = verdicts_[id];
    std::optional<InstanceId> before = old_->engine->find(engine.idOf(id));
    bool hasEnded = engine.state().at(id).phase == Phase::Ended;
    if (hasEnded && before) verdict = judge(id, *before);
    if (!hasEnded || verdict.isChanged) asked.push_back(id);
  });
  Reopening reopening =
      engine.reopening(asked, true, [this](InstanceId id) { return isGone(now_, id); });
  std::set<InstanceId> taken;
  for (const Reopening::Item& item : reopening.items) taken.insert(item.instance);
  for (InstanceId id : all) {
    const Verdict& verdict = verdicts_.at(id);
    bool hasEnded = engine.state().at(id).phase == Phase::Ended;
    bool isRemoved = engine.state().at(id).isRemoved;
    if (!taken.contains(id))
      add(id, Fate::Reused, {});
    else if (!hasEnded)
      add(id, Fate::Fresh, engine.attemptsOf(id).empty() ? "it has not run" : "it has not ended");
    else if (verdict.isChanged && verdict.recipe.empty())
      add(id, Fate::Rerun, verdict.why);
    else if (isRemoved)
      add(id, Fate::Rerun, "its output was removed, and is read again");
    else if (verdict.recipe.empty())
      add(id, Fate::Rerun, whyTakenBack(id, taken));
    else
      add(id, Fate::Maybe, whyTakenBack(id, taken));
  }
  llvm::BumpPtrAllocator memory;
  llvm::StringSaver saver(memory);
  // Readers first: members of a set leave with the record of its producer.
  for (size_t n = reopening.items.size(); n-- > 0;) {
    InstanceId id = reopening.items[n].instance;
    const Instance& instance = engine.state().at(id);
    std::vector<Attempt> attempts = engine.attemptsOf(id);
    if (instance.phase == Phase::Absent || attempts.empty()) continue;
    Record record;
    record.kind = Record::Reopen;
    record.time = at_;
    record.instance = saver.save(engine.idOf(id));
    for (const Attempt& attempt : attempts) record.attempt = std::max(record.attempt, attempt.n);
    record.text = "adopt";
    if (!instance.isRemoved) record.job = verdicts_.at(id).recipe;
    note(record);
  }
}

}  // namespace wfc::run
