// What all parts of the Builder share: slices and ranges, names, nodes of the tree, and the `///`
// lines above something.
//
// What is built from which rule stands in build_*.cpp.
#include "compiler/syntax/builder.h"

#include <algorithm>

namespace wfc::syntax {

Builder::Builder(const Input& input, Tree& tree)
    : tokens_(input.tokens),
      emitter_(input.emitter),
      tree_(tree),
      text_(input.sources.text(tree.file)) {}

StringRef Builder::textOf(uint32_t token) const {
  const Token& t = tokens_[token];
  if (t.inserted) return {};
  return slice(t.begin, t.end);
}

StringRef Builder::signOf(uint32_t token) const {
  if (!tokens_[token].inserted) return textOf(token);
  return StringRef(describe(tokens_[token].kind)).trim('`');
}

Range Builder::rangeOf(uint32_t token) const {
  return {tree_.file, tokens_[token].begin, tokens_[token].end};
}

Range Builder::rangeOfNode(uint32_t node) const {
  const Node& n = nodes[node];
  uint32_t last = n.end > n.first ? n.end - 1 : n.first;
  return {tree_.file, tokens_[n.first].begin, std::max(tokens_[n.first].begin, tokens_[last].end)};
}

Name Builder::nameOf(uint32_t node) const { return {textOf(nodes[node].first), rangeOfNode(node)}; }

Expr* Builder::make(ExprKind kind, Range range) {
  Expr* expr = new (*tree_.arena) Expr();
  expr->kind = kind;
  expr->range = range;
  return expr;
}

Decl* Builder::newDecl() {
  auto& decl = tree_.ownedDecls.emplace_back(std::make_unique<Decl>());
  decl->range = rangeOfNode(0);
  decl->doc = docBefore(nodes[0].first);
  return decl.get();
}

Stmt* Builder::newStmt() { return tree_.ownedStmts.emplace_back(std::make_unique<Stmt>()).get(); }

StringRef Builder::docBefore(uint32_t token) {
  const auto& comments = tree_.comments;
  uint32_t end = tokens_[token].begin;
  uint32_t begin = token ? tokens_[token - 1].end : 0;
  auto last = std::lower_bound(comments.begin(), comments.end(), end,
                               [](const Comment& c, uint32_t at) { return c.range.begin < at; });
  auto first = last;
  while (first != comments.begin()) {
    const Comment& before = *std::prev(first);
    StringRef text = slice(before.range.begin, before.range.end);
    if (before.range.begin < begin || !before.ownLine) break;
    if (!text.starts_with("///") || text.starts_with("////")) break;
    --first;
  }
  if (first == last) return {};
  std::string doc;
  for (auto it = first; it != last; ++it) {
    StringRef line = slice(it->range.begin, it->range.end).drop_front(3);
    line.consume_front(" ");
    if (it != first) doc += '\n';
    doc += line.rtrim().str();
  }
  return copy(doc);
}

}  // namespace wfc::syntax
