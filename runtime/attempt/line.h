// Lines out of a descriptor that is never waited for.
#pragma once

#include <cerrno>
#include <string>
#include <unistd.h>

#include <llvm/ADT/STLFunctionalExtras.h>
#include <llvm/ADT/StringRef.h>

namespace wfc::run {

/// Longer ones are cut.
inline constexpr size_t kLongestLine = 8192;

class Lines {
 public:
  /// Reads what there is, and calls `take` with each whole line, its end (`\n` or `\r`) included.
  /// False: nothing more comes, and what was left has been taken.
  bool read(int descriptor, llvm::function_ref<void(llvm::StringRef)> take) {
    char block[65536];
    while (true) {
      ssize_t got = ::read(descriptor, block, sizeof block);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) return true;
      if (got > 0) rest_.append(block, static_cast<size_t>(got));
      llvm::StringRef left(rest_);
      for (size_t end = 0; (end = left.find_first_of("\n\r")) != llvm::StringRef::npos;) {
        take(left.take_front(end + 1));
        left = left.drop_front(end + 1);
      }
      bool isOver = got <= 0;
      if (!left.empty() && (isOver || left.size() > kLongestLine)) {
        take(left);
        left = {};
      }
      rest_.erase(0, rest_.size() - left.size());
      if (isOver) return false;
    }
  }

 private:
  std::string rest_;
};

/// Writes all of it, as far as somebody reads.
inline void writeAll(int descriptor, llvm::StringRef text) {
  while (!text.empty()) {
    ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text = text.drop_front(static_cast<size_t>(written));
  }
}

}  // namespace wfc::run
