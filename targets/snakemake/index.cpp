// index.json: {"RULE": {"keys": […], "INPUT": {KEY: [MARKER…]}, "RESOURCE": {KEY: N}}, …}. A
// family without an index has its name for a key.
#include <map>

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

bool hasEndedBadly(const run::Instance& instance) {
  return instance.phase == Phase::Ended && instance.outcome != ir::Outcome::Ok &&
         instance.outcome != ir::Outcome::NoData && instance.outcome != ir::Outcome::Skipped;
}

class Index {
 public:
  Index(const run::Engine& engine, const std::vector<Shape>& shapes)
      : engine_(engine), shapes_(shapes) {}

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
    std::vector<InstanceId> ids = members(f);
    json.attributeArray("keys", [&] {
      for (InstanceId id : ids) json.value(keyOf(engine_, shape, id));
    });
    for (const RuleInput& input : shape.inputs) {
      if (input.form != RuleInput::Table) continue;
      json.attributeObject(input.name, [&] {
        for (InstanceId id : ids)
          json.attributeArray(keyOf(engine_, shape, id), [&] { list(json, id, input); });
      });
    }
    for (const std::string& name : shape.varying) {
      json.attributeObject(name, [&] {
        for (InstanceId id : ids) json.attribute(keyOf(engine_, shape, id), amount(id, name));
      });
    }
  }

  void list(llvm::json::OStream& json, InstanceId reader, const RuleInput& input) const {
    const run::Wait& wait = engine_.plan().family(reader.family).waits[input.wait];
    for (InstanceId id : engine_.namedBy(reader, wait)) {
      if (id == reader || !shapes_[id.family].isRule || !isAskedFor(id)) continue;
      json.value(markerOf(engine_, shapes_[id.family], id));
    }
  }

  int64_t amount(InstanceId id, const std::string& name) const {
    run::Needs needs = engine_.needsOf(id, engine_.attemptOf(id));
    for (const auto& [resource, count] : resourcesOf(engine_.plan().module(), needs))
      if (resource == name) return count;
    return 0;
  }

  const run::Engine& engine_;
  const std::vector<Shape>& shapes_;
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
