// Checkpoints that a program leaves: found by pattern, whole, hashed, and the newest linked as
// `latest`.
//
// One counts when it has kept still for a while and none of the processes on this machine has it
// open for writing; a name that appears by a rename is whole from the beginning. A sum beside the
// link (`latest.pt.b3`, as b3sum writes them) says of each what it was when it was found whole, so
// that one which is damaged later is never gone on from.
#pragma once

#include <cstdint>
#include <future>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/supervise/options.h"

namespace wfc::supervise {

struct Checkpoint {
  std::string path, hash;
  uint64_t bytes = 0;
};

class Checkpoints {
 public:
  explicit Checkpoints(const Options& options);
  bool isEmpty() const { return patterns_.empty(); }
  /// Before anything runs: the link goes to the newest that is still what it was. What was said
  /// about it, or empty.
  std::string begin();
  /// Looks, never waiting. True if one more was found whole. `isTrusted`: it may become the latest.
  bool look(int64_t now, bool isTrusted);
  /// Everything that is there now, waited for: the program is gone.
  void finish(bool isTrusted);
  /// When something of them last changed.
  int64_t changedAt() const { return changedAt_; }
  const std::optional<Checkpoint>& newest() const { return newest_; }
  /// When that was seen to become what it is.
  int64_t newestSince() const { return newestSince_; }
  unsigned count() const { return count_; }
  const std::string& link() const { return link_; }

 private:
  struct Seen {
    std::string stamp;
    int64_t since = 0;
    bool isDone = false;
  };
  std::vector<std::string> matches() const;
  void see(int64_t now);
  /// The one to be hashed next; empty: none.
  std::string candidate(int64_t now) const;
  bool take(bool isTrusted);
  std::string point(const std::string& path) const;
  std::map<std::string, std::string> sums() const;
  /// As the link's folder sees it, and back.
  std::string nameOf(const std::string& path) const;
  std::string pathOf(const std::string& name) const;

  std::vector<std::string> patterns_;
  std::string link_;
  int64_t settleMs_, changedAt_ = 0, nextLook_ = 0, newestSince_ = 0;
  std::map<std::string, Seen> seen_;
  std::string hashing_, stamp_;
  std::future<std::optional<Checkpoint>> hash_;
  std::optional<Checkpoint> newest_;
  unsigned count_ = 0;
};

}  // namespace wfc::supervise
