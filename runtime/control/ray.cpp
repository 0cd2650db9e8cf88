// See ray.h.
#include "runtime/control/ray.h"

#include <arpa/inet.h>
#include <csignal>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/StringRef.h>

#include "runtime/attempt/process.h"
#include "runtime/ledger/folder.h"

namespace wfc::run {

namespace {

/// The program and its library may lie on a slow disk.
constexpr int64_t kOpenMs = 300'000, kCloseMs = 20'000;

// PROGRAM NODE PORT FILE CPUS FOLDER. An address that others reach, and the first port from PORT on
// where nobody answers. What Ray left in its folder goes when it is told to end.
constexpr const char* kHead = R"(
ip=$(getent ahostsv4 "$2" | while read -r a _; do case $a in 127.*) ;; *) echo "$a" && break ;; esac; done)
[[ -n $ip ]] || read -r ip _ < <(hostname -I 2>/dev/null)
: "${ip:=127.0.0.1}"
port=$3
while (exec 3<>"/dev/tcp/$ip/$port") 2>/dev/null; do port=$((port + 1)); done
printf '%s' "$ip:$port" >"$4.new" && mv "$4.new" "$4"
trap 'told=1; kill -TERM "$ray" 2>/dev/null' TERM
"$1" start --head --block --node-ip-address="$ip" --port="$port" --num-cpus="$5" --include-dashboard=false --temp-dir="$6" &
ray=$!
while kill -0 "$ray" 2>/dev/null; do wait "$ray"; done
[[ -z ${told-} ]] || rm -rf "$6"
)";

// PROGRAM ADDRESS CPUS FOLDER. On a busy machine a worker may give up before the head has noted it:
// one that ends untold is started again.
constexpr const char* kWorker = R"(
trap 'told=1; kill -TERM "$ray" 2>/dev/null' TERM
until [[ -n ${told-} ]]; do
  "$1" start --address="$2" --block --num-cpus="$3" &
  ray=$!
  while kill -0 "$ray" 2>/dev/null; do wait "$ray"; done
  [[ -n ${told-} ]] || sleep 1
done
rm -rf "$4"
)";

/// Ray tells nobody that it is used; and says at once what it has to say.
const std::vector<std::pair<std::string, std::string>> kEnvironment = {
    {"RAY_USAGE_STATS_ENABLED", "0"}, {"PYTHONUNBUFFERED", "1"}};

/// Whether somebody listens at `IP:PORT`.
bool answers(llvm::StringRef address) {
  auto [ip, port] = address.split(':');
  sockaddr_in there{};
  there.sin_family = AF_INET;
  uint16_t number = 0;
  if (port.getAsInteger(10, number) || ::inet_pton(AF_INET, ip.str().c_str(), &there.sin_addr) != 1)
    return false;
  there.sin_port = htons(number);
  int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  bool isThere = descriptor >= 0 &&
                 ::connect(descriptor, reinterpret_cast<sockaddr*>(&there), sizeof there) == 0;
  if (descriptor >= 0) ::close(descriptor);
  return isThere;
}

/// Whether the head says that all of it runs; there is no other sign of it.
bool hasStarted(const std::string& log) {
  return readFile(log).value_or("").find("Ray runtime started") != std::string::npos;
}

/// Ray's sockets lie below, and their paths are short.
std::string folderFor(const std::string& mark) { return "/tmp/ray-" + mark; }

}  // namespace

RayCluster::RayCluster(std::string program, std::string folder, std::string mark)
    : program_(std::move(program)), folder_(std::move(folder)), mark_(std::move(mark)) {}

RayCluster::~RayCluster() {
  // Workers first: they would look for a head that is gone.
  for (auto member = members_.rbegin(); member != members_.rend(); ++member) {
    if (member->isHead && isHeadGone_) continue;
    ::kill(member->pid, SIGTERM);
    for (int64_t ms = kCloseMs; ms > 0 && ::waitpid(member->pid, nullptr, WNOHANG) == 0; ms -= 50)
      ::usleep(50'000);
    killGroup(member->pid);
    (void)::waitpid(member->pid, nullptr, 0);
  }
}

std::string RayCluster::log(const std::string& node) const {
  return fmt::format("{}/ray.{}.{}.log", folder_, mark_, node);
}

std::string RayCluster::startHead(const RayNode& node) {
  std::string file = fmt::format("{}/ray.{}.address", folder_, mark_);
  uint16_t port = 20'000;
  for (char c : mark_)
    port = static_cast<uint16_t>(20'000 + (port * 31 + static_cast<unsigned char>(c)) % 10'000);
  int pid = spawn(
      {.argv = {"setpriv", "--pdeathsig", "TERM", "bash", "-c", kHead, "ray", program_, node.name,
                fmt::format("{}", port), file, fmt::format("{}", node.cpus), folderFor(mark_)},
       .env = kEnvironment,
       .folder = folder_,
       .log = log(node.name)});
  if (pid < 0) return "no process could be started";
  members_.push_back({pid, true});
  return {};
}

std::string RayCluster::open(const std::vector<RayNode>& nodes,
                             const std::function<std::vector<std::string>(const RayNode&)>& on,
                             const std::function<bool()>& isToldToEnd) {
  std::string file = fmt::format("{}/ray.{}.address", folder_, mark_);
  if (std::string wrong = startHead(nodes.front()); !wrong.empty()) return wrong;
  int64_t until = nowMs() + kOpenMs;
  // It listens before its own node is ready, and others that come then may take what that one is
  // about to.
  while (address_.empty() || !answers(address_) || !hasStarted(log(nodes.front().name))) {
    if (isLost()) return fmt::format("its head has ended; {} tells why", log(nodes.front().name));
    if (nowMs() > until)
      return fmt::format("its head does not answer; {} tells more", log(nodes.front().name));
    if (isToldToEnd()) return "the pool was ended before it was there";
    ::usleep(100'000);
    address_ = readFile(file).value_or("");
  }
  for (size_t n = 1; n < nodes.size(); ++n) {
    std::vector<std::string> words = on(nodes[n]);
    words.insert(words.begin(), {"setpriv", "--pdeathsig", "TERM"});
    words.insert(words.end(), {"bash", "-c", kWorker, "ray", program_, address_,
                               fmt::format("{}", nodes[n].cpus), folderFor(mark_)});
    int pid =
        spawn({.argv = words, .env = kEnvironment, .folder = folder_, .log = log(nodes[n].name)});
    if (pid < 0) return "no process could be started";
    members_.push_back({pid, false});
  }
  return {};
}

std::string RayCluster::programOf(const std::string& named, const std::string& project) {
  bool isOfProject = named.find('/') != std::string::npos && !named.starts_with("/");
  return isOfProject ? project + "/" + named : named;
}

bool RayCluster::isLost() {
  for (const Member& member : members_)
    if (member.isHead && !isHeadGone_) isHeadGone_ = ::waitpid(member.pid, nullptr, WNOHANG) != 0;
  return isHeadGone_;
}

}  // namespace wfc::run
