// See command.h.
#include "runtime/beside/command.h"

#include <optional>

#include <fmt/format.h>

#include "compiler/base/json.h"
#include "compiler/base/manual.h"

#include "runtime/beside/aside.h"
#include "runtime/beside/problem.h"

namespace wfc::beside {

namespace {

base::Manual manualOf(const Program& program) {
  base::Manual manual{.program = program.name.str(), .summary = program.about.str()};
  for (const Command& command : program.commands)
    manual.commands.push_back({.name = command.name.str(),
                               .words = command.words.str(),
                               .summary = command.summary.str(),
                               .help = command.help.str(),
                               .flags = base::manualFlags(command.flags)});
  manual.sections = {{"OUTPUTS AND EXIT STATUS", program.exits.str()}};
  manual.seeAlso = {"wfr", "wfc"};
  return manual;
}

int help(const Program& program) {
  fmt::print("{} VERB\n\n{}\n\n", program.name.str(), program.about.str());
  size_t width = 12;
  for (const Command& command : program.commands) width = std::max(width, command.name.size());
  for (const Command& command : program.commands)
    fmt::print("  {:<{}} {:<12} {}\n", command.name.str(), width, command.words.str(),
               command.summary.str());
  fmt::print("\n`{} VERB --help` tells more.\n", program.name.str());
  return Good;
}

std::string usageOf(const Program& program, const Command& command) {
  return fmt::format("{} {} {}[FLAG]…", program.name.str(), command.name.str(),
                     command.words.empty() ? "" : command.words.str() + " ");
}

int helpFor(const Program& program, const Command& command) {
  fmt::print("{}\n\n{}\n\n{}\n\n{}\n\n{}", usageOf(program, command), command.summary.str(),
             command.help.str(), program.exits.str(), base::helpOn(command.flags));
  return Good;
}

int tell(const Program& program, const Problem& problem) {
  fmt::print(stderr, "{}: {}{}{}\n", program.name.str(), problem.path,
             problem.path.empty() ? "" : ": ", problem.what);
  if (!problem.fix.empty()) fmt::print(stderr, "  {}\n", problem.fix);
  return problem.exit;
}

std::string jsonOf(const std::string& verb, llvm::json::Object values) {
  values["verb"] = verb;
  return base::jsonText(std::move(values), 2) + "\n";
}

/// What is wrong with the words, or nothing.
std::string wrongIn(const Program& program, const Command& command, const base::Given& given) {
  for (llvm::StringRef flag : command.needed) {
    if (!given.has(flag))
      return fmt::format("`{} {}` needs `{}`", program.name.str(), command.name.str(), flag.str());
  }
  if (given.words.size() < command.least || given.words.size() > command.most)
    return "usage: " + usageOf(program, command);
  return {};
}

void perform(const Program& program, const Command& command, const base::Given& given) {
  program.begin();
  std::optional<Aside> aside;
  if (given.has("--result")) aside.emplace(folderOf(given.get("--result")));
  Summary summary = command.run(given);
  std::string json = jsonOf(command.name.str(), std::move(summary.values));
  if (aside) aside->publishText(json, given.get("--result"));
  if (given.has("--json"))
    fmt::print("{}", json);
  else
    fmt::print(stderr, "{}: {}\n", command.name.str(), summary.text);
}

int run(const Program& program, const Command& command, llvm::ArrayRef<std::string> args) {
  base::Given given;
  std::string name = fmt::format("{} {}", program.name.str(), command.name.str());
  std::string problem = base::readWords(name, command.flags, args, given);
  if (problem.empty() && given.wantsHelp) return helpFor(program, command);
  // Names may look like flags.
  given.words.insert(given.words.end(), given.rest.begin(), given.rest.end());
  if (problem.empty()) problem = wrongIn(program, command, given);
  if (!problem.empty())
    return tell(program, {{}, problem, fmt::format("see `{} --help`", name), WrongUse});
  try {
    perform(program, command, given);
  } catch (const Problem& wrong) {
    return tell(program, wrong);
  }
  return Good;
}

}  // namespace

int runProgram(const Program& program, llvm::ArrayRef<std::string> args) {
  if (args.empty()) {
    help(program);
    return WrongUse;
  }
  if (args[0] == "--help" || args[0] == "-h" || args[0] == "help") return help(program);
  if (base::printAside(manualOf(program), args)) return Good;
  std::vector<std::string> names;
  for (const Command& command : program.commands) {
    if (command.name == args[0]) return run(program, command, args.drop_front());
    names.push_back(command.name.str());
  }
  return tell(program,
              {{},
               fmt::format("there is no verb `{}`{}", args[0], base::nearestOf(args[0], names)),
               fmt::format("see `{} --help`", program.name.str()),
               WrongUse});
}

}  // namespace wfc::beside
