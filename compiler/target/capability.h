// Capabilities and a target's answers to them.
//
//   constexpr Table kTable{{
//       {Capability::StaticGraph, Answer::Native, "dependencies of jobs"}, …
//   }};
//
// A Table is made at compile time: a row that is missing or answered twice does not compile, and
// the error names this file. So adding a row to capability.def makes the compiler list the targets
// that have not answered it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "llvm/ADT/StringRef.h"

namespace wfc::target {

enum class Capability : uint8_t {
#define WFC_CAPABILITY(Id, name, question) Id,
#include "compiler/target/capability.def"
};

inline constexpr size_t kCapabilityCount = 0
#define WFC_CAPABILITY(Id, name, question) +1
#include "compiler/target/capability.def"
    ;

/// `same-index-edges`.
std::string_view name(Capability capability);
/// What the row asks, without a question mark: "at most n of one family at once".
std::string_view question(Capability capability);
std::optional<Capability> capabilityNamed(std::string_view name);

enum class Answer : uint8_t {
  Native,    ///< the system has it; the note names the construct
  Expanded,  ///< rewritten at compile time; the note says into what
  Runtime,   ///< the runtime carries it; the note says how, and what is seen in the queue
  Refused,   ///< a report at the asking line; the note is the reason
};
/// `native`, `expanded`, `runtime`, `refused`.
std::string_view name(Answer answer);

struct Row {
  Capability capability;
  Answer answer;
  std::string_view note;
};

/// Not constexpr on purpose: reaching it at compile time is the error "a capability is answered
/// twice, or not at all".
void aCapabilityIsMissingOrAnsweredTwice();

/// A target's answers, one for each capability, in any order.
class Table {
 public:
  template <size_t N>
  consteval Table(const Row (&rows)[N]) {
    static_assert(N == kCapabilityCount,
                  "a capability is missing from the table, or answered twice");
    std::array<bool, kCapabilityCount> isAnswered{};
    for (const Row& row : rows) {
      size_t index = static_cast<size_t>(row.capability);
      if (isAnswered[index] || row.note.empty()) aCapabilityIsMissingOrAnsweredTwice();
      isAnswered[index] = true;
      rows_[index] = row;
    }
  }

  constexpr const Row& operator[](Capability capability) const {
    return rows_[static_cast<size_t>(capability)];
  }
  constexpr auto begin() const { return rows_.begin(); }
  constexpr auto end() const { return rows_.end(); }

 private:
  std::array<Row, kCapabilityCount> rows_{};
};

}  // namespace wfc::target
