// Jobs as Nomad's API takes them, in JSON: what the emitter writes and what the runtime registers
// are made by the same functions.
//
// Nothing that a user wrote stands in a job: an attempt's arguments and variables lie in a file
// that the dispatch names, so no text of a flow meets Nomad's templates.
#pragma once

#include <string>

#include "llvm/Support/JSON.h"

#include "compiler/ir/module.h"

#include "runtime/engine/engine.h"

namespace wfc::targets::nomad {

/// What of a name may stand in a job's id: [A-Za-z0-9_-], at most `most` bytes. A name that had to
/// be changed ends in a hash of itself, so that no two meet.
std::string idText(llvm::StringRef name, size_t most);

/// `aurora-model`: what the artifact of a family is called, and its file.
std::string jobId(const ir::Module& module, const ir::Family& family);
/// `jobs/model`: without `.sh`, `.nomad.hcl` or `.nomad.json`.
std::string stemOf(const ir::Family& family);
inline constexpr const char* kCoordinatorStem = "coordinator";

/// The node pool (partition) of a family; empty: the default one.
std::string poolOf(const ir::Module& module, const ir::Family& family);

/// Cores, memory and devices of one attempt.
llvm::json::Object resourcesOf(const ir::Module& module, const ir::Family& family,
                               const run::Needs& needs);
/// MB of disk to be kept for it on its node; 0: no wish.
int64_t diskOf(const run::Needs& needs);

/// The parameterized job of a family.
llvm::json::Object taskJob(const ir::Module& module, const ir::Family& family,
                           const run::Needs& needs);
/// The job that runs the loop.
llvm::json::Object coordinatorJob(const ir::Module& module);

/// The same job in HCL: what stands in the braces of `job`, with `notes` as comments first.
std::string jobHcl(const llvm::json::Object& job, llvm::ArrayRef<std::string> notes);

}  // namespace wfc::targets::nomad
