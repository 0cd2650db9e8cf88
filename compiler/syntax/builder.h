// From the rules the grammar saw to the Tree. Internal to compiler/syntax.
//
// One Builder serves a whole file; each construct is walked once, parts and tokens in the order
// they stand. It reports what the grammar cannot say (an unknown unit, a wrong date, a wrong
// escape) and never fails: a `Hole` of the grammar becomes a hole of the tree.
//
// What it does not do: mend text (repair.h), give meaning (check/).
#pragma once

#include <string_view>
#include <vector>

#include "llvm/ADT/SmallVector.h"

#include "compiler/diag/emitter.h"
#include "compiler/syntax/grammar.h"
#include "compiler/syntax/token.h"
#include "compiler/syntax/tree.h"

namespace wfc::syntax {

/// The parts of one Node in order: at each step either a token or a part (a Node of its own).
class Walk {
 public:
  Walk(const std::vector<Node>& nodes, const std::vector<Token>& tokens, uint32_t node)
      : nodes_(nodes),
        tokens_(tokens),
        part_(node + 1),
        stop_(nodes[node].next),
        at_(nodes[node].first),
        end_(nodes[node].end) {}

  bool done() const { return at_ == end_; }
  bool isPart() const { return part_ != stop_ && nodes_[part_].first == at_; }
  /// The rule of the part here; None at a token or at the end.
  Rule rule() const { return !done() && isPart() ? nodes_[part_].rule : Rule::None; }
  /// The token here; End at a part or at the end.
  Tok token() const { return !done() && !isPart() ? tokens_[at_].kind : Tok::End; }
  /// The index of the token here, or of the first one of the part here.
  uint32_t index() const { return at_; }

  /// Steps over a part and returns it.
  uint32_t part() {
    uint32_t node = part_;
    at_ = nodes_[node].end;
    part_ = nodes_[node].next;
    return node;
  }
  /// Steps over a token and returns its index.
  uint32_t next() { return at_++; }
  /// Steps over the token here if it is `kind`.
  bool accept(Tok kind) {
    if (token() != kind) return false;
    ++at_;
    return true;
  }
  /// Steps over tokens and parts up to the next part of this rule; false if there is none.
  bool find(Rule wanted) {
    while (!done() && rule() != wanted) {
      if (isPart())
        part();
      else
        ++at_;
    }
    return !done();
  }

 private:
  const std::vector<Node>& nodes_;
  const std::vector<Token>& tokens_;
  uint32_t part_, stop_;
  uint32_t at_, end_;
};

class Builder {
 public:
  struct Input {
    const source::Sources& sources;
    const std::vector<Token>& tokens;
    diag::Emitter& emitter;
  };
  Builder(const Input& input, Tree& tree);

  /// Where the grammar's reads leave their rules; node 0 is what was read.
  std::vector<Node> nodes;

  /// Of a read of Rule::Decl.
  Decl* decl();
  /// Of a read of Rule::FlowOpen: a flow without statements yet.
  Decl* flowOpen();
  /// Of a read of Rule::Stmt.
  Stmt* stmt() { return stmt(0); }

 private:
  Walk walk(uint32_t node) const { return {nodes, tokens_, node}; }

  // builder.cpp
  StringRef slice(uint32_t begin, uint32_t end) const { return text_.substr(begin, end - begin); }
  StringRef textOf(uint32_t token) const;
  /// The text of a sign or keyword, also of one that recovery put there.
  StringRef signOf(uint32_t token) const;
  Range rangeOf(uint32_t token) const;
  Range rangeOfNode(uint32_t node) const;
  Range rangeFrom(Range begin, Range end) const { return source::join(begin, end); }
  Name nameOf(uint32_t node) const;
  Name tokenName(uint32_t token) const { return {textOf(token), rangeOf(token)}; }
  StringRef docBefore(uint32_t token);
  StringRef copy(StringRef text) { return text.copy(*tree_.arena); }
  Expr* make(ExprKind kind, Range range);
  Expr* hole(uint32_t node) { return make(ExprKind::Hole, rangeOfNode(node)); }
  template <class T>
  ArrayRef<T> keep(const llvm::SmallVectorImpl<T>& items) {
    return ArrayRef<T>(items).copy(*tree_.arena);
  }
  Decl* newDecl();
  Stmt* newStmt();

  // build_decl.cpp
  void importDecl(uint32_t node, Decl& decl);
  void kindDecl(uint32_t node, Decl& decl);
  void kindBase(uint32_t node, KindDecl& kind);
  KindAttr kindAttr(uint32_t node);
  Expr* attrValue(uint32_t node);
  Expr* kindValue(uint32_t node);
  void programDecl(uint32_t node, Decl& decl);
  Flag flag(uint32_t node);
  void flagType(uint32_t node, Flag& flag);
  void enumDecl(uint32_t node, Decl& decl);
  void recordDecl(uint32_t node, Decl& decl);
  void taskDecl(uint32_t node, Decl& decl);
  void flowHead(uint32_t node, Decl& decl);
  void constDecl(uint32_t node, Decl& decl);
  void secretDecl(uint32_t node, Decl& decl);
  std::vector<Param> params(uint32_t node);
  Param param(uint32_t node);
  std::vector<Output> outputs(uint32_t node, bool& noData);
  bool outcome(uint32_t node);
  Output output(uint32_t node);

  // build_type.cpp
  TypeRef* type(uint32_t node);
  TypeRef* baseType(uint32_t node);
  TypeRef* makeType(TypeRef::Kind kind, Range range);

  // build_clause.cpp
  Clauses clauses(uint32_t node);
  void clause(uint32_t node, Clauses& into);
  Need need(uint32_t node);
  EnvVar envVar(uint32_t node);
  Retry retry(uint32_t node);
  Resume resume(uint32_t node);
  ExitRule exitRule(uint32_t node);
  Check check(uint32_t node);
  Script script(uint32_t node);

  // build_stmt.cpp
  Stmt* stmt(uint32_t node);
  std::vector<Stmt*> block(uint32_t node);
  void bindStmt(uint32_t node, Stmt& stmt);
  void callStmt(uint32_t node, Stmt& stmt);
  void forStmt(uint32_t node, Stmt& stmt);
  void ifStmt(uint32_t node, Stmt& stmt);
  void publishStmt(uint32_t node, Stmt& stmt);
  void poolStmt(uint32_t node, Stmt& stmt);
  void inStmt(uint32_t node, Stmt& stmt);
  void whenStmt(uint32_t node, Stmt& stmt);
  void budgetStmt(uint32_t node, Stmt& stmt);
  void stopStmt(uint32_t node, Stmt& stmt);
  void repeatStmt(uint32_t node, Stmt& stmt);
  void tail(uint32_t node, Tails& tails);
  void onceOnly(Range range, StringRef what, Range first);
  void limitTail(Walk parts, Range range, Tails& tails);
  void afterTail(Walk parts, Tails& tails);
  void onTail(Walk parts, Range range, Tails& tails);
  Name event(uint32_t node) const { return nameOf(node); }
  Expr* await(uint32_t node);
  Expr* awaited(uint32_t node, Expr& await);

  // build_expr.cpp
  struct Piece;
  class Climb;
  Expr* value(uint32_t node);
  Expr* chain(uint32_t node);
  Expr* condition(uint32_t node);
  Expr* flat(uint32_t node);
  void pieces(uint32_t node, llvm::SmallVectorImpl<Piece>& into);
  Piece groupedPiece(Walk& parts);
  Piece suffixPiece(uint32_t node);
  Piece infixPiece(uint32_t node);
  void unaryPieces(uint32_t node, llvm::SmallVectorImpl<Piece>& into);
  Expr* cycle(uint32_t node);
  Expr* cycleTail(uint32_t node, Expr* left);
  Expr* quantified(uint32_t node);
  Expr* postfix(uint32_t node);
  Expr* postfixOps(Walk parts, Expr* left);
  Expr* postfixOp(uint32_t node, Expr* left);
  Expr* dotted(uint32_t node);
  ArrayRef<Arg> arguments(uint32_t node);
  ArrayRef<Expr*> items(uint32_t node);
  Expr* item(uint32_t node);
  Expr* primary(uint32_t node);
  Expr* list(uint32_t node);
  Expr* fieldOf(Expr* left, Name name);
  Expr* nameExpr(Name name);

  // build_literal.cpp
  Expr* literal(uint32_t token);
  Expr* number(uint32_t token, ExprKind kind);
  Expr* quantity(uint32_t token);
  Expr* instant(uint32_t token, ExprKind kind);

  // build_text.cpp
  Expr* text(uint32_t node);
  StringPart holePart(uint32_t node);
  void plainPart(Range range, llvm::SmallVectorImpl<StringPart>& into);
  void dedent(llvm::SmallVectorImpl<StringPart>& parts);
  StringRef unescape(Range range);
  size_t escape(StringRef text, uint32_t offset, std::string& into);

  const std::vector<Token>& tokens_;
  diag::Emitter& emitter_;
  Tree& tree_;
  StringRef text_;
};

}  // namespace wfc::syntax
