// The lease: one small file that names its holder. It is taken by linking a prepared file to the
// name, which succeeds for one only; a dead holder's file is first renamed aside, which again
// succeeds for one only.
#include <cerrno>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/ADT/StringRef.h>

#include "runtime/ledger/folder.h"

namespace wfc::run {

namespace {

std::string textOf(const Lease::Holder& holder) {
  return fmt::format("{}\n{}\n{}\n", holder.name.text(), holder.expires, holder.job);
}

std::optional<Lease::Holder> parse(const std::string& text) {
  llvm::SmallVector<llvm::StringRef> lines;
  llvm::StringRef(text).split(lines, '\n');
  if (lines.size() < 3) return std::nullopt;
  Lease::Holder holder;
  std::optional<ProcessName> name =
      ProcessName::parse(std::string_view(lines[0].data(), lines[0].size()));
  if (!name || lines[1].getAsInteger(10, holder.expires)) return std::nullopt;
  holder.name = *name;
  holder.job = lines[2].str();
  return holder;
}

bool isStale(const Lease::Holder& holder, bool (*isGone)(const Lease::Holder&)) {
  int alive = lives(holder.name);
  if (alive >= 0) return alive == 0;
  if (nowMs() < holder.expires) return false;
  return isGone == nullptr || isGone(holder);
}

}  // namespace

std::unique_ptr<Lease> Lease::take(const std::string& run, int64_t ms, const std::string& job,
                                   Holder& refusedBy, bool (*isGone)(const Holder&)) {
  std::string path = fmt::format("{}/{}", run, abi::kLeaseFile);
  Holder own{ownName(), nowMs() + ms, job};
  std::string mine = fmt::format("{}.{}.{}", path, own.name.host, own.name.pid);
  std::unique_ptr<Lease> lease(new Lease(path, job));
  lease->text_ = textOf(own);
  if (!writeWhole(mine, lease->text_)) {
    refusedBy = {};
    lease->text_.clear();
    return nullptr;
  }
  for (int round = 0; round < 3; ++round) {
    if (::link(mine.c_str(), path.c_str()) == 0) {
      ::unlink(mine.c_str());
      return lease;
    }
    std::optional<std::string> text = readFile(path);
    if (!text) continue;
    std::optional<Holder> holder = parse(*text);
    // A file that cannot be read is one from a crash of the system: nobody who lives wrote it.
    if (holder && !isStale(*holder, isGone)) {
      refusedBy = *holder;
      break;
    }
    std::string aside = fmt::format("{}.stale", mine);
    if (::rename(path.c_str(), aside.c_str()) != 0) continue;
    std::optional<std::string> moved = readFile(aside);
    // Somebody was quicker, and it was a living lease that was moved: put it back.
    if (moved && *moved != *text) ::link(aside.c_str(), path.c_str());
    ::unlink(aside.c_str());
  }
  ::unlink(mine.c_str());
  lease->text_.clear();
  return nullptr;
}

Lease::~Lease() {
  if (text_.empty()) return;
  std::optional<std::string> now = readFile(path_);
  if (now && *now == text_) ::unlink(path_.c_str());
}

bool Lease::renew(int64_t ms) {
  std::optional<std::string> now = readFile(path_);
  if (!now || *now != text_) return false;
  std::string text = textOf({ownName(), nowMs() + ms, job_});
  if (!writeWhole(path_, text)) return false;
  text_ = text;
  return true;
}

}  // namespace wfc::run
