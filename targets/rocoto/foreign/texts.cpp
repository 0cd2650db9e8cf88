// See texts.h. A hole is one word of the shell; in a word in single quotes it stands between two.
#include "targets/rocoto/foreign/texts.h"

#include "fmt/format.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace wfc::targets::rocoto::foreign {

std::string durationText(int64_t seconds) { return target::flowDuration(seconds * 1000); }

std::string timeText(int64_t time) { return rendered("@Y-@m-@dT@H:@MZ", time); }

std::string Texts::parameter(size_t loop, size_t variable) const {
  std::string name = flow_.loops[loop].fields[variable];
  int same = 0;
  for (size_t other : family_.loops) {
    if (other == loop) break;
    same += llvm::is_contained(flow_.loops[other].fields, name) ? 1 : 0;
  }
  return same == 0 ? name : fmt::format("{}_{}", name, same + 1);
}

void Texts::hole(const std::string& value, Place place) {
  if (place == Place::Heredoc)
    out_ += "@raw{" + value + "}";
  else if (place == Place::Script && isSingle_)
    out_ += "'@{" + value + "}'";
  else
    out_ += "@{" + value + "}";
}

void Texts::literal(llvm::StringRef text, Place place) {
  for (size_t n = 0; n < text.size(); ++n) {
    char c = text[n];
    if (c == '\'' && !isDouble_) isSingle_ = !isSingle_;
    if (c == '"' && !isSingle_) isDouble_ = !isDouble_;
    bool isMark =
        c == '@' && (text.substr(n + 1).starts_with("{") || text.substr(n + 1).starts_with("raw{"));
    if (isMark) {
      out_ += "@@";
    } else if (place == Place::String && (c == '"' || c == '\\')) {
      out_ += fmt::format("\\{}", c);
    } else if (place == Place::String && llvm::isSpace(c)) {
      out_ += c == '\n' ? "\\n" : c == '\t' ? "\\t" : " ";
    } else {
      out_ += c;
    }
  }
}

/// A text with `#name#` in it.
bool Texts::plain(const Text& text, bool isCycle, Place place, Refusal& refusal) {
  llvm::StringRef all = text.str();
  for (size_t at = 0; at < all.size();) {
    size_t begin = all.size(), end = 0, loop = 0, variable = 0;
    for (size_t l : family_.loops)
      for (size_t v = 0; v < flow_.loops[l].fields.size(); ++v) {
        std::string mark = "#" + flow_.loops[l].metatask->variables[v].name + "#";
        size_t found = all.find(mark, at);
        if (found >= begin || found == llvm::StringRef::npos) continue;
        begin = found;
        end = found + mark.size();
        loop = l;
        variable = v;
      }
    std::string before = all.slice(at, begin).str();
    for (const auto& [name, value] : family_.constants)
      for (size_t found; (found = before.find("#" + name + "#")) != std::string::npos;)
        before.replace(found, name.size() + 2, value);
    literal(before, place);
    if (begin == all.size()) break;
    for (const Text& value : flow_.loops[loop].metatask->variables[variable].values)
      if (isCycle && value.str().find_first_of("@%") != std::string::npos) {
        refusal = {value.at(), "a value of a metatask with flags of cycles in it", ""};
        return false;
      }
    uses_.variables.insert({loop, variable});
    hole(isInTask_ ? parameter(loop, variable) : flow_.loops[loop].field(variable), place);
    at = end;
  }
  return true;
}

bool Texts::part(const TimeString::Part& part, Place place, Refusal& refusal) {
  if (!part.isCycle) return plain(part.text, false, place, refusal);
  llvm::StringRef all = part.text.str();
  std::string base = isInTask_ ? "cycle" : "c.start";
  if (part.offset != 0)
    base += fmt::format(" {} {}", part.offset < 0 ? "-" : "+", durationText(std::abs(part.offset)));
  std::vector<Token> tokens = tokensOf(all);
  for (size_t n = 0; n < tokens.size(); ++n) {
    std::string format;
    for (; n < tokens.size() && tokens[n].kind == Token::Flag; ++n) {
      llvm::StringRef flag = all.slice(tokens[n].begin + 1, tokens[n].end);
      if (flag.size() != 1 || !llvm::StringRef("YmdyjbBaAFuHMSTs").contains(flag)) {
        refusal = {part.text.at(tokens[n].begin, tokens[n].end),
                   fmt::format("the flag `@{}`", flag), "texts of a flow have none such"};
        return false;
      }
      format += "%" + flag.str();
    }
    if (!format.empty()) {
      uses_.cycle = true;
      hole(base + ":" + format, place);
    }
    if (n == tokens.size()) break;
    const Token& token = tokens[n];
    if (token.kind == Token::Mangled) {
      refusal = {part.text.at(token.begin, token.end), "a percent sign that Rocoto mangles", ""};
      return false;
    }
    if (token.kind == Token::At) literal("@", place);
    if (token.kind == Token::Unknown)
      literal("%" + all.slice(token.begin + 1, token.end).str(), place);
    if (token.kind == Token::Literal &&
        !plain(part.text.slice(token.begin, token.end), true, place, refusal))
      return false;
  }
  return true;
}

std::optional<std::string> Texts::write(const TimeString& text, Place place, Refusal& refusal) {
  out_.clear();
  isSingle_ = isDouble_ = false;
  for (const TimeString::Part& one : text.parts)
    if (!part(one, place, refusal)) return std::nullopt;
  // What is in the entities of the document may end with blanks; Rocoto cuts both ends.
  llvm::StringRef whole = out_;
  while (place == Place::String &&
         (whole.consume_front("\\n") || whole.consume_front("\\t") || whole.consume_front(" "))) {
  }
  while (place == Place::String &&
         (whole.consume_back("\\n") || whole.consume_back("\\t") || whole.consume_back(" "))) {
  }
  return place == Place::String ? whole.str() : whole.trim().str();
}

std::optional<std::string> Texts::string(const TimeString& text, Refusal& refusal) {
  return write(text, Place::String, refusal);
}

std::optional<std::string> Texts::script(const TimeString& text, Refusal& refusal) {
  std::string written = text.written();
  if (written.find("\"\"\"") != std::string::npos) {
    refusal = {text.at, "a script with three quotes in a row", "they end a script of a flow"};
    return std::nullopt;
  }
  return write(text, written.find("<<") == std::string::npos ? Place::Script : Place::Heredoc,
               refusal);
}

}  // namespace wfc::targets::rocoto::foreign
