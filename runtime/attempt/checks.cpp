// See checks.h.
#include "runtime/attempt/checks.h"

#include <algorithm>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/attempt/process.h"
#include "runtime/attempt/script.h"
#include "runtime/ledger/folder.h"

namespace wfc::run {

namespace {

/// A check has its interval to answer, but never less: a loaded machine is no reason to end a task.
constexpr int64_t kLeastTimeMs = 10'000;

}  // namespace

Checks::Checks(const Job& job, const Environment& env, std::string prologue)
    : job_(job), env_(env), prologue_(std::move(prologue)) {}

int64_t Checks::timeOf(size_t n) const { return std::max(job_.checks[n].everyMs, kLeastTimeMs); }

void Checks::begin(int64_t now) {
  all_.clear();
  for (const JobCheck& check : job_.checks)
    all_.push_back({now + std::max(check.afterMs, check.everyMs), 0, -1, -1});
}

int64_t Checks::next() const {
  int64_t at = INT64_MAX;
  for (const One& one : all_) at = std::min(at, one.pid > 0 ? one.killAt : one.nextAt);
  return at;
}

void Checks::addDescriptors(std::vector<int>& descriptors) const {
  for (const One& one : all_) {
    if (one.pidfd >= 0) descriptors.push_back(one.pidfd);
  }
}

void Checks::start(size_t n, int64_t now) {
  std::string varsFile = fmt::format("{}/.vars.check{}", job_.work, n + 1);
  Command command = commandOf(job_.checks[n].script, prologue_, varsFile);
  if (!command.vars.empty()) writeWhole(varsFile, command.vars);
  if (!command.file.empty()) writeWhole(command.path, command.file);
  Spawn what{command.argv, env_, job_.project, job_.log, -1};
  what.env.insert(what.env.end(), command.env.begin(), command.env.end());
  if (!job_.container.empty()) what.argv = besideContainer(job_, command.argv, what.env);
  One& one = all_[n];
  one.nextAt = now + std::max<int64_t>(job_.checks[n].everyMs, 100);
  one.killAt = now + timeOf(n);
  one.pid = spawn(what);
  if (one.pid <= 0) return;
  one.pidfd = openPid(one.pid);
  // Where the wrapper is killed, the next start ends them.
  std::vector<int> atWork;
  for (const One& each : all_) {
    if (each.pid > 0) atWork.push_back(each.pid);
  }
  noteChecks(job_.work, atWork);
}

int Checks::finish(One& one) {
  killGroup(one.pid);
  Used used;
  int status = reap(one.pid, used);
  if (one.pidfd >= 0) ::close(one.pidfd);
  one.pid = one.pidfd = -1;
  return status;
}

std::string Checks::look(int64_t now) {
  if (!hasBegun_ && !all_.empty()) {
    hasBegun_ = job_.container.empty() || ::access(containerMark(job_).c_str(), F_OK) == 0;
    // Its image may have taken long to fetch.
    if (hasBegun_ && !job_.container.empty()) begin(now);
  }
  for (size_t n = 0; n < all_.size(); ++n) {
    One& one = all_[n];
    if (one.pid > 0 && waitEnded(one.pidfd, 0, {})) {
      int status = finish(one);
      if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return "a check turned false";
    } else if (one.pid > 0 && now >= one.killAt) {
      finish(one);
      return fmt::format("a check gave no answer within {} s", timeOf(n) / 1000);
    }
    if (one.pid > 0 || now < one.nextAt) continue;
    if (!hasBegun_) {
      one.nextAt = now + 500;
      continue;
    }
    start(n, now);
    if (one.pid <= 0) return "a check could not be started";
  }
  return {};
}

void Checks::end() {
  for (One& one : all_) {
    if (one.pid > 0) finish(one);
  }
  all_.clear();
}

}  // namespace wfc::run
