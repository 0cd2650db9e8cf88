// Types as written.
#include "compiler/syntax/builder.h"

namespace wfc::syntax {

TypeRef* Builder::makeType(TypeRef::Kind kind, Range range) {
  TypeRef* type = new (*tree_.arena) TypeRef();
  type->kind = kind;
  type->range = range;
  return type;
}

TypeRef* Builder::type(uint32_t node) {
  Walk parts = walk(node);
  TypeRef* result = baseType(parts.part());
  while (!parts.done()) {
    Tok sign = parts.token();
    TypeRef::Kind kind = sign == Tok::Question   ? TypeRef::Optional
                         : sign == Tok::Ellipsis ? TypeRef::Some
                                                 : TypeRef::Many;
    TypeRef* outer = makeType(kind, rangeFrom(result->range, rangeOf(parts.next())));
    outer->element = result;
    result = outer;
  }
  return result;
}

TypeRef* Builder::baseType(uint32_t node) {
  Walk parts = walk(node);
  Range range = rangeOfNode(node);
  if (parts.accept(Tok::Hole)) return makeType(TypeRef::Hole, range);
  if (parts.accept(Tok::KwSet)) {
    TypeRef* set = makeType(TypeRef::Set, range);
    parts.accept(Tok::KwOf);
    set->element = baseType(parts.part());
    return set;
  }
  if (parts.accept(Tok::LBrack)) {
    TypeRef* element = type(parts.part());
    if (!parts.accept(Tok::Colon)) {
      TypeRef* list = makeType(TypeRef::List, range);
      list->element = element;
      return list;
    }
    TypeRef* map = makeType(TypeRef::Map, range);
    map->key = element;
    map->element = type(parts.part());
    return map;
  }
  TypeRef* named = makeType(TypeRef::Named, range);
  Range nameAt = rangeOfNode(parts.part());
  named->name = {slice(nameAt.begin, nameAt.end), nameAt};
  if (parts.rule() != Rule::Arguments) return named;
  llvm::SmallVector<Expr*, 2> args;
  for (const Arg& arg : arguments(parts.part()))
    args.push_back(arg.value ? arg.value : nameExpr(arg.name));
  named->args = keep(args);
  return named;
}

}  // namespace wfc::syntax
