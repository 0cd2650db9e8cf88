// The messages of the Mender.
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Path.h"

#include "compiler/diag/catalog/syntax.h"
#include "compiler/syntax/mend.h"

namespace wfc::syntax {
namespace {

std::string spelling(Tok kind) {
  std::string text(describe(kind));
  if (text.size() > 2 && text.front() == '`') return text.substr(1, text.size() - 2);
  return "x";
}

bool isValueRule(Rule rule) {
  switch (rule) {
    case Rule::Expr:
    case Rule::Cond:
    case Rule::Flat:
    case Rule::Wide:
    case Rule::WideCond:
    case Rule::WideFlat:
    case Rule::Unary:
    case Rule::Postfix:
    case Rule::Primary:
    case Rule::Reference:
    case Rule::Quantified:
    case Rule::Arithmetic:
    case Rule::Argument:
    case Rule::Arguments:
    case Rule::Item:
    case Rule::Brackets:
    case Rule::Entry:
    case Rule::List:
      return true;
    default:
      return false;
  }
}

std::string_view wordsFor(Rule rule) {
  if (isValueRule(rule)) return "a value";
  switch (rule) {
    case Rule::File:
    case Rule::Decl:
      return "a declaration";
    case Rule::Stmt:
    case Rule::Block:
    case Rule::FlowOpen:
      return "a statement";
    case Rule::Clause:
    case Rule::Clauses:
      return "a clause of the task, such as `needs`";
    case Rule::Need:
    case Rule::NeedKey:
      return "a need, such as `cpus 4`";
    case Rule::Sort:
      return "a name, or a text such as `\"h100_1g.10gb\"`";
    case Rule::Type:
    case Rule::BaseType:
    case Rule::FlagType:
      return "a type";
    case Rule::Param:
    case Rule::Params:
      return "a parameter, such as `n: Int`";
    case Rule::Flag:
      return "a flag, such as `--data: Path`";
    case Rule::Outputs:
    case Rule::Output:
    case Rule::FlowOutput:
      return "an output, such as `map: Raster`";
    case Rule::KindBase:
    case Rule::KindValue:
    case Rule::KindDecl:
      return "`file`, `dir` or a map of kinds";
    case Rule::Text:
      return "a string";
    case Rule::Name:
    case Rule::AnyName:
    case Rule::Dotted:
      return "a name";
    case Rule::Tail:
      return "what may follow a call, such as `limit` or `after`";
    default:
      return "something else";
  }
}

bool endsValue(Tok kind) {
  return kind == Tok::Id || isSoft(kind) || kind == Tok::RParen || kind == Tok::RBrack ||
         kind == Tok::String || kind == Tok::StringClose || kind == Tok::TripleClose ||
         (kind >= Tok::Instant && kind <= Tok::Quantity);
}

}  // namespace

std::string Mender::foundAt(uint32_t at) const {
  switch (kind(at)) {
    case Tok::End:
      return "the end of the file";
    case Tok::String:
    case Tok::StringOpen:
      return "a string";
    case Tok::TripleOpen:
      return "a text";
    case Tok::Text:
      return "text";
    default:
      break;
  }
  std::string_view text = textOf(at);
  bool isMadeUp = text.empty() || text.find('\n') != std::string_view::npos;
  return isMadeUp ? std::string(describe(kind(at))) : "`" + std::string(text) + "`";
}

/// A suffix where a type stands: types have names.
std::string Mender::hintForStray(uint32_t at) const {
  bool isAfterType = at > 0 && (kind(at - 1) == Tok::KwFile || kind(at - 1) == Tok::KwDir);
  if (!isAfterType || kind(at) != Tok::String) return {};
  return "a kind has the suffix: `kind Name = " + std::string(textOf(at - 1)) + " " +
         std::string(textOf(at)) + "`, and here `Name`";
}

std::string Mender::expected(uint32_t first, const Reading& reading) const {
  if (!reading.expected.empty() && reading.expected.size() <= 3) {
    std::string out;
    for (Tok wanted : reading.expected) {
      if (wanted == Tok::Hole) continue;
      if (!out.empty()) out += " or ";
      out += describe(wanted);
    }
    if (!out.empty()) return out;
  }
  uint32_t open = innermostOpen(first, reading.at);
  bool isAfterValue = reading.at > first && endsValue(kind(reading.at - 1));
  if (isValueRule(reading.rule) && isAfterValue && open != UINT32_MAX) {
    if (kind(open) == Tok::LParen) return "`,` or `)`";
    if (kind(open) == Tok::LBrack) return "`,` or `]`";
  }
  if (isValueRule(reading.rule) && isAfterValue) return "an operator or the end of the value";
  return std::string(wordsFor(reading.rule));
}

void Mender::reportUnexpected(uint32_t first, const Reading& reading) {
  std::string note;
  if (kind(reading.at) == Tok::Question) note = "a choice is `if c then a else b`";
  if (kind(reading.at) == Tok::KwElse)
    note = "`x otherwise e` is `e` where there is no `x`; a choice is `if c then a else b`";
  in_.emitter.report(rangeOf(reading.at), diag::Unexpected{.found = foundAt(reading.at),
                                                           .expected = expected(first, reading),
                                                           .note = note});
}

void Mender::reportTooLong(uint32_t first) {
  in_.emitter.report(rangeOf(first), diag::TooLong{.limit = std::to_string(maxItemTokens)});
}

void Mender::reportOpen(uint32_t opening, uint32_t at) {
  ++errors_;
  if (in_.isCut && kind(at) == Tok::End) return;
  // A brace that closes at another depth than its line was opened tells which one is really open.
  std::vector<uint32_t> open;
  uint32_t blamed = opening;
  auto columnOf = [&](uint32_t token) {
    while (token > 0 && !isFirstOnLine(token)) --token;
    uint32_t begin = in_.tokens[token].begin;
    size_t line = begin ? in_.text.rfind('\n', begin - 1) : std::string_view::npos;
    return line == std::string_view::npos ? begin : begin - static_cast<uint32_t>(line) - 1;
  };
  for (uint32_t i = opening; i < at; ++i) {
    if (kind(i) == Tok::LBrace) open.push_back(i);
    if (kind(i) != Tok::RBrace || open.empty()) continue;
    uint32_t from = open.back();
    open.pop_back();
    if (!isFirstOnLine(i) || columnOf(i) >= columnOf(from)) continue;
    blamed = from;
    break;
  }
  in_.emitter.report(
      gapBefore(at),
      diag::MissingClosing{
          .closing = "}", .found = foundAt(at), .openingAt = rangeOf(blamed), .fix = std::nullopt});
}

void Mender::reportEqual(const Edit& edit) {
  std::string wanted = spelling(edit.put[0]);
  in_.emitter.report(rangeOf(edit.at),
                     diag::WrongEqual{.found = std::string(textOf(edit.at)),
                                      .wanted = wanted,
                                      .fix = diag::Fix{rangeOf(edit.at), wanted}});
}

void Mender::reportForeign(const Edit& edit) {
  source::Range at = rangeOf(edit.at);
  llvm::StringRef text(textOf(edit.at)), found = text;
  std::string wanted, with;
  if (edit.put.empty()) {
    // The name of the constant is what remains.
    source::Range name = rangeOf(edit.at + 1);
    found = llvm::StringRef(in_.text).slice(at.begin, name.end);
    wanted = textOf(edit.at + 1);
    at.end = name.begin;
  } else if (edit.put[0] == Tok::Id) {
    // A path of a module: its name is the file's.
    wanted = with = llvm::sys::path::stem(text.trim('"')).str();
  } else {
    wanted = with = text == "elif" ? "else if" : std::string(wordOf(edit.put[0]));
  }
  in_.emitter.report(at, diag::ForeignOperator{
                             .found = found.str(), .wanted = wanted, .fix = diag::Fix{at, with}});
}

void Mender::report(const Edit& edit, uint32_t errorAt) {
  source::Range at = rangeOf(edit.at);
  source::Range gap = gapBefore(edit.at);
  std::string text(textOf(edit.at));
  diag::Emitter& emitter = in_.emitter;
  switch (edit.kind) {
    case Edit::Reserved:
      return emitter.report(at, diag::ReservedWord{.word = text});
    case Edit::Equal:
      return reportEqual(edit);
    case Edit::Braces:
      return emitter.report(at, diag::BracesForValue{});
    case Edit::Misspelt: {
      std::string nearest(wordOf(edit.put[0]));
      return emitter.report(
          at, diag::MisspeltWord{.word = text, .nearest = nearest, .fix = diag::Fix{at, nearest}});
    }
    case Edit::Foreign:
      return reportForeign(edit);
    case Edit::Comma:
      return emitter.report(
          gap, diag::MissingComma{.found = foundAt(edit.at), .fix = diag::Fix{gap, ","}});
    case Edit::Word: {
      std::string sign = spelling(edit.put[0]);
      return emitter.report(
          gap, diag::MissingWord{.wanted = std::string(describe(edit.put[0])),
                                 .found = foundAt(edit.at),
                                 .fix = diag::Fix{gap, isWord(edit.put[0]) ? " " + sign : sign}});
    }
    case Edit::Closing: {
      std::string sign = spelling(edit.put[0]);
      bool isInstead = edit.removed;
      return emitter.report(isInstead ? at : gap,
                            diag::MissingClosing{.closing = sign,
                                                 .found = foundAt(edit.at),
                                                 .openingAt = rangeOf(edit.other),
                                                 .fix = diag::Fix{isInstead ? at : gap, sign}});
    }
    case Edit::Value:
      return emitter.report(at, diag::MissingValue{.found = foundAt(edit.at)});
    case Edit::Stray:
      return emitter.report(at, diag::Stray{.found = foundAt(edit.at),
                                            .hint = hintForStray(edit.at),
                                            .fix = diag::Fix{at, ""}});
    case Edit::Name:
      return emitter.report(
          rangeOf(errorAt),
          diag::Unexpected{.found = foundAt(errorAt), .expected = "a name", .note = ""});
  }
}

}  // namespace wfc::syntax
