// The commands of `wfr`: one row each, from which help and completion are made.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/StringRef.h>

#include "runtime/engine/selector.h"

namespace wfc::run {

/// A flag of a verb.
struct Flag {
  llvm::StringRef name;   ///< `--run`
  llvm::StringRef value;  ///< what it takes, `DIR`; empty: nothing
  llvm::StringRef help;
  llvm::StringRef brief = {};  ///< `-j`
};

/// What was given: positional words, and flags by name.
struct Given {
  std::vector<std::string> words;
  std::map<std::string, std::string> flags;
  /// What stood behind `--`.
  std::vector<std::string> rest;
  bool has(llvm::StringRef flag) const { return flags.count(flag.str()) != 0; }
  std::string get(llvm::StringRef flag) const;
  /// The words of a value with commas.
  std::vector<std::string> listOf(llvm::StringRef flag) const;
};

struct Verb {
  llvm::StringRef name;
  llvm::StringRef words;  ///< `RUN INSTANCE`
  llvm::StringRef summary;
  llvm::StringRef help;
  std::vector<Flag> flags;
  unsigned least = 0, most = 0;  ///< positional words
  int (*run)(const Given& given);
  bool isHidden = false;
};

/// All of them, in the order of the help.
llvm::ArrayRef<Verb> verbs();

/// Runs what the command line says; the exit status.
int runCommand(llvm::ArrayRef<std::string> args);

int verbStart(const Given& given);
int verbStatus(const Given& given);
int verbWhy(const Given& given);
int verbLog(const Given& given);
int verbStop(const Given& given);
int verbRetry(const Given& given);
int verbRewind(const Given& given);
int verbHold(const Given& given);
int verbRelease(const Given& given);
int verbSet(const Given& given);
int verbReport(const Given& given);
int verbWatch(const Given& given);
int verbClean(const Given& given);
int verbPurge(const Given& given);
int verbDrift(const Given& given);
int verbTask(const Given& given);
int verbStep(const Given& given);
int verbPlanSubmission(const Given& given);
int verbHelp(const Given& given);
int verbCompletion(const Given& given);

/// Prints `wfr: …` and gives the status for wrong use.
int wrongUse(const std::string& text);
/// The same for a run's folder that refuses to be written, with errno.
int cannotWrite(const std::string& run);
/// The folder, absolute.
std::string absolute(const std::string& path);
/// Handed to a scheduler and never begun: no attempt, which is a run of the body.
bool isOnlyQueued(const struct Attempt& attempt);

}  // namespace wfc::run
