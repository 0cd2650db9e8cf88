// What VS Code's engine makes of a text: tokens.cjs MODULES GRAMMAR FILE. A line for each token that has a scope beyond the file's:
// `line text: innermost scope`.
const fs = require('fs');
const path = require('path');
const [modules, grammarFile, file] = process.argv.slice(2);
const {Registry, INITIAL, parseRawGrammar} = require(path.join(modules, 'vscode-textmate'));
const oniguruma = require(path.join(modules, 'vscode-oniguruma'));

// The embedded languages are VS Code's own: here one word of each is enough to see that they take over.
const embedded = (scope, word) => ({scopeName: scope, patterns: [{match: `\\b${word}\\b`, name: `keyword.${scope}`}]});

async function main() {
  await oniguruma.loadWASM(fs.readFileSync(path.join(modules, 'vscode-oniguruma/release/onig.wasm')).buffer);
  const registry = new Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async (scope) => {
      if (scope === 'source.wfc') return parseRawGrammar(fs.readFileSync(grammarFile, 'utf8'), grammarFile);
      if (scope === 'source.shell') return embedded(scope, 'for');
      return embedded(scope, 'import');
    },
  });
  const grammar = await registry.loadGrammar('source.wfc');
  let state = INITIAL;
  fs.readFileSync(file, 'utf8').split('\n').forEach((line, n) => {
    const result = grammar.tokenizeLine(line, state);
    state = result.ruleStack;
    for (const token of result.tokens) {
      const text = line.slice(token.startIndex, token.endIndex);
      const scope = token.scopes[token.scopes.length - 1];
      if (token.scopes.length > 1 && text.trim()) console.log(`${n + 1} ${text}: ${scope}`);
    }
  });
}

main();
