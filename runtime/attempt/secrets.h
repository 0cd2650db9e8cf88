// The secrets of an attempt: fetched before its body, and again before they expire. A variable
// holds the value; one whose name ends with `_FILE` holds the path of a file whose content is the
// value as it is now. That file is memory of the wrapper: nothing of it is ever on a disk, and it
// is gone with the wrapper.
#pragma once

#include <string>
#include <vector>

#include <llvm/ADT/StringRef.h>

#include "runtime/attempt/container.h"
#include "runtime/attempt/process.h"

namespace wfc::run {

/// A file in memory, which others of the same user open by the path. A new content takes the place
/// of the old one in one step: who opens it reads the whole of one or the other.
class MemoryFile {
 public:
  MemoryFile() = default;
  MemoryFile(MemoryFile&& other) noexcept;
  MemoryFile& operator=(MemoryFile&&) = delete;
  ~MemoryFile();
  /// False, with errno: there is no memory.
  bool put(llvm::StringRef text);
  std::string path() const;

 private:
  int descriptor_ = -1;
};

class Secrets {
 public:
  explicit Secrets(const Job& job) : job_(job) {}
  Secrets(const Secrets&) = delete;
  Secrets& operator=(const Secrets&) = delete;
  ~Secrets() { end(); }

  /// Fetches all of them into variables. Empty, or why it cannot.
  std::string fetch(Environment& env);
  /// When to look again, at the latest.
  int64_t next() const;
  /// Adds what tells that one comes.
  void addDescriptors(std::vector<int>& descriptors) const;
  /// Fetches those again that are about to expire, never waiting.
  void look(int64_t now);
  void end();

 private:
  struct One {
    size_t number = 0;  ///< in the job's secrets
    MemoryFile file;
    int64_t nextAt = 0, expiresAt = 0, killAt = 0;
    int pid = -1, pidfd = -1, output = -1;
    std::string text;
  };
  Spawn commandOf(size_t number) const;
  void start(One& one, int64_t now);
  void finish(One& one, bool isLate);
  void renewed(One& one, int64_t now) const;

  const Job& job_;
  std::vector<One> files_;
};

}  // namespace wfc::run
