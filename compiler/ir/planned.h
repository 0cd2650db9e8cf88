// What planning has left in a module: facts of the site, frozen as texts (keys: site/facts.cpp),
// and where each family is placed.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "compiler/ir/module.h"

namespace wfc::ir {

/// Empty: the site does not say.
std::string fact(const Module& module, const std::string& key);
/// `otherwise` where the site says nothing, or no whole number.
int64_t factNumber(const Module& module, const std::string& key, int64_t otherwise = 0);
/// Null: the module is not planned, or the family has no task.
const Placement* placementOf(const Module& module, FamilyId family);
/// The partition of a family; empty: none was chosen.
std::string partitionOf(const Module& module, FamilyId family);
/// What its nodes must have: of each text, in which `|` stands between them, one feature at least.
std::vector<std::string> featuresOf(const Placement& placement);
/// The needs of a family that differ by instance, or (with `withGrowth`) by attempt.
std::set<std::string> varyingNeeds(const Module& module, FamilyId family, bool withGrowth = true);
/// Null: there is none of that name.
const Pool* poolNamed(const Module& module, llvm::StringRef name);
/// The references of a family by which it reads what lies on the disk of one node; it runs there.
std::vector<RefId> nodeReads(const Module& module, const Family& family);
/// Whether what a family makes for every node is an archive of a folder, to be unpacked there.
bool isPacked(const Module& module, const Family& family);
/// Whether an attempt of the family takes from one of the budgets.
bool holdsBudget(const Module& module, FamilyId family);
/// Attempts of one instance that count against a limit, at most: the first, every retry, and of
/// each all slices.
uint64_t mostAttempts(const Task& task);

}  // namespace wfc::ir
