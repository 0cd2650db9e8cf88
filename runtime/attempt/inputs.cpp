// See inputs.h.
#include "runtime/attempt/inputs.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <sys/stat.h>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/BLAKE3.h>

#include "runtime/abi/abi.h"
#include "runtime/attempt/outputs.h"
#include "runtime/attempt/recipe.h"
#include "runtime/ledger/folder.h"

namespace wfc::run {

namespace fs = std::filesystem;

namespace {

int64_t nanoseconds(const timespec& time) {
  return static_cast<int64_t>(time.tv_sec) * 1000000000 + time.tv_nsec;
}

/// Changes with every change of the content, and now and then without one.
std::string stampOf(const struct stat& info) {
  return fmt::format("{} {} {} {}", info.st_size, nanoseconds(info.st_mtim),
                     nanoseconds(info.st_ctim), info.st_ino);
}

/// A folder: the stamps of all in it; what stands for its content where that is too much.
struct Listing {
  std::string stamps, coarse;
  uint64_t bytes = 0;
  size_t files = 0;
};

Listing listingOf(const std::string& folder) {
  std::vector<std::pair<std::string, struct stat>> found;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    struct stat info{};
    if (::lstat(it->path().c_str(), &info) == 0 && !S_ISDIR(info.st_mode))
      found.emplace_back(it->path().string().substr(folder.size()), info);
  }
  std::sort(found.begin(), found.end(), [](auto& a, auto& b) { return a.first < b.first; });
  Listing listing;
  for (const auto& [name, info] : found) {
    listing.stamps += fmt::format("{} {}\n", name, stampOf(info));
    listing.coarse += fmt::format("{} {} {}\n", name, info.st_size, nanoseconds(info.st_mtim));
    listing.bytes += static_cast<uint64_t>(info.st_size);
  }
  listing.files = found.size();
  return listing;
}

/// As an end has it: a ledger of a million instances holds a million of these.
std::string wordOf(const std::string& text) { return shortHash(text).substr(0, 20); }

std::string noteFile(const std::string& run, const std::string& path) {
  return fmt::format("{}/{}/{}", run, abi::kInputsDir, shortHash(path));
}

/// A stamp and the content that goes with it: of this process's own, else of the run's folder.
std::pair<std::string, std::string>& noteOf(const std::string& run, const std::string& path) {
  static std::map<std::string, std::pair<std::string, std::string>> known;
  auto& note = known[run + '\0' + path];
  if (!note.first.empty()) return note;
  std::string text = readFile(noteFile(run, path)).value_or("");
  auto [stamp, content] = llvm::StringRef(text).trim().split('\n');
  note = {stamp.str(), content.str()};
  return note;
}

}  // namespace

std::string contentOf(const std::string& run, const JobInput& input, bool mayNote) {
  struct stat info{};
  if (::stat(input.path.c_str(), &info) != 0) return "absent";
  bool isDir = S_ISDIR(info.st_mode);
  if (isDir && input.isPath) return "folder";
  if (!isDir && !S_ISREG(info.st_mode)) return "special";
  std::string stamp = isDir ? "" : stampOf(info);
  uint64_t size = static_cast<uint64_t>(info.st_size);
  if (isDir) {
    Listing listing = listingOf(input.path);
    if (listing.bytes > kMostHashed || listing.files > kMostFiles)
      return "times " + shortHash(listing.coarse);
    stamp = shortHash(listing.stamps);
    size = listing.bytes;
  } else if (size > kMostHashed) {
    return fmt::format("times {} {}", size, nanoseconds(info.st_mtim));
  }
  // What instances made never changes under its name, and is read by few.
  bool isOutside = !llvm::StringRef(input.path).starts_with(run + "/");
  if (isOutside) {
    const auto& note = noteOf(run, input.path);
    if (note.first == stamp) return note.second;
  }
  uint64_t bytes = 0;
  std::string hash;
  if (!hashOf(input.path, bytes, hash)) return "unreadable";
  if (!isOutside || !mayNote) return hash;
  noteOf(run, input.path) = {stamp, hash};
  makeFolders(fmt::format("{}/{}", run, abi::kInputsDir));
  writeWhole(noteFile(run, input.path), fmt::format("{}\n{}\n", stamp, hash));
  return hash;
}

std::string notedContent(const std::string& run, const std::string& path) {
  return noteOf(run, path).second;
}

std::string glimpse(const std::vector<JobInput>& inputs) {
  std::string text;
  for (const JobInput& input : inputs) {
    struct stat info{};
    bool isFile = ::stat(input.path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
    text += isFile ? stampOf(info) + "\n" : "\n";
  }
  return text;
}

std::string hashOutside(const std::string& run, const std::vector<JobInput>& inputs,
                        const std::string& before) {
  if (inputs.empty()) return {};
  std::string text;
  for (const JobInput& input : inputs)
    text += fmt::format("{}\n{}\n", input.path, contentOf(run, input, true));
  return glimpse(inputs) == before ? wordOf(text) : "changed";
}

std::string hashOutsideNow(const std::string& run, const std::vector<JobInput>& inputs) {
  if (inputs.empty()) return {};
  std::string text;
  for (const JobInput& input : inputs)
    text += fmt::format("{}\n{}\n", input.path, contentOf(run, input, false));
  return wordOf(text);
}

}  // namespace wfc::run
