// See copies.h. One brings it, the others on the node wait for it. Where other nodes want it too,
// it comes from one that has it, and stays as it came, for the next.
#include "runtime/attempt/copies.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringRef.h>

#include "runtime/attempt/process.h"
#include "runtime/ledger/folder.h"

namespace wfc::run {

namespace {

/// Of a body without a limit of time.
constexpr int64_t kUnlimitedMs = int64_t(24) * 3600 * 1000;

bool isThere(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

/// `wfr move`, which verifies what it writes and puts it there whole.
bool move(const Job& job, std::vector<std::string> words, std::string& output,
          std::vector<std::pair<std::string, std::string>> env = {}) {
  Spawn command;
  command.argv = {ownPath(), "move"};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  command.env = std::move(env);
  command.folder = job.project;
  command.log = job.log;
  return runForOutput(command, output, job.timeMs > 0 ? job.timeMs : kUnlimitedMs) == 0;
}

bool bringFromDisk(const Job& job, const JobCopy& copy, std::string& brought) {
  std::string ignored;
  brought = fmt::format(" -:{}", copy.bytes);
  return move(job, {copy.isPacked ? "unpack" : "copy", "--replace", "--", copy.from, copy.to},
              ignored);
}

/// Nothing of it is waited for to be on the disk: a node of a pool begins with none.
bool bringFromNodes(const Job& job, const JobCopy& copy, std::string& brought) {
  std::string peers, given, ignored;
  for (const JobPeer& peer : copy.peers) peers += peer.peer + " ";
  std::string whole = copy.whole(copy.to);
  bool isThere =
      move(job,
           {"relay", "--no-flush", "--hash", copy.hash, "--bytes", fmt::format("{}", copy.bytes),
            "--name", copy.whole(copy.name), "--", copy.from, whole},
           given, {{"WFR_PEERS", peers}});
  llvm::SmallVector<llvm::StringRef> lines;
  llvm::StringRef(given).split(lines, '\n', -1, false);
  for (llvm::StringRef line : lines) {
    auto [address, bytes] = line.split(' ');
    std::string node = "-";
    for (const JobPeer& peer : copy.peers)
      if (llvm::StringRef(peer.peer).starts_with(address.str() + "/")) node = peer.node;
    brought += fmt::format(" {}:{}", node, bytes.str());
  }
  return isThere &&
         (!copy.isPacked ||
          move(job, {"unpack", "--replace", "--no-flush", "--", whole, copy.to}, ignored));
}

std::string bring(const Job& job, const JobCopy& copy, std::string& brought) {
  std::string from;
  makeFolders(job.log.substr(0, job.log.rfind('/')));
  bool isThere = copy.isGivenOn && !copy.hash.empty() ? bringFromNodes(job, copy, from)
                                                      : bringFromDisk(job, copy, from);
  if (!isThere)
    return fmt::format("{} could not be brought to this node: see {}", copy.from, job.log);
  brought += fmt::format("{}{}{}", brought.empty() ? "" : "\n", copy.of, from);
  return {};
}

std::string bringOnce(const Job& job, const JobCopy& copy, std::string& brought) {
  if (isThere(copy.to)) return {};
  makeFolders(copy.to.substr(0, copy.to.rfind('/')));
  int lock = ::open((copy.to + ".lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666);
  int locked = -1;
  while (lock >= 0 && (locked = ::flock(lock, LOCK_EX)) != 0 && errno == EINTR) {
  }
  if (locked != 0) return fmt::format("cannot lock {}: {}", copy.to, std::strerror(errno));
  std::string wrong = isThere(copy.to) ? "" : bring(job, copy, brought);
  ::close(lock);
  return wrong;
}

}  // namespace

std::string bringCopies(const Job& job, std::string& brought) {
  for (const JobCopy& copy : job.copies) {
    std::string wrong = bringOnce(job, copy, brought);
    if (!wrong.empty()) return wrong;
  }
  return {};
}

}  // namespace wfc::run
