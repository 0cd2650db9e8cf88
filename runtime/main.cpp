// wfr: runs what wfc built. Reads the command line and leaves the rest to runtime/verbs.
#include <string>
#include <vector>

#include "runtime/verbs/verbs.h"

int main(int argc, char** argv) {
  std::vector<std::string> args(argv + 1, argv + argc);
  return wfc::run::runCommand(args);
}
