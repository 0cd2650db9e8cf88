// What the generated lexer cannot say in rules: which string a line end closes, and whether a `}`
// or
// `:` belongs to an interpolation. Only the generated lexer uses it, and only tests use that.
#pragma once

#include <cstdint>
#include <vector>

#include <antlr4-runtime.h>

namespace wfc::syntax::antlr {

class WorkflowLexerBase : public antlr4::Lexer {
 public:
  using antlr4::Lexer::Lexer;

  void reset() override;

 protected:
  void openString(bool isTriple);
  void closeString();
  void openHole();
  void closeBrace();
  void openBracket();
  void closeBracket();
  void colon();
  void newline();

 private:
  enum class Kind : uint8_t { OneLine, Triple, Hole };
  struct Open {
    Kind kind;
    uint32_t brackets = 0;
  };
  bool inHole() const { return !open_.empty() && open_.back().kind == Kind::Hole; }
  void leave();

  std::vector<Open> open_;
};

}  // namespace wfc::syntax::antlr

using wfc::syntax::antlr::WorkflowLexerBase;
