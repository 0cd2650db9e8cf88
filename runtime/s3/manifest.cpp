// See manifest.h.
#include "runtime/s3/manifest.h"

#include <algorithm>

#include <fmt/format.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringExtras.h>

#include "runtime/s3/address.h"

namespace wfc::s3 {

namespace {

constexpr llvm::StringRef kTitle = "wfr-manifest 1";

std::string coded(const std::string& text) { return text.empty() ? "." : percent(text, true); }

std::string lineOf(const std::string& name, const Entry& entry) {
  std::string time = timeText(entry.mtime);
  if (entry.kind == 'd')
    return fmt::format("d {:o} {} {}\n", entry.mode & 07777u, time, coded(name));
  if (entry.kind == 'l') return fmt::format("l {} {} {}\n", time, coded(entry.target), coded(name));
  return fmt::format("f {:o} {} {} {} {} {}\n", entry.mode & 07777u, time, entry.size,
                     move::hexOf(entry.hash), percent(entry.etag, false), coded(name));
}

bool readTime(llvm::StringRef text, timespec& time) {
  auto [seconds, rest] = text.split('.');
  return rest.size() == 9 && !seconds.getAsInteger(10, time.tv_sec) &&
         !rest.getAsInteger(10, time.tv_nsec);
}

bool readMode(llvm::StringRef text, mode_t& mode) {
  unsigned number = 0;
  bool isGood = !text.getAsInteger(8, number);
  mode = number & 07777;
  return isGood;
}

bool readText(llvm::StringRef text, std::string& plain) {
  std::optional<std::string> read = unpercent(text == "." ? "" : text);
  plain = read.value_or("");
  return read.has_value();
}

bool readHash(llvm::StringRef text, move::Digest& digest) {
  std::string bytes;
  if (text.size() != 2 * digest.size() || !llvm::tryGetFromHex(text, bytes)) return false;
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return true;
}

bool readLine(llvm::StringRef line, std::string& name, Entry& entry) {
  llvm::SmallVector<llvm::StringRef, 7> words;
  line.split(words, ' ');
  entry.kind = words[0].empty() ? ' ' : words[0][0];
  if (words[0] == "d" && words.size() == 4)
    return readMode(words[1], entry.mode) && readTime(words[2], entry.mtime) &&
           readText(words[3], name);
  if (words[0] == "l" && words.size() == 4)
    return readTime(words[1], entry.mtime) && readText(words[2], entry.target) &&
           readText(words[3], name);
  return words[0] == "f" && words.size() == 7 && readMode(words[1], entry.mode) &&
         readTime(words[2], entry.mtime) && !words[3].getAsInteger(10, entry.size) &&
         readHash(words[4], entry.hash) && readText(words[5], entry.etag) &&
         readText(words[6], name);
}

}  // namespace

std::string timeText(const timespec& time) {
  return fmt::format("{}.{:09}", time.tv_sec, time.tv_nsec);
}

std::string noteOf(const std::string& key) {
  size_t name = key.rfind('/') == std::string::npos ? 0 : key.rfind('/') + 1;
  return key.substr(0, name) + "." + key.substr(name) + kMark;
}

bool isOurs(llvm::StringRef below) {
  llvm::StringRef name = below.rsplit('/').second.empty() ? below : below.rsplit('/').second;
  return name == kManifest || (name.starts_with(".") && name.ends_with(kMark));
}

std::string Manifest::text() const {
  std::string text = kTitle.str() + "\n";
  for (const auto& [name, entry] : entries) text += lineOf(name, entry);
  return text;
}

std::string Manifest::hash() const {
  move::TreeHash hasher;
  for (const auto& [name, entry] : entries) {
    if (entry.kind == 'f') hasher.file(name, entry.size, entry.hash);
    if (entry.kind == 'l') hasher.link(name, entry.target);
  }
  return hasher.text();
}

std::optional<Manifest> readManifest(llvm::StringRef text) {
  Manifest manifest;
  auto [title, rest] = text.split('\n');
  if (title != kTitle) return {};
  while (!rest.empty()) {
    auto [line, after] = rest.split('\n');
    rest = after;
    std::string name;
    Entry entry;
    if (!readLine(line, name, entry)) return {};
    manifest.entries[name] = std::move(entry);
  }
  return manifest;
}

}  // namespace wfc::s3
