// See members.h. Items carry along the instances that they stand for, so that a batch knows whom
// its reader waits for.
#include "runtime/engine/members.h"

#include <algorithm>

#include <llvm/ADT/StringExtras.h>

namespace wfc::run {

namespace {

struct PatternPiece {
  std::string text;
  bool isHole = false;
};

std::vector<PatternPiece> piecesOf(llvm::StringRef pattern) {
  std::vector<PatternPiece> pieces;
  while (!pattern.empty()) {
    auto [text, rest] = pattern.split('<');
    if (!text.empty()) pieces.push_back({text.str(), false});
    if (rest.empty()) break;
    auto [name, after] = rest.split('>');
    pieces.push_back({name.str(), true});
    pattern = after;
  }
  return pieces;
}

bool matchFrom(const std::vector<PatternPiece>& pieces, size_t at, llvm::StringRef path,
               std::vector<std::string>& holes) {
  if (at == pieces.size()) return path.empty();
  if (!pieces[at].isHole)
    return path.consume_front(pieces[at].text) && matchFrom(pieces, at + 1, path, holes);
  // The longest first; a hole never crosses a folder.
  size_t most = std::min(path.find('/'), path.size());
  for (size_t length = most; length > 0; --length) {
    holes.push_back(path.take_front(length).str());
    if (matchFrom(pieces, at + 1, path.drop_front(length), holes)) return true;
    holes.pop_back();
  }
  return false;
}

}  // namespace

std::vector<std::string> patternNames(llvm::StringRef pattern) {
  std::vector<std::string> names;
  for (const PatternPiece& piece : piecesOf(pattern)) {
    if (piece.isHole) names.push_back(piece.text);
  }
  return names;
}

std::optional<std::vector<std::string>> matchPattern(llvm::StringRef pattern,
                                                     llvm::StringRef path) {
  std::vector<std::string> holes;
  if (!matchFrom(piecesOf(pattern), 0, path, holes)) return std::nullopt;
  return holes;
}

ir::Value keyValue(ir::Type::Kind kind, const std::string& text) {
  int64_t number = 0;
  if (kind == ir::Type::Int && !llvm::StringRef(text).getAsInteger(10, number))
    return ir::Value::integer(number);
  if (kind == ir::Type::Date) {
    if (std::optional<int64_t> days = ir::parseDate(text))
      return ir::Value::scalar(ir::Value::Date, *days);
  }
  return ir::Value::text(text);
}

std::string memberKey(const ir::Module& module, const ir::Value& value, llvm::StringRef path) {
  if (!value.items || value.items->empty()) return ir::keyText(module, ir::Value::text(path.str()));
  std::vector<std::string> keys;
  for (const ir::Value& item : *value.items) keys.push_back(ir::keyText(module, item));
  return llvm::join(keys, ",");
}

std::vector<Item> crossed(const std::vector<Item>& a, const std::vector<Item>& b,
                          ir::TypeId record) {
  std::vector<Item> items;
  for (const Item& left : a) {
    for (const Item& right : b) {
      std::vector<ir::Value> fields =
          left.value.items ? *left.value.items : std::vector<ir::Value>{};
      fields.push_back(right.value);
      Item& item = items.emplace_back();
      item.value = ir::Value::composite(ir::Value::Record, std::move(fields), record);
      item.key = left.key.empty() ? right.key : left.key + "," + right.key;
      item.members = left.members;
      item.members.insert(item.members.end(), right.members.begin(), right.members.end());
    }
  }
  return items;
}

namespace {

/// Items as one, a list.
Item joined(llvm::ArrayRef<Item> items, std::string key) {
  std::vector<ir::Value> values;
  Item whole;
  for (const Item& item : items) {
    values.push_back(item.value);
    whole.members.insert(whole.members.end(), item.members.begin(), item.members.end());
  }
  whole.value = ir::Value::composite(ir::Value::List, std::move(values));
  whole.key = std::move(key);
  return whole;
}

}  // namespace

std::vector<Item> Engine::Impl::arranged(const ir::Space& space, ir::LoopId loop, Where where,
                                         std::vector<Item> base) {
  std::vector<Item> items;
  const auto n = static_cast<size_t>(std::max<int64_t>(space.n, 1));
  switch (space.kind) {
    case ir::Space::EveryNth:
      for (size_t at = 0; at < base.size(); at += n) items.push_back(std::move(base[at]));
      return items;
    case ir::Space::Reverse:
      std::reverse(base.begin(), base.end());
      return base;
    case ir::Space::Slice:
      for (int64_t at = std::max<int64_t>(space.lo, 0);
           at <= space.hi && at < static_cast<int64_t>(base.size()); ++at)
        items.push_back(std::move(base[static_cast<size_t>(at)]));
      return items;
    case ir::Space::Batches:
      for (size_t at = 0, end = 0; at < base.size(); at = end) {
        // What a name bound in both branches of an `if` has twice under one key counts once.
        for (size_t keys = 0; end < base.size(); ++end)
          if ((end == at || base[end].key != base[end - 1].key) && keys++ == n) break;
        items.push_back(joined(llvm::ArrayRef(base).slice(at, end - at), base[at].key));
      }
      return items;
    default:
      return grouped(space, loop, where, std::move(base));
  }
}

/// Ordered by the values they are grouped by, members in their own order.
std::vector<Item> Engine::Impl::grouped(const ir::Space& space, ir::LoopId loop, Where where,
                                        std::vector<Item> base) {
  std::vector<std::pair<std::vector<ir::Value>, Item>> keyed;
  for (Item& item : base) {
    ir::Scope scope = scopeAt(where, {}, 0);
    auto outer = scope.loopVar;
    // A member of a family also answers for the loops that the family stands in.
    std::map<uint32_t, ir::Value> around;
    scope.loopVar = [&](ir::LoopId id) -> const ir::Value* {
      if (id == loop) return &item.value;
      if (item.members.empty()) return outer(id);
      std::optional<uint32_t> at = iterationOf(whereOf(item.members.front()), id);
      return at ? &(around[id.index()] = elementOf(id, *at)) : outer(id);
    };
    std::vector<ir::Value> by;
    for (ir::ExprId expr : space.by)
      by.push_back(ir::evaluate(m, expr, scope).value.value_or(ir::Value::none()));
    keyed.push_back({std::move(by), std::move(item)});
  }
  std::stable_sort(keyed.begin(), keyed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Item> items;
  for (size_t at = 0; at < keyed.size();) {
    size_t end = at;
    std::vector<Item> members;
    while (end < keyed.size() && keyed[end].first == keyed[at].first)
      members.push_back(std::move(keyed[end++].second));
    std::vector<std::string> keys;
    for (const ir::Value& value : keyed[at].first) keys.push_back(ir::keyText(m, value));
    items.push_back(joined(members, llvm::join(keys, ",")));
    at = end;
  }
  return items;
}

}  // namespace wfc::run
