// The commands of `wfr`: one row each, from which help and completion are made.
#pragma once

#include <string>
#include <vector>

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/StringRef.h>

#include "compiler/base/manual.h"
#include "compiler/base/words.h"

#include "runtime/engine/selector.h"
#include "runtime/ledger/folder.h"

namespace wfc::run {

using base::Flag;
using base::Given;

struct Verb {
  llvm::StringRef name;
  llvm::StringRef words;  ///< `RUN INSTANCE`
  llvm::StringRef summary;
  llvm::StringRef help;
  std::vector<Flag> flags;
  unsigned least = 0, most = 0;  ///< positional words
  int (*run)(const Given& given);
  bool isHidden = false;
  /// Reads its words itself, if it has verbs of its own.
  int (*all)(llvm::ArrayRef<std::string> args) = nullptr;
};

/// All of them, in the order of the help.
llvm::ArrayRef<Verb> verbs();

/// Runs what the command line says; the exit status.
int runCommand(llvm::ArrayRef<std::string> args);

int verbStart(const Given& given);
/// A run's folder and artifacts that it was not made from: says what would become of it, and does
/// it if that is asked for. `isDone`: the run may be started now.
int changeRun(const Given& given, const std::string& run, const RunHeader& header, bool& isDone);
int verbStatus(const Given& given);
int verbWhy(const Given& given);
int verbLog(const Given& given);
int verbOutputs(const Given& given);
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
/// `wfr complete HOW WORD…`, which completion scripts call.
int verbComplete(llvm::ArrayRef<std::string> args);
/// `wfr docs man [move]`
int verbDocs(const Given& given);
/// Folders from `prefix` down that hold a file of that name, at most three levels of them.
std::vector<std::string> foldersWith(std::string_view file, llvm::StringRef prefix);
/// That of `wfr move`, a page of its own.
base::Manual moveManual();

/// What `wfr help selectors` says.
inline constexpr std::string_view kAboutSelectors =
    "A selector names instances of a run; several name all of theirs together.\n\n"
    "  model                     the family, or all families of the task `model`\n"
    "  model[2025-03-02]         one instance\n"
    "  wet[a12,*]  wet[a*]       `*` and `?` in keys; indices that are not written are all\n"
    "  model[2025-03..2025-05]   a range of keys; its last key counts, and what begins with it\n"
    "  model[2025-06..]          from there on\n"
    "  *:failed  model:timed_out those in that state: an outcome, a cause, or waiting ready "
    "queued\n"
    "                            running delayed ended\n\n"
    "In a shell they stand in quotes.\n";

/// Prints `wfr: …` and gives the status for wrong use.
int wrongUse(const std::string& text);
/// The same for a run's folder that refuses to be written, with errno.
int cannotWrite(const std::string& run);
/// The folder, absolute.
std::string absolute(const std::string& path);
/// Handed to a scheduler and never begun: no attempt, which is a run of the body.
bool isOnlyQueued(const struct Attempt& attempt);

}  // namespace wfc::run
