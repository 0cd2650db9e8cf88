// Reads a command line by the table of commands. Unknown words get the nearest known one.
#pragma once

#include <optional>

#include "compiler/base/manual.h"
#include "compiler/diag/emitter.h"
#include "compiler/driver/command.h"

namespace wfc::driver {

/// The arguments after the command's name; nullopt, with a report, if they do not fit its table.
std::optional<Arguments> readArguments(const Command& command, llvm::ArrayRef<std::string> words,
                                       diag::Emitter& emitter);

/// Reports a value that a flag (or a command, as `wfc completion`) does not take. `expected`
/// defaults to the list of `known`.
void rejectValue(diag::Emitter& emitter, const std::string& flag, const std::string& value,
                 const std::vector<std::string_view>& known, std::string expected = {});

/// What a status of every command means.
inline constexpr std::string_view kExits =
    "0 clean, 1 errors or stale artifacts, 2 wrong use, 70 a bug of ours.";

/// For the man page and completions.
base::Manual manual();
/// docs/stdlib.md
std::string stdlibPage();
/// What `wfc complete WORD…` says.
std::string completionsFor(llvm::ArrayRef<std::string> words);

/// `wfc --help`, and `wfc COMMAND --help`.
std::string overviewText();
std::string helpText(const Command& command);

}  // namespace wfc::driver
