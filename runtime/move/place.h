// A destination: nothing is seen under its name before it is whole.
//
// It is made beside the place, as `.NAME.wfr-part`, and renamed. A killed attempt leaves the part;
// the next one holds it by a lock and goes on with it. Replacing swaps the two names at once where
// the file system can; where it cannot, the old one stands aside as `.NAME.wfr-old` for that
// moment.
#pragma once

#include <string>
#include <sys/stat.h>

#include "runtime/move/tree.h"

namespace wfc::move {

class Place {
 public:
  /// Finds the folder that `path` lies in, making what is missing of it, unless it is to be there.
  bool open(Work& work, const std::string& path, bool isMade = true);

  int folder() const { return folder_.get(); }
  const std::string& name() const { return name_; }
  const std::string& path() const { return path_; }
  const std::string& part() const { return part_; }
  /// The name under which a source is removed.
  const std::string& gone() const { return gone_; }
  std::string partPath() const;
  /// What lies there now, if anything.
  bool exists(struct stat& info) const;
  bool exists() const;

  /// Makes or takes over the part, and keeps others out.
  bool lock(Work& work, bool isFolder);
  /// What was written is on the disk.
  bool flush(Work& work) const;
  /// The part takes the name.
  bool publish(Work& work);
  /// Nothing is left of the part.
  void discard() const;
  int partFd() const { return lock_.get(); }
  /// No earlier attempt has left a part.
  bool isFresh() const { return isFresh_; }

 private:
  bool swap(Work& work);

  Fd folder_, lock_;
  std::string name_, path_, part_, old_, gone_;
  bool isFolder_ = false, isFresh_ = false;
};

/// Refuses a destination inside of the source, or a source inside of the destination.
bool areApart(Work& work, const Tree& from, const Place& to);

/// How a tree is to lie in another: be all of it, or be in it, with each difference told as a
/// problem.
enum class Within { All, Told };

/// Whether every file, link and folder of `part` is in `whole`, with the same content. `hashes`
/// become those of `part`.
bool isIn(Work& work, const Tree& part, const Tree& whole, Within how, std::vector<Digest>& hashes);

}  // namespace wfc::move
