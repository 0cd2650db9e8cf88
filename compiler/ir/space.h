// Static spaces: their size, elements and keys without expanding them. A space of a million
// elements costs what its row costs. What is known only at run time (Files, SetOf, Members of such)
// is not answered here: see runtime/engine.
#pragma once

#include "compiler/ir/eval.h"

namespace wfc::ir {

constexpr uint64_t kOpen = UINT64_MAX;  ///< size of a cycle without an end

/// True if all elements are known from the module alone (also Batches, EveryNth … of such a
/// space). Members are left to the runtime: which instances they name may depend on the iteration.
bool isStatic(const Module& module, SpaceId space);
/// Number of elements; kOpen for a cycle without end. Requires isStatic.
uint64_t sizeOf(const Module& module, SpaceId space);
/// Element at a position (0-based). Requires position < sizeOf.
Value elementAt(const Module& module, SpaceId space, uint64_t position);
/// Position of an element equal to `value` (for a Span also by its Date or Instant start, for a
/// record by its key), or nullopt.
std::optional<uint64_t> findIn(const Module& module, SpaceId space, const Value& value);
/// The index text of an element: of a batch its first member's, of a group the values it is grouped
/// by, else keyText.
std::string keyOf(const Module& module, SpaceId space, const Value& element);
/// Number of instances of a family (product of its loops' sizes less those excluded by static
/// guards), kOpen if one is open, nullopt if one is known only at run time.
std::optional<uint64_t> instancesOf(const Module& module, const Family& family);
/// `model[2025-03-02]`, `wet[a12,c7]`, `data`.
std::string instanceId(const Family& family, llvm::ArrayRef<std::string> keys);
/// Path of an output below the run's folder, without an explicit template:
/// `files/model/2025-03-02.pt`, with several outputs `files/model/2025-03-02/checkpoint.pt`,
/// without indices `files/data`. Flow path separators become folders.
std::string derivedPath(const Module& module, const Family& family,
                        llvm::ArrayRef<std::string> keys, uint32_t output);

}  // namespace wfc::ir
