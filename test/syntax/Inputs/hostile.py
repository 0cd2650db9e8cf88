"""Writes the texts of hostile.test into a folder."""

import pathlib
import sys

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
corpus = pathlib.Path(__file__).resolve().parent / "corpus"
many = 100_000
texts = {
    "brackets": "x = " + "[" * many + "]" * many,
    "unclosed": "(" * many,
    "braces": "{" * many,
    "blocks": "flow f { " + "for x in y { " * many,
    "nots": "x = " + "not " * many + "a",
    "sum": "x = " + "1 + " * many + "1",
    "fields": "x = a" + ".b" * many,
    "else": "flow f { if a { x = 1 } " + "else if a { x = 1 } " * many + "}",
    "ifs": "x = " + "if a then " * many,
    "type": "task t(x: T" + "?" * many + ") = f {}",
    "line": "x = [" + "1, " * 3_500_000 + "1]",
    "holes-in-text": 'x = """' + "@{a} " * many * 4,
    "holes": 'x = "' + '@{"' * many,
    "words": "a b c " * many,
}
for name, text in texts.items():
    (out / f"{name}.wf").write_text(text + "\n")
(out / "bytes.wf").write_bytes(b'x = 1\0\ny = "a\0b"\n\xff\xfe caf\xe9\n')
everything = (corpus / "everything.wf").read_bytes()
(out / "crlf.wf").write_bytes(b"\xef\xbb\xbf" + everything.replace(b"\n", b"\r\n"))
