// Reopening, in an order that any kill leaves whole: what is to be withdrawn is written down; the
// ledger says that it counts no more; links move away from it; it is removed.
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/SmallVector.h>

#include "runtime/attempt/outputs.h"
#include "runtime/attempt/run.h"
#include "runtime/control/controller.h"

namespace wfc::run {

namespace {

std::string withdrawFile(const std::string& run) {
  return fmt::format("{}/{}", run, abi::kWithdrawFile);
}

}  // namespace

bool isGone(const RunView& view, InstanceId id) {
  const ir::Module& module = view.plan->module();
  const ir::Family& family = module.families[id.family];
  if (!family.task.valid()) return false;
  const ir::Task& task = module[family.task];
  for (uint32_t n = 0; n < task.outputs.size(); ++n) {
    // A checkpoint may be missing where the body needed none.
    if (task.outputs[n].small || task.resume.output == static_cast<int>(n)) continue;
    std::string path = view.engine->pathOf(id, n);
    struct stat info{};
    if (::stat((path.starts_with("/") ? path : view.run + "/" + path).c_str(), &info) != 0)
      return true;
  }
  return false;
}

void Controller::noteReopen(InstanceId id, llvm::StringRef how,
                            const std::vector<InstanceId>& settled, int64_t now) {
  llvm::BumpPtrAllocator memory;
  llvm::StringSaver saver(memory);
  Record record;
  record.kind = Record::Reopen;
  record.time = now;
  record.instance = saver.save(engine().idOf(id));
  for (const Attempt& attempt : engine().attemptsOf(id))
    record.attempt = std::max(record.attempt, attempt.n);
  record.text = how;
  for (InstanceId reader : settled) record.members.push_back(saver.save(engine().idOf(reader)));
  take(record);
}

bool Controller::reopen(Decisions& decisions, int64_t now) {
  Reopening reopening = engine().reopening([this](InstanceId id) { return isGone(*view_, id); });
  if (!reopening.running.empty()) {
    decisions.ends = reopening.running;
    for (InstanceId id : reopening.running) {
      std::string mark =
          takenBackMark(workFolder(run(), engine().idOf(id), engine().attemptOf(id)));
      if (::access(mark.c_str(), F_OK) != 0) createExclusive(mark, "");
    }
    return false;
  }
  if (onReopen) onReopen(reopening);
  planWithdrawal(reopening);
  // Readers first: members of a set leave with the record of its producer.
  for (size_t n = reopening.items.size(); n-- > 0;) {
    const Reopening::Item& item = reopening.items[n];
    // A member of a set that was just closed has left with it.
    bool isThere = engine().state().at(item.instance).phase != Phase::Absent;
    if (item.isRecorded && isThere)
      noteReopen(item.instance, item.isRewound ? "rewind" : "retry", item.settled, now);
  }
  for (InstanceId id : reopening.kept) noteReopen(id, "kept", {}, now);
  return commit();
}

bool Controller::reopenLost(const std::function<bool(const Details&)>& isThere, int64_t now) {
  std::vector<InstanceId> lost = engine().lostOnNodes(isThere);
  for (InstanceId id : lost) noteReopen(id, "lost", {}, now);
  return lost.empty() || commit();
}

void Controller::endUnstarted(InstanceId id, int64_t now) {
  Record record;
  record.kind = Record::End;
  record.time = record.ended = now;
  std::string name = engine().idOf(id);
  record.instance = name;
  record.attempt = engine().attemptOf(id);
  record.outcome = ir::Outcome::Cancelled;
  record.uncounted = true;
  record.text = "it was taken back before it began";
  take(record);
}

void Controller::planWithdrawal(const Reopening& reopening) {
  const ir::Module& module = view_->plan->module();
  std::string text = readFile(withdrawFile(run())).value_or("");
  for (const Reopening::Item& item : reopening.items) {
    const ir::Family& family = module.families[item.instance.family];
    if (!item.isRewound || !family.task.valid()) continue;
    std::string id = engine().idOf(item.instance);
    const ir::Task& task = module[family.task];
    for (uint32_t n = 0; n < task.outputs.size(); ++n) {
      if (!task.outputs[n].small)
        text += fmt::format("{}\t{}\n", id, engine().pathOf(item.instance, n));
    }
    std::string work = workFolder(run(), id, 1);
    if (task.resume.output >= 0)
      text += fmt::format("{}\t{}.checkpoint\n", id, work.substr(0, work.rfind('.')));
  }
  mayWithdraw_ = true;
  if (text.empty() || writeWhole(withdrawFile(run()), text, true)) return;
  isLost_ = true;
  lostError_ = errno;
}

void Controller::withdraw() {
  if (!std::exchange(mayWithdraw_, false)) return;
  std::optional<std::string> text = readFile(withdrawFile(run()));
  if (!text) return;
  llvm::SmallVector<llvm::StringRef> lines;
  llvm::StringRef(*text).split(lines, '\n', -1, false);
  for (llvm::StringRef line : lines) {
    auto [name, path] = line.split('\t');
    std::optional<InstanceId> id = engine().find(name);
    // Written down and then not reopened after all, or made again since.
    bool isKept = id && engine().state().at(*id).phase >= Phase::Running;
    if (isKept || path.empty()) continue;
    removeAll(path.starts_with("/") ? path.str() : run() + "/" + path.str());
  }
  ::unlink(withdrawFile(run()).c_str());
}

}  // namespace wfc::run
