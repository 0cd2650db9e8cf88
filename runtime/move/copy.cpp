// See copy.h.
#include "runtime/move/copy.h"

#include "runtime/move/command.h"
#include "runtime/move/given.h"
#include "runtime/move/mirror.h"
#include "runtime/move/packed.h"

namespace wfc::move {

namespace {

/// Whether what lies there is the same; a killed attempt may have published it.
bool isThere(Work& work, const Tree& from, const Place& to, std::string& hash) {
  // A work of its own: what cannot be read there is no problem of this copy.
  Work quiet(work.options);
  Tree there;
  std::vector<Digest> hashes;
  if (!scan(quiet, to.path(), there) || !isIn(quiet, from, there, Within::All, hashes))
    return false;
  hash = hashOf(from, hashes);
  return true;
}

/// A device has the name of a file, and is none: `--replace` would take it from the whole machine.
bool isSpecial(Work& work, const Place& to) {
  struct stat info{};
  bool isOdd = to.exists(info) && nodeOf(info).isSpecial();
  if (isOdd)
    work.refuse(to.path(), "is a pipe, a socket or a device, which is never replaced",
                "name the file or folder that is to appear");
  return isOdd;
}

}  // namespace

bool copyTo(Work& work, const Tree& from, Place& to, Summary& summary) {
  if (!areApart(work, from, to)) return false;
  if (isSpecial(work, to)) return false;
  if (to.exists() && !work.options.isReplaced) {
    summary.wasThere = isThere(work, from, to, summary.hash);
    return summary.wasThere ||
           work.refuse(to.path(), "is there already, with another content",
                       "--replace takes its place; `wfr move sync` brings it up to date; or name "
                       "another");
  }
  if (!to.lock(work, from.nodes[0].isFolder())) return false;
  Mirror mirror(work, from, {to.folder(), to.part(), to.path(), false, -1, {}, to.isFresh(), {}});
  if (!mirror.run()) {
    if (to.isFresh() && work.status() == Refused) to.discard();
    return false;
  }
  if (from.packed.fd >= 0 && !from.carrier && !checkPacked(work, from, mirror.digests()))
    return false;
  if (work.options.verify == Verify::Disk && !(to.flush(work) && mirror.verifyFromDisk()))
    return false;
  summary.hash = hashOf(from, mirror.digests());
  return to.publish(work);
}

int copyCommand(const base::Given& given) {
  std::optional<Options> options = readOptions(given);
  if (!options) return WrongUse;
  Work::begin();
  Work work(*options);
  Summary summary{"copy", given.words[0], given.words[1], {}, 0, false};
  double begun = secondsNow();
  {
    Progress progress(work, "copy");
    Tree from;
    Place to;
    if (scan(work, given.words[0], from) && to.open(work, given.words[1]))
      copyTo(work, from, to, summary);
  }
  return finish(work, summary, given, begun);
}

}  // namespace wfc::move
