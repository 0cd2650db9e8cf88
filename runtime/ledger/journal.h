// Reading and writing the record of a run: journals in order of their number, and the inbox where
// attempts leave their ends.
//
// Only the holder of the lease appends, each holder to a journal of its own, so the records of all
// journals in order of number are one history; old ones are folded (series.h). Acknowledged means:
// `sync` returned. A torn tail is ignored by readers and never appended to.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/ledger/record.h"
#include "runtime/ledger/series.h"

namespace wfc::run {

/// All records of a run so far. A million of them need no memory: they are read piece by piece, and
/// single lines again when somebody asks for them.
class History {
 public:
  /// Calls `visit` for each sound record of every journal, in order; its views are good until
  /// `visit` returns. Empty, or why the ledger cannot be read.
  std::string read(const std::string& run, const std::function<void(const Record&)>& visit);
  /// The line at a record's place, once more; empty: it cannot be read any more.
  std::string lineAt(uint64_t place) const;
  /// The place that the first line of the next journal will have.
  uint64_t end() const {
    return 1 + (pieces_.empty() ? 0 : pieces_.back().first + pieces_.back().bytes);
  }
  /// Lines that were torn or damaged.
  unsigned damaged() const { return damaged_; }

 private:
  /// A journal: the places of its lines are counted over all of them, without what folds add, so
  /// they stay the same when journals are folded.
  struct Piece {
    Series::Opened file;
    uint64_t first = 0, bytes = 0;
  };
  bool readPiece(Piece& piece, const std::function<void(const Record&)>& visit);
  void readOne(llvm::StringRef line, uint64_t place,
               const std::function<void(const Record&)>& visit);
  std::string lineIn(const std::vector<Piece>& pieces, uint64_t place) const;
  std::string run_;
  mutable std::vector<Piece> pieces_;
  unsigned damaged_ = 0;
};

/// Appends to a journal of its own.
class Journal {
 public:
  /// Opens the next number. Null, with errno, if it cannot.
  static std::unique_ptr<Journal> open(const std::string& run);
  ~Journal();
  void add(const Record& record);
  /// Where the next line will begin, in bytes.
  uint64_t next() const { return written_ + behind_.size() + pending_.size(); }
  /// The line that begins there, written or not; empty: it cannot be read.
  std::string lineAt(uint64_t at) const;
  /// Writes what was added, without waiting for the disk. False, with errno, when the disk refuses
  /// (full, quota, gone).
  bool flush();
  /// flush, then fdatasync; with `alsoOutputs` the whole file system first, so that no record names
  /// an output that is not there.
  bool sync(bool alsoOutputs);
  /// Something was added since the last sync.
  bool isDirty() const { return !pending_.empty() || isUnsynced_; }
  /// Sets aside what was added and not yet written; the caller lets `writeBehind` write it, on
  /// another thread if it likes, and calls neither this nor the above before that is over.
  void setAside();
  /// The file system, then what was set aside, then the journal: all on the disk. Changes nothing
  /// that the other members use.
  bool writeBehind(bool alsoOutputs) const;

 private:
  /// False: others took this one for closed and folded it; what is written now nobody reads.
  bool isThere() const;
  Journal(int fd, int folder) : fd_(fd), folder_(folder) {}
  int fd_, folder_;
  /// Lines in their order: in the file, set aside, added since.
  uint64_t written_ = 0;
  std::string behind_, pending_;
  bool isUnsynced_ = false;
};

/// Leaves records in the inbox as one file, whole. `name` must be unique to the attempt: a second
/// file of the same name replaces it.
bool leaveInInbox(const std::string& run, llvm::StringRef instance, uint32_t attempt,
                  llvm::StringRef what, llvm::StringRef lines);

/// A file of the inbox.
struct InboxFile {
  std::string path;
  std::vector<std::string> lines;
};
/// What lies in the inbox, sorted by name.
std::vector<InboxFile> readInbox(const std::string& run);

}  // namespace wfc::run
