// What is said of a task before its clauses. Private to check/.
#pragma once

#include <string>
#include <vector>

#include "compiler/syntax/tree.h"

namespace wfc::check {

struct Unit;

/// A declaration by Name or Field expression (`geo.mosaic`), with its unit.
struct Found {
  const syntax::Decl* decl = nullptr;
  Unit* unit = nullptr;
};

struct TaskParam {
  syntax::Name name;
  const syntax::TypeRef* type = nullptr;
  const syntax::Expr* value = nullptr;
  const syntax::Flag* flag = nullptr;
  Unit* unit = nullptr;
};

struct TaskHead {
  Found program;                       ///< of `task x = program`
  std::vector<TaskParam> params;       ///< the program's, then its own
  std::vector<std::string> dependent;  ///< names of those that its types depend on
};

}  // namespace wfc::check
