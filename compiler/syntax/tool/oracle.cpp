// ANTLR with everything switched on: the generated lexer over bytes, and the whole grammar from its
// start rule under exact ambiguity detection.
//
// Bytes rather than code points, so that offsets compare with ours and invalid UTF-8 does not
// throw.
#include "compiler/syntax/tool/oracle.h"

#include <antlr4-runtime.h>
#include <fmt/format.h>

#include "compiler/syntax/WorkflowLexer.h"
#include "compiler/syntax/WorkflowParser.h"

namespace wfc::syntax {
namespace {

class ByteStream : public antlr4::CharStream {
 public:
  explicit ByteStream(std::string_view text, size_t begin) : text_(text), pos_(begin) {}

  void consume() override { ++pos_; }
  size_t LA(ssize_t i) override {
    size_t at = i > 0 ? pos_ + static_cast<size_t>(i) - 1 : pos_ + static_cast<size_t>(i);
    if (i == 0 || at >= text_.size()) return i == 0 ? 0 : antlr4::Token::EOF;
    return static_cast<unsigned char>(text_[at]);
  }
  ssize_t mark() override { return -1; }
  void release(ssize_t) override {}
  size_t index() override { return pos_; }
  void seek(size_t index) override { pos_ = index; }
  size_t size() override { return text_.size(); }
  std::string getSourceName() const override { return "text"; }
  std::string getText(const antlr4::misc::Interval&) override { return {}; }
  std::string toString() const override { return {}; }

 private:
  std::string_view text_;
  size_t pos_;
};

size_t startOf(std::string_view text) { return text.starts_with("\xef\xbb\xbf") ? 3 : 0; }

class Findings : public antlr4::BaseErrorListener {
 public:
  std::vector<std::string> lines;

  void syntaxError(antlr4::Recognizer*, antlr4::Token* token, size_t, size_t,
                   const std::string& message, std::exception_ptr) override {
    lines.push_back(fmt::format("{}: {}", token ? token->getStartIndex() : 0, message));
  }
  void reportAmbiguity(antlr4::Parser* parser, const antlr4::dfa::DFA& dfa, size_t begin,
                       size_t end, bool, const antlrcpp::BitSet&,
                       antlr4::atn::ATNConfigSet*) override {
    add("ambiguous", parser, dfa, begin, end);
  }
  void reportAttemptingFullContext(antlr4::Parser* parser, const antlr4::dfa::DFA& dfa,
                                   size_t begin, size_t end, const antlrcpp::BitSet&,
                                   antlr4::atn::ATNConfigSet*) override {
    add("more than SLL", parser, dfa, begin, end);
  }

 private:
  void add(std::string_view what, antlr4::Parser* parser, const antlr4::dfa::DFA& dfa, size_t begin,
           size_t end) {
    size_t rule = dfa.atnStartState->ruleIndex;
    auto* tokens = parser->getTokenStream();
    lines.push_back(fmt::format("{}-{}: {} in rule {}", tokens->get(begin)->getStartIndex(),
                                tokens->get(end)->getStopIndex(), what,
                                parser->getRuleNames()[rule]));
  }
};

}  // namespace

std::vector<Token> oracleTokens(std::string_view text) {
  ByteStream bytes(text, startOf(text));
  antlr::WorkflowLexer lexer(&bytes);
  lexer.removeErrorListeners();
  std::vector<Token> found;
  for (auto token = lexer.nextToken();; token = lexer.nextToken()) {
    bool isEnd = token->getType() == antlr4::Token::EOF;
    auto begin = static_cast<uint32_t>(isEnd ? text.size() : token->getStartIndex());
    auto end = static_cast<uint32_t>(isEnd ? text.size() : token->getStopIndex() + 1);
    found.push_back({isEnd ? Tok::End : static_cast<Tok>(token->getType()), false, begin, end});
    if (isEnd) return found;
  }
}

std::vector<std::string> findAmbiguities(std::string_view text) {
  ByteStream bytes(text, startOf(text));
  antlr::WorkflowLexer lexer(&bytes);
  antlr4::CommonTokenStream tokens(&lexer);
  antlr::WorkflowParser parser(&tokens);
  Findings findings;
  parser.removeErrorListeners();
  parser.addErrorListener(&findings);
  parser.getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(
      antlr4::atn::PredictionMode::LL_EXACT_AMBIG_DETECTION);
  parser.file();
  return findings.lines;
}

}  // namespace wfc::syntax
