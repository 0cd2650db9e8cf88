// `wfr move sync`: once, or again and again while somebody works in the source.
//
// New versions of files are written in a hidden folder beside the destination (inside of it, where
// the destination is the top of a file system) and renamed over the old ones.
#include "runtime/move/sync.h"

#include <cerrno>
#include <csignal>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/move/command.h"
#include "runtime/move/copy.h"
#include "runtime/move/given.h"
#include "runtime/move/live.h"
#include "runtime/move/mirror.h"

namespace wfc::move {

bool syncTo(Work& work, const Tree& from, Place& to, Summary& summary) {
  Live live;
  if (!areApart(work, from, to) || !live.open(work, to, true)) return false;
  Mirror mirror(work, from,
                {to.folder(), to.name(), to.path(), true, live.area(), Live::kInside, false, {}});
  bool isGood = mirror.run() && live.flush(work, to);
  if (isGood && work.options.verify == Verify::Disk) isGood = mirror.verifyFromDisk();
  live.close(isGood);
  if (isGood && mirror.isHashed()) summary.hash = hashOf(from, mirror.digests());
  return isGood;
}

namespace {

/// When a sync that repeats is to make its last pass.
class Until {
 public:
  explicit Until(const std::string& when) : when_(when) {
    if (when.starts_with("pid:")) pid_ = std::atoi(when.c_str() + 4);
  }
  bool isOver() const {
    if (Work::isStopped()) return true;
    if (pid_ > 0) return ::kill(pid_, 0) != 0 && errno == ESRCH;
    return !when_.empty() && ::access(when_.c_str(), F_OK) == 0;
  }
  /// Waits for the next pass, or for the end.
  void wait(double seconds) const {
    double until = secondsNow() + seconds;
    while (secondsNow() < until && !isOver()) ::usleep(100'000);
  }

 private:
  std::string when_;
  pid_t pid_ = 0;
};

int pass(const Options& options, const base::Given& given) {
  Work work(options);
  Summary summary{"sync", given.words[0], given.words[1], {}, 0, false};
  double begun = secondsNow();
  {
    Progress progress(work, "sync");
    Tree from;
    Place to;
    if (scan(work, given.words[0], from) && to.open(work, given.words[1])) {
      if (from.nodes[0].isFolder())
        syncTo(work, from, to, summary);
      else
        work.refuse(given.words[0], "is no folder", "`wfr move copy --replace` is for files");
    }
  }
  return finish(work, summary, given, begun);
}

int repeat(Options options, const base::Given& given, double every, const Pass& pass) {
  Until until(given.get("--until"));
  options.isUnderWork = true;
  while (!until.isOver()) {
    int status = pass(options);
    // What failed may be mended until the next pass; what was refused is not.
    if (status == Refused || status == WrongUse) return status;
    until.wait(every);
  }
  Work::forgetSignal();
  options.isUnderWork = false;
  options.settle = 0;
  return pass(options);
}

}  // namespace

int runPasses(const base::Given& given, const Pass& pass) {
  std::optional<Options> options = readOptions(given);
  if (!options) return WrongUse;
  Work::begin();
  if (!given.has("--every")) {
    if (given.has("--until")) return wrongUse("`--until` goes with `--every`");
    return pass(*options);
  }
  std::optional<double> every = readSeconds(given.get("--every"));
  if (!every) return wrongUse("`--every` is a time, as in 15min");
  return repeat(*options, given, *every, pass);
}

int syncCommand(const base::Given& given) {
  return runPasses(given, [&](const Options& options) { return pass(options, given); });
}

}  // namespace wfc::move
