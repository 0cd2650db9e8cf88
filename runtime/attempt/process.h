// Processes: starting one as the leader of its own session, measuring it and its group, ending all
// of it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <llvm/ADT/ArrayRef.h>

namespace wfc::run {

struct Spawn {
  std::vector<std::string> argv;
  /// Added to (or replacing) our own environment.
  std::vector<std::pair<std::string, std::string>> env;
  std::string folder;
  /// Both outputs go there, appended; empty: nowhere.
  std::string log;
  /// Standard output goes to this descriptor instead; -1: no.
  int output = -1;
  /// Standard input and standard error are these; -1: nothing, and as above.
  int input = -1, errors = -1;
  /// It leads a group of its own in our session, not a session of its own.
  bool isInSession = false;
};

/// The program that we are, as a path that others can start.
const std::string& ownPath();

/// The process's id, leader of a new session; or minus errno.
int spawn(const Spawn& what);

/// What a process and its children that it waited for used.
struct Used {
  int64_t cpuMs = 0, rss = 0, read = 0, written = 0;
  bool isBound = false;  ///< `rss` is what it did not exceed, not what it reached
};
/// Waits up to `ms` (-1: for ever) for the process to end, without reaping it. Also returns when
/// one of the others (descriptors, or -1) has news.
bool waitEnded(int pidfd, int64_t ms, llvm::ArrayRef<int> others);
/// Reaps it: its status as of wait4, and what it used.
int reap(int pid, Used& used);
/// Resident bytes of all processes of a group.
int64_t residentOf(int group);
/// How often the kernel has killed among us for memory: in our cgroup, if we are in one of our own.
int64_t memoryKills();
/// SIGKILL for what is left of a group.
void killGroup(int group);
/// SIGUSR1 for a group, but for those whom it would kill while they wait for others of it: a shell
/// that has set no trap waits for the program that is meant.
void askToSave(int group);
/// CPU time that the processes of these groups have used, those they waited for included.
int64_t cpuMsOf(llvm::ArrayRef<int> groups);
int openPid(int pid);

inline constexpr int kTimedOut = -2;
/// Runs a command to its end and gives its output. Its exit status, 128 + a signal, -1 if it could
/// not start, kTimedOut if it had not ended after `ms`: then its group is killed.
int runForOutput(const Spawn& what, std::string& output, int64_t ms);

/// Adds the body to the claim of the attempt.
bool writeClaim(const std::string& work, int body);
/// Writes there the checks at work now.
void noteChecks(const std::string& work, llvm::ArrayRef<int> checks);
/// Writes there the command that ends the body's container.
bool noteContainer(const std::string& work, const std::vector<std::string>& end);

}  // namespace wfc::run
