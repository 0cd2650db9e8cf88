// start, where the artifacts are others than the run was made from: what becomes of the run, as
// text and as JSON, and doing it.
#include "runtime/control/adopt.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include "compiler/ir/body.h"

#include "runtime/control/saved.h"
#include "runtime/verbs/verbs.h"

namespace wfc::run {

namespace {

/// Ids that are shown for each reason.
constexpr size_t kShownPerReason = 3;

constexpr const char* kColumns[kFates] = {"reused", "rerun", "if changed", "new", "orphaned"};

using Items = std::vector<Comparison::Item>;

/// By family, in order of appearance: how many of each fate.
std::vector<std::pair<std::string, std::array<uint64_t, kFates>>> familiesOf(const Items& items) {
  std::vector<std::pair<std::string, std::array<uint64_t, kFates>>> families;
  std::map<std::string, size_t> places;
  for (const Comparison::Item& item : items) {
    auto [place, isNew] = places.try_emplace(item.family, families.size());
    if (isNew) families.push_back({item.family, {}});
    ++families[place->second].second[static_cast<size_t>(item.fate)];
  }
  return families;
}

/// `model[1], model[2] and 5 more`
std::string examplesOf(const std::vector<std::string>& ids) {
  std::string text;
  for (size_t n = 0; n < ids.size() && n < kShownPerReason; ++n)
    text += (n == 0 ? "" : ", ") + ids[n];
  if (ids.size() > kShownPerReason)
    text += fmt::format(" and {} more", ids.size() - kShownPerReason);
  return text;
}

/// A reason that names one instance is the same for all of a family that name another.
std::string groupOf(const Comparison::Item& item) {
  llvm::StringRef why(item.why);
  if (!why.starts_with("it follows ")) return item.why;
  return (why.take_front(why.find('[')) + why.drop_front(why.rfind(','))).str();
}

void printText(const Comparison& comparison, llvm::StringRef from, llvm::StringRef to) {
  if (from == to)
    fmt::print("the artifacts are those of the run ({})\n", to.str());
  else
    fmt::print("the run was made from other artifacts ({}, now {})\n", from.str(), to.str());
  size_t width = 8;
  auto families = familiesOf(comparison.items());
  for (const auto& [name, counts] : families) width = std::max(width, name.size());
  fmt::print("  {:<{}}", "", width);
  for (const char* column : kColumns) fmt::print("{:>12}", column);
  fmt::print("\n");
  for (const auto& [name, counts] : families) {
    fmt::print("  {:<{}}", name, width);
    for (uint64_t count : counts) fmt::print("{:>12}", count == 0 ? "-" : std::to_string(count));
    fmt::print("\n");
  }
  // By fate and reason, in order of appearance.
  struct Group {
    Fate fate;
    std::string why;
    std::vector<std::string> ids;
  };
  std::vector<Group> groups;
  std::map<std::string, size_t> places;
  for (const Comparison::Item& item : comparison.items()) {
    if (item.fate == Fate::Reused) continue;
    std::string key =
        fmt::format("{} {} {}", static_cast<int>(item.fate), item.family, groupOf(item));
    auto [place, isNew] = places.try_emplace(key, groups.size());
    if (isNew) groups.push_back({item.fate, item.why, {}});
    groups[place->second].ids.push_back(item.id);
  }
  for (const Group& group : groups)
    fmt::print("  {}: {}: {}\n", kColumns[static_cast<size_t>(group.fate)], examplesOf(group.ids),
               group.why);
  for (const std::string& link : comparison.links())
    fmt::print("  the link {} goes until it is made again\n", link);
  std::fflush(stdout);
}

void printJson(const Comparison& comparison, const std::string& run, llvm::StringRef from,
               llvm::StringRef to, bool isDone) {
  llvm::raw_fd_ostream out(1, false);
  llvm::json::OStream json(out);
  auto addCounts = [&](const std::array<uint64_t, kFates>& counts) {
    for (size_t n = 0; n < kFates; ++n)
      json.attribute(fateName(static_cast<Fate>(n)), static_cast<int64_t>(counts[n]));
  };
  std::array<uint64_t, kFates> all{};
  for (size_t n = 0; n < kFates; ++n) all[n] = comparison.countOf(static_cast<Fate>(n));
  json.object([&] {
    json.attribute("run", run);
    json.attribute("from", from);
    json.attribute("to", to);
    json.attribute("adopted", isDone);
    json.attribute("state", stateOf(run));
    json.attributeObject("counts", [&] { addCounts(all); });
    json.attributeArray("families", [&] {
      for (const auto& family : familiesOf(comparison.items()))
        json.object([&] {
          json.attribute("name", family.first);
          addCounts(family.second);
        });
    });
    json.attributeArray("instances", [&] {
      for (const Comparison::Item& item : comparison.items())
        json.object([&] {
          json.attribute("id", item.id);
          json.attribute("fate", fateName(item.fate));
          if (!item.why.empty()) json.attribute("why", item.why);
        });
    });
    json.attributeArray("links", [&] {
      for (const std::string& link : comparison.links()) json.value(link);
    });
  });
  out << "\n";
}

/// Nothing may be at work, and nothing in a queue. Empty, or what is; the dead are buried.
std::string standStill(Controller& controller, const Backend& backend) {
  Decisions decisions = controller.advance(nowMs());
  std::vector<std::pair<InstanceId, uint32_t>> running = controller.running();
  std::vector<Asked> asked;
  for (auto [id, attempt] : running) {
    Asked& one = asked.emplace_back();
    one.instance = controller.engine().idOf(id);
    one.attempt = attempt;
    one.job = controller.engine().detailsOf(controller.engine().attemptsOf(id).back()).job;
  }
  std::vector<Alive> alive =
      asked.empty() ? std::vector<Alive>() : backend.ask(controller.run(), asked);
  for (size_t n = 0; n < alive.size(); ++n) {
    if (alive[n] != Alive::No)
      return fmt::format("{} {} at work", asked[n].instance,
                         alive[n] == Alive::Yes ? "is" : "may be");
  }
  std::string left = backend.leftOutside == nullptr ? "" : backend.leftOutside(controller.run());
  if (!left.empty()) return left;
  // What another program has submitted for the run would begin with a body of before.
  const Scheduler* scheduler = findScheduler(controller.view().plan->module().siteFacts);
  std::optional<std::vector<std::string>> jobs;
  if (scheduler != nullptr) jobs = scheduler->jobsIn(controller.run(), false);
  if (jobs && !jobs->empty()) return fmt::format("job {} of it is in the queue", jobs->front());
  controller.ingest();
  for (auto [id, attempt] : controller.running()) controller.endUnstarted(id, nowMs());
  return controller.commit()
             ? ""
             : fmt::format("its ledger cannot be written: {}", std::strerror(errno));
}

/// The comparison, from the ledger as it lies there.
std::string compare(const RunView& view, const RunHeader& header, std::string& plan,
                    Comparison& comparison) {
  std::string path = fmt::format("{}/{}", header.artifacts, abi::kPlanFile);
  std::optional<std::string> text = readFile(path);
  if (!text) return fmt::format("cannot read {}: {}", path, std::strerror(errno));
  plan = std::move(*text);
  return comparison.make(view, header, plan);
}

int adoptNow(const std::string& run, RunHeader header, const Backend& backend, bool isJson) {
  ControlOptions options;
  options.isVisit = true;
  std::string error, plan;
  int exit = abi::Good;
  std::unique_ptr<Controller> controller = Controller::open(run, options, error, exit);
  if (!controller) return fmt::print(stderr, "wfr: {}; `wfr stop` ends it\n", error), exit;
  error = standStill(*controller, backend);
  if (!error.empty())
    return fmt::print(stderr, "wfr: {}; `wfr stop {}` first\n", error, ir::shellWord(run)),
           abi::Refused;
  Comparison comparison;
  const RunHeader& was = controller->view().header;
  header.created = was.created;
  header.adopted = was.adopted + 1;
  error = compare(controller->view(), header, plan, comparison);
  if (!error.empty()) return wrongUse(error);
  bool isNothing = comparison.isSame() && was.artifact == header.artifact;
  if (!isNothing) error = adopt(*controller, backend, header, plan, comparison);
  if (!error.empty()) return fmt::print(stderr, "wfr: {}\n", error), abi::LostControl;
  std::string from = was.artifact.substr(0, 12), to = header.artifact.substr(0, 12);
  if (isJson)
    printJson(comparison, run, from, to, true);
  else
    printText(comparison, from, to);
  return abi::Good;
}

/// What a start that was cut off left half done.
int finishFirst(const std::string& run) {
  if (!isHalfAdopted(run)) return abi::Good;
  ControlOptions options;
  options.isVisit = true;
  std::string error;
  int exit = abi::Good;
  if (Controller::open(run, options, error, exit)) return abi::Good;
  fmt::print(stderr, "wfr: {}\n", error);
  return exit;
}

}  // namespace

int changeRun(const Given& given, const std::string& run, const RunHeader& header, bool& isDone) {
  if (int exit = finishFirst(run); exit != abi::Good) return exit;
  Outcomes<RunHeader> old = readHeader(run);
  if (!old) return wrongUse(old.error);
  bool isDry = given.has("--dry-run"), isAsked = given.has("--adopt");
  bool isJson = given.has("--json");
  if (old->artifact == header.artifact && !isDry && !isAsked) {
    if (isJson) return wrongUse("--json is of --dry-run and --adopt");
    isDone = true;
    return abi::Good;
  }
  const Backend* backend = findBackend(header.target);
  std::string instead = "use another folder for --run";
  if (old->target != header.target)
    return wrongUse(fmt::format("{} is a run of `{}`, and these artifacts are for `{}`; {}", run,
                                old->target, header.target, instead));
  if (!backend->cannotAdopt.empty())
    return wrongUse(
        fmt::format("{} was started from other artifacts, and a run of `{}` keeps its "
                    "own: {}; {}",
                    run, header.target, backend->cannotAdopt.str(), instead));
  if (isAsked && !isDry) {
    int exit = adoptNow(run, header, *backend, isJson);
    isDone = exit == abi::Good;
    return exit;
  }
  std::string error, plan;
  std::unique_ptr<RunView> view = RunView::read(run, error);
  if (!view) return wrongUse(error);
  Comparison comparison;
  error = compare(*view, header, plan, comparison);
  if (!error.empty()) return wrongUse(error);
  std::string from = old->artifact.substr(0, 12), to = header.artifact.substr(0, 12);
  if (isJson)
    printJson(comparison, run, from, to, false);
  else
    printText(comparison, from, to);
  if (isDry) return abi::Good;
  return wrongUse(fmt::format("nothing was changed; go on so with --adopt, or {}", instead));
}

}  // namespace wfc::run
