"""The grammars of editors, made from the compiler's own lists: words of compiler/syntax/tokens.def, units and types of compiler/ir.

`./dev regen` writes what files() returns. A word that stands in no group here is an error: so a new one cannot be forgotten.
"""
import json
import pathlib
import re

import tree_sitter

ROOT = pathlib.Path(__file__).resolve().parent.parent

# What a word is to a reader. Names of TextMate's scopes (macromates.com/en/manual/language_grammars), and of Vim's groups.
GROUPS = {
    "declaration": ("keyword.declaration.wfc", "Structure",
                    "import kind program enum record task flow secret export"),
    "control": ("keyword.control.wfc", "Repeat",
                "if then else for in repeat every from until step down to batches grouped by of at most least first last any await stop when "
                "publish budget pool stream as otherwise made is"),
    "clause": ("keyword.other.clause.wfc", "Statement",
               "needs env modules conda container retry resume exit fill check sh bash python exclusive with delay growing signal before end "
               "slices limit refill per priority deadline after on ended temp keep node store shared age free timeout"),
    "attribute": ("storage.modifier.wfc", "StorageClass",
                  "file dir set key parent rows out size files dtype nodata magic probe crs bands schema header"),
    "operator": ("keyword.operator.word.wfc", "Operator", "not and or"),
    "constant": ("constant.language.wfc", "Constant", "true false none"),
}


def words():
    """Every word of the language, as the compiler lists them."""
    text = (ROOT / "compiler/syntax/tokens.def").read_text(encoding="utf-8")
    found = set(re.findall(r'^WFC_(?:RESERVED|SOFT)\(\w+, "(\w+)"\)', text, re.MULTILINE))
    grouped = [word for _, _, group in GROUPS.values() for word in group.split()]
    wrong = found.symmetric_difference(grouped) | {word for word in grouped if grouped.count(word) > 1}
    if wrong:
        raise SystemExit(f"editors/grammars.py: in no group, in two, or no words any more: {', '.join(sorted(wrong))}")
    return {name: group.split() for name, (_, _, group) in GROUPS.items()}


def listed(path, pattern, part):
    text = (ROOT / path).read_text(encoding="utf-8")
    found = re.findall(part, re.search(pattern, text, re.DOTALL).group(1))
    if not found:
        raise SystemExit(f"editors/grammars.py: nothing found in {path}")
    return found


def units():
    return listed("compiler/ir/units.cpp", r"kUnits\[\] = \{(.*?)\n\};", r'\{"(\w+)", Value::')


def types():
    return listed("compiler/ir/names.cpp", r"kBasicNames\[\] = \{(.*?)\};", r'"(\w+)"')


def choice(items):
    return "|".join(sorted(items, key=lambda item: (-len(item), item)))


def text_mate():
    """For VS Code, and for whatever else reads TextMate's grammars."""
    def match(name, pattern):
        return {"name": name, "match": pattern}

    def script(language, scope):
        return {"name": f"meta.script.{language}.wfc", "begin": rf'\b({language})(\s+)(""")', "end": '(""")', "contentName": f"meta.embedded.block.{scope} source.{scope}",
                "beginCaptures": {"1": {"name": "keyword.other.clause.wfc"}, "3": {"name": "string.quoted.triple.begin.wfc"}},
                "endCaptures": {"1": {"name": "string.quoted.triple.end.wfc"}},
                "patterns": [{"include": "#hole"}, {"include": f"source.{scope}"}]}

    number = r"[0-9][0-9_]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
    groups = [match(GROUPS[name][0], rf"(?<![.\w-])(?:{choice(group)})\b(?!\s*:(?!:))") for name, group in words().items()]
    grammar = {
        "name": "wfc", "scopeName": "source.wfc", "fileTypes": ["wf"],
        "patterns": [{"include": "#code"}],
        "repository": {
            "code": {"patterns": [{"include": f"#{part}"} for part in ("comment", "script", "string", "literal", "name", "word", "sign")]},
            "comment": {"patterns": [match("comment.line.documentation.wfc", r"//[/!].*$"), match("comment.line.double-slash.wfc", r"//.*$")]},
            "script": {"patterns": [script("sh", "shell"), script("bash", "shell"), script("python", "python")]},
            "hole": {"patterns": [
                match("constant.character.escape.wfc", r"@@(?:raw)?\{"),
                {"name": "meta.interpolation.wfc", "begin": r"@(?:raw)?\{", "end": r"(?:(:)([^}\"]*))?(\})",
                 "beginCaptures": {"0": {"name": "punctuation.definition.interpolation.begin.wfc"}},
                 "endCaptures": {"2": {"name": "constant.other.format.wfc"}, "3": {"name": "punctuation.definition.interpolation.end.wfc"}},
                 "patterns": [{"include": "#code"}]}]},
            "string": {"patterns": [
                {"name": "string.quoted.triple.wfc", "begin": '"""', "end": '"""', "patterns": [{"include": "#hole"}]},
                {"name": "string.quoted.double.wfc", "begin": '"', "end": '"|$',
                 "patterns": [{"include": "#hole"}, match("constant.character.escape.wfc", r"\\(?:u\{[0-9a-fA-F]+\}|.)")]}]},
            "literal": {"patterns": [
                match("constant.numeric.date.wfc", r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.]+(?:Z|[+-][0-9]{2}:[0-9]{2})?)?"),
                {"match": rf"\b({number})({choice(units())})\b",
                 "captures": {"1": {"name": "constant.numeric.wfc"}, "2": {"name": "keyword.other.unit.wfc"}}},
                match("constant.numeric.wfc", rf"\b{number}\b"),
                match("variable.parameter.flag.wfc", r"--[A-Za-z][A-Za-z0-9_-]*")]},
            "name": {"patterns": [
                {"match": r"\b(task|flow|program|kind|record|enum)(\s+)([A-Za-z_]\w*)",
                 "captures": {"1": {"name": "keyword.declaration.wfc"}, "3": {"name": "entity.name.function.wfc"}}},
                match("support.type.wfc", rf"\b(?:{choice(types())})\b"),
                match("variable.parameter.wfc", r"\b[A-Za-z_]\w*(?=\s*:)"),
                match("entity.name.function.call.wfc", r"\b(?!(?:" + choice(w for g in words().values() for w in g) + r")\b)[A-Za-z_]\w*(?=\()"),
                match("entity.name.type.wfc", r"\b[A-Z]\w*\b")]},
            "word": {"patterns": groups},
            "sign": {"patterns": [match("keyword.operator.wfc", r"->|\.\.\.?|==|!=|<=|>=|[-+*/%<>=|?]")]},
        },
    }
    return json.dumps(grammar, indent=2) + "\n"


def vim():
    """A plain syntax for Vim 7 and later, as old login nodes have it."""
    lines = ['" Syntax of wfc. Made by `./dev regen` from editors/grammars.py.', "if exists('b:current_syntax')", "  finish", "endif",
             "syntax include @wfcShell syntax/sh.vim", "unlet! b:current_syntax", "syntax include @wfcPython syntax/python.vim", "unlet! b:current_syntax",
             "syntax iskeyword @,48-57,_"]
    for name, group in words().items():
        lines.append(f"syntax keyword wfc{name.capitalize()} {' '.join(group)}")
    number = r"\<\d[0-9_]*\%(\.\d\+\)\?\%([eE][+-]\?\d\+\)\?"
    lines += [
        f"syntax keyword wfcType {' '.join(types())}",
        r"syntax match wfcType /\<[A-Z]\w*\>/",
        rf"syntax match wfcNumber /{number}\%({'|'.join(units()).replace('|', chr(92) + '|')}\)\?\>/",
        r"syntax match wfcNumber /\<\d\{4}-\d\d-\d\d\%(T[0-9:.]\+\%(Z\|[+-]\d\d:\d\d\)\?\)\?/",
        r"syntax match wfcFlag /--\a[0-9A-Za-z_-]*/",
        r"syntax match wfcComment /\/\/.*$/ contains=@Spell,wfcTodo",
        r"syntax match wfcDoc /\/\/[\/!].*$/ contains=@Spell,wfcTodo",
        "syntax keyword wfcTodo TODO FIXME contained",
        r"syntax match wfcEscape /\\\%(u{\x\+}\|.\)/ contained",
        r"syntax match wfcEscape /@@\%(raw\)\?{/ contained",
        "syntax cluster wfcCode contains=" + ",".join(f"wfc{name.capitalize()}" for name in GROUPS) + ",wfcType,wfcNumber,wfcString",
        r"syntax region wfcHole matchgroup=wfcHoleEdge start=/@\%(raw\)\?{/ end=/}/ contained contains=@wfcCode containedin=shDoubleQuote,shSingleQuote,shEcho,shCommandSub,pythonString,pythonFString",
        r'syntax region wfcString start=/"/ skip=/\\./ end=/"\|$/ contains=wfcHole,wfcEscape',
        r'syntax region wfcString start=/"""/ end=/"""/ contains=wfcHole,wfcEscape',
        r'syntax region wfcShellScript matchgroup=wfcString start=/\%(\<\%(sh\|bash\)\s\+\)\@<="""/ end=/"""/ contains=wfcHole,wfcEscape,@wfcShell',
        r'syntax region wfcPythonScript matchgroup=wfcString start=/\%(\<python\s\+\)\@<="""/ end=/"""/ contains=wfcHole,wfcEscape,@wfcPython',
        "syntax sync fromstart",
    ]
    links = {f"wfc{name.capitalize()}": group for name, (_, group, _) in GROUPS.items()}
    links |= {"wfcType": "Type", "wfcNumber": "Number", "wfcFlag": "Identifier", "wfcComment": "Comment", "wfcDoc": "SpecialComment", "wfcTodo": "Todo",
              "wfcEscape": "SpecialChar", "wfcHoleEdge": "Special", "wfcString": "String"}
    lines += [f"highlight default link {ours} {theirs}" for ours, theirs in links.items()]
    return "\n".join([*lines, "let b:current_syntax = 'wfc'"]) + "\n"


def files():
    made = {"editors/vscode/syntaxes/wfc.tmLanguage.json": text_mate(), "editors/vim/syntax/wfc.vim": vim()}
    return made | tree_sitter.files(words())
