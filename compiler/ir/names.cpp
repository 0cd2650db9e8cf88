// Names of outcomes, and of types as the language writes them.
#include "compiler/ir/text.h"

namespace wfc::ir {

static constexpr llvm::StringLiteral kOutcomes[] = {"ok",        "no_data",       "failed",
                                                    "timed_out", "out_of_memory", "preempted",
                                                    "node_lost", "cancelled",     "skipped"};

llvm::StringRef name(Outcome outcome) { return kOutcomes[static_cast<size_t>(outcome)]; }

std::optional<Outcome> outcomeNamed(llvm::StringRef name) {
  for (size_t n = 0; n < std::size(kOutcomes); ++n)
    if (kOutcomes[n] == name) return static_cast<Outcome>(n);
  return std::nullopt;
}

std::string typeText(const Module& module, TypeId type) {
  if (!type.valid() || type.index() >= module.types.size()) return "!";
  const Type& t = module.types[type];
  switch (t.kind) {
    case Type::Error:
      return "!";
    case Type::None:
      return "None";
    case Type::Bool:
      return "Bool";
    case Type::Int:
      return "Int";
    case Type::Float:
      return "Float";
    case Type::String:
      return "String";
    case Type::Path:
      return "Path";
    case Type::Date:
      return "Date";
    case Type::Instant:
      return "Time";
    case Type::Duration:
      return "Duration";
    case Type::Bytes:
      return "Bytes";
    case Type::Length:
      return "Length";
    case Type::Secret:
      return "Secret";
    case Type::Enum:
    case Type::Record:
      return t.name;
    case Type::List:
      return "[" + typeText(module, t.element) + "]";
    case Type::Map:
      return "[" + typeText(module, t.key) + ": " + typeText(module, t.element) + "]";
    case Type::Option:
      return typeText(module, t.element) + "?";
    case Type::Artifact:
      return t.artifact.index() < module.kinds.size() ? module[t.artifact].name : "!";
    case Type::Set:
      return "set of " + typeText(module, t.element);
    case Type::Span:
      return t.dates ? "Span" : "TimeSpan";
  }
  return "!";
}

}  // namespace wfc::ir
