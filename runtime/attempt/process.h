// Processes: starting one as the leader of its own session, measuring it and its group, ending all
// of it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

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
};

/// The process's id, leader of a new session; or minus errno.
int spawn(const Spawn& what);

/// What a process and its children that it waited for used.
struct Used {
  int64_t cpuMs = 0, rss = 0, read = 0, written = 0;
};
/// Waits up to `ms` (-1: for ever) for the process to end, without reaping it. Also returns when
/// `other` (a descriptor, or -1) has news.
bool waitEnded(int pidfd, int64_t ms, int other);
/// Reaps it: its status as of wait4, and what it used.
int reap(int pid, Used& used);
/// Resident bytes of all processes of a group.
int64_t residentOf(int group);
/// SIGKILL for what is left of a group.
void killGroup(int group);
int openPid(int pid);

/// Runs a command to its end and gives its output; nullopt-like: status != 0.
int runForOutput(const Spawn& what, std::string& output);

/// Writes who runs the attempt into its work folder.
bool writeClaim(const std::string& work, int body);

}  // namespace wfc::run
