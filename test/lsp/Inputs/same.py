"""What a server says of a text that was edited is what a new one says of it: reports, hovers and names, after every edit.

    same.py WFC SEED STEPS FILE…

Half of the edits are any, the other half put one word of the text in the place of another: the text is then whole, and means something else.
"""

import pathlib
import random
import re
import sys

import torture


class Server(torture.Server):
    """One that keeps the last reports."""

    reports = None

    def receive(self):
        message = super().receive()
        if message.get("method") == "textDocument/publishDiagnostics":
            self.reports = message["params"]
        return message

    def open(self, uri, text, version):
        self.send({"method": "textDocument/didOpen", "params": {"textDocument": {"uri": uri, "languageId": "wfc", "version": version, "text": text}}})

    def put(self, uri, text, version):
        self.send({"method": "textDocument/didChange", "params": {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}]}})

    def all(self, uri, version, places):
        """All that is said of a text: reports first, so that names are those of this text and no earlier one."""
        while not self.reports or self.reports.get("version") != version:
            self.receive()
        said = [self.reports["diagnostics"]]
        for place in places:
            params = {"textDocument": {"uri": uri}, "position": place}
            for method in ("hover", "completion"):
                said.append(self.ask("textDocument/" + method, params))
                said[-1].pop("id")
        return said


def places(rng, text, count=4):
    """Some of anywhere, some in words."""
    words = [match.start() + 1 for match in re.finditer(r"\w+", text)] or [0]
    return [torture.position(text, rng.choice(words) if rng.random() < 0.7 else rng.randrange(len(text) + 1)) for _ in range(count)]


def reworded(rng, text):
    words = list(re.finditer(r"\w+", text))
    if not words:
        return text
    old, new = rng.choice(words), rng.choice(words).group()
    return text[:old.start()] + new + text[old.end():]


def same(wfc, seed, steps, paths):
    rng = random.Random(seed)
    server, compared = Server(wfc), 0
    server.start()
    for path in paths:
        path = pathlib.Path(path).resolve()
        first, uri = path.read_bytes().decode(), path.as_uri()
        text, version = first, 0
        server.open(uri, text, version)
        for _ in range(steps):
            version += 1
            if rng.random() < 0.3:
                text = first
                server.put(uri, text, version)
                version += 1
            if rng.random() < 0.5:
                text = torture.edited(rng, server, uri, text, version)
            else:
                text = reworded(rng, text)
                server.put(uri, text, version)
            where = places(rng, text)
            fresh = Server(wfc)
            fresh.start()
            fresh.open(uri, text, version)
            ours, theirs = server.all(uri, version, where), fresh.all(uri, version, where)
            fresh.end()
            assert ours == theirs, f"{path} at {where}:\n{text!r}\nedited: {ours}\nnew: {theirs}"
            compared += 1
        server.send({"method": "textDocument/didClose", "params": {"textDocument": {"uri": uri}}})
    server.end()
    return compared


if __name__ == "__main__":
    print(f"the same {same(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:])} times")
