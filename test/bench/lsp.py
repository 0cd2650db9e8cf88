"""What a keystroke costs in an editor: real edits of a long file, played to `wfc lsp`."""

import json
import os
import subprocess
import time

import flows

# Typed in several places of the file and taken back again: a task.
TYPED = """task added(x: Text*, n: Int = 7) -> y: Text {
  needs cpus 2, memory 3GiB, time 15min
  sh "cat @{x} > @{y}"
}
"""
# Nobody types faster than a hundred letters a second; what the server does between them delays no answer.
PAUSE = 0.01


class Server:
    def __init__(self, wfc):
        self.process = subprocess.Popen([wfc, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.number, self.came = 0, []

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def receive(self):
        """The next message; its JSON is not read here, because that would be measured too."""
        length = int(self.process.stdout.readline().split(b":")[1])
        self.process.stdout.readline()
        return self.process.stdout.read(length)

    def until(self, word):
        """Waits for a message with this in it, which may have come already."""
        while not any(word in body for body in self.came):
            self.came.append(self.receive())
        self.came.clear()

    def ask(self, method, params):
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        while b'"id":%d,' % self.number not in (body := self.receive()):
            self.came.append(body)

    def seconds(self):
        """Processor time that it has used, which other work on the machine does not lengthen."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        """MiB that the process holds now."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


class Typist:
    """Types a text at a line and takes it back, letter by letter, and notes how long each answer took."""

    def __init__(self, server, uri, text, line):
        self.server, self.uri, self.line, self.version = server, uri, line, 1
        self.reports, self.answers, self.edits = [], [], 0
        server.send({"method": "textDocument/didOpen", "params": {"textDocument": {"uri": uri, "languageId": "wfc", "version": 1, "text": text}}})
        server.until(b'"version":1')

    def edit(self, start, end, text, asks):
        time.sleep(PAUSE)
        self.version += 1
        range_ = {"start": {"line": start[0], "character": start[1]}, "end": {"line": end[0], "character": end[1]}}
        begin = time.perf_counter()
        self.server.send({"method": "textDocument/didChange", "params": {
            "textDocument": {"uri": self.uri, "version": self.version}, "contentChanges": [{"range": range_, "text": text}]}})
        if asks:
            self.server.ask(asks, {"textDocument": {"uri": self.uri}, "position": range_["end"]})
            self.answers.append(time.perf_counter() - begin)
        self.server.until(b'"version":%d' % self.version)
        self.edits += 1
        if not asks:
            self.reports.append(time.perf_counter() - begin)

    def play(self, typed, asks=None):
        at = [(self.line, 0)]
        before = ""
        for letter in typed:
            line, column = at[-1]
            at.append((line + 1, 0) if letter == "\n" else (line, column + 1))
            # As editors do: names are asked for when one begins, and filtered while it is typed.
            self.edit(at[-2], at[-2], letter, asks if letter.isalpha() and not before.isalnum() else None)
            before = letter
        for before, behind in zip(at[-2::-1], at[:0:-1]):
            self.edit(before, behind, "", None)


def percentile(times, part):
    return sorted(times)[min(len(times) - 1, int(len(times) * part))] * 1000


def lsp(bench, rounds=3):
    text = flows.written(10_000)
    server = Server(bench.wfc)
    server.ask("initialize", {"capabilities": {}, "processId": None, "rootUri": None})
    server.send({"method": "initialized", "params": {}})
    tasks = [n for n, line in enumerate(text.splitlines()) if line.startswith("task")]
    middle = tasks[len(tasks) // 2]
    typist = Typist(server, (bench.work / "typed.wf").as_uri(), text, middle)
    typist.play(TYPED, "textDocument/completion")
    before, used, typist.edits = server.memory(), server.seconds(), 0
    typist.reports.clear()
    typist.answers.clear()
    for n in range(rounds):
        typist.line = tasks[len(tasks) * n // rounds]
        typist.play(TYPED, "textDocument/completion")
    name = "lsp, 10,000 lines"
    each, after = (server.seconds() - used) / typist.edits, server.memory()
    edits = f"{typist.edits} keystrokes"
    bench.row(f"{name}: processor time of a keystroke", each * 1000, "ms", "none stated", True)
    for what, times in (("reports", typist.reports), ("completion", typist.answers)):
        worst = percentile(times, 0.99)
        bench.row(f"{name}: keystroke to {what}, p99", worst, "ms", "<= 20 ms", worst <= 20, f"p50 of {edits}", worst / percentile(times, 0.5))
    for method in ("semanticTokens/full", "documentSymbol", "hover", "references", "inlayHint"):
        begin = time.perf_counter()
        params = {"textDocument": {"uri": typist.uri}, "position": {"line": middle, "character": 6}, "context": {"includeDeclaration": True},
                  "range": {"start": {"line": 9_000, "character": 0}, "end": {"line": 9_100, "character": 0}}}
        server.ask("textDocument/" + method, params)
        seconds = time.perf_counter() - begin
        bench.row(f"{name}: {method}", seconds * 1000, "ms", "<= 20 ms", seconds <= 0.02)
    bench.row(f"{name}: memory", after, "MiB", "flat over edits", after / before < 1.1, f"before {edits}", after / before)
    server.ask("shutdown", None)
    server.send({"method": "exit"})
    server.process.wait()
