// One request after another over connections that are kept, by libcurl, which signs them too (AWS
// Signature V4).
//
// What it asks is answered, good or bad; whether to ask again is the store's to decide.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/move/work.h"
#include "runtime/s3/account.h"
#include "runtime/s3/address.h"

namespace wfc::s3 {

using move::Work;
using Headers = std::vector<std::pair<std::string, std::string>>;

/// What is sent: bytes in memory, or a part of an open file.
struct Body {
  const uint8_t* bytes = nullptr;
  int fd = -1;
  uint64_t at = 0, size = 0;
};

/// Who takes what comes, in order; false ends the request.
struct Sink {
  std::function<void()> begin;
  std::function<bool(const uint8_t*, size_t)> take;
};

struct Request {
  std::string method;  ///< `GET`
  std::string key;
  Query query = {};
  Headers headers = {};
  Body body = {};
  /// SHA-256 of the body, in hex, or `UNSIGNED-PAYLOAD`; empty: that of nothing.
  std::string sha = {};
  /// Of a good answer; without, it is kept as text.
  const Sink* sink = nullptr;
};

struct Answer {
  /// What libcurl says where there is no answer.
  std::string trouble;
  bool isUnreachable = false;
  /// The way out of that, where there is a better one than to look at the address.
  std::string hint;
  /// The sink or the body ended it.
  bool isEnded = false;
  long status = 0;
  std::map<std::string, std::string> headers;
  std::string body;

  bool isGood() const { return trouble.empty() && status >= 200 && status < 300; }
  std::string header(const std::string& name) const;
};

class Http {
 public:
  Http(Work& work, const Account& account, std::string bucket, unsigned connections);
  ~Http();
  Http(const Http&) = delete;
  Http& operator=(const Http&) = delete;

  /// Waits for a connection, asks, and gives the answer.
  Answer ask(const Request& request);

 private:
  void* take();
  void give(void* handle);

  Work& work_;
  const Account& account_;
  const std::string bucket_;
  std::mutex mutex_;
  std::condition_variable free_;
  std::vector<void*> idle_;
  std::vector<void*> all_;
};

}  // namespace wfc::s3
