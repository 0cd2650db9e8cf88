// A target: a folder under targets/ that turns a legal module into what one system understands.
//
// `emit` is total: it has no emitter to complain to. An emitter that wants to complain has found a
// capability row that we forgot, or a limit that `validate` should have checked.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "llvm/ADT/ArrayRef.h"

#include "compiler/diag/emitter.h"
#include "compiler/ir/module.h"
#include "compiler/target/artifacts.h"
#include "compiler/target/capability.h"
#include "compiler/target/locate.h"

namespace wfc::target {

class Foreign;

/// What the artifacts say of their making, beside the module.
struct Origin {
  std::string version;   ///< of wfc
  std::string source;    ///< the workflow file, as given relative to the project
  std::string siteFile;  ///< relative to the project; empty: the target's own default site
  /// Parameters that were given by name and as text, in order of name.
  std::vector<std::pair<std::string, std::string>> params = {};
  std::string project;  ///< the project's folder, relative to the output folder
};

/// Runs a command of the system and returns what it printed, or nullopt if it could not be run or
/// failed.
using Ask = std::function<std::optional<std::string>(llvm::ArrayRef<std::string> argv)>;

/// A site file written from a live scheduler, or why there is none.
struct Discovery {
  std::string toml;
  std::string error;
};

/// The machine at hand as a site, for targets that run on it: sizes are not stated.
std::string siteAtHand(llvm::StringRef scheduler);

/// How often a run asks a program of the system, as far as the module tells.
struct Calls {
  std::string program;  ///< `sbatch`
  uint64_t least = 0, most = 0;
  bool hasNoBound = false;  ///< the run finds how many
  std::string what;         ///< `ahead: 3 arrays, a sweep and an end job`
};

class Target {
 public:
  virtual ~Target() = default;

  virtual llvm::StringRef name() const = 0;
  virtual llvm::StringRef summary() const = 0;
  /// The schedulers of sites that it can be built for: its own, and any that it drives itself.
  virtual std::vector<llvm::StringRef> schedulers() const { return {name()}; }
  virtual const Table& table() const = 0;
  /// Limits of spelling and size that the system sets, beside those of file systems; may report,
  /// changes nothing.
  virtual void validate(const ir::Module&, const Locator&, diag::Emitter&) const {}
  virtual Artifacts emit(const ir::Module& module, const Origin& origin) const = 0;
  /// The site, as TOML, that stands in when none is given; empty: one must be given.
  virtual llvm::StringRef defaultSite() const { return {}; }
  /// What a run of the module, planned for it, will ask the system for, from its start to its end;
  /// empty: there is nobody to ask.
  virtual std::vector<Calls> calls(const ir::Module&) const { return {}; }
  virtual Discovery discover(const Ask&) const { return {{}, "nothing to discover there"}; }
  /// What reads documents that others wrote for the system (foreign.h); null: nothing does.
  virtual const Foreign* foreign() const { return nullptr; }
};

}  // namespace wfc::target
