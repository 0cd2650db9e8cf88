// The plan as JSON, and what differs between two of them. The names are promised in
// docs/how-to/plan.md: fields come, none changes its meaning.
#include "fmt/format.h"

#include "compiler/driver/plan/plan.h"
#include "compiler/ir/planned.h"
#include "compiler/target/text/body.h"
#include "compiler/target/text/manifest.h"

namespace wfc::driver::plan {

namespace {

namespace json = llvm::json;
using forecast::Count;
using forecast::Family;

json::Object of(const Count& count) {
  constexpr const char* kHow[] = {"exactly", "at_most", "found_by_run", "no_end"};
  json::Object object{{"how", kHow[count.how]}};
  if (count.isKnown()) object["n"] = count.n;
  return object;
}

json::Object of(const forecast::Hours& hours) {
  return json::Object{
      {"wall", hours.wall}, {"node", hours.node}, {"core", hours.core}, {"gpu", hours.gpu}};
}

json::Object of(const forecast::Load& load) {
  return json::Object{{"instances", load.instances},
                      {"nodes", load.nodes},
                      {"cores", load.cores},
                      {"gpus", load.gpus}};
}

json::Object of(const forecast::Stated& stated) {
  return json::Object{
      {"stated", stated.amount}, {"parts", stated.parts}, {"not_stated", stated.notStated}};
}

json::Object of(const forecast::Amount& amount) {
  return json::Object{{"amount", amount.value}, {"at_most", amount.isAtMost}};
}

json::Object familyOf(const Plan& plan, const Family& family) {
  const ir::Module& module = plan.module;
  const ir::Family& written = module[family.family];
  const char* role = written.role == ir::Family::Hook   ? "hook"
                     : written.role == ir::Family::Wait ? "wait"
                                                        : "work";
  json::Object object{{"name", written.name},
                      {"role", role},
                      {"source", target::locationText(module, written.loc)},
                      {"instances", of(family.instances)},
                      {"attempts", family.attempts},
                      {"at_once", of(family.atOnce)},
                      {"temp", family.isTemp},
                      {"bytes", of(family.bytes)},
                      {"inodes", of(family.inodes)}};
  if (!family.why.empty()) object["why"] = family.why;
  if (!written.pool.empty()) object["pool"] = written.pool;
  if (family.start) object["start"] = *family.start;
  if (family.end) object["end"] = *family.end;
  if (!written.task) return object;
  const ir::Task& task = module[written.task];
  object["task"] = task.name;
  object["partition"] = ir::partitionOf(module, family.family);
  object["script"] = target::blake3(target::scriptText(module, task, task.body, "")).substr(0, 12);
  json::Array open;
  for (const std::string& need : family.atRunTime) open.push_back(need);
  object["needs_at_run_time"] = std::move(open);
  if (!family.hasHours) return object;
  object["one"] = of(family.one);
  object["each"] = of(family.each);
  object["once"] = of(family.once);
  object["ceiling"] = of(family.ceiling);
  return object;
}

json::Object pathOf(const Plan& plan) {
  json::Array steps;
  for (const forecast::Step& step : plan.forecast.path) {
    json::Array families;
    for (const auto& [family, count] : step.families)
      families.push_back(json::Object{{"name", plan.module[family].name}, {"count", count}});
    steps.push_back(json::Object{{"hours", step.hours}, {"families", std::move(families)}});
  }
  return json::Object{{"hours", plan.forecast.pathHours},
                      {"partial", plan.forecast.isPathPartial},
                      {"steps", std::move(steps)}};
}

json::Array callsOf(const Plan& plan) {
  json::Array calls;
  for (const target::Calls& each : plan.calls) {
    json::Object object{{"program", each.program}, {"least", each.least}, {"what", each.what}};
    if (!each.hasNoBound) object["most"] = each.most;
    calls.push_back(std::move(object));
  }
  return calls;
}

json::Array changesOf(const Plan& plan) {
  constexpr const char* kKinds[] = {"added", "removed", "changed"};
  json::Array changes;
  for (const Change& change : plan.changes) {
    json::Array how;
    for (const std::string& each : change.how) how.push_back(each);
    changes.push_back(json::Object{
        {"kind", kKinds[change.kind]}, {"what", change.what}, {"how", std::move(how)}});
  }
  return changes;
}

// ---- differences

double numberAt(const json::Object& object, std::initializer_list<llvm::StringRef> path) {
  const json::Object* at = &object;
  for (auto name = path.begin(); at && name != path.end(); ++name) {
    if (name + 1 == path.end()) return at->getNumber(*name).value_or(0);
    at = at->getObject(*name);
  }
  return 0;
}

std::string textAt(const json::Object& object, llvm::StringRef name) {
  return object.getString(name).value_or("").str();
}

std::string countAt(const json::Object& object, llvm::StringRef name) {
  const json::Object* count = object.getObject(name);
  if (!count) return "none";
  std::string how = textAt(*count, "how");
  if (how == "found_by_run") return "found by the run";
  if (how == "no_end") return "no end";
  std::string n = grouped(static_cast<uint64_t>(count->getNumber("n").value_or(0)));
  return how == "at_most" ? "≤ " + n : n;
}

class Difference {
 public:
  Difference(const json::Object& before, const json::Object& now) : before_(before), now_(now) {}

  std::vector<Change> find() {
    std::map<std::string, const json::Object*> was = familiesOf(before_), is = familiesOf(now_);
    const json::Array* order = now_.getArray("families");
    for (const json::Value& value : order ? *order : json::Array()) {
      const json::Object* family = value.getAsObject();
      if (!family) continue;
      std::string name = textAt(*family, "name");
      auto known = was.find(name);
      if (known == was.end())
        changes_.push_back({Change::Added, name, {countAt(*family, "instances") + " instances"}});
      else
        compare(name, *known->second, *family);
    }
    for (const auto& [name, family] : was)
      if (!is.contains(name)) changes_.push_back({Change::Removed, name, {}});
    compareSums();
    return std::move(changes_);
  }

 private:
  static std::map<std::string, const json::Object*> familiesOf(const json::Object& plan) {
    std::map<std::string, const json::Object*> families;
    const json::Array* list = plan.getArray("families");
    if (!list) return families;
    for (const json::Value& value : *list)
      if (const json::Object* family = value.getAsObject())
        families[textAt(*family, "name")] = family;
    return families;
  }

  static void tell(Change& change, const char* what, const std::string& was,
                   const std::string& is) {
    if (was != is)
      change.how.push_back(
          fmt::format("{} {}, was {}", what, is.empty() ? "none" : is, was.empty() ? "none" : was));
  }

  void compare(const std::string& name, const json::Object& was, const json::Object& is) {
    Change change{Change::Changed, name, {}};
    tell(change, "task", textAt(was, "task"), textAt(is, "task"));
    tell(change, "instances", countAt(was, "instances"), countAt(is, "instances"));
    tell(change, "attempts", grouped(static_cast<uint64_t>(numberAt(was, {"attempts"}))),
         grouped(static_cast<uint64_t>(numberAt(is, {"attempts"}))));
    tell(change, "time", spanText(numberAt(was, {"each", "wall"})),
         spanText(numberAt(is, {"each", "wall"})));
    for (const char* what : {"nodes", "cores", "gpus"})
      tell(change, what, hoursText(numberAt(was, {"one", what})),
           hoursText(numberAt(is, {"one", what})));
    tell(change, "partition", textAt(was, "partition"), textAt(is, "partition"));
    tell(change, "at once", countAt(was, "at_once"), countAt(is, "at_once"));
    tell(change, "bytes", bytesText(numberAt(was, {"bytes", "stated"})),
         bytesText(numberAt(is, {"bytes", "stated"})));
    if (textAt(was, "script") != textAt(is, "script")) change.how.push_back("another script");
    if (!change.how.empty()) changes_.push_back(std::move(change));
  }

  void compareSums() {
    for (const char* what : {"node", "core", "gpu"}) {
      Change change{Change::Changed, fmt::format("{}-hours", what), {}};
      tell(change, "asked", hoursText(numberAt(before_, {"hours", "once", what})),
           hoursText(numberAt(now_, {"hours", "once", what})));
      tell(change, "with every retry", hoursText(numberAt(before_, {"hours", "ceiling", what})),
           hoursText(numberAt(now_, {"hours", "ceiling", what})));
      if (!change.how.empty()) changes_.push_back(std::move(change));
    }
    Change path{Change::Changed, "critical path", {}};
    tell(path, "in a row", spanText(numberAt(before_, {"critical_path", "hours"})),
         spanText(numberAt(now_, {"critical_path", "hours"})));
    if (!path.how.empty()) changes_.push_back(std::move(path));
  }

  const json::Object &before_, &now_;
  std::vector<Change> changes_;
};

}  // namespace

json::Object jsonOf(const Plan& plan) {
  const forecast::Forecast& f = plan.forecast;
  json::Array families, pools;
  for (const Family& family : f.families) families.push_back(familyOf(plan, family));
  for (const forecast::Pool& pool : f.pools)
    pools.push_back(json::Object{{"name", pool.name},
                                 {"partition", pool.partition},
                                 {"attempts", pool.attempts},
                                 {"load", of(pool.load)},
                                 {"once", of(pool.once)},
                                 {"ceiling", of(pool.ceiling)}});
  json::Object object{
      {"format", 1},
      {"flow", plan.module.flow},
      {"source", plan.source},
      {"target", plan.target},
      {"site", plan.module.site},
      {"artifact", plan.artifact},
      {"work", plan.hasWork()},
      {"instances", of(f.instances)},
      {"attempts", of(f.attempts)},
      {"found_by_run", f.foundByRun},
      {"hours",
       json::Object{{"once", of(f.once)}, {"ceiling", of(f.ceiling)}, {"at_most", f.isAtMost}}},
      {"critical_path", pathOf(plan)},
      {"peak", of(f.peak)},
      {"bytes", of(f.bytes)},
      {"inodes", of(f.inodes)},
      {"peak_bytes", of(f.peakBytes)},
      {"peak_inodes", of(f.peakInodes)},
      {"calls", callsOf(plan)},
      {"families", std::move(families)},
      {"pools", std::move(pools)}};
  json::Object quota;
  if (plan.quotaBytes) quota["bytes"] = *plan.quotaBytes;
  if (plan.quotaFiles) quota["inodes"] = *plan.quotaFiles;
  if (!quota.empty()) object["quota"] = std::move(quota);
  if (plan.run) {
    json::Object run = plan.run->fates;
    run["run"] = plan.run->folder;
    run["is_new"] = plan.run->isNew;
    run["state"] = plan.run->state;
    object["run"] = std::move(run);
  }
  if (!plan.against.empty())
    object["against"] = json::Object{{"what", plan.against}, {"changes", changesOf(plan)}};
  return object;
}

std::vector<Change> changesBetween(const json::Object& before, const json::Object& now) {
  return Difference(before, now).find();
}

}  // namespace wfc::driver::plan
