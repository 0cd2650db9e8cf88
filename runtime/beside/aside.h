// Outputs appear under their names whole or not at all: they are written in a folder aside, in the
// folder of the outputs, and renamed.
//
// The folder aside, `.PROGRAM-HOST-XXXXXX`, is held by a lock. A killed process leaves it; the next
// one of the same machine that writes in the same place finds the lock free and removes it. What a
// power cut leaves is not promised: files are not flushed to the disk one by one.
#pragma once

#include <string>

namespace wfc::beside {

/// The folder that a file lies in.
std::string folderOf(const std::string& path);

/// Makes a folder for outputs, unless it is there, and gives its name back.
std::string madeFolder(const std::string& folder);

class Aside {
 public:
  /// In `folder`, which must be there.
  explicit Aside(std::string folder);
  ~Aside();
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;

  /// Where a file is written under `name` first.
  std::string path(const std::string& name) const { return aside_ + "/" + name; }
  /// Gives it its place, `to`, whatever lies there, making the folders between.
  void publish(const std::string& name, const std::string& to) const;
  /// Writes a small file in the same way.
  void publishText(const std::string& text, const std::string& to) const;

 private:
  void open();
  void removeStale() const;

  std::string folder_, aside_;
  int lock_ = -1;
};

}  // namespace wfc::beside
