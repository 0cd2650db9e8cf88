// See command.h.
#include "runtime/geo/command.h"

#include <gdal_priv.h>
#include <optional>
#include <sys/resource.h>

#include <fmt/format.h>
#include <llvm/Support/raw_ostream.h>

#include "runtime/geo/aside.h"
#include "runtime/geo/problem.h"
#include "runtime/geo/tiles.h"

namespace wfc::geo {

namespace {

/// Blocks that GDAL keeps decoded, for all threads together.
constexpr GIntBig kCacheBytes = 32 << 20;

constexpr unsigned kMany = 1u << 30;

std::vector<base::Flag> with(std::vector<base::Flag> own) {
  for (const base::Flag& flag : std::initializer_list<base::Flag>{
           {"--threads", "N", "at most so many at once; as many as there are processors"},
           {"--json", "", "what was done as JSON, on standard output"},
           {"--result", "FILE", "the same into a file; a step of a flow reads its values there"}})
    own.push_back(flag);
  return own;
}

constexpr const char* kAboutExit =
    "\n\nAn output appears whole or not at all. Exit status: 0 done, 1 something went wrong, 2 "
    "wrong "
    "use, 4 there was nothing to make.";

constexpr const char* kRasterize =
    "A tile is a file of polygons whose name ends in LEVEL/COLUMN/ROW. The raster at "
    "DIR/LEVEL/COLUMN/ROW.tif has two bands: how many polygons\n"
    "have their centroid in a cell (staging_centroid_x and _y where there are such columns), and "
    "how much of a cell they cover, each counted\n"
    "for itself. Polygons whose staging_duplicated is true are left out.";
constexpr const char* kCoarsen =
    "A tile's name ends in LEVEL/COLUMN/ROW.tif. The parents, at DIR/LEVEL-1/COLUMN/ROW.tif, are "
    "as "
    "large as a child in cells; each of\n"
    "theirs is made of two by two below. A child that is not given is all zero.";
constexpr const char* kMosaic =
    "The result covers all rasters, on the grid of the one with the largest cells. Where several "
    "have a value, the rule decides; nodata, each\n"
    "file's own, is none. Rasters that lie on other grids are refused, unless --align says how "
    "they "
    "are resampled.";
constexpr const char* kFootprint =
    "A raster's polygon is its rectangle, that of features is their convex hull. Columns: file, "
    "features.";
constexpr const char* kTile =
    "A polygon goes into DIR/LEVEL/COLUMN/ROW.gpkg for each tile that it reaches into, whole, with "
    "the columns it has and those of staging:\n"
    "staging_identifier, the same for it each time, staging_centroid_x and _y, and so on. Files "
    "that "
    "are put together are to have the same columns.";
constexpr const char* kRender =
    "A tile's name ends in LEVEL/COLUMN/ROW.tif; its picture is DIR/LEVEL/COLUMN/ROW.png. Colours "
    "run from the lowest value of the range to\n"
    "the highest; nodata is transparent, and so is the value of --empty.";
constexpr const char* kAgreement =
    "Both are maps of one band: 0 is dry, 1 is wet, nodata is neither. The result says 0 where "
    "both "
    "are dry, 1 where only the benchmark is\n"
    "wet, 2 where only the candidate is, 3 where both are, 4 where cells were masked, and 255 "
    "where "
    "one has no value.";

}  // namespace

llvm::ArrayRef<Command> commands() {
  static const std::vector<Command> table = {
      {"agreement",
       "",
       "compares a map of wet and dry cells with a benchmark",
       kAgreement,
       with({{"--candidate", "FILE", "the map that is judged; the result is on its grid"},
             {"--benchmark", "FILE", "what it is judged by"},
             {"--mask", "FILE", "polygons: cells with their centre inside are left out"},
             {"--align", "HOW",
              "nearest or bilinear: a benchmark on another grid is resampled; without, it is "
              "refused"},
             {"--wet-over", "VALUE", "maps of depths: cells above are wet, all others are dry"},
             {"--output", "FILE", "the result, a GeoTIFF"},
             {"--metrics", "FILE", "48 figures as a table of one line"}}),
       0,
       0,
       {"--candidate", "--benchmark", "--output"},
       agreementVerb},
      {"mosaic",
       "RASTER…",
       "puts rasters together as one, cell by cell",
       kMosaic,
       with({{"--rule", "RULE", "max (what happens if nothing is said), min, sum or first"},
             {"--clip", "FILE", "polygons: only cells with their centre inside are kept"},
             {"--align", "HOW", "nearest or bilinear: rasters on another grid are resampled"},
             {"--nodata", "VALUE", "what stands for no value; that of the first raster"},
             {"--output", "FILE", "the result, a GeoTIFF"}}),
       1,
       kMany,
       {"--output"},
       mosaicVerb},
      {"footprint",
       "FILE…",
       "says where files of rasters or features lie, a polygon for each",
       kFootprint,
       with({{"--crs", "NAME", "in which coordinates, EPSG:4326"},
             {"--output", "FILE", "the polygons, a GeoPackage"}}),
       1,
       kMany,
       {"--output"},
       footprintVerb},
      {"tile",
       "FILE…",
       "puts polygons into the tiles of a level",
       kTile,
       with({{"--level", "N", "of the tiles"},
             {"--footprint", "FILE", "polygons: what has no point in common with them is left out"},
             kMatrixFlag,
             {"--output", "DIR", "where the tiles go"}}),
       1,
       kMany,
       {"--level", "--output"},
       tileVerb},
      {"rasterize",
       "TILE…",
       "makes rasters of tiles of polygons: how many, and how much they cover",
       kRasterize,
       with({{"--size", "N", "columns and rows of a raster, 256"},
             kMatrixFlag,
             {"--output", "DIR", "where the rasters go"}}),
       1,
       kMany,
       {"--output"},
       rasterizeVerb},
      {"coarsen",
       "CHILD…",
       "makes the tiles of a level of a pyramid from those below",
       kCoarsen,
       with({{"--bands", "RULE…",
              "sum or mean for each band, with commas: sum,mean if nothing is said"},
             kMatrixFlag,
             {"--output", "DIR", "where the parents go"}}),
       1,
       kMany,
       {"--output"},
       coarsenVerb},
      {"render",
       "TILE…",
       "makes pictures for a web map of raster tiles",
       kRender,
       with({{"--band", "N", "whose values are shown, 2"},
             {"--low", "VALUE", "what has the first colour, 0"},
             {"--high", "VALUE", "what has the last colour, 1"},
             {"--colors", "COLOR…", "#RRGGBB or #RRGGBBAA, with commas; from light to dark red"},
             {"--empty", "VALUE", "what is transparent, 0"},
             kMatrixFlag,
             {"--output", "DIR", "where the pictures go"}}),
       1,
       kMany,
       {"--output"},
       renderVerb},
  };
  return table;
}

namespace {

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
