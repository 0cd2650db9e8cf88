// A bucket: what can be asked of it, asked again while the store is busy or away, and what its
// refusals mean.
#pragma once

#include <atomic>
#include <map>
#include <optional>

#include "runtime/move/tree.h"
#include "runtime/s3/http.h"

namespace wfc::s3 {

/// One object, as a listing or a look at it says.
struct Object {
  uint64_t size = 0;
  std::string etag;
  /// When it was written, or what its own metadata say.
  timespec mtime{};
  mode_t mode = 0;
  /// Of its bytes, as whoever wrote it recorded it.
  std::optional<move::Digest> hash;
};

/// What the metadata of an answer about an object say.
Object objectOf(const Answer& answer);

enum class Found { Yes, No, Failed };

struct StoreOptions {
  unsigned connections = 8;
  /// How long one request is tried again, in seconds.
  double patience = 300;
  /// Of the account, if it is not the environment's.
  std::string profile = {};
};

class Store {
 public:
  Store(Work& work, const std::string& bucket, StoreOptions options);

  /// Asks until there is an answer that is no passing trouble, or patience ends.
  Answer ask(const Request& request);
  /// Notes what an answer means; false.
  bool fail(const std::string& key, const Answer& answer, const std::string& doing);

  /// Looks at an object.
  Found look(const std::string& key, Object& object);
  /// All keys that begin with `prefix`; at most so many, if given.
  bool list(const std::string& prefix, std::map<std::string, Object>& found, unsigned most = 0);
  /// Puts a small text there.
  bool put(const std::string& key, const std::string& text);
  Found get(const std::string& key, std::string& text);
  bool remove(const std::string& key);

  std::string text(const std::string& key) const {
    return "s3://" + bucket_ + (key.empty() ? "" : "/" + key);
  }
  const std::string& bucket() const { return bucket_; }
  /// Whether the two are buckets of one store, for one account.
  bool isSameAs(const Store& other) const {
    return account_.endpoint == other.account_.endpoint &&
           account_.region == other.account_.region && options_.profile == other.options_.profile;
  }
  Work& work;

 private:
  bool isPassing(const Answer& answer) const;

  const std::string bucket_;
  const StoreOptions options_;
  Account account_;
  Http http_;
  /// It has answered once, so it is there.
  std::atomic<bool> hasAnswered_{false};
};

/// What is between the marks of an entity tag.
std::string bareTag(const std::string& etag);

/// SHA-256 and MD5 of bytes, in hex.
std::string shaOf(const uint8_t* bytes, size_t size);
std::string md5Of(const uint8_t* bytes, size_t size);
/// Of a part of a file; empty where it cannot be read.
std::string md5Of(int fd, uint64_t at, uint64_t size);

}  // namespace wfc::s3
