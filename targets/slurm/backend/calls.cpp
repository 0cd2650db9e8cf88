// Spawning the five programs of SLURM and reading them. Facts relied upon (design notes, engines.md
// §A): `--parsable` prints the id, `ID;CLUSTER` with federations; a piped scontrol goes on after a
// line that failed and complains of each on stderr, naming the job; rc 1 of an update or release on
// an array with ended tasks is no failure; an array's own task must be named ARRAY_INDEX.
#include "targets/slurm/backend/calls.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <llvm/ADT/SmallVector.h>

#include "runtime/ledger/folder.h"

extern char** environ;

namespace wfc::slurm {

namespace {

using llvm::StringRef;

/// A call that takes longer is ended: a hanging slurmctld answers or refuses within its own
/// MessageTimeout.
constexpr int64_t kAnswerMs = 90000;

bool isLeftOut(StringRef assignment) {
  if (assignment.starts_with("SLURM_CONF=")) return false;
  for (StringRef prefix :
       {"SLURM_", "SBATCH_", "SRUN_", "SALLOC_", "SQUEUE_", "SACCT_", "SCONTROL_", "SCANCEL_",
        "WFR_INSTANCE=", "WFR_ATTEMPT=", "WFR_VARS=", "WFR_VALUES=", "WFR_TMP=", "WFR_OFFSET="}) {
    if (assignment.starts_with(prefix)) return true;
  }
  return false;
}

std::vector<std::string> environmentWith(llvm::ArrayRef<std::pair<std::string, std::string>> more) {
  std::vector<std::string> result;
  for (char** at = environ; *at != nullptr; ++at) {
    StringRef assignment(*at);
    bool isReplaced = isLeftOut(assignment);
    for (const auto& [name, value] : more) isReplaced |= assignment.starts_with(name + "=");
    if (!isReplaced) result.emplace_back(*at);
  }
  for (const auto& [name, value] : more) result.push_back(name + "=" + value);
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

struct Pipe {
  int read = -1, write = -1;
  bool open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    read = ends[0];
    write = ends[1];
    return true;
  }
  static void close(int& fd) {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
  ~Pipe() {
    close(read);
    close(write);
  }
};

/// The standard streams of a child.
struct Streams {
  Pipe in, out, err;
  bool open() { return in.open() && out.open() && err.open(); }
};

/// Feeds and drains the child's three pipes until it closed its outputs. False: it took too long.
bool converse(Streams& streams, StringRef input, Reply& reply) {
  auto& [in, out, err] = streams;
  int64_t end = run::nowMs() + kAnswerMs;
  ::fcntl(in.write, F_SETFL, O_NONBLOCK);
  while (out.read >= 0 || err.read >= 0) {
    if (input.empty()) Pipe::close(in.write);
    int64_t left = end - run::nowMs();
    if (left <= 0) return false;
    pollfd fds[3] = {{out.read, POLLIN, 0}, {err.read, POLLIN, 0}, {in.write, POLLOUT, 0}};
    if (::poll(fds, 3, static_cast<int>(left)) < 0 && errno != EINTR) return false;
    if (fds[2].revents != 0) {
      ssize_t written = ::write(in.write, input.data(), input.size());
      input = written > 0 ? input.drop_front(static_cast<size_t>(written))
                          : (errno == EAGAIN || errno == EINTR ? input : "");
    }
    for (int n = 0; n < 2; ++n) {
      if (fds[n].revents == 0) continue;
      char block[16384];
      ssize_t got = ::read(fds[n].fd, block, sizeof block);
      if (got > 0)
        (n == 0 ? reply.out : reply.err).append(block, static_cast<size_t>(got));
      else if (got == 0 || errno != EINTR)
        Pipe::close(n == 0 ? out.read : err.read);
    }
  }
  return true;
}

/// Starts argv with those streams; 0, or why not.
int spawn(std::vector<std::string>& argv, std::vector<std::string>& environment,
          const Streams& streams, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, streams.in.read, 0);
  posix_spawn_file_actions_adddup2(&actions, streams.out.write, 1);
  posix_spawn_file_actions_adddup2(&actions, streams.err.write, 2);
  // The caller may ignore TERM (a body that requeues itself) and PIPE; its children must not.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigaddset(&signals, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  int error = ::posix_spawnp(&pid, argv[0].c_str(), &actions, &attributes, pointers(argv).data(),
                             pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return error;
}

QueueRow rowOf(StringRef line) {
  auto [job, rest] = line.split('|');
  auto [state, comment] = rest.split('|');
  // `CANCELLED by 1000`, `RUNNING+`
  return {job.str(),
          state.take_while([](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; }).str(),
          comment.trim().str()};
}

void addRows(StringRef text, StringRef comment, std::vector<QueueRow>& rows) {
  llvm::SmallVector<StringRef> lines;
  text.split(lines, '\n', -1, false);
  for (StringRef line : lines) {
    QueueRow row = rowOf(line);
    if (StringRef(row.comment).starts_with(comment)) rows.push_back(std::move(row));
  }
}

Refusal refusalOf(const Reply& reply) {
  StringRef text(reply.err);
  for (StringRef full : {"SubmitJobLimit", "SubmitJobsPer", "MaxJobCount", "job submit limit",
                         "Resource temporarily unavailable", "MaxSubmit"}) {
    if (text.contains(full)) return Refusal::Full;
  }
  for (StringRef down :
       {"Unable to contact", "Connection refused", "Socket timed out", "communication",
        "Communication", "Transport endpoint", "Protocol authentication", "Zero Bytes",
        "Slurm backup controller", "not responding"}) {
    if (text.contains(down)) return Refusal::Down;
  }
  return reply.status == -1 ? Refusal::Down : Refusal::Refused;
}

}  // namespace

std::string Reply::complaint() const {
  llvm::SmallVector<StringRef> lines;
  StringRef(err).split(lines, '\n', -1, false);
  // sbatch's first line says which limit, its last what follows from it.
  std::string text =
      fmt::format("{}", fmt::join(std::vector<std::string>(lines.begin(), lines.end()), "; "));
  return text.empty() ? fmt::format("exit status {}", status) : text;
}

Calls::~Calls() {
  if (!run_.empty()) run::noteCalls(run_, counts_);
}

Reply Calls::call(llvm::ArrayRef<std::string> argv, StringRef input,
                  llvm::ArrayRef<std::pair<std::string, std::string>> environment) {
  ++counts_[argv[0]];
  Reply reply;
  Streams streams;
  if (!streams.open()) {
    reply.err = fmt::format("{}: {}", argv[0], std::strerror(errno));
    return reply;
  }
  std::vector<std::string> words(argv.begin(), argv.end());
  std::vector<std::string> assignments = environmentWith(environment);
  pid_t pid = -1;
  if (int error = spawn(words, assignments, streams, pid); error != 0) {
    reply.err = fmt::format("{}: {}", argv[0], std::strerror(error));
    return reply;
  }
  Pipe::close(streams.in.read);
  Pipe::close(streams.out.write);
  Pipe::close(streams.err.write);
  bool isInTime = converse(streams, input, reply);
  if (!isInTime) ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!isInTime)
    reply.err += fmt::format("{} did not answer in {} s", argv[0], kAnswerMs / 1000);
  else if (WIFEXITED(status))
    reply.status = WEXITSTATUS(status);
  return reply;
}

Submitted Calls::submit(const Submission& submission) {
  std::vector<std::string> argv = {"sbatch", "--parsable"};
  argv.insert(argv.end(), submission.options.begin(), submission.options.end());
  if (!submission.isText) argv.push_back(submission.script);
  Reply reply =
      call(argv, submission.isText ? StringRef(submission.script) : "", submission.environment);
  StringRef id = StringRef(reply.out).trim().split(';').first;
  if (reply.isGood() && !id.empty() && id.find_first_not_of("0123456789") == StringRef::npos)
    return {id.str(), Refusal::None, ""};
  return {"", refusalOf(reply), reply.complaint()};
}

std::vector<std::string> Calls::control(llvm::ArrayRef<std::string> lines) {
  std::string input;
  for (const std::string& line : lines) input += line + "\n";
  Reply reply = call({std::string("scontrol")}, input);
  std::vector<std::string> complaints;
  llvm::SmallVector<StringRef> errors;
  StringRef(reply.err).split(errors, '\n', -1, false);
  for (StringRef error : errors) complaints.push_back(error.str());
  if (reply.status < 0 && complaints.empty()) complaints.push_back(reply.complaint());
  return complaints;
}

Reply Calls::scontrol(llvm::ArrayRef<std::string> words) {
  std::vector<std::string> argv = {"scontrol"};
  argv.insert(argv.end(), words.begin(), words.end());
  return call(argv, "");
}

std::optional<std::vector<QueueRow>> Calls::queue(StringRef comment) {
  Reply reply =
      call({"squeue", "--me", "--noheader", "--array", "--states=all", "--format=%i|%T|%k"}, "");
  if (!reply.isGood()) return std::nullopt;
  std::vector<QueueRow> rows;
  addRows(reply.out, comment, rows);
  return rows;
}

std::optional<std::vector<Held>> Calls::held(StringRef comment) {
  Reply reply =
      call({"squeue", "--me", "--noheader", "--array", "--format=%i|%T|%r|%P|%l|%m|%k"}, "");
  if (!reply.isGood()) return std::nullopt;
  std::vector<Held> rows;
  llvm::SmallVector<StringRef> lines;
  StringRef(reply.out).split(lines, '\n', -1, false);
  for (StringRef line : lines) {
    llvm::SmallVector<StringRef> words;
    line.trim().split(words, '|', 6);
    if (words.size() == 7 && words[6].starts_with(comment))
      rows.push_back({words[0].str(), words[1].str(), words[2].str(), words[3].str(),
                      words[4].str(), words[5].str(), words[6].str()});
  }
  return rows;
}

std::vector<QueueRow> Calls::history(llvm::ArrayRef<std::string> jobs) {
  std::vector<QueueRow> rows;
  if (jobs.empty()) return rows;
  Reply reply =
      call({"sacct", "--allocations", "--duplicates", "--noheader", "--parsable2",
            fmt::format("--jobs={}", fmt::join(jobs, ",")), "--format=JobID,State,Comment"},
           "");
  if (reply.isGood()) addRows(reply.out, "", rows);
  return rows;
}

std::vector<QueueRow> Calls::historyOf(StringRef comment, const std::string& since) {
  Reply reply = call({"sacct", "--allocations", "--noheader", "--parsable2",
                      fmt::format("--starttime={}", since), "--format=JobID,State,Comment"},
                     "");
  std::vector<QueueRow> rows;
  if (reply.isGood()) addRows(reply.out, comment, rows);
  return rows;
}

std::optional<std::vector<std::string>> Calls::jobsIn(const std::string& folder, bool isWaiting) {
  std::vector<std::string> argv = {"squeue", "--me", "--noheader", "--format=%i|%Z"};
  if (isWaiting) argv.emplace_back("--states=PENDING");
  Reply reply = call(argv, "");
  if (!reply.isGood()) return std::nullopt;
  std::vector<std::string> jobs;
  llvm::SmallVector<StringRef> lines;
  StringRef(reply.out).split(lines, '\n', -1, false);
  for (StringRef line : lines) {
    auto [job, from] = line.trim().split('|');
    if (from == folder) jobs.push_back(job.str());
  }
  return jobs;
}

Reply Calls::cancel(llvm::ArrayRef<std::string> ids) {
  std::vector<std::string> argv = {"scancel", "--quiet"};
  argv.insert(argv.end(), ids.begin(), ids.end());
  return call(argv, "");
}

/// `JobState` of a line of `NAME=VALUE …`.
static StringRef fieldOf(StringRef line, StringRef name) {
  size_t at = line.find(fmt::format(" {}=", name.str()));
  if (at == StringRef::npos) return {};
  return line.drop_front(at + name.size() + 2).take_until([](char c) { return c == ' '; });
}

std::optional<std::string> Calls::stateOf(const std::string& job) {
  Reply reply = scontrol({"show", "job", "--oneliner", job});
  if (reply.isGood()) return fieldOf(reply.out, "JobState").str();
  if (StringRef(reply.err).contains("Invalid job id")) return std::string();
  return std::nullopt;
}

int64_t Calls::endOf(const std::string& job) {
  Reply reply = scontrol({"show", "job", "--oneliner", job});
  std::tm parts{};
  std::string time = fieldOf(reply.out, "EndTime").str();
  if (!reply.isGood() || ::strptime(time.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) == nullptr)
    return INT64_MAX;
  parts.tm_isdst = -1;
  return static_cast<int64_t>(std::mktime(&parts)) * 1000;
}

bool Calls::endHeadless(const std::string& job) {
  Reply reply = scontrol({"show", "job", "--oneliner", job});
  StringRef host = fieldOf(reply.out, "BatchHost"), nodes = fieldOf(reply.out, "NodeList");
  bool isRunning = reply.isGood() && fieldOf(reply.out, "JobState") == "RUNNING";
  if (!isRunning || host.empty() || nodes.empty()) return false;
  Reply names = scontrol({"show", "hostnames", nodes.str()});
  bool hasHead = ("\n" + names.out + "\n").find("\n" + host.str() + "\n") != std::string::npos;
  return names.isGood() && !hasHead && cancel({job}).isGood();
}

std::string Calls::outputOf(StringRef job) {
  auto behind = [](StringRef text, StringRef word) {
    size_t at = text.find(word);
    return at == StringRef::npos ? StringRef() : text.drop_front(at + word.size());
  };
  Reply reply = scontrol({"show", "job", job.str()});
  StringRef found = behind(reply.out, " StdOut=").split('\n').first;
  if (reply.isGood() && !found.empty()) return found.str();
  reply = call({"sacct", "--allocations", "--noheader", "--parsable2",
                fmt::format("--jobs={}", job.str()), "--format=SubmitLine"},
               "");
  return reply.isGood() ? behind(reply.out, "--output=").split(" --").first.trim().str() : "";
}

std::string Calls::standingOf(const std::string& job) {
  Reply reply =
      call({"squeue", "--me", "--noheader", "--array", "--jobs=" + job, "--format=%T|%r|%S"}, "");
  llvm::SmallVector<StringRef> words;
  StringRef(reply.out).trim().split(words, '|');
  if (!reply.isGood() || words.size() != 3) return {};
  std::string text = words[0].lower();
  if (words[1] != "None") text += fmt::format(" ({})", words[1].str());
  if (words[0] == "PENDING" && words[2] != "N/A")
    text += fmt::format(", expected to start {}", words[2].str());
  return text;
}

std::string Calls::endingStateOfOwn() {
  std::string job = ownJob();
  if (job.empty()) return "CANCELLED";
  const char* lives = std::getenv("SLURM_RESTART_COUNT");
  unsigned restarts = 0;
  if (lives != nullptr) (void)StringRef(lives).getAsInteger(10, restarts);
  Reply reply = scontrol({"show", "job", "--oneliner", job});
  if (!reply.isGood()) return {};
  StringRef state = fieldOf(reply.out, "JobState"), preempted = fieldOf(reply.out, "PreemptTime");
  unsigned count = 0;
  if (!preempted.empty() && preempted != "None") return "PREEMPTED";
  if (fieldOf(reply.out, "Restarts").getAsInteger(10, count) || !isAliveState(state))
    return state.str();
  return count > restarts ? "REQUEUED" : "CANCELLED";
}

std::string ownNode() {
  const char* node = std::getenv("SLURMD_NODENAME");
  return node == nullptr ? "" : node;
}

std::string ownJob() {
  auto value = [](const char* name) {
    return std::string(std::getenv(name) == nullptr ? "" : std::getenv(name));
  };
  std::string array = value("SLURM_ARRAY_JOB_ID"), task = value("SLURM_ARRAY_TASK_ID");
  if (!array.empty() && !task.empty()) return array + "_" + task;
  return value("SLURM_JOB_ID");
}

bool isAliveState(StringRef state) {
  for (StringRef alive : {"PENDING", "RUNNING", "SUSPENDED", "CONFIGURING", "COMPLETING",
                          "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "RESV_DEL_HOLD",
                          "SPECIAL_EXIT", "STAGE_OUT", "RESIZING", "SIGNALING", "STOPPED"}) {
    if (state == alive) return true;
  }
  return false;
}

}  // namespace wfc::slurm
