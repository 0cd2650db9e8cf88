// The outline of a file, names across all files, and what can be folded.
#include "compiler/lsp/kinds.h"
#include "compiler/lsp/session.h"
#include "compiler/syntax/lexer.h"

namespace wfc::lsp {

namespace {

/// The outline as a tree, written as it is walked.
class Nest {
 public:
  Nest(Session& session, const Snapshot& snapshot)
      : session_(session), snapshot_(snapshot), parts_(snapshot.outline().size()) {
    for (size_t n = 0; n < parts_.size(); ++n) {
      int parent = snapshot.outline()[n].parent;
      (parent < 0 ? tops_ : parts_[static_cast<size_t>(parent)]).push_back(n);
    }
  }

  std::string text() {
    std::string text;
    llvm::raw_string_ostream stream(text);
    json::OStream out(stream);
    write(out, tops_);
    return text;
  }

 private:
  void write(json::OStream& out, const std::vector<size_t>& symbols) {
    out.array([&] {
      for (size_t n : symbols) {
        const Symbol& symbol = snapshot_.outline()[n];
        out.object([&] {
          out.attribute("name", clean(symbol.name));
          out.attribute("kind", rowOf(symbol.kind).symbol);
          session_.writeRange(out, "range", snapshot_.text, symbol.range);
          session_.writeRange(out, "selectionRange", snapshot_.text, symbol.nameAt);
          if (parts_[n].empty()) return;
          out.attributeBegin("children");
          write(out, parts_[n]);
          out.attributeEnd();
        });
      }
    });
  }

  Session& session_;
  const Snapshot& snapshot_;
  std::vector<std::vector<size_t>> parts_;
  std::vector<size_t> tops_;
};

/// Symbols as a list, each with its file.
class Flat {
 public:
  explicit Flat(Session& session) : session_(session) { out_.arrayBegin(); }

  void add(const Snapshot& snapshot, const Symbol& symbol) {
    ++count;
    Document* open = session_.workspace.find(snapshot.path);
    out_.object([&] {
      out_.attribute("name", clean(symbol.name));
      out_.attribute("kind", rowOf(symbol.kind).symbol);
      out_.attributeObject("location", [&] {
        out_.attribute("uri", open ? open->uri : uriOf(snapshot.path));
        session_.writeRange(out_, "range", snapshot.text, symbol.nameAt);
      });
      if (symbol.parent < 0) return;
      const Symbol& parent = snapshot.outline()[static_cast<size_t>(symbol.parent)];
      out_.attribute("containerName", clean(parent.name));
    });
  }

  Raw take() {
    out_.arrayEnd();
    return {std::move(text_)};
  }

  size_t count = 0;

 private:
  Session& session_;
  std::string text_;
  llvm::raw_string_ostream stream_{text_};
  json::OStream out_{stream_};
};

/// The letters of the query in order, whatever stands between them.
bool matches(StringRef name, StringRef query) {
  size_t at = 0;
  for (char c : query) {
    at = name.find_insensitive(StringRef(&c, 1), at);
    if (at == StringRef::npos) return false;
    ++at;
  }
  return true;
}

class Folds {
 public:
  explicit Folds(const Text& text) : text_(text) {}
  json::Array ranges;

  void add(uint32_t begin, uint32_t end, const char* kind, bool keepsLast) {
    uint32_t first = text_.lineOf(begin), last = text_.lineOf(end);
    // The line of a closing bracket stays in sight.
    if (keepsLast && last > first) --last;
    if (last <= first) return;
    json::Object range{{"startLine", int64_t(first)}, {"endLine", int64_t(last)}};
    if (kind) range["kind"] = kind;
    ranges.push_back(std::move(range));
  }

 private:
  const Text& text_;
};

void foldBrackets(const std::vector<syntax::Token>& tokens, Folds& folds) {
  using syntax::Tok;
  std::vector<std::pair<Tok, uint32_t>> open;
  for (const syntax::Token& token : tokens) {
    switch (token.kind) {
      case Tok::LBrace:
      case Tok::LParen:
      case Tok::LBrack:
      case Tok::TripleOpen:
        open.emplace_back(token.kind, token.begin);
        break;
      case Tok::RBrace:
      case Tok::RParen:
      case Tok::RBrack:
      case Tok::TripleClose: {
        Tok wanted = token.kind == Tok::RBrace   ? Tok::LBrace
                     : token.kind == Tok::RParen ? Tok::LParen
                     : token.kind == Tok::RBrack ? Tok::LBrack
                                                 : Tok::TripleOpen;
        if (open.empty() || open.back().first != wanted) break;
        folds.add(open.back().second, token.begin, nullptr, true);
        open.pop_back();
        break;
      }
      default:
        break;
    }
  }
}

}  // namespace

Reply documentSymbol(Session& session, In params) {
  std::shared_ptr<const Snapshot> snapshot = session.workspace.at(pathIn(params));
  if (!snapshot) return nullptr;
  if (session.client.hasNestedSymbols) return Raw{Nest(session, *snapshot).text()};
  Flat all(session);
  for (const Symbol& symbol : snapshot->outline()) all.add(*snapshot, symbol);
  return all.take();
}

Reply workspaceSymbol(Session& session, In params) {
  StringRef query = params["query"].text();
  constexpr size_t kMost = 500;
  Flat found(session);
  for (const std::string& path : session.workspace.allPaths()) {
    auto snapshot = session.workspace.at(path);
    if (!snapshot) continue;
    for (const Symbol& symbol : snapshot->outline()) {
      bool isTop = symbol.parent < 0 || symbol.kind == Kind::Family;
      if (isTop && symbol.kind != Kind::Module && matches(symbol.name, query) &&
          found.count < kMost)
        found.add(*snapshot, symbol);
    }
  }
  session.workspace.forgetClosed();
  return found.take();
}

Reply foldingRange(Session& session, In params) {
  std::optional<std::string> bytes = session.workspace.textOf(pathIn(params));
  if (!bytes) return nullptr;
  Text text(std::move(*bytes));
  Folds folds(text);
  syntax::Tokens tokens = syntax::lex(text.bytes());
  foldBrackets(tokens.all, folds);
  for (size_t n = 0; n < tokens.comments.size();) {
    size_t last = n;
    while (last + 1 < tokens.comments.size() && text.lineOf(tokens.comments[last + 1].begin) ==
                                                    text.lineOf(tokens.comments[last].begin) + 1)
      ++last;
    folds.add(tokens.comments[n].begin, tokens.comments[last].begin, "comment", false);
    n = last + 1;
  }
  return std::move(folds.ranges);
}

}  // namespace wfc::lsp
