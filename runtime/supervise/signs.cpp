// See signs.h.
#include "runtime/supervise/signs.h"

#include <algorithm>

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/StringExtras.h>

namespace wfc::supervise {

namespace {

/// Between the word and its number, as in `val_loss = 0.3`, `"loss": nan`, `loss (mean)  nan`.
constexpr size_t kFarthest = 24;
/// A program that went on so long after the word did not end of it.
constexpr unsigned kOfLate = 200;
constexpr size_t kLongest = 300;

/// What stands behind the word `loss`: the first thing that reads as a number.
Loss valueAt(llvm::StringRef text) {
  text = text.take_front(kFarthest);
  while (!text.empty()) {
    if (llvm::isDigit(text.front())) return Loss::Number;
    llvm::StringRef word = text.take_while([](char c) { return llvm::isAlnum(c) || c == '_'; });
    if (word == "nan") return Loss::NotANumber;
    text = text.drop_front(std::max<size_t>(word.size(), 1));
  }
  return Loss::None;
}

}  // namespace

Loss lossIn(llvm::StringRef line) {
  std::string low = line.lower();
  Loss all = Loss::None;
  for (size_t at = low.find("loss"); at != std::string::npos; at = low.find("loss", at + 4)) {
    llvm::StringRef behind = llvm::StringRef(low).substr(at + 4);
    behind.consume_front("es");
    // `lossless` is none.
    if (!behind.empty() && llvm::isAlpha(behind.front())) continue;
    Loss one = valueAt(behind);
    if (one == Loss::NotANumber) return one;
    if (one == Loss::Number) all = one;
  }
  return all;
}

static bool holdsOneOf(llvm::StringRef line, llvm::ArrayRef<llvm::StringRef> words) {
  return llvm::any_of(words, [&](llvm::StringRef word) { return line.contains(word); });
}

bool saysOutOfMemory(llvm::StringRef line) {
  static constexpr llvm::StringRef kWords[] = {"CUDA out of memory",
                                               "OutOfMemoryError",
                                               "HIP out of memory",
                                               "CUDA_ERROR_OUT_OF_MEMORY",
                                               "cudaErrorMemoryAllocation",
                                               "RESOURCE_EXHAUSTED: Out of memory",
                                               "std::bad_alloc",
                                               "MemoryError",
                                               "Cannot allocate memory"};
  return holdsOneOf(line, kWords);
}

bool saysOfOthers(llvm::StringRef line) {
  static constexpr llvm::StringRef kWords[] = {"NCCL",
                                               "ProcessGroup",
                                               "DistBackendError",
                                               "Connection reset by peer",
                                               "Connection closed by peer",
                                               "Connection refused",
                                               "Broken pipe",
                                               "gloo/transport",
                                               "MPI_ABORT",
                                               "coordination service",
                                               "Socket Timeout"};
  return holdsOneOf(line, kWords);
}

void Signs::take(llvm::StringRef line) {
  line = line.trim();
  if (line.empty()) return;
  last_ = line.take_front(kLongest).str();
  if (++since_ > kOfLate) outOfMemory_.clear();
  if (saysOutOfMemory(line)) outOfMemory_ = last_, since_ = 0;
  Loss loss = lossIn(line);
  if (loss != Loss::None) nans_ = loss == Loss::NotANumber ? nans_ + 1 : 0;
}

}  // namespace wfc::supervise
