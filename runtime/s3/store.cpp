// See store.h.
#include "runtime/s3/store.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <curl/curl.h>
#include <openssl/evp.h>
#include <thread>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>

#include "runtime/move/report.h"
#include "runtime/move/stream.h"
#include "runtime/s3/refusal.h"
#include "runtime/s3/xml.h"

namespace wfc::s3 {

namespace {

/// Before the store has answered at all, a wrong endpoint is likelier than one that is away.
constexpr int kTriesAtFirst = 3;
constexpr double kLongestPause = 15;

std::string digestOf(const EVP_MD* kind, const uint8_t* bytes, size_t size) {
  uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  if (EVP_Digest(bytes, size, digest, &length, kind, nullptr) != 1) return {};
  return llvm::toHex(llvm::ArrayRef(digest, length), true);
}

/// `1700000000.123456789`.
timespec timeOf(llvm::StringRef text) {
  auto [seconds, rest] = text.split('.');
  timespec time{};
  std::string nanoseconds = rest.substr(0, 9).str();
  nanoseconds.resize(9, '0');
  if (seconds.getAsInteger(10, time.tv_sec) ||
      llvm::StringRef(nanoseconds).getAsInteger(10, time.tv_nsec))
    return {};
  return time;
}

/// `2025-03-02T10:20:30.123Z`.
timespec timeOfListing(const std::string& text) {
  std::tm parts{};
  const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  return rest == nullptr ? timespec{} : timespec{::timegm(&parts), 0};
}

std::optional<move::Digest> hashOf(llvm::StringRef hex) {
  std::string bytes;
  move::Digest digest{};
  if (hex.size() != 2 * digest.size() || !llvm::tryGetFromHex(hex, bytes)) return {};
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

}  // namespace

std::string shaOf(const uint8_t* bytes, size_t size) { return digestOf(EVP_sha256(), bytes, size); }
std::string md5Of(const uint8_t* bytes, size_t size) { return digestOf(EVP_md5(), bytes, size); }

std::string md5Of(int fd, uint64_t at, uint64_t size) {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestInit_ex(context, EVP_md5(), nullptr);
  std::vector<uint8_t>& block = move::blocks().read;
  uint64_t done = 0;
  for (ssize_t got = 1; done < size && got > 0; done += static_cast<uint64_t>(got)) {
    size_t want = static_cast<size_t>(std::min<uint64_t>(move::kBlock, size - done));
    got = std::max<ssize_t>(0, move::readFully(fd, block.data(), want, at + done));
    EVP_DigestUpdate(context, block.data(), static_cast<size_t>(got));
  }
  uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  EVP_DigestFinal_ex(context, digest, &length);
  EVP_MD_CTX_free(context);
  return done == size ? llvm::toHex(llvm::ArrayRef(digest, length), true) : "";
}

std::string bareTag(const std::string& etag) { return llvm::StringRef(etag).trim('"').str(); }

Object objectOf(const Answer& answer) {
  Object object;
  llvm::StringRef(answer.header("content-length")).getAsInteger(10, object.size);
  object.etag = bareTag(answer.header("etag"));
  std::string time = answer.header("x-amz-meta-mtime"), modified = answer.header("last-modified");
  object.mtime = time.empty() ? timespec{curl_getdate(modified.c_str(), nullptr), 0} : timeOf(time);
  unsigned mode = 0;
  llvm::StringRef(answer.header("x-amz-meta-mode")).getAsInteger(8, mode);
  object.mode = mode & 07777;
  object.hash = hashOf(answer.header("x-amz-meta-wfr-blake3"));
  return object;
}

Store::Store(Work& work, const std::string& bucket, StoreOptions options)
    : work(work),
      bucket_(bucket),
      options_(std::move(options)),
      account_(options_.profile),
      http_(work, account_, bucket, options_.connections) {}

bool Store::isPassing(const Answer& answer) const {
  if (!answer.trouble.empty()) return answer.isUnreachable && !answer.isEnded;
  if (answer.status == 429 || answer.status == 408 ||
      (answer.status >= 500 && answer.status != 501))
    return true;
  // Bytes that were damaged on their way, and two writers at one moment.
  static constexpr llvm::StringRef kPassing[] = {"RequestTimeout", "BadDigest",
                                                 "XAmzContentSHA256Mismatch", "OperationAborted"};
  if (answer.status != 400 && answer.status != 409) return false;
  return llvm::is_contained(kPassing, codeOf(answer));
}

Answer Store::ask(const Request& request) {
  double begun = move::secondsNow(), pause = 0.2;
  for (int tries = 1;; ++tries) {
    Answer answer = http_.ask(request);
    if (answer.status != 0) hasAnswered_ = true;
    bool isPatient =
        hasAnswered_ ? move::secondsNow() - begun < options_.patience : tries < kTriesAtFirst;
    if (!isPassing(answer) || !isPatient || work.isOver()) return answer;
    for (double until = move::secondsNow() + pause; move::secondsNow() < until && !work.isOver();)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    pause = std::min(2 * pause, kLongestPause);
  }
}

bool Store::fail(const std::string& key, const Answer& answer, const std::string& doing) {
  // What ended it has its own problem, or is a signal.
  if (answer.isEnded) return false;
  Refusal refusal = refusalOf(answer, account_, bucket_);
  return work.fail(text(key), doing + ": " + refusal.what, refusal.fix);
}

Found Store::look(const std::string& key, Object& object) {
  Answer answer = ask({"HEAD", key});
  if (answer.status == 404) return Found::No;
  if (!answer.isGood()) {
    fail(key, answer, "cannot be looked at");
    return Found::Failed;
  }
  object = objectOf(answer);
  return Found::Yes;
}

bool Store::list(const std::string& prefix, std::map<std::string, Object>& found, unsigned most) {
  std::string more;
  do {
    Query query = {{"list-type", "2"}, {"prefix", prefix}, {"encoding-type", "url"}};
    if (most != 0) query.emplace_back("max-keys", fmt::format("{}", most));
    if (!more.empty()) query.emplace_back("continuation-token", more);
    Answer answer = ask({"GET", "", query});
    std::optional<Element> page;
    if (answer.isGood()) page = readXml(answer.body);
    // A page of the web may be XML too.
    if (!page || page->name != "ListBucketResult") return fail(prefix, answer, "cannot be listed");
    bool isCoded = page->textOf("EncodingType") == "url";
    for (const Element& entry : page->children) {
      if (entry.name != "Contents") continue;
      Object object;
      llvm::StringRef(entry.textOf("Size")).getAsInteger(10, object.size);
      object.etag = bareTag(entry.textOf("ETag"));
      object.mtime = timeOfListing(entry.textOf("LastModified"));
      std::string key = entry.textOf("Key");
      if (isCoded) {
        // Of a form: a blank may be a plus.
        std::replace(key.begin(), key.end(), '+', ' ');
        key = unpercent(key).value_or(key);
      }
      found[key] = object;
    }
    more = page->textOf("IsTruncated") == "true" ? page->textOf("NextContinuationToken") : "";
  } while (!more.empty() && most == 0 && !work.isOver());
  return !work.isOver();
}

bool Store::put(const std::string& key, const std::string& text) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  Answer answer = ask({"PUT", key, {}, {}, {bytes, -1, 0, text.size()}, shaOf(bytes, text.size())});
  return answer.isGood() || fail(key, answer, "cannot be written");
}

Found Store::get(const std::string& key, std::string& text) {
  Answer answer = ask({"GET", key});
  if (answer.status == 404) return Found::No;
  if (!answer.isGood()) {
    fail(key, answer, "cannot be read");
    return Found::Failed;
  }
  text = std::move(answer.body);
  return Found::Yes;
}

bool Store::remove(const std::string& key) {
  Answer answer = ask({"DELETE", key});
  return answer.isGood() || answer.status == 404 || fail(key, answer, "cannot be removed");
}

}  // namespace wfc::s3
