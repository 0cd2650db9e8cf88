// wfr-torch: steps of flows that train and evaluate, by libtorch. Leaves the command line to the
// verbs.
#include <malloc.h>
#include <string>
#include <vector>

#include "runtime/torch/command.h"

int main(int argc, char** argv) {
  // Tensors come and go with each step: their memory is kept, not fetched anew each time.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
  std::vector<std::string> args(argv + 1, argv + argc);
  const wfc::beside::Program program{
      "wfr-torch",
      "Trains and evaluates small networks; interrupted, it goes on with the same bits.",
      wfc::learn::commands(),
      "An output appears whole or not at all. Exit status: 0 done, 1 something went wrong,\n"
      "2 wrong use, 6 the memory is used up, 65 the loss is no number any more (as `wfr "
      "supervise`).",
      [] {}};
  return wfc::beside::runProgram(program, args);
}
