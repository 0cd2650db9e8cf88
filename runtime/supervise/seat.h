// What a line of a seat to its lead begins with.
#pragma once

namespace wfc::supervise {

inline constexpr char kMark = '\x1e';

}  // namespace wfc::supervise
