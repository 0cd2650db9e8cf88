// The rows of capability.def as tables of text.
#include "compiler/target/capability.h"

namespace wfc::target {

namespace {

struct Words {
  std::string_view name, question;
};

constexpr Words kWords[] = {
#define WFC_CAPABILITY(Id, name, question) {name, question},
#include "compiler/target/capability.def"
};

}  // namespace

std::string_view name(Capability capability) {
  return kWords[static_cast<size_t>(capability)].name;
}

std::string_view question(Capability capability) {
  return kWords[static_cast<size_t>(capability)].question;
}

std::optional<Capability> capabilityNamed(std::string_view name) {
  for (size_t i = 0; i < kCapabilityCount; ++i)
    if (kWords[i].name == name) return static_cast<Capability>(i);
  return std::nullopt;
}

std::string_view name(Answer answer) {
  constexpr std::string_view kNames[] = {"native", "expanded", "runtime", "refused"};
  return kNames[static_cast<size_t>(answer)];
}

}  // namespace wfc::target
