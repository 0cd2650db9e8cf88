// Fills the ledger of a run as if every attempt had ended well, through the same controller that a
// start uses but without a process: wfc-fill RUN. For figures of runs that would take hours.
#include <cstdio>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>

#include "runtime/control/controller.h"

using namespace wfc;

namespace {

/// What a wrapper would have left.
void end(run::Controller& controller, const run::Launch& launch, int64_t now) {
  const run::Engine& engine = controller.engine();
  const ir::Module& module = engine.plan().module();
  const ir::Task& task = module[module.families[launch.instance.family].task];
  std::string id = engine.idOf(launch.instance);
  std::string hash = llvm::toHex(llvm::StringRef(fmt::format("{:>32}", id)).take_back(32), true);
  std::vector<std::string> paths;
  run::Record record;
  record.kind = run::Record::End;
  record.time = record.ended = now;
  record.started = now - 1234;
  record.instance = id;
  record.attempt = launch.attempt;
  record.job = "1234567";
  record.node = "node0001";
  record.cpuMs = 1234;
  record.rss = 123456789;
  record.read = 1234567;
  record.written = 1234567;
  for (uint32_t n = 0; n < task.outputs.size(); ++n)
    if (!task.outputs[n].small) paths.push_back(engine.pathOf(launch.instance, n));
  for (uint32_t n = 0, at = 0; n < task.outputs.size(); ++n)
    if (!task.outputs[n].small) record.outputs.push_back({n, paths[at++], 1234567, hash});
  controller.take(record);
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) return std::fputs("wfc-fill RUN\n", stderr), 2;
  std::string error;
  int exit = 0;
  auto controller = run::Controller::open(words[1], {}, error, exit);
  if (!controller) return fmt::print(stderr, "wfc-fill: {}\n", error), exit;
  // What the start that made the run had begun.
  for (auto [id, attempt] : controller->running())
    end(*controller, {id, attempt, {}}, run::nowMs());
  while (true) {
    int64_t now = run::nowMs();
    run::Decisions decisions = controller->advance(now);
    if (decisions.isOver) break;
    std::vector<run::Launch> launches =
        controller->choose(now, [n = 0](const run::Launch&) mutable {
          return n++ < 10000 ? run::Fit::Taken : run::Fit::Full;
        });
    if (launches.empty()) return fmt::print(stderr, "wfc-fill: nothing can go on\n"), 1;
    for (const run::Launch& launch : launches) {
      controller->noteStart(launch, {}, {}, now);
      end(*controller, launch, now);
    }
    if (!controller->commit(false)) return std::perror("wfc-fill"), 1;
  }
  controller->close(run::nowMs());
  return controller->commit() ? 0 : 1;
}
