// The nearest known name to one that is unknown, for "did you mean".
//
// It judges spelling alone: what may stand at the place is the caller's choice of candidates.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wfc::base {

/// The candidate nearest to `name`, if at most a third of its letters (at least one) were added,
/// dropped, changed or swapped; a difference of case alone costs nothing. Of equally near ones the
/// one with the fewest differences of case, then the first by bytes.
std::optional<std::string_view> suggest(std::string_view name,
                                        std::span<const std::string_view> candidates);

/// The same over strings.
std::optional<std::string_view> suggest(std::string_view name,
                                        std::span<const std::string> candidates);

}  // namespace wfc::base
