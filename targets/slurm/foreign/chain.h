// A script that submits others: what it submits, in which order, and what waits for what.
//
// It is read as far as values can be followed: `first=$(sbatch --parsable a.slurm)` makes of
// `$first` the job of that line, also through other variables and `echo … | awk`. What stands in
// loops and conditions is marked so; what cannot be followed is unknown, and nothing is said of it.
#pragma once

#include <map>
#include <memory>
#include <set>

#include "compiler/target/foreign.h"

#include "targets/slurm/foreign/job.h"

namespace wfc::targets::slurm::foreign {

struct Submission {
  source::Range at, scriptAt;  ///< of `sbatch`, of the script's name
  std::string name;            ///< the script's, as written; empty: none (`--wrap`)
  std::string wrapped;         ///< the command of `--wrap`
  const Script* script = nullptr;
  bool isScriptKnown = false;  ///< its name holds no variable
  std::vector<Given> options;
  std::vector<std::string> arguments;
  bool isConditional = false;  ///< in a loop, a condition or a function
  bool isParsable = false, isCut = false;
  source::Range assignedAt;
  /// What it waits for: the kind and the submissions, and whether all of them are known.
  struct Wait {
    std::string kind;
    std::vector<size_t> jobs;
    bool isKnown = true;
  };
  std::vector<Wait> waits;
  bool waitsForAny = false;  ///< `?`
};

/// A variable in a dependency that nothing has set.
struct Unset {
  std::string name, near;
  source::Range at;
};

struct Chain {
  const Script* driver = nullptr;
  std::vector<Submission> submissions;
  std::vector<Unset> unset;
  struct Sentence {
    std::string name;
    source::Range at;
    size_t job = 0;
  };
  std::vector<Sentence> sentences;  ///< what sbatch prints, used as an id
  std::vector<source::Range> missing;
};

/// All scripts of a reading, and those that they submit.
class Library {
 public:
  explicit Library(const target::Reading& reading) : reading_(reading) {}
  const Script* read(source::FileId file);
  /// Relative to the folder of another one; null: it cannot be read.
  const Script* read(const Script& from, llvm::StringRef path);

 private:
  const target::Reading& reading_;
  std::map<source::FileId, std::unique_ptr<Script>> scripts_;
};

Chain readChain(Library& library, const Script& driver);
void auditChain(const Chain& chain, const site::Site* site, diag::Emitter& emitter);

/// Whether it submits anything.
bool submits(const Script& script);

}  // namespace wfc::targets::slurm::foreign
