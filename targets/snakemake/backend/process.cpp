// See process.h. A child of ours is waited for; an adopted one is looked at by its name.
#include "targets/snakemake/backend/process.h"

#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <signal.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringRef.h>

#include "runtime/attempt/process.h"
#include "runtime/ledger/calls.h"

namespace wfc::snakemake {

namespace fs = std::filesystem;

std::string Process::namePath() const {
  return fmt::format("{}/{}/snakemake", run_, run::abi::kLedgerDir);
}

std::string Process::logPath() const {
  return fmt::format("{}/{}/snakemake.log", run_, run::abi::kLogsDir);
}

std::optional<run::ProcessName> Process::named() const {
  std::optional<std::string> text = run::readFile(namePath());
  if (!text) return std::nullopt;
  return run::ProcessName::parse(llvm::StringRef(*text).trim());
}

std::string Process::start(const std::vector<std::string>& words) {
  const char* own = std::getenv("WFR_SNAKEMAKE");
  std::string program = own != nullptr && *own != '\0' ? own : "snakemake";
  run::Spawn what;
  what.argv = {program, "--workflow-profile", "profiles/default"};
  what.argv.insert(what.argv.end(), words.begin(), words.end());
  what.env = {{std::string(run::abi::kRun), run_},
              {std::string(run::abi::kWfr), run_ + "/bin/wfr"}};
  what.folder = run_;
  what.log = logPath();
  std::error_code error;
  logFrom_ = fs::exists(what.log, error) ? fs::file_size(what.log, error) : 0;
  pid_ = run::spawn(what);
  if (pid_ < 0)
    return fmt::format(
        "{} cannot be started ({}); install Snakemake 9, or name it in WFR_SNAKEMAKE", program,
        std::strerror(-pid_));
  name_ = run::processName(pid_);
  run::writeWhole(namePath(), name_.text() + "\n");
  run::noteCalls(run_, {{"snakemake", 1}});
  return {};
}

bool Process::hasEnded(int64_t ms) {
  if (pid_ > 0) {
    int fd = run::openPid(pid_);
    bool isOver = run::waitEnded(fd, ms, {});
    ::close(fd);
    if (!isOver) return false;
    run::Used used;
    run::reap(pid_, used);
  } else if (name_.pid != 0) {
    if (run::lives(name_) == 1) {
      ::usleep(static_cast<useconds_t>(ms * 1000));
      if (run::lives(name_) == 1) return false;
    }
  }
  pid_ = -1;
  name_ = {};
  ::unlink(namePath().c_str());
  return true;
}

bool Process::adopt() {
  std::optional<run::ProcessName> name = named();
  if (!name || run::lives(*name) != 1) return false;
  name_ = *name;
  return true;
}

void Process::end() {
  std::optional<run::ProcessName> name = named();
  if (name && run::lives(*name) == 1) ::kill(name->pid, SIGTERM);
}

void Process::kill() {
  std::optional<run::ProcessName> name = named();
  if (name && run::lives(*name) == 1) ::kill(name->pid, SIGKILL);
}

void Process::unlock() const {
  std::error_code error;
  fs::remove_all(run_ + "/.snakemake/locks", error);
}

std::string Process::lastWords() const {
  std::optional<std::string> text = run::readFile(logPath());
  if (!text || text->size() < logFrom_) return {};
  llvm::StringRef said = llvm::StringRef(*text).drop_front(logFrom_).rtrim();
  llvm::SmallVector<llvm::StringRef> lines;
  said.split(lines, '\n');
  std::string last;
  for (size_t n = lines.size() > 10 ? lines.size() - 10 : 0; n < lines.size(); ++n)
    last += fmt::format("  {}\n", lines[n].str());
  return last;
}

bool isHeld(const std::string& run) {
  std::optional<std::string> text = run::readFile(fmt::format("{}/{}", run, run::abi::kLeaseFile));
  if (!text) return false;
  std::optional<run::ProcessName> holder =
      run::ProcessName::parse(std::string_view(*text).substr(0, text->find('\n')));
  return holder && run::lives(*holder) != 0;
}

}  // namespace wfc::snakemake
