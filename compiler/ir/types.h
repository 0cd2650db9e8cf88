// Types of the language, interned in a table: equal types have equal ids. `Error` is the type of
// what already has a diagnostic; it converts to and from everything silently.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "llvm/ADT/StringMap.h"

#include "compiler/ir/value.h"
#include "compiler/source/sources.h"

namespace wfc::ir {

struct KindTag;
using KindId = base::Id<KindTag>;  ///< an artifact kind, Module::kinds

struct Field {
  std::string name;
  TypeId type{};
  bool key = false;
  std::optional<Value> value;  ///< default
};

struct Type {
  enum Kind : uint8_t {
    Error,
    None,
    Bool,
    Int,
    Float,
    String,
    Path,
    Date,
    Instant,
    Duration,
    Bytes,
    Length,
    Secret,
    Enum,      ///< name, fields: the enumerators (field.value: its text if it has one)
    Record,    ///< name, fields
    List,      ///< element
    Map,       ///< key, element
    Option,    ///< element
    Artifact,  ///< artifact: the kind (file and dir themselves are kinds 1 and 2 of every module)
    Set,       ///< element (an Artifact): known only at run time
    Span,      ///< a window of a cycle; `dates`: its ends are dates
  };
  Kind kind = Error;
  bool dates = false;
  std::string name;
  TypeId element{}, key{};
  KindId artifact{};
  std::vector<Field> fields;
};

/// `Bool Int … Secret` as the language writes them; empty for a kind that has parts or a name.
llvm::StringRef basicName(Type::Kind kind);
/// The kind of a basic type by its name.
std::optional<Type::Kind> basicNamed(llvm::StringRef name);

/// Interning table. Ids are stable and in order of creation; the basic types have fixed ids, in the
/// order of Type::Kind up to Secret (so `TypeId{Type::Int}` is Int).
class Types {
 public:
  Types();
  /// No type is the type of what is wrong.
  const Type& operator[](TypeId id) const { return table_[id.valid() ? id.index() : 0]; }
  size_t size() const { return table_.size(); }
  static TypeId basic(Type::Kind kind) { return TypeId(static_cast<uint32_t>(kind)); }
  TypeId list(TypeId element);
  TypeId map(TypeId key, TypeId element);
  TypeId option(TypeId element);
  TypeId set(TypeId element);
  TypeId artifact(KindId kind);
  TypeId span(bool dates);
  /// Nominal types: each call makes a new one.
  TypeId add(Type type);
  Type& edit(TypeId id) { return table_[id.index()]; }
  std::optional<TypeId> find(llvm::StringRef nominalName) const;

 private:
  TypeId intern(Type type);
  std::vector<Type> table_;
  std::map<std::tuple<int, bool, uint32_t, uint32_t, uint32_t>, TypeId> structural_;
  llvm::StringMap<TypeId> nominal_;
};

}  // namespace wfc::ir
