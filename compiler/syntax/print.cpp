// Declarations, clauses and statements, one a line.
#include "compiler/syntax/print.h"

#include "compiler/syntax/print_text.h"

namespace wfc::syntax {
namespace {

std::string namesOf(ArrayRef<Name> names) {
  std::string out;
  for (const Name& name : names) out += " " + name.text.str();
  return out;
}

std::string orNone(const Expr* expr) { return expr ? printExpr(*expr) : "_"; }

class Printer {
 public:
  std::string out;

  void decl(const Decl& decl) {
    if (!decl.doc.empty()) line("doc " + quoted(decl.doc));
    exported_ = decl.exported ? "export " : "";
    name_ = decl.name.text.str();
    std::visit([this](const auto& as) { print(as); }, decl.as);
  }

 private:
  void line(const std::string& text) {
    out.append(indent_ * 2, ' ');
    out += text;
    out += '\n';
  }
  template <class F>
  void indented(F&& body) {
    ++indent_;
    body();
    --indent_;
  }

  void print(const ImportDecl& d) { line("import" + namesOf(d.modules)); }

  void print(const KindDecl& d) {
    std::string text = exported_ + "kind " + name_;
    text += d.base ? " " + d.base.text.str() : " = " + orNone(d.value);
    if (d.extension) text += " " + printExpr(*d.extension);
    line(text);
    indented([&] {
      for (const Param& p : d.params) param("param", p);
      for (const KindAttr& a : d.attrs) attr(a);
    });
  }

  void attr(const KindAttr& a) {
    std::string text = "attr " + a.name.text.str();
    if (a.value) text += " " + printExpr(*a.value);
    for (const Expr* e : a.tuple) text += " " + printExpr(*e);
    line(text);
    indented([&] {
      for (const Param& p : a.fields) param("field", p);
    });
  }

  void param(StringRef what, const Param& p) {
    std::string text = what.str() + " " + p.name.text.str() + ": " + printType(p.type);
    if (p.key) text += " key";
    if (p.value) text += " = " + printExpr(*p.value);
    if (!p.doc.empty()) text += " doc " + quoted(p.doc);
    line(text);
  }

  void print(const ProgramDecl& d) {
    line(exported_ + "program " + name_ + " " + orNone(d.command));
    indented([&] {
      for (const Flag& f : d.flags) flag(f);
    });
  }

  void flag(const Flag& f) {
    std::string text = f.positional ? "positional " : "flag ";
    text += f.name.text.str() + ":";
    if (f.role == Flag::Out) text += " out";
    if (f.role == Flag::Resume) text += " resume";
    if (f.type) text += " " + printType(f.type);
    if (f.size) text += " size " + printExpr(*f.size);
    if (f.files) text += " files " + printExpr(*f.files);
    if (f.value) text += " = " + printExpr(*f.value);
    if (!f.doc.empty()) text += " doc " + quoted(f.doc);
    line(text);
    indented([&] {
      for (const Param& p : f.values) param("value", p);
    });
  }

  void print(const EnumDecl& d) {
    std::string text = exported_ + "enum " + name_;
    for (const Enumerator& e : d.values)
      text += " " + e.name.text.str() + (e.text ? "=" + printExpr(*e.text) : "");
    line(text);
  }

  void print(const RecordDecl& d) {
    line(exported_ + "record " + name_);
    indented([&] {
      for (const Param& p : d.fields) param("field", p);
    });
  }

  void print(const TaskDecl& d) {
    std::string text = exported_ + "task " + name_;
    if (d.program) text += " = " + printExpr(*d.program);
    line(text);
    indented([&] {
      for (const Param& p : d.params) param("param", p);
      for (const Output& o : d.outputs) output(o);
      if (d.noData) line("or no_data");
      clauses(d.clauses);
    });
  }

  void output(const Output& o) {
    std::string text = "output " + o.name.text.str() + ": " + printType(o.type);
    if (o.path) text += " at " + printExpr(*o.path);
    if (o.size) text += " size " + printExpr(*o.size);
    if (o.files) text += " files " + printExpr(*o.files);
    line(text);
  }

  void print(const FlowDecl& d) {
    line(exported_ + "flow " + name_);
    indented([&] {
      for (const Param& p : d.params) param("param", p);
      for (const Output& o : d.outputs) output(o);
      body(d.body);
    });
  }

  void print(const ConstDecl& d) { line(exported_ + "const " + name_ + " = " + orNone(d.value)); }
  void print(const SecretDecl& d) {
    line(exported_ + "secret " + name_ + " " + orNone(d.command) + " for " + orNone(d.lifetime));
  }

  void clauses(const Clauses& c) {
    for (const Need& n : c.needs) {
      std::string text = "need " + n.key.text.str();
      if (n.value) text += " " + printExpr(*n.value);
      if (n.of) text += " of " + n.of.text.str();
      line(text);
    }
    for (const EnvVar& v : c.env) line("env " + v.name.text.str() + " = " + orNone(v.value));
    for (const Expr* m : c.modules) line("module " + printExpr(*m));
    if (c.conda) line("conda " + printExpr(*c.conda));
    if (c.container) line("container " + printExpr(*c.container));
    for (const Retry& r : c.retries) retry(r);
    for (const Resume& r : c.resumes)
      line("resume " + r.output.text.str() + " lead " + orNone(r.lead) + " slices " +
           orNone(r.slices));
    for (const ExitRule& r : c.exits) exitRule(r);
    for (const Fill& f : c.fills) line("fill " + orNone(f.from) + " with " + orNone(f.with));
    for (const Script& s : c.scripts) script(s);
    for (const Check& k : c.checks) {
      line("check every " + orNone(k.every) + " after " + orNone(k.after));
      indented([&] { script(k.script); });
    }
  }

  void retry(const Retry& r) {
    std::string text = "retry " + orNone(r.count) + " on" + namesOf(r.causes);
    for (const Growth& g : r.growths)
      text += " (" + g.op.str() + " " + g.key.text.str() + " " + orNone(g.by) + ")";
    if (r.delay) text += " delay " + printExpr(*r.delay);
    if (r.growing) text += " growing " + printExpr(*r.growing);
    line(text);
  }

  void exitRule(const ExitRule& r) {
    std::string text = "exit";
    for (const Expr* code : r.codes) text += " " + printExpr(*code);
    line(text + " is " + r.outcome.text.str());
  }

  void script(const Script& s) { line(s.language.text.str() + " " + orNone(s.text)); }

  void body(const std::vector<Stmt*>& stmts) {
    for (const Stmt* stmt : stmts) {
      if (!stmt->doc.empty()) line("doc " + quoted(stmt->doc));
      std::visit([this](const auto& as) { print(as); }, stmt->as);
    }
  }

  void print(const BindStmt& s) {
    std::string text = s.temp ? "temp " : s.keep ? "keep " : "";
    line(text + (s.name ? s.name.text.str() + " = " : "do ") + orNone(s.value));
    indented([&] { tails(s.tails); });
  }

  void tails(const Tails& t) {
    for (const Limit& l : t.limits) {
      std::string text = "limit " + orNone(l.count);
      if (l.refill) text += " refill " + printExpr(*l.refill);
      if (l.per) text += " per " + printExpr(*l.per);
      line(text);
    }
    for (const After& a : t.afters) line((a.ended ? "after-ended " : "after ") + orNone(a.what));
    if (t.priority) line("priority " + t.priority.text.str());
    if (t.deadline) line("deadline " + printExpr(*t.deadline));
    if (t.onNode) line("on-node");
    if (t.onStore) line("on-store " + printExpr(*t.onStore));
    if (t.keepOnFailed) line("keep-on-failed");
    for (const OnOutcome& h : t.hooks) {
      line("on" + namesOf(h.outcomes));
      indented([&] { body(h.body); });
    }
  }

  void print(const ForStmt& s) {
    std::string text = "for";
    for (const Binder& b : s.binders)
      text += " (" + b.name.text.str() + " " + orNone(b.domain) + ")";
    line(text);
    indented([&] {
      tails(s.tails);
      body(s.body);
    });
  }

  void print(const IfStmt& s) {
    line("if " + orNone(s.condition));
    indented([&] { body(s.then); });
    if (s.otherwise.empty()) return;
    line("else");
    indented([&] { body(s.otherwise); });
  }

  void print(const PublishStmt& s) {
    std::string text = "publish " + orNone(s.what) + " at " + orNone(s.at);
    line(text + (s.shared ? " shared" : ""));
  }
  void print(const PoolStmt& s) {
    line("pool " + s.name.text.str());
    indented([&] { clauses(s.clauses); });
  }
  void print(const InStmt& s) {
    line("in " + s.pool.text.str());
    indented([&] { body(s.body); });
  }
  void print(const WhenStmt& s) {
    line("when " + s.event.text.str());
    indented([&] { body(s.body); });
  }
  void print(const BudgetStmt& s) {
    line("budget " + s.resource.text.str() + " " + orNone(s.amount));
  }
  void print(const StopAfterStmt& s) {
    line("stop-after " + orNone(s.count) + " " + s.outcome.text.str());
  }
  void print(const RepeatStmt& s) {
    line("repeat " + s.name.text.str() + " " + orNone(s.most) + " until " + orNone(s.until));
    indented([&] {
      tails(s.tails);
      body(s.body);
    });
  }

  size_t indent_ = 0;
  std::string exported_;
  std::string name_;
};

}  // namespace

std::string printTree(const Tree& tree) {
  Printer printer;
  if (!tree.doc.empty()) printer.out += "file " + quoted(tree.doc) + "\n";
  for (const Decl* decl : tree.decls) printer.decl(*decl);
  return std::move(printer.out);
}

}  // namespace wfc::syntax
