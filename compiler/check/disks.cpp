// Whose disk an artifact lies on. `scatter` and `gather` carry it between the disk that all share
// and those of a pool's nodes; what lies on one node's is read there and by somebody.
#include <algorithm>

#include "fmt/format.h"
#include "llvm/ADT/STLExtras.h"

#include "compiler/check/flow.h"
#include "compiler/check/graph.h"
#include "compiler/check/names.h"
#include "compiler/diag/catalog/check.h"
#include "compiler/ir/planned.h"

namespace wfc::check {

using ir::Family;
using syntax::Expr;
using syntax::ExprKind;

bool isConversion(const Expr& call, const Scope& scope) {
  if (call.kind != ExprKind::Call || call.a->kind != ExprKind::Name) return false;
  StringRef name = call.a->name.text;
  return (name == "scatter" || name == "gather") && scope.find(name) == nullptr;
}

namespace {

/// A need that a conversion has unless it is told another: `gather(x, time: 1h)`.
struct NeedOfConversion {
  const char* key;
  TK type;
  ir::Value value;
};

std::vector<NeedOfConversion> needsOfConversions() {
  return {{"cpus", TK::Int, ir::Value::integer(1)},
          {"memory", TK::Bytes, ir::Value::scalar(ir::Value::Bytes, int64_t(512) << 20)},
          {"time", TK::Duration, ir::Value::scalar(ir::Value::Duration, 10 * 60000)}};
}

/// The task of one `scatter` or `gather`: its input is what it is given, its output the same again.
class ConversionTask {
 public:
  ConversionTask(Session& s, bool isScatter, ir::TypeId type, std::string pattern,
                 std::vector<NeedOfConversion> needs, Range at)
      : s_(s),
        isScatter_(isScatter),
        type_(type),
        pattern_(std::move(pattern)),
        needs_(std::move(needs)),
        at_(at) {}

  ir::Task make() {
    ir::Task task;
    task.name = isScatter_ ? "scatter" : "gather";
    if (size_t same = s_.taskNames[task.name]++) task.name += "." + std::to_string(same + 1);
    task.doc = isScatter_ ? "For every node of the pool, packed once."
                          : "From the node that made it to the disk that all share.";
    task.loc = s_.loc(at_);
    task.inputs.push_back({.name = "from", .type = type_});
    ir::Output to;
    to.name = "to";
    to.type = type_;
    to.pattern = pattern_;
    to.loc = task.loc;
    task.outputs.push_back(std::move(to));
    for (const NeedOfConversion& need : needs_)
      task.needs.push_back(
          {need.key, s_.constant(need.value, basic(need.type), at_), "", task.loc});
    ir::Retry retry;
    retry.count = 2;
    retry.causes = {ir::Outcome::TimedOut, ir::Outcome::Preempted, ir::Outcome::NodeLost};
    retry.loc = task.loc;
    task.retries.push_back(std::move(retry));
    body(task.body);
    return task;
  }

 private:
  /// Of a set its folder.
  ir::ExprId pathOf(ir::Op op) {
    ir::ExprId path = s_.make(op, type_, {}, at_, 0);
    if (!isSet()) return path;
    return s_.make(ir::Op::Field, basic(TK::Path), {path}, at_, "dir");
  }
  bool isSet() const { return s_.module.types[type_].kind == TK::Set; }

  void body(ir::Body& body) {
    const ir::Type& type = s_.module.types[type_];
    bool isFolder = isSet() || s_.module[type.artifact].isDir;
    const char* verb = isScatter_ && isFolder ? "pack" : "copy";
    body.language = ir::Body::Bash;
    body.loc = s_.loc(at_);
    for (auto [name, op] : {std::pair("from", ir::Op::Input), std::pair("to", ir::Op::Output)}) {
      ir::Hole& hole = body.holes.emplace_back();
      hole.variable = name;
      hole.value = pathOf(op);
    }
    body.pieces = {{fmt::format("\"$WFR\" move {} --replace -- ", verb), -1},
                   {"", 0},
                   {" ", -1},
                   {"", 1},
                   {"\n", -1}};
  }

  Session& s_;
  bool isScatter_;
  ir::TypeId type_;
  std::string pattern_;
  std::vector<NeedOfConversion> needs_;
  Range at_;
};

/// What is wrong with what a conversion is given; empty: nothing.
std::string whyNot(const Session& s, bool isScatter, const Expr& call, const Operand& given) {
  if (call.args.empty() || call.args[0].name || !call.args[0].value) return "this is nothing";
  const ir::Ref* ref = nullptr;
  if (s.module[given.expr].op == ir::Op::Ref)
    ref = &s.module[ir::RefId(s.module[given.expr].index)];
  TK kind = s.module.types[given.type].kind;
  if (kind != TK::Artifact && (isScatter || kind != TK::Set))
    return fmt::format("this is {}", typeText(s, given.type));
  bool isOnNode = ref != nullptr && s.module[ref->families.front()].disk == Family::OnNode;
  if (!isScatter && !isOnNode) return "this lies on the disk that all share";
  return {};
}

/// The pattern of a set that a task makes; a set in a flow comes from nowhere else.
std::string patternOf(const Session& s, ir::ExprId given) {
  if (s.module[given].op != ir::Op::Ref) return {};
  const ir::Ref& ref = s.module[ir::RefId(s.module[given].index)];
  const Family& producer = s.module[ref.families.front()];
  return producer.task ? s.module[producer.task].outputs[ref.output].pattern : "";
}

}  // namespace

/// What stands behind the first argument: other needs.
static std::vector<NeedOfConversion> readNeeds(Session& s, const Expr& call, Place& place) {
  std::vector<NeedOfConversion> needs = needsOfConversions();
  for (const syntax::Arg& arg : llvm::ArrayRef(call.args).drop_front(call.args.empty() ? 0 : 1)) {
    auto need = llvm::find_if(
        needs, [&](const NeedOfConversion& n) { return arg.value && arg.name.text == n.key; });
    if (need == needs.end()) {
      std::vector<std::string> known;
      for (const NeedOfConversion& n : needs) known.push_back(n.key);
      s.report(arg.name ? arg.name.range : arg.value->range,
               diag::UnknownParameter{.name = arg.name.text.str(),
                                      .callee = call.a->name.text.str(),
                                      .fix = nearest(s, arg.name, known)});
      continue;
    }
    std::string what = fmt::format("`{}`", need->key);
    if (auto value = checkConstant(s, *arg.value, place, basic(need->type), what))
      need->value = *value;
  }
  return needs;
}

void FlowBuilder::declareConversion(const syntax::BindStmt& bind, Block& block) {
  const Expr& call = *bind.value;
  bool isScatter = call.a->name.text == "scatter";
  Operand given;
  if (!call.args.empty() && call.args[0].value)
    given = asValue(s_, checkExpr(s_, *call.args[0].value, block.place), block.place);
  bool isRead = given.kind == Operand::Value;
  std::string wrong =
      isRead || call.args.empty() ? whyNot(s_, isScatter, call, given) : std::string();
  if (!wrong.empty())
    s_.report(call.range, diag::NothingToCarry{.name = call.a->name.text.str(),
                                               .from = isScatter ? "to the nodes of a pool"
                                                                 : "from the node that made it",
                                               .what = wrong});
  if (block.pool.empty())
    s_.report(call.a->range, diag::OnNodeOutsidePool{.what = call.a->name.text.str()});
  const syntax::Name& name = bind.name ? bind.name : call.a->name;
  if (!isRead || !wrong.empty()) {
    Symbol symbol;
    symbol.operand = s_.errorOperand(call.range);
    return define(s_, *block.flowScope, name, symbol);
  }
  ConversionTask task(s_, isScatter, given.type, patternOf(s_, given.expr),
                      readNeeds(s_, call, block.place), call.range);
  s_.module.tasks.push_back(task.make());
  ir::FamilyId id = addFamily(name.text.str(), block, call.range);
  Family& family = s_.module.families[id.index()];
  family.task = ir::TaskId{static_cast<uint32_t>(s_.module.tasks.size() - 1)};
  family.args = {given.expr};
  family.temp = bind.temp;
  family.keep = bind.keep;
  if (isScatter) family.disk = Family::OnEveryNode;
  family.text = s_.text(call.a->range).str() + "(…)";
  enterMade(name, id, block, name.range);
  if (s_.request.watcher) s_.request.watcher->onFamily(name.range, s_.flow, id);
  Block copy = block;
  pending_.push_back([this, id, &bind, copy]() mutable { wireTails(id, bind.tails, copy); });
}

namespace {

/// Every reference to what lies on the disk of a node, and who reads it.
class DiskProof {
 public:
  explicit DiskProof(Session& s) : s_(s), m_(s.module), isRead_(s.module.families.size()) {}

  void prove() {
    for (const Family& family : m_.families)
      for (ir::ExprId arg : family.args) readAll(arg, &family);
    for (const Family& family : m_.families) proveOneNode(family);
    for (const ir::Publish& publish : m_.publishes) read(publish.ref, nullptr);
    for (const ir::Space& space : m_.spaces)
      if (space.ref) read(space.ref, nullptr);
    warnUnread();
  }

 private:
  void readAll(ir::ExprId arg, const Family* reader) {
    if (!arg.valid()) return;
    std::vector<ir::RefId> refs;
    ir::collectRefs(m_, arg, refs);
    for (ir::RefId ref : refs) read(ref, reader);
  }

  bool isSmall(const ir::Ref& ref) const {
    const Family& producer = m_[ref.families.front()];
    return !producer.task || ref.output >= m_[producer.task].outputs.size() ||
           m_[producer.task].outputs[ref.output].small;
  }

  void read(ir::RefId id, const Family* reader) {
    const ir::Ref& ref = m_[id];
    if (ref.families.empty() || ref.valueless || isSmall(ref)) return;
    const Family& producer = m_[ref.families.front()];
    if (producer.disk == Family::Shared) return;
    for (ir::FamilyId family : ref.families) isRead_[family.index()] = true;
    bool isWork = reader != nullptr && reader->role == Family::Work;
    if (!isWork)
      return report(
          ref, reader ? "a hook runs elsewhere" : "links and sets are of the disk that all share");
    if (reader->pool != producer.pool)
      return report(ref, fmt::format("`{}` runs outside of that pool", reader->name));
    if (producer.disk == Family::OnNode && !ref.single)
      report(ref, "several of them may lie on different nodes");
  }

  /// It names the instance that stands where its reader does, in every loop.
  static bool isOfSamePlace(const ir::Ref& ref) {
    return llvm::all_of(ref.indices, [](const ir::IndexPattern& pattern) {
      return pattern.kind == ir::IndexPattern::Same;
    });
  }

  /// The family whose instances decide on which node those of this one run; itself, if they may run
  /// on any. An instance that is not of the same place in all loops stands for itself.
  const Family* anchorOf(const Family& family, unsigned depth = 0) const {
    std::vector<ir::RefId> reads = ir::nodeReads(m_, family);
    if (reads.empty() || depth > m_.families.size()) return &family;
    const ir::Ref& ref = m_[reads.front()];
    return isOfSamePlace(ref) ? anchorOf(m_[ref.families.front()], depth + 1) : nullptr;
  }

  /// All that it reads of nodes lies on one of them.
  void proveOneNode(const Family& family) {
    std::vector<ir::RefId> reads = ir::nodeReads(m_, family);
    if (reads.size() < 2) return;
    const Family* first = anchorOf(m_[m_[reads.front()].families.front()]);
    for (ir::RefId id : llvm::ArrayRef(reads).drop_front()) {
      const ir::Ref& ref = m_[id];
      const Family* other = anchorOf(m_[ref.families.front()]);
      if (isOfSamePlace(ref) && first != nullptr && first == other) continue;
      report(ref, fmt::format("`{}`, which `{}` reads too, may lie on another",
                              m_[m_[reads.front()].families.front()].name, family.name));
    }
  }

  void report(const ir::Ref& ref, std::string why) {
    const Family& producer = m_[ref.families.front()];
    bool isEvery = producer.disk == Family::OnEveryNode;
    s_.report(s_.rangeOf(ref.loc),
              diag::ReadOffNode{
                  .name = producer.name,
                  .disk = isEvery ? fmt::format("the disks of the pool `{}`", producer.pool)
                                  : "the disk of the node that made it",
                  .why = std::move(why),
                  .help = isEvery ? "read what was scattered, where it came from"
                                  : fmt::format("bring it to the disk that all share, in the loop "
                                                "that makes it: `x = gather({})`",
                                                producer.name),
                  .madeAt = s_.rangeOf(producer.loc)});
  }

  void warnUnread() {
    if (s_.emitter.hasErrors()) return;
    for (size_t n = 0; n < m_.families.size(); ++n) {
      const Family& family = m_.families[n];
      bool isLost = family.disk == Family::OnNode && family.task && !isRead_[n] &&
                    std::any_of(m_[family.task].outputs.begin(), m_[family.task].outputs.end(),
                                [](const ir::Output& output) { return !output.small; });
      if (isLost) s_.report(s_.rangeOf(family.loc), diag::LostWithNode{.name = family.name});
    }
  }

  Session& s_;
  const ir::Module& m_;
  std::vector<bool> isRead_;
};

}  // namespace

void proveDisks(Session& s) { DiskProof(s).prove(); }

}  // namespace wfc::check
