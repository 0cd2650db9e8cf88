// The heap before a large piece of work.
#pragma once

#include <cstddef>

namespace wfc::base {

/// Makes room for about `bytes` in large pages, where the system has any: a module of ten thousand
/// tasks otherwise spends a fifth of its time in page faults. A hint, which changes no result.
void expectHeap(size_t bytes);

}  // namespace wfc::base
