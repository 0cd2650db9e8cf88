// Holes to variables. The code is read once with one byte in the place of every hole, which tells
// the quotes that each stands in.
#include "compiler/ir/body.h"

#include <cmath>
#include <map>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>

#include "compiler/ir/eval.h"
#include "compiler/ir/python_reader.h"
#include "compiler/ir/shell_reader.h"

namespace wfc::ir {

namespace {

/// The text of a body with a byte for each hole, and where those are.
struct Outline {
  std::string text;
  std::vector<size_t> holes;
};

Outline outlineOf(const Body& body) {
  Outline outline;
  for (const Piece& piece : body.pieces) {
    if (piece.hole >= 0) outline.holes.push_back(outline.text.size());
    outline.text += piece.hole >= 0 ? std::string(1, kHoleByte) : piece.text;
  }
  return outline;
}

/// True if `text` ends with a `$` that would be read together with a variable behind it.
bool endsWithDollar(llvm::StringRef text) {
  size_t dollars = text.size() - text.rtrim('$').size();
  llvm::StringRef before = text.drop_back(dollars);
  size_t slashes = before.size() - before.rtrim('\\').size();
  // `$$` is the process, and `\$` is plain.
  return (dollars - std::min(slashes % 2, dollars)) % 2 == 1;
}

class ShellCode {
 public:
  explicit ShellCode(const Body& body) : outline_(outlineOf(body)) {
    ShellText read = readShell(outline_.text);
    for (const ShellPiece& piece : read.pieces)
      if (piece.kind == ShellPiece::Hole) quotes_[piece.begin] = piece.quote;
  }

  /// What is written for the nth hole of the text. `before` is the code so far.
  std::string reference(size_t n, const Hole& hole, std::string& before) const {
    size_t at = outline_.holes[n];
    auto found = quotes_.find(at);
    char quote = found == quotes_.end() ? 0 : found->second;
    bool expands = quote != '\'' && quote != '$' && quote != 'H';
    // A `$` of its own right before a hole stays one.
    if (expands && endsWithDollar(before)) before.insert(before.size() - 1, "\\");
    char next = at + 1 < outline_.text.size() ? outline_.text[at + 1] : 0;
    return spelling(hole, quote, llvm::isAlnum(next) || next == '_' || next == '[');
  }

 private:
  /// One word whatever the value is, or nothing where there is none.
  static std::string spelling(const Hole& hole, char quote, bool isNameNext) {
    const std::string& name = hole.variable;
    std::string joined = fmt::format("${{{}[*]}}", name), braced = fmt::format("${{{}}}", name);
    std::string bare = hole.list ? joined : isNameNext ? braced : "$" + name;
    // '…' is left and entered again around the value.
    if (quote == '\'' || quote == '$')
      return fmt::format("'\"{}\"{}", hole.list ? joined : braced, quote == '$' ? "$'" : "'");
    if (quote != 0 || hole.raw) return bare;
    if (hole.list) return fmt::format("\"${{{}[@]}}\"", name);
    if (hole.isSwitch) return fmt::format("${{{}+{}}}", name, hole.flag);
    std::string word = fmt::format("\"${}\"", name);
    if (!hole.optional) return word;
    return fmt::format("${{{}+{}{}{}}}", name, hole.flag, hole.flag.empty() ? "" : " ", word);
  }

  Outline outline_;
  std::map<size_t, char> quotes_;
};

class PythonCode {
 public:
  explicit PythonCode(const Body& body) {
    Outline outline = outlineOf(body);
    places_ = readPython(outline.text, outline.holes);
  }

  std::string reference(size_t n, const Hole& hole, std::string&) const {
    // Before Python 3.12 the code in an f-string may not use the quotes around it.
    char quote = places_[n].quote == '"' ? '\'' : '"';
    return fmt::format("wfr[{0}{1}{0}]", quote, hole.variable);
  }

 private:
  std::vector<PythonPlace> places_;
};

template <class Writer>
std::string write(const Body& body, std::string code, std::vector<CodePiece>* pieces) {
  Writer writer(body);
  size_t hole = 0;
  for (size_t i = 0; i < body.pieces.size(); ++i) {
    const Piece& piece = body.pieces[i];
    std::string text = piece.text;
    if (piece.hole >= 0)
      text = writer.reference(hole++, body.holes[static_cast<size_t>(piece.hole)], code);
    if (pieces) {
      if (!pieces->empty()) pieces->back().end = code.size();
      pieces->push_back({code.size(), code.size() + text.size(), i});
    }
    code += text;
  }
  if (!llvm::StringRef(code).ends_with("\n")) code += '\n';
  return code;
}

}  // namespace

std::string bodyCode(const Body& body, std::vector<CodePiece>* pieces) {
  if (body.language != Body::Python) return write<ShellCode>(body, "", pieces);
  std::string head;
  // What is not UTF-8, as a path may be, arrives as Python's own paths do.
  if (!body.holes.empty())
    head =
        "import json, os\n"
        "wfr = json.load(open(os.environ[\"WFR_VARS\"], encoding=\"utf-8\", "
        "errors=\"surrogateescape\"))\n";
  return write<PythonCode>(body, std::move(head), pieces);
}

std::string variablesFile(const std::vector<std::pair<std::string, std::string>>& variables) {
  std::string text;
  for (const auto& [name, json] : variables)
    text += fmt::format("{}\n \"{}\": {}", text.empty() ? "{" : ",", name, json);
  return text.empty() ? "{}\n" : text + "\n}\n";
}

std::string variableJson(const Module& module, const Value& value) {
  if (value.kind == Value::Float) {
    // JSON as Python reads and writes it, with the numbers that JSON lacks.
    if (std::isnan(value.f)) return "NaN";
    if (std::isinf(value.f)) return value.f > 0 ? "Infinity" : "-Infinity";
    return floatText(value.f);
  }
  if (value.kind != Value::List && value.kind != Value::Set) return toJson(module, value);
  std::string text = "[";
  for (size_t n = 0; n < value.size(); ++n)
    text += (n > 0 ? ", " : "") + variableJson(module, value.at(n));
  return text + "]";
}

std::string shellQuoted(llvm::StringRef text) {
  std::string quoted = "'";
  for (char c : text) {
    if (c == '\'')
      quoted += "'\\''";
    else
      quoted += c;
  }
  return quoted + "'";
}

std::string shellWord(llvm::StringRef text) {
  bool isBare = !text.empty() && llvm::all_of(text, [](char c) {
    return llvm::isAlnum(c) || llvm::StringRef("_-./:,+@%").contains(c);
  });
  return isBare ? text.str() : shellQuoted(text);
}

}  // namespace wfc::ir
