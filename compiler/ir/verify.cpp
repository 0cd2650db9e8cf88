// The promises of each stage, checked one by one; what breaks them is a bug of the stage before.
//
// Ids come first: where one is outside its table nothing else is looked at, so that the rest may
// follow ids without care.
#include <set>

#include <fmt/format.h>
#include <llvm/ADT/STLExtras.h>

#include "compiler/ir/eval.h"
#include "compiler/ir/text.h"

namespace wfc::ir {

namespace {

/// What a complaint is about; its text is made only when there is one.
class What {
 public:
  What(const char* kind, llvm::StringRef name = {}) : kind_(kind), name_(name) {}  // NOLINT
  What(const char* kind, size_t number, llvm::StringRef to = {})
      : kind_(kind), name_(to), number_(number) {}

  std::string text() const {
    std::string text = kind_;
    if (number_) text += fmt::format(" {}", *number_);
    if (name_.data()) text += fmt::format("{} `{}`", number_ ? " to" : "", name_.str());
    return text;
  }

 private:
  const char* kind_;
  llvm::StringRef name_;
  std::optional<size_t> number_;
};

class Verifier {
 public:
  explicit Verifier(const Module& module) : m_(module) {}

  std::vector<std::string> run() {
    ids();
    if (!broken_.empty()) return std::move(broken_);
    meaning();
    return std::move(broken_);
  }

 private:
  // verify.cpp: first part, ids
  void ids();
  void exprIds();
  void taskIds(const Task& task);
  void graphIds();
  void familyIds(const Family& family);

  // second part, meaning
  void meaning();
  void names();
  void types();
  void loopTree();
  void spaceCycle(SpaceId space, std::set<SpaceId>& above);
  void space(const Space& space, const What& what);
  void ref(const Ref& ref, const What& what);
  void family(const Family& family);
  void task(const Task& task);
  void wait(const Family& family, const What& what);
  void bodyHoles(const Task& task, const Body& body);
  void exprs();
  void planned();
  void constantNeeds(const Task& task);

  template <class... A>
  void broken(fmt::format_string<A...> format, A&&... args) {
    broken_.push_back(fmt::format(format, std::forward<A>(args)...));
  }
  template <class Id>
  void need(Id id, size_t size, const What& what, const char* table) {
    if (!id.valid() || id.index() >= size) broken("{} names no {}", what.text(), table);
  }
  template <class Id>
  void allow(Id id, size_t size, const What& what, const char* table) {
    if (id.valid()) need(id, size, what, table);
  }
  void needExpr(ExprId id, const What& what) { need(id, m_.exprs.size(), what, "expression"); }
  void allowExpr(ExprId id, const What& what) { allow(id, m_.exprs.size(), what, "expression"); }
  void place(const Loc& loc, const What& what) {
    if (loc.file > m_.files.size())
      broken("{} stands in file {} of {}", what.text(), loc.file, m_.files.size());
  }

  const Module& m_;
  std::vector<std::string> broken_;
};

}  // namespace

// ---- ids

void Verifier::exprIds() {
  for (size_t n = 0; n < m_.exprs.size(); ++n) {
    const Expr& expr = m_.exprs[n];
    What what("expression", n);
    need(expr.type, m_.types.size(), what, "type");
    // Operands first: it is what makes the expressions trees.
    for (ExprId arg : expr.args) need(arg, n, what, "earlier expression");
    if (expr.op == Op::LoopVar || expr.op == Op::IsFirst || expr.op == Op::IsLast)
      need(LoopId(expr.index), m_.loops.size(), what, "loop");
    if (expr.op == Op::Ref) need(RefId(expr.index), m_.refs.size(), what, "reference");
  }
}

void Verifier::taskIds(const Task& task) {
  What what("task", task.name);
  place(task.loc, what);
  for (const Input& input : task.inputs) need(input.type, m_.types.size(), what, "type");
  for (const Output& output : task.outputs) {
    need(output.type, m_.types.size(), what, "type");
    allowExpr(output.path, what);
    allowExpr(output.size, what);
  }
  for (const Need& n : task.needs) needExpr(n.value, what);
  for (const EnvVar& var : task.env) needExpr(var.value, what);
  allowExpr(task.container, what);
  for (const Retry& retry : task.retries)
    for (const Growth& growth : retry.growths) needExpr(growth.by, what);
  for (const Fill& fill : task.fills) {
    needExpr(fill.from, what);
    needExpr(fill.with, what);
  }
  for (const Hole& hole : task.body.holes) needExpr(hole.value, what);
  for (const Hole& hole : task.secrets) needExpr(hole.value, what);
  for (const Check& check : task.checks)
    for (const Hole& hole : check.body.holes) needExpr(hole.value, what);
}

void Verifier::familyIds(const Family& family) {
  What what("family", family.name);
  place(family.loc, what);
  if (family.role == Family::Work)
    need(family.task, m_.tasks.size(), what, "task");
  else
    allow(family.task, m_.tasks.size(), what, "task");
  for (LoopId loop : family.loops) need(loop, m_.loops.size(), what, "loop");
  for (const Guard& guard : family.guards) needExpr(guard.condition, what);
  for (ExprId arg : family.args) needExpr(arg, what);
  for (RefId after : family.afters) need(after, m_.refs.size(), what, "reference");
  for (FamilyId of : family.hook.of) need(of, m_.families.size(), what, "family");
  for (const std::vector<Family::Awaited>& all : family.wait.any)
    for (const Family::Awaited& awaited : all) needExpr(awaited.what, what);
}

void Verifier::graphIds() {
  for (size_t n = 0; n < m_.spaces.size(); ++n) {
    const Space& space = m_.spaces[n];
    What what("space", space.name);
    need(space.element, m_.types.size(), what, "type");
    for (SpaceId factor : space.factors) need(factor, m_.spaces.size(), what, "space");
    bool derived = space.kind == Space::EveryNth || space.kind == Space::Reverse ||
                   space.kind == Space::Slice || space.kind == Space::Batches ||
                   space.kind == Space::Groups;
    if (derived) need(space.base, m_.spaces.size(), what, "space");
    if (space.kind == Space::SetOf || space.kind == Space::Members)
      need(space.ref, m_.refs.size(), what, "reference");
    for (ExprId by : space.by) needExpr(by, what);
  }
  for (const Loop& loop : m_.loops) {
    What what("loop", loop.variable);
    need(loop.space, m_.spaces.size(), what, "space");
    allow(loop.parent, m_.loops.size(), what, "loop");
    allowExpr(loop.until, what);
  }
  for (size_t n = 0; n < m_.refs.size(); ++n) {
    const Ref& ref = m_.refs[n];
    What what("reference", n);
    allow(ref.loop, m_.loops.size(), what, "loop");
    if (ref.families.empty() && !ref.loop.valid()) broken("{} names no family", what.text());
    for (FamilyId family : ref.families) need(family, m_.families.size(), what, "family");
    allowExpr(ref.count, what);
    allowExpr(ref.otherwise, what);
    for (const IndexPattern& p : ref.indices) {
      if (p.kind != IndexPattern::Same && p.kind != IndexPattern::All) needExpr(p.a, what);
      if (p.kind == IndexPattern::Between) needExpr(p.b, what);
    }
  }
}

void Verifier::ids() {
  for (uint32_t n = 0; n < m_.types.size(); ++n) {
    const Type& type = m_.types[TypeId(n)];
    if (type.kind == Type::Artifact) need(type.artifact, m_.kinds.size(), "a type", "kind");
  }
  exprIds();
  for (const Task& task : m_.tasks) taskIds(task);
  graphIds();
  for (const Family& family : m_.families) familyIds(family);
  for (const Pool& pool : m_.pools)
    need(pool.task, m_.tasks.size(), What("pool", pool.name), "task");
  std::set<llvm::StringRef> pools{""};
  for (const Pool& pool : m_.pools) pools.insert(pool.name);
  for (const Family& family : m_.families) {
    if (!pools.contains(family.pool))
      broken("family `{}` stands in a pool `{}` that there is not", family.name, family.pool);
    if (family.disk != Family::Shared && family.pool.empty())
      broken("family `{}` is on the disk of a node and in no pool", family.name);
    if (family.disk == Family::OnEveryNode && (!family.task || m_[family.task].outputs.size() != 1))
      broken("family `{}` is for every node and has not one output", family.name);
  }
  for (const Limit& limit : m_.limits) {
    allow(limit.loop, m_.loops.size(), "a limit", "loop");
    for (FamilyId family : limit.families) need(family, m_.families.size(), "a limit", "family");
  }
  for (const Publish& publish : m_.publishes) {
    need(publish.ref, m_.refs.size(), "a publish", "reference");
    needExpr(publish.at, "a publish");
    for (LoopId loop : publish.loops) need(loop, m_.loops.size(), "a publish", "loop");
  }
  for (const StopAfter& stop : m_.stops)
    for (FamilyId of : stop.families) need(of, m_.families.size(), "a stop", "family");
  for (const Placement& p : m_.placements)
    need(p.family, m_.families.size(), "a placement", "family");
}

// ---- meaning

void Verifier::names() {
  std::set<llvm::StringRef> seen;
  for (const Family& family : m_.families)
    if (!seen.insert(family.name).second) broken("two families are called `{}`", family.name);
}

void Verifier::types() {
  bool hasBasics = m_.kinds.size() >= 2 && m_.kinds[0].name == "file" && !m_.kinds[0].isDir &&
                   m_.kinds[1].name == "dir" && m_.kinds[1].isDir;
  if (!hasBasics) broken("the first kinds are not `file` and `dir`");
}

void Verifier::loopTree() {
  for (size_t n = 0; n < m_.loops.size(); ++n) {
    size_t steps = 0;
    LoopId at = m_.loops[n].parent;
    while (at.valid() && steps++ <= m_.loops.size()) at = m_[at].parent;
    if (steps > m_.loops.size()) broken("loop `{}` is inside itself", m_.loops[n].variable);
  }
}

void Verifier::spaceCycle(SpaceId id, std::set<SpaceId>& above) {
  if (!above.insert(id).second) return broken("space `{}` is made from itself", m_[id].name);
  if (m_[id].base.valid()) spaceCycle(m_[id].base, above);
  for (SpaceId factor : m_[id].factors) spaceCycle(factor, above);
  above.erase(id);
}

void Verifier::space(const Space& space, const What& what) {
  if (space.kind == Space::Range && space.n == 0) broken("{} has step 0", what.text());
  bool counts = space.kind == Space::EveryNth || space.kind == Space::Batches;
  if (counts && space.n < 1) broken("{} has a count below 1", what.text());
  bool advances = space.step.i >= 0 && space.step.j >= 0 && space.step.i % 1000 == 0 &&
                  space.step.i + space.step.j > 0;
  if (space.kind == Space::Cycle && !advances)
    broken("{} does not step forward by whole seconds", what.text());
  if (space.kind == Space::Cycle && m_.types[space.element].kind != Type::Span)
    broken("{} is a cycle of other things than spans", what.text());
  if (space.kind != Space::Product) return;
  const Type& type = m_.types[space.element];
  if (type.kind != Type::Record || type.fields.size() != space.factors.size())
    broken("{} has {} factors but not as many fields", what.text(), space.factors.size());
}

void Verifier::ref(const Ref& ref, const What& what) {
  for (FamilyId id : ref.families) {
    const Family& producer = m_[id];
    if (producer.loops.size() != ref.indices.size())
      broken("{} has {} indices, family `{}` has {} loops", what.text(), ref.indices.size(),
             producer.name, producer.loops.size());
    bool hasValue = !ref.valueless && ref.demand != Demand::Ended;
    if (!hasValue || producer.role != Family::Work) continue;
    if (ref.output >= m_[producer.task].outputs.size())
      broken("{} reads output {} of family `{}`", what.text(), ref.output, producer.name);
  }
  bool wantsCount = ref.demand == Demand::AtLeast || ref.demand == Demand::First;
  if (wantsCount != ref.count.valid())
    broken("{} {}", what.text(), wantsCount ? "lacks its count" : "has a count that nothing reads");
}

// What check/ lets pass without a conversion: what has the same values at run time.
static bool fits(const Module& module, TypeId arg, TypeId input) {
  const Type& a = module.types[arg];
  const Type& b = module.types[input];
  if (arg == input || a.kind == Type::Error || b.kind == Type::Error) return true;
  if (b.kind == Type::Option) {
    TypeId inner = a.kind == Type::Option ? a.element : arg;
    return a.kind == Type::None || fits(module, inner, b.element);
  }
  switch (a.kind) {
    case Type::None:
      return false;
    case Type::String:
      return b.kind == Type::Path;
    case Type::Date:
      return b.kind == Type::Instant;
    case Type::Path:
      return b.kind == Type::Artifact;
    case Type::Artifact: {
      if (b.kind != Type::Artifact) return b.kind == Type::Path;
      // A kind of its own passes where just a file or a folder is wanted.
      return b.artifact.index() < 2 && module[a.artifact].isDir == module[b.artifact].isDir;
    }
    case Type::Set:
      if (b.kind == Type::Artifact) return b.artifact.index() == 1;
      return b.kind == Type::List && fits(module, a.element, b.element);
    case Type::List:
      return b.kind == Type::List && fits(module, a.element, b.element);
    case Type::Map:
      return b.kind == Type::Map && a.key == b.key && fits(module, a.element, b.element);
    default:
      return false;
  }
}

void Verifier::family(const Family& family) {
  What what("family", family.name);
  for (size_t n = 1; n < family.loops.size(); ++n) {
    LoopId at = m_[family.loops[n]].parent;
    if (at != family.loops[n - 1])
      broken("{}: loop `{}` is not directly inside `{}`", what.text(), m_[family.loops[n]].variable,
             m_[family.loops[n - 1]].variable);
  }
  if (family.role == Family::Hook && family.hook.event.empty())
    broken("{} has no event", what.text());
  wait(family, what);
  if (!family.task.valid()) return;
  const Task& task = m_[family.task];
  if (task.inputs.size() != family.args.size())
    return broken("{} has {} arguments, task `{}` has {} inputs", what.text(), family.args.size(),
                  task.name, task.inputs.size());
  for (size_t n = 0; n < family.args.size(); ++n) {
    TypeId arg = m_[family.args[n]].type;
    if (!fits(m_, arg, task.inputs[n].type))
      broken("{}: argument `{}` is `{}`, not `{}`", what.text(), task.inputs[n].name,
             typeText(m_, arg), typeText(m_, task.inputs[n].type));
  }
}

void Verifier::wait(const Family& family, const What& what) {
  bool isNone = family.wait.any.empty();
  if (isNone == (family.role == Family::Wait))
    broken("{} {}", what.text(), isNone ? "waits for nothing" : "waits, and is no wait");
  for (const std::vector<Family::Awaited>& all : family.wait.any)
    for (const Family::Awaited& awaited : all) {
      TypeId type = m_[awaited.what].type;
      Type::Kind kind = m_.types[type].kind;
      if (kind != Type::Path && kind != Type::String && kind != Type::Instant)
        broken("{} waits for a `{}`", what.text(), typeText(m_, type));
    }
}

void Verifier::bodyHoles(const Task& task, const Body& body) {
  std::set<llvm::StringRef> seen;
  for (const Hole& hole : body.holes)
    if (!seen.insert(hole.variable).second)
      broken("task `{}` has two holes called `{}`", task.name, hole.variable);
  for (const Piece& piece : body.pieces)
    if (piece.hole >= 0 && static_cast<size_t>(piece.hole) >= body.holes.size())
      broken("task `{}` has a hole that is not declared", task.name);
}

void Verifier::task(const Task& task) {
  bodyHoles(task, task.body);
  for (const Check& check : task.checks) bodyHoles(task, check.body);
  if (task.resume.output >= static_cast<int>(task.outputs.size()))
    broken("task `{}` resumes from an output that it lacks", task.name);
  std::set<Outcome> causes;
  for (const Retry& retry : task.retries)
    for (Outcome cause : retry.causes)
      if (!causes.insert(cause).second)
        broken("task `{}` has two retries on {}", task.name, name(cause).str());
}

void Verifier::exprs() {
  for (const Expr& expr : m_.exprs)
    if (expr.op == Op::Error) return broken("an expression is an error");
}

void Verifier::constantNeeds(const Task& task) {
  for (const Need& n : task.needs)
    walk(m_, n.value, [&](const Expr& expr) {
      bool fixed = expr.op != Op::LoopVar && expr.op != Op::Ref && expr.op != Op::Output &&
                   expr.op != Op::Need && expr.op != Op::Special;
      if (!fixed) broken("need `{}` of task `{}` depends on more than inputs", n.key, task.name);
    });
}

void Verifier::planned() {
  std::set<FamilyId> placed;
  for (const Placement& p : m_.placements)
    if (!placed.insert(p.family).second) broken("family `{}` is placed twice", m_[p.family].name);
  for (uint32_t n = 0; n < m_.families.size(); ++n)
    if (m_.families[n].role == Family::Work && !placed.count(FamilyId(n)))
      broken("family `{}` has no placement", m_.families[n].name);
  for (const Task& task : m_.tasks) constantNeeds(task);
}

void Verifier::meaning() {
  names();
  types();
  exprs();
  loopTree();
  for (uint32_t n = 0; n < m_.spaces.size(); ++n) {
    std::set<SpaceId> above;
    spaceCycle(SpaceId(n), above);
    space(m_.spaces[n], {"space", m_.spaces[n].name});
  }
  for (const Task& t : m_.tasks) task(t);
  for (size_t n = 0; n < m_.refs.size(); ++n) {
    const Ref& r = m_.refs[n];
    llvm::StringRef to = r.loop.valid() ? m_[r.loop].variable : m_[r.families[0]].name;
    ref(r, {"reference", n, to});
  }
  for (const Family& f : m_.families) family(f);
  if (m_.stage != Stage::Checked) planned();
  if (m_.stage == Stage::Legal && m_.target.empty()) broken("a legal module has no target");
}

std::vector<std::string> verify(const Module& module) { return Verifier(module).run(); }

}  // namespace wfc::ir
