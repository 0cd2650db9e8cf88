// Documents that somebody else wrote for the system of a target: read as the system reads them,
// audited, and turned into a flow.
//
// A target that can do that returns one of these. It touches no file: texts come by Sources, and
// what a document names besides is asked for by `Reading::read`.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include "compiler/diag/emitter.h"
#include "compiler/ir/module.h"
#include "compiler/source/sources.h"
#include "compiler/target/artifacts.h"
#include "compiler/target/text/flow.h"

namespace wfc::site {
struct Site;
}

namespace wfc::target {

/// The documents of one reading, and what is needed to read them.
struct Reading {
  const source::Sources& sources;
  /// What was named on the command line, in that order.
  llvm::ArrayRef<source::FileId> files;
  /// Reads a file that one of them names, relative to the folder of the one that names it; 0 if it
  /// cannot be read (nothing is reported).
  std::function<source::FileId(source::FileId from, llvm::StringRef path)> read;
  /// The words that names of a flow must not be.
  IsReserved isReserved;
  /// The machine it is for, where it was named.
  const site::Site* site = nullptr;
  diag::Emitter& emitter;
};

/// What an import writes.
struct Imported {
  std::string flow;  ///< the text of a workflow file, not yet laid out
  std::string site;  ///< a site file, TOML
  /// What was read, for the line that is printed: "12 tasks in 5 families, 3 groups of cycles".
  std::string summary;
};

/// Where what is built from an import is not what was imported.
struct Difference {
  source::Range at;  ///< in the original
  std::string what;
};

class Foreign {
 public:
  virtual ~Foreign() = default;

  /// What its documents are called: "a workflow document of …".
  virtual llvm::StringRef what() const = 0;
  /// Whether this is one of its documents, by name and first look; the text may be broken.
  virtual bool reads(llvm::StringRef path, llvm::StringRef text) const = 0;
  /// Reports what is wrong with them. Never fails: what cannot be read is a report.
  virtual void audit(const Reading& reading) const = 0;
  /// The flow that says the same; nullopt, with reports, if there is none.
  virtual std::optional<Imported> import(const Reading& reading) const = 0;
  /// Whether what was built from the import does what the documents say: nothing is reported, the
  /// differences are returned. `module` is the legal module that `artifacts` were made from.
  virtual std::vector<Difference> compare(const Reading& reading, const ir::Module& module,
                                          const Artifacts& artifacts) const = 0;
};

}  // namespace wfc::target
