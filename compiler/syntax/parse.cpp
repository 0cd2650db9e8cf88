// The reading of one file: bytes, tokens, and then one declaration after another, a flow's
// statements one by one. What cannot be read is mended first and read again.
//
// Comments are kept apart from the tree. What a text means is not decided here.
#include "compiler/syntax/parse.h"

#include "compiler/syntax/builder.h"
#include "compiler/syntax/fixup.h"
#include "compiler/syntax/lexer.h"
#include "compiler/syntax/mend.h"

namespace wfc::syntax {
namespace {

void addComments(const std::vector<Token>& comments, StringRef text, Tree& tree) {
  std::string doc;
  for (const Token& comment : comments) {
    StringRef slice = text.slice(comment.begin, comment.end).rtrim('\r');
    StringRef before = text.take_front(comment.begin);
    size_t lineStart = before.rfind('\n');
    StringRef indent = lineStart == StringRef::npos ? before : before.drop_front(lineStart + 1);
    indent.consume_front("\xef\xbb\xbf");
    auto end = comment.begin + static_cast<uint32_t>(slice.size());
    tree.comments.push_back({{tree.file, comment.begin, end}, indent.trim(" \t").empty()});
    if (!slice.consume_front("//!")) continue;
    slice.consume_front(" ");
    if (!doc.empty()) doc += '\n';
    doc += slice.rtrim().str();
  }
  tree.doc = StringRef(doc).copy(*tree.arena);
}

class FileParser {
 public:
  FileParser(const source::Sources& sources, Fixed fixed, diag::Emitter& emitter, Tree& tree,
             Marks* marks, Readings* before)
      : tokens_(std::move(fixed.tokens)),
        grammar_(tokens_, before),
        builder_({sources, tokens_, emitter}, tree),
        mender_({sources.text(tree.file), tree.file, tokens_, grammar_, emitter, fixed.isCut}),
        tree_(tree),
        marks_(marks) {}

  void run() {
    while (kind(at_) != Tok::End && !mender_.isExhausted()) {
      bool isExport = kind(at_) == Tok::KwExport;
      bool isFlow = kind(at_ + isExport) == Tok::KwFlow && isName(kind(at_ + isExport + 1));
      if (isFlow)
        flow();
      else if (read(Rule::Decl))
        tree_.decls.push_back(builder_.decl());
    }
  }

 private:
  Tok kind(uint32_t at) const { return tokens_[at].kind; }

  /// Reads one thing, or mends where it cannot be; the caller comes back then.
  bool read(Rule rule) {
    Reading reading = grammar_.read(rule, at_, builder_.nodes);
    if (reading.ok && hasSwallowedName(reading.at)) {
      --reading.at;
      reading.ok = false;
      reading.rule = Rule::Expr;
    }
    if (!reading.ok) {
      mender_.mend(rule, at_, reading);
      return false;
    }
    at_ = reading.at;
    if (marks_) noteMarks();
    return true;
  }

  void mark(uint32_t token, Mark::Kind kind) { marks_->push_back({tokens_[token].begin, kind}); }

  void noteMarks() {
    const std::vector<Node>& nodes = builder_.nodes;
    for (size_t n = 0; n < nodes.size(); ++n) {
      const Node& node = nodes[n];
      bool hasPart = node.next > n + 1;
      switch (node.rule) {
        case Rule::Decl:
        case Rule::FlowOpen:
        case Rule::Stmt:
        case Rule::Flag:
        case Rule::Enumerator:
        case Rule::Param:
          mark(node.first, Mark::Item);
          break;
        case Rule::Clause:
          mark(node.first, Mark::Clause);
          break;
        case Rule::Tail:
          mark(node.first, Mark::Tail);
          break;
        case Rule::Arguments:
        case Rule::Brackets:
          mark(node.first, Mark::Tight);
          break;
        case Rule::Params:
          // `key (z: Int)` of a kind is no call.
          if (nodes[n - 1].rule != Rule::KindAttr) mark(node.first, Mark::Tight);
          break;
        case Rule::Type:
          for (uint32_t at = nodes[n + 1].end; at < node.end; ++at) mark(at, Mark::TypeSign);
          break;
        case Rule::Unary:
        case Rule::AttrValue:
          for (uint32_t at = node.first; at < (hasPart ? nodes[n + 1].first : node.end); ++at)
            if (kind(at) == Tok::Minus) mark(at, Mark::Prefix);
          break;
        default:
          break;
      }
    }
  }

  /// `a =` without a value takes the next line's name for it: `a = b` and then `= c`.
  bool hasSwallowedName(uint32_t next) const {
    return kind(next) == Tok::Equal && next > at_ + 1 && isName(kind(next - 1)) &&
           mender_.isFirstOnLine(next - 1);
  }

  void flow() {
    if (!read(Rule::FlowOpen)) return;
    uint32_t opening = at_ - 1;
    Decl* decl = builder_.flowOpen();
    tree_.decls.push_back(decl);
    auto& body = std::get<FlowDecl>(decl->as).body;
    while (kind(at_) != Tok::RBrace && !mender_.isExhausted()) {
      if (kind(at_) == Tok::End || mender_.isDeclStart(at_)) {
        mender_.reportOpen(opening, at_);
        return;
      }
      if (read(Rule::Stmt)) body.push_back(builder_.stmt());
    }
    if (kind(at_) != Tok::RBrace) return;
    decl->range.end = tokens_[at_].end;
    ++at_;
  }

  std::vector<Token> tokens_;
  Grammar grammar_;
  Builder builder_;
  Mender mender_;
  Tree& tree_;
  Marks* marks_;
  uint32_t at_ = 0;
};

}  // namespace

Tree parse(const source::Sources& sources, source::FileId file, diag::Emitter& emitter,
           Marks* marks, Readings* before) {
  Tree tree;
  tree.file = file;
  std::string_view text = sources.text(file);
  checkBytes(text, sources.isAscii(file), file, emitter);
  Tokens lexed;
  const Tokens& tokens = before ? before->tokensOf(sources.path(file), text) : (lexed = lex(text));
  addComments(tokens.comments, text, tree);
  FileParser(sources, fixTokens(tokens.all, text, file, emitter), emitter, tree, marks, before)
      .run();
  return tree;
}

}  // namespace wfc::syntax
