// Help, made from the table of verbs.
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
    for (const Verb& verb : verbs()) {
      if (verb.name != given.words[0]) continue;
      if (verb.all != nullptr) return verb.all({"--help"});
      helpOn(verb);
      return abi::Good;
    }
    return wrongUse(fmt::format("there is no verb `{}`", given.words[0]));
  }
  fmt::print("wfr runs what wfc built.\n\n");
  for (const Verb& verb : verbs()) {
    if (!verb.isHidden)
      fmt::print("  {:<12} {:<14} {}\n", verb.name.str(), verb.words.str(), verb.summary.str());
  }
  fmt::print("\n`wfr help VERB` tells more.\n");
  return abi::Good;
}

}  // namespace wfc::run
