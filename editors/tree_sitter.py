"""The tree-sitter grammar, made from the compiler's own: its rules are those of WorkflowParser.g4, its words and signs those of tokens.def.

Rules and their parts keep their names (`bindStmt` is `bind_stmt`). What stands here is what ANTLR's lexer does by modes: strings, scripts and
their holes. `./dev regen` writes what grammar() returns.
"""
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Where one token does not tell how to go on, both ways are tried. `tree-sitter generate` names what is missing here.
CONFLICTS = ["kind_base", "call_stmt", "expr", "bind_stmt", "item primary", "publish_stmt", "wide_flat infix", "cycle", "base_type name", "flat"]

# Tokens that are no words and no signs, by their names in the parser's grammar. A string without holes is read as any text is.
TOKENS = {"Id": "identifier", "Int": "integer", "Float": "float", "Quantity": "quantity", "Date": "date", "Instant": "instant", "Flag": "flag_name", "String": "text"}

# Read by modes, so written by hand below; or of the compiler's way to read a flow statement by statement.
BY_HAND = {"text", "hole", "flowOpen"}

LEXICAL = r"""
    text: $ => choice(
      seq('"', repeat(choice($.string_content, $.escape, $.hole)), token.immediate('"')),
      seq('\"""', repeat(choice($.script_content, $.hole)), token.immediate('\"""'))),
    string_content: $ => choice(token.immediate(prec(1, /[^"\\@\n]+/)), token.immediate('@')),
    escape: $ => choice(token.immediate(/\\[^\n]/), token.immediate('@@{'), token.immediate('@@raw{')),
    script_content: $ => choice(
      token.immediate(prec(1, /[^"@]+/)), token.immediate('"'), token.immediate('@'), token.immediate('@@{'), token.immediate('@@raw{')),
    hole: $ => seq(choice(token.immediate('@{'), token.immediate('@raw{')), $.wide, optional(seq(':', optional($.format))), '}'),
    format: $ => token.immediate(/[^}\n]+/),
    comment: $ => token(seq('//', /[^\n]*/)),
    identifier: $ => /[A-Za-z_][A-Za-z0-9_]*/,
    integer: $ => /[0-9][0-9_]*/,
    float: $ => /[0-9][0-9_]*(\.[0-9][0-9_]*([eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)/,
    quantity: $ => /[0-9][0-9_]*(\.[0-9][0-9_]*)?([eE][+-]?[0-9]+)?[A-Za-z_][A-Za-z0-9_]*/,
    date: $ => token(prec(2, /[0-9]{4}-[0-9]{2}-[0-9]{2}/)),
    instant: $ => token(prec(2, /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]*(Z|[+-][0-9]{2}:[0-9]{2})?/)),
    flag_name: $ => /--[A-Za-z][A-Za-z0-9_-]*/,
"""


def spellings():
    """What each word and sign of tokens.def is in a text."""
    text = (ROOT / "compiler/syntax/tokens.def").read_text(encoding="utf-8")
    found = dict(re.findall(r'^WFC_(?:RESERVED|SOFT)\((\w+), "(\w+)"\)', text, re.MULTILINE))
    return found | dict(re.findall(r'^WFC_TOKEN\((\w+), "`(\S+)`"\)', text, re.MULTILINE))


def snake(name):
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


class Reader:
    """Reads the body of a rule of ANTLR and writes it as tree-sitter has it. `Hole`, which no text holds, is left out."""

    def __init__(self, body, literals):
        self.tokens, self.at, self.literals = re.findall(r"\w+|[()|?*+]", body), 0, literals

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def choice(self):
        ways = [self.sequence()]
        while self.peek() == "|":
            self.take()
            ways.append(self.sequence())
        ways = [way for way in ways if way]
        return ways[0] if len(ways) == 1 else f"choice({', '.join(ways)})"

    def sequence(self):
        parts = []
        while self.peek() not in (None, "|", ")"):
            parts.append(self.repeated())
        parts = [part for part in parts if part]
        return parts[0] if len(parts) == 1 else f"seq({', '.join(parts)})" if parts else ""

    def repeated(self):
        if self.peek() == "(":
            self.take()
            part = self.choice()
            self.take()
        else:
            part = self.symbol(self.take())
        while self.peek() in ("?", "*", "+"):
            part = {"?": "optional", "*": "repeat", "+": "repeat1"}[self.take()] + f"({part})"
        return part

    def symbol(self, name):
        if name in ("Hole", "EOF"):
            return ""
        if name in self.literals:
            return json.dumps(self.literals[name])
        if name[0].islower() or name in TOKENS:
            return "$." + TOKENS.get(name, snake(name))
        raise SystemExit(f"editors/tree_sitter.py: what is {name}?")


def grammar():
    text = re.sub(r"//.*", "", (ROOT / "compiler/syntax/WorkflowParser.g4").read_text(encoding="utf-8"))
    literals = spellings()
    lines = ["// The grammar of wfc for tree-sitter. Made by `./dev regen` from compiler/syntax/WorkflowParser.g4: editors/tree_sitter.py.",
             "module.exports = grammar({", "  name: 'wfc',", "  word: $ => $.identifier,",
             r"  extras: $ => [/[ \t\r\n\f\uFEFF]/, $.comment],", "  conflicts: $ => ["]
    lines += [f"    [{', '.join('$.' + rule for rule in conflict.split())}]," for conflict in CONFLICTS]
    lines += ["  ],", "  rules: {"]
    for name, body in re.findall(r"(\w+)\s*:(.*?);", text[text.index("file:"):], re.DOTALL):
        if name not in BY_HAND:
            lines.append(f"    {snake(name)}: $ => {Reader(body, literals).choice()},")
    return "\n".join(lines) + LEXICAL.replace('\\"""', '"""') + "  },\n});\n"


def highlights(groups):
    """Words by group, then what they and other names are where they stand."""
    captures = {"declaration": "keyword", "control": "keyword", "clause": "keyword", "attribute": "keyword.modifier", "operator": "keyword.operator",
                "constant": "constant.builtin"}
    lines = ["; Made by `./dev regen` from editors/tree_sitter.py."]
    for name, group in groups.items():
        lines.append(f"[{' '.join(json.dumps(word) for word in sorted(group))}] @{captures[name]}")
    return "\n".join(lines) + NAMES


NAMES = r"""
["->" "==" "!=" "<=" ">=" "<" ">" "=" "+" "-" "*" "/" "%" "..." ".." "?" "|"] @operator
["(" ")" "[" "]" "{" "}"] @punctuation.bracket
["," "." ":"] @punctuation.delimiter
(text ["\"" "\"\"\""] @string)
; A word of the language is a name where a name stands.
(name _ @variable)
(any_name _ @variable.member)
(comment) @comment
[(string_content) (script_content)] @string
(escape) @string.escape
(hole ["@{" "@raw{" "}"] @punctuation.special)
(format) @string.special
[(integer) (quantity)] @number
(float) @number.float
[(date) (instant)] @constant
(flag_name) @variable.parameter
(need_key) @property
(import_decl (name _ @module))
(task_decl "task" . (name _ @function))
(flow_head "flow" . (name _ @function))
(program_decl "program" . (name _ @function))
(kind_decl "kind" . (name _ @type))
(enum_decl "enum" . (name _ @type))
(record_decl "record" . (name _ @type))
(base_type (dotted (name _ @type)))
(param . (any_name (name _ @variable.parameter)))
(argument . (any_name (name _ @variable.parameter)) ":")
(call_stmt (dotted (name _ @function.call)))
(postfix (primary (name _ @function.call)) . (postfix_op (arguments)))
"""


def files(groups):
    folder = "editors/tree-sitter-wf/"
    return {folder + "grammar.js": grammar(), folder + "queries/highlights.scm": highlights(groups)}
