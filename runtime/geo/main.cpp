// wfr-geo: steps of flows that work on rasters and features, by GDAL. Reads the command line and
// leaves the rest to the verbs.
#include <string>
#include <vector>

#include "runtime/geo/command.h"

int main(int argc, char** argv) {
  std::vector<std::string> args(argv + 1, argv + argc);
  return wfc::geo::runCommand(args);
}
