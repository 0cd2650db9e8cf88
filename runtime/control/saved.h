// A saved plan, NAME.wfplan: everything that will be executed, and what it saw of the run, in one
// file. `wfc plan -o` writes it; `wfr start` executes it and nothing else.
//
// Its first line is `wfplan 1 HASH`, HASH being BLAKE3 of all that follows: one JSON document, of
// which `artifacts` (path, text, executable), `project` (from the plan's own folder) and `seen`
// (the state of the run) are read here.
#pragma once

#include <string>

namespace wfc::run {

/// A word for the state of a run's record: another one whenever anything was recorded since. Of a
/// folder that is no run: `new`.
std::string stateOf(const std::string& run);

struct SavedPlan {
  std::string text;  ///< the document
  std::string hash;
  std::string project;  ///< absolute
  std::string seen;     ///< the state of the run
  std::string name;     ///< of the file, for messages
};

/// Whether the path names a file and no folder.
bool isSavedPlan(const std::string& path);
/// Reads and proves it. Empty, or what is wrong with it.
std::string readSavedPlan(const std::string& path, SavedPlan& plan);
/// Writes its artifacts below the run's folder; `folder` is where. Empty, or why not.
std::string unpack(const SavedPlan& plan, const std::string& run, std::string& folder);

}  // namespace wfc::run
