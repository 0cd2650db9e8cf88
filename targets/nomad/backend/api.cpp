// See api.h. Over the socket one connection a call, as HTTP/1.0: the answer ends where the
// connection does.
#include "targets/nomad/backend/api.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fmt/format.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include "runtime/attempt/process.h"

namespace wfc::nomad {

namespace {

/// Nobody waits longer for an answer over a socket of the same machine.
constexpr timeval kPatience{30, 0};
constexpr int64_t kProgramMs = 60000;

int connectTo(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return -1;
  std::memcpy(address.sun_path, path.data(), path.size());
  int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience));
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) return fd;
  ::close(fd);
  return -1;
}

bool sendAll(int fd, llvm::StringRef text) {
  while (!text.empty()) {
    ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text = text.drop_front(static_cast<size_t>(sent));
  }
  return true;
}

std::string receiveAll(int fd) {
  std::string text;
  char bytes[65536];
  ssize_t count = 0;
  while ((count = ::recv(fd, bytes, sizeof(bytes), 0)) > 0)
    text.append(bytes, static_cast<size_t>(count));
  return text;
}

}  // namespace

llvm::json::Value Answer::json() const {
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(text);
  if (value) return std::move(*value);
  llvm::consumeError(value.takeError());
  return nullptr;
}

Api::Api(std::string run)
    : run_(std::move(run)),
      token_(variable("NOMAD_TOKEN")),
      namespace_(variable("NOMAD_NAMESPACE")) {
  std::string socket = variable("NOMAD_UNIX_ADDR");
  bool isOfTask = llvm::StringRef(socket).starts_with("unix://") && !token_.empty();
  // Its agent makes none whose path is too long; then the address of whoever started the run is
  // left.
  if (isOfTask && ::access(socket.c_str() + 7, F_OK) == 0) socket_ = socket.substr(7);
  if (isOfTask && socket_.empty()) address_ = variable("NOMAD_META_address");
  program_ = variable("WFR_NOMAD");
  if (program_.empty()) program_ = "nomad";
}

Api::~Api() {
  if (!run_.empty()) run::noteCalls(run_, counts_);
}

std::string Api::word(llvm::StringRef text) {
  std::string result;
  for (char c : text) {
    if (llvm::isAlnum(c) || llvm::StringRef("._-~").contains(c))
      result += c;
    else
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return result;
}

Answer Api::post(const std::string& path, const llvm::json::Value& body) const {
  return call("POST", path, llvm::formatv("{0}", body).str());
}

Answer Api::call(const char* method, const std::string& path, const std::string& body) const {
  ++counts_[method];
  return socket_.empty() ? callProgram(method, path, body) : callSocket(method, path, body);
}

Answer Api::callSocket(const char* method, const std::string& path, const std::string& body) const {
  int fd = connectTo(socket_);
  if (fd < 0) return {0, fmt::format("{}: {}", socket_, std::strerror(errno))};
  std::string whole = path;
  if (!namespace_.empty())
    whole += fmt::format("{}namespace={}", path.find('?') == std::string::npos ? '?' : '&',
                         word(namespace_));
  std::string request = fmt::format(
      "{} {} HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n"
      "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
      method, whole, token_, body.size(), body);
  std::string reply = sendAll(fd, request) ? receiveAll(fd) : "";
  ::close(fd);
  auto [head, text] = llvm::StringRef(reply).split("\r\n\r\n");
  Answer answer;
  if (head.split(' ').second.take_front(3).getAsInteger(10, answer.status)) answer.status = 0;
  answer.text = text.str();
  return answer;
}

/// The program prints the answer and tells no status: one that is no JSON is Nomad's refusal in
/// words.
Answer Api::callProgram(const char* method, const std::string& path,
                        const std::string& body) const {
  int fd = ::memfd_create("body", MFD_CLOEXEC);
  bool hasBody = !body.empty() && fd >= 0;
  if (hasBody && ::write(fd, body.data(), body.size()) != static_cast<ssize_t>(body.size())) {
    ::close(fd);
    return {0, std::strerror(errno)};
  }
  std::string input = hasBody ? fmt::format("/proc/{}/fd/{}", ::getpid(), fd) : "/dev/null";
  run::Spawn what;
  what.argv = {
      "/bin/sh", "-c", "exec \"$@\" 2>&1 <\"$0\"", input, program_, "operator", "api", "-X",
      method,    path};
  if (!address_.empty()) what.env.push_back({"NOMAD_ADDR", address_});
  Answer answer;
  int status = run::runForOutput(what, answer.text, kProgramMs);
  if (fd >= 0) ::close(fd);
  if (status == 127)
    answer.text =
        fmt::format("{} cannot be started; put it on PATH, or name it in WFR_NOMAD", program_);
  if (status != 0) answer.text = llvm::StringRef(answer.text).trim().str();
  if (status != 0) return answer;
  llvm::StringRef text = llvm::StringRef(answer.text).trim();
  bool isJson = !answer.json().getAsNull() || text == "null";
  if (isJson)
    answer.status = 200;
  else if (text.ends_with("not found"))
    answer.status = 404;
  else
    answer.status = text.contains("Permission denied") || text.contains("Unauthorized") ? 403 : 500;
  return answer;
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string text(const llvm::json::Object& object, llvm::StringRef key) {
  return object.getString(key).value_or("").str();
}

}  // namespace wfc::nomad
