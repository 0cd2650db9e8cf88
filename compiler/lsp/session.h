// What the handlers of the methods share: the texts, what the client can do, and values of the
// protocol as JSON. Private to lsp/.
#pragma once

#include <functional>
#include <optional>

#include "llvm/Support/JSON.h"

#include "compiler/lsp/workspace.h"

namespace wfc::lsp {

namespace json = llvm::json;
using llvm::StringRef;

/// A value of a message, or of what may be missing in it.
class In {
 public:
  explicit In(const json::Value* value) : value_(value) {}
  In operator[](StringRef key) const;
  /// The parts of a list; none where it is no list.
  std::vector<In> items() const;
  StringRef text() const;
  std::optional<int64_t> number() const;
  bool isTrue() const;
  bool isThere() const { return value_ && value_->kind() != json::Value::Null; }
  const json::Value* value() const { return value_; }

 private:
  const json::Value* value_;
};

/// What `initialize` has told of the client.
struct Client {
  Unit unit = Unit::Utf16;
  bool hasMarkdown = false;
  bool hasSnippets = false;
  bool hasStdlib = false;  ///< shows texts of the standard library by our scheme
  bool hasNestedSymbols = false;
  bool mayWatch = false, mayRefreshHints = false, mayRefreshLenses = false;
  std::string site;  ///< the path of a site file, for completion
};

struct Session {
  const Services& services;
  Workspace workspace;
  Client client;

  json::Value positionOf(const Text& text, uint32_t offset) const;
  json::Value rangeOf(const Text& text, uint32_t begin, uint32_t end) const;
  /// The same as an attribute of what is being written.
  void writeRange(json::OStream& out, StringRef name, const Text& text, source::Range range) const;
  json::Value rangeOf(const Snapshot& snapshot, source::Range range) const {
    return rangeOf(snapshot.text, range.begin, range.end);
  }
  /// Null where the client cannot open the file.
  json::Value locationOf(const Spot& spot);
  uint32_t offsetOf(const Text& text, In position) const;
  /// `MarkupContent`: as Markdown, or without its marks.
  json::Value markup(const std::string& markdown) const;
};

/// Where a request points to.
struct Asked {
  std::shared_ptr<const Snapshot> snapshot;
  uint32_t offset = 0;
  explicit operator bool() const { return snapshot != nullptr; }
};
Asked askedIn(Session& session, In params);
std::string pathIn(In params);

/// Text that may go into a message.
std::string clean(StringRef text);

/// What a request is refused with.
struct Refusal {
  int code;
  std::string message;
};
constexpr int kInvalidParams = -32602, kRequestFailed = -32803;

/// A value that is JSON already: LLVM's objects are tables of 64 places, too much for long lists.
struct Raw {
  std::string text;
};

/// The answer of a handler: a value, or why there is none.
struct Reply {
  std::optional<Raw> raw;
  json::Value value = nullptr;
  std::optional<Refusal> refusal;
  Reply() = default;
  template <class T>
  Reply(T answer) : value(std::move(answer)) {}
  Reply(Raw written) : raw(std::move(written)) {}
  Reply(Refusal refused) : refusal(std::move(refused)) {}
};

// ---- reports.cpp
json::Value reportsOf(Session& session, const Snapshot& snapshot);
Reply codeAction(Session& session, In params);
// ---- hover.cpp
Reply hover(Session& session, In params);
// ---- navigate.cpp
Reply definition(Session& session, In params);
Reply references(Session& session, In params);
Reply documentHighlight(Session& session, In params);
Reply prepareRename(Session& session, In params);
Reply rename(Session& session, In params);
// ---- symbols.cpp
Reply documentSymbol(Session& session, In params);
Reply workspaceSymbol(Session& session, In params);
Reply foldingRange(Session& session, In params);
// ---- tokens.cpp
json::Value tokenLegend();
Reply semanticTokens(Session& session, In params);
Reply semanticTokensRange(Session& session, In params);
// ---- complete.cpp
Reply completion(Session& session, In params);
// ---- calls.cpp
Reply signatureHelp(Session& session, In params);
// ---- hints.cpp
Reply inlayHint(Session& session, In params);
Reply codeLens(Session& session, In params);
Reply graph(Session& session, In params);
// ---- layout.cpp
Reply formatting(Session& session, In params);
/// The text of a file that the client cannot open, of the standard library.
Reply textOf(Session& session, In params);

}  // namespace wfc::lsp
