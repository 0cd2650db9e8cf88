// why and log: one instance, from its outcome down to the last lines it wrote; or, where none is
// named, each that failed by itself, or what the run waits for.
#include <cstdio>
#include <filesystem>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/STLExtras.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include "compiler/ir/body.h"
#include "compiler/ir/eval.h"

#include "runtime/attempt/run.h"
#include "runtime/backend.h"
#include "runtime/control/controller.h"
#include "runtime/move/report.h"
#include "runtime/report/made.h"
#include "runtime/report/report.h"
#include "runtime/verbs/verbs.h"

namespace wfc::run {

namespace {

/// By id, or by the id of a scheduler's job.
std::optional<InstanceId> findInstance(const RunView& view, llvm::StringRef word) {
  if (std::optional<InstanceId> found = view.engine->find(word)) {
    if (view.engine->state().at(*found).phase != Phase::Absent) return found;
  }
  const Backend* backend = findBackend(view.header.target);
  if (backend != nullptr && backend->whose != nullptr) {
    std::string id = backend->whose(view.run, word);
    if (!id.empty()) return view.engine->find(id);
  }
  std::optional<InstanceId> found;
  view.engine->forEach([&](InstanceId id) {
    for (const Attempt& attempt : view.engine->attemptsOf(id)) {
      if (attempt.n > 0 && view.engine->detailsOf(attempt).job == word) found = id;
    }
  });
  return found;
}

std::string lastLines(const std::string& path, size_t count) {
  std::string text = readFile(path).value_or("");
  size_t at = text.size();
  for (size_t lines = 0; at > 0; --at) {
    if (text[at - 1] == '\n' && at != text.size() && ++lines == count) break;
  }
  return text.substr(at);
}

std::string unknown(const RunView& view, const std::string& word) {
  std::string near = view.engine->nearest(word);
  return fmt::format("{} has no instance `{}`{}", view.run, word,
                     near.empty() ? "" : fmt::format("; did you mean `{}`?", near));
}

std::unique_ptr<RunView> openFor(const Given& given, std::optional<InstanceId>& id, int& exit) {
  std::string error;
  std::unique_ptr<RunView> view = RunView::read(absolute(given.words[0]), error);
  if (!view) return exit = wrongUse(error), nullptr;
  view->engine->settle(nowMs());
  id = findInstance(*view, given.words[1]);
  if (!id) return exit = wrongUse(unknown(*view, given.words[1])), nullptr;
  return view;
}

void printAttempt(const RunView& view, const Attempt& attempt) {
  Details details = view.engine->detailsOf(attempt);
  std::string line = fmt::format("  attempt {}: {}", attempt.n,
                                 attempt.hasEnded ? ir::name(attempt.outcome).str() : "running");
  if (attempt.slice) line += " (a slice)";
  if (attempt.uncounted) line += " (not counted)";
  if (attempt.isPast) line += " (before it was taken back)";
  if (!details.why.empty()) line += ", " + details.why;
  if (attempt.started > 0)
    line += fmt::format(", began {}", ir::instantText(attempt.started / 1000));
  if (attempt.hasEnded)
    line += fmt::format(", took {:.1f}s, cpu {:.1f}s, {} MiB",
                        static_cast<double>(attempt.ended - attempt.started) / 1000,
                        static_cast<double>(details.cpuMs) / 1000, details.rss >> 20);
  if (details.gpuMemory > 0)
    line += fmt::format(", GPUs {} % busy, {} MiB, {:.1f} Wh", details.gpuBusy / 10,
                        details.gpuMemory >> 20, static_cast<double>(details.gpuJoules) / 3600);
  if (!details.job.empty()) line += fmt::format(", job {}", details.job);
  fmt::print("{}\n", line);
  for (const Details::Copy& copy : details.copies) {
    std::string from;
    for (const auto& [node, bytes] : copy.from)
      from += fmt::format("{}{}", from.empty() ? "" : ", then ",
                          node.empty() ? "the disk that all share" : node);
    fmt::print("    {} came to {} from {}\n", copy.of, details.node, from);
  }
}

void writeWhy(llvm::json::OStream& json, const RunView& view, InstanceId id) {
  llvm::json::Array references;
  for (const Explanation& line : view.engine->explain(id))
    references.push_back(llvm::json::Object{{"state", line.state}, {"text", line.text}});
  json.object([&] {
    json.attribute("id", view.engine->idOf(id));
    json.attribute("state", stateName(view.engine->state().at(id)));
    json.attribute("source",
                   place(view.plan->module(), view.plan->module().families[id.family].loc));
    json.attribute("references", std::move(references));
  });
}

/// Its files, and what it told beside them: `loss = 0.25`.
void printMade(const RunView& view, InstanceId id) {
  Made made = madeBy(*view.engine, id);
  for (const auto& [output, file] : made.files)
    fmt::print("  made {}: {}, {}\n", output.str(), pathIn(view.run, file.path),
               move::bytesText(file.bytes));
  for (const auto& [output, value] : made.values) fmt::print("  {} = {}\n", output.str(), value);
}

void printWhy(const RunView& view, InstanceId id) {
  const ir::Family& family = view.plan->module().families[id.family];
  const Instance& instance = view.engine->state().at(id);
  std::string name = view.engine->idOf(id);
  std::string state =
      instance.phase == Phase::Ended ? ir::name(instance.outcome).str() : stateName(instance).str();
  fmt::print("{} is {}\n", name, state);
  std::string source = place(view.plan->module(), family.loc);
  if (!source.empty())
    fmt::print("  from {}{}{}\n", source, family.text.empty() ? "" : ": ", family.text);
  std::vector<Attempt> attempts = view.engine->attemptsOf(id);
  std::vector<Explanation> references = view.engine->explain(id);
  // Where a reference is why, it says so itself.
  bool isByReference = llvm::any_of(references, [](const Explanation& line) {
    return line.state == "cancelled" || line.state == "skipped";
  });
  for (const Attempt& attempt : attempts) {
    if (attempt.n > 0 && !isOnlyQueued(attempt))
      printAttempt(view, attempt);
    else if (attempt.n == 0 && !attempt.isPast && !isByReference)
      fmt::print("  because {}\n", view.engine->detailsOf(attempt).why);
  }
  for (const Explanation& line : references) fmt::print("  {}: {}\n", line.state, line.text);
  const Backend* backend = findBackend(view.header.target);
  bool isBegun = instance.phase == Phase::Ended || instance.isStarted;
  if (backend != nullptr && backend->standing != nullptr && !isBegun) {
    std::string standing = backend->standing(view.run, family.name, id.iteration);
    if (!standing.empty()) fmt::print("  {}\n", standing);
  }
  printMade(view, id);
  if (!attempts.empty() && attempts.back().n > 0) {
    std::string log = logFile(view.run, name, attempts.back().n);
    std::string tail = lastLines(log, 15);
    if (!tail.empty()) fmt::print("  {}\n{}{}", log, tail, tail.ends_with("\n") ? "" : "\n");
  }
}

void printHowItGoesOn(const RunView& view) {
  if (std::string how = howItGoesOn(view); !how.empty()) fmt::print("the run: {}\n", how);
}

constexpr size_t kMostExplained = 5;

/// Those that failed by themselves; where none did, those at work or held up first.
std::vector<InstanceId> inQuestion(const RunView& view, bool& hasFailed) {
  std::vector<InstanceId> failed, open;
  view.engine->forEach([&](InstanceId id) {
    const Instance& instance = view.engine->state().at(id);
    bool hasEnded = instance.phase == Phase::Ended;
    if (hasEnded && instance.outcome >= ir::Outcome::Failed &&
        instance.outcome <= ir::Outcome::NodeLost)
      failed.push_back(id);
    if (!hasEnded && instance.phase != Phase::Absent && open.size() < kMostExplained)
      open.push_back(id);
  });
  hasFailed = !failed.empty();
  return hasFailed ? failed : open;
}

/// The whole run: its failures one after another.
int whyRun(const Given& given) {
  std::string error;
  std::unique_ptr<RunView> view = RunView::read(absolute(given.words[0]), error);
  if (!view) return wrongUse(error);
  view->engine->settle(nowMs());
  bool hasFailed = false;
  std::vector<InstanceId> instances = inQuestion(*view, hasFailed);
  if (given.has("--json")) {
    llvm::raw_fd_ostream out(1, false);
    llvm::json::OStream json(out);
    json.array([&] {
      for (InstanceId id : instances) writeWhy(json, *view, id);
    });
    out << "\n";
    return abi::Good;
  }
  if (instances.empty()) fmt::print("nothing failed, and nothing waits\n");
  for (size_t n = 0; n < std::min(instances.size(), kMostExplained); ++n)
    printWhy(*view, instances[n]);
  if (instances.size() > kMostExplained)
    fmt::print("{} more failed; see `wfr status`\n", instances.size() - kMostExplained);
  if (hasFailed)
    fmt::print("`wfr retry {}` tries what failed again\n", ir::shellWord(given.words[0]));
  if (!hasFailed) printHowItGoesOn(*view);
  return abi::Good;
}

}  // namespace

namespace {

/// A job's id alone: the run that a scheduler says it is of, or one that lies below and knows it.
std::string runOfJob(const std::string& job) {
  std::string error;
  for (const Backend& backend : backends()) {
    std::string run = backend.runOf == nullptr ? "" : backend.runOf(job);
    if (!run.empty() && readHeader(run)) return run;
  }
  for (const std::string& run : foldersWith(abi::kHeaderFile, "")) {
    std::unique_ptr<RunView> view = RunView::read(absolute(run), error);
    if (!view) continue;
    view->engine->settle(nowMs());
    if (findInstance(*view, job)) return run;
  }
  return {};
}

}  // namespace

int verbWhy(const Given& words) {
  Given given = words;
  std::error_code ignored;
  if (given.words.size() == 1 && !std::filesystem::exists(given.words[0], ignored)) {
    std::string run = runOfJob(given.words[0]);
    if (!run.empty()) given.words.insert(given.words.begin(), run);
    // Else, with a slash, it is a folder that is not there.
    if (run.empty() && !llvm::StringRef(given.words[0]).contains('/'))
      return wrongUse(
          fmt::format("`{0}` is no run's folder, and no job that a scheduler or a run below this "
                      "folder knows; `wfr why RUN {0}` asks one run",
                      given.words[0]));
  }
  if (given.words.size() < 2) return whyRun(given);
  std::optional<InstanceId> id;
  int exit = 0;
  std::unique_ptr<RunView> view = openFor(given, id, exit);
  if (!view) return exit;
  if (!given.has("--json")) {
    printWhy(*view, *id);
    if (view->engine->state().at(*id).phase != Phase::Ended) printHowItGoesOn(*view);
    return abi::Good;
  }
  llvm::raw_fd_ostream out(1, false);
  llvm::json::OStream json(out);
  writeWhy(json, *view, *id);
  out << "\n";
  return abi::Good;
}

int verbLog(const Given& given) {
  std::optional<InstanceId> id;
  int exit = 0;
  std::unique_ptr<RunView> view = openFor(given, id, exit);
  if (!view) return exit;
  uint32_t last = 0;
  for (const Attempt& known : view->engine->attemptsOf(*id)) last = std::max(last, known.n);
  uint32_t attempt = last;
  if (given.has("--attempt") && llvm::StringRef(given.get("--attempt")).getAsInteger(10, attempt))
    return wrongUse("--attempt takes a number");
  std::string name = view->engine->idOf(*id);
  if (last == 0) return wrongUse(fmt::format("{} has not been started", name));
  if (attempt == 0 || attempt > last)
    return wrongUse(fmt::format("{} has no attempt {}; the last is {}", name, attempt, last));
  std::string path = logFile(view->run, name, attempt);
  std::FILE* file = std::fopen(path.c_str(), "r");
  // An attempt that wrote nothing before it was judged has no log.
  if (file == nullptr) return abi::Good;
  char block[65536];
  for (int quiet = 0;;) {
    size_t got = std::fread(block, 1, sizeof block, file);
    std::fwrite(block, 1, got, stdout);
    std::fflush(stdout);
    if (got > 0) continue;
    if (!given.has("--follow") || quiet > 0) break;
    ::usleep(300000);
    std::clearerr(file);
    std::string error;
    std::unique_ptr<RunView> now = RunView::read(view->run, error);
    bool hasEnded = !now;
    for (const Attempt& known : now ? now->engine->attemptsOf(*id) : std::vector<Attempt>())
      hasEnded |= known.n == attempt && known.hasEnded;
    // Once more after the end, for what was written last.
    if (hasEnded) ++quiet;
  }
  std::fclose(file);
  return abi::Good;
}

}  // namespace wfc::run
