// ANTLR lives here: its parser is fed from our token vector and watched rule by rule, without a
// parse tree. Prediction is SLL, which for this grammar is all of LL (test/syntax/ambiguity.test),
// and the first token that does not fit ends the read: mending is repair.cpp's work.
//
// What the runtime allocates for a read is dropped after it, and what it keeps between reads (the
// prediction tables) is never freed, because the process ends soon.
#include "compiler/syntax/grammar.h"

#include <deque>

#include <antlr4-runtime.h>

#include "compiler/syntax/WorkflowParser.h"
#include "compiler/syntax/readings.h"

namespace wfc::syntax {
namespace {

using antlr::WorkflowParser;

#define WFC_TOKEN(name, spelling) \
  static_assert(static_cast<size_t>(Tok::name) == WorkflowParser::name);
#define WFC_RESERVED(name, word) WFC_TOKEN(name, word)
#define WFC_SOFT(name, word) WFC_TOKEN(name, word)
#include "compiler/syntax/tokens.def"

#define WFC_RULE(name, rule) \
  static_assert(static_cast<size_t>(Rule::name) == WorkflowParser::Rule##name);
#include "compiler/syntax/rules.def"

/// Thrown out of a read at its first error, and caught in Grammar::read.
struct Stop {};

/// A token as the runtime wants it; it knows its place in our vector.
class RuntimeToken : public antlr4::Token {
 public:
  RuntimeToken(size_t type, size_t index) : type_(type), index_(index) {}

  std::string getText() const override { return {}; }
  size_t getType() const override { return type_; }
  size_t getLine() const override { return 0; }
  size_t getCharPositionInLine() const override { return 0; }
  size_t getChannel() const override { return 0; }
  size_t getTokenIndex() const override { return index_; }
  size_t getStartIndex() const override { return index_; }
  size_t getStopIndex() const override { return index_; }
  antlr4::TokenSource* getTokenSource() const override { return nullptr; }
  antlr4::CharStream* getInputStream() const override { return nullptr; }
  std::string toString() const override { return {}; }

 private:
  size_t type_;
  size_t index_;
};

size_t runtimeType(Tok kind) {
  return kind == Tok::End ? antlr4::Token::EOF : static_cast<size_t>(kind);
}

/// Our tokens as a stream. Token objects are made as far as they are looked at.
class Stream : public antlr4::TokenStream {
 public:
  explicit Stream(const std::vector<Token>& tokens) : tokens_(tokens) {}

  /// The end of a construct was too far away, perhaps while looking ahead.
  bool isTooLong = false;
  /// The last token that was looked at.
  size_t farthest = 0;

  void restart(size_t first) {
    isTooLong = false;
    made_.clear();
    base_ = pos_ = farthest = first;
  }

  void consume() override {
    if (pos_ + 1 < tokens_.size()) ++pos_;
    if (pos_ - base_ <= maxItemTokens) return;
    isTooLong = true;
    throw Stop();
  }
  size_t LA(ssize_t i) override {
    size_t at = i > 0 ? pos_ + static_cast<size_t>(i) - 1 : pos_ + static_cast<size_t>(i);
    farthest = std::max(farthest, at);
    return runtimeType(tokens_[std::min(at, tokens_.size() - 1)].kind);
  }
  antlr4::Token* LT(ssize_t k) override {
    size_t at = k > 0 ? pos_ + static_cast<size_t>(k) - 1 : pos_ - 1;
    if (k <= 0 && pos_ <= base_) return nullptr;
    farthest = std::max(farthest, at);
    return get(std::min(at, tokens_.size() - 1));
  }
  antlr4::Token* get(size_t index) const override {
    while (made_.size() <= index - base_) {
      size_t i = base_ + made_.size();
      made_.emplace_back(runtimeType(tokens_[i].kind), i);
    }
    return &made_[index - base_];
  }
  ssize_t mark() override { return 0; }
  void release(ssize_t) override {}
  size_t index() override { return pos_; }
  void seek(size_t index) override { pos_ = index; }
  size_t size() override { return tokens_.size(); }
  std::string getSourceName() const override { return {}; }
  antlr4::TokenSource* getTokenSource() const override { return nullptr; }
  std::string getText(const antlr4::misc::Interval&) override { return {}; }
  std::string getText() override { return {}; }
  std::string getText(antlr4::RuleContext*) override { return {}; }
  std::string getText(antlr4::Token*, antlr4::Token*) override { return {}; }

 private:
  const std::vector<Token>& tokens_;
  mutable std::deque<RuntimeToken> made_;
  size_t base_ = 0;
  size_t pos_ = 0;
};

/// Its presence makes the parser call the two trigger functions below.
class Presence : public antlr4::tree::ParseTreeListener {
  void visitTerminal(antlr4::tree::TerminalNode*) override {}
  void visitErrorNode(antlr4::tree::ErrorNode*) override {}
  void enterEveryRule(antlr4::ParserRuleContext*) override {}
  void exitEveryRule(antlr4::ParserRuleContext*) override {}
};

/// Notes every rule as it begins and ends.
class Reader : public WorkflowParser {
 public:
  explicit Reader(Stream& stream) : WorkflowParser(&stream), stream_(stream) {
    setBuildParseTree(false);
    removeErrorListeners();
    addParseListener(&presence_);
    getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(
        antlr4::atn::PredictionMode::SLL);
  }

  void restart(size_t first, std::vector<Node>& nodes) {
    reset();
    stream_.restart(first);
    nodes_ = &nodes;
    nodes.clear();
    open_.clear();
  }

  void finish() {
    setContext(nullptr);
    getTreeTracker().reset();
  }

  void triggerEnterRuleEvent() override {
    open_.push_back(static_cast<uint32_t>(nodes_->size()));
    auto rule = static_cast<Rule>(getContext()->getRuleIndex());
    auto at = static_cast<uint32_t>(stream_.index());
    nodes_->push_back({rule, at, at, 0});
  }
  void triggerExitRuleEvent() override {
    Node& node = (*nodes_)[open_.back()];
    node.end = static_cast<uint32_t>(stream_.index());
    node.next = static_cast<uint32_t>(nodes_->size());
    open_.pop_back();
  }
  antlr4::Token* consume() override {
    antlr4::Token* token = getCurrentToken();
    stream_.consume();
    return token;
  }

 private:
  Stream& stream_;
  Presence presence_;
  std::vector<Node>* nodes_ = nullptr;
  std::vector<uint32_t> open_;
};

/// Notes the first error and gives up.
class StopAtFirst : public antlr4::DefaultErrorStrategy {
 public:
  Reading result;

  void reportError(antlr4::Parser* parser, const antlr4::RecognitionException& e) override {
    note(parser, e.getOffendingToken()->getTokenIndex());
  }
  void recover(antlr4::Parser*, std::exception_ptr) override { throw Stop(); }
  antlr4::Token* recoverInline(antlr4::Parser* parser) override {
    note(parser, parser->getCurrentToken()->getTokenIndex());
    throw Stop();
  }
  void sync(antlr4::Parser*) override {}

 private:
  void note(antlr4::Parser* parser, size_t at) {
    result.at = static_cast<uint32_t>(at);
    result.rule = static_cast<Rule>(parser->getContext()->getRuleIndex());
    if (parser->getTokenStream()->index() != at) return;
    for (ssize_t type : parser->getExpectedTokens().toList())
      result.expected.push_back(type < 0 ? Tok::End : static_cast<Tok>(type));
  }
};

}  // namespace

struct Grammar::State {
  State(const std::vector<Token>& tokens, Readings* before)
      : tokens(tokens), before(before), stream(tokens), reader(stream) {
    reader.setErrorHandler(strategy);
  }
  const std::vector<Token>& tokens;
  Readings* before;
  Stream stream;
  Reader reader;
  std::shared_ptr<StopAtFirst> strategy = std::make_shared<StopAtFirst>();
};

Grammar::Grammar(const std::vector<Token>& tokens, Readings* before)
    : state_(std::make_unique<State>(tokens, before)) {}
Grammar::~Grammar() = default;

Reading Grammar::read(Rule start, uint32_t first, std::vector<Node>& nodes) {
  Readings* before = state_->before;
  if (const auto* seen = before ? before->find(start, state_->tokens, first) : nullptr) {
    nodes = seen->nodes;
    for (Node& node : nodes) node.first += first, node.end += first;
    Reading reading;
    reading.ok = true;
    reading.at = first + seen->length;
    return reading;
  }
  Reading reading = readAnew(start, first, nodes);
  auto last = static_cast<uint32_t>(state_->stream.farthest);
  if (before && reading.ok) before->add({start, first, last, reading.at}, state_->tokens, nodes);
  return reading;
}

Reading Grammar::readAnew(Rule start, uint32_t first, std::vector<Node>& nodes) {
  Reader& reader = state_->reader;
  reader.restart(first, nodes);
  state_->strategy->result = {};
  try {
    switch (start) {
      case Rule::FlowOpen:
        reader.flowOpen();
        break;
      case Rule::Stmt:
        reader.stmt();
        break;
      default:
        reader.decl();
        break;
    }
    state_->strategy->result.ok = true;
    state_->strategy->result.at = static_cast<uint32_t>(state_->stream.index());
  } catch (const Stop&) {
    auto at = static_cast<uint32_t>(state_->stream.index());
    if (state_->stream.isTooLong) state_->strategy->result = {false, true, at, start, {}};
  }
  reader.finish();
  return std::move(state_->strategy->result);
}

}  // namespace wfc::syntax
