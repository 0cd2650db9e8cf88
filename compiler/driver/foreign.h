// What `wfc audit` and `wfc import` share: whose documents the files are, and how they are read.
#pragma once

#include "compiler/driver/recipe.h"
#include "compiler/target/foreign.h"

namespace wfc::driver {

/// The documents of one system among the files of the command line.
struct Documents {
  const target::Target* target = nullptr;
  std::vector<source::FileId> files;
};

/// The files of the command line, read, by whose documents they are: by `--from`, else by their
/// look. Reports what cannot be read and what nobody reads.
std::vector<Documents> documentsOf(Session& session);

/// What a target is handed. `files` must outlive it.
target::Reading readingOf(Session& session, llvm::ArrayRef<source::FileId> files,
                          const site::Site* site);

}  // namespace wfc::driver
