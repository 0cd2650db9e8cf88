// The Module: what was meant. One flow as tables of kinds, tasks, spaces, loops, families,
// references, joined by typed ids. Families and relations are symbolic: a family of a million
// instances is one row. The module has a text form, `.wfir` (print.h, parse.h), which is also the
// plan that the runtime runs; so an expression means the same before and during the run.
//
// Stages (verify.h says what each promises): *checked* (from check/), *planned* (needs bound to a
// site, ceilings known), *legal* (for one target). Sub-flows are already inlined: their families
// carry the path of calls in their names.
//
// Ids start at 0; a default-constructed id is invalid. Iteration is in creation order everywhere.
#pragma once

#include <map>

#include "compiler/ir/graph.h"

namespace wfc::ir {

enum class Stage : uint8_t { Checked, Planned, Legal };

struct Module {
  std::string flow;  ///< name of the flow
  Stage stage = Stage::Checked;
  std::string site;    ///< name of the site it was planned for; empty: none
  std::string target;  ///< of stage legal
  std::vector<std::string> files;
  std::vector<FileHash> made_from;
  Types types;
  std::vector<Kind> kinds;  ///< [0] file, [1] dir, then the declared ones
  std::vector<Expr> exprs;
  std::vector<Ref> refs;
  std::vector<Task> tasks;
  std::vector<Space> spaces;
  std::vector<Loop> loops;
  std::vector<Family> families;
  std::vector<Limit> limits;
  std::vector<Publish> publishes;
  std::vector<Budget> budgets;
  std::vector<StopAfter> stops;
  std::vector<Secret> secrets;
  std::vector<Pool> pools;
  std::vector<Placement> placements;
  std::string publishRoot;  ///< from the site; empty: RUN/published
  std::map<std::string, std::string>
      siteFacts;  ///< what the runtime needs of the site, frozen as text; keys: site/facts.cpp

  const Expr& operator[](ExprId id) const { return exprs[id.index()]; }
  const Ref& operator[](RefId id) const { return refs[id.index()]; }
  const Task& operator[](TaskId id) const { return tasks[id.index()]; }
  const Space& operator[](SpaceId id) const { return spaces[id.index()]; }
  const Loop& operator[](LoopId id) const { return loops[id.index()]; }
  const Family& operator[](FamilyId id) const { return families[id.index()]; }
  const Kind& operator[](KindId id) const { return kinds[id.index()]; }
};

}  // namespace wfc::ir
