// The verbs of `wfr-torch`.
#pragma once

#include "runtime/beside/command.h"
#include "runtime/beside/problem.h"

namespace wfc::learn {

using namespace beside;

/// Exit statuses beside those of every program: a task says `exit 6 is out_of_memory`.
constexpr auto kNoNumber = static_cast<Exit>(65);
constexpr auto kNoMemory = static_cast<Exit>(6);

llvm::ArrayRef<Command> commands();

Summary trainUnetVerb(const base::Given& given);
Summary evaluateUnetVerb(const base::Given& given);
Summary trainClassifierVerb(const base::Given& given);
Summary evaluateClassifierVerb(const base::Given& given);

}  // namespace wfc::learn
