// The recipe: read, parse, check, plan, legalise, emit. What every command that compiles shares.
#pragma once

#include <optional>

#include "compiler/driver/session.h"
#include "compiler/ir/module.h"
#include "compiler/site/site.h"
#include "compiler/target/target.h"

namespace wfc::driver {

/// What the flags of a command ask for.
struct Choice {
  const target::Target* target = nullptr;  ///< null: none was asked for
  std::optional<site::Site> site;
  std::string sitePath;    ///< empty: the target's own
  bool isPartial = false;  ///< parameters without a value are no mistake
  /// `auto`, `always` or `never`, unless --shellcheck says otherwise.
  std::string shellcheck = "never";
};

/// Source of a module of the standard library, or empty.
llvm::StringRef stdlibModule(llvm::StringRef name);

/// `-p name=value`, in order; what is none is reported.
std::vector<std::pair<std::string, std::string>> parameters(Session& session);

/// The first target of the registry.
std::string defaultTarget();

/// `--target` and `--site`; `otherwise` is the target when none is named (empty: none). False, with
/// reports, if they are wrong.
bool choose(Session& session, const std::string& otherwise, Choice& choice);

/// The module of a workflow file as far as the choice allows: checked, or planned with a site, or
/// legal with a target. nullopt if there were errors.
std::optional<ir::Module> compile(Session& session, const std::string& path, const Choice& choice,
                                  ir::Stage last);

/// Makes paths in the module relative to the folder of the workflow file, so that artifacts do not
/// say where they were built, and adds what it was made from.
void makePortable(Session& session, ir::Module& module, const std::string& path,
                  const Choice& choice);

/// `from`, as seen from folder `to`; with `/` between.
std::string relativePath(const std::string& from, const std::string& to);
/// Where `wfc run` of a file keeps its artifacts and its runs; `run` in it leads to the last one.
std::string cacheOf(const std::string& path);
/// The folder a file is in; `.` for none.
std::string folderOf(const std::string& path);

}  // namespace wfc::driver
