// What the rule of each family looks like: its name in Python, its wildcards, and one input for
// each thing it waits for. The emitter writes rules from it and the index from it; `wfr start`
// writes the index anew before each round, so both read one description.
#pragma once

#include <string>
#include <vector>

#include "runtime/engine/engine.h"

namespace wfc::targets::snakemake {

/// One input of a rule: the markers of what a reference names.
struct RuleInput {
  enum Form : uint8_t {
    Same,   ///< one member with indices of the reader's: a pattern of wildcards
    Whole,  ///< every member, whatever the reader's index
    Table,  ///< listed for each reader in the index
  };
  Form form = Table;
  std::string name;
  std::string key;    ///< of Same: `{a},{c}`
  uint32_t wait = 0;  ///< in run::FamilyPlan::waits
  std::vector<uint32_t> producers;
};

struct Shape {
  bool isRule = false;  ///< waits and hooks are none
  std::string rule;     ///< a Python identifier, unique
  std::string file;     ///< of its files: percent-encoded name
  std::vector<std::string> wildcards;
  std::vector<RuleInput> inputs;
  /// Resources that differ by instance or attempt; they stand in the index.
  std::vector<std::string> varying;
  /// Its members become known, or may start, only between two rounds.
  bool isLate = false;

  /// `ok/model/{window}`, or with a key instead of wildcards.
  std::string marker(const std::string& key) const;
  /// `{a},{c}`; empty: it has no index.
  std::string keyPattern() const;
};

/// One for each family, in order.
std::vector<Shape> shapesOf(const run::Plan& plan);

/// The text of index.json: for each rule its keys, the markers that each instance waits for, and
/// resources that vary. Leaves out what has ended otherwise than well, and of families that are
/// late what may not start yet. The engine has settled.
std::string indexText(const run::Engine& engine, const std::vector<Shape>& shapes);

/// `ok/model/2025-03-02`
std::string markerOf(const run::Engine& engine, const Shape& shape, run::InstanceId instance);

/// The resources of an attempt in Snakemake's words: `mem_mb`, `runtime` and so on.
std::vector<std::pair<std::string, int64_t>> resourcesOf(const ir::Module& module,
                                                         const run::Needs& needs);

}  // namespace wfc::targets::snakemake
