// The words and flags of a command line, read by a table. Programs with verbs share it; each prints
// its own errors.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/StringRef.h>

namespace wfc::base {

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
  bool wantsHelp = false;
  bool has(llvm::StringRef flag) const { return flags.count(flag.str()) != 0; }
  std::string get(llvm::StringRef flag) const;
  /// The words of a value with commas.
  std::vector<std::string> listOf(llvm::StringRef flag) const;
};

/// Reads the words of `command` (`wfr start`, for messages). Empty, or what is wrong with them. A
/// flag whose value is a list (`SELECTOR`, or with an ellipsis) may be given several times. Where
/// nothing is a flag, what looks like one is a word, up to a `--`.
std::string readWords(llvm::StringRef command, llvm::ArrayRef<Flag> flags,
                      llvm::ArrayRef<std::string> args, Given& given, bool hasFlags = true);

/// `; did you mean …?`, or nothing where no name is near.
std::string nearestOf(llvm::StringRef word, const std::vector<std::string>& names);

/// One line of help for each flag.
std::string helpOn(llvm::ArrayRef<Flag> flags);

}  // namespace wfc::base
