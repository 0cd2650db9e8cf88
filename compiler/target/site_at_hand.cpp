// The site that stands in where none is given.
#include "fmt/format.h"

#include "compiler/target/target.h"

namespace wfc::target {

std::string siteAtHand(llvm::StringRef scheduler) {
  return fmt::format(
      "# The machine at hand: sizes are not stated, so they are whatever it has, and a task that "
      "asks for more gets all.\n"
      "name = \"here\"\n"
      "scheduler = \"{}\"\n"
      "oversubscribe = true\n"
      "\n"
      "[defaults]\n"
      "cpus = 1\n"
      "memory = \"1GiB\"\n"
      "time = \"24h\"\n"
      "\n"
      "[modules]\n"
      "system = \"lmod\"\n"
      "\n"
      "[containers]\n"
      "runtime = \"docker\"\n",
      scheduler.str());
}

}  // namespace wfc::target
