// Runs a command of wfr under ptrace and counts what it and its attendants ask of the system that
// writes below a folder; at one of these calls something happens. Each call is a point by itself:
// who makes it, which call, on which path, for the how manieth time.
//
//   wfc-crash FOLDER LOG [POINT DEED [SECOND]] -- COMMAND…
//
// Without POINT the points are written to LOG, one a line. DEED, before the call is made:
//   kill   whoever makes it dies        crash  everything dies, bodies too
//   tear   half of what it writes is written, then it dies
//   full   from now on the disk is full  stop  all stand still while the shell runs SECOND
// LOG then says whether the point was met. Bodies are other programs and are let go.
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#ifndef __x86_64__
#error "calls are changed by the registers of x86-64"
#endif

namespace {

/// Where a call has what it works on: a path, a folder and a path, or a descriptor.
struct Call {
  const char* name;
  enum Of { Path, At, Descriptor } of;
  int argument;    ///< the path's or descriptor's number; of At the folder's, the path is next
  bool makesMore;  ///< it needs room on the disk
  bool isWrite;    ///< it can be torn
};

const std::map<long, Call>& calls() {
  static const std::map<long, Call> table = {
      {SYS_open, {"open", Call::Path, 0, true, false}},
      {SYS_openat, {"open", Call::At, 0, true, false}},
      {SYS_creat, {"open", Call::Path, 0, true, false}},
      {SYS_write, {"write", Call::Descriptor, 0, true, true}},
      {SYS_pwrite64, {"write", Call::Descriptor, 0, true, true}},
      {SYS_writev, {"write", Call::Descriptor, 0, true, false}},
      {SYS_sendto, {"send", Call::Descriptor, 0, false, true}},
      {SYS_sendmsg, {"send", Call::Descriptor, 0, false, false}},
      {SYS_fsync, {"fsync", Call::Descriptor, 0, true, false}},
      {SYS_fdatasync, {"fsync", Call::Descriptor, 0, true, false}},
      {SYS_syncfs, {"syncfs", Call::Descriptor, 0, false, false}},
      {SYS_ftruncate, {"truncate", Call::Descriptor, 0, false, false}},
      {SYS_truncate, {"truncate", Call::Path, 0, false, false}},
      {SYS_fallocate, {"fallocate", Call::Descriptor, 0, true, false}},
      {SYS_sendfile, {"write", Call::Descriptor, 0, true, false}},
      {SYS_copy_file_range, {"write", Call::Descriptor, 2, true, false}},
      {SYS_rename, {"rename", Call::Path, 1, false, false}},
      {SYS_renameat, {"rename", Call::At, 2, false, false}},
      {SYS_renameat2, {"rename", Call::At, 2, false, false}},
      {SYS_link, {"link", Call::Path, 1, true, false}},
      {SYS_linkat, {"link", Call::At, 2, true, false}},
      {SYS_symlink, {"symlink", Call::Path, 1, true, false}},
      {SYS_symlinkat, {"symlink", Call::At, 1, true, false}},
      {SYS_mkdir, {"mkdir", Call::Path, 0, true, false}},
      {SYS_mkdirat, {"mkdir", Call::At, 0, true, false}},
      {SYS_unlink, {"unlink", Call::Path, 0, false, false}},
      {SYS_unlinkat, {"unlink", Call::At, 0, false, false}},
      {SYS_rmdir, {"rmdir", Call::Path, 0, false, false}},
      {SYS_chmod, {"chmod", Call::Path, 0, false, false}},
      {SYS_fchmodat, {"chmod", Call::At, 0, false, false}},
      {SYS_fchmod, {"chmod", Call::Descriptor, 0, false, false}},
  };
  return table;
}

struct Thread {
  pid_t group = 0;         ///< the process
  pid_t parent = 0;        ///< of a body before it is another program: its wrapper
  long number = -1;        ///< of the call it is in
  bool isRefused = false;  ///< … which is answered ENOSPC
  bool isTorn = false;
  uint64_t statfs = 0;  ///< address of an answer to be changed
};

std::string linkOf(const std::string& path) {
  std::error_code error;
  return std::filesystem::read_symlink(path, error).string();
}

std::string textAt(pid_t pid, uint64_t address) {
  std::string text;
  char block[256];
  while (text.size() < 8192) {
    // To the end of a page at most: the next may not be there.
    size_t size = std::min<size_t>(sizeof block, 4096 - (address + text.size()) % 4096);
    iovec here{block, size}, there{reinterpret_cast<void*>(address + text.size()), size};
    ssize_t got = ::process_vm_readv(pid, &here, 1, &there, 1, 0);
    if (got <= 0) return text;
    const void* end = std::memchr(block, 0, static_cast<size_t>(got));
    if (end != nullptr) return text + block;
    text.append(block, static_cast<size_t>(got));
  }
  return text;
}

class Tracer {
 public:
  Tracer(std::string folder, std::string log) : folder_(std::move(folder)), log_(std::move(log)) {}
  std::string point, deed, second;

  int run(char** command) {
    program_ = std::filesystem::canonical(command[0]).string();
    isWrapper_ = command[1] != nullptr && std::strcmp(command[1], "task") == 0;
    first_ = ::fork();
    if (first_ == 0) {
      ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
      ::raise(SIGSTOP);
      ::execv(command[0], command);
      ::_exit(127);
    }
    int status = 0;
    ::waitpid(first_, &status, 0);
    constexpr long kOptions = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                              PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    ::ptrace(PTRACE_SETOPTIONS, first_, nullptr, kOptions);
    threads_[first_].group = first_;
    pids_.insert(first_);
    go(first_, 0);
    while (!threads_.empty()) {
      pid_t pid = ::waitpid(-1, &status, __WALL);
      if (pid < 0 && errno == EINTR) continue;
      if (pid < 0) break;
      handle(pid, status);
    }
    std::ofstream log(log_, std::ios::app);
    if (!point.empty()) log << (isMet_ ? "met" : "missed") << "\n";
    if (point.empty()) {
      for (const std::string& line : points_) log << line << "\n";
    }
    return WIFEXITED(exit_) ? WEXITSTATUS(exit_) : 128 + WTERMSIG(exit_);
  }

 private:
  void go(pid_t pid, int signal) {
    ::ptrace(PTRACE_SYSCALL, pid, nullptr, static_cast<long>(signal));
  }

  void handle(pid_t pid, int status) {
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      if (pid == first_) exit_ = status;
      threads_.erase(pid);
      return;
    }
    if (!WIFSTOPPED(status)) return;
    bool isNew = !threads_.contains(pid);
    Thread& thread = threads_[pid];
    if (isNew) {
      thread.group = wordOf(pid, "Tgid:", pid);
      pids_.insert(thread.group);
      // Now, because nobody has been adopted by init yet.
      parents_.try_emplace(thread.group, wordOf(thread.group, "PPid:", first_));
    }
    int signal = WSTOPSIG(status), event = status >> 16;
    if (signal == (SIGTRAP | 0x80)) return atCall(pid, thread);
    if (event == PTRACE_EVENT_EXEC) return atExec(pid);
    bool isOurs = event != 0 || (isNew && signal == SIGSTOP);
    go(pid, isOurs ? 0 : signal);
  }

  static pid_t wordOf(pid_t pid, const char* what, pid_t otherwise) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    std::string word;
    pid_t value = otherwise;
    while (status >> word) {
      if (word == what) status >> value;
    }
    return value;
  }

  void atExec(pid_t pid) {
    std::string program = linkOf("/proc/" + std::to_string(pid) + "/exe");
    if (program == program_) return go(pid, 0);
    bodies_.insert(pid);
    threads_.erase(pid);
    ::ptrace(PTRACE_DETACH, pid, nullptr, nullptr);
  }

  void atCall(pid_t pid, Thread& thread) {
    user_regs_struct r{};
    ::ptrace(PTRACE_GETREGS, pid, nullptr, &r);
    __ptrace_syscall_info info{};
    ::ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info);
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
      enter(pid, thread, r);
    else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
      leave(pid, thread, r);
    go(pid, 0);
  }

  void enter(pid_t pid, Thread& thread, user_regs_struct& r) {
    thread.number = static_cast<long>(r.orig_rax);
    thread.isRefused = thread.isTorn = false;
    thread.statfs =
        isFull_ && (thread.number == SYS_statfs || thread.number == SYS_fstatfs) ? r.rsi : 0;
    auto call = calls().find(thread.number);
    if (call == calls().end()) return;
    std::string path = pathOf(pid, call->second, r);
    if (path.empty()) return;
    auto parent = parents_.find(thread.group);
    bool isOfWrapper = thread.group != first_ && parent != parents_.end() &&
                       (isWrapper_ || parent->second != first_) && pids_.contains(parent->second);
    thread.parent = isOfWrapper ? parent->second : 0;
    std::string key = std::string(thread.group == first_ ? "controller"
                                  : thread.parent != 0   ? "body"
                                                         : "attendant") +
                      "|" + call->second.name + "|" + path;
    std::string here = key + "|" + std::to_string(++counts_[key]);
    points_.push_back(here);
    if (here == point && !isMet_) {
      isMet_ = true;
      act(pid, thread, r);
    }
    if (isFull_ && call->second.makesMore) {
      thread.isRefused = true;
      r.orig_rax = static_cast<unsigned long long>(-1);
      ::ptrace(PTRACE_SETREGS, pid, nullptr, &r);
    }
  }

  void leave(pid_t pid, Thread& thread, user_regs_struct& r) {
    if (thread.isTorn) ::kill(thread.group, SIGKILL);
    if (thread.isRefused) {
      r.rax = static_cast<unsigned long long>(-ENOSPC);
      ::ptrace(PTRACE_SETREGS, pid, nullptr, &r);
    }
    if (thread.statfs != 0) {
      uint64_t none = 0;
      for (size_t at : {offsetof(struct statfs, f_bavail), offsetof(struct statfs, f_bfree)})
        ::ptrace(PTRACE_POKEDATA, pid, thread.statfs + at, none);
    }
  }

  void act(pid_t pid, Thread& thread, user_regs_struct& r) {
    if (deed == "kill" && thread.parent != 0) ::kill(thread.parent, SIGKILL);
    if (deed == "kill") ::kill(thread.group, SIGKILL);
    if (deed == "full") isFull_ = true;
    if (deed == "stop") (void)!std::system(second.c_str());
    if (deed == "tear") {
      r.rdx = r.rdx / 2;
      ::ptrace(PTRACE_SETREGS, pid, nullptr, &r);
      thread.isTorn = true;
    }
    if (deed != "crash") return;
    for (const auto& [other, state] : threads_) ::kill(state.group, SIGKILL);
    // A body leads a session of its own.
    for (pid_t body : bodies_) ::kill(-body, SIGKILL);
  }

  /// What a call works on, below the folder; empty: something else, or it changes nothing.
  std::string pathOf(pid_t pid, const Call& call, const user_regs_struct& r) const {
    const uint64_t arguments[] = {r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9};
    std::string proc = "/proc/" + std::to_string(pid);
    std::string path;
    auto descriptor = [&](uint64_t fd) {
      return static_cast<int>(fd) == AT_FDCWD
                 ? linkOf(proc + "/cwd")
                 : linkOf(proc + "/fd/" + std::to_string(static_cast<int>(fd)));
    };
    uint64_t at = arguments[call.argument];
    if (call.of == Call::Descriptor) {
      path = descriptor(at);
      if (std::string(call.name) == "send" && path.starts_with("socket:")) return "socket";
      if (path.ends_with(" (deleted)")) path.resize(path.size() - 10);
    } else {
      path = textAt(pid, call.of == Call::Path ? at : arguments[call.argument + 1]);
      if (!path.starts_with("/"))
        path = (call.of == Call::Path ? linkOf(proc + "/cwd") : descriptor(at)) + "/" + path;
    }
    if (std::string(call.name) == "open") {
      uint64_t flags = call.of == Call::Path ? arguments[1] : arguments[2];
      if ((flags & (O_CREAT | O_TRUNC)) == 0) return {};
    }
    if (path != folder_ && !path.starts_with(folder_ + "/")) return {};
    return plain(path == folder_ ? "." : path.substr(folder_.size() + 1));
  }

  /// Without what is different each time: ids of processes, times.
  std::string plain(const std::string& path) const {
    std::string result, digits;
    auto end = [&] {
      bool isPid =
          !digits.empty() && digits.size() < 10 && pids_.contains(std::atoi(digits.c_str()));
      result += isPid ? "P" : digits.size() > 11 ? "T" : digits;
      digits.clear();
    };
    for (char c : path) {
      if (c >= '0' && c <= '9') {
        digits += c;
        continue;
      }
      end();
      result += c;
    }
    end();
    // Counters of temporary names differ with what came before.
    size_t temporary = result.find(".P.");
    return temporary == std::string::npos ? result : result.substr(0, temporary + 2);
  }

  std::string folder_, log_, program_;
  pid_t first_ = 0;
  int exit_ = 0;
  std::map<pid_t, Thread> threads_;
  std::set<pid_t> pids_, bodies_;
  std::map<pid_t, pid_t> parents_;
  std::map<std::string, unsigned> counts_;
  std::vector<std::string> points_;
  bool isMet_ = false, isFull_ = false;
  bool isWrapper_ = false;  ///< `wfr task`: it has no attendants, its child is the body
};

}  // namespace

int main(int count, char** words) {
  int dashes = 1;
  while (dashes < count && std::strcmp(words[dashes], "--") != 0) ++dashes;
  if (dashes < 3 || dashes + 1 >= count) {
    std::fputs("wfc-crash FOLDER LOG [POINT DEED [SECOND]] -- COMMAND…\n", stderr);
    return 2;
  }
  Tracer tracer(words[1], words[2]);
  if (dashes > 4) tracer.point = words[3], tracer.deed = words[4];
  if (dashes > 5) tracer.second = words[5];
  return tracer.run(words + dashes + 1);
}
