// See command.h.
#include "runtime/geo/command.h"

#include <gdal_priv.h>
#include <optional>
#include <sys/resource.h>

#include <fmt/format.h>
#include <llvm/Support/raw_ostream.h>

#include "runtime/geo/aside.h"
#include "runtime/geo/problem.h"

namespace wfc::geo {

namespace {

/// Blocks that GDAL keeps decoded, for all threads together.
constexpr GIntBig kCacheBytes = 32 << 20;

constexpr const char* kAboutExit =
    "\n\nAn output appears whole or not at all. Exit status: 0 done, 1 something went wrong,\n"
    "2 wrong use, 4 there was nothing to make.";

int help() {
  fmt::print(
      "wfr-geo VERB\n\nWorks on rasters and features, in blocks and on several threads.\n\n");
  for (const Command& command : commands())
    fmt::print("  {:<12} {:<12} {}\n", command.name.str(), command.words.str(),
               command.summary.str());
  fmt::print("\n`wfr-geo VERB --help` tells more.\n");
  return Good;
}

int helpFor(const Command& command) {
  fmt::print("wfr-geo {} {}[FLAG]…\n\n{}\n\n{}{}\n\n{}", command.name.str(),
             command.words.empty() ? "" : command.words.str() + " ", command.summary.str(),
             command.help.str(), kAboutExit, base::helpOn(command.flags));
  return Good;
}

int tell(const Problem& problem) {
  fmt::print(stderr, "wfr-geo: {}{}{}\n", problem.path, problem.path.empty() ? "" : ": ",
             problem.what);
  if (!problem.fix.empty()) fmt::print(stderr, "  {}\n", problem.fix);
  return problem.exit;
}

void beginGdal() {
  listenToGdal();
  // No files beside those that were asked for, and the same bytes at any time.
  CPLSetConfigOption("GDAL_PAM_ENABLED", "NO");
  CPLSetConfigOption("OGR_CURRENT_DATE", "2000-01-01T00:00:00Z");
  // A GeoPackage that is not whole is thrown away.
  CPLSetConfigOption("OGR_SQLITE_SYNCHRONOUS", "OFF");
  CPLSetConfigOption("OGR_SQLITE_JOURNAL", "OFF");
  // Folders may hold thousands of tiles; their listing tells nothing.
  CPLSetConfigOption("GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR");
  GDALSetCacheMax64(kCacheBytes);
  // A mosaic may be made of thousands of files.
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  GDALAllRegister();
}

std::string jsonOf(const std::string& verb, llvm::json::Object values) {
  values["verb"] = verb;
  std::string text;
  llvm::raw_string_ostream out(text);
  out << llvm::formatv("{0:2}\n", llvm::json::Value(std::move(values)));
  return text;
}

/// What is wrong with the words, or nothing.
std::string wrongIn(const Command& command, const base::Given& given) {
  for (llvm::StringRef flag : command.needed) {
    if (!given.has(flag))
      return fmt::format("`wfr-geo {}` needs `{}`", command.name.str(), flag.str());
  }
  if (given.words.size() < command.least || given.words.size() > command.most)
    return fmt::format("usage: wfr-geo {} {}[FLAG]…", command.name.str(),
                       command.words.empty() ? "" : command.words.str() + " ");
  return {};
}

int run(const Command& command, llvm::ArrayRef<std::string> args) {
  base::Given given;
  std::string problem =
      base::readWords("wfr-geo " + command.name.str(), command.flags, args, given);
  if (problem.empty() && given.wantsHelp) return helpFor(command);
  // Names may look like flags.
  given.words.insert(given.words.end(), given.rest.begin(), given.rest.end());
  if (problem.empty()) problem = wrongIn(command, given);
  if (!problem.empty())
    return tell(
        {{}, problem, fmt::format("see `wfr-geo {} --help`", command.name.str()), WrongUse});
  beginGdal();
  try {
    std::optional<Aside> aside;
    if (given.has("--result")) aside.emplace(folderOf(given.get("--result")));
    Summary summary = command.run(given);
    std::string json = jsonOf(command.name.str(), std::move(summary.values));
    if (aside) aside->publishText(json, given.get("--result"));
    if (given.has("--json"))
      fmt::print("{}", json);
    else
      fmt::print(stderr, "{}: {}\n", command.name.str(), summary.text);
  } catch (const Problem& wrong) {
    return tell(wrong);
  }
  return Good;
}

}  // namespace

int runCommand(llvm::ArrayRef<std::string> args) {
  if (args.empty()) {
    help();
    return WrongUse;
  }
  if (args[0] == "--help" || args[0] == "-h" || args[0] == "help") return help();
  std::vector<std::string> names;
  for (const Command& command : commands()) {
    if (command.name == args[0]) return run(command, args.drop_front());
    names.push_back(command.name.str());
  }
  return tell({{},
               fmt::format("there is no verb `{}`{}", args[0], base::nearestOf(args[0], names)),
               "see `wfr-geo --help`",
               WrongUse});
}

}  // namespace wfc::geo
