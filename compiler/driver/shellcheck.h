// Scripts of sh and bash, read by shellcheck where it is installed; its findings are reports of
// ours, at their places in the workflow file.
//
// What shellcheck reads is the code that will run (compiler/ir/body.h), so holes are variables in
// their quotes. What is said of holes themselves is left out, and what we reported already.
#pragma once

#include <vector>

#include "compiler/check/check.h"
#include "compiler/driver/session.h"

namespace wfc::driver {

/// Settles `auto`, `always` or `never`: `auto` becomes `never` where there is no shellcheck. False,
/// with a report, if it is no such word, or if shellcheck is missing and must not be.
bool findShellcheck(Session& session, std::string& wish);

void runShellcheck(Session& session, const std::vector<check::Script>& scripts);

}  // namespace wfc::driver
