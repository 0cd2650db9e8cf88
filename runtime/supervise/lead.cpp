// The lead: starts the seats, hears what becomes of the ranks, and decides. What ends first for a
// reason of its own is the cause; all that follows from it is not.
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <tuple>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/abi/abi.h"
#include "runtime/attempt/line.h"
#include "runtime/attempt/process.h"
#include "runtime/backend.h"
#include "runtime/ledger/folder.h"
#include "runtime/supervise/account.h"
#include "runtime/supervise/checkpoints.h"
#include "runtime/supervise/options.h"
#include "runtime/supervise/pulse.h"
#include "runtime/supervise/seat.h"
#include "runtime/supervise/secrets.h"
#include "runtime/supervise/signs.h"

namespace wfc::supervise {

namespace {

volatile std::sig_atomic_t isAsked = 0, isTold = 0;
void onAsked(int) { isAsked = 1; }
void onTold(int) { isTold = 1; }

/// Ranks that end of one cause do so about at the same time; what is heard first is chance.
constexpr int64_t kMomentMs = 500;

void say(const std::string& text) {
  fmt::print(stderr, "wfr: {}\n", text);
  std::fflush(stderr);
}

/// A port that nobody has now.
unsigned freePort() {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  socklen_t size = sizeof address;
  bool isBound = fd >= 0 && ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                 ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  if (fd >= 0) ::close(fd);
  return isBound ? ntohs(address.sin_port) : 29500;
}

std::optional<run::Spread> findSpread(unsigned perNode, const std::string& mpi) {
  for (const run::Backend& backend : run::backends()) {
    std::optional<run::Spread> spread =
        backend.spread != nullptr ? backend.spread(perNode, mpi) : std::nullopt;
    if (spread) return spread;
  }
  return std::nullopt;
}

class Lead {
 public:
  explicit Lead(const Options& options)
      : options_(options), checkpoints_(options), pulse_(options.heartbeatMs, options.silenceMs) {}

  int run() {
    std::signal(SIGPIPE, SIG_IGN);
    for (int signal : {SIGTERM, SIGINT, SIGHUP}) std::signal(signal, onTold);
    std::signal(SIGUSR1, onAsked);
    account_.began = run::nowMs();
    std::string said = checkpoints_.begin();
    if (!said.empty()) say(said);
    std::string wrong = start();
    if (!wrong.empty()) {
      say(wrong);
      return 1;
    }
    pulse_.begin(run::nowMs());
    while (isOpen()) {
      wait();
      look(run::nowMs());
    }
    finish();
    return account_.exit;
  }

 private:
  std::string start() {
    unsigned perNode =
        options_.ranks != 0 ? options_.ranks : static_cast<unsigned>(ownGpus().size());
    std::optional<run::Spread> spread = findSpread(std::max(1u, perNode), options_.mpi);
    bool hasTasks = perNode == 0 && spread && spread->tasks > spread->nodes;
    if (hasTasks) perNode = spread->tasks / spread->nodes;
    perNode = std::max(1u, perNode);
    if (hasTasks) spread = findSpread(perNode, options_.mpi);
    bool isSpread = spread && (spread->nodes * perNode > 1 || !options_.mpi.empty());
    if (!options_.mpi.empty() && !spread)
      return "--mpi: there is no scheduler's job here to start ranks in";
    Seat seat;
    seat.ranks = isSpread ? 1 : perNode;
    seat.perNode = perNode;
    seat.nodes = isSpread ? spread->nodes : 1;
    seat.address = seat.nodes > 1 ? spread->address : "127.0.0.1";
    seat.port = freePort();
    if (isSpread) {
      seat.rankIn = spread->rank;
      seat.localIn = spread->localRank;
      seat.nodeIn = spread->node;
    }
    seat.isOwnGpu = options_.isOwnGpu;
    seat.graceMs = options_.graceMs;
    seat.sampleMs = options_.sampleMs;
    account_.ranks.resize(perNode * seat.nodes);
    account_.isSpread = isSpread;
    seat.secrets = isSpread ? secrets_.count() : 0;
    std::vector<std::string> words = isSpread ? spread->command : std::vector<std::string>();
    words.insert(words.end(), {run::ownPath(), "supervise", "--seat", seat.text(), "--"});
    words.insert(words.end(), options_.command.begin(), options_.command.end());
    return launch(words);
  }

  std::string launch(const std::vector<std::string>& words) {
    int in[2], out[2], errors[2];
    if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0 ||
        ::pipe2(errors, O_CLOEXEC) != 0)
      return fmt::format("no pipe can be made: {}", std::strerror(errno));
    run::Spawn what{words, {}, {}, {}, out[1]};
    what.input = in[0];
    what.errors = errors[1];
    what.isInSession = true;
    pid_ = run::spawn(what);
    for (int fd : {in[0], out[1], errors[1]}) ::close(fd);
    if (pid_ < 0) return fmt::format("cannot start {}: {}", words[0], std::strerror(-pid_));
    orders_ = in[1];
    output_ = out[0];
    errors_ = errors[0];
    for (int fd : {output_, errors_}) ::fcntl(fd, F_SETFL, O_NONBLOCK);
    sendSecrets();
    return {};
  }

  bool isOpen() const { return output_ >= 0 || errors_ >= 0; }

  void wait() {
    pollfd news[2] = {{output_, POLLIN, 0}, {errors_, POLLIN, 0}};
    // Signals interrupt it, or are seen a moment later.
    ::poll(news, 2, 200);
    auto end = [](int& fd) {
      ::close(fd);
      fd = -1;
    };
    // What a rank printed before its end is told first.
    auto hand = [&](llvm::StringRef line) {
      pulse_.hear(run::nowMs());
      run::writeAll(options_.isJson ? 2 : 1, line);
    };
    if (output_ >= 0 && !printed_.read(output_, hand)) end(output_);
    if (errors_ >= 0 && !heard_.read(errors_, [&](llvm::StringRef line) { hear(line); }))
      end(errors_);
  }

  void order(const char* word) {
    if (orders_ >= 0) run::writeAll(orders_, fmt::format("{}\n", word));
  }

  void sendSecrets() {
    sentAt_ = run::nowMs();
    if (account_.isSpread) run::writeAll(orders_, secrets_.orders());
  }

  /// Ends all ranks, once.
  void end() {
    if (isEnding_) return;
    isEnding_ = true;
    order("end");
  }

  void conclude(int exit, std::string why, std::string cause = {}) {
    if (isConcluded_) return;
    isConcluded_ = true;
    account_.exit = exit;
    account_.why = std::move(why);
    account_.cause = std::move(cause);
    if (!account_.why.empty()) say(account_.why);
  }

  void hear(llvm::StringRef line) {
    if (!line.consume_front(llvm::StringRef(&kMark, 1))) return run::writeAll(2, line);
    auto [verb, rest] = line.trim().split(' ');
    auto [first, more] = rest.split(' ');
    unsigned number = 0;
    if (first.getAsInteger(10, number)) return;
    if (verb == "use" || verb == "gpu") return hearUse(verb, static_cast<int>(number), more);
    if (number >= account_.ranks.size()) return;
    Account::Rank& rank = account_.ranks[number];
    auto [second, text] = more.split(' ');
    if (verb == "begun") rank.host = text.str();
    if (verb == "nan") {
      (void)second.getAsInteger(10, rank.nans);
      if (rank.nans > 0) rank.line = text.str();
      if (options_.nans == 0 || rank.nans < options_.nans || isEnding_) return;
      conclude(NotANumber, fmt::format("the loss of rank {} is not a number, {} times in a row: {}",
                                       number, rank.nans, rank.line));
      end();
    }
    if (verb == "end") hearEnd(number, rank, more);
  }

  void hearUse(llvm::StringRef verb, int node, llvm::StringRef text) {
    if (verb == "gpu") return pulse_.gpu(node, run::nowMs(), run::GpuRound::parse(text));
    int64_t ms = 0;
    (void)text.getAsInteger(10, ms);
    pulse_.cpu(node, ms);
  }

  void hearEnd(unsigned number, Account::Rank& rank, llvm::StringRef text) {
    llvm::StringRef word;
    std::tie(word, text) = text.split(' ');
    (void)word.getAsInteger(10, rank.status);
    std::tie(word, text) = text.split(' ');
    (void)word.getAsInteger(10, rank.cpuMs);
    std::tie(word, text) = text.split(' ');
    (void)word.getAsInteger(10, rank.rss);
    std::tie(word, text) = text.split(' ');
    rank.hasEnded = true;
    pulse_.hear(run::nowMs());
    if (rank.status == 0 || isEnding_) return;
    if (suspects_.empty()) suspectedAt_ = run::nowMs();
    rank.line = text.str();
    rank.isOutOfMemory = word != "-";
    suspects_.push_back(number);
  }

  /// Of those that ended badly within a moment, whose end explains the others'.
  unsigned culprit() const {
    auto weight = [&](unsigned number) {
      const Account::Rank& rank = account_.ranks[number];
      return rank.isOutOfMemory ? 0 : saysOfOthers(rank.line) ? 2 : 1;
    };
    return *std::min_element(suspects_.begin(), suspects_.end(),
                             [&](unsigned a, unsigned b) { return weight(a) < weight(b); });
  }

  void blame() {
    unsigned number = culprit();
    const Account::Rank& rank = account_.ranks[number];
    std::string why = nameOf(number) + endOf(rank.status);
    if (rank.isOutOfMemory)
      why += fmt::format(", out of memory: {}", rank.line);
    else if (!rank.line.empty())
      why += fmt::format("; the last it said: {}", rank.line);
    // While it saves because it was asked to, a program may leave as it likes.
    if (askedAt_ == 0 && account_.ranks.size() > 1) why += "; the others are ended";
    conclude(exitOf(rank.status), why, rank.isOutOfMemory ? "out_of_memory" : "");
    if (askedAt_ == 0) end();
  }

  std::string nameOf(unsigned number) const {
    const Account::Rank& rank = account_.ranks[number];
    if (account_.ranks.size() == 1) return "the program ";
    if (!account_.isSpread || rank.host.empty()) return fmt::format("rank {} ", number);
    return fmt::format("rank {} on {} ", number, rank.host);
  }

  void look(int64_t now) {
    if (isTold != 0 && !isEnding_) {
      conclude(128 + SIGTERM, "");
      end();
    }
    if (isAsked != 0 && askedAt_ == 0) {
      askedAt_ = now;
      say("asking to save before the end of the time");
      order("save");
    }
    if (now - sentAt_ >= options_.sampleMs) sendSecrets();
    bool hasNew = checkpoints_.look(now, isTrusted());
    if (hasNew) sayCheckpoint();
    pulse_.hear(checkpoints_.changedAt());
    if (isEnding_) return;
    if (!suspects_.empty() && !isConcluded_ && now - suspectedAt_ >= kMomentMs) blame();
    if (isEnding_) return;
    if (askedAt_ > 0 && checkpoints_.newest() && checkpoints_.newestSince() >= askedAt_) {
      account_.isSlice = true;
      conclude(128 + SIGTERM, "it has saved; the slice ends");
      return end();
    }
    std::string why;
    Pulse::State state = pulse_.look(now, why);
    if (state == Pulse::Slow) say(why);
    if (state != Pulse::Hung) return;
    conclude(Hung, why);
    end();
  }

  /// A model that has lost its numbers is nothing to go on from.
  bool isTrusted() const {
    return std::none_of(account_.ranks.begin(), account_.ranks.end(),
                        [](const Account::Rank& rank) { return rank.nans > 0; });
  }

  void sayCheckpoint() const {
    const Checkpoint& one = *checkpoints_.newest();
    say(fmt::format("checkpoint {}, {} bytes, BLAKE3 {}", one.path, one.bytes,
                    llvm::StringRef(one.hash).take_front(12).str()));
  }

  void finish() {
    if (orders_ >= 0) ::close(orders_);
    run::Used used;
    int status = run::reap(pid_, used);
    unsigned before = checkpoints_.count();
    checkpoints_.finish(isTrusted());
    if (checkpoints_.count() > before) sayCheckpoint();
    if (!suspects_.empty() && !isConcluded_) blame();
    size_t missing = static_cast<size_t>(
        std::count_if(account_.ranks.begin(), account_.ranks.end(),
                      [](const Account::Rank& rank) { return !rank.hasEnded; }));
    if (missing > 0)
      conclude(std::max(1, exitOf(status)),
               fmt::format("{} of {} ranks were lost with what started them, which {}", missing,
                           account_.ranks.size(), endOf(status)));
    for (unsigned n = 0; n < account_.ranks.size() && options_.nans > 0; ++n) {
      if (account_.ranks[n].nans == 0) continue;
      conclude(NotANumber, fmt::format("{}ended well, but its last loss is not a number: {}",
                                       nameOf(n), account_.ranks[n].line));
    }
    account_.ended = run::nowMs();
    account_.checkpoints = checkpoints_.count();
    account_.newest = checkpoints_.newest();
    account_.latest = checkpoints_.link();
    account_.gpus = pulse_.gpus();
    account_.leave(options_);
  }

  const Options& options_;
  Checkpoints checkpoints_;
  Pulse pulse_;
  Account account_;
  int pid_ = -1, orders_ = -1, output_ = -1, errors_ = -1;
  run::Lines printed_, heard_;
  SecretsToSend secrets_;
  int64_t askedAt_ = 0, suspectedAt_ = 0, sentAt_ = 0;
  std::vector<unsigned> suspects_;
  bool isEnding_ = false, isConcluded_ = false;
};

}  // namespace

int lead(const Options& options) { return Lead(options).run(); }

}  // namespace wfc::supervise
