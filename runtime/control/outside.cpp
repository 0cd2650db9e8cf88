// See outside.h. A link is swapped by renaming a fresh one over it; a folder of links is itself
// behind a link, so that its swap is one rename too.
#include "runtime/control/outside.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fnmatch.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/StringExtras.h>

#include "runtime/attempt/outputs.h"
#include "runtime/attempt/run.h"

namespace wfc::run {

namespace fs = std::filesystem;

namespace {

/// From the folder of a link to its target.
std::string targetFrom(const std::string& link, const std::string& target, const std::string& run) {
  bool isInside = llvm::StringRef(link).starts_with(run + "/") &&
                  llvm::StringRef(target).starts_with(run + "/");
  if (!isInside) return target;
  return fs::path(target).lexically_relative(fs::path(link).parent_path()).string();
}

/// True if `path` is a link that this run made, or nothing at all.
bool isOurs(const std::string& path, const std::string& run) {
  std::error_code error;
  fs::path target = fs::read_symlink(path, error);
  if (error) return !fs::exists(fs::symlink_status(path, error));
  fs::path whole =
      target.is_absolute() ? target : (fs::path(path).parent_path() / target).lexically_normal();
  return llvm::StringRef(whole.string()).starts_with(run + "/") ||
         target.string().find(".wfr-list.") == 0;
}

bool swapLink(const std::string& path, const std::string& target) {
  std::string fresh = fmt::format("{}.wfr-new", path);
  ::unlink(fresh.c_str());
  return ::symlink(target.c_str(), fresh.c_str()) == 0 &&
         ::rename(fresh.c_str(), path.c_str()) == 0;
}

/// A link whose targets are withdrawn; what somebody else put there meanwhile stays.
std::string removeLink(const std::string& link, const std::string& run) {
  std::error_code error;
  std::string old = fs::read_symlink(link, error).string();
  if (error || !isOurs(link, run)) return {};
  if (::unlink(link.c_str()) != 0)
    return fmt::format("cannot remove {}: {}", link, std::strerror(errno));
  if (old.starts_with(".wfr-list.")) removeAll(link.substr(0, link.rfind('/') + 1) + old);
  return {};
}

/// Matches a pattern's components against folders, `**` being any number of them.
void globInto(const fs::path& at, const std::string& relative,
              llvm::ArrayRef<llvm::StringRef> pattern, std::vector<std::string>& found) {
  std::error_code error;
  if (pattern.empty()) return;
  std::vector<std::string> names;
  for (fs::directory_iterator it(at, error), end; !error && it != end; it.increment(error))
    names.push_back(it->path().filename().string());
  std::sort(names.begin(), names.end());
  bool isDeep = pattern.front() == "**";
  if (isDeep) globInto(at, relative, pattern.drop_front(), found);
  for (const std::string& name : names) {
    std::string whole = relative.empty() ? name : relative + "/" + name;
    bool isDir = fs::is_directory(at / name, error);
    if (isDeep) {
      if (isDir && name[0] != '.') globInto(at / name, whole, pattern, found);
      continue;
    }
    if (::fnmatch(pattern.front().str().c_str(), name.c_str(), FNM_PERIOD) != 0) continue;
    if (pattern.size() == 1)
      found.push_back(whole);
    else if (isDir)
      globInto(at / name, whole, pattern.drop_front(), found);
  }
}

/// What we may still write there.
int64_t roomAt(const std::string& path) {
  struct statvfs room{};
  if (::statvfs(path.c_str(), &room) != 0) return 0;
  return static_cast<int64_t>(room.f_bavail * room.f_frsize);
}

bool isThere(const Sight& sight, const std::string& project, int64_t now) {
  if (sight.path.empty()) return now >= sight.instant;
  std::string path = sight.path.starts_with("/") ? sight.path : project + "/" + sight.path;
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return false;
  int64_t age =
      now - (static_cast<int64_t>(info.st_mtim.tv_sec) * 1000 + info.st_mtim.tv_nsec / 1000000);
  return age >= sight.ageMs && info.st_size >= sight.bytes &&
         (sight.freeBytes == 0 || roomAt(path) >= sight.freeBytes);
}

/// When to look again (ms from now); an hour where nothing says sooner.
int64_t untilNext(const Watch& watch, int64_t now) {
  int64_t next = 3600000;
  for (const std::vector<Sight>& all : watch.any)
    for (const Sight& sight : all)
      if (!sight.path.empty())
        next = std::min<int64_t>(next, 1000);
      else if (sight.instant > now)
        next = std::min(next, sight.instant - now);
  if (watch.timeoutAt > 0) next = std::min(next, std::max<int64_t>(1, watch.timeoutAt - now));
  return next;
}

}  // namespace

std::string moveLink(const std::string& root, const std::string& run, const MoveLink& move) {
  if (move.link.find("://") != std::string::npos)
    return fmt::format("cannot publish {}: it lies in an object store, which has no links",
                       move.link);
  std::string link = move.link.starts_with("/") ? move.link : root + "/" + move.link;
  if (("/" + move.link + "/").find("/../") != std::string::npos)
    return fmt::format("cannot publish {}: its path leads out of {}", move.link, root);
  std::string folder = link.substr(0, link.rfind('/'));
  if (move.targets.empty()) return removeLink(link, run);
  if (!makeFolders(folder)) return fmt::format("cannot make {}: {}", folder, std::strerror(errno));
  if (!move.shared && !isOurs(link, run))
    return fmt::format("cannot publish {}: something there was not made by this run", link);
  std::string target;
  if (!move.isList) {
    target = targetFrom(link, move.targets.front(), run);
  } else {
    std::string name = link.substr(link.rfind('/') + 1);
    target = fmt::format(".wfr-list.{}.{}", name, nowMs());
    std::string aside = folder + "/" + target;
    if (!makeFolders(aside)) return fmt::format("cannot make {}: {}", aside, std::strerror(errno));
    for (const std::string& member : move.targets) {
      std::string own = aside + "/" + member.substr(member.rfind('/') + 1);
      // Members of one list may have equal file names: those of more than one index lie in folders
      // of their own.
      if (fs::exists(fs::symlink_status(own)))
        own = aside + "/" + fs::path(member).parent_path().filename().string() + "." +
              fs::path(own).filename().string();
      if (::symlink(targetFrom(own, member, run).c_str(), own.c_str()) != 0)
        return fmt::format("cannot link {}: {}", own, std::strerror(errno));
    }
  }
  std::error_code error;
  std::string old = fs::read_symlink(link, error).string();
  if (!swapLink(link, target)) return fmt::format("cannot link {}: {}", link, std::strerror(errno));
  if (old.starts_with(".wfr-list.") && old != target) removeAll(folder + "/" + old);
  return {};
}

std::vector<std::string> globFiles(const std::string& folder, const std::string& pattern) {
  std::vector<std::string> found;
  bool isWhole = pattern.starts_with("/");
  llvm::SmallVector<llvm::StringRef> components;
  llvm::StringRef(pattern).split(components, '/', -1, false);
  globInto(isWhole ? "/" : folder, "", components, found);
  if (isWhole) {
    for (std::string& path : found) path = "/" + path;
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

std::optional<ir::Outcome> lookAt(const Watch& watch, const std::string& project, int64_t now,
                                  std::string& why) {
  for (const std::vector<Sight>& all : watch.any) {
    if (!llvm::all_of(all, [&](const Sight& sight) { return isThere(sight, project, now); }))
      continue;
    if (watch.any.size() > 1) why = "there is " + textOf(all);
    return ir::Outcome::Ok;
  }
  if (watch.timeoutAt == 0 || now < watch.timeoutAt) return std::nullopt;
  why = "its time was over; it waited for " + textOf(watch);
  return watch.timeoutIsNoData ? ir::Outcome::NoData : ir::Outcome::TimedOut;
}

int64_t lookAtWatches(Controller& controller, const Decisions& decisions, int64_t now) {
  int64_t again = 0;
  for (const Watch& watch : decisions.watches) {
    std::string why;
    std::optional<ir::Outcome> outcome = lookAt(watch, controller.view().header.project, now, why);
    if (!outcome) {
      int64_t next = untilNext(watch, now);
      again = again == 0 ? next : std::min(again, next);
      continue;
    }
    Record record;
    record.kind = Record::End;
    record.time = record.ended = now;
    std::string id = controller.engine().idOf(watch.instance);
    record.instance = id;
    record.attempt = controller.engine().attemptOf(watch.instance);
    record.outcome = *outcome;
    record.text = why;
    std::vector<Attempt> attempts = controller.engine().attemptsOf(watch.instance);
    record.started = attempts.empty() ? now : attempts.back().started;
    controller.take(record);
    again = 1;
  }
  return again;
}

void runHooks(Controller& controller, const Decisions& decisions) {
  for (const RunHook& hook : decisions.hooks) {
    Engine& engine = controller.engine();
    Launch launch{hook.hook, 1, engine.needsOf(hook.hook, 1)};
    Job job;
    Record record;
    record.kind = Record::Hook;
    std::string id = engine.idOf(hook.hook);
    record.instance = id;
    std::string why =
        makeJob(engine, controller.run(), controller.view().header.project, launch, job);
    record.outcome = ir::Outcome::Failed;
    if (why.empty()) {
      // A hook whose record was lost in a crash may run again; a claim of the dead run must not
      // stop it.
      removeAll(job.work);
      if (claim(job)) {
        Ending ending = runAttempt(job, {});
        record.outcome = ending.outcome;
        why = ending.why;
      }
    }
    record.time = nowMs();
    record.text = why;
    if (record.outcome != ir::Outcome::Ok)
      fmt::print(stderr, "wfr: hook {} failed: {}; see {}\n", id, why, job.log);
    controller.take(record);
  }
}

}  // namespace wfc::run
