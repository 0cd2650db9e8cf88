// Makes a tree at a destination equal to one that was scanned: folders, then files, then links,
// then what is too much, then modes and times of folders from the deepest up.
//
// A tree nobody sees yet (the part of a copy) is filled in place and compared by content with what
// a killed attempt left. A tree in use (of a sync) keeps each file whole: a new version is written
// aside and renamed over the old one.
#pragma once

#include <memory>
#include <mutex>

#include <llvm/ADT/StringMap.h>

#include "runtime/move/hashes.h"

namespace wfc::move {

/// What becomes of a file that the destination has too.
enum class Keep {
  Stay,     ///< it is right as it is
  Replace,  ///< the source's takes its place
  Refuse,   ///< a problem was noted
  Done,     ///< it was put together out of both
};

/// A file that both have, with their folders open.
struct Meeting {
  uint32_t node;
  const struct stat& there;
  int from, to;
  /// Where a new version is written, and its name there.
  int area;
  std::string aside;
};

struct Destination {
  /// The folder that its root lies in, the root's name there, and the path that it will have.
  int base;
  std::string name, path;
  /// In use: `area` is the folder, on the same file system, where new versions are written.
  bool isLive = false;
  int area = -1;
  /// The name of the area, if it lies at the top of the destination.
  std::string hidden = {};
  /// Nothing is there yet.
  bool isFresh = false;
  /// Decides instead of the rules of a sync; folders that are there keep mode and time.
  std::function<Keep(const Meeting&)> meet = {};
};

class Mirror {
 public:
  Mirror(Work& work, const Tree& from, Destination to);
  /// False if anything went wrong; what could be done is done.
  bool run();
  /// Of each file that was read, by node.
  const std::vector<Digest>& digests() const { return digests_; }
  /// Whether all files were read, so that the tree has a hash.
  bool isHashed() const { return !hasUnread_; }
  /// Reads everything back from the device.
  bool verifyFromDisk();

 private:
  using There = llvm::StringMap<struct stat>;
  struct Batch {
    uint32_t folder;
    size_t begin, end;
  };

  void order();
  void makeFolders();
  void makeFolder(uint32_t node, int parent);
  bool listThere(uint32_t node, int fd);
  bool hasRoom();
  void fillFiles();
  void fillFile(uint32_t node, int from, int to, Hashes& hashes);
  bool isSettled(const Node& node);
  /// Whether the file that is there may stay; notes what speaks against replacing it.
  Keep judge(uint32_t node, const struct stat& there, int from, int to);
  Keep judgeContent(uint32_t node, const struct stat& there, int from, int to);
  void makeLinks();
  void makeLink(uint32_t node);
  void makeHardLinks();
  void removeExtra();
  void finishFolders();

  const struct stat* there(uint32_t node) const;
  std::string toPath(uint32_t node) const;
  Fd toFolder(uint32_t folder) const { return from_.open(to_.base, to_.name, folder); }
  Fd toParent(uint32_t node) const { return from_.openParent(to_.base, to_.name, node); }
  const std::string& toName(uint32_t node) const {
    return node == 0 ? to_.name : from_.nodes[node].name;
  }
  std::string areaName(uint32_t node) const;

  Work& work_;
  const Tree& from_;
  const Destination to_;
  std::vector<Digest> digests_;
  std::atomic<bool> hasUnread_{false};
  /// Children of each folder, and folders by depth.
  std::vector<std::vector<uint32_t>> children_, levels_;
  /// What lay in a folder before; null where it is new.
  std::vector<std::unique_ptr<There>> there_;
  /// What was there for a root that is no folder.
  There root_;
  /// The first name of a file with several: node of another name, node of the first.
  std::vector<std::pair<uint32_t, uint32_t>> again_;
  std::vector<bool> isAgain_;
  /// Folders that were made.
  std::vector<char> isMade_;
};

}  // namespace wfc::move
