// Help, made from the table of verbs.
#include <algorithm>

#include <fmt/format.h>

#include "runtime/abi/abi.h"
#include "runtime/verbs/verbs.h"

namespace wfc::run {

namespace {

void helpOn(const Verb& verb) {
  fmt::print("wfr {} {}{}\n\n{}\n", verb.name.str(), verb.words.str(),
             verb.flags.empty() ? "" : " [FLAG]…", verb.summary.str());
  if (!verb.help.empty()) fmt::print("\n{}\n", verb.help.str());
  if (!verb.flags.empty()) fmt::print("\n");
  fmt::print("{}", base::helpOn(verb.flags));
}

int helpOnSelectors() {
  fmt::print("{}", kAboutSelectors);
  return abi::Good;
}

}  // namespace

int verbHelp(const Given& given) {
  if (!given.words.empty() && given.words[0] == "selectors") return helpOnSelectors();
  if (!given.words.empty()) {
    std::vector<std::string> names;
    for (const Verb& verb : verbs()) {
      if (!verb.isHidden) names.push_back(verb.name.str());
      if (verb.name != given.words[0]) continue;
      if (verb.all != nullptr) return verb.all({"--help"});
      helpOn(verb);
      return abi::Good;
    }
    return wrongUse(fmt::format("there is no verb `{}`{}", given.words[0],
                                base::nearestOf(given.words[0], names)));
  }
  fmt::print("wfr runs what wfc built.\n\n");
  size_t width = 0;
  for (const Verb& verb : verbs())
    if (!verb.isHidden) width = std::max(width, verb.words.size());
  for (const Verb& verb : verbs()) {
    if (!verb.isHidden)
      fmt::print("  {:<12} {:<{}} {}\n", verb.name.str(), verb.words.str(), width,
                 verb.summary.str());
  }
  fmt::print("\n`wfr help VERB` tells more.\n");
  return abi::Good;
}

}  // namespace wfc::run
