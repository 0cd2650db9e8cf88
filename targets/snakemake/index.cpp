// index.json: {"RULE": {"keys": […], "INPUT": {KEY: [MARKER…]}, "RESOURCE": {KEY: N}}, …}. A
// family without an index has its name for a key. Markers of one rule in a row, as of all windows
// so far, are the first and how many.
#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include "targets/snakemake/shape.h"

namespace wfc::targets::snakemake {

namespace {

using run::InstanceId;
using run::Phase;

std::string keyOf(const run::Engine& engine, const Shape& shape, InstanceId id) {
  if (shape.wildcards.empty()) return shape.file;
  std::string text;
  for (const std::string& key : engine.keysOf(id)) text += (text.empty() ? "" : ",") + key;
  return text;
}

/// Fewer are shorter one by one.
constexpr size_t kRow = 4;

bool hasEndedBadly(const run::Instance& instance) {
  return instance.phase == Phase::Ended && instance.outcome != ir::Outcome::Ok &&
         instance.outcome != ir::Outcome::NoData && instance.outcome != ir::Outcome::Skipped;
}

class Index {
 public:
  Index(const run::Engine& engine, const std::vector<Shape>& shapes)
      : engine_(engine), shapes_(shapes) {
    for (uint32_t f = 0; f < shapes_.size(); ++f) members_.push_back(members(f));
  }

  std::string text() {
    std::string text;
    llvm::raw_string_ostream stream(text);
    llvm::json::OStream json(stream, 2);
    json.object([&] {
      for (uint32_t f = 0; f < shapes_.size(); ++f)
        if (shapes_[f].isRule) json.attributeObject(shapes_[f].rule, [&] { add(json, f); });
    });
    stream << '\n';
    return text;
  }

 private:
  /// May a round ask for it?
  bool isAskedFor(InstanceId id) const {
    const run::Instance& instance = engine_.state().at(id);
    if (instance.phase == Phase::Absent || hasEndedBadly(instance)) return false;
    if (instance.phase != Phase::Ended && isHeldBack(id)) return false;
    if (!shapes_[id.family].isLate) return true;
    return instance.phase != Phase::Waiting;
  }

  /// A person holds it, or this start leaves it out; or what it waits for. Snakemake knows no
  /// holds: it is not asked for.
  bool isHeldBack(InstanceId id) const {
    if (!engine_.hasHolds()) return false;
    auto [known, isNew] = heldBack_.try_emplace(id, !engine_.mayStart(id));
    if (!isNew || known->second) return known->second;
    bool isHeld = false;
    for (const run::Wait& wait : engine_.plan().family(id.family).waits) {
      for (InstanceId producer : engine_.namedBy(id, wait))
        isHeld |= engine_.state().at(producer).phase != Phase::Ended && isHeldBack(producer);
    }
    return heldBack_[id] = isHeld;
  }

  std::vector<InstanceId> members(uint32_t f) const {
    std::vector<InstanceId> ids;
    uint32_t size = static_cast<uint32_t>(engine_.state().families[f].instances.size());
    for (uint32_t n = 0; n < size; ++n)
      if (isAskedFor({f, n})) ids.push_back({f, n});
    return ids;
  }

  void add(llvm::json::OStream& json, uint32_t f) const {
    const Shape& shape = shapes_[f];
    const std::vector<InstanceId>& ids = members_[f];
    json.attributeArray("keys", [&] {
      for (InstanceId id : ids) json.value(keyOf(engine_, shape, id));
    });
    for (const RuleInput& input : shape.inputs) {
      if (input.form != RuleInput::Table) continue;
      json.attributeObject(input.name, [&] {
        for (InstanceId id : ids) list(json, keyOf(engine_, shape, id), named(id, input));
      });
    }
    for (const std::string& name : shape.varying) {
      json.attributeObject(name, [&] {
        for (InstanceId id : ids) json.attribute(keyOf(engine_, shape, id), amount(id, name));
      });
    }
  }

  std::vector<InstanceId> named(InstanceId reader, const RuleInput& input) const {
    const run::Wait& wait = engine_.plan().family(reader.family).waits[input.wait];
    std::vector<InstanceId> ids;
    for (InstanceId id : engine_.namedBy(reader, wait))
      if (id != reader && shapes_[id.family].isRule && isAskedFor(id)) ids.push_back(id);
    return ids;
  }

  void list(llvm::json::OStream& json, const std::string& key,
            const std::vector<InstanceId>& ids) const {
    std::optional<size_t> first = rowOf(ids);
    if (!first) {
      return json.attributeArray(key, [&] {
        for (InstanceId id : ids) json.value(markerOf(engine_, shapes_[id.family], id));
      });
    }
    const Shape& shape = shapes_[ids.front().family];
    json.attributeObject(key, [&] {
      json.attribute("rule", shape.rule);
      json.attribute("marker", shape.marker("{key}"));
      json.attribute("first", static_cast<int64_t>(*first));
      json.attribute("count", static_cast<int64_t>(ids.size()));
    });
  }

  /// Where in the keys of their rule they begin, if they follow each other there.
  std::optional<size_t> rowOf(const std::vector<InstanceId>& ids) const {
    if (ids.size() < kRow) return std::nullopt;
    const std::vector<InstanceId>& keys = members_[ids.front().family];
    auto at = std::lower_bound(keys.begin(), keys.end(), ids.front());
    bool isRow = keys.end() - at >= static_cast<ptrdiff_t>(ids.size()) &&
                 std::equal(ids.begin(), ids.end(), at);
    return isRow ? std::optional<size_t>(at - keys.begin()) : std::nullopt;
  }

  int64_t amount(InstanceId id, const std::string& name) const {
    run::Needs needs = engine_.needsOf(id, engine_.attemptOf(id));
    for (const auto& [resource, count] : resourcesOf(engine_.plan().module(), needs))
      if (resource == name) return count;
    return 0;
  }

  const run::Engine& engine_;
  const std::vector<Shape>& shapes_;
  std::vector<std::vector<InstanceId>> members_;  ///< by family
  mutable std::map<InstanceId, bool> heldBack_;
};

}  // namespace

std::string markerOf(const run::Engine& engine, const Shape& shape, InstanceId instance) {
  return shape.marker(keyOf(engine, shape, instance));
}

std::string indexText(const run::Engine& engine, const std::vector<Shape>& shapes) {
  return Index(engine, shapes).text();
}

}  // namespace wfc::targets::snakemake
