// What a program says of its command line, in one shape: man pages and completions of all programs
// are made of it. Each program fills it from its own table of commands.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/StringRef.h>

#include "compiler/base/words.h"

namespace wfc::base {

/// The version of everything that is built together.
std::string_view version();

struct ManualFlag {
  std::string name = {};   ///< `--run`
  std::string brief = {};  ///< `-r`, or empty
  std::string value = {};  ///< what it takes, `DIR`; empty: nothing
  std::string help = {};
  bool isOptionalValue = false;  ///< `--emit-ir` or `--emit-ir=STAGE`
};

struct ManualCommand {
  std::string name = {};
  std::string words = {};  ///< `RUN [SELECTOR…]`
  std::string summary = {};
  std::string help = {};
  std::vector<ManualFlag> flags = {};
  /// Verbs of its own, which another page describes.
  std::vector<ManualCommand> verbs = {};
};

struct Manual {
  std::string program = {};  ///< `wfr`, or `wfr move`
  std::string summary = {};
  std::vector<ManualCommand> commands = {};
  /// Flags that every command takes.
  std::vector<ManualFlag> common = {};
  /// More sections: a heading in capitals and its text, paragraphs apart by an empty line; lines
  /// that begin with a blank stand as they are.
  std::vector<std::pair<std::string, std::string>> sections = {};
  std::vector<std::string> seeAlso = {};  ///< `wfr-move`, pages of section 1
};

std::vector<ManualFlag> manualFlags(llvm::ArrayRef<Flag> flags);

/// The page, for section 1, as man(7) text.
std::string manPage(const Manual& manual);

/// A word that may stand there, and what it is.
struct Candidate {
  std::string word, about;
};

/// What a program knows of the values of a kind (`RUN`, `T`): nothing, or the words for it. `words`
/// are those before the last, which is `prefix`.
using Values = std::function<std::optional<std::vector<Candidate>>(
    llvm::StringRef kind, llvm::ArrayRef<std::string> words, llvm::StringRef prefix)>;

/// `PROGRAM complete HOW WORD…`: what the completion scripts call. `HOW` is `words`, and the last
/// word is the one being written; or `line`, and one word is the line of a bash up to the cursor.
/// The first line of the answer says what else fits: `files`, `folders` or `none`; each further one
/// is a word, and behind a tab what it is.
std::string completions(const Manual& manual, llvm::ArrayRef<std::string> arguments,
                        const Values& values);

/// Answers what packages and shells ask of a program that stands beside others: its version, its
/// page, completions. False: it was asked something else.
bool printAside(const Manual& manual, llvm::ArrayRef<std::string> args);

/// The script that a shell reads: `bash`, `zsh` or `fish`. Empty: no such shell.
std::string completionScript(llvm::StringRef program, llvm::StringRef shell);

}  // namespace wfc::base
