// A destination in use: each of its files is whole at any time. New versions are written in a
// hidden folder beside it (inside of it, where it is the top of a file system) and renamed over the
// old ones.
#pragma once

#include "runtime/move/place.h"

namespace wfc::move {

class Live {
 public:
  /// The name of the hidden folder where it lies inside.
  static constexpr const char* kInside = ".wfr-part";

  /// Opens a folder (made if it is not there), or the place of a file, and keeps other movers out.
  bool open(Work& work, const Place& to, bool isFolder);
  /// Where new versions are written.
  int area() const { return area_.get(); }
  /// What was written is on the disk.
  bool flush(Work& work, const Place& to) const;
  /// The hidden folder goes; with what is in it, if all went well.
  void close(bool isGood) const;

 private:
  Fd top_, area_;
  int folder_ = -1;
  std::string name_;
};

}  // namespace wfc::move
