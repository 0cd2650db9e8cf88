// See outline.h.
#include "compiler/lsp/outline.h"

namespace wfc::lsp {

namespace {

using source::Range;

class Walker {
 public:
  std::vector<Symbol> symbols;

  void decl(const syntax::Decl& decl) {
    if (auto* import = std::get_if<syntax::ImportDecl>(&decl.as)) {
      for (const syntax::Name& name : import->modules) add(Kind::Module, name, name.range);
      return;
    }
    int self = add(Kind::Value, decl.name, decl.range, decl.doc);
    if (self < 0) return;
    symbols.back().isExported = decl.exported;
    parent_ = self;
    Kind kind = std::visit([&](const auto& as) { return parts(as); }, decl.as);
    symbols[static_cast<size_t>(self)].kind = kind;
    if (auto* task = std::get_if<syntax::TaskDecl>(&decl.as); task && task->program)
      symbols[static_cast<size_t>(self)].program = task->program->name.range;
    parent_ = -1;
  }

 private:
  int add(Kind kind, const syntax::Name& name, Range range, llvm::StringRef doc = {}) {
    if (!name) return -1;
    Symbol symbol;
    symbol.kind = kind;
    symbol.name = name.text;
    symbol.doc = doc;
    symbol.nameAt = name.range;
    symbol.range = symbol.head = source::join(range, name.range);
    symbol.parent = parent_;
    symbols.push_back(symbol);
    return static_cast<int>(symbols.size()) - 1;
  }

  void params(Kind kind, const std::vector<syntax::Param>& params) {
    for (const syntax::Param& param : params) add(kind, param.name, param.range, param.doc);
  }
  void outputs(const std::vector<syntax::Output>& outputs) {
    for (const syntax::Output& output : outputs) add(Kind::Output, output.name, output.range);
  }

  Kind parts(const syntax::ImportDecl&) { return Kind::Module; }
  Kind parts(const syntax::KindDecl& kind) {
    params(Kind::Param, kind.params);
    for (const syntax::KindAttr& attr : kind.attrs) params(Kind::Field, attr.fields);
    return Kind::FileKind;
  }
  Kind parts(const syntax::ProgramDecl& program) {
    for (const syntax::Flag& flag : program.flags) {
      int self = add(Kind::Flag, flag.name, flag.range, flag.doc);
      if (self < 0) continue;
      symbols.back().isOutput = flag.role != syntax::Flag::In;
      params(Kind::Output, flag.values);
    }
    return Kind::Program;
  }
  Kind parts(const syntax::EnumDecl& type) {
    for (const syntax::Enumerator& each : type.values)
      add(Kind::Enumerator, each.name,
          each.text ? source::join(each.name.range, each.text->range) : each.name.range);
    return Kind::Enum;
  }
  Kind parts(const syntax::RecordDecl& record) {
    params(Kind::Field, record.fields);
    return Kind::Record;
  }
  Kind parts(const syntax::TaskDecl& task) {
    params(Kind::Param, task.params);
    outputs(task.outputs);
    return Kind::Task;
  }
  Kind parts(const syntax::FlowDecl& flow) {
    params(Kind::Param, flow.params);
    block(flow.body);
    return Kind::Flow;
  }
  Kind parts(const syntax::ConstDecl&) { return Kind::Value; }
  Kind parts(const syntax::SecretDecl&) { return Kind::Secret; }

  void block(const std::vector<syntax::Stmt*>& stmts) {
    for (const syntax::Stmt* each : stmts)
      std::visit([&](const auto& as) { stmt(*each, as); }, each->as);
  }

  void stmt(const syntax::Stmt& stmt, const syntax::BindStmt& bind) {
    bool isCall = bind.value && (bind.value->kind == syntax::ExprKind::Call ||
                                 bind.value->kind == syntax::ExprKind::Await);
    add(isCall ? Kind::Family : Kind::Value, bind.name, stmt.range, stmt.doc);
    for (const syntax::OnOutcome& hook : bind.tails.hooks) block(hook.body);
  }
  void stmt(const syntax::Stmt&, const syntax::ForStmt& loop) {
    for (const syntax::Binder& binder : loop.binders)
      add(Kind::LoopVariable, binder.name,
          binder.domain ? source::join(binder.name.range, binder.domain->range)
                        : binder.name.range);
    block(loop.body);
  }
  void stmt(const syntax::Stmt&, const syntax::IfStmt& branch) {
    block(branch.then);
    block(branch.otherwise);
  }
  void stmt(const syntax::Stmt&, const syntax::RepeatStmt& repeat) {
    add(Kind::LoopVariable, repeat.name, repeat.name.range);
    block(repeat.body);
  }
  void stmt(const syntax::Stmt& stmt, const syntax::PoolStmt& pool) {
    add(Kind::Pool, pool.name, stmt.range, stmt.doc);
  }
  void stmt(const syntax::Stmt&, const syntax::InStmt& in) { block(in.body); }
  void stmt(const syntax::Stmt&, const syntax::WhenStmt& when) { block(when.body); }
  void stmt(const syntax::Stmt&, const syntax::PublishStmt&) {}
  void stmt(const syntax::Stmt&, const syntax::BudgetStmt&) {}
  void stmt(const syntax::Stmt&, const syntax::StopAfterStmt&) {}

  int parent_ = -1;
};

}  // namespace

std::vector<Symbol> outlineOf(const syntax::Tree& tree) {
  Walker walker;
  for (const syntax::Decl* decl : tree.decls) walker.decl(*decl);
  return std::move(walker.symbols);
}

}  // namespace wfc::lsp
