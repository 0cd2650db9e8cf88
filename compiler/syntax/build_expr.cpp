// Expressions. The grammar reads them flat (unary, sign, unary, …); precedence is made here.
//
//   lowest   otherwise, if made otherwise
//            if then else
//            or
//            and
//            not
//            == != < <= > >=, is in, is first, is last
//            .. down to, step, in batches of, grouped by, as
//            + -
//            * / %
//   highest  unary -
//
// Signs of one level group to the left.
#include "compiler/diag/catalog/syntax.h"
#include "compiler/syntax/builder.h"

namespace wfc::syntax {

enum Level : uint8_t { Any, OrLevel, AndLevel, NotLevel, Compare, Span, Sum, Product, Sign };

/// What a flat expression is made of.
struct Builder::Piece {
  enum Kind : uint8_t { Operand, Prefix, Infix, Suffix };
  Kind kind = Operand;
  Level level = Any;
  /// The operand, or the operator with its own parts (text, type, items) but without operands.
  Expr* expr = nullptr;
};

/// Precedence climbing over the pieces.
class Builder::Climb {
 public:
  explicit Climb(ArrayRef<Piece> pieces) : pieces_(pieces) {}

  Expr* run(uint8_t level) {
    Expr* left = prefix();
    while (at_ != pieces_.size() && pieces_[at_].level >= level) {
      const Piece& piece = pieces_[at_++];
      Expr* expr = piece.expr;
      expr->a = left;
      expr->range = source::join(left->range, expr->range);
      if (piece.kind == Piece::Infix && at_ != pieces_.size()) {
        expr->b = run(piece.level + 1);
        expr->range = source::join(expr->range, expr->b->range);
      }
      left = expr;
    }
    return left;
  }

 private:
  Expr* prefix() {
    const Piece& piece = pieces_[at_++];
    if (piece.kind == Piece::Operand) return piece.expr;
    Expr* operand = run(piece.level);
    Expr* expr = piece.expr;
    // `.. b` has its operand on the right.
    (expr->kind == ExprKind::Range ? expr->b : expr->a) = operand;
    expr->range = source::join(expr->range, operand->range);
    return expr;
  }

  ArrayRef<Piece> pieces_;
  size_t at_ = 0;
};

/// Of an Expr or a Wide; a Cond, Flat, Cycle and their wide forms too.
Expr* Builder::value(uint32_t node) {
  switch (nodes[node].rule) {
    case Rule::Expr:
    case Rule::Wide:
      return chain(node);
    case Rule::Cond:
    case Rule::WideCond:
      return condition(node);
    case Rule::Cycle:
      return cycle(node);
    default:
      return flat(node);
  }
}

Expr* Builder::chain(uint32_t node) {
  Walk parts = walk(node);
  Expr* left = value(parts.part());
  while (!parts.done()) {
    uint32_t sign = parts.part();
    bool isMade = nodes[sign].end - nodes[sign].first > 1;
    Expr* right = value(parts.part());
    Range range = rangeFrom(left->range, right->range);
    Expr* expr = make(isMade ? ExprKind::IfMade : ExprKind::Otherwise, range);
    expr->a = left;
    expr->b = right;
    left = expr;
  }
  return left;
}

Expr* Builder::condition(uint32_t node) {
  Walk parts = walk(node);
  if (!parts.accept(Tok::KwIf)) {
    Expr* left = value(parts.part());
    while (!parts.done()) left = cycleTail(parts.part(), left);
    return left;
  }
  Expr* expr = make(ExprKind::If, rangeOfNode(node));
  expr->a = value(parts.part());
  parts.accept(Tok::KwThen);
  expr->b = value(parts.part());
  parts.accept(Tok::KwElse);
  expr->c = value(parts.part());
  return expr;
}

Expr* Builder::cycle(uint32_t node) {
  Expr* expr = make(ExprKind::Cycle, rangeOfNode(node));
  Walk parts = walk(node);
  parts.accept(Tok::KwEvery);
  expr->a = flat(parts.part());
  parts.accept(Tok::KwFrom);
  expr->b = flat(parts.part());
  if (parts.accept(Tok::KwUntil)) expr->c = flat(parts.part());
  if (parts.accept(Tok::KwIn)) expr->items = keep(llvm::SmallVector<Expr*, 1>{text(parts.part())});
  return expr;
}

Expr* Builder::cycleTail(uint32_t node, Expr* left) {
  Walk parts = walk(node);
  bool isStep = parts.token() == Tok::KwStep;
  while (!parts.isPart()) parts.next();
  Range range = rangeFrom(left->range, rangeOfNode(node));
  Expr* expr = make(isStep ? ExprKind::Step : ExprKind::Batches, range);
  expr->a = left;
  expr->b = flat(parts.part());
  return expr;
}

/// Of a Flat, a WideFlat or an Arithmetic.
Expr* Builder::flat(uint32_t node) {
  const Node& n = nodes[node];
  // By far the most are one operand alone.
  if (nodes[node + 1].rule == Rule::Unary && nodes[node + 1].end == n.end) {
    uint32_t operand = node + 2;
    if (nodes[operand].first == n.first && nodes[operand].rule == Rule::Postfix)
      return postfix(operand);
  }
  llvm::SmallVector<Piece, 8> found;
  pieces(node, found);
  return Climb(found).run(Any);
}

namespace {

struct Infix {
  Level level;
  ExprKind makes;
};

Infix infixOf(Tok first) {
  switch (first) {
    case Tok::KwOr:
      return {OrLevel, ExprKind::Binary};
    case Tok::KwAnd:
      return {AndLevel, ExprKind::Binary};
    case Tok::KwIs:
      return {Compare, ExprKind::IsIn};
    case Tok::DotDot:
      return {Span, ExprKind::Range};
    case Tok::KwDown:
      return {Span, ExprKind::DownTo};
    case Tok::KwStep:
      return {Span, ExprKind::Step};
    case Tok::KwIn:
      return {Span, ExprKind::Batches};
    case Tok::Plus:
    case Tok::Minus:
      return {Sum, ExprKind::Binary};
    case Tok::Star:
    case Tok::Slash:
    case Tok::Percent:
      return {Product, ExprKind::Binary};
    default:
      return {Compare, ExprKind::Binary};
  }
}

}  // namespace

void Builder::pieces(uint32_t node, llvm::SmallVectorImpl<Piece>& into) {
  for (Walk parts = walk(node); !parts.done();) {
    if (parts.rule() == Rule::Unary)
      unaryPieces(parts.part(), into);
    else if (parts.rule() == Rule::Suffix)
      into.push_back(suffixPiece(parts.part()));
    else if (parts.isPart())
      into.push_back(infixPiece(parts.part()));
    else if (parts.token() == Tok::KwGrouped)
      into.push_back(groupedPiece(parts));
    else
      // `.. b` at the beginning, `a ..` at the end.
      into.push_back({into.empty() ? Piece::Prefix : Piece::Suffix, into.empty() ? Sum : Span,
                      make(ExprKind::Range, rangeOf(parts.next()))});
  }
}

Builder::Piece Builder::groupedPiece(Walk& parts) {
  Expr* expr = make(ExprKind::Grouped, rangeOf(parts.next()));
  llvm::SmallVector<Expr*, 2> keys;
  while (parts.find(Rule::GroupKey)) keys.push_back(dotted(parts.part()));
  expr->items = keep(keys);
  expr->range = rangeFrom(expr->range, keys.back()->range);
  return {Piece::Suffix, Span, expr};
}

/// `is first`, `is not last`, `as T`.
Builder::Piece Builder::suffixPiece(uint32_t node) {
  const Node& n = nodes[node];
  Tok last = tokens_[n.end - 1].kind;
  Expr* expr = make(last == Tok::KwFirst ? ExprKind::IsFirst : ExprKind::IsLast, rangeOfNode(node));
  expr->negated = tokens_[n.first + 1].kind == Tok::KwNot;
  if (tokens_[n.first].kind != Tok::KwAs) return {Piece::Suffix, Compare, expr};
  expr->kind = ExprKind::As;
  expr->type = baseType(node + 1);
  if (last == Tok::Question) {
    TypeRef* optional = makeType(TypeRef::Optional, rangeOfNode(node));
    optional->element = expr->type;
    expr->type = optional;
  }
  return {Piece::Suffix, Span, expr};
}

Builder::Piece Builder::infixPiece(uint32_t node) {
  const Node& n = nodes[node];
  Infix infix = infixOf(tokens_[n.first].kind);
  Expr* expr = make(infix.makes, rangeOfNode(node));
  expr->text = signOf(n.first);
  expr->negated = n.end - n.first > 1 && tokens_[n.first + 1].kind == Tok::KwNot;
  return {Piece::Infix, infix.level, expr};
}

void Builder::unaryPieces(uint32_t node, llvm::SmallVectorImpl<Piece>& into) {
  Walk parts = walk(node);
  while (!parts.isPart()) {
    bool isNot = parts.token() == Tok::KwNot;
    ExprKind kind = isNot ? ExprKind::Not : ExprKind::Negate;
    Expr* expr = make(kind, rangeOf(parts.next()));
    into.push_back({Piece::Prefix, isNot ? NotLevel : Sign, expr});
  }
  bool isPlain = parts.rule() == Rule::Postfix;
  uint32_t part = parts.part();
  into.push_back({Piece::Operand, Any, isPlain ? postfix(part) : quantified(part)});
}

Expr* Builder::quantified(uint32_t node) {
  Walk parts = walk(node);
  Tok word = parts.token();
  ExprKind kind = word == Tok::KwAt      ? ExprKind::AtLeast
                  : word == Tok::KwFirst ? ExprKind::FirstOf
                  : word == Tok::KwAny   ? ExprKind::AnyOf
                                         : ExprKind::Stream;
  Expr* expr = make(kind, rangeOfNode(node));
  while (!parts.isPart()) parts.next();
  if (parts.rule() == Rule::Postfix) {
    expr->a = postfix(parts.part());
    parts.accept(Tok::KwOf);
  }
  uint32_t reference = parts.part();
  Walk inner = walk(reference);
  Expr* left = inner.isPart() ? nameExpr(nameOf(inner.part())) : literal(inner.next());
  expr->b = postfixOps(inner, left);
  return expr;
}

Expr* Builder::postfix(uint32_t node) {
  Walk parts = walk(node);
  return postfixOps(parts, primary(parts.part()));
}

Expr* Builder::postfixOps(Walk parts, Expr* left) {
  while (!parts.done()) left = postfixOp(parts.part(), left);
  return left;
}

Expr* Builder::postfixOp(uint32_t node, Expr* left) {
  Walk parts = walk(node);
  if (parts.accept(Tok::Dot)) return fieldOf(left, nameOf(parts.part()));
  Range range = rangeFrom(left->range, rangeOfNode(node));
  bool isCall = parts.rule() == Rule::Arguments;
  Expr* expr = make(isCall ? ExprKind::Call : ExprKind::Index, range);
  expr->a = left;
  if (isCall)
    expr->args = arguments(parts.part());
  else
    expr->items = items(parts.part());
  return expr;
}

Expr* Builder::fieldOf(Expr* left, Name name) {
  Expr* expr = make(ExprKind::Field, rangeFrom(left->range, name.range));
  expr->a = left;
  expr->name = name;
  return expr;
}

Expr* Builder::nameExpr(Name name) {
  Expr* expr = make(ExprKind::Name, name.range);
  expr->name = name;
  return expr;
}

/// Of a Dotted or a GroupKey.
Expr* Builder::dotted(uint32_t node) {
  Walk parts = walk(node);
  Expr* left = nameExpr(nameOf(parts.part()));
  while (parts.accept(Tok::Dot)) left = fieldOf(left, nameOf(parts.part()));
  return left;
}

/// After the first named argument a bare name stands for the parameter of that name.
ArrayRef<Arg> Builder::arguments(uint32_t node) {
  llvm::SmallVector<Arg, 8> args;
  bool hasNamed = false;
  for (Walk parts = walk(node); parts.find(Rule::Argument);) {
    Walk inner = walk(parts.part());
    Arg arg;
    if (inner.rule() == Rule::AnyName) {
      arg.name = nameOf(inner.part());
      inner.accept(Tok::Colon);
      hasNamed = true;
    }
    arg.value = value(inner.part());
    if (hasNamed && !arg.name && arg.value->kind == ExprKind::Name)
      arg = {.name = arg.value->name, .value = nullptr};
    args.push_back(arg);
  }
  return keep(args);
}

ArrayRef<Expr*> Builder::items(uint32_t node) {
  llvm::SmallVector<Expr*, 4> found;
  for (Walk parts = walk(node); parts.find(Rule::Item);) found.push_back(item(parts.part()));
  return keep(found);
}

Expr* Builder::item(uint32_t node) {
  Walk parts = walk(node);
  if (parts.token() == Tok::Star) return make(ExprKind::Star, rangeOfNode(node));
  if (parts.rule() == Rule::Wide) return value(parts.part());
  Expr* expr = make(ExprKind::Where, rangeOfNode(node));
  expr->name = nameOf(parts.part());
  parts.accept(Tok::KwIn);
  expr->a = value(parts.part());
  parts.accept(Tok::KwIf);
  expr->b = value(parts.part());
  return expr;
}

Expr* Builder::primary(uint32_t node) {
  Walk parts = walk(node);
  switch (parts.rule()) {
    case Rule::Name:
      return nameExpr(nameOf(parts.part()));
    case Rule::Text:
      return text(parts.part());
    case Rule::List:
      return list(parts.part());
    default:
      break;
  }
  if (!parts.accept(Tok::LParen)) return literal(parts.next());
  Expr* inner = value(parts.part());
  inner->range = rangeOfNode(node);
  return inner;
}

Expr* Builder::list(uint32_t node) {
  Expr* expr = make(ExprKind::List, rangeOfNode(node));
  llvm::SmallVector<Expr*, 8> found;
  Walk parts = walk(node);
  parts.accept(Tok::LBrack);
  if (parts.accept(Tok::Colon)) expr->kind = ExprKind::Map;
  for (bool isFirst = true; parts.find(Rule::Entry); isFirst = false) {
    Walk inner = walk(parts.part());
    Expr* key = value(inner.part());
    bool isPair = inner.accept(Tok::Colon);
    if (isFirst && isPair) expr->kind = ExprKind::Map;
    found.push_back(key);
    if (expr->kind == ExprKind::Map)
      found.push_back(isPair ? value(inner.part()) : make(ExprKind::Hole, key->range));
    if (isPair == (expr->kind == ExprKind::Map)) continue;
    emitter_.report(key->range, diag::MixedList{});
  }
  expr->items = keep(found);
  return expr;
}

}  // namespace wfc::syntax
