// What is said of the thing under the pointer: its declaration and its words, its type, of a family
// its size and needs, of a quantity what it is exactly.
#include <algorithm>

#include "fmt/format.h"
#include "llvm/ADT/StringExtras.h"

#include "compiler/check/check.h"
#include "compiler/ir/eval.h"
#include "compiler/lsp/meaning.h"
#include "compiler/syntax/lexer.h"

namespace wfc::lsp {

namespace {

void paragraph(std::string& into, const std::string& text) {
  if (text.empty()) return;
  into += (into.empty() ? "" : "\n\n") + text;
}

std::string typeLine(const Meaning& meaning) {
  const Fact* fact = meaning.fact;
  if (!fact || !fact->type.valid() || fact->flow >= meaning.from->modules.size()) return {};
  const ir::Module& module = meaning.from->modules[fact->flow];
  if (fact->type.index() >= module.types.size()) return {};
  if (module.types[fact->type].kind == ir::Type::Error) return {};
  std::string text = check::typeText(module, fact->type);
  return fact->isSet ? "an ordered set of `" + text + "`" : "`" + text + "`";
}

std::string familyLines(const Meaning& meaning) {
  if (!meaning.symbol || !meaning.snapshot) return {};
  Bound bound = familyAt(*meaning.snapshot, meaning.symbol->nameAt);
  if (!bound) return {};
  std::string text;
  paragraph(text, sizeText(bound));
  std::string needs = needsText(bound), hours = hoursText(bound);
  paragraph(text, needs.empty() ? "" : "needs " + needs);
  paragraph(text, hours);
  return text;
}

/// What a module says of itself.
std::string moduleText(Session& session, const Meaning& meaning) {
  for (const Fact& fact : meaning.snapshot->index().at(meaning.symbol->nameAt.begin)) {
    if (!fact.declaredAt.valid() || meaning.snapshot->isOwn(fact.declaredAt)) continue;
    std::string path(meaning.snapshot->sources.path(fact.declaredAt.file));
    if (auto module = session.workspace.at(path)) return module->tree.doc.str();
  }
  return {};
}

/// What a task takes that is the call of a program: its head names the program, no more.
std::string signatureText(Session& session, const Meaning& meaning) {
  if (!meaning.symbol || !meaning.symbol->program.valid()) return {};
  std::string text;
  for (const Parameter& parameter : parametersOf(session, meaning))
    text += fmt::format("{}{}", text.empty() ? "" : ",\n", parameter.text);
  return text.empty() ? text : fmt::format("```wfc\n{}\n```", text);
}

std::string describe(Session& session, const Meaning& meaning) {
  std::string text;
  if (meaning.symbol)
    paragraph(text, "```wfc\n" + headOf(*meaning.snapshot, *meaning.symbol) + "\n```");
  paragraph(text, signatureText(session, meaning));
  paragraph(text, typeLine(meaning));
  paragraph(text, familyLines(meaning));
  if (meaning.symbol) paragraph(text, meaning.symbol->doc.str());
  if (meaning.symbol && meaning.symbol->kind == Kind::Module)
    paragraph(text, moduleText(session, meaning));
  return text;
}

/// `8h` in seconds, `176GiB` in bytes.
std::string quantityText(StringRef token) {
  size_t digits = token.find_if([](char c) { return llvm::isAlpha(c); });
  if (digits == StringRef::npos) return {};
  std::string number = token.take_front(digits).str();
  number.erase(std::remove(number.begin(), number.end(), '_'), number.end());
  auto value = ir::quantity(number, token.drop_front(digits));
  if (!value) return {};
  switch (value->kind) {
    case ir::Value::Duration:
      if (value->j != 0) return "a `Duration` of calendar months";
      return fmt::format("a `Duration` of {} s", static_cast<double>(value->i) / 1000);
    case ir::Value::Bytes:
      return fmt::format("`Bytes`: {}", value->i);
    default:
      return "a `Length`";
  }
}

/// Of what has no declaration: a quantity, or a function of the language.
std::string wordText(const Snapshot& snapshot, const syntax::Token& token) {
  StringRef text = StringRef(snapshot.text.bytes()).slice(token.begin, token.end);
  if (token.kind == syntax::Tok::Quantity) return quantityText(text);
  std::string all;
  for (const ir::Builtin& builtin : ir::builtins())
    if (builtin.name == text)
      paragraph(all,
                fmt::format("```wfc\n{}\n```\n\n{}", builtin.signature.str(), builtin.doc.str()));
  return all;
}

}  // namespace

Reply hover(Session& session, In params) {
  Asked asked = askedIn(session, params);
  if (!asked) return nullptr;
  std::string text;
  source::Range at;
  for (const Meaning& meaning : meaningsAt(session, asked)) {
    paragraph(text, describe(session, meaning));
    at = meaning.at;
  }
  if (text.empty()) {
    syntax::Tokens tokens = syntax::lex(asked.snapshot->text.bytes());
    for (const syntax::Token& token : tokens.all)
      if (token.begin <= asked.offset && asked.offset < token.end) {
        text = wordText(*asked.snapshot, token);
        at = {asked.snapshot->file, token.begin, token.end};
      }
  }
  if (text.empty()) return nullptr;
  return json::Object{{"contents", session.markup(std::move(text))},
                      {"range", session.rangeOf(*asked.snapshot, at)}};
}

}  // namespace wfc::lsp
