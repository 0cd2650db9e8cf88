// `wfr task` inside a job of Snakemake: the runtime's turn, with GPUs numbered among the attempts
// of this machine.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/StringRef.h>

#include "runtime/control/turn.h"
#include "targets/snakemake/backend/backend.h"

namespace wfc::snakemake {

namespace {

/// Numbers of GPUs, each held by a lock on a file of its own as long as this process lives.
std::string takeGpus(const std::string& run, const ir::Module& module, int64_t count) {
  int64_t most = 0;
  for (const auto& [key, text] : module.siteFacts) {
    int64_t amount = 0;
    bool isCount = llvm::StringRef(key).starts_with("partition.") &&
                   llvm::StringRef(key).contains(".gpus.") &&
                   !llvm::StringRef(text).getAsInteger(10, amount);
    if (isCount) most += amount;
  }
  std::string folder = fmt::format("{}/{}/gpus", run, run::abi::kWorkDir), numbers;
  if (count > 0) run::makeFolders(folder);
  for (int64_t n = 0; n < std::max(most, count) && count > 0; ++n) {
    int fd = ::open(fmt::format("{}/{}", folder, n).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) continue;
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
      ::close(fd);
      continue;
    }
    // The descriptor stays open: its end is the lock's.
    numbers += fmt::format("{}{}", numbers.empty() ? "" : ",", n);
    --count;
  }
  return numbers;
}

}  // namespace

int task(llvm::ArrayRef<std::string> args) {
  std::optional<run::TurnArguments> arguments = run::parseTurn(args);
  if (!arguments) return run::abi::WrongUse;
  run::TurnHooks hooks;
  hooks.takeGpus = [&](const run::RunView& view, int64_t count) -> std::string {
    const auto& facts = view.plan->module().siteFacts;
    if (run::findScheduler(facts) == nullptr)
      return takeGpus(arguments->run, view.plan->module(), count);
    // A scheduler has numbered them already.
    const char* given = std::getenv("CUDA_VISIBLE_DEVICES");
    return given == nullptr ? "" : given;
  };
  return run::takeTurn(*arguments, hooks);
}

}  // namespace wfc::snakemake
