// The clauses between a task's braces, and a pool's.
#include "compiler/syntax/builder.h"

namespace wfc::syntax {

Clauses Builder::clauses(uint32_t node) {
  Clauses found;
  for (Walk parts = walk(node); parts.find(Rule::Clause);) clause(parts.part(), found);
  return found;
}

void Builder::clause(uint32_t node, Clauses& into) {
  Walk parts = walk(node);
  if (parts.rule() == Rule::Script) {
    into.scripts.push_back(script(parts.part()));
    return;
  }
  Tok word = parts.token();
  switch (word) {
    case Tok::KwNeeds:
      while (parts.find(Rule::Need)) into.needs.push_back(need(parts.part()));
      return;
    case Tok::KwEnv:
      while (parts.find(Rule::EnvVar)) into.env.push_back(envVar(parts.part()));
      return;
    case Tok::KwModules:
      while (parts.find(Rule::Expr)) into.modules.push_back(value(parts.part()));
      return;
    case Tok::KwConda:
      if (parts.find(Rule::Expr)) into.conda = value(parts.part());
      return;
    case Tok::KwContainer:
      if (parts.find(Rule::Expr)) into.container = value(parts.part());
      return;
    case Tok::KwRetry:
      into.retries.push_back(retry(node));
      return;
    case Tok::KwResume:
      into.resumes.push_back(resume(node));
      return;
    case Tok::KwExit:
      into.exits.push_back(exitRule(node));
      return;
    case Tok::KwCheck:
      into.checks.push_back(check(node));
      return;
    case Tok::KwFill: {
      Fill fill;
      fill.range = rangeOfNode(node);
      if (parts.find(Rule::Expr)) fill.from = value(parts.part());
      if (parts.find(Rule::Expr)) fill.with = value(parts.part());
      into.fills.push_back(fill);
      return;
    }
    default:
      return;
  }
}

Need Builder::need(uint32_t node) {
  Need need;
  need.range = rangeOfNode(node);
  Walk parts = walk(node);
  if (parts.token() == Tok::KwExclusive) {
    need.key = tokenName(parts.next());
    return need;
  }
  need.key = nameOf(parts.part());
  need.value = value(parts.part());
  if (!parts.accept(Tok::KwOf)) return need;
  // A sort that is no name, as a slice of a GPU is, stands between quotes.
  uint32_t sort = parts.part();
  need.of = nameOf(sort);
  bool isText = walk(sort).token() == Tok::String;
  if (isText)
    need.of.text = unescape({need.of.range.file, need.of.range.begin + 1, need.of.range.end - 1});
  return need;
}

EnvVar Builder::envVar(uint32_t node) {
  Walk parts = walk(node);
  EnvVar var;
  var.name = nameOf(parts.part());
  parts.accept(Tok::Equal);
  var.value = value(parts.part());
  return var;
}

Retry Builder::retry(uint32_t node) {
  Retry retry;
  retry.range = rangeOfNode(node);
  llvm::SmallVector<Name, 4> causes;
  llvm::SmallVector<Growth, 2> growths;
  Walk parts = walk(node);
  Tok after = Tok::KwRetry;
  while (!parts.done()) {
    if (parts.rule() == Rule::Growth) {
      uint32_t part = parts.part();
      Walk inner = walk(part);
      Growth growth;
      growth.range = rangeOfNode(part);
      growth.key = tokenName(inner.next());
      growth.op = textOf(inner.next());
      growth.by = value(inner.part());
      growths.push_back(growth);
    } else if (parts.isPart()) {
      Expr* amount = value(parts.part());
      (after == Tok::KwRetry   ? retry.count
       : after == Tok::KwDelay ? retry.delay
                               : retry.growing) = amount;
    } else if (parts.token() == Tok::Id) {
      causes.push_back(tokenName(parts.next()));
    } else {
      if (parts.token() != Tok::Comma) after = parts.token();
      parts.next();
    }
  }
  retry.causes = keep(causes);
  retry.growths = keep(growths);
  return retry;
}

Resume Builder::resume(uint32_t node) {
  Resume resume;
  resume.range = rangeOfNode(node);
  Walk parts = walk(node);
  parts.accept(Tok::KwResume);
  resume.output = nameOf(parts.part());
  bool isLead = false;
  while (!parts.done()) {
    if (parts.isPart()) {
      (isLead ? resume.lead : resume.slices) = value(parts.part());
      continue;
    }
    if (parts.token() == Tok::KwSignal) isLead = true;
    if (parts.token() == Tok::KwMost) isLead = false;
    parts.next();
  }
  return resume;
}

ExitRule Builder::exitRule(uint32_t node) {
  ExitRule rule;
  rule.range = rangeOfNode(node);
  llvm::SmallVector<Expr*, 2> codes;
  Walk parts = walk(node);
  while (parts.find(Rule::ExitCode)) {
    uint32_t part = parts.part();
    Walk inner = walk(part);
    Expr* code = literal(inner.next());
    if (inner.accept(Tok::DotDot)) {
      Expr* range = make(ExprKind::Range, rangeOfNode(part));
      range->a = code;
      range->b = literal(inner.next());
      code = range;
    }
    codes.push_back(code);
  }
  rule.codes = keep(codes);
  rule.outcome = tokenName(nodes[node].end - 1);
  return rule;
}

Script Builder::script(uint32_t node) {
  Script script;
  script.range = rangeOfNode(node);
  Walk parts = walk(node);
  script.language = tokenName(parts.next());
  script.text = text(parts.part());
  return script;
}

Check Builder::check(uint32_t node) {
  Check check;
  check.range = rangeOfNode(node);
  for (Walk parts = walk(node); !parts.done();) {
    if (parts.rule() == Rule::Expr)
      (check.every ? check.after : check.every) = value(parts.part());
    else if (parts.rule() == Rule::Script)
      check.script = script(parts.part());
    else
      parts.next();
  }
  return check;
}

}  // namespace wfc::syntax
