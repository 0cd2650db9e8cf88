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

/// In the order of Type::Kind, from Bool to Secret.
static constexpr const char* kBasicNames[] = {"Bool",  "Int",    "Float", "String",
                                              "Path",  "Date",   "Time",  "Duration",
                                              "Bytes", "Length", "Secret"};

llvm::StringRef basicName(Type::Kind kind) {
  bool isBasic = kind >= Type::Bool && kind <= Type::Secret;
  return isBasic ? llvm::StringRef(kBasicNames[kind - Type::Bool]) : llvm::StringRef();
}

std::optional<Type::Kind> basicNamed(llvm::StringRef name) {
  for (size_t n = 0; n < std::size(kBasicNames); ++n)
    if (name == kBasicNames[n]) return static_cast<Type::Kind>(Type::Bool + n);
  return std::nullopt;
}

std::string typeText(const Module& module, TypeId type) {
  if (!type.valid() || type.index() >= module.types.size()) return "!";
  const Type& t = module.types[type];
  if (llvm::StringRef basic = basicName(t.kind); !basic.empty()) return basic.str();
  switch (t.kind) {
    case Type::None:
      return "None";
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
    default:
      return "!";
  }
}

}  // namespace wfc::ir
