// wfc: finds the command, reads its arguments by the table, runs it.
//
// Everything that costs time happens inside a command; `wfc --version` only prints.
#include <cstdio>

#include "fmt/format.h"

#include "compiler/base/suggest.h"
#include "compiler/diag/catalog/driver.h"
#include "compiler/driver/arguments.h"
#include "compiler/driver/session.h"

namespace wfc::driver {

namespace {

int print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  return Good;
}

/// Reports that concern the command line alone.
int misuse(Session& session) {
  session.finish();
  return WrongUse;
}

int unknownCommand(const std::string& word) {
  std::vector<std::string_view> names;
  for (const Command& command : commands()) names.push_back(std::string_view(command.name));
  auto near = base::suggest(word, names);
  Session session({}, {});
  session.emitter.report(
      {}, diag::UnknownCommand{
              .command = word,
              .nearest = near ? fmt::format("did you mean `{}`?", *near)
                              : "`wfc --help` lists them, `wfr --help` what is done with runs"});
  return misuse(session);
}

bool checkCommonFlags(const Arguments& arguments, diag::Emitter& emitter) {
  std::string format = arguments.value("format", "text"), colour = arguments.value("color", "auto");
  std::vector<std::string_view> colours = {"auto", "always", "never"};
  if (!diag::parseFormat(format)) rejectValue(emitter, "--format", format, diag::formatNames());
  if (std::find(colours.begin(), colours.end(), colour) == colours.end())
    rejectValue(emitter, "--color", colour, colours);
  return !emitter.hasErrors();
}

int runCommand(const Command& command, llvm::ArrayRef<std::string> words,
               const std::string& program) {
  diag::Emitter emitter;
  std::optional<Arguments> arguments = readArguments(command, words, emitter);
  if (arguments && arguments->has("help")) return print(helpText(command));
  if (arguments && checkCommonFlags(*arguments, emitter)) {
    Session session(std::move(*arguments), program);
    return command.run(session);
  }
  Session session({}, {});
  for (diag::Diagnostic& diagnostic : emitter.take()) session.emitter.add(std::move(diagnostic));
  return misuse(session);
}

int run(const std::string& program, llvm::ArrayRef<std::string> words) {
  if (words.empty()) {
    std::string text = overviewText();
    std::fwrite(text.data(), 1, text.size(), stderr);
    return WrongUse;
  }
  const std::string& first = words.front();
  if (first == "--version" || first == "-V") return print(fmt::format("wfc {}\n", version()));
  if (first == "--help" || first == "-h" || first == "help") return print(overviewText());
  if (first == "complete") return print(completionsFor(words.drop_front()));
  for (const Command& command : commands())
    if (command.name == first) return runCommand(command, words.drop_front(), program);
  return unknownCommand(first);
}

}  // namespace

}  // namespace wfc::driver

int main(int count, char** words) {
  return wfc::driver::run(words[0], std::vector<std::string>(words + 1, words + count));
}
