// See script.h.
#include "runtime/attempt/script.h"

#include <fmt/format.h>
#include <llvm/ADT/StringRef.h>

#include "runtime/abi/abi.h"

namespace wfc::run {

namespace {

/// True if sh and bash surely mean the same by a body, so that the cheaper one may run it.
bool isPlain(llvm::StringRef text) {
  for (llvm::StringRef word : {"echo", "source", "local ", "declare", "function", "read",
                               "printf %q", "[[", "$'", "$(", "<<<", "test "}) {
    if (text.contains(word)) return false;
  }
  for (size_t n = 0; n < text.size(); ++n) {
    char c = text[n];
    if (llvm::StringRef("|([`!~*?&").contains(c)) return false;
    if (c == '{' && (n == 0 || text[n - 1] != '$')) return false;
  }
  return true;
}

std::string assignment(const Variable& variable) {
  if (!variable.isList) return fmt::format("{}={}\n", variable.name, shellQuoted(variable.text));
  std::string line = variable.name + "=(";
  for (const std::string& word : variable.words)
    line += (line.back() == '(' ? "" : " ") + shellQuoted(word);
  return line + ")\n";
}

/// Longest text that is passed as an argument; the system allows 128 KiB.
constexpr size_t kLongestArgument = 100 * 1024;

/// Adds the script to argv: as text, or as a file when it is too long.
void addText(Command& command, std::string text, const std::string& varsFile) {
  if (text.size() <= kLongestArgument) {
    command.argv.insert(command.argv.end(), {"-c", std::move(text)});
    return;
  }
  command.file = std::move(text);
  command.path = varsFile + ".script";
  command.argv.push_back(command.path);
}

Command pythonCommand(const Script& script, const std::string& prologue,
                      const std::string& varsFile) {
  Command command;
  if (!script.variables.empty()) {
    std::vector<std::pair<std::string, std::string>> values;
    for (const Variable& variable : script.variables)
      values.emplace_back(variable.name, variable.json);
    command.vars = ir::variablesFile(values);
    command.env.push_back({std::string(abi::kVars), varsFile});
  }
  if (!prologue.empty()) command.argv = {"/bin/bash", "-c", prologue + "exec \"$@\"", "wfr"};
  command.argv.push_back("python3");
  addText(command, script.text, varsFile);
  return command;
}

}  // namespace

Command commandOf(const Script& script, const std::string& prologue, const std::string& varsFile) {
  if (script.language == ir::Body::Python) return pythonCommand(script, prologue, varsFile);
  Command command;
  std::string text = prologue;
  for (const Variable& variable : script.variables) {
    bool isLong = variable.isList || variable.text.size() > abi::kLongestVariable;
    if (variable.isUnset)
      text += fmt::format("unset -v {}; ", variable.name);
    else if (isLong)
      command.vars += assignment(variable);
    else
      command.env.push_back({variable.name, variable.text});
  }
  if (!command.vars.empty()) {
    text += fmt::format(". \"${}\"; ", abi::kVars);
    command.env.push_back({std::string(abi::kVars), varsFile});
  }
  bool isSh = script.language == ir::Body::Sh && text.empty() && isPlain(script.text);
  command.argv.push_back(isSh ? "/bin/sh" : "/bin/bash");
  // Options are set after what is not ours has been sourced.
  if (!text.empty())
    text += "set -euo pipefail\n";
  else if (isSh)
    command.argv.push_back("-eu");
  else
    command.argv.insert(command.argv.end(), {"-euo", "pipefail"});
  addText(command, text + script.text, varsFile);
  if (command.file.empty()) command.argv.push_back("wfr");
  return command;
}

}  // namespace wfc::run
