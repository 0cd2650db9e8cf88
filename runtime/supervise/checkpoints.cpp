// See checkpoints.h. The hash of a large one takes minutes, so it is made beside everything else;
// one that changed meanwhile is looked at again.
#include "runtime/supervise/checkpoints.h"

#include <algorithm>
#include <chrono>
#include <dirent.h>
#include <fcntl.h>
#include <filesystem>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/ADT/StringRef.h>

#include "runtime/attempt/outputs.h"
#include "runtime/ledger/folder.h"

namespace wfc::supervise {

namespace fs = std::filesystem;

namespace {

constexpr int64_t kLookMs = 1000;

bool isPattern(llvm::StringRef text) { return text.find_first_of("*?[") != llvm::StringRef::npos; }

/// What changes whenever a file, or anything in a folder, does; empty: it is not there, or empty.
std::string stampOf(const std::string& path) {
  struct stat one{};
  if (::stat(path.c_str(), &one) != 0) return {};
  auto stamp = [](const struct stat& s) {
    return fmt::format("{}.{}.{}.{} ", s.st_ino, s.st_size, s.st_mtim.tv_sec, s.st_mtim.tv_nsec);
  };
  if (!S_ISDIR(one.st_mode)) return one.st_size == 0 ? "" : stamp(one);
  std::vector<std::string> all;
  std::error_code error;
  for (fs::recursive_directory_iterator at(path, error), end; !error && at != end;
       at.increment(error)) {
    struct stat each{};
    if (::lstat(at->path().c_str(), &each) == 0 && !S_ISDIR(each.st_mode))
      all.push_back(at->path().string() + " " + stamp(each));
  }
  std::sort(all.begin(), all.end());
  return llvm::join(all, "");
}

/// When it was written last, of a folder anything in it.
int64_t writtenAt(const std::string& path) {
  struct stat one{};
  if (::stat(path.c_str(), &one) != 0) return 0;
  int64_t at = one.st_mtim.tv_sec * 1000000000 + one.st_mtim.tv_nsec;
  std::error_code error;
  if (S_ISDIR(one.st_mode)) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path, error)) {
      struct stat each{};
      if (::lstat(entry.path().c_str(), &each) == 0)
        at = std::max<int64_t>(at, each.st_mtim.tv_sec * 1000000000 + each.st_mtim.tv_nsec);
    }
  }
  return at;
}

/// True if a process of ours on this machine has it, or something in it, open for writing.
bool isBeingWritten(const std::string& path) {
  std::error_code error;
  std::string whole = fs::canonical(path, error).string();
  if (error) return false;
  for (const fs::directory_entry& process : fs::directory_iterator("/proc", error)) {
    if (!llvm::isDigit(process.path().filename().c_str()[0])) continue;
    std::error_code ignored;
    for (const fs::directory_entry& fd : fs::directory_iterator(process.path() / "fd", ignored)) {
      std::string to = fs::read_symlink(fd.path(), ignored).string();
      if (to != whole && !llvm::StringRef(to).starts_with(whole + "/")) continue;
      std::string info =
          run::readFile((process.path() / "fdinfo" / fd.path().filename()).string()).value_or("");
      size_t at = info.find("flags:\t");
      unsigned flags = 0;
      if (at != std::string::npos)
        (void)llvm::StringRef(info)
            .drop_front(at + 7)
            .take_while(llvm::isDigit)
            .getAsInteger(8, flags);
      if ((flags & O_ACCMODE) != O_RDONLY) return true;
    }
  }
  return false;
}

/// `ckpt/latest.pt` of `ckpt/step-*.pt`; empty: there is nothing to choose from.
std::string linkFor(const std::string& pattern) {
  fs::path path(pattern);
  if (!isPattern(path.filename().string()) || isPattern(path.parent_path().string())) return {};
  std::string extension = path.extension().string();
  return (path.parent_path() / ("latest" + (isPattern(extension) ? "" : extension))).string();
}

}  // namespace

Checkpoints::Checkpoints(const Options& options) : settleMs_(options.settleMs) {
  for (const std::string& pattern : options.checkpoints)
    patterns_.push_back(fs::absolute(pattern).string());
  if (!options.latest.empty()) link_ = fs::absolute(options.latest).string();
  if (link_.empty() && !patterns_.empty()) link_ = linkFor(patterns_[0]);
}

std::vector<std::string> Checkpoints::matches() const {
  std::vector<std::string> paths;
  for (const std::string& pattern : patterns_) {
    glob_t found{};
    if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
      for (size_t n = 0; n < found.gl_pathc; ++n) {
        std::string path = found.gl_pathv[n];
        // Links, the latest among them, are other names of what is found anyway.
        if (path != link_ && path != link_ + ".b3" && !fs::is_symlink(path)) paths.push_back(path);
      }
    }
    ::globfree(&found);
  }
  return paths;
}

std::string Checkpoints::pathOf(const std::string& name) const {
  return (fs::path(link_).parent_path() / name).string();
}

std::string Checkpoints::nameOf(const std::string& path) const {
  return fs::path(path).lexically_relative(fs::path(link_).parent_path()).string();
}

std::map<std::string, std::string> Checkpoints::sums() const {
  std::map<std::string, std::string> sums;
  std::string text = link_.empty() ? "" : run::readFile(link_ + ".b3").value_or("");
  for (llvm::StringRef line : llvm::split(llvm::StringRef(text), '\n')) {
    auto [hash, name] = line.split("  ");
    if (!name.empty()) sums[name.str()] = hash.str();
  }
  return sums;
}

std::string Checkpoints::begin() {
  int64_t now = run::nowMs();
  changedAt_ = now;
  see(now);
  // What is there now is nothing new.
  for (auto& [path, one] : seen_) one.isDone = true;
  std::map<std::string, std::string> known = sums();
  std::vector<std::pair<int64_t, std::string>> newest;
  for (const auto& [name, hash] : known) newest.emplace_back(writtenAt(pathOf(name)), name);
  std::sort(newest.rbegin(), newest.rend());
  std::string damaged;
  for (const auto& [at, name] : newest) {
    Checkpoint one{pathOf(name), {}, 0};
    if (!run::hashOf(one.path, one.bytes, one.hash)) continue;
    if (one.hash != known[name]) {
      damaged += (damaged.empty() ? "" : ", ") + name;
      continue;
    }
    std::string wrong = point(one.path);
    if (!wrong.empty()) return wrong;
    newest_ = one;
    return damaged.empty() ? ""
                           : fmt::format("{} is not what it was; the latest is {}", damaged, name);
  }
  if (damaged.empty()) return {};
  ::unlink(link_.c_str());
  return fmt::format("{} is not what it was; there is no other", damaged);
}

void Checkpoints::see(int64_t now) {
  std::map<std::string, Seen> seen;
  for (const std::string& path : matches()) {
    std::string stamp = stampOf(path);
    if (stamp.empty()) continue;
    auto before = seen_.find(path);
    bool isSame = before != seen_.end() && before->second.stamp == stamp;
    seen[path] = isSame ? before->second : Seen{stamp, now, false};
    if (!isSame) changedAt_ = now;
  }
  seen_ = std::move(seen);
}

std::string Checkpoints::candidate(int64_t now) const {
  std::string best;
  int64_t at = -1;
  for (const auto& [path, one] : seen_) {
    if (one.isDone || now - one.since < settleMs_) continue;
    int64_t written = writtenAt(path);
    if (written < at || isBeingWritten(path)) continue;
    at = written;
    best = path;
  }
  return best;
}

std::string Checkpoints::point(const std::string& path) const {
  if (link_.empty()) return {};
  std::string to = nameOf(path);
  std::string aside = fmt::format("{}.{}.part", link_, ::getpid());
  ::unlink(aside.c_str());
  bool isDone =
      ::symlink(to.c_str(), aside.c_str()) == 0 && ::rename(aside.c_str(), link_.c_str()) == 0;
  return isDone ? "" : fmt::format("cannot link {}: {}", link_, std::strerror(errno));
}

bool Checkpoints::take(bool isTrusted) {
  std::optional<Checkpoint> made = hash_.get();
  auto seen = seen_.find(hashing_);
  bool isWhole = made && seen != seen_.end() && stampOf(hashing_) == stamp_;
  if (!isWhole) return false;
  // Older ones that were there too are behind it.
  int64_t at = writtenAt(hashing_);
  for (auto& [path, one] : seen_) {
    if (writtenAt(path) <= at && run::nowMs() - one.since >= settleMs_) one.isDone = true;
  }
  seen->second.isDone = true;
  if (!isTrusted) return false;
  ++count_;
  newest_ = made;
  newestSince_ = seen->second.since;
  if (link_.empty()) return true;
  std::map<std::string, std::string> known = sums();
  known[nameOf(hashing_)] = made->hash;
  std::string text;
  for (const auto& [name, hash] : known) {
    if (::access(pathOf(name).c_str(), F_OK) == 0) text += fmt::format("{}  {}\n", hash, name);
  }
  // The sum first: a link to what has none is not checked.
  run::writeWhole(link_ + ".b3", text);
  std::string wrong = point(hashing_);
  if (!wrong.empty()) fmt::print(stderr, "wfr: {}\n", wrong);
  return true;
}

bool Checkpoints::look(int64_t now, bool isTrusted) {
  if (isEmpty() || now < nextLook_) return false;
  nextLook_ = now + kLookMs;
  see(now);
  if (hash_.valid()) {
    bool isReady = hash_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    return isReady && take(isTrusted);
  }
  hashing_ = candidate(now);
  if (hashing_.empty()) return false;
  stamp_ = seen_[hashing_].stamp;
  hash_ = std::async(std::launch::async, [path = hashing_]() -> std::optional<Checkpoint> {
    Checkpoint one{path, {}, 0};
    if (!run::hashOf(path, one.bytes, one.hash)) return std::nullopt;
    return one;
  });
  return false;
}

void Checkpoints::finish(bool isTrusted) {
  if (isEmpty()) return;
  if (hash_.valid()) {
    hash_.wait();
    take(isTrusted);
  }
  // Nobody writes any more.
  settleMs_ = 0;
  nextLook_ = 0;
  int64_t now = run::nowMs();
  look(now, isTrusted);
  if (!hash_.valid()) return;
  hash_.wait();
  take(isTrusted);
}

}  // namespace wfc::supervise
