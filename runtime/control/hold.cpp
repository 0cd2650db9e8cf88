// See hold.h. The process in the background tells over a pipe, in one byte, whether it holds the
// run; then nobody waits for it.
#include "runtime/control/hold.h"

#include <fcntl.h>
#include <filesystem>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "compiler/ir/body.h"

namespace wfc::run {

namespace {

namespace fs = std::filesystem;

volatile sig_atomic_t isAsked = 0;
void onInterrupt(int) { isAsked = 1; }

std::string logOf(const StartOptions& options) {
  return fmt::format("{}/{}/controller.log", options.run, abi::kLogsDir);
}

/// `told` is written the exit status of opening, as one byte, when it is known; then what was
/// wrong.
int work(const StartOptions& options, const Holding& holding, int told) {
  std::string error;
  int exit = 0;
  std::unique_ptr<Controller> controller = Controller::open(options.run, {}, error, exit);
  if (controller && holding.prepare && !(error = holding.prepare()).empty()) {
    controller.reset();
    exit = abi::LostControl;
  }
  if (!controller) fmt::print(stderr, "wfr: {}\n", error);
  char byte = static_cast<char>(controller ? 0 : exit);
  if (told >= 0) (void)!::write(told, &byte, 1);
  if (told >= 0 && !controller) (void)!::write(told, error.data(), error.size());
  if (told >= 0) ::close(told);
  if (!controller) return exit;
  // Taken back by starting again; only now, since it is ours to take back.
  ::unlink(fmt::format("{}/{}", options.run, abi::kStopFile).c_str());
  struct sigaction action{};
  action.sa_handler = onInterrupt;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  return holding.work(*controller);
}

[[noreturn]] void workAlone(const StartOptions& options, const Holding& holding, int told) {
  ::setsid();
  int log = ::open(logOf(options).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  int none = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(none, 0);
  ::dup2(log, 1);
  ::dup2(log, 2);
  int status = work(options, holding, told);
  std::fflush(nullptr);
  ::_exit(status);
}

int workBehind(const StartOptions& options, const Holding& holding) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return abi::LostControl;
  int pid = ::fork();
  if (pid < 0) return abi::LostControl;
  if (pid == 0) {
    ::close(ends[0]);
    workAlone(options, holding, ends[1]);
  }
  ::close(ends[1]);
  char byte = abi::LostControl;
  (void)!::read(ends[0], &byte, 1);
  char block[4096];
  std::string error;
  for (ssize_t got; byte != 0 && (got = ::read(ends[0], block, sizeof block)) > 0;)
    error.append(block, static_cast<size_t>(got));
  ::close(ends[0]);
  if (error.empty()) error = "it could not be started: see " + logOf(options);
  if (byte != 0)
    fmt::print(stderr, "wfr: {}\n", error);
  else
    fmt::print("started in the background; see `wfr status {}`\n", ir::shellWord(options.run));
  return byte;
}

bool copyFile(const std::string& from, const std::string& to, bool isExecutable) {
  if (::access(to.c_str(), F_OK) == 0) return true;
  std::optional<std::string> text = readFile(from);
  // Renamed into place with its bits set: a job that starts meanwhile sees it whole or not at all.
  std::string fresh = to + ".new";
  return text && makeFolders(to.substr(0, to.rfind('/'))) && writeWhole(fresh, *text) &&
         ::chmod(fresh.c_str(), isExecutable ? 0755 : 0644) == 0 &&
         ::rename(fresh.c_str(), to.c_str()) == 0;
}

}  // namespace

int hold(const StartOptions& options, const Holding& holding) {
  return holding.isBehind ? workBehind(options, holding) : work(options, holding, -1);
}

bool isInterrupted() { return isAsked != 0; }

std::string copyOnce(const StartOptions& options, llvm::ArrayRef<std::string> files) {
  std::vector<std::string> all = files.vec();
  std::error_code error;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(options.artifacts + "/jobs", error))
    all.push_back("jobs/" + entry.path().filename().string());
  for (const std::string& file : all) {
    bool isCopied = copyFile(options.artifacts + "/" + file, options.run + "/" + file,
                             file.starts_with("jobs/"));
    if (!isCopied) return fmt::format("cannot copy {} to {}", file, options.run);
  }
  std::string wfr = options.run + "/bin/wfr";
  if (!copyFile("/proc/self/exe", wfr, true)) return "cannot write " + wfr;
  // What lies beside it, such as `wfr-geo`, is for the bodies of jobs.
  fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    std::string name = entry.path().filename().string(), to = options.run + "/bin/" + name;
    if (name.starts_with("wfr-") && !copyFile(entry.path(), to, true)) return "cannot write " + to;
  }
  return {};
}

}  // namespace wfc::run
