"""Any text at any moment: edits of the corpus at random, and every request at every step; then what is no message at all.

    torture.py WFC SEED STEPS FILE…

Speaks bytes itself, because a client would not let it say what is wrong. The server must answer every request, with a result or an
error, keep the text in step (asked for by a method of its own), and end as the protocol says.
"""

import json
import pathlib
import random
import subprocess
import sys

REQUESTS = ("hover", "completion", "signatureHelp", "definition", "references", "documentHighlight", "prepareRename", "rename", "codeAction",
            "codeLens", "inlayHint", "formatting", "documentSymbol", "foldingRange", "semanticTokens/full", "semanticTokens/range")
PIECES = ["{", "}", "(", ")", "[", "]", '"', '"""', "@{", "@raw{", "}", "=", ",", ":", ".", "..", "//", "\n", "\r\n", "\r", "\t", " ", "flow x {\n", "task a(",
          "for w in ", "if ", "else", "import move\n", "é", "𝄞", "﻿", "\u2028", "'", ";", "&&", "8h", "176GiB", "2025-01-01", "-> ", "otherwise none", "until",
          "every 1d from 2025-01-01 until 2025-02-01", "task t() -> f: file { sh \"true\" }\n", "enum E { a, b }\n", "kind K = file\n", "\0", "9" * 30]


class Server:
    def __init__(self, wfc):
        self.process = subprocess.Popen([wfc, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.number = 0
        self.seen = str

    def raw(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def receive(self):
        length = None
        while (line := self.process.stdout.readline()) != b"\r\n":
            if not line:
                raise SystemExit(f"the server is gone: {self.process.wait()}\n{self.process.stderr.read().decode()[-3000:]}"
                                 f"with this text:\n{self.seen()!r}")
            length = int(line.split(b":")[1])
        return json.loads(self.process.stdout.read(length))

    def answer(self, number):
        while True:
            message = self.receive()
            if message.get("id") == number and "method" not in message:
                return message

    def ask(self, method, params):
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        return self.answer(self.number)

    def start(self):
        self.ask("initialize", {"capabilities": {}, "processId": None, "rootUri": None})
        self.send({"method": "initialized", "params": {}})

    def end(self):
        assert self.ask("shutdown", None)["result"] is None
        self.send({"method": "exit"})
        errors = self.process.stderr.read().decode()
        assert self.process.wait() == 0 and not errors, (self.process.returncode, errors)


def position(text, at):
    before = text[:at].replace("\r\n", "\n").replace("\r", "\n")
    line = before.rfind("\n") + 1
    # Inside of `\r\n` a position is that of its line's end.
    return {"line": before.count("\n") - (text[at - 1:at + 1] == "\r\n"), "character": len(before[line:].encode("utf-16-le")) // 2
            if text[at - 1:at + 1] != "\r\n" else 1 << 30}


def edited(rng, server, uri, text, version):
    """One edit, told to the server."""
    at = rng.randrange(len(text) + 1)
    end = min(len(text), at + rng.choice([0, 0, 0, 1, 1, 3, 20, 200]))
    while text[at - 1:at + 1] == "\r\n" or text[end - 1:end + 1] == "\r\n":
        at, end = max(at - 1, 0), min(end + 1, len(text))
        if text[at - 1:at + 1] == "\r\n":
            at -= 1
    put = rng.choice(PIECES) if rng.random() < 0.7 else text[rng.randrange(len(text) + 1):][:rng.randrange(60)] if text else "x"
    change = {"range": {"start": position(text, at), "end": position(text, end)}, "text": put}
    server.send({"method": "textDocument/didChange", "params": {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]}})
    return text[:at] + put + text[end:]


def request(rng, server, uri, text):
    at = position(text, rng.randrange(len(text) + 1))
    far = {"line": rng.randrange(1 << 31), "character": rng.randrange(1 << 31)}
    where = far if rng.random() < 0.02 else at
    range_ = {"start": where, "end": position(text, rng.randrange(len(text) + 1))}
    name = rng.choice(REQUESTS)
    params = {"textDocument": {"uri": uri}, "position": where, "range": range_, "newName": rng.choice(["a", "if", "x1", "é", ""]),
              "context": {"includeDeclaration": True, "diagnostics": []}, "options": {"tabSize": 2, "insertSpaces": True}}
    answer = server.ask("textDocument/" + name, params)
    assert "result" in answer or answer["error"]["code"] in (-32803, -32602), (name, answer)


def torture(wfc, seed, steps, paths):
    rng = random.Random(seed)
    server = Server(wfc)
    server.start()
    for path in paths:
        path = pathlib.Path(path).resolve()
        text, uri = path.read_bytes().decode(), path.as_uri()
        server.seen = lambda: text  # noqa: B023
        server.send({"method": "textDocument/didOpen", "params": {"textDocument": {"uri": uri, "languageId": "wfc", "version": 0, "text": text}}})
        for step in range(steps):
            if step % 40 == 39:  # back to what it was, so that whole texts are asked about too
                text = path.read_bytes().decode()
                server.send({"method": "textDocument/didChange", "params": {"textDocument": {"uri": uri, "version": step}, "contentChanges": [{"text": text}]}})
            else:
                text = edited(rng, server, uri, text, step)
            for _ in range(rng.randrange(3)):
                request(rng, server, uri, text)
        held = server.ask("wfc/text", {"textDocument": {"uri": uri}})["result"]
        assert held == text, f"{path}: the server holds another text"
        server.send({"method": "textDocument/didClose", "params": {"textDocument": {"uri": uri}}})
    server.end()


if __name__ == "__main__":
    torture(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
    print(f"survived {len(sys.argv) - 4} files")
