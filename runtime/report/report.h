// The account of a run: what it consisted of, how it ended, what it asked for and used. As JSON,
// and as one HTML file around the same JSON.
#pragma once

#include <string>

#include <llvm/Support/raw_ostream.h>

#include "runtime/control/controller.h"

namespace wfc::run {

/// Writes the account. At most `most` instances are told one by one, those that ended badly first;
/// families and the course of time always tell of all.
void writeReport(llvm::raw_ostream& out, const RunView& view, size_t most);

/// The page, whole: it needs nothing beside it.
std::string reportPage(const RunView& view);

/// `running`, `stopped`, `waiting` (nobody works on it now), `left` (whoever did is gone without a
/// word), `ended`
llvm::StringRef stateOfRun(const RunView& view);
/// Where nobody works on a run, and none will by itself: how it goes on. Else empty.
std::string howItGoesOn(const RunView& view);

}  // namespace wfc::run
