// What stands in the head and between the braces of a task or pool: parameters, outputs, needs,
// policies, scripts.
//
// Everything as written and in the order written; nothing is looked up, completed or checked for
// being said twice. Included by tree.h.
#pragma once

#include <vector>

#include "compiler/syntax/tree_expr.h"

namespace wfc::syntax {

/// `name: Type = default`, of tasks and flows and fields of records; `key` marks a record's key
/// field.
struct Param {
  Name name;
  TypeRef* type = nullptr;
  Expr* value = nullptr;
  bool key = false;
  StringRef doc;
  Range range;
};

/// `name: Type [at "template"] [size 30GB] [files 17000]` after `->`.
struct Output {
  Name name;
  TypeRef* type = nullptr;
  Expr* path = nullptr;
  Expr* size = nullptr;
  Expr* files = nullptr;
  Range range;
};

/// One need: `cpus 96`, `gpus 1 of h100`, `licences 2 of matlab`, `memory 176GiB`, `exclusive`
/// (value null). keys: nodes tasks cpus gpus memory time disk licences exclusive partition qos
/// account feature ray
struct Need {
  Name key;
  Expr* value = nullptr;
  Name of;
  Range range;
};

/// `with memory * 2` inside retry.
struct Growth {
  Name key;
  StringRef op;  ///< "*" or "+"
  Expr* by = nullptr;
  Range range;
};

/// `retry 2 on out_of_memory, failed with memory * 2, delay 1min growing 2`
struct Retry {
  Expr* count = nullptr;
  ArrayRef<Name> causes;
  ArrayRef<Growth> growths;
  Expr* delay = nullptr;
  Expr* growing = nullptr;
  Range range;
};

/// `resume checkpoint, signal 5min before end, at most 4 slices`
struct Resume {
  Name output;
  Expr* lead = nullptr;
  Expr* slices = nullptr;
  Range range;
};

/// `exit 3, 4 is no_data`
struct ExitRule {
  ArrayRef<Expr*> codes;
  Name outcome;
  Range range;
};

/// `sh "…"`, `bash """…"""`, `python """…"""`
struct Script {
  Name language;
  Expr* text = nullptr;
  Range range;
};

/// `check every 30s after 2min { sh "…" }`
struct Check {
  Expr* every = nullptr;
  Expr* after = nullptr;
  Script script;
  Range range;
};

/// `fill "template/" with m`
struct Fill {
  Expr* from = nullptr;
  Expr* with = nullptr;
  Range range;
};

/// `env NAME = expr, …`
struct EnvVar {
  Name name;
  Expr* value = nullptr;
};

/// What stands between the braces of a task (also of a pool: needs and retries only).
struct Clauses {
  std::vector<Need> needs;
  std::vector<EnvVar> env;
  std::vector<Expr*> modules;
  Expr* conda = nullptr;
  Expr* container = nullptr;
  std::vector<Retry> retries;
  std::vector<Resume> resumes;
  std::vector<ExitRule> exits;
  std::vector<Fill> fills;
  std::vector<Script> scripts;
  std::vector<Check> checks;
};

}  // namespace wfc::syntax
