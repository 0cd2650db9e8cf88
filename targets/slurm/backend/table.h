// Which job carries which instances: the back end's own record of what it submitted,
// RUN/ledger/jobs. Append-only like the journal, one file an appender; each submission is written
// down as an intent with its token before sbatch is called and with its id after, so that a
// submission cut off in between is found again by the token in the job's --comment.
//
// It knows nothing of states: whether a job still lives is asked of the queue (reconcile.h) and
// noted here when it is gone.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <llvm/ADT/ArrayRef.h>

#include "compiler/ir/expr.h"

#include "runtime/engine/state.h"

namespace wfc::slurm {

/// How an allocation of a pool ended. Ok: nothing was left to do in it, or for long.
struct AllocationEnd {
  ir::Outcome outcome = ir::Outcome::Ok;
  bool uncounted = false;  ///< it died without a word, or never began
  std::string why;
  int64_t time = 0;  ///< ms since 1970
};

/// One call of sbatch, as noted.
struct Entry {
  enum Kind : uint8_t { Work, Sweep, End, Pool };
  Kind kind = Work;
  std::string token;   ///< `7.2`: unique in the run; the comment is `wfr RUN/7.2`
  std::string family;  ///< of Work; of Pool its name
  uint32_t offset = 0;
  std::vector<uint32_t> indices;  ///< ascending, less the offset
  bool isSingle = false;
  bool isHeld = false;    ///< submitted ahead, to be released with all the others
  std::string id;         ///< empty: sbatch has not answered, or was cut off
  bool isGone = false;    ///< all of it: never submitted, or known to have left the queue
  bool hasBegun = false;  ///< of Pool
  std::optional<AllocationEnd> end;  ///< of Pool; none: it has not ended, or is past

  /// `12_3`, or `12` of a plain job.
  std::string jobOf(uint32_t iteration) const;
  bool carries(uint32_t iteration) const;
};

class Table {
 public:
  /// Reads what all appenders wrote.
  explicit Table(std::string run);
  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  const std::vector<Entry>& entries() const { return entries_; }
  /// The job that carries an instance now; empty: none, or the last one is gone. `isReleased`: held
  /// ones do not count.
  std::string owner(const std::string& family, uint32_t iteration, bool isReleased = false) const;
  bool isGone(const std::string& job) const { return gone_.contains(job); }
  /// Submitted held, and not released yet: a submission that was cut off, or is under way.
  bool isWaiting(size_t entry) const {
    return entries_[entry].isHeld && entry >= released_ && !entries_[entry].isGone;
  }
  /// Something was released before: the run is under way.
  bool hasBegun() const { return released_ > 0; }
  /// The comment of the run's jobs, without a token: `wfr 1a2b3c4d/`.
  const std::string& commentPrefix() const { return prefix_; }
  std::string commentOf(const Entry& entry) const { return prefix_ + entry.token; }

  /// Before sbatch. The position of the new entry, its token set.
  size_t intend(Entry entry);
  /// After sbatch answered; an empty id: it refused.
  void answered(size_t entry, const std::string& id);
  /// A job, or one index of an array, that will not do its work any more.
  void gone(const std::string& job);
  void released();
  /// The job of a pool has its nodes.
  void begun(const std::string& job);
  /// The job of a pool ended, or is about to. Whoever says so first knows best.
  void ended(const std::string& job, const AllocationEnd& end);
  /// How a pool's allocations ended so far counts no more: what runs in it was taken back.
  void past(const std::string& pool);
  /// Jobs that wait held because a person holds their instances.
  const std::set<std::string>& held() const { return held_; }
  void noteHeld(const std::string& job, bool isHeld);
  /// Makes few files of many; only for whoever holds the run's lease.
  static void fold(const std::string& run);
  /// False: the disk refuses.
  bool isSound() const { return isSound_; }

 private:
  void readText(llvm::StringRef text);
  void take(llvm::StringRef line);
  void index(size_t entry);
  Entry* poolHeldBy(llvm::StringRef job);
  void append(const std::string& line);
  /// Takes a line in, and writes it.
  void note(const std::string& line);
  std::string run_, prefix_;
  std::vector<Entry> entries_;
  std::map<std::string, size_t> byToken_;
  std::map<std::string, std::vector<size_t>> byFamily_;
  std::set<std::string> gone_, held_;
  size_t released_ = 0;
  bool isSound_ = true;
  int fd_ = -1;
  unsigned number_ = 0, next_ = 0;
};

}  // namespace wfc::slurm
