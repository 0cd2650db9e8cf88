// wfr-geo: steps of flows that work on rasters and features, by GDAL. Makes GDAL ready and leaves
// the rest to the verbs.
#include <gdal_priv.h>
#include <malloc.h>
#include <string>
#include <sys/resource.h>
#include <vector>

#include "runtime/geo/command.h"
#include "runtime/geo/problem.h"

namespace wfc::geo {

namespace {

/// Blocks that GDAL keeps decoded, for all threads together.
constexpr GIntBig kCacheBytes = 32 << 20;

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

}  // namespace

}  // namespace wfc::geo

int main(int argc, char** argv) {
  // Buffers of some MiB come and go with each row of blocks: kept, not fetched anew each time.
  mallopt(M_MMAP_THRESHOLD, 64 << 20);
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
  std::vector<std::string> args(argv + 1, argv + argc);
  const wfc::beside::Program program{
      "wfr-geo", "Works on rasters and features, in blocks and on several threads.",
      wfc::geo::commands(),
      "An output appears whole or not at all. Exit status: 0 done, 1 something went wrong,\n"
      "2 wrong use, 4 there was nothing to make.",
      wfc::geo::beginGdal};
  return wfc::beside::runProgram(program, args);
}
