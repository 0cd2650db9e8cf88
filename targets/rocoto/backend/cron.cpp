// See cron.h. A crontab is read, changed by one line, and given back whole.
#include "targets/rocoto/backend/cron.h"

#include <cstdlib>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/StringRef.h>

#include "compiler/ir/body.h"

#include "runtime/attempt/process.h"
#include "runtime/ledger/folder.h"

namespace wfc::rocoto {

namespace {

/// Whatever takes longer does not answer.
constexpr int64_t kPatienceMs = 60000;

std::string notePath(const std::string& run) {
  return fmt::format("{}/{}/cron", run, run::abi::kLedgerDir);
}

/// The user's lines but ours.
std::string othersLines(const std::string& run) {
  std::string text, kept;
  run::Spawn what;
  what.argv = {"crontab", "-l"};
  // Without a crontab it says so and fails: there are no lines then.
  if (run::runForOutput(what, text, kPatienceMs) != 0) return {};
  for (llvm::StringRef rest(text); !rest.empty();) {
    auto [line, more] = rest.split('\n');
    rest = more;
    if (line.trim() != cronLine(run)) kept += line.str() + "\n";
  }
  return kept;
}

bool giveBack(const std::string& run, const std::string& text) {
  std::string path = notePath(run) + ".new", said;
  if (!run::writeWhole(path, text)) return false;
  run::Spawn what;
  what.argv = {"crontab", path};
  int status = run::runForOutput(what, said, kPatienceMs);
  ::unlink(path.c_str());
  return status == 0;
}

}  // namespace

std::string cronLine(const std::string& run) { return fmt::format("* * * * * {}/bin/step", run); }

std::string writeStepScript(const std::string& run) {
  std::string text =
      "#!/bin/sh\n# What cron calls, once a minute; written by `wfr start`, with the environment "
      "of "
      "then.\n";
  for (const char* name : {"PATH", "HOME", "ROCOTO_HOME", "SLURM_CONF", "LD_LIBRARY_PATH"}) {
    const char* value = std::getenv(name);
    if (value != nullptr) text += fmt::format("export {}={}\n", name, ir::shellQuoted(value));
  }
  text +=
      fmt::format("exec {0}/bin/wfr step {0} >> {0}/{1}/step.log 2>&1\n", run, run::abi::kLogsDir);
  std::string path = run + "/bin/step";
  bool isWritten = run::makeFolders(run + "/bin") && run::writeWhole(path + ".new", text) &&
                   ::chmod((path + ".new").c_str(), 0755) == 0 &&
                   ::rename((path + ".new").c_str(), path.c_str()) == 0;
  return isWritten ? "" : "cannot write " + path;
}

std::string installCron(const std::string& run) {
  std::string note = fmt::format("{}\n{}\n", cronLine(run), run::ownName().host);
  if (!run::writeWhole(notePath(run), note)) return "cannot write " + notePath(run);
  if (giveBack(run, othersLines(run) + cronLine(run) + "\n")) return {};
  return "crontab did not take the line; add it yourself: " + cronLine(run);
}

std::string removeCron(const std::string& run) {
  std::optional<std::string> note = run::readFile(notePath(run));
  if (!note) return {};
  // Each host has a crontab of its own.
  llvm::StringRef host = llvm::StringRef(*note).split('\n').second.trim();
  if (!host.empty() && host != run::ownName().host)
    return fmt::format("the crontab of {} still holds a line for this run; take it out there: {}",
                       host.str(), cronLine(run));
  if (!giveBack(run, othersLines(run)))
    return fmt::format("crontab did not take the line out; do it yourself: {}", cronLine(run));
  ::unlink(notePath(run).c_str());
  return {};
}

}  // namespace wfc::rocoto
