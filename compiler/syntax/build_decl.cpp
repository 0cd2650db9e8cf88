// Declarations at the top of a file.
#include "compiler/diag/catalog/syntax.h"
#include "compiler/syntax/builder.h"

namespace wfc::syntax {

Decl* Builder::decl() {
  Decl* decl = newDecl();
  Walk parts = walk(0);
  decl->exported = parts.accept(Tok::KwExport);
  Rule rule = parts.rule();
  if (rule == Rule::None) {
    decl->as = ConstDecl{.value = hole(0)};
    return decl;
  }
  uint32_t part = parts.part();
  switch (rule) {
    case Rule::ImportDecl:
      importDecl(part, *decl);
      break;
    case Rule::KindDecl:
      kindDecl(part, *decl);
      break;
    case Rule::ProgramDecl:
      programDecl(part, *decl);
      break;
    case Rule::EnumDecl:
      enumDecl(part, *decl);
      break;
    case Rule::RecordDecl:
      recordDecl(part, *decl);
      break;
    case Rule::TaskDecl:
      taskDecl(part, *decl);
      break;
    case Rule::SecretDecl:
      secretDecl(part, *decl);
      break;
    default:
      constDecl(part, *decl);
      break;
  }
  return decl;
}

Decl* Builder::flowOpen() {
  Decl* decl = newDecl();
  Walk parts = walk(0);
  decl->exported = parts.accept(Tok::KwExport);
  flowHead(parts.part(), *decl);
  return decl;
}

void Builder::importDecl(uint32_t node, Decl& decl) {
  ImportDecl import;
  for (Walk parts = walk(node); parts.find(Rule::Name);)
    import.modules.push_back(nameOf(parts.part()));
  decl.as = std::move(import);
}

void Builder::kindDecl(uint32_t node, Decl& decl) {
  KindDecl kind;
  Walk parts = walk(node);
  parts.accept(Tok::KwKind);
  decl.name = nameOf(parts.part());
  if (parts.rule() == Rule::Params) kind.params = params(parts.part());
  parts.accept(Tok::Equal);
  if (parts.rule() == Rule::KindBase)
    kindBase(parts.part(), kind);
  else
    kind.value = kindValue(parts.part());
  decl.as = std::move(kind);
}

void Builder::kindBase(uint32_t node, KindDecl& kind) {
  Walk parts = walk(node);
  kind.base = tokenName(parts.next());
  if (parts.rule() == Rule::Text) kind.extension = text(parts.part());
  while (parts.find(Rule::KindAttr)) kind.attrs.push_back(kindAttr(parts.part()));
}

KindAttr Builder::kindAttr(uint32_t node) {
  KindAttr attr;
  Walk parts = walk(node);
  attr.name = tokenName(parts.next());
  parts.accept(Tok::KwBy);
  llvm::SmallVector<Expr*, 3> tuple;
  while (!parts.done()) {
    switch (parts.rule()) {
      case Rule::Params:
        attr.fields = params(parts.part());
        break;
      case Rule::Wide:
        tuple.push_back(value(parts.part()));
        break;
      case Rule::Text:
        attr.value = text(parts.part());
        break;
      case Rule::AttrValue:
        attr.value = attrValue(parts.part());
        break;
      default:
        parts.next();
        break;
    }
  }
  attr.tuple = keep(tuple);
  return attr;
}

Expr* Builder::attrValue(uint32_t node) {
  Walk parts = walk(node);
  switch (parts.rule()) {
    case Rule::Text:
      return text(parts.part());
    case Rule::Name:
      return nameExpr(nameOf(parts.part()));
    case Rule::List:
      return list(parts.part());
    default:
      break;
  }
  if (!parts.accept(Tok::Minus)) return literal(parts.next());
  Expr* negate = make(ExprKind::Negate, rangeOfNode(node));
  negate->a = literal(parts.next());
  return negate;
}

Expr* Builder::kindValue(uint32_t node) {
  Walk parts = walk(node);
  if (parts.accept(Tok::KwIf)) {
    Expr* expr = make(ExprKind::If, rangeOfNode(node));
    expr->a = value(parts.part());
    parts.accept(Tok::KwThen);
    expr->b = value(parts.part());
    parts.accept(Tok::KwElse);
    expr->c = value(parts.part());
    return expr;
  }
  Expr* left = nullptr;
  if (parts.isPart())
    left = list(parts.part());
  else if (parts.token() == Tok::Id)
    left = nameExpr(tokenName(parts.next()));
  else
    left = literal(parts.next());
  return postfixOps(parts, left);
}

void Builder::programDecl(uint32_t node, Decl& decl) {
  ProgramDecl program;
  Walk parts = walk(node);
  parts.accept(Tok::KwProgram);
  decl.name = nameOf(parts.part());
  parts.accept(Tok::Equal);
  program.command = text(parts.part());
  while (parts.find(Rule::Flag)) program.flags.push_back(flag(parts.part()));
  decl.as = std::move(program);
}

Flag Builder::flag(uint32_t node) {
  Flag flag;
  flag.range = rangeOfNode(node);
  flag.doc = docBefore(nodes[node].first);
  Walk parts = walk(node);
  flag.positional = parts.isPart();
  if (flag.positional) {
    flag.name = nameOf(parts.part());
  } else {
    Name name = tokenName(parts.next());
    flag.name = {name.text.drop_front(2), {name.range.file, name.range.begin + 2, name.range.end}};
  }
  parts.accept(Tok::Colon);
  flagType(parts.part(), flag);
  if (parts.accept(Tok::Equal)) flag.value = value(parts.part());
  return flag;
}

void Builder::flagType(uint32_t node, Flag& flag) {
  Walk parts = walk(node);
  if (parts.accept(Tok::KwOut)) flag.role = Flag::Out;
  if (parts.accept(Tok::KwResume)) flag.role = Flag::Resume;
  if (parts.rule() == Rule::Type) {
    flag.type = type(parts.part());
    if (parts.accept(Tok::KwAt)) {
      flag.type->pattern = value(parts.part());
      flag.type->range = rangeFrom(flag.type->range, flag.type->pattern->range);
    }
    if (parts.accept(Tok::KwSize)) flag.size = value(parts.part());
    if (parts.accept(Tok::KwFiles)) flag.files = value(parts.part());
    return;
  }
  while (parts.find(Rule::Param)) flag.values.push_back(param(parts.part()));
}

void Builder::enumDecl(uint32_t node, Decl& decl) {
  EnumDecl enumeration;
  Walk parts = walk(node);
  parts.accept(Tok::KwEnum);
  decl.name = nameOf(parts.part());
  while (parts.find(Rule::Enumerator)) {
    Walk inner = walk(parts.part());
    Enumerator one;
    one.name = nameOf(inner.part());
    if (inner.accept(Tok::Equal)) one.text = text(inner.part());
    enumeration.values.push_back(one);
  }
  decl.as = std::move(enumeration);
}

void Builder::recordDecl(uint32_t node, Decl& decl) {
  Walk parts = walk(node);
  parts.accept(Tok::KwRecord);
  decl.name = nameOf(parts.part());
  decl.as = RecordDecl{.fields = params(node)};
}

/// The parameters among the parts of a node.
std::vector<Param> Builder::params(uint32_t node) {
  std::vector<Param> found;
  for (Walk parts = walk(node); parts.find(Rule::Param);) found.push_back(param(parts.part()));
  return found;
}

Param Builder::param(uint32_t node) {
  Param param;
  param.range = rangeOfNode(node);
  param.doc = docBefore(nodes[node].first);
  Walk parts = walk(node);
  param.name = nameOf(parts.part());
  parts.accept(Tok::Colon);
  param.type = type(parts.part());
  param.key = parts.accept(Tok::KwKey);
  if (parts.accept(Tok::Equal)) param.value = value(parts.part());
  return param;
}

void Builder::taskDecl(uint32_t node, Decl& decl) {
  TaskDecl task;
  Walk parts = walk(node);
  parts.accept(Tok::KwTask);
  decl.name = nameOf(parts.part());
  while (!parts.done()) {
    switch (parts.rule()) {
      case Rule::Params:
        task.params = params(parts.part());
        break;
      case Rule::Outputs:
        task.outputs = outputs(parts.part(), task.noData);
        break;
      case Rule::Dotted:
        task.program = dotted(parts.part());
        break;
      case Rule::Name:
        task.noData = outcome(parts.part());
        break;
      case Rule::Clauses:
        task.clauses = clauses(parts.part());
        break;
      default:
        parts.next();
        break;
    }
  }
  decl.as = std::move(task);
}

std::vector<Output> Builder::outputs(uint32_t node, bool& noData) {
  std::vector<Output> found;
  Walk parts = walk(node);
  while (!parts.done()) {
    if (parts.rule() == Rule::Output) {
      found.push_back(output(parts.part()));
    } else if (parts.rule() == Rule::Name) {
      noData = outcome(parts.part());
    } else {
      parts.next();
    }
  }
  return found;
}

/// What stands after the bar: there is one outcome to say.
bool Builder::outcome(uint32_t node) {
  Name outcome = nameOf(node);
  if (outcome.text != "no_data")
    emitter_.report(outcome.range, diag::OutcomeIsOther{.outcome = outcome.text.str()});
  return true;
}

/// Of an Output or a FlowOutput. The path of a set is the pattern of its type.
Output Builder::output(uint32_t node) {
  Output output;
  output.range = rangeOfNode(node);
  Walk parts = walk(node);
  output.name = nameOf(parts.part());
  if (parts.accept(Tok::Colon)) output.type = type(parts.part());
  if (parts.accept(Tok::KwAt)) output.path = value(parts.part());
  if (parts.accept(Tok::KwSize)) output.size = value(parts.part());
  if (parts.accept(Tok::KwFiles)) output.files = value(parts.part());
  if (output.path && output.type->kind == TypeRef::Set) {
    output.type->pattern = output.path;
    output.type->range = rangeFrom(output.type->range, output.path->range);
    output.path = nullptr;
  }
  return output;
}

void Builder::flowHead(uint32_t node, Decl& decl) {
  FlowDecl flow;
  Walk parts = walk(node);
  parts.accept(Tok::KwFlow);
  decl.name = nameOf(parts.part());
  if (parts.rule() == Rule::Params) flow.params = params(parts.part());
  while (parts.find(Rule::FlowOutput)) flow.outputs.push_back(output(parts.part()));
  decl.as = std::move(flow);
}

void Builder::constDecl(uint32_t node, Decl& decl) {
  Walk parts = walk(node);
  decl.name = nameOf(parts.part());
  parts.accept(Tok::Equal);
  decl.as = ConstDecl{.value = value(parts.part())};
}

void Builder::secretDecl(uint32_t node, Decl& decl) {
  SecretDecl secret;
  Walk parts = walk(node);
  parts.accept(Tok::KwSecret);
  decl.name = nameOf(parts.part());
  parts.accept(Tok::Equal);
  secret.command = text(parts.part());
  parts.accept(Tok::KwFor);
  secret.lifetime = value(parts.part());
  decl.as = secret;
}

}  // namespace wfc::syntax
