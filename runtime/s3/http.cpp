// See http.h.
#include "runtime/s3/http.h"

#include <algorithm>
#include <cstring>
#include <curl/curl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/StringRef.h>

namespace wfc::s3 {

namespace {

/// SHA-256 of nothing.
constexpr const char* kShaOfNothing =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// A store that is silent for so long is gone.
constexpr long kSilentSeconds = 60, kConnectSeconds = 15;

struct Exchange {
  Work& work;
  const Request& request;
  Answer& answer;
  CURL* handle;
  uint64_t sent = 0;
  bool hasBegun = false;

  bool isGood() const {
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    return status >= 200 && status < 300;
  }
};

size_t onRead(char* to, size_t size, size_t count, void* data) {
  auto& one = *static_cast<Exchange*>(data);
  const Body& body = one.request.body;
  size_t want = static_cast<size_t>(std::min<uint64_t>(size * count, body.size - one.sent));
  if (want == 0) return 0;
  one.work.take(want);
  ssize_t got = static_cast<ssize_t>(want);
  if (body.fd >= 0)
    got = ::pread(body.fd, to, want, static_cast<off_t>(body.at + one.sent));
  else
    std::memcpy(to, body.bytes + one.sent, want);
  if (got <= 0 || one.work.isOver()) {
    one.answer.isEnded = true;
    return CURL_READFUNC_ABORT;
  }
  one.sent += static_cast<uint64_t>(got);
  return static_cast<size_t>(got);
}

int onSeek(void* data, curl_off_t to, int origin) {
  if (origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
  static_cast<Exchange*>(data)->sent = static_cast<uint64_t>(to);
  return CURL_SEEKFUNC_OK;
}

size_t onWrite(char* from, size_t size, size_t count, void* data) {
  auto& one = *static_cast<Exchange*>(data);
  size_t got = size * count;
  one.work.take(got);
  bool isTaken = true;
  if (one.request.sink == nullptr || !one.isGood()) {
    one.answer.body.append(from, got);
  } else {
    if (!one.hasBegun) one.request.sink->begin();
    one.hasBegun = true;
    isTaken = one.request.sink->take(reinterpret_cast<const uint8_t*>(from), got);
  }
  one.answer.isEnded = !isTaken || one.work.isOver();
  return one.answer.isEnded ? 0 : got;
}

size_t onHeader(char* from, size_t size, size_t count, void* data) {
  auto& answer = static_cast<Exchange*>(data)->answer;
  llvm::StringRef line(from, size * count);
  // Of several answers (`100 Continue` is one) the last counts.
  if (line.starts_with("HTTP/")) answer.headers.clear();
  auto [name, value] = line.split(':');
  if (line.contains(':')) answer.headers[name.trim().lower()] = value.trim().str();
  return size * count;
}

/// A signal ends what waits for an answer, too.
int onProgress(void* data, curl_off_t /*all*/, curl_off_t /*now*/, curl_off_t /*upAll*/,
               curl_off_t /*upNow*/) {
  auto& one = *static_cast<Exchange*>(data);
  if (one.work.isOver()) one.answer.isEnded = true;
  return one.work.isOver() ? 1 : 0;
}

void setMethod(CURL* handle, const Request& request) {
  if (request.method == "HEAD") {
    curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
    return;
  }
  bool hasBody = request.method == "PUT" || request.method == "POST";
  if (hasBody) {
    curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body.size));
  }
  if (request.method != "GET" && request.method != "PUT")
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void setCalls(CURL* handle, Exchange& exchange) {
  curl_easy_setopt(handle, CURLOPT_READFUNCTION, onRead);
  curl_easy_setopt(handle, CURLOPT_READDATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, onSeek);
  curl_easy_setopt(handle, CURLOPT_SEEKDATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, onWrite);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, onHeader);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, onProgress);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
}

void setLimits(CURL* handle) {
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, kSilentSeconds);
  curl_easy_setopt(handle, CURLOPT_BUFFERSIZE, 256L << 10);
  curl_easy_setopt(handle, CURLOPT_UPLOAD_BUFFERSIZE, 256L << 10);
  // A key may have dots between its slashes.
  curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
  // No redirection: a signature is for one host.
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  const char* bundle = std::getenv("AWS_CA_BUNDLE");
  if (bundle != nullptr) curl_easy_setopt(handle, CURLOPT_CAINFO, bundle);
}

class HeaderList {
 public:
  ~HeaderList() { curl_slist_free_all(list_); }
  void add(const std::string& name, const std::string& value) {
    list_ = curl_slist_append(list_, (name + ": " + value).c_str());
  }
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

bool isUnreachable(CURLcode code) {
  return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
         code == CURLE_OPERATION_TIMEDOUT || code == CURLE_GOT_NOTHING ||
         code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_PARTIAL_FILE ||
         code == CURLE_UPLOAD_FAILED || code == CURLE_WRITE_ERROR ||
         code == CURLE_COULDNT_RESOLVE_PROXY;
}

std::string hintOf(CURLcode code) {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
      return "its certificate is signed by nobody this machine trusts, or is for another name; "
             "AWS_CA_BUNDLE=FILE names certificates of one's own";
    case CURLE_SSL_CACERT_BADFILE:
      return "AWS_CA_BUNDLE names no file of certificates";
    case CURLE_SSL_CONNECT_ERROR:
      return "what answers there speaks no TLS; is it http:// in AWS_ENDPOINT_URL?";
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return "AWS_ENDPOINT_URL is https://HOST or http://HOST:PORT";
    default:
      return {};
  }
}

}  // namespace

std::string Answer::header(const std::string& name) const {
  auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

Http::Http(Work& work, const Account& account, std::string bucket, unsigned connections)
    : work_(work), account_(account), bucket_(std::move(bucket)) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  for (unsigned n = 0; n < connections; ++n) all_.push_back(curl_easy_init());
  idle_ = all_;
}

Http::~Http() {
  for (void* handle : all_) curl_easy_cleanup(handle);
  curl_global_cleanup();
}

void* Http::take() {
  std::unique_lock lock(mutex_);
  free_.wait(lock, [this] { return !idle_.empty(); });
  void* handle = idle_.back();
  idle_.pop_back();
  return handle;
}

void Http::give(void* handle) {
  std::lock_guard lock(mutex_);
  idle_.push_back(handle);
  free_.notify_one();
}

Answer Http::ask(const Request& request) {
  Answer answer;
  CURL* handle = take();
  // Connections stay.
  curl_easy_reset(handle);
  Exchange exchange{work_, request, answer, handle};
  HeaderList headers;
  setMethod(handle, request);
  setCalls(handle, exchange);
  setLimits(handle);
  // The query of libcurl's signature is the one in the URL as it stands, so it has to stand there
  // as signatures want it.
  std::string url = account_.url(bucket_, request.key);
  if (!request.query.empty()) url += "?" + queryText(request.query);
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  for (const auto& [name, value] : request.headers) headers.add(name, value);
  Keys keys = account_.keys();
  std::string scope = fmt::format("aws:amz:{}:s3", account_.region);
  if (keys.areThere()) {
    headers.add("x-amz-content-sha256", request.sha.empty() ? kShaOfNothing : request.sha);
    if (!keys.token.empty()) headers.add("x-amz-security-token", keys.token);
    curl_easy_setopt(handle, CURLOPT_AWS_SIGV4, scope.c_str());
    curl_easy_setopt(handle, CURLOPT_USERNAME, keys.id.c_str());
    curl_easy_setopt(handle, CURLOPT_PASSWORD, keys.secret.c_str());
  }
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  CURLcode code = curl_easy_perform(handle);
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &answer.status);
  if (code != CURLE_OK) {
    answer.trouble = curl_easy_strerror(code);
    answer.isUnreachable = isUnreachable(code);
    answer.hint = hintOf(code);
  }
  give(handle);
  return answer;
}

}  // namespace wfc::s3
