// See pool_node.h.
#include "targets/slurm/backend/pool_node.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "targets/slurm/backend/calls.h"

extern char** environ;

namespace wfc::slurm {

namespace {

int spawnBetween(const std::vector<std::string>& words, int in, int out, int& pid) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in, 0);
  posix_spawn_file_actions_adddup2(&actions, out, 1);
  int error = ::posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

/// `72(x2),36`: a number for each node.
std::vector<int64_t> numbersIn(llvm::StringRef text) {
  std::vector<int64_t> numbers;
  while (!text.empty()) {
    auto [part, rest] = text.split(',');
    text = rest;
    int64_t number = 1, times = 1;
    (void)part.consumeInteger(10, number);
    if (part.consume_front("(x")) (void)part.consumeInteger(10, times);
    numbers.insert(numbers.end(), static_cast<size_t>(times), number);
  }
  return numbers;
}

}  // namespace

std::vector<std::string> onNode(const std::string& node, int64_t cpus, const std::string& step) {
  return {"srun",
          "--nodes=1",
          "--ntasks=1",
          "--nodelist=" + node,
          fmt::format("--cpus-per-task={}", cpus),
          "--mem=0",
          "--overlap",
          "--cpu-bind=none",
          "--unbuffered",
          "--quiet",
          "--job-name=" + step};
}

PoolNode::PoolNode(PoolNode&& other) noexcept
    : machine(std::move(other.machine)),
      peer(std::move(other.peer)),
      name_(std::move(other.name_)),
      received_(std::move(other.received_)),
      cpus_(other.cpus_),
      pid_(std::exchange(other.pid_, -1)),
      to_(std::exchange(other.to_, -1)),
      from_(std::exchange(other.from_, -1)) {}

PoolNode::~PoolNode() {
  close();
  await(0);
}

bool PoolNode::open(const std::string& run, const std::vector<std::string>& words) {
  int in[2], out[2];
  if (::pipe2(in, O_CLOEXEC) != 0) return false;
  if (::pipe2(out, O_CLOEXEC) != 0) {
    ::close(in[0]);
    ::close(in[1]);
    return false;
  }
  std::vector<std::string> command = onNode(name_, cpus_, "worker");
  command.insert(command.end(), {run + "/bin/wfr", "step", run, "worker"});
  command.insert(command.end(), words.begin(), words.end());
  int error = spawnBetween(command, in[0], out[1], pid_);
  ::close(in[0]);
  ::close(out[1]);
  to_ = in[1];
  from_ = out[0];
  ::fcntl(from_, F_SETFL, O_NONBLOCK);
  errno = error;
  return error == 0;
}

void PoolNode::close() {
  if (to_ >= 0) ::close(to_);
  to_ = -1;
}

void PoolNode::await(int64_t ms) {
  if (from_ >= 0) ::close(from_);
  from_ = -1;
  for (; pid_ > 0 && ms > 0; ms -= 50) {
    if (::waitpid(pid_, nullptr, WNOHANG) != 0) pid_ = -1;
    if (pid_ > 0) ::usleep(50000);
  }
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

bool PoolNode::receive(const std::function<void(llvm::StringRef)>& hear) {
  return receiveLines(from_, received_, hear);
}

bool sendLine(int descriptor, const std::string& line) {
  std::string whole = line + "\n";
  for (llvm::StringRef rest = whole; !rest.empty();) {
    ssize_t written = ::write(descriptor, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    rest = rest.drop_front(static_cast<size_t>(written));
  }
  return true;
}

bool receiveLines(int descriptor, std::string& received,
                  const std::function<void(llvm::StringRef)>& each) {
  char block[65536];
  ssize_t got = ::read(descriptor, block, sizeof block);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0) return false;
  received.append(block, static_cast<size_t>(got));
  size_t begin = 0;
  for (size_t end = 0; (end = received.find('\n', begin)) != std::string::npos; begin = end + 1)
    each(llvm::StringRef(received).slice(begin, end));
  received.erase(0, begin);
  return true;
}

std::vector<PoolNode> nodesOfOwnJob() {
  const char* list = std::getenv("SLURM_JOB_NODELIST");
  const char* cores = std::getenv("SLURM_JOB_CPUS_PER_NODE");
  std::vector<PoolNode> nodes;
  if (list == nullptr || cores == nullptr) return nodes;
  Reply reply = Calls("").scontrol({"show", "hostnames", list});
  std::vector<int64_t> cpus = numbersIn(cores);
  llvm::SmallVector<llvm::StringRef> names;
  llvm::StringRef(reply.out).split(names, '\n', -1, false);
  for (size_t n = 0; n < names.size() && n < cpus.size(); ++n)
    nodes.emplace_back(names[n].trim().str(), cpus[n]);
  return nodes;
}

}  // namespace wfc::slurm
