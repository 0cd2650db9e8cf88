// What may stand at the cursor.
//
// Names come from the check itself, which knows what it would take at a place (index.h, Chooser);
// words of the language from the grammar (syntax/expect.h); parameters from the call around.
#include <deque>
#include <set>

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"

#include "compiler/ir/eval.h"
#include "compiler/lsp/calls.h"
#include "compiler/lsp/kinds.h"
#include "compiler/site/load.h"
#include "compiler/syntax/expect.h"
#include "compiler/syntax/lexer.h"

namespace wfc::lsp {

namespace {

using syntax::Tok;

constexpr int kKeyword = 14, kValue = 12, kFunction = 3, kParameter = 5;

/// The word that is being written: before the cursor and behind it.
struct Word {
  uint32_t begin = 0, end = 0;
  bool isMember = false;  ///< behind a dot
};

bool isOfName(char c) { return llvm::isAlnum(c) || c == '_'; }

Word wordAt(StringRef text, uint32_t offset) {
  Word word{offset, offset, false};
  while (word.begin > 0 && isOfName(text[word.begin - 1])) --word.begin;
  while (word.end < text.size() && isOfName(text[word.end])) ++word.end;
  word.isMember = word.begin > 0 && text[word.begin - 1] == '.' &&
                  !(word.begin > 1 && text[word.begin - 2] == '.');
  return word;
}

/// Where the cursor stands, as the tokens see it.
enum class Ground { Code, Comment, String };
struct Standing {
  Ground ground = Ground::Code;
  StringRef before;  ///< of a String: the word before it
};

Standing standingAt(StringRef text, const syntax::Tokens& tokens, uint32_t offset) {
  for (const syntax::Token& comment : tokens.comments)
    if (comment.begin < offset && offset <= comment.end) return {Ground::Comment, {}};
  StringRef last;
  for (const syntax::Token& token : tokens.all) {
    if (token.begin >= offset) break;
    bool isInside = token.kind == Tok::String ? offset < token.end : offset <= token.end;
    bool isText =
        token.kind == Tok::String || token.kind == Tok::Text || token.kind == Tok::Unterminated;
    if (isInside && isText) return {Ground::String, last};
    bool isOpening = token.kind == Tok::StringOpen || token.kind == Tok::TripleOpen;
    if (isOpening && offset <= token.end) return {Ground::String, last};
    if (syntax::isWord(token.kind)) last = text.slice(token.begin, token.end);
  }
  return {};
}

class Items {
 public:
  /// The text is as it is now, the snapshot may be some letters behind.
  Items(Session& session, const Snapshot& snapshot, const Text& text, const Word& word)
      : session_(session), snapshot_(snapshot), word_(word), text_(text) {
    // The nearest declaration before the cursor is what is shown of a name.
    for (const Symbol& symbol : snapshot.outline()) {
      const Symbol*& best = declared_[symbol.name];
      if (!best || symbol.nameAt.begin <= word.begin) best = &symbol;
    }
  }

  struct Item {
    std::string label;
    int kind = 0;
    std::string insert = {}, detail = {}, doc = {}, filter = {};
  };

  /// Null if it is proposed already.
  Item* add(StringRef label, int kind) {
    if (!seen_.insert(label.str()).second) return nullptr;
    return &all_.emplace_back(Item{label.str(), kind});
  }

  /// A parameter of the call around: proposed with its colon, unless it is given already.
  void addParameter(const Parameter& parameter, bool isGiven) {
    parameters_.insert(parameter.name);
    Item* item = isGiven ? nullptr : add(parameter.name + ":", kParameter);
    if (!item) return;
    item->insert = parameter.name + ": ";
    item->detail = parameter.text;
    item->filter = parameter.name;
    item->doc = parameter.doc;
  }

  void addName(StringRef name) {
    const Symbol* symbol = declared_.lookup(name);
    bool isOfCallee = !symbol || symbol->kind == Kind::Flag || symbol->kind == Kind::Param;
    if (isOfCallee && parameters_.contains(name.str())) return;
    Item* item = add(name, symbol ? rowOf(symbol->kind).completion : kValue);
    if (!item || !symbol) return;
    item->detail = headOf(snapshot_, *symbol);
    item->doc = symbol->doc.str();
  }

  std::string text() const {
    std::string text;
    llvm::raw_string_ostream stream(text);
    json::OStream out(stream);
    out.object([&] {
      out.attribute("isIncomplete", false);
      out.attributeArray("items", [&] {
        for (const Item& item : all_) write(out, item);
      });
    });
    return text;
  }

 private:
  void write(json::OStream& out, const Item& item) const {
    out.object([&] {
      out.attribute("label", clean(item.label));
      out.attribute("kind", item.kind);
      if (!item.detail.empty()) out.attribute("detail", clean(item.detail));
      if (!item.doc.empty()) out.attribute("documentation", session_.markup(item.doc));
      if (!item.filter.empty()) out.attribute("filterText", clean(item.filter));
      out.attributeObject("textEdit", [&] {
        session_.writeRange(out, "range", text_, {1, word_.begin, word_.end});
        out.attribute("newText", clean(item.insert.empty() ? item.label : item.insert));
      });
    });
  }

  Session& session_;
  const Snapshot& snapshot_;
  Word word_;
  const Text& text_;
  llvm::StringMap<const Symbol*> declared_;
  std::set<std::string> seen_, parameters_;
  std::deque<Item> all_;
};

/// Partitions, queues and accounts of the sites: the one that is set, else those beside the file.
void addSiteNames(Session& session, const Snapshot& snapshot, StringRef what, Items& items) {
  std::vector<std::string> paths;
  if (!session.client.site.empty()) paths.push_back(session.client.site);
  std::string folder = folderOf(snapshot.path) + "/sites";
  if (auto entries = session.services.files.list(folder); paths.empty() && entries)
    for (const base::DirectoryEntry& entry : *entries)
      if (StringRef(entry.name).ends_with(".toml")) paths.push_back(folder + "/" + entry.name);
  for (const std::string& path : paths) {
    llvm::ErrorOr<std::string> text = session.services.files.read(path);
    if (!text) continue;
    source::Sources sources;
    diag::Emitter ignored;
    std::optional<site::Site> site =
        site::load(sources, sources.add(path, std::move(*text)), ignored);
    if (!site) continue;
    auto add = [&](StringRef name) {
      if (Items::Item* item = items.add(name, kValue)) item->detail = site->name;
    };
    for (const site::Partition& partition : site->partitions) {
      if (what == "partition") add(partition.name);
      for (const site::Text& qos : partition.qos)
        if (what == "qos") add(qos.text);
      for (const site::Text& feature : partition.features)
        if (what == "feature") add(feature.text);
    }
    for (const auto& [name, account] : site->accounts)
      if (what == "account") add(name);
  }
}

/// Where completion is asked for.
struct Cursor {
  std::shared_ptr<const Snapshot> snapshot;
  const std::string& text;
  const syntax::Tokens& tokens;
  uint32_t offset;
};

void addParameters(Session& session, const Cursor& at, Items& items) {
  std::optional<CallAt> call = callAt(at.text, at.tokens.all, at.offset);
  std::optional<Meaning> callee =
      call && call->named.empty() ? calleeOf(session, at.snapshot, *call) : std::nullopt;
  if (!callee) return;
  for (const Parameter& parameter : parametersOf(session, *callee))
    items.addParameter(parameter, llvm::is_contained(call->given, parameter.name));
}

/// Where the check did not get to, as in a statement that is not yet one, or in the arguments of
/// what does not exist: what can be called, and what the flow around has names for.
void addUnchecked(const Cursor& at, const syntax::Words& words, Items& items) {
  const std::vector<Symbol>& outline = at.snapshot->outline();
  for (const Symbol& symbol : outline) {
    bool isCallable =
        symbol.kind == Kind::Task || symbol.kind == Kind::Flow || symbol.kind == Kind::Module;
    bool isPart = symbol.parent >= 0;
    const Symbol& around = isPart ? outline[static_cast<size_t>(symbol.parent)] : symbol;
    bool isAround = around.range.begin <= at.offset && at.offset <= around.range.end;
    bool isNamed = isPart ? around.kind == Kind::Flow && isAround : symbol.kind == Kind::Value;
    if ((words.isStatement && isCallable) || (words.isValue && isNamed)) items.addName(symbol.name);
  }
}

void addCode(Session& session, const Cursor& at, const Word& word, Items& items) {
  const Snapshot& snapshot = *at.snapshot;
  if (!word.isMember) addParameters(session, at, items);
  std::vector<std::string> names = session.workspace.choices(snapshot.path, word.begin, word.end);
  bool isKnown = !names.empty();
  for (const std::string& name : names) items.addName(name);
  if (word.isMember) return;
  // Asking for all words takes milliseconds; what is typed rules most of them out.
  size_t typed = std::min<size_t>(at.offset - word.begin, 1);
  syntax::Words words =
      syntax::wordsAt(at.text, word.begin, std::string_view(at.text).substr(word.begin, typed));
  for (std::string_view each : words.words) items.add(each, kKeyword);
  if (!isKnown) addUnchecked(at, words, items);
  // `true` is a name to the grammar's eyes wherever any other name is.
  for (const char* each : {"none", "true", "false"})
    if (words.isValue) items.add(each, kKeyword);
  for (const ir::Builtin& builtin : ir::builtins())
    if (Items::Item* item = words.isValue ? items.add(builtin.name, kFunction) : nullptr) {
      item->detail = builtin.signature.str();
      item->doc = builtin.doc.str();
    }
}

}  // namespace

Reply completion(Session& session, In params) {
  std::string path = pathIn(params);
  // Names and their words may be some letters old; where they may stand is asked of the text.
  std::shared_ptr<const Snapshot> snapshot = session.workspace.lastAt(path);
  if (!snapshot) return nullptr;
  Document* open = session.workspace.find(path);
  const Text& text = open ? open->text : snapshot->text;
  syntax::Tokens tokens = syntax::lex(text.bytes());
  Cursor at{snapshot, text.bytes(), tokens, session.offsetOf(text, params["position"])};
  Word word = wordAt(at.text, at.offset);
  Items items(session, *snapshot, text, word);
  Standing standing = standingAt(at.text, tokens, at.offset);
  if (standing.ground == Ground::String) addSiteNames(session, *snapshot, standing.before, items);
  bool isNumber = word.begin < at.offset && llvm::isDigit(at.text[word.begin]);
  if (standing.ground == Ground::Code && !isNumber) addCode(session, at, word, items);
  return Raw{items.text()};
}

}  // namespace wfc::lsp
