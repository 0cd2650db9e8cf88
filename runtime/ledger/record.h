// One line of the ledger, in memory and as text. A line is `crc TAB kind TAB time TAB fields…`:
// eight hex digits of CRC-32C over everything after the first tab, so a torn or damaged line is
// recognised by itself and ignored. Fields are separated by tabs; in them backslash, tab, newline
// and carriage return are written `\\ \t \n \r`.
//
// What a record means is the engine's business (runtime/engine); the ledger only keeps them. The
// texts of a Record are views: into what is being read, or into a saver that the maker names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringRef.h>
#include <llvm/Support/StringSaver.h>

#include "compiler/ir/module.h"

namespace wfc::run {

/// A file or folder that an attempt published.
struct OutputRecord {
  /// Index in the task's outputs.
  uint32_t output = 0;
  /// Relative to the run's folder, unless absolute.
  llvm::StringRef path;
  uint64_t bytes = 0;
  /// BLAKE3, 64 hex digits; of a folder, over the sorted names, sizes and hashes of what is in it.
  llvm::StringRef hash;
  /// Files and folders in it, itself among them.
  uint64_t inodes = 1;
};

/// A small output, as JSON.
struct ValueRecord {
  uint32_t output = 0;
  llvm::StringRef json;
};

struct Record {
  enum Kind : uint8_t {
    Run,     ///< text: artifact hash; a controller opened the run (`job`: host and pid)
    Submit,  ///< instance, attempt, job: handed to a scheduler
    Start,   ///< instance, attempt, job, node: an attempt began
    End,     ///< instance, attempt, outcome and everything measured: an attempt ended
    Settle,  ///< instance, outcome, text (why): an instance ended without an attempt, or with the
             ///< outcome it now has
    Set,  ///< instance + number: members of its set output; or instance empty: files read for space
          ///< `number`
    Chosen,   ///< instance, number (RefId), members: the ids which `first n of` settled on
    Publish,  ///< number (publish; kNone: of the flow before), instance (of the producer), text:
              ///< the link's path, members: targets
    Removed,  ///< instance: its temp artifact is gone
    Hook,     ///< instance (of the hook's family), outcome
    Stop,     ///< a person asked to stop
    Reopen,   ///< instance, attempt (the last that counts no more), text (`retry`, `rewind`, `lost`
              ///< with its node, `adopt`: with `job`, the recipe by which what was made may stand;
              ///< or `kept`: nothing happens), members: readers that settled on its old outcome
    Ask,      ///< a person asks: instance, text (`retry` or `rewind`), job: the wish's own name
    Hold,     ///< a person asks: text (a selector), number: 1 hold, 0 release; job as above
    Change,   ///< a person asks: text (a limit's name), number: its new count; job as above
    Part,     ///< this start runs a part only: text (`only`, `until`, `skip`), members: selectors
    Close,    ///< the run ended; outcome: Ok, Failed …; text: state
    Fold,  ///< number: this file stands for all from that one on (series.h); the engine never sees
           ///< it
  };
  static constexpr unsigned kKinds = Fold + 1;

  Kind kind = Run;
  /// Milliseconds since 1970 UTC.
  int64_t time = 0;
  /// Id of the instance.
  llvm::StringRef instance;
  /// From 1.
  uint32_t attempt = 0;
  /// See the kinds.
  uint32_t number = 0;
  ir::Outcome outcome = ir::Outcome::Ok;
  /// End: the attempt used up its slice and goes on in the next (resume).
  bool slice = false;
  /// End: the attempt ended with the controller or by a stop; it counts against no limit.
  bool uncounted = false;
  /// Why, in words; or see the kinds.
  llvm::StringRef text;
  /// Scheduler's job id, or `pid` of the wrapper.
  llvm::StringRef job;
  llvm::StringRef node;
  int32_t exit = 0, signal = 0;
  /// Milliseconds since 1970 UTC.
  int64_t started = 0, ended = 0;
  /// What it used: CPU milliseconds, largest resident bytes, bytes read and written.
  int64_t cpuMs = 0, rss = 0, read = 0, written = 0;
  /// Of GPUs, where somebody looked: per mille of the time that they were busy, bytes of the
  /// fullest, joules.
  int64_t gpuBusy = 0, gpuMemory = 0, gpuJoules = 0;
  /// Where its line can be read again (History::lineAt); 0: nowhere.
  uint64_t place = 0;
  /// End: the hash of what it read from outside the run (runtime/attempt/inputs.h); empty: nothing.
  llvm::StringRef inputs;
  /// End: what was brought to its node for it, and from where: lines of an instance's id and, each
  /// behind a blank, `NODE:BYTES`; `-` is the disk that all share. Empty: nothing.
  llvm::StringRef copies;
  llvm::SmallVector<OutputRecord, 1> outputs;
  llvm::SmallVector<ValueRecord, 0> values;
  llvm::SmallVector<llvm::StringRef, 0> members;
};

/// The line, with its checksum and newline.
std::string encode(const Record& record);
void encodeTo(std::string& text, const Record& record);

/// Reads a line (without newline). False if it is torn, damaged or of an unknown kind. Views point
/// into `line`, or into `saver` where escapes had to be undone.
bool decode(llvm::StringRef line, Record& record, llvm::StringSaver& saver);

/// CRC-32C.
uint32_t checksum(llvm::StringRef text);

}  // namespace wfc::run
