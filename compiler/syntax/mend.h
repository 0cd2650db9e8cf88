// What to do when the grammar stops at a token: find the smallest change of the tokens with which
// it reads on, report that change, and make it.
//
// Changes are tried in the order of how likely they are (a comma, a bracket, a misspelt word, …),
// and what reads farthest wins. Where none helps, the statement, clause or declaration becomes a
// hole. So every message says what was wrong rather than what the grammar expected, several
// mistakes of one file are found in one run, and the grammar itself never sees an error rule.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diag/emitter.h"
#include "compiler/source/sources.h"
#include "compiler/syntax/grammar.h"
#include "compiler/syntax/token.h"

namespace wfc::syntax {

class Mender {
 public:
  struct Input {
    std::string_view text;
    source::FileId file;
    std::vector<Token>& tokens;
    Grammar& grammar;
    diag::Emitter& emitter;
    /// The end of the tokens is not the end of the text, and no mistake.
    bool isCut = false;
  };
  explicit Mender(const Input& input) : in_(input) {}

  /// `start`, read at token `first`, failed as `reading` says. Reports, and changes the tokens from
  /// `first` on so that reading there again gets farther.
  void mend(Rule start, uint32_t first, const Reading& reading);

  /// The flow or block opened at token `opening` lacks its `}` before token `at`.
  void reportOpen(uint32_t opening, uint32_t at);

  /// Too much was wrong already: the rest is not worth reading.
  bool isExhausted() const { return errors_ >= maxErrors; }

  /// A declaration begins here, so whatever is open should have been closed.
  bool isDeclStart(uint32_t at) const;

  bool isFirstOnLine(uint32_t at) const;

 private:
  static constexpr size_t maxErrors = 50;
  static constexpr size_t maxInOneItem = 12;
  /// What is beyond so many tokens says nothing about a change here.
  static constexpr uint32_t lookAhead = 24;
  static constexpr size_t maxTokensReread = 4'000'000;

  /// Replaces `removed` tokens at `at`.
  struct Edit {
    enum Kind : uint8_t {
      Reserved,
      Equal,
      Braces,
      Misspelt,
      Comma,
      Word,
      Closing,
      Value,
      Stray,
      Name,
      Foreign
    };
    Kind kind = Stray;
    uint32_t at = 0;
    uint32_t removed = 0;
    std::vector<Tok> put;
    /// Kind Closing: the bracket. Kind Braces: the closing brace.
    uint32_t other = 0;
  };
  struct Try {
    /// The token that could not be read, or the horizon.
    uint32_t at = 0;
    /// Items read to their end.
    uint32_t items = 0;
  };

  std::vector<Edit> edits(uint32_t first, const Reading& reading) const;
  void equalEdits(uint32_t k, std::vector<Edit>& into) const;
  void foreignEdits(uint32_t first, uint32_t k, std::vector<Edit>& into) const;
  bool mendTail(uint32_t first, uint32_t k);
  void misspeltEdits(uint32_t first, uint32_t k, std::vector<Edit>& into) const;
  void closingEdits(uint32_t first, uint32_t k, std::vector<Edit>& into) const;
  void wordEdits(const Reading& reading, std::vector<Edit>& into) const;
  Try attempt(Rule start, uint32_t first, const Edit& edit, uint32_t horizon);
  Try readOn(Rule start, uint32_t first, uint32_t horizon);
  bool isFlowStart(uint32_t at) const;
  std::vector<Token> apply(const Edit& edit);
  void undo(const Edit& edit, const std::vector<Token>& old);

  // mend_report.cpp
  void report(const Edit& edit, uint32_t errorAt);
  void reportTooLong(uint32_t first);
  void reportEqual(const Edit& edit);
  void reportForeign(const Edit& edit);
  void reportUnexpected(uint32_t first, const Reading& reading);
  std::string foundAt(uint32_t at) const;
  std::string hintForStray(uint32_t at) const;
  std::string expected(uint32_t first, const Reading& reading) const;

  // mend_cut.cpp
  void cut(Rule start, uint32_t first, const Reading& reading);
  bool cutPart(Rule start, uint32_t first, uint32_t k);
  void cutWhole(Rule start, uint32_t first, uint32_t k);
  uint32_t borderAfter(uint32_t at, bool isWhole) const;
  void replace(uint32_t at, uint32_t end, const std::vector<Tok>& put);
  bool isStmtStart(uint32_t at) const;
  bool isClauseStart(uint32_t at) const;

  Tok kind(uint32_t at) const { return in_.tokens[at].kind; }
  std::string_view textOf(uint32_t at) const;
  source::Range rangeOf(uint32_t at) const;
  source::Range gapBefore(uint32_t at) const;
  uint32_t innermostOpen(uint32_t first, uint32_t k) const;

  Input in_;
  std::vector<Node> nodes_;
  size_t errors_ = 0;
  size_t reread_ = 0;
  uint32_t item_ = UINT32_MAX;
  size_t inItem_ = 0;
};

}  // namespace wfc::syntax
