// What the name at a position stands for: the fact of the index, and the declaration it leads to,
// in whatever file. Private to lsp/.
#pragma once

#include "compiler/lsp/session.h"

namespace wfc::lsp {

struct Meaning {
  std::shared_ptr<const Snapshot> from;  ///< where the name stands
  source::Range at;
  const Fact* fact = nullptr;                ///< null at most declarations
  Spot declared;                             ///< of no path: a word of the language
  std::shared_ptr<const Snapshot> snapshot;  ///< of the declaration; may be null
  const Symbol* symbol = nullptr;            ///< the declaration, where the outline has it
};

/// The meanings of the name there; two where one name is a parameter and the value given to it.
std::vector<Meaning> meaningsAt(Session& session, const Asked& asked);
/// What a fact of a snapshot leads to.
Meaning meaningOf(Session& session, std::shared_ptr<const Snapshot> snapshot, const Fact& fact);

/// The family that is bound at a declaration, and its module; null if none is, or where something
/// is wrong in the text.
struct Bound {
  const ir::Module* module = nullptr;
  const ir::Family* family = nullptr;
  explicit operator bool() const { return family != nullptr; }
};
Bound familyAt(const Snapshot& snapshot, source::Range declaredAt);

/// `13 of windows`; empty for one instance.
std::string sizeText(const Bound& bound);
/// `cpus 96, memory 176GiB, time 8h`, as far as they are known.
std::string needsText(const Bound& bound);
/// `104 node-hours`, where known: of all instances, at their first attempts.
std::string hoursText(const Bound& bound);

/// The parameters of a task, flow or record, as a call may name them: of its program first.
struct Parameter {
  std::string name;  ///< `start_date` of `--start-date`
  std::string text;  ///< as it is declared
  std::string doc;
};
std::vector<Parameter> parametersOf(Session& session, const Meaning& callee);

/// A declaration's first lines: what stands before its braces.
std::string headOf(const Snapshot& snapshot, const Symbol& symbol);

}  // namespace wfc::lsp
