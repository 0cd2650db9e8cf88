// Strings and scripts: literal text and interpolations.
//
// A one-line string has its escapes resolved. In a text of three quotes a backslash is a backslash;
// its first line end is dropped, the indentation common to its lines is taken away, and a last line
// of blanks alone counts as nothing. Such a text has one part a line, so that every part knows
// exactly where it stands in the source.
#include "llvm/Support/ConvertUTF.h"

#include "compiler/diag/catalog/syntax.h"
#include "compiler/syntax/builder.h"

namespace wfc::syntax {
namespace {

StringPart plain(StringRef text, Range range) {
  StringPart part;
  part.text = text;
  part.range = range;
  return part;
}

}  // namespace

Expr* Builder::text(uint32_t node) {
  Expr* expr = make(ExprKind::String, rangeOfNode(node));
  llvm::SmallVector<StringPart, 8> found;
  Walk parts = walk(node);
  if (parts.token() == Tok::String) {
    Range range = rangeOf(parts.index());
    plainPart({range.file, range.begin + 1, range.end - 1}, found);
    expr->parts = keep(found);
    return expr;
  }
  bool isTriple = parts.token() == Tok::TripleOpen;
  parts.next();
  while (!parts.done()) {
    if (parts.rule() == Rule::Hole) {
      found.push_back(holePart(parts.part()));
      continue;
    }
    uint32_t first = parts.index();
    if (parts.token() != Tok::Text) {
      parts.next();
      continue;
    }
    uint32_t last = first;
    while (parts.token() == Tok::Text) last = parts.next();
    Range range = rangeFrom(rangeOf(first), rangeOf(last));
    if (isTriple)
      found.push_back(plain(slice(range.begin, range.end), range));
    else
      plainPart(range, found);
  }
  if (isTriple) dedent(found);
  expr->parts = keep(found);
  return expr;
}

StringPart Builder::holePart(uint32_t node) {
  StringPart part;
  part.range = rangeOfNode(node);
  Walk parts = walk(node);
  part.raw = parts.token() == Tok::RawOpen;
  parts.next();
  part.hole = value(parts.part());
  if (parts.accept(Tok::FormatOpen) && parts.token() == Tok::Format)
    part.format = textOf(parts.next());
  return part;
}

void Builder::plainPart(Range range, llvm::SmallVectorImpl<StringPart>& into) {
  if (range.begin >= range.end) return;
  into.push_back(plain(unescape(range), range));
}

StringRef Builder::unescape(Range range) {
  StringRef text = slice(range.begin, range.end);
  if (text.find_first_of("\\@") == StringRef::npos) return text;
  std::string out;
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '\\') {
      i += escape(text.substr(i), range.begin + static_cast<uint32_t>(i), out);
      continue;
    }
    // `@@{` and `@@raw{` are `@{` and `@raw{`, literally.
    StringRef rest = text.substr(i);
    if (rest.starts_with("@@{") || rest.starts_with("@@raw{")) ++i;
    out += text[i++];
  }
  return copy(out);
}

/// Resolves the escape that `text` begins with; returns its length.
size_t Builder::escape(StringRef text, uint32_t offset, std::string& into) {
  char c = text.size() > 1 ? text[1] : '\0';
  switch (c) {
    case 'n':
      into += '\n';
      return 2;
    case 't':
      into += '\t';
      return 2;
    case '\\':
      into += '\\';
      return 2;
    case '"':
      into += '"';
      return 2;
    case 'u': {
      size_t close = text.find('}');
      unsigned code = 0;
      bool isRight = text.substr(2).starts_with("{") && close != StringRef::npos &&
                     !text.slice(3, close).getAsInteger(16, code) && code > 0;
      char bytes[4];
      char* end = bytes;
      if (!isRight || !llvm::ConvertCodePointToUTF8(code, end)) break;
      into.append(bytes, end);
      return close + 1;
    }
    default:
      break;
  }
  size_t length = std::min<size_t>(text.size(), 2);
  Range at = {tree_.file, offset, offset + static_cast<uint32_t>(length)};
  emitter_.report(at, diag::UnknownEscape{.escape = text.take_front(length).str()});
  into += text.take_front(length);
  return length;
}

namespace {

bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

StringRef indentOf(StringRef line) { return line.take_while(isBlank); }

StringRef commonPrefix(StringRef a, StringRef b) {
  size_t n = 0;
  while (n < a.size() && n < b.size() && a[n] == b[n]) ++n;
  return a.take_front(n);
}

/// The indentation common to all lines that are not blank. `parts` alternate between text and
/// holes; a line begins after a line end only.
StringRef commonIndent(ArrayRef<StringPart> parts) {
  StringRef common;
  bool isFirst = true;
  bool atLineStart = false;
  for (size_t i = 0; i < parts.size(); ++i) {
    StringRef rest = parts[i].text;
    if (parts[i].hole) {
      // A line that begins with a hole at its very start.
      if (atLineStart) return {};
      continue;
    }
    while (!rest.empty() || atLineStart) {
      StringRef line = rest.take_until([](char c) { return c == '\n'; });
      bool isCut = line.size() == rest.size();
      bool goesOn = isCut && i + 1 < parts.size();
      if (atLineStart && (goesOn || indentOf(line).size() != line.size())) {
        StringRef indent = indentOf(line);
        common = isFirst ? indent : commonPrefix(common, indent);
        isFirst = false;
      }
      atLineStart = !isCut;
      rest = isCut ? StringRef() : rest.drop_front(line.size() + 1);
      if (isCut || rest.empty()) break;
    }
  }
  return common;
}

}  // namespace

void Builder::dedent(llvm::SmallVectorImpl<StringPart>& parts) {
  StringRef common = commonIndent(parts);
  llvm::SmallVector<StringPart, 16> out;
  bool atLineStart = false;
  auto addLine = [&](StringRef line) {
    auto begin = static_cast<uint32_t>(line.data() - text_.data());
    Range at = {tree_.file, begin, begin + static_cast<uint32_t>(line.size())};
    bool isCrlf = line.ends_with("\r\n");
    if (isCrlf || line.contains("@@")) {
      std::string clean;
      for (size_t i = 0; i < line.size(); ++i) {
        StringRef rest = line.substr(i);
        if (rest.starts_with("@@{") || rest.starts_with("@@raw{") || rest == "\r\n") continue;
        clean += line[i];
      }
      line = copy(clean);
    }
    if (!line.empty()) out.push_back(plain(line, at));
  };
  for (size_t i = 0; i < parts.size(); ++i) {
    StringRef rest = parts[i].text;
    if (parts[i].hole) {
      out.push_back(parts[i]);
      atLineStart = false;
      continue;
    }
    // What follows the opening quotes on their line is nothing if it is blank.
    if (i == 0 &&
        indentOf(rest.take_until([](char c) { return c == '\n'; })).size() == rest.find('\n')) {
      rest = rest.drop_front(rest.find('\n') + 1);
      atLineStart = true;
    }
    while (!rest.empty()) {
      size_t end = rest.find('\n');
      StringRef line = end == StringRef::npos ? rest : rest.take_front(end + 1);
      rest = rest.drop_front(line.size());
      bool isLast = end == StringRef::npos && i + 1 == parts.size();
      if (atLineStart) {
        if (isLast && indentOf(line).size() == line.size()) break;
        if (!line.consume_front(common)) line = line.drop_front(indentOf(line).size());
      }
      addLine(line);
      atLineStart = end != StringRef::npos;
    }
  }
  parts.assign(out.begin(), out.end());
}

}  // namespace wfc::syntax
