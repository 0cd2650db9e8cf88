// Help and completions, both made from the table of verbs.
#include <algorithm>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>

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

std::string words(bool withFlags, const Verb* only) {
  std::string text;
  for (const Verb& verb : verbs()) {
    if (verb.isHidden || (only != nullptr && only != &verb)) continue;
    if (!withFlags) text += (text.empty() ? "" : " ") + verb.name.str();
    if (!withFlags) continue;
    for (llvm::StringRef own : verb.verbs) text += (text.empty() ? "" : " ") + own.str();
    for (const Flag& flag : verb.flags) text += (text.empty() ? "" : " ") + flag.name.str();
  }
  return text;
}

void completeBash() {
  fmt::print(
      "_wfr() {{\n  local word=\"${{COMP_WORDS[COMP_CWORD]}}\"\n  if (( COMP_CWORD == 1 )); "
      "then\n");
  fmt::print(
      "    COMPREPLY=($(compgen -W '{}' -- \"$word\"))\n    return\n  fi\n  case "
      "\"${{COMP_WORDS[1]}}\" in\n",
      words(false, nullptr));
  for (const Verb& verb : verbs()) {
    if (!verb.isHidden)
      fmt::print(
          "    {}) COMPREPLY=($(compgen -W '{}' -- \"$word\") $(compgen -f -- \"$word\")) ;;\n",
          verb.name.str(), words(true, &verb));
  }
  fmt::print("  esac\n}}\ncomplete -o filenames -F _wfr wfr\n");
}

void completeZsh() {
  fmt::print("#compdef wfr\n_wfr() {{\n  local -a verbs\n  verbs=(\n");
  for (const Verb& verb : verbs()) {
    if (!verb.isHidden) fmt::print("    '{}:{}'\n", verb.name.str(), verb.summary.str());
  }
  fmt::print(
      "  )\n  if (( CURRENT == 2 )); then\n    _describe verb verbs\n    return\n  fi\n  case "
      "\"$words[2]\" in\n");
  for (const Verb& verb : verbs()) {
    if (!verb.isHidden)
      fmt::print("    {}) compadd -- {}; _files ;;\n", verb.name.str(), words(true, &verb));
  }
  fmt::print("  esac\n}}\n_wfr \"$@\"\n");
}

void completeFish() {
  for (const Verb& verb : verbs()) {
    if (verb.isHidden) continue;
    std::string summary = verb.summary.str();
    std::replace(summary.begin(), summary.end(), '\'', ' ');
    fmt::print("complete -c wfr -n __fish_use_subcommand -f -a {} -d '{}'\n", verb.name.str(),
               summary);
    if (!verb.verbs.empty())
      fmt::print("complete -c wfr -n '__fish_seen_subcommand_from {}' -a '{}'\n", verb.name.str(),
                 llvm::join(verb.verbs, " "));
    for (const Flag& flag : verb.flags)
      fmt::print("complete -c wfr -n '__fish_seen_subcommand_from {}' -l {}{} -d '{}'\n",
                 verb.name.str(), flag.name.drop_front(2).str(), flag.value.empty() ? "" : " -r",
                 flag.help.str());
  }
}

int helpOnSelectors() {
  fmt::print(
      "A selector names instances of a run; several name all of theirs together.\n\n"
      "  model                     the family, or all families of the task `model`\n"
      "  model[2025-03-02]         one instance\n"
      "  wet[a12,*]  wet[a*]       `*` and `?` in keys; indices that are not written are all\n"
      "  model[2025-03..2025-05]   a range of keys; its last key counts, and what begins with it\n"
      "  model[2025-06..]          from there on\n"
      "  *:failed  model:timed_out those in that state: an outcome, a cause, or waiting ready "
      "queued\n"
      "                            running delayed ended\n\n"
      "In a shell they stand in quotes.\n");
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

int verbCompletion(const Given& given) {
  if (given.words[0] == "bash")
    completeBash();
  else if (given.words[0] == "zsh")
    completeZsh();
  else if (given.words[0] == "fish")
    completeFish();
  else
    return wrongUse(
        fmt::format("no completions for `{}`; there are bash, zsh and fish", given.words[0]));
  return abi::Good;
}

}  // namespace wfc::run
