// `wfr move merge`: several folders, or files, put together in one by a rule for what two of them
// have.
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/move/command.h"
#include "runtime/move/given.h"
#include "runtime/move/live.h"
#include "runtime/move/mirror.h"
#include "runtime/move/report.h"
#include "runtime/move/rows.h"
#include "runtime/move/transfer.h"

namespace wfc::move {

namespace {

struct Rule {
  enum Kind { Identical, Newest, Key } kind = Identical;
  std::string key;
};

std::optional<Rule> readRule(llvm::StringRef text) {
  if (text == "identical") return Rule{};
  if (text == "newest") return Rule{Rule::Newest, {}};
  if (text.consume_front("key=") && !text.empty()) return Rule{Rule::Key, text.str()};
  return {};
}

/// Decides about one file that both have.
class Meet {
 public:
  Meet(Work& work, const Tree& from, const Place& to, const Rule& rule)
      : work_(work), from_(from), to_(to), rule_(rule) {}

  Keep operator()(const Meeting& met) const {
    const Node& node = from_.nodes[met.node];
    std::string name = met.node == 0 ? to_.name() : node.name;
    if (!S_ISREG(met.there.st_mode)) return refuse(met, "is no file where the source has one");
    Fd ours(::openat(met.from, node.name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    Fd theirs(::openat(met.to, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!ours) return call(from_.pathOf(met.node), "cannot be read");
    if (!theirs) return call(path(met), "cannot be read");
    Digest one{}, other{};
    bool isSame = static_cast<uint64_t>(met.there.st_size) == node.size &&
                  hashFile(work_, ours.get(), node.size, one) &&
                  hashFile(work_, theirs.get(), node.size, other) && one == other;
    if (isSame) return Keep::Stay;
    if (rule_.kind == Rule::Newest) {
      if (isLater(node.mtime, met.there.st_mtim)) return Keep::Replace;
      if (isLater(met.there.st_mtim, node.mtime)) return Keep::Stay;
      return refuse(met, "has another content, and the same time");
    }
    bool isLayered = rule_.kind == Rule::Key && isDatabase(theirs.get());
    bool isTable = rule_.kind == Rule::Key && llvm::StringRef(name).ends_with_insensitive(".csv");
    if (!isLayered && !isTable) return refuse(met, "has another content");
    return isLayered ? features(met, name) : records(met, name, ours.get(), theirs.get());
  }

 private:
  std::string path(const Meeting& met) const {
    return met.node == 0 ? to_.path() : to_.path() + "/" + from_.below(met.node);
  }

  Keep refuse(const Meeting& met, const char* what) const {
    work_.fail(path(met), fmt::format("{}, compared with {}", what, from_.pathOf(met.node)),
               "take one of the two away, or merge by another rule");
    return Keep::Refuse;
  }

  Keep call(const std::string& path, const char* doing) const {
    work_.failCall(path, doing);
    return Keep::Refuse;
  }

  /// The destination's file, copied aside and appended to.
  Keep features(const Meeting& met, const std::string& name) const {
    Node node = nodeOf(met.there);
    node.name = name;
    FileMove move{met.to,
                  node,
                  met.area,
                  met.aside,
                  true,
                  -1,
                  0,
                  [&] { return path(met); },
                  [&] { return to_.partPath(); }};
    Digest ignored{};
    Hashes hashes;
    Moved moved = transfer(work_, move, hashes, ignored);
    if (moved != Moved::Yes && moved != Moved::Same) return Keep::Refuse;
    // By its folder, so that nobody can put another in the way.
    std::string aside = fmt::format("/proc/self/fd/{}/{}", met.area, met.aside);
    ::fchmodat(met.area, met.aside.c_str(), 0600, 0);
    return finish(met, name, appendFeatures(from_.pathOf(met.node), aside, rule_.key));
  }

  Keep records(const Meeting& met, const std::string& name, int ours, int theirs) const {
    std::string more(from_.nodes[met.node].size, '\0'),
        table(static_cast<size_t>(met.there.st_size), '\0');
    auto bytes = [](std::string& text) { return reinterpret_cast<uint8_t*>(text.data()); };
    if (readFully(ours, bytes(more), more.size(), 0) != static_cast<ssize_t>(more.size()))
      return call(from_.pathOf(met.node), "cannot be read");
    if (readFully(theirs, bytes(table), table.size(), 0) != static_cast<ssize_t>(table.size()))
      return call(path(met), "cannot be read");
    Appended appended = appendRecords(more, table, rule_.key);
    if (appended.wrong.empty() && appended.rows > 0) {
      removeAll(met.area, met.aside);
      Fd file(::openat(met.area, met.aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
      if (!file || !writeFully(file.get(), bytes(table), table.size(), 0) || !file.reset())
        return call(to_.partPath(), "cannot be written");
    }
    return finish(met, name, appended);
  }

  /// The new version takes the place of the old one, if it has more.
  Keep finish(const Meeting& met, const std::string& name, const Appended& appended) const {
    if (!appended.wrong.empty()) {
      work_.fail(from_.pathOf(met.node), appended.wrong, appended.fix);
      removeAll(met.area, met.aside);
      return Keep::Refuse;
    }
    if (appended.rows == 0) {
      removeAll(met.area, met.aside);
      return Keep::Stay;
    }
    Node node = nodeOf(met.there);
    const timespec& ours = from_.nodes[met.node].mtime;
    if (isLater(ours, node.mtime)) node.mtime = ours;
    Fd file(::openat(met.area, met.aside.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    bool isGood = file && stamp(file.get(), node, false) &&
                  (!work_.options.isFlushed || ::fsync(file.get()) == 0) &&
                  ::renameat(met.area, met.aside.c_str(), met.to, name.c_str()) == 0;
    if (!isGood) return call(path(met), "cannot be put in place");
    ++work_.count.merged;
    work_.count.rows += appended.rows;
    return Keep::Done;
  }

  Work& work_;
  const Tree& from_;
  const Place& to_;
  const Rule& rule_;
};

bool mergeOne(Work& work, const std::string& source, const std::string& destination,
              const Rule& rule) {
  Tree from;
  Place to;
  Live live;
  if (!scan(work, source, from) || !to.open(work, destination) || !areApart(work, from, to))
    return false;
  if (!live.open(work, to, from.nodes[0].isFolder())) return false;
  Mirror mirror(work, from,
                {to.folder(), to.name(), to.path(), true, live.area(), Live::kInside, false,
                 Meet(work, from, to, rule)});
  bool isGood = mirror.run() && live.flush(work, to);
  live.close(isGood);
  return isGood;
}

}  // namespace

int mergeCommand(const base::Given& given) {
  std::optional<Options> options = readOptions(given);
  std::optional<Rule> rule = readRule(given.get("--by"));
  if (!options) return WrongUse;
  if (!rule) return wrongUse("`--by` is identical, newest or key=COLUMN");
  Work::begin();
  Work work(*options);
  Summary summary{"merge", given.words[0], given.words.back(), {}, 0, false};
  double begun = secondsNow();
  {
    Progress progress(work, "merge");
    for (size_t n = 0; n + 1 < given.words.size(); ++n) {
      if (!mergeOne(work, given.words[n], given.words.back(), *rule)) break;
    }
  }
  return finish(work, summary, given, begun);
}

}  // namespace wfc::move
