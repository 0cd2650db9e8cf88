// Work on several threads, and what comes of it taken in the order of the work.
#pragma once

#include <cstddef>
#include <functional>

namespace wfc::geo {

/// Runs `one(worker, n)` for n in 0 … count-1, begun in that order. `worker` is below `threads`,
/// and no two calls with the same one run at once: what a thread needs for itself is kept by it.
/// A Problem ends the work; that of the least n is thrown again here, whichever came first.
void inParallel(unsigned threads, size_t count, const std::function<void(size_t, size_t)>& one);

/// The same, and what each call returns is run in the order of n, one at a time: so a file has the
/// same bytes however many threads make it. At most `threads` results wait for their turn.
void inOrder(unsigned threads, size_t count,
             const std::function<std::function<void()>(size_t, size_t)>& one);

}  // namespace wfc::geo
