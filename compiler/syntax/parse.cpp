#include "compiler/syntax/parse.h"
#include "compiler/syntax/builder.h"
#include "compiler/syntax/lexer.h"
#include "compiler/diag/catalog/syntax.h"
namespace wfc::syntax {
Tree parse(const source::Sources& sources, source::FileId file, diag::Emitter& emitter) {
  Tree tree; tree.file = file;
  Tokens tokens = lex(sources.text(file));
  Grammar grammar(tokens.all);
  Builder builder({sources, tokens.all, emitter}, tree);
  uint32_t at = 0;
  auto fail = [&](const Reading& r) {
    const Token& t = tokens.all[r.at];
    emitter.report({file, t.begin, t.end}, diag::Unexpected{.found = std::string(describe(t.kind)), .expected = std::to_string(int(r.rule)), .note = ""});
  };
  while (tokens.all[at].kind != Tok::End) {
    if (tokens.all[at].kind == Tok::KwFlow) {
      Reading r = grammar.read(Rule::FlowOpen, at, builder.nodes);
      if (!r.ok) { fail(r); break; }
      Decl* d = builder.flowOpen();
      tree.decls.push_back(d);
      at = r.at;
      while (tokens.all[at].kind != Tok::RBrace) {
        r = grammar.read(Rule::Stmt, at, builder.nodes);
        if (!r.ok) { fail(r); return tree; }
        std::get<FlowDecl>(d->as).body.push_back(builder.stmt());
        at = r.at;
      }
      ++at; continue;
    }
    Reading r = grammar.read(Rule::Decl, at, builder.nodes);
    if (!r.ok) { fail(r); break; }
    tree.decls.push_back(builder.decl());
    at = r.at;
  }
  return tree;
}
}
