// The table of verbs: what each is called, takes and says of itself. See command.h.
#include "runtime/geo/command.h"
#include "runtime/geo/tiles.h"

namespace wfc::geo {

namespace {

constexpr unsigned kMany = 1u << 30;

std::vector<base::Flag> with(std::vector<base::Flag> own) {
  for (const base::Flag& flag : std::initializer_list<base::Flag>{
           {"--threads", "N",
            "at most so many at once; $OMP_NUM_THREADS, or as many as there are processors"},
           {"--json", "", "what was done as JSON, on standard output"},
           {"--result", "FILE", "the same into a file; a step of a flow reads its values there"}})
    own.push_back(flag);
  return own;
}

constexpr const char* kRasterize =
    "A tile is a file of polygons whose name ends in LEVEL/COLUMN/ROW. The raster at\n"
    "DIR/LEVEL/COLUMN/ROW.tif has two bands: how many polygons have their centroid in a cell\n"
    "(staging_centroid_x and _y where there are such columns), and how much of a cell they\n"
    "cover, each counted for itself. Polygons whose staging_duplicated is true are left out.";
constexpr const char* kCoarsen =
    "A tile's name ends in LEVEL/COLUMN/ROW.tif. The parents, at DIR/LEVEL-1/COLUMN/ROW.tif,\n"
    "are as large as a child in cells; each of theirs is made of two by two below. A child\n"
    "that is not given is all zero.";
constexpr const char* kMosaic =
    "The result covers all rasters, on the grid of the one with the largest cells. Where\n"
    "several have a value, the rule decides; nodata, each file's own, is none. Rasters that\n"
    "lie on other grids are refused, unless --align says how they are resampled.";
constexpr const char* kFootprint =
    "A raster's polygon is its rectangle, that of features is their convex hull. Columns:\n"
    "file, features.";
constexpr const char* kTile =
    "A polygon goes into DIR/LEVEL/COLUMN/ROW.gpkg for each tile that it reaches into, whole,\n"
    "with the columns it has and those of staging: staging_identifier, the same for it each\n"
    "time, staging_centroid_x and _y, and so on. Files that are put together are to have the\n"
    "same columns.";
constexpr const char* kRender =
    "A tile's name ends in LEVEL/COLUMN/ROW.tif; its picture is DIR/LEVEL/COLUMN/ROW.png.\n"
    "Colours run from the lowest value of the range to the highest; nodata is transparent,\n"
    "and so is the value of --empty.";
constexpr const char* kAgreement =
    "Both are maps of one band: 0 is dry, 1 is wet, nodata is neither. The result says 0\n"
    "where both are dry, 1 where only the benchmark is wet, 2 where only the candidate is, 3\n"
    "where both are, 4 where cells were masked, and 255 where one has no value.";

/// Whole maps.
std::vector<Command> mapVerbs() {
  return {{"agreement",
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
           footprintVerb}};
}

/// Tiles of them.
std::vector<Command> tileVerbs() {
  return {
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
       renderVerb}};
}

}  // namespace

llvm::ArrayRef<Command> commands() {
  static const std::vector<Command> table = [] {
    std::vector<Command> all = mapVerbs();
    for (Command& command : tileVerbs()) all.push_back(std::move(command));
    return all;
  }();
  return table;
}

}  // namespace wfc::geo
