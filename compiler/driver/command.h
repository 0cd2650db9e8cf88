// Commands and their flags, as data: help, completion and the reading of arguments all come from
// the table in commands.cpp.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace wfc::driver {

class Session;

struct Flag {
  llvm::StringRef name;   ///< without dashes
  char letter = 0;        ///< `-o`; 0: none
  llvm::StringRef value;  ///< what the value is called in help; empty: a switch
  llvm::StringRef doc;
  bool isOptionalValue = false;  ///< `--emit-ir` or `--emit-ir=planned`
};

struct Command {
  llvm::StringRef name;
  llvm::StringRef arguments;  ///< `FILE [flags]`, for help
  llvm::StringRef summary;
  llvm::ArrayRef<Flag> flags;
  int (*run)(Session& session);
  size_t least = 0, most = 0;  ///< positional arguments
  bool isHidden = false;
};

/// Every command, in the order of help.
llvm::ArrayRef<Command> commands();
/// Flags that every command takes.
llvm::ArrayRef<Flag> commonFlags();

/// The arguments of a command, read by its table.
struct Arguments {
  std::map<std::string, std::vector<std::string>>
      flags;  ///< by long name; a switch has an empty value
  std::vector<std::string> positional;

  bool has(const std::string& flag) const { return flags.contains(flag); }
  /// The last one given, or `otherwise`.
  std::string value(const std::string& flag, const std::string& otherwise = {}) const;
  std::vector<std::string> values(const std::string& flag) const;
};

// One command a file.
int runBuild(Session& session);
int runCheck(Session& session);
int runAudit(Session& session);
int runImport(Session& session);
int runFmt(Session& session);
int runPlan(Session& session);
int runRun(Session& session);
int runExplain(Session& session);
int runTargets(Session& session);
int runOpt(Session& session);
int runSite(Session& session);
int runGraph(Session& session);
int runDrift(Session& session);
int runLsp(Session& session);
int runCompletion(Session& session);
int runDocs(Session& session);

}  // namespace wfc::driver
