// `wfc site discover`: asks a live scheduler and writes the site file that describes it.
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fmt/format.h"

#include "compiler/diag/catalog/driver.h"
#include "compiler/driver/arguments.h"
#include "compiler/driver/session.h"

#include "targets/registry.h"

extern char** environ;

namespace wfc::driver {

namespace {

/// What the command printed, or nullopt if it could not be run or failed. No shell is between.
std::optional<std::string> ask(llvm::ArrayRef<std::string> argv) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  pid_t child = 0;
  int failure = posix_spawnp(&child, words[0], &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  std::string text;
  char buffer[1 << 16];
  ssize_t got = 0;
  while (failure == 0 && (got = ::read(ends[0], buffer, sizeof buffer)) > 0)
    text.append(buffer, static_cast<size_t>(got));
  ::close(ends[0]);
  int status = 0;
  if (failure != 0 || ::waitpid(child, &status, 0) != child || status != 0) return std::nullopt;
  return text;
}

}  // namespace

int runSite(Session& session) {
  if (session.arguments.positional.front() != "discover") {
    rejectValue(session.emitter, "wfc site", session.arguments.positional.front(), {"discover"});
    session.finish();
    return WrongUse;
  }
  std::string wanted = session.arguments.value("target"), errors;
  for (const target::Target* target : targets::all()) {
    if (!wanted.empty() && target->name() != wanted) continue;
    target::Discovery found = target->discover(ask);
    if (found.toml.empty()) {
      errors +=
          fmt::format("{}{}: {}", errors.empty() ? "" : "; ", target->name().str(), found.error);
      continue;
    }
    if (session.arguments.has("output"))
      session.write(session.arguments.value("output"), found.toml);
    else
      session.print(found.toml);
    return session.finish();
  }
  if (errors.empty()) errors = fmt::format("there is no target `{}`", wanted);
  session.emitter.report({}, diag::NoScheduler{.why = errors});
  return session.finish();
}

}  // namespace wfc::driver
