// status: the run as a table, or as JSON that is written while it is gone through, so that a
// million instances need no memory of their own.
#include <map>

#include <fmt/format.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include "compiler/base/json.h"
#include "compiler/ir/eval.h"

#include "runtime/control/controller.h"
#include "runtime/ledger/calls.h"
#include "runtime/report/made.h"
#include "runtime/report/report.h"
#include "runtime/report/told.h"
#include "runtime/verbs/verbs.h"

namespace wfc::run {

namespace {

std::string instantOf(int64_t ms) { return ir::instantText(ms / 1000); }

/// What was brought to the node for an attempt, with the bytes that each gave.
void writeCopies(llvm::json::OStream& json, const std::vector<Details::Copy>& copies) {
  json.attributeArray("copies", [&] {
    for (const Details::Copy& copy : copies) {
      json.object([&] {
        json.attribute("of", copy.of);
        json.attributeArray("from", [&] {
          for (const auto& [node, bytes] : copy.from) {
            json.object([&] {
              if (node.empty())
                json.attribute("shared", true);
              else
                json.attribute("node", node);
              json.attribute("bytes", static_cast<int64_t>(bytes));
            });
          }
        });
      });
    }
  });
}

/// Instances told one by one without --all.
constexpr size_t kMost = 10000;

using FamilyCounts = std::vector<std::map<llvm::StringRef, int64_t>>;

FamilyCounts countsByFamily(const Engine& engine) {
  FamilyCounts counts(engine.plan().module().families.size());
  engine.forEach([&](InstanceId id) { ++counts[id.family][stateName(engine.state().at(id))]; });
  return counts;
}

void writeAttempts(llvm::json::OStream& json, const Engine& engine, InstanceId id) {
  json.attributeArray("attempts", [&] {
    for (const Attempt& attempt : engine.attemptsOf(id)) {
      if (attempt.n == 0 || isOnlyQueued(attempt)) continue;
      Details details = engine.detailsOf(attempt);
      json.object([&] {
        json.attribute("n", attempt.n);
        json.attribute("outcome",
                       attempt.hasEnded ? ir::name(attempt.outcome) : llvm::StringRef("running"));
        json.attribute("job", details.job);
        json.attribute("exit", attempt.exit);
        if (attempt.started != 0) json.attribute("start", instantOf(attempt.started));
        if (attempt.ended != 0) json.attribute("end", instantOf(attempt.ended));
        if (attempt.signal != 0) json.attribute("signal", attempt.signal);
        if (attempt.slice) json.attribute("slice", true);
        if (attempt.isPast) json.attribute("past", true);
        if (attempt.uncounted) json.attribute("uncounted", true);
        if (!details.why.empty()) json.attribute("why", llvm::json::fixUTF8(details.why));
        if (!details.node.empty()) json.attribute("node", details.node);
        if (!attempt.hasEnded) return;
        if (!details.copies.empty()) writeCopies(json, details.copies);
        json.attributeObject("used", [&] {
          json.attribute("cpu_ms", details.cpuMs);
          json.attribute("rss", details.rss);
          json.attribute("read", details.read);
          json.attribute("written", details.written);
          if (details.gpuMemory == 0) return;
          base::writeNumber(json, "gpu_busy", static_cast<double>(details.gpuBusy) / 1000);
          json.attribute("gpu_memory", details.gpuMemory);
          json.attribute("gpu_joules", details.gpuJoules);
        });
      });
    }
  });
}

void writeInstance(llvm::json::OStream& json, const RunView& view, InstanceId id) {
  const Engine& engine = *view.engine;
  const ir::Module& module = view.plan->module();
  const ir::Family& family = module.families[id.family];
  const Instance& instance = engine.state().at(id);
  std::vector<Attempt> attempts = engine.attemptsOf(id);
  json.object([&] {
    json.attribute("id", engine.idOf(id));
    json.attribute("task", family.task.valid() ? llvm::StringRef(module[family.task].name)
                                               : llvm::StringRef(""));
    json.attributeArray("index", [&] {
      for (const std::string& key : engine.keysOf(id)) json.value(key);
    });
    json.attribute("state", stateName(instance));
    if (instance.phase == Phase::Running && isOnlyQueued(attempts.back()))
      json.attribute("job", engine.detailsOf(attempts.back()).job);
    writeAttempts(json, engine, id);
    writeMade(json, engine, id);
    json.attribute("source", place(module, family.loc));
    if (!attempts.empty() && attempts.back().n == 0 && !attempts.back().isPast)
      json.attribute("why", engine.detailsOf(attempts.back()).why);
  });
}

int statusJson(const RunView& view, size_t most) {
  const Engine& engine = *view.engine;
  llvm::raw_fd_ostream out(1, false);
  out.SetBufferSize(1 << 18);
  const ir::Module& module = view.plan->module();
  std::map<std::string, int64_t> counts;
  FamilyCounts families = countsByFamily(engine);
  for (uint32_t f = 0; f < families.size(); ++f) {
    if (module.families[f].role == ir::Family::Hook) continue;
    for (const auto& [state, count] : families[f]) counts[state.str()] += count;
  }
  Told told(engine, most);
  llvm::json::OStream json(out);
  json.object([&] {
    json.attribute("run", view.run);
    json.attribute("flow", view.header.flow);
    json.attribute("target", view.header.target);
    json.attribute("state", stateOfRun(view));
    json.attributeObject("counts", [&] {
      for (const auto& [state, count] : counts) json.attribute(state, count);
    });
    if (CallCounts calls = countedCalls(view.run); !calls.empty()) {
      json.attributeObject("calls", [&] {
        for (const auto& [program, count] : calls)
          json.attribute(program, static_cast<int64_t>(count));
      });
    }
    json.attributeArray("families", [&] {
      for (uint32_t f = 0; f < families.size(); ++f) {
        if (families[f].empty()) continue;
        json.object([&] {
          json.attribute("name", module.families[f].name);
          for (const auto& [state, count] : families[f]) json.attribute(state, count);
        });
      }
    });
    json.attribute("left_out", told.leftOut());
    json.attributeArray(
        "instances", [&] { told.forEach([&](InstanceId id) { writeInstance(json, view, id); }); });
  });
  out << "\n";
  return abi::Good;
}

int statusText(const RunView& view) {
  const Engine& engine = *view.engine;
  const ir::Module& module = view.plan->module();
  FamilyCounts counts = countsByFamily(engine);
  std::vector<std::string> bad;
  size_t width = 6;
  for (size_t n = 0; n < counts.size(); ++n)
    if (!counts[n].empty()) width = std::max(width, module.families[n].name.size());
  engine.forEach([&](InstanceId id) {
    const Instance& instance = engine.state().at(id);
    bool isFailed = instance.phase == Phase::Ended && instance.outcome >= ir::Outcome::Failed &&
                    instance.outcome <= ir::Outcome::NodeLost;
    if (!isFailed || bad.size() > 20) return;
    std::vector<Attempt> attempts = engine.attemptsOf(id);
    std::string why = attempts.empty() ? "" : engine.detailsOf(attempts.back()).why;
    bad.push_back(fmt::format("{}: {}{}{}", engine.idOf(id), ir::name(instance.outcome).str(),
                              why.empty() ? "" : ", ", why));
  });
  fmt::print("{} on {}: {}\n", view.header.flow, view.header.target, stateOfRun(view).str());
  if (std::string how = howItGoesOn(view); !how.empty()) fmt::print("  {}\n", how);
  for (size_t n = 0; n < counts.size(); ++n) {
    if (counts[n].empty()) continue;
    std::string line;
    for (const auto& [state, count] : counts[n])
      line += fmt::format("{}{} {}", line.empty() ? "" : ", ", count, state.str());
    fmt::print("  {:<{}}  {}\n", module.families[n].name, width, line);
  }
  std::string calls;
  for (const auto& [program, count] : countedCalls(view.run))
    calls += fmt::format("{}{} {}", calls.empty() ? "" : ", ", count, program);
  if (!calls.empty()) fmt::print("  calls of the scheduler: {}\n", calls);
  for (size_t n = 0; n < bad.size() && n < 20; ++n) fmt::print("{}\n", bad[n]);
  if (bad.size() > 20) fmt::print("… and more; see --json\n");
  return abi::Good;
}

}  // namespace

int verbStatus(const Given& given) {
  std::string error;
  std::unique_ptr<RunView> view = RunView::read(absolute(given.words[0]), error);
  if (!view) return wrongUse(error);
  // Looked at, not written: what follows from the record is shown as it will be.
  view->engine->settle(nowMs());
  if (!given.has("--json")) return statusText(*view);
  return statusJson(*view, given.has("--all") ? SIZE_MAX : kMost);
}

}  // namespace wfc::run
