// The two files that every target writes beside its own: `plan.wfir`, the module that the runtime
// runs, and `manifest.json`, which says what the artifacts were made from and lists the families.
//
// manifest.json: {"format": 1, "wfc", "target", "flow", "project", "source", "site", "site_file",
// "hash", "artifacts": [{"path", "hash"}], "params": {name: text}, "made_from": [{"path", "hash"}],
// "families": [target's own]}. `hash` is BLAKE3 over all other artifacts, path and text, in order;
// modules of the standard library are made_from too, as `<stdlib>/NAME.wf`.
#pragma once

#include "llvm/Support/JSON.h"

#include "compiler/target/target.h"

namespace wfc::target {

Artifact planArtifact(const ir::Module& module);

/// The script of a family, whatever starts it: header, and what every job script runs.
Artifact scriptArtifact(const ir::Module& module, const Origin& origin, const ir::Family& family,
                        std::string path);

/// `families` writes the elements of the list "families". `others` are all artifacts so far.
Artifact manifestArtifact(const ir::Module& module, const Origin& origin, const Artifacts& others,
                          llvm::function_ref<void(llvm::json::OStream&)> families);

/// Lower-case hex.
std::string blake3(llvm::StringRef text);

/// `model = train(…) for each of 13 windows`, for headers and comments.
std::string describe(const ir::Module& module, const ir::Family& family);

/// The comment that says where an artifact comes from: two lines of `#`.
std::string header(const ir::Module& module, const Origin& origin, const std::string& what,
                   ir::Loc loc);

}  // namespace wfc::target
