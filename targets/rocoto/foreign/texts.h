// Texts of a document as texts of a flow: variables and flags of cycles become holes.
#pragma once

#include "targets/rocoto/foreign/families.h"

namespace wfc::targets::rocoto::foreign {

/// Which values a text needs, to be handed to the task.
struct Uses {
  bool cycle = false;
  std::set<std::pair<size_t, size_t>> variables;  ///< loop and variable
};

/// Writes texts of one family.
class Texts {
 public:
  /// `isInTask`: values are parameters of the task; else of the loops around the call.
  Texts(const FlowOf& flow, const TaskFamily& family, bool isInTask)
      : flow_(flow), family_(family), isInTask_(isInTask) {}

  /// What stands between the quotes of a string; nullopt, with a refusal, where that cannot be
  /// said.
  std::optional<std::string> string(const TimeString& text, Refusal& refusal);
  /// What stands between three quotes of a script.
  std::optional<std::string> script(const TimeString& text, Refusal& refusal);
  const Uses& uses() const { return uses_; }
  /// The parameter that carries a variable of a metatask.
  std::string parameter(size_t loop, size_t variable) const;

 private:
  enum class Place { String, Script, Heredoc };
  std::optional<std::string> write(const TimeString& text, Place place, Refusal& refusal);
  bool part(const TimeString::Part& part, Place place, Refusal& refusal);
  bool plain(const Text& text, bool isCycle, Place place, Refusal& refusal);
  void hole(const std::string& value, Place place);
  void literal(llvm::StringRef text, Place place);

  const FlowOf& flow_;
  const TaskFamily& family_;
  bool isInTask_;
  Uses uses_;
  std::string out_;
  bool isSingle_ = false, isDouble_ = false;  ///< in quotes of the shell
};

/// `6h`, `1h30min`
std::string durationText(int64_t seconds);
/// `2025-01-01T06:00Z`
std::string timeText(int64_t time);

}  // namespace wfc::targets::rocoto::foreign
