// See secrets.h.
#include "runtime/attempt/secrets.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "compiler/ir/eval.h"

#include "runtime/abi/abi.h"
#include "runtime/ledger/folder.h"

namespace wfc::run {

namespace {

/// A command that hangs must not hold up the wrapper for ever.
constexpr int64_t kHungMs = 300'000;
/// One that failed is tried again after so long, or sooner where little time is left.
constexpr int64_t kAgainMs = 60'000;

/// The command's output is a line; the value is what stands in it.
std::string valueOf(llvm::StringRef output) { return output.rtrim('\n').str(); }

}  // namespace

MemoryFile::MemoryFile(MemoryFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

MemoryFile::~MemoryFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool MemoryFile::put(llvm::StringRef text) {
  int made = ::memfd_create("wfr-secret", MFD_CLOEXEC);
  bool isGood = made >= 0 && ::fchmod(made, 0600) == 0 &&
                ::write(made, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (isGood && descriptor_ >= 0) isGood = ::dup3(made, descriptor_, O_CLOEXEC) >= 0;
  if (isGood && descriptor_ < 0) descriptor_ = std::exchange(made, -1);
  if (made >= 0) ::close(made);
  return isGood;
}

std::string MemoryFile::path() const {
  return fmt::format("/proc/{}/fd/{}", ::getpid(), descriptor_);
}

Spawn Secrets::commandOf(size_t number) const {
  return {{"/bin/sh", "-c", job_.secrets[number].command}, {}, job_.project, {}, -1};
}

std::string Secrets::fetch(Environment& env) {
  std::string names;
  for (size_t n = 0; n < job_.secrets.size(); ++n) {
    const JobSecret& secret = job_.secrets[n];
    std::string text;
    int64_t now = nowMs();
    if (int status = runForOutput(commandOf(n), text, kHungMs); status != 0)
      return fmt::format("the command of the secret `{}` {}", secret.variable,
                         status == kTimedOut ? "gave no answer within 5 min"
                                             : fmt::format("failed, exit status {}", status));
    if (!llvm::StringRef(secret.variable).ends_with(abi::kFileSuffix)) {
      env.push_back({secret.variable, valueOf(text)});
      continue;
    }
    One& one = files_.emplace_back();
    one.number = n;
    one.text = std::move(text);
    if (!one.file.put(valueOf(one.text)))
      return fmt::format("no memory for the secret `{}`: {}", secret.variable,
                         std::strerror(errno));
    renewed(one, now);
    env.push_back({secret.variable, one.file.path()});
    names += (names.empty() ? "" : " ") + secret.variable;
  }
  if (!names.empty()) env.push_back({std::string(abi::kSecrets), names});
  return {};
}

/// It is as old as the request for it.
void Secrets::renewed(One& one, int64_t now) const {
  int64_t life = job_.secrets[one.number].lifeMs;
  one.text.clear();
  one.expiresAt = life > 0 ? now + life : INT64_MAX;
  one.nextAt = life > 0 ? now + life / 4 * 3 : INT64_MAX;
}

int64_t Secrets::next() const {
  int64_t at = INT64_MAX;
  for (const One& one : files_) at = std::min(at, one.pid > 0 ? one.killAt : one.nextAt);
  return at;
}

void Secrets::addDescriptors(std::vector<int>& descriptors) const {
  for (const One& one : files_) {
    if (one.output >= 0) descriptors.push_back(one.output);
    if (one.output < 0 && one.pid > 0) descriptors.push_back(one.pidfd);
  }
}

void Secrets::start(One& one, int64_t now) {
  int ends[2];
  one.nextAt = now + kAgainMs;
  if (::pipe2(ends, O_CLOEXEC) != 0) return;
  Spawn what = commandOf(one.number);
  what.output = ends[1];
  one.pid = spawn(what);
  ::close(ends[1]);
  if (one.pid <= 0) {
    ::close(ends[0]);
    return;
  }
  one.output = ends[0];
  ::fcntl(one.output, F_SETFL, O_NONBLOCK);
  one.pidfd = openPid(one.pid);
  one.killAt = now + kHungMs;
}

void Secrets::finish(One& one, bool isLate) {
  killGroup(one.pid);
  Used used;
  int status = reap(one.pid, used);
  for (int fd : {one.pidfd, one.output}) {
    if (fd >= 0) ::close(fd);
  }
  one.pid = one.pidfd = one.output = -1;
  bool isGood = !isLate && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  int64_t now = nowMs();
  if (isGood && one.file.put(valueOf(one.text))) return renewed(one, now);
  one.text.clear();
  // More often towards the end, but not without a pause.
  one.nextAt = now + std::clamp<int64_t>((one.expiresAt - now) / 4, 1000, kAgainMs);
  std::string line = fmt::format(
      "wfr: the secret `{}` could not be renewed: its command {}; what there is {} {}\n",
      job_.secrets[one.number].variable, isLate ? "gave no answer within 5 min" : "failed",
      now < one.expiresAt ? "is good until" : "expired at", ir::instantText(one.expiresAt / 1000));
  int log = ::open(job_.log.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (log < 0) return;
  (void)!::write(log, line.data(), line.size());
  ::close(log);
}

void Secrets::look(int64_t now) {
  for (One& one : files_) {
    if (one.pid <= 0) {
      if (now >= one.nextAt) start(one, now);
      continue;
    }
    char block[4096];
    ssize_t got = 1;
    while (one.output >= 0 && (got = ::read(one.output, block, sizeof block)) > 0)
      one.text.append(block, static_cast<size_t>(got));
    if (one.output >= 0 && got == 0) {
      ::close(one.output);
      one.output = -1;
    }
    bool isLate = now >= one.killAt;
    if (isLate || (one.output < 0 && waitEnded(one.pidfd, 0, {}))) finish(one, isLate);
  }
}

void Secrets::end() {
  for (One& one : files_) {
    if (one.pid <= 0) continue;
    killGroup(one.pid);
    Used used;
    reap(one.pid, used);
    for (int fd : {one.pidfd, one.output}) {
      if (fd >= 0) ::close(fd);
    }
  }
  files_.clear();
}

}  // namespace wfc::run
