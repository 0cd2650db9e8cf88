// See meaning.h.
#include "compiler/lsp/meaning.h"

#include <algorithm>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "llvm/ADT/StringExtras.h"

#include "compiler/forecast/forecast.h"
#include "compiler/ir/space.h"
#include "compiler/pass/needs.h"

namespace wfc::lsp {

namespace {

bool isWhole(const Snapshot& snapshot) {
  return std::none_of(snapshot.reports.begin(), snapshot.reports.end(),
                      [](const auto& report) { return report.severity == diag::Severity::Error; });
}

void findDeclaration(Session& session, Meaning& meaning) {
  if (meaning.declared.path.empty()) return;
  meaning.snapshot = meaning.declared.path == meaning.from->path
                         ? meaning.from
                         : session.workspace.at(meaning.declared.path);
  if (!meaning.snapshot) return;
  const Snapshot& there = *meaning.snapshot;
  meaning.symbol = there.declaredAt({there.file, meaning.declared.begin, meaning.declared.end});
}

}  // namespace

Meaning meaningOf(Session& session, std::shared_ptr<const Snapshot> snapshot, const Fact& fact) {
  Meaning meaning;
  meaning.from = std::move(snapshot);
  meaning.at = fact.at;
  meaning.fact = &fact;
  source::Range to = fact.declaredAt;
  if (!to.valid() && meaning.from->declaredAt(fact.at)) to = fact.at;
  if (to.valid())
    meaning.declared = {std::string(meaning.from->sources.path(to.file)), to.begin, to.end};
  findDeclaration(session, meaning);
  return meaning;
}

std::vector<Meaning> meaningsAt(Session& session, const Asked& asked) {
  std::vector<Meaning> all;
  for (const Fact& fact : asked.snapshot->index().at(asked.offset))
    all.push_back(meaningOf(session, asked.snapshot, fact));
  if (!all.empty()) return all;
  for (const Symbol& symbol : asked.snapshot->outline()) {
    if (asked.offset < symbol.nameAt.begin || asked.offset > symbol.nameAt.end) continue;
    Meaning meaning;
    meaning.from = meaning.snapshot = asked.snapshot;
    meaning.at = symbol.nameAt;
    meaning.declared = {asked.snapshot->path, symbol.nameAt.begin, symbol.nameAt.end};
    meaning.symbol = &symbol;
    all.push_back(std::move(meaning));
    break;
  }
  return all;
}

Bound familyAt(const Snapshot& snapshot, source::Range at) {
  if (!isWhole(snapshot)) return {};
  for (const Fact& fact : snapshot.index().at(at.begin)) {
    bool isIn = fact.family.valid() && fact.flow < snapshot.modules.size() &&
                fact.family.index() < snapshot.modules[fact.flow].families.size();
    if (!isIn || fact.at.begin != at.begin) continue;
    const ir::Module& module = snapshot.modules[fact.flow];
    return {&module, &module[fact.family]};
  }
  return {};
}

std::string sizeText(const Bound& bound) {
  std::string loops;
  for (ir::LoopId loop : bound.family->loops)
    loops += (loops.empty() ? "" : ", ") + (*bound.module)[loop].variable;
  if (loops.empty()) return {};
  std::optional<uint64_t> count = ir::instancesOf(*bound.module, *bound.family);
  if (!count) return fmt::format("found at run time, for each {}", loops);
  if (*count == ir::kOpen) return fmt::format("without end, for each {}", loops);
  return fmt::format("{} instance{}, for each {}", *count, *count == 1 ? "" : "s", loops);
}

std::string needsText(const Bound& bound) {
  if (!bound.family->task) return {};
  pass::Needs needs = pass::needsOf(*bound.module, *bound.family);
  std::string text;
  auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  for (const auto& [key, amount] : needs.amounts) {
    std::string part = key + " " + pass::amountText(key, amount.smallest);
    if (amount.varies()) part += " to " + pass::amountText(key, amount.largest);
    if (amount.ceiling > amount.largest)
      part += " (" + pass::amountText(key, amount.ceiling) + " at most)";
    add(part);
  }
  for (const pass::Gpus& gpus : needs.gpus)
    add("gpus " + pass::amountText("gpus", gpus.count.largest) +
        (gpus.model.empty() ? "" : " of " + gpus.model));
  for (const auto& [key, name] : needs.names) add(key + " " + name.first);
  for (const pass::Feature& feature : needs.features)
    add(fmt::format("feature {}", fmt::join(feature.anyOf, "|")));
  if (needs.exclusive) add("exclusive");
  for (const std::string& key : needs.atRunTime) add(key + " known at run time");
  return text;
}

std::string hoursText(const Bound& bound) {
  ir::FamilyId id(static_cast<uint32_t>(bound.family - bound.module->families.data()));
  forecast::Family family = forecast::measured(*bound.module, id);
  if (!family.hasHours || !family.instances.isKnown() || family.once.node == 0) return {};
  bool isAtMost = family.instances.how == forecast::Count::AtMost;
  return fmt::format("{}{:.3g} node-hours", isAtMost ? "at most " : "", family.once.node);
}

std::string headOf(const Snapshot& snapshot, const Symbol& symbol) {
  StringRef text = StringRef(snapshot.sources.text(symbol.range));
  bool hasBody = symbol.kind == Kind::Task || symbol.kind == Kind::Flow ||
                 symbol.kind == Kind::Program || symbol.kind == Kind::Pool;
  // A `///` before it belongs to the range of what it documents.
  while (text.starts_with("//")) text = text.split('\n').second.ltrim();
  if (hasBody) text = text.take_front(std::min(text.find('{'), text.size())).rtrim();
  constexpr size_t kLongest = 600;
  return text.size() > kLongest ? text.take_front(kLongest).str() + " …" : text.str();
}

namespace {

void addParameters(const Snapshot& snapshot, const Symbol& owner, std::vector<Parameter>& into) {
  int self = static_cast<int>(&owner - snapshot.outline().data());
  for (const Symbol& part : snapshot.outline()) {
    bool isGiven = part.kind == Kind::Param || part.kind == Kind::Field ||
                   (part.kind == Kind::Flag && !part.isOutput);
    if (part.parent != self || !isGiven) continue;
    std::string name = part.name.str();
    std::replace(name.begin(), name.end(), '-', '_');
    // As a call would write it, on one line.
    std::string text = name;
    StringRef rest = StringRef(
        snapshot.sources.text(source::Range{part.nameAt.file, part.nameAt.end, part.range.end}));
    for (size_t n = 0; n < rest.size(); ++n) {
      bool isBlank = llvm::isSpace(rest[n]);
      if (!isBlank || text.back() != ' ') text += isBlank ? ' ' : rest[n];
    }
    into.push_back({std::move(name), std::move(text), part.doc.str()});
  }
}

}  // namespace

std::vector<Parameter> parametersOf(Session& session, const Meaning& callee) {
  std::vector<Parameter> all;
  if (!callee.symbol) return all;
  const Symbol& owner = *callee.symbol;
  if (owner.program.valid()) {
    Asked program{callee.snapshot, owner.program.begin};
    for (const Meaning& meaning : meaningsAt(session, program))
      if (meaning.symbol && meaning.symbol->kind == Kind::Program)
        addParameters(*meaning.snapshot, *meaning.symbol, all);
  }
  bool isCallable =
      owner.kind == Kind::Task || owner.kind == Kind::Flow || owner.kind == Kind::Record;
  if (isCallable) addParameters(*callee.snapshot, owner, all);
  return all;
}

}  // namespace wfc::lsp
