// wfr-geo: steps of flows that work on rasters and features, by GDAL. Reads the command line and
// leaves the rest to the verbs.
#include <malloc.h>
#include <string>
#include <vector>

#include "runtime/geo/command.h"

int main(int argc, char** argv) {
  // Buffers of some MiB come and go with each row of blocks: kept, not fetched anew each time.
  mallopt(M_MMAP_THRESHOLD, 64 << 20);
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
  std::vector<std::string> args(argv + 1, argv + argc);
  return wfc::geo::runCommand(args);
}
