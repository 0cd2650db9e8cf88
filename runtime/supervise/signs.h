// What the output of a rank says of its end: memory that ran out, a loss that is no number, the
// last line.
#pragma once

#include <string>

#include <llvm/ADT/StringRef.h>

namespace wfc::supervise {

/// The losses that a line tells: none, numbers, or one that is no number.
enum class Loss { None, Number, NotANumber };
Loss lossIn(llvm::StringRef line);
/// True if the line says that memory, of the machine or of a GPU, ran out.
bool saysOutOfMemory(llvm::StringRef line);

/// True if the line tells of another rank's end: whoever says so is not the cause.
bool saysOfOthers(llvm::StringRef line);

class Signs {
 public:
  void take(llvm::StringRef line);
  /// The line that said so; empty: none of late did.
  const std::string& outOfMemory() const { return outOfMemory_; }
  /// Losses in a row, up to now, that were no number.
  unsigned nans() const { return nans_; }
  const std::string& lastLine() const { return last_; }

 private:
  std::string outOfMemory_, last_;
  unsigned nans_ = 0, since_ = 0;
};

}  // namespace wfc::supervise
