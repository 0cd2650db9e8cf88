"""The life of a session and the wire: what is answered to what is out of turn, wrong, cut, or a lie. Prints one line a case."""

import json
import pathlib
import subprocess
import sys

from torture import Server, position


def message(text):
    return b"Content-Length: %d\r\n\r\n%s" % (len(text), text)


def request(number, method, params=None):
    return message(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode())


def session(wfc, data):
    """All that is answered to these bytes, and the exit status. What cannot be read is answered before what waits: the order is no promise."""
    done = subprocess.run([wfc, "lsp"], input=data, stdout=subprocess.PIPE, check=False, timeout=60)
    out, answers = done.stdout, []
    while out:
        head, _, rest = out.partition(b"\r\n\r\n")
        length = int(head.split(b":")[1])
        answers.append(json.loads(rest[:length]))
        out = rest[length:]
    return answers, done.returncode


def show(title, wfc, *pieces):
    answers, status = session(wfc, b"".join(pieces))
    told = []
    for each in answers:
        if "error" in each:
            told.append(f"{each['id']}: {each['error']['code']}")
        elif "method" in each:
            told.append(each["method"].split("/")[1])
        else:
            told.append(f"{each['id']}: " + ("capabilities" if "capabilities" in (each["result"] or {}) else json.dumps(each["result"])[:60]))
    print(f"{title}: {', '.join(sorted(told)) or 'nothing'}; exit {status}")


def units(wfc, folder):
    """One position in each encoding that a client may offer: the é and the clef before it count differently."""
    text = 'flow f { x = "é𝄞" + nothing }\n'
    for offered, column in ((None, 21), (["utf-16"], 21), (["utf-32", "utf-8"], 24), (["utf-32"], 21)):
        server = Server(wfc)
        general = {"positionEncodings": offered} if offered else {}
        chosen = server.ask("initialize", {"capabilities": {"general": general}})["result"]["capabilities"]["positionEncoding"]
        server.send({"method": "initialized", "params": {}})
        uri = (pathlib.Path(folder) / "units.wf").as_uri()
        server.send({"method": "textDocument/didOpen", "params": {"textDocument": {"uri": uri, "version": 1, "languageId": "wfc", "text": text}}})
        found = server.receive()["params"]["diagnostics"]
        place = next(each["range"]["start"] for each in found if each["message"].startswith("there is no `nothing`"))
        print(f"offered {offered}: {chosen}, {place['line']}:{place['character']}")
        assert place["character"] == column, place
        server.end()


def letters(wfc, folder):
    """An output that is renamed, with letters before it that take several bytes: what is replaced is its name, in both places."""
    text = 'task t(name: String = "öö𝄞") -> made: file { needs cpus 1  sh "echo @{name} > @{made}" }\nflow f { a = t()  b = a.made }\n'
    server = Server(wfc)
    server.start()
    uri = (pathlib.Path(folder) / "letters.wf").as_uri()
    server.send({"method": "textDocument/didOpen", "params": {"textDocument": {"uri": uri, "version": 1, "languageId": "wfc", "text": text}}})
    at = position(text, text.index("a.made") + 2)
    changes = server.ask("textDocument/references", {"textDocument": {"uri": uri}, "position": at, "context": {"includeDeclaration": True}})["result"]
    lines = [line.encode("utf-16-le") for line in text.split("\n")]
    found = [lines[r["start"]["line"]][2 * r["start"]["character"]:2 * r["end"]["character"]].decode("utf-16-le") for r in (c["range"] for c in changes)]
    print(f"letters: {found}")
    server.end()


def cancelled(wfc):
    """What is taken back before its turn is not begun."""
    first, second = request(1, "initialize", {"capabilities": {}}), request(7, "workspace/symbol", {"query": ""})
    cancel = message(b'{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":7}}')
    show("cancelled", wfc, first, second, cancel, request(8, "shutdown"), message(b'{"jsonrpc":"2.0","method":"exit"}'))


def main(wfc, folder):
    start = request(1, "initialize", {"capabilities": {}})
    end = request(9, "shutdown") + message(b'{"jsonrpc":"2.0","method":"exit"}')
    leave = message(b'{"jsonrpc":"2.0","method":"exit"}')
    show("in order", wfc, start, end)
    show("exit without shutdown", wfc, start, leave)
    show("end of input", wfc, start)
    show("nothing at all", wfc, b"")
    show("before initialize", wfc, request(3, "textDocument/hover", {}), start, end)
    show("initialize twice", wfc, start, request(2, "initialize", {"capabilities": {}}), end)
    show("after shutdown", wfc, start, request(5, "shutdown"), request(6, "textDocument/hover", {}), leave)
    show("no such method", wfc, start, request(4, "textDocument/nothing", {}), end)
    show("a file that is not there", wfc, start, request(4, "textDocument/hover", {"textDocument": {"uri": "file:///nowhere/x.wf"}}), end)
    show("parameters of other shapes", wfc, start, request(4, "textDocument/hover", 7), request(5, "textDocument/rename", {"textDocument": []}),
         message(b'{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"contentChanges":[3]}}'), end)
    show("no JSON", wfc, start, message(b"{nothing"), end)
    show("an array", wfc, start, message(b"[]"), end)
    show("no request", wfc, start, message(b'{"id":[1],"method":"x"}'), message(b'{"id":4}'), end)
    show("brackets a million deep", wfc, start, message(b"[" * 1_000_000), end)
    show("bytes that are no UTF-8", wfc, start, message(b'{"method":"\xff\xfe"}'), end)
    show("half a surrogate", wfc, start, request(4, "workspace/symbol", {"query": "\ud800"}), end)
    show("a length that is too short", wfc, start, b"Content-Length: 10\r\n\r\n" + b'{"jsonrpc":"2.0","id":3,"method":"x"}', end)
    show("a length that is too long", wfc, start, b"Content-Length: 60\r\n\r\n" + b'{"jsonrpc":"2.0","id":3,"method":"x"}', b" " * 4, end, request(2, "shutdown"), end)
    show("a length that is none", wfc, start, b"Content-Length: many\r\n\r\n", end)
    show("a length of the whole world", wfc, start, b"Content-Length: 99999999999\r\n\r\n", end)
    show("other headers", wfc, start.replace(b"Content-Length", b"Content-Type: application/json\r\ncontent-length"), end)
    show("noise between", wfc, start, b"x" * 10_000, end)
    cancelled(wfc)
    units(wfc, folder)
    letters(wfc, folder)


main(sys.argv[1], sys.argv[2])
