// Append-only files of one folder, numbered in the order in which they were begun, one appender a
// file: the journals, and what a back end keeps beside them. Read in order of number they are one
// text.
//
// Many steps make many files, so closed ones are folded: their bytes, one after the other, become
// one file that takes the name of the last of them by rename, and says in its first line from which
// number on it stands for all. Whatever is killed in between leaves files that readers know to be
// covered, and the next fold removes. Small neighbours are folded first, so that a byte is copied a
// number of times that grows with the logarithm of the whole only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <llvm/Support/MemoryBuffer.h>

namespace wfc::run {

class Series {
 public:
  /// Files FOLDER/PREFIXn, n with at least so many digits.
  Series(std::string folder, std::string prefix, unsigned digits = 1)
      : folder_(std::move(folder)), prefix_(std::move(prefix)), digits_(digits) {}

  struct File {
    unsigned number = 0;
    std::unique_ptr<llvm::MemoryBuffer> text;
  };
  /// One that is read piece by piece.
  class Opened {
   public:
    explicit Opened(int descriptor);
    Opened(Opened&& other) noexcept;
    Opened& operator=(Opened&&) = delete;
    ~Opened();
    int descriptor() const { return descriptor_; }
    /// Where its own lines begin, behind the one that a fold begins with.
    int64_t begin() const { return begin_; }
    /// The number from which on it stands for all; 0: for itself only.
    unsigned foldedFrom() const { return foldedFrom_; }

   private:
    int descriptor_;
    int64_t begin_ = 0;
    unsigned foldedFrom_ = 0;
  };
  /// What stands for the whole series, ascending; covered files are left out, and the lines that
  /// folds begin with. Empty, or why it cannot be read: a number is missing.
  std::string read(std::vector<File>& files) const;
  /// The same, not read yet.
  std::string open(std::vector<Opened>& files) const;
  /// Begins the next number, open for appending; -1, with errno, if it cannot.
  int create(unsigned& number) const;
  std::string pathOf(unsigned number) const;

  /// Folds when there are more files than `most`. `isClosed` says that nobody appends any more to a
  /// file; those from the first that is not on stay as they are. Only for whoever holds the run's
  /// lease.
  void fold(size_t most, const std::function<bool(const File&)>& isClosed) const;

 private:
  std::vector<unsigned> listed() const;
  std::vector<unsigned> numbers() const;
  bool tryRead(std::vector<File>& files, std::vector<unsigned>& covered, std::string& error) const;
  /// Names what stands for the series, from the last back. `visit` reads one, and says from which
  /// number on it stands for all, or nothing if it cannot.
  bool walk(std::vector<unsigned>& covered, std::string& error,
            const std::function<std::optional<unsigned>(unsigned)>& visit) const;
  std::string folder_, prefix_;
  unsigned digits_;
};

}  // namespace wfc::run
