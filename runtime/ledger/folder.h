// The folder of a run: making it, opening it, and the lease that lets one controller at a time
// write its journal.
//
// Everything here is plain files, because run folders lie on parallel file systems without a lock
// server: a name is taken by exclusive creation, a file appears whole by rename, and a lease names
// its holder so that anyone can judge whether it still lives.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/abi/abi.h"

namespace wfc::run {

/// What the header file says: `key = "value"` lines.
struct RunHeader {
  std::string flow, target;
  /// Hash of the artifacts the run was started from; a different one is another flow.
  std::string artifact;
  /// Absolute folder of the `.wf`: where bodies run.
  std::string project;
  /// Absolute folder of the artifacts.
  std::string artifacts;
  /// Milliseconds since 1970 UTC.
  int64_t created = 0;
  /// How often it was given other artifacts (runtime/control/adopt.h).
  unsigned adopted = 0;
};

/// A value, or one line that says why there is none.
template <class T>
struct Outcomes {
  std::optional<T> value;
  std::string error;
  explicit operator bool() const { return value.has_value(); }
  T& operator*() { return *value; }
  T* operator->() { return &*value; }
};

/// Makes RUN's folders, plan and header, the header last: a folder with a header is complete.
std::string createRun(const std::string& run, const RunHeader& header, std::string_view plan);
Outcomes<RunHeader> readHeader(const std::string& run);
std::string headerText(const RunHeader& header);

/// Reads a whole file; nullopt when it cannot.
std::optional<std::string> readFile(const std::string& path);
/// What lies in a folder, sorted; hidden names are left out.
std::vector<std::string> visibleIn(const std::string& folder);
/// Puts a file there whole, by rename; true if it stands. `isDurable`: after fsync of file and
/// folder.
bool writeWhole(const std::string& path, std::string_view text, bool isDurable = false);
/// Appends `text` to a new file by exclusive creation; false if the name is taken.
bool createExclusive(const std::string& path, std::string_view text);
/// mkdir -p; true if the folder is there.
bool makeFolders(const std::string& path);
/// True if the file system of a folder has no room (or no inodes) left to speak of.
bool isDiskFull(const std::string& folder);

int64_t nowMs();

/// A process, named so that a reused pid is not mistaken for it.
struct ProcessName {
  std::string host;
  std::string boot;  ///< boot id of the host
  int pid = 0;
  uint64_t started = 0;  ///< start time in clock ticks since boot
  std::string text() const;
  static std::optional<ProcessName> parse(std::string_view text);
};
/// A process of this host; `started` is 0 if there is none.
ProcessName processName(int pid);
/// This process.
ProcessName ownName();
/// 1 it lives, 0 it is gone, -1 unknown (another host).
int lives(const ProcessName& name);

/// Held while a controller writes the journal. Gone with the object.
class Lease {
 public:
  struct Holder {
    ProcessName name;
    int64_t expires = 0;
    /// The scheduler's job that holds it; empty on a login node or for local.
    std::string job;
  };
  /// Takes the lease for `ms`. A lease whose holder is dead on this host is taken over at once; one
  /// of another host when it expired and `isGone(holder)` (the queue no longer knows its job) says
  /// so. On refusal `refusedBy` tells who holds it.
  static std::unique_ptr<Lease> take(const std::string& run, int64_t ms, const std::string& job,
                                     Holder& refusedBy, bool (*isGone)(const Holder&) = nullptr);
  ~Lease();
  /// Prolongs it; false if it was lost.
  bool renew(int64_t ms);
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

 private:
  Lease(std::string path, std::string job) : path_(std::move(path)), job_(std::move(job)) {}
  std::string path_, job_, text_;
};

}  // namespace wfc::run
