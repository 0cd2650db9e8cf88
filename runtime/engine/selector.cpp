// See selector.h. Keys are compared as texts, as they stand in ids; integers as numbers.
#include "runtime/engine/selector.h"

#include <algorithm>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/GlobPattern.h>

#include "compiler/base/suggest.h"

namespace wfc::run {

namespace {

using llvm::StringRef;

constexpr StringRef kStates[] = {
    "waiting",       "ready",     "queued",    "running",   "delayed",
    "ended",         "ok",        "no_data",   "failed",    "timed_out",
    "out_of_memory", "preempted", "node_lost", "cancelled", "skipped"};

bool globMatches(StringRef pattern, StringRef text) {
  if (pattern == "*") return true;
  // Brackets and backslashes of a key are no wildcards.
  std::string plain;
  for (char c : pattern) {
    if (StringRef("[]{}\\!").contains(c)) plain += '\\';
    plain += c;
  }
  llvm::Expected<llvm::GlobPattern> glob = llvm::GlobPattern::create(plain);
  if (glob) return glob->match(text);
  llvm::consumeError(glob.takeError());
  return pattern == text;
}

/// Negative, 0 or positive, as numbers where both are.
int compare(StringRef a, StringRef b) {
  int64_t left = 0, right = 0;
  if (!a.getAsInteger(10, left) && !b.getAsInteger(10, right))
    return left < right ? -1 : left > right;
  return a.compare(b);
}

std::string nearestState(StringRef word) {
  std::vector<std::string> names;
  for (StringRef state : kStates) names.push_back(state.str());
  std::optional<std::string_view> near =
      base::suggest(std::string_view(word.data(), word.size()), names);
  return near ? fmt::format("; did you mean `{}`?", *near) : "";
}

std::string wrongState(StringRef word) {
  if (std::find(std::begin(kStates), std::end(kStates), word) != std::end(kStates)) return {};
  return fmt::format("there is no state `{}`{}", word.str(), nearestState(word));
}

std::string parseIndices(StringRef inside, std::vector<IndexWish>& indices) {
  llvm::SmallVector<StringRef> pieces;
  inside.split(pieces, ',');
  for (StringRef piece : pieces) {
    piece = piece.trim();
    IndexWish& wish = indices.emplace_back();
    size_t dots = piece.find("..");
    wish.isRange = dots != StringRef::npos;
    wish.from = piece.take_front(dots).rtrim().str();
    if (wish.isRange) wish.to = piece.drop_front(dots + 2).ltrim().str();
    // `2025-06-..` is what begins with `2025-06`, and everything after.
    if (wish.isRange && StringRef(wish.from).ends_with("-")) wish.from.pop_back();
    if (piece.empty()) return "an index is empty";
  }
  return {};
}

/// The nearest name to one that no family and no task has.
std::string nearestName(const ir::Module& module, StringRef name) {
  std::vector<std::string> names;
  for (const ir::Family& family : module.families) {
    if (family.role == ir::Family::Hook) continue;
    names.push_back(family.name);
    if (family.task.valid()) names.push_back(module[family.task].name);
  }
  std::optional<std::string_view> near =
      base::suggest(std::string_view(name.data(), name.size()), names);
  return near ? fmt::format("; did you mean `{}`?", *near) : "";
}

}  // namespace

bool IndexWish::matches(StringRef key) const {
  if (!isRange) return globMatches(from, key);
  if (!from.empty() && compare(key, from) < 0) return false;
  return to.empty() || compare(key, to) <= 0 || key.starts_with(to);
}

std::string Selector::parse(StringRef text, Selector& selector) {
  selector.text = text.str();
  StringRef rest = text.trim();
  size_t bracket = rest.find('['), close = rest.rfind(']');
  size_t colon = rest.rfind(':');
  bool hasState = colon != StringRef::npos && (close == StringRef::npos || colon > close);
  if (hasState) {
    selector.state = rest.drop_front(colon + 1).str();
    rest = rest.take_front(colon);
    if (std::string wrong = wrongState(selector.state); !wrong.empty()) return wrong;
  }
  if (bracket != StringRef::npos) {
    if (!rest.ends_with("]")) return fmt::format("`{}` has no `]` at its end", text.str());
    std::string wrong = parseIndices(rest.drop_back().drop_front(bracket + 1), selector.indices);
    if (!wrong.empty()) return fmt::format("`{}`: {}", text.str(), wrong);
    rest = rest.take_front(bracket);
  }
  selector.name = rest.empty() && hasState ? "*" : rest.str();
  return selector.name.empty() ? fmt::format("`{}` names nothing", text.str()) : "";
}

bool Selector::matchesFamily(const ir::Module& module, const ir::Family& family) const {
  return globMatches(name, family.name) ||
         (family.task.valid() && globMatches(name, module[family.task].name));
}

bool Selector::matchesKeys(llvm::ArrayRef<std::string> keys) const {
  if (indices.empty()) return true;
  std::string whole = llvm::join(keys, ",");
  llvm::SmallVector<StringRef> pieces;
  StringRef(whole).split(pieces, ',');
  if (keys.empty() || indices.size() > pieces.size()) return false;
  for (size_t n = 0; n < indices.size(); ++n) {
    if (!indices[n].matches(pieces[n])) return false;
  }
  return true;
}

llvm::ArrayRef<StringRef> selectorStates() { return kStates; }

bool hasState(const Instance& instance, StringRef state) {
  if (state.empty() || stateName(instance) == state) return true;
  if (instance.phase != Phase::Ended) return false;
  return state == "ended" || ir::name(instance.outcome) == state;
}

StringRef stateName(const Instance& instance) {
  switch (instance.phase) {
    case Phase::Absent:
      return "absent";
    case Phase::Waiting:
      return "waiting";
    case Phase::Ready:
      return "ready";
    case Phase::Running:
      return instance.isSubmitted && !instance.isStarted ? "queued" : "running";
    case Phase::Delayed:
      return "delayed";
    case Phase::Ended:
      break;
  }
  bool isFailed =
      instance.outcome >= ir::Outcome::Failed && instance.outcome <= ir::Outcome::NodeLost;
  return ir::name(isFailed ? ir::Outcome::Failed : instance.outcome);
}

std::vector<std::string> splitSelectors(StringRef text) {
  std::vector<std::string> selectors(1);
  int depth = 0;
  for (char c : text) {
    depth += (c == '[') - (c == ']');
    if (c == ',' && depth == 0)
      selectors.emplace_back();
    else
      selectors.back() += c;
  }
  return selectors;
}

std::string select(const Engine& engine, llvm::ArrayRef<std::string> texts,
                   llvm::ArrayRef<std::string> states, std::vector<InstanceId>& found) {
  const ir::Module& module = engine.plan().module();
  std::vector<Selector> selectors;
  for (const std::string& text : texts) {
    Selector selector;
    if (std::string wrong = Selector::parse(text, selector); !wrong.empty()) return wrong;
    bool isKnown = std::any_of(
        module.families.begin(), module.families.end(),
        [&](const ir::Family& family) { return selector.matchesFamily(module, family); });
    if (!isKnown)
      return fmt::format("there is no family and no task `{}`{}", selector.name,
                         nearestName(module, selector.name));
    selectors.push_back(std::move(selector));
  }
  for (const std::string& state : states) {
    if (std::string wrong = wrongState(state); !wrong.empty()) return wrong;
  }
  if (texts.empty()) selectors.push_back({"*", "*", {}, {}});
  std::vector<bool> isUsed(selectors.size());
  engine.forEach([&](InstanceId id) {
    const ir::Family& family = module.families[id.family];
    if (family.role == ir::Family::Hook) return;
    const Instance& instance = engine.state().at(id);
    bool isMeant = false;
    for (size_t n = 0; n < selectors.size(); ++n) {
      bool isNamed = selectors[n].matchesFamily(module, family) &&
                     (selectors[n].indices.empty() || selectors[n].matchesKeys(engine.keysOf(id)));
      isUsed[n] = isUsed[n] || isNamed;
      isMeant |= isNamed && hasState(instance, selectors[n].state);
    }
    bool isOfState = states.empty() || std::any_of(states.begin(), states.end(), [&](auto& state) {
                       return hasState(instance, state);
                     });
    if (isMeant && isOfState) found.push_back(id);
  });
  for (size_t n = 0; n < selectors.size(); ++n) {
    if (isUsed[n] || selectors[n].indices.empty()) continue;
    std::string id =
        StringRef(selectors[n].text).take_front(selectors[n].text.rfind(']') + 1).str();
    std::string near = engine.nearest(id);
    return fmt::format("`{}` names no instance{}", id,
                       near.empty() ? "" : fmt::format("; did you mean `{}`?", near));
  }
  return {};
}

}  // namespace wfc::run
