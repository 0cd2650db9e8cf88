// The worker on a node of a pool: attendants that do what its controller says (pool_node.h). When
// the controller is gone, they finish what they are at and leave the ends in the inbox.
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <map>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/Base64.h>

#include "runtime/attempt/job.h"
#include "runtime/attempt/outputs.h"
#include "runtime/attempt/process.h"
#include "runtime/control/attendants.h"
#include "targets/slurm/backend/calls.h"
#include "targets/slurm/backend/pool_node.h"

namespace wfc::slurm {

namespace {

int64_t numberIn(const char* variable) {
  int64_t number = 0;
  const char* text = std::getenv(variable);
  if (text != nullptr) (void)llvm::StringRef(text).getAsInteger(10, number);
  return number;
}

/// What the job has of this node, or, where it does not say, what the node has.
int64_t memoryOfNode() {
  if (int64_t mebibytes = numberIn("SLURM_MEM_PER_NODE"); mebibytes > 0) return mebibytes << 20;
  return static_cast<int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGESIZE);
}

/// Starts what gives scattered files to other nodes, by the network over which ours reaches the
/// first; it ends with this process. How it is asked; empty: nobody can.
std::string serveOthers(const std::string& folder, const std::string& rate) {
  const char* first = std::getenv("SLURM_LAUNCH_NODE_IPADDR");
  int in[2], out[2];
  if (first == nullptr || ::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) return {};
  run::Spawn server;
  server.argv = {run::ownPath(), "move", "serve", "--towards", first};
  if (!rate.empty()) server.argv.insert(server.argv.end(), {"--rate", rate});
  server.argv.insert(server.argv.end(), {"--", folder});
  server.input = in[0];
  server.output = out[1];
  server.errors = 2;
  int pid = run::spawn(server);
  ::close(in[0]);
  ::close(out[1]);
  std::string peer;
  for (char c = 0; pid > 0 && ::read(out[0], &c, 1) == 1 && c != '\n';) peer += c;
  ::close(out[0]);
  return peer;
}

/// Set by TERM, which SLURM sends to everybody: attendants end their bodies, and say so through us.
volatile std::sig_atomic_t isWorkerTold = 0;

class Worker {
 public:
  Worker(const std::string& run, llvm::ArrayRef<std::string> words)
      : attendants_(run, {ownJob(), ownNode()}), folder_(words.empty() ? "" : words[0]) {
    if (words.size() > 1 && !folder_.empty()) peer_ = serveOthers(folder_, words[1]);
  }

  int work() {
    // What another allocation may have left here was not read, and is made again.
    if (!folder_.empty()) run::removeAll(folder_);
    say(fmt::format("hello {} {} {}", memoryOfNode(), numberIn("SLURM_GPUS_ON_NODE"), peer_));
    bool isOpen = true;
    while (isOpen || !tickets_.empty()) {
      std::vector<run::Done> ended = attendants_.wait(isOpen ? -1 : 1000, isOpen ? 0 : -1);
      // First, so that nothing more comes in place of what was cut off.
      if (isWorkerTold == 1) say("told -");
      if (isWorkerTold == 1) isWorkerTold = 2;
      for (const run::Done& done : ended) hear(done);
      if (isOpen) isOpen = readInput();
    }
    if (!folder_.empty()) run::removeAll(folder_);
    return 0;
  }

 private:
  // A line that broke is seen at the next read.
  static void say(const std::string& line) { (void)sendLine(1, line); }

  /// False: the controller has nothing more to say.
  bool readInput() {
    return receiveLines(0, received_, [this](llvm::StringRef line) { obey(line); });
  }

  void obey(llvm::StringRef line) {
    auto [verb, rest] = line.split(' ');
    auto [ticket, argument] = rest.split(' ');
    if (verb == "run") return start(ticket.str(), argument);
    if (verb == "remove") return removeFromDisk(argument);
    int wish = 0;
    auto attendant = attendantOf_.find(ticket.str());
    if (verb != "tell" || attendant == attendantOf_.end() || argument.getAsInteger(10, wish))
      return;
    attendants_.tell(attendant->second, wish);
  }

  void removeFromDisk(llvm::StringRef packed) const {
    std::vector<char> path;
    if (llvm::errorToBool(llvm::decodeBase64(packed, path))) return;
    std::string text(path.begin(), path.end());
    if (!folder_.empty() && llvm::StringRef(text).starts_with(folder_ + "/")) run::removeAll(text);
  }

  void start(const std::string& ticket, llvm::StringRef packed) {
    std::vector<char> bytes;
    run::Job job;
    bool isRead = !llvm::errorToBool(llvm::decodeBase64(packed, bytes)) &&
                  run::unpack(llvm::StringRef(bytes.data(), bytes.size()), job);
    std::optional<size_t> attendant = isRead ? attendants_.start(job) : std::nullopt;
    if (!attendant) return say("dead " + ticket);
    tickets_[*attendant] = ticket;
    attendantOf_[ticket] = *attendant;
  }

  void hear(const run::Done& done) {
    auto found = tickets_.find(done.attendant);
    if (found == tickets_.end()) return;
    std::string ticket = found->second;
    attendantOf_.erase(ticket);
    tickets_.erase(found);
    if (done.isConflict || done.isDead) return say((done.isDead ? "dead " : "taken ") + ticket);
    say(fmt::format("end {} {}", ticket, llvm::encodeBase64(done.lines)));
  }

  run::Attendants attendants_;
  std::string folder_;  ///< of the run on this node's disk; empty: the site says none
  std::string peer_;    ///< how other nodes ask for what lies there
  std::map<size_t, std::string> tickets_;
  std::map<std::string, size_t> attendantOf_;
  std::string received_;
};

}  // namespace

int workForPool(const std::string& run, llvm::ArrayRef<std::string> words) {
  std::signal(SIGPIPE, SIG_IGN);
  // Without SA_RESTART: it is passed on at once.
  struct sigaction told{};
  told.sa_handler = [](int) {
    if (isWorkerTold == 0) isWorkerTold = 1;
  };
  ::sigaction(SIGTERM, &told, nullptr);
  ::fcntl(0, F_SETFL, O_NONBLOCK);
  return Worker(run, words).work();
}

}  // namespace wfc::slurm
