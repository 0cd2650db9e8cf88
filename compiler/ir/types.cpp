// The interning table of types: one row for each structure, one for each nominal declaration.
#include "compiler/ir/types.h"

namespace wfc::ir {

Types::Types() {
  for (int kind = Type::Error; kind <= Type::Secret; ++kind) {
    Type type;
    type.kind = static_cast<Type::Kind>(kind);
    intern(std::move(type));
  }
}

TypeId Types::intern(Type type) {
  auto key = std::make_tuple(static_cast<int>(type.kind), type.dates, type.element.index(),
                             type.key.index(), type.artifact.index());
  auto [it, isNew] = structural_.try_emplace(key, TypeId(static_cast<uint32_t>(table_.size())));
  if (isNew) table_.push_back(std::move(type));
  return it->second;
}

static Type composite(Type::Kind kind, TypeId element) {
  Type type;
  type.kind = kind;
  type.element = element;
  return type;
}

TypeId Types::list(TypeId element) { return intern(composite(Type::List, element)); }
TypeId Types::option(TypeId element) { return intern(composite(Type::Option, element)); }
TypeId Types::set(TypeId element) { return intern(composite(Type::Set, element)); }

TypeId Types::map(TypeId key, TypeId element) {
  Type type = composite(Type::Map, element);
  type.key = key;
  return intern(std::move(type));
}

TypeId Types::artifact(KindId kind) {
  Type type;
  type.kind = Type::Artifact;
  type.artifact = kind;
  return intern(std::move(type));
}

TypeId Types::span(bool dates) {
  Type type;
  type.kind = Type::Span;
  type.dates = dates;
  return intern(std::move(type));
}

TypeId Types::add(Type type) {
  TypeId id(static_cast<uint32_t>(table_.size()));
  nominal_.try_emplace(type.name, id);
  table_.push_back(std::move(type));
  return id;
}

std::optional<TypeId> Types::find(llvm::StringRef nominalName) const {
  auto it = nominal_.find(nominalName);
  if (it == nominal_.end()) return std::nullopt;
  return it->second;
}

}  // namespace wfc::ir
