// The modules of the standard library as they stand in stdlib/*.wf, embedded at build time.
//
// An `import` finds a file beside the source first, then one of these.
#pragma once

#include <span>
#include <string_view>

namespace wfc::stdlib {

struct Module {
  std::string_view name;
  std::string_view text;
};

/// All modules, sorted by name.
std::span<const Module> all();

}  // namespace wfc::stdlib
