// scontrol requeue, or requeuehold, update, release. SLURM sends TERM to the caller at the first of
// them and KILL some seconds later; the caller ignores TERM from here on. An update that is
// accepted does not prove that the job can ever run, so what grows beyond a node is refused by the
// compiler, not here; nodes, tasks, GPUs and licences grow in a new job (task.cpp).
#include "targets/slurm/backend/requeue.h"

#include <csignal>

#include <fmt/format.h>

#include "runtime/ledger/folder.h"

namespace wfc::slurm {

std::string requeue(Submitter& submitter, const Again& again) {
  std::signal(SIGTERM, SIG_IGN);
  bool isLater = again.notBefore > run::nowMs() + 1000;
  if (!again.isGrown && !isLater) {
    Reply reply = submitter.calls().scontrol({"requeue", again.job});
    return reply.isGood() ? "" : reply.complaint();
  }
  Reply reply = submitter.calls().scontrol({"requeuehold", again.job});
  if (!reply.isGood()) return reply.complaint();
  std::vector<std::string> update = {"update", "JobId=" + again.job};
  // Up to the next second: not before is not before.
  if (isLater) update.push_back("StartTime=" + localTime(again.notBefore + 999));
  if (again.isGrown) {
    if (again.needs.memory > 0)
      update.push_back(fmt::format("MinMemoryNode={}", (again.needs.memory + (1 << 20) - 1) >> 20));
    if (again.needs.timeMs > 0)
      update.push_back(
          fmt::format("TimeLimit={}", minutesFor(submitter.facts(), again.family, again.needs)));
    if (again.needs.cpus > 1)
      update.push_back(fmt::format("NumCPUs={}", again.needs.cpus * again.needs.tasks));
  }
  reply = submitter.calls().scontrol(update);
  if (!reply.isGood()) {
    // It would run again with what was too little.
    submitter.calls().cancel({again.job});
    return reply.complaint();
  }
  reply = submitter.calls().scontrol({"release", again.job});
  return reply.isGood() ? "" : reply.complaint();
}

}  // namespace wfc::slurm
