// outputs: where that lies which a run has made, and what its tasks told.
#include <fmt/format.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include "runtime/control/controller.h"
#include "runtime/move/report.h"
#include "runtime/report/made.h"
#include "runtime/report/report.h"
#include "runtime/verbs/verbs.h"

namespace wfc::run {

namespace {

void print(const RunView& view, InstanceId id, const std::string& run, bool isBare) {
  Made made = madeBy(*view.engine, id);
  std::string name = view.engine->idOf(id);
  for (const auto& [output, file] : made.files) {
    // As the run was named on the command line, so that it is found from there.
    std::string path = pathIn(run, file.path);
    if (isBare)
      fmt::print("{}\n", path);
    else
      fmt::print("{}.{}  {}  {}\n", name, output.str(), path, move::bytesText(file.bytes));
  }
  for (const auto& [output, value] : made.values)
    if (!isBare) fmt::print("{}.{} = {}\n", name, output.str(), value);
}

void printJson(const RunView& view, const std::vector<InstanceId>& instances) {
  llvm::raw_fd_ostream out(1, false);
  llvm::json::OStream json(out);
  json.object([&] {
    json.attribute("run", view.run);
    json.attributeArray("instances", [&] {
      for (InstanceId id : instances) {
        json.object([&] {
          json.attribute("id", view.engine->idOf(id));
          json.attribute("state", stateName(view.engine->state().at(id)));
          writeMade(json, *view.engine, id);
        });
      }
    });
  });
  out << "\n";
}

/// What a reader of the list lacks: it has not ended, or not well.
bool isLacking(const Instance& instance) {
  if (instance.phase == Phase::Absent) return false;
  if (instance.phase != Phase::Ended) return true;
  return instance.outcome != ir::Outcome::Ok && instance.outcome != ir::Outcome::NoData &&
         instance.outcome != ir::Outcome::Skipped;
}

}  // namespace

int verbOutputs(const Given& given) {
  std::string error;
  std::unique_ptr<RunView> view = RunView::read(absolute(given.words[0]), error);
  if (!view) return wrongUse(error);
  view->engine->settle(nowMs());
  std::vector<std::string> selectors(given.words.begin() + 1, given.words.end());
  std::vector<InstanceId> found;
  error = select(*view->engine, selectors, {}, found);
  if (!error.empty()) return wrongUse(error);
  if (found.empty() && stateOfRun(*view) != "ended") {
    fmt::print(stderr, "wfr: no instance of it is known yet\n");
    return abi::SomeFailed;
  }
  size_t lacking = 0;
  for (InstanceId id : found) lacking += isLacking(view->engine->state().at(id));
  if (given.has("--json"))
    printJson(*view, found);
  else
    for (InstanceId id : found) print(*view, id, given.words[0], given.has("--paths"));
  if (lacking == 0) return abi::Good;
  std::fflush(stdout);
  fmt::print(stderr, "wfr: {} of {} {} not ended well, and made nothing\n", lacking, found.size(),
             lacking == 1 ? "instances has" : "instances have");
  return abi::SomeFailed;
}

}  // namespace wfc::run
