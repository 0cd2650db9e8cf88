// A seat: starts ranks of one node, each the leader of a group of its own, hands their output on
// line by line, and tells the lead what happens. It is told what to do on its standard input, and
// ends everything when that ends: whoever leads is gone.
//
//   to the seat    save                                        asks the ranks to save
//                  end                                         TERM, a grace, KILL
//                  secret NAME BASE64                          for a file of that name
//   from the seat  begun RANK PID HOST
//                  use RANK CPU_MS                             of all ranks of the seat, RANK the
//                  first gpu NODE COUNT BUSY MEMORY POWER            per mille, bytes of the
//                  fullest, mW of all nan RANK COUNT LINE                         losses in a row
//                  that are no number end RANK STATUS CPU_MS RSS CAUSE LINE       as of wait4;
//                  `out_of_memory` or `-`
//
// on standard error, each after a byte that nobody else begins a line with.
#include "runtime/supervise/seat.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <list>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/attempt/container.h"
#include "runtime/attempt/gpus.h"
#include "runtime/attempt/line.h"
#include "runtime/attempt/process.h"
#include "runtime/ledger/folder.h"
#include "runtime/supervise/options.h"
#include "runtime/supervise/secrets.h"
#include "runtime/supervise/signs.h"

namespace wfc::supervise {

namespace {

/// Set by TERM: the scheduler ends us all.
volatile std::sig_atomic_t isTermed = 0;
void onTerm(int) { isTermed = 1; }

unsigned numberIn(const std::string& variable, unsigned otherwise) {
  const char* text = variable.empty() ? nullptr : std::getenv(variable.c_str());
  unsigned number = otherwise;
  if (text != nullptr) (void)llvm::StringRef(text).getAsInteger(10, number);
  return number;
}

void tell(const std::string& line) {
  // The scheduler hands lines on whole up to a length.
  run::writeAll(2, fmt::format("{}{}\n", kMark, llvm::StringRef(line).take_front(900).str()));
}

struct Rank {
  unsigned number = 0, local = 0;
  int pid = -1, pidfd = -1, output = -1;
  run::Lines lines;
  Signs signs;
  unsigned toldNans = 0;
  bool isOver() const { return pid < 0; }
};

class Node {
 public:
  Node(const Seat& seat, llvm::ArrayRef<std::string> command)
      : seat_(seat), command_(command.vec()), node_(numberIn(seat.nodeIn, 0)), gpus_(ownGpus()) {}

  int work() {
    ::fcntl(0, F_SETFL, O_NONBLOCK);
    kills_ = run::memoryKills();
    while (secrets_.count() < seat_.secrets && !isInputOver_ && isTermed == 0) {
      run::waitEnded(0, 1000, {});
      obey();
    }
    for (unsigned n = 0; n < seat_.ranks && !isInputOver_; ++n) start(n);
    if (numberIn(seat_.localIn, 0) == 0) meter_.open(gpus_, seat_.sampleMs);
    int64_t nextUse = run::nowMs() + seat_.sampleMs;
    while (isAnyLeft()) {
      wait(nextUse);
      obey();
      if (isTermed != 0) end();
      for (Rank& rank : ranks_) look(rank);
      for (const run::GpuRound& round : meter_.read())
        tell(fmt::format("gpu {} {}", node_, round.text()));
      int64_t now = run::nowMs();
      if (now >= killAt_) killAll();
      if (now < nextUse) continue;
      tell(fmt::format("use {} {}", ranks_.front().number, gone_ + run::cpuMsOf(groups())));
      nextUse = now + seat_.sampleMs;
    }
    return 0;
  }

 private:
  run::Environment environmentOf(const Rank& rank) const {
    unsigned world = seat_.perNode * seat_.nodes;
    auto number = [](unsigned n) { return std::to_string(n); };
    run::Environment env = {
        {"RANK", number(rank.number)},  {"LOCAL_RANK", number(rank.local)},
        {"WORLD_SIZE", number(world)},  {"LOCAL_WORLD_SIZE", number(seat_.perNode)},
        {"NODE_RANK", number(node_)},   {"GROUP_RANK", number(node_)},
        {"MASTER_ADDR", seat_.address}, {"MASTER_PORT", number(seat_.port)}};
    // What is printed is to be seen now, not when a buffer is full.
    if (std::getenv("PYTHONUNBUFFERED") == nullptr) env.push_back({"PYTHONUNBUFFERED", "1"});
    secrets_.addTo(env);
    if (gpus_.empty()) return env;
    std::string list;
    size_t each = std::max<size_t>(1, gpus_.size() / seat_.perNode);
    size_t first = seat_.isOwnGpu ? rank.local * each % gpus_.size() : 0;
    size_t count = seat_.isOwnGpu ? each : gpus_.size();
    for (size_t n = first; n < first + count && n < gpus_.size(); ++n)
      list += (list.empty() ? "" : ",") + gpus_[n];
    env.push_back({"CUDA_VISIBLE_DEVICES", list});
    return env;
  }

  void start(unsigned n) {
    Rank& rank = *ranks_.emplace(ranks_.end());
    rank.local = numberIn(seat_.localIn, n);
    rank.number = numberIn(seat_.rankIn, node_ * seat_.perNode + n);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) ends[0] = ends[1] = -1;
    run::Spawn what{command_, environmentOf(rank), {}, {}, ends[1]};
    what.errors = ends[1];
    what.isInSession = true;
    int pid = run::spawn(what);
    ::close(ends[1]);
    rank.output = ends[0];
    ::fcntl(rank.output, F_SETFL, O_NONBLOCK);
    if (pid < 0)
      return tell(fmt::format("end {} {} 0 0 - cannot start {}: {}", rank.number, 127 << 8,
                              command_[0], std::strerror(-pid)));
    rank.pid = pid;
    rank.pidfd = run::openPid(pid);
    tell(fmt::format("begun {} {} {}", rank.number, pid, run::ownName().host));
  }

  bool isAnyLeft() const {
    for (const Rank& rank : ranks_)
      if (!rank.isOver()) return true;
    return false;
  }

  std::vector<int> groups() const {
    std::vector<int> all;
    for (const Rank& rank : ranks_)
      if (!rank.isOver()) all.push_back(rank.pid);
    return all;
  }

  void wait(int64_t until) const {
    std::vector<int> news{meter_.descriptor()};
    for (const Rank& rank : ranks_) {
      if (rank.isOver()) continue;
      news.push_back(rank.pidfd);
      if (rank.output >= 0) news.push_back(rank.output);
    }
    int64_t ms = std::min(until, killAt_) - run::nowMs();
    // Standard input stands where a process is awaited: both are readable when there is news.
    run::waitEnded(isInputOver_ ? -1 : 0, std::clamp<int64_t>(ms, 0, 1000), news);
  }

  void obey() {
    if (isInputOver_) return;
    isInputOver_ = !orders_.read(0, [&](llvm::StringRef line) {
      if (line.consume_front("secret ")) return secrets_.take(line.trim());
      if (line.trim() == "end") end();
      if (line.trim() != "save") return;
      for (int group : groups()) run::askToSave(group);
    });
    if (isInputOver_) killAll();
  }

  void end() {
    isTermed = 0;
    if (killAt_ != INT64_MAX) return;
    for (int group : groups()) ::kill(-group, SIGTERM);
    killAt_ = run::nowMs() + seat_.graceMs;
  }

  void killAll() {
    for (int group : groups()) run::killGroup(group);
    killAt_ = INT64_MAX;
  }

  void hand(Rank& rank, llvm::StringRef line) {
    rank.signs.take(line);
    std::string text = line.str();
    if (seat_.perNode * seat_.nodes > 1) {
      text = fmt::format("[{}] {}", rank.number, text);
      // One that breaks off would run into another's.
      if (!line.ends_with("\n") && !line.ends_with("\r")) text += '\n';
    }
    run::writeAll(1, text);
    if (rank.signs.nans() == rank.toldNans) return;
    rank.toldNans = rank.signs.nans();
    tell(fmt::format("nan {} {} {}", rank.number, rank.toldNans, rank.signs.lastLine()));
  }

  void drain(Rank& rank) {
    if (rank.output < 0) return;
    if (rank.lines.read(rank.output, [&](llvm::StringRef line) { hand(rank, line); })) return;
    ::close(rank.output);
    rank.output = -1;
  }

  void look(Rank& rank) {
    if (rank.isOver()) return;
    drain(rank);
    if (!run::waitEnded(rank.pidfd, 0, {})) return;
    run::killGroup(rank.pid);
    drain(rank);
    run::Used used;
    int status = run::reap(rank.pid, used);
    ::close(rank.pidfd);
    bool isKilled = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    bool isForMemory = isKilled && run::memoryKills() > kills_;
    std::string line =
        isForMemory ? "the system killed it for its memory" : rank.signs.outOfMemory();
    bool isBad = status != 0 && (isForMemory || !line.empty());
    if (line.empty() || !isBad) line = rank.signs.lastLine();
    gone_ += used.cpuMs;
    tell(fmt::format("end {} {} {} {} {} {}", rank.number, status, used.cpuMs, used.rss,
                     isBad ? "out_of_memory" : "-", line));
    rank.pid = -1;
  }

  const Seat& seat_;
  std::vector<std::string> command_;
  unsigned node_;
  std::vector<std::string> gpus_;
  std::list<Rank> ranks_;
  run::GpuMeter meter_;
  run::Lines orders_;
  SecretsToKeep secrets_;
  bool isInputOver_ = false;
  int64_t killAt_ = INT64_MAX, kills_ = 0, gone_ = 0;
};

}  // namespace

std::vector<std::string> ownGpus() {
  if (const char* given = std::getenv("CUDA_VISIBLE_DEVICES")) return run::gpusIn(given);
  std::vector<std::string> gpus;
  // A task of a flow has those that it asked for.
  if (std::getenv("WFR_INSTANCE") != nullptr) return gpus;
  for (unsigned n = 0; ::access(fmt::format("/dev/nvidia{}", n).c_str(), F_OK) == 0; ++n)
    gpus.push_back(std::to_string(n));
  return gpus;
}

int sit(const Seat& seat, llvm::ArrayRef<std::string> command) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGTERM, onTerm);
  // The lead says when to save, and to whom.
  std::signal(SIGUSR1, SIG_IGN);
  std::signal(SIGINT, SIG_IGN);
  return Node(seat, command).work();
}

}  // namespace wfc::supervise
