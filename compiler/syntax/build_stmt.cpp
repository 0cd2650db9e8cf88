// Statements of flows, and what may follow a call or a loop's head.
#include <utility>

#include "compiler/diag/catalog/syntax.h"
#include "compiler/syntax/builder.h"

namespace wfc::syntax {

Stmt* Builder::stmt(uint32_t node) {
  Stmt* stmt = newStmt();
  stmt->range = rangeOfNode(node);
  stmt->doc = docBefore(nodes[node].first);
  Walk parts = walk(node);
  if (!parts.isPart()) {
    BindStmt broken;
    broken.value = hole(node);
    stmt->as = std::move(broken);
    return stmt;
  }
  Rule rule = parts.rule();
  uint32_t part = parts.part();
  switch (rule) {
    case Rule::BindStmt:
      bindStmt(part, *stmt);
      break;
    case Rule::CallStmt:
      callStmt(part, *stmt);
      break;
    case Rule::ForStmt:
      forStmt(part, *stmt);
      break;
    case Rule::IfStmt:
      ifStmt(part, *stmt);
      break;
    case Rule::PublishStmt:
      publishStmt(part, *stmt);
      break;
    case Rule::PoolStmt:
      poolStmt(part, *stmt);
      break;
    case Rule::InStmt:
      inStmt(part, *stmt);
      break;
    case Rule::WhenStmt:
      whenStmt(part, *stmt);
      break;
    case Rule::BudgetStmt:
      budgetStmt(part, *stmt);
      break;
    case Rule::StopStmt:
      stopStmt(part, *stmt);
      break;
    default:
      repeatStmt(part, *stmt);
      break;
  }
  return stmt;
}

std::vector<Stmt*> Builder::block(uint32_t node) {
  std::vector<Stmt*> body;
  for (Walk parts = walk(node); parts.find(Rule::Stmt);) body.push_back(stmt(parts.part()));
  return body;
}

void Builder::bindStmt(uint32_t node, Stmt& stmt) {
  BindStmt bind;
  Walk parts = walk(node);
  bind.temp = parts.accept(Tok::KwTemp);
  bind.keep = parts.accept(Tok::KwKeep);
  bind.name = nameOf(parts.part());
  parts.accept(Tok::Equal);
  bind.value = parts.rule() == Rule::Await ? await(parts.part()) : value(parts.part());
  while (!parts.done()) tail(parts.part(), bind.tails);
  stmt.as = std::move(bind);
}

void Builder::callStmt(uint32_t node, Stmt& stmt) {
  BindStmt call;
  Walk parts = walk(node);
  Expr* callee = dotted(parts.part());
  uint32_t args = parts.part();
  call.value = make(ExprKind::Call, rangeFrom(callee->range, rangeOfNode(args)));
  call.value->a = callee;
  call.value->args = arguments(args);
  while (!parts.done()) tail(parts.part(), call.tails);
  stmt.as = std::move(call);
}

void Builder::forStmt(uint32_t node, Stmt& stmt) {
  ForStmt loop;
  for (Walk parts = walk(node); !parts.done();) {
    Rule rule = parts.rule();
    if (rule == Rule::Binder) {
      Walk inner = walk(parts.part());
      Name name = nameOf(inner.part());
      inner.accept(Tok::KwIn);
      loop.binders.push_back({name, value(inner.part())});
    } else if (rule == Rule::Tail) {
      tail(parts.part(), loop.tails);
    } else if (rule == Rule::Block) {
      loop.body = block(parts.part());
    } else {
      parts.next();
    }
  }
  stmt.as = std::move(loop);
}

void Builder::ifStmt(uint32_t node, Stmt& stmt) {
  IfStmt branch;
  Walk parts = walk(node);
  parts.accept(Tok::KwIf);
  branch.condition = value(parts.part());
  branch.then = block(parts.part());
  if (parts.accept(Tok::KwElse)) {
    uint32_t other = parts.part();
    if (nodes[other].rule == Rule::Block) {
      branch.otherwise = block(other);
    } else {
      Stmt* inner = newStmt();
      inner->range = rangeOfNode(other);
      ifStmt(other, *inner);
      branch.otherwise.push_back(inner);
    }
  }
  stmt.as = std::move(branch);
}

void Builder::publishStmt(uint32_t node, Stmt& stmt) {
  PublishStmt publish;
  Walk parts = walk(node);
  parts.accept(Tok::KwPublish);
  publish.what = value(parts.part());
  parts.accept(Tok::KwAt);
  publish.at = value(parts.part());
  publish.shared = parts.accept(Tok::KwShared);
  stmt.as = publish;
}

void Builder::poolStmt(uint32_t node, Stmt& stmt) {
  PoolStmt pool;
  Walk parts = walk(node);
  parts.accept(Tok::KwPool);
  pool.name = nameOf(parts.part());
  pool.clauses = clauses(parts.part());
  stmt.as = std::move(pool);
}

void Builder::inStmt(uint32_t node, Stmt& stmt) {
  InStmt in;
  Walk parts = walk(node);
  parts.accept(Tok::KwIn);
  in.pool = nameOf(parts.part());
  in.body = block(parts.part());
  stmt.as = std::move(in);
}

void Builder::whenStmt(uint32_t node, Stmt& stmt) {
  WhenStmt when;
  Walk parts = walk(node);
  parts.accept(Tok::KwWhen);
  when.event = event(parts.part());
  when.body = block(parts.part());
  stmt.as = std::move(when);
}

void Builder::budgetStmt(uint32_t node, Stmt& stmt) {
  BudgetStmt budget;
  Walk parts = walk(node);
  parts.accept(Tok::KwBudget);
  budget.resource = nameOf(parts.part());
  budget.amount = value(parts.part());
  stmt.as = budget;
}

void Builder::stopStmt(uint32_t node, Stmt& stmt) {
  StopAfterStmt stop;
  Walk parts = walk(node);
  parts.accept(Tok::KwStop);
  parts.accept(Tok::KwAfter);
  stop.count = value(parts.part());
  stop.outcome = event(parts.part());
  stmt.as = stop;
}

void Builder::repeatStmt(uint32_t node, Stmt& stmt) {
  RepeatStmt repeat;
  Walk parts = walk(node);
  parts.accept(Tok::KwRepeat);
  repeat.name = nameOf(parts.part());
  parts.accept(Tok::KwAt);
  parts.accept(Tok::KwMost);
  repeat.most = value(parts.part());
  parts.accept(Tok::KwUntil);
  repeat.until = value(parts.part());
  while (parts.rule() == Rule::Tail) tail(parts.part(), repeat.tails);
  repeat.body = block(parts.part());
  stmt.as = std::move(repeat);
}

void Builder::tail(uint32_t node, Tails& tails) {
  Walk parts = walk(node);
  Range range = rangeOfNode(node);
  uint32_t last = nodes[node].end - 1;
  Tok word = parts.token();
  parts.next();
  switch (word) {
    case Tok::KwLimit:
      return limitTail(parts, range, tails);
    case Tok::KwPriority:
      onceOnly(range, "priority", tails.priority.range);
      tails.priority = tokenName(parts.next());
      return;
    case Tok::KwDeadline:
      onceOnly(range, "deadline", tails.deadline ? tails.deadline->range : Range{});
      tails.deadline = value(parts.part());
      return;
    case Tok::KwAfter:
      return afterTail(parts, tails);
    case Tok::KwOn:
      return onTail(parts, range, tails);
    default:
      break;
  }
  // `keep on failed`: no other outcome keeps.
  tails.keepOnFailed = true;
  if (Name outcome = tokenName(last); outcome.text != "failed")
    emitter_.report(outcome.range, diag::KeepOnOther{.outcome = outcome.text.str()});
}

/// Of two, one would have no effect.
void Builder::onceOnly(Range range, StringRef what, Range first) {
  if (first.valid()) emitter_.report(range, diag::TailTwice{.what = what.str(), .firstAt = first});
}

void Builder::limitTail(Walk parts, Range range, Tails& tails) {
  Limit limit;
  limit.range = range;
  limit.count = value(parts.part());
  if (parts.accept(Tok::KwRefill)) limit.refill = value(parts.part());
  if (parts.accept(Tok::KwPer)) limit.per = value(parts.part());
  tails.limits.push_back(limit);
}

void Builder::afterTail(Walk parts, Tails& tails) {
  while (!parts.done()) {
    After after;
    after.ended = parts.accept(Tok::KwEnded);
    uint32_t what = parts.part();
    after.range = rangeOfNode(what);
    after.what = value(what);
    tails.afters.push_back(after);
    parts.accept(Tok::Comma);
  }
}

void Builder::onTail(Walk parts, Range range, Tails& tails) {
  if (parts.accept(Tok::KwNode)) {
    tails.onNode = true;
    tails.onNodeAt = range;
    return;
  }
  if (parts.accept(Tok::KwStore)) {
    tails.onStore = value(parts.part());
    return;
  }
  OnOutcome hook;
  hook.range = range;
  llvm::SmallVector<Name, 2> outcomes;
  while (parts.rule() == Rule::Event) {
    outcomes.push_back(event(parts.part()));
    parts.accept(Tok::Comma);
  }
  hook.outcomes = keep(outcomes);
  hook.body = block(parts.part());
  tails.hooks.push_back(std::move(hook));
}

/// `and` binds closer than `or`, as in conditions.
Expr* Builder::await(uint32_t node) {
  Expr* expr = make(ExprKind::Await, rangeOfNode(node));
  Expr *any = nullptr, *all = nullptr;
  auto joined = [&](Expr* left, StringRef word, Expr* right) {
    if (!left) return right;
    Expr* both = make(ExprKind::Binary, rangeFrom(left->range, right->range));
    both->text = word;
    both->a = left;
    both->b = right;
    return both;
  };
  Range said;
  Tok word = Tok::End;
  for (Walk parts = walk(node); !parts.done();) {
    if (!parts.isPart()) {
      word = parts.token();
      parts.next();
      continue;
    }
    bool isOfPart = !expr->args.empty() && expr->args.front().name.range != said;
    if (isOfPart)
      emitter_.report(said = expr->args.front().name.range,
                      diag::TimeoutOfPart{.word = word == Tok::KwOr ? "or" : "and"});
    if (word == Tok::KwOr) any = joined(any, "or", std::exchange(all, nullptr));
    all = joined(all, "and", awaited(parts.part(), *expr));
  }
  expr->a = joined(any, "or", all);
  return expr;
}

Expr* Builder::awaited(uint32_t node, Expr& await) {
  Expr* expr = make(ExprKind::Awaited, rangeOfNode(node));
  llvm::SmallVector<Arg, 3> clauses;
  Walk parts = walk(node);
  expr->a = flat(parts.part());
  while (parts.find(Rule::AwaitClause)) {
    Walk inner = walk(parts.part());
    Arg clause;
    clause.name = tokenName(inner.next());
    clause.value = flat(inner.part());
    bool isTimeout = clause.name.text == "timeout";
    if (!isTimeout) clauses.push_back(clause);
    if (isTimeout) await.args = keep(llvm::SmallVector<Arg, 1>{clause});
    if (!inner.accept(Tok::KwIs)) continue;
    Name outcome = tokenName(inner.next());
    await.negated = true;
    if (outcome.text != "no_data")
      emitter_.report(outcome.range, diag::TimeoutIsOther{.outcome = outcome.text.str()});
  }
  expr->args = keep(clauses);
  return expr;
}

}  // namespace wfc::syntax
