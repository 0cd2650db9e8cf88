// report: the account of a run, as a page or as JSON.
#include "runtime/report/report.h"

#include <fmt/format.h>

#include "runtime/report/crate.h"
#include "runtime/verbs/verbs.h"

namespace wfc::run {

namespace {

int exportCrate(const Given& given, const RunView& view) {
  if (given.has("--json") || given.has("--output"))
    return wrongUse("--crate goes without --json and --output: the run's folder is the crate");
  if (stateOfRun(view) != "ended")
    return wrongUse(fmt::format("{} has not ended: {}", view.run, countsText(*view.engine)));
  std::string wrong = writeCrate(view, given.get("--license"));
  if (!wrong.empty()) return fmt::print(stderr, "wfr: {}\n", wrong), abi::LostControl;
  fmt::print("{}/ro-crate-metadata.json\n", view.run);
  return abi::Good;
}

}  // namespace

int verbReport(const Given& given) {
  std::string error;
  std::unique_ptr<RunView> view = RunView::read(absolute(given.words[0]), error);
  if (!view) return wrongUse(error);
  view->engine->settle(nowMs());
  if (given.has("--crate")) return exportCrate(given, *view);
  if (given.has("--json") && !given.has("--output")) {
    llvm::raw_fd_ostream out(1, false);
    out.SetBufferSize(1 << 18);
    writeReport(out, *view, SIZE_MAX);
    out << "\n";
    return abi::Good;
  }
  std::string path =
      absolute(given.has("--output") ? given.get("--output") : view->run + "/report.html");
  std::string text;
  if (given.has("--json")) {
    llvm::raw_string_ostream out(text);
    writeReport(out, *view, SIZE_MAX);
  } else {
    text = reportPage(*view);
  }
  if (!writeWhole(path, text)) return cannotWrite(path);
  fmt::print("{}\n", path);
  return abi::Good;
}

}  // namespace wfc::run
