// The grammar at work: reads one construct from the tokens and says what it saw, as a flat list of
// rules in the order they began. This is the border of ANTLR; none of its types is here.
//
// It knows neither text nor meaning, reports nothing and mends nothing. One construct at a time (a
// declaration, a flow's head, a statement), because the runtime keeps what it makes until the end
// of a read.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "compiler/syntax/token.h"

namespace wfc::syntax {

/// Numbered as in the grammar.
enum class Rule : uint8_t {
#define WFC_RULE(name, rule) name,
#include "compiler/syntax/rules.def"
  None
};

/// One use of a rule: tokens [first, end). Its parts follow it, up to `next`.
struct Node {
  Rule rule = Rule::None;
  uint32_t first = 0;
  uint32_t end = 0;
  uint32_t next = 0;
};

/// One construct may have so many tokens; the runtime takes some 500 bytes for each.
constexpr uint32_t maxItemTokens = 500'000;

/// What a read gave.
struct Reading {
  bool ok = false;
  /// Stopped because there was no end to it (maxItemTokens).
  bool isTooLong = false;
  /// The first token not read; when not ok, the one that cannot stand where it stands.
  uint32_t at = 0;
  /// When not ok: the innermost rule that was being read, and what it could have gone on with
  /// (empty where that depends on more than one token).
  Rule rule = Rule::None;
  std::vector<Tok> expected;
};

class Readings;

class Grammar {
 public:
  /// Reads from `tokens`, which the owner may change between two reads; what was read `before` is
  /// not read again, if somebody keeps that.
  explicit Grammar(const std::vector<Token>& tokens, Readings* before = nullptr);
  ~Grammar();

  /// Reads a `start` at token `first`; `nodes` gets the rules used, `start` first.
  Reading read(Rule start, uint32_t first, std::vector<Node>& nodes);

 private:
  Reading readAnew(Rule start, uint32_t first, std::vector<Node>& nodes);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wfc::syntax
