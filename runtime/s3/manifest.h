// What a prefix holds that was made of a folder: an object beside the others, written last, with a
// line for each name.
//
// With it a prefix is whole or not there, has one hash, and gives the folder back with links, empty
// folders, modes and times. Lines are `f MODE TIME SIZE HASH ETAG NAME`, `d MODE TIME NAME` and `l
// TIME TARGET NAME`; texts have %XX for odd bytes.
#pragma once

#include <map>
#include <optional>
#include <string>

#include <llvm/ADT/StringRef.h>

#include "runtime/move/tree.h"

namespace wfc::s3 {

/// The names of it, and of the mark that a prefix is being written.
inline constexpr const char* kManifest = ".wfr-manifest";
inline constexpr const char* kMark = ".wfr-part";

/// The object that tells of an unfinished upload of `key`.
std::string noteOf(const std::string& key);
/// Whether a name below a prefix is one of ours, not data.
bool isOurs(llvm::StringRef below);

struct Entry {
  char kind = 'f';
  mode_t mode = 0;
  timespec mtime{};
  uint64_t size = 0;
  move::Digest hash{};
  std::string etag;
  std::string target;
};

struct Manifest {
  /// By the path below; the folder itself has an empty one.
  std::map<std::string, Entry> entries;

  std::string text() const;
  /// The hash of the folder, as `wfr move` says it.
  std::string hash() const;
};

std::optional<Manifest> readManifest(llvm::StringRef text);

/// `1700000000.123456789`
std::string timeText(const timespec& time);

}  // namespace wfc::s3
