// Reads a command line by the table of commands. Unknown words get the nearest known one.
#pragma once

#include <optional>

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

/// `wfc --help`, and `wfc COMMAND --help`.
std::string overviewText();
std::string helpText(const Command& command);

}  // namespace wfc::driver
