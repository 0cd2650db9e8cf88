// Reading a run: header, plan, and the fold of its ledger.
#include <cstring>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/Support/xxhash.h>

#include "compiler/ir/planned.h"
#include "compiler/ir/text.h"

#include "runtime/backend.h"
#include "runtime/control/adopt.h"
#include "runtime/control/controller.h"

namespace wfc::run {

std::string nodeFolderOf(const RunView& view) {
  const Backend* backend = findBackend(view.header.target);
  std::string disk = ir::fact(view.plan->module(), "local_disk.path");
  if (backend == nullptr || !backend->hasNodeDisks || disk.empty()) return {};
  // Runs of one flow are different folders.
  return fmt::format("{}/wfr-{:012x}", disk, llvm::xxh3_64bits(view.run) & 0xffffffffffff);
}

namespace {

/// A record takes the place of another within a moment, or whoever was at it is gone.
constexpr int kRounds = 200;

/// From the folder of a record: the run's own, or one of the past.
std::unique_ptr<RunView> readRecord(const std::string& run, const std::string& folder,
                                    std::string& error) {
  auto view = std::make_unique<RunView>();
  view->run = run;
  Outcomes<RunHeader> header = readHeader(folder);
  if (!header) {
    error = header.error;
    return nullptr;
  }
  view->header = *header;
  std::string planPath = fmt::format("{}/{}", folder, abi::kPlanFile);
  std::optional<std::string> text = readFile(planPath);
  if (!text) {
    error = fmt::format("cannot read {}: {}", planPath, std::strerror(errno));
    return nullptr;
  }
  ir::ParseResult parsed = ir::parse(*text);
  if (!parsed.module) {
    error = fmt::format("{}:{}: {}", planPath, parsed.line, parsed.error);
    return nullptr;
  }
  view->plan = std::make_unique<Plan>(std::move(*parsed.module));
  std::vector<std::string> unsupported = view->plan->unsupported();
  if (!unsupported.empty()) {
    for (const std::string& line : unsupported) error += (error.empty() ? "" : "\n") + line;
    return nullptr;
  }
  view->engine = std::make_unique<Engine>(*view->plan);
  view->engine->setFolders(run, view->header.project, nodeFolderOf(*view));
  view->engine->setLines([own = view.get()](uint64_t place) { return own->history.lineAt(place); });
  auto fold = [&](const Record& record) {
    std::string wrong = view->engine->apply(record);
    if (!wrong.empty() && error.empty()) error = wrong;
  };
  // The inbox is read before the journal: whoever takes an end out of it has journalled it first,
  // so what is not in the one is in the other.
  std::vector<InboxFile> inbox = run == folder ? readInbox(run) : std::vector<InboxFile>();
  std::string unread = view->history.read(folder, fold);
  if (!unread.empty()) error = unread;
  if (!error.empty()) return nullptr;
  // What bodies left and nobody took in yet counts for questions too; it is folded twice without
  // harm.
  llvm::BumpPtrAllocator memory;
  llvm::StringSaver saver(memory);
  for (const InboxFile& file : inbox) {
    Record record;
    for (const std::string& line : file.lines) {
      if (decode(line, record, saver)) view->engine->apply(record);
    }
  }
  return view;
}

}  // namespace

std::unique_ptr<RunView> RunView::read(const std::string& run, std::string& error) {
  for (int round = 0; round < kRounds; ++round) {
    // A caller that tries again passes the error of the time before.
    error.clear();
    std::optional<std::string> header = readFile(fmt::format("{}/{}", run, abi::kHeaderFile));
    std::unique_ptr<RunView> view;
    if (!isHalfAdopted(run)) view = readRecord(run, run, error);
    bool isOne =
        !isHalfAdopted(run) && readFile(fmt::format("{}/{}", run, abi::kHeaderFile)) == header;
    if (isOne) return view;
    ::usleep(25000);
  }
  error = fmt::format(
      "{} was being given other artifacts when that was cut off; `wfr start` finishes it", run);
  return nullptr;
}

std::unique_ptr<RunView> RunView::readPast(const std::string& run, const std::string& folder,
                                           std::string& error) {
  error.clear();
  return readRecord(run, folder, error);
}

}  // namespace wfc::run
