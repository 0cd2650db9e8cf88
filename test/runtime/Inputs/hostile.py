"""Sends hostile strings through every kind of hole and compares what arrived: hostile.py WFC WFR DIR."""
import json
import os
import subprocess
import sys

CASES = [
    "", " ", "  two  blanks ", "'", '"', "'\"'\"", "it's \"so\"", "\\", "a\\nb", "\n", "line\nbreak\n", "\t", "$HOME", "${HOME}", "$(id)",
    "`id`", "!!", "*", "?", "[a-z]*", "{a,b}", "~", "~root", "-n", "--help", "--", "-", "; rm -rf x", "a && b", "a | b", "> x", "< x",
    "# no comment", "@{s}", "%s %d", "\x01\x7f", "ünïcödé ☃ 日本", "\U0001f600", "e\u0301", "\u202e", "null", "None", "True", "0", "1e9",
    "x" * 5000, "y'" * 40000, "WFR_INSTANCE=1", "=", "a=b", "__import__('os')", "\r\n", "\"\"\"", "'''", "EOF", "$'\\n'", "\\'",
]

ARGV = "import json, sys\njson.dump(sys.argv[2:], open(sys.argv[1], 'w'))\n"
ENV = "import json, os, sys\njson.dump(os.environ['HOSTILE'], open(sys.argv[1], 'w'))\n"


SAY = "import sys\nsys.stdout.write('|'.join(w if len(w) < 9999 else w[:9] + str(len(w)) for w in sys.argv[1:]))\n"
STDIN = "import json, sys\njson.dump(sys.stdin.buffer.read().decode(), open(sys.argv[1], 'w'))\n"
KINDS = [["int", 3], ["float", 2.0], ["bool", True], ["str", "2025-03-02"], ["str", "3GiB"], ["str", "1h30min"], ["NoneType", None],
         ["list", [1.0, 0.5]]]


def said(*words):
    """What `$(…)` leaves of words: the shell takes line ends away."""
    return "|".join(w if len(w) < 9999 else w[:9] + str(len(w)) for w in words).rstrip("\n")


def toml(text):
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def main():
    wfc, wfr, folder = sys.argv[1:4]
    os.makedirs(folder)
    os.chdir(folder)
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "hostile.wf")) as source, open("hostile.wf", "w") as copy:
        copy.write(source.read())
    for name, text in (("argv.py", ARGV), ("env.py", ENV), ("say.py", SAY), ("stdin.py", STDIN)):
        with open(name, "w") as file:
            file.write(text)
    with open("cases.toml", "w", encoding="utf-8") as file:
        everything = ", ".join(toml(case) for case in CASES)
        for number, case in enumerate(CASES):
            file.write(f"[[case]]\nid = {number}\ns = {toml(case)}\nall = [{everything}]\n")
    subprocess.run([wfc, "build", "hostile.wf", "-o", "out"], check=True)
    subprocess.run([wfr, "start", "out", "--run", "run", "--wait"], check=True)
    wrong = 0
    for number, case in enumerate(CASES):
        split = [case, f"a{case}b", f"c{case}d", f"e{case}"]
        wanted = {
            "a": split, "b": split, "d": [case] + CASES, "e": [case] + CASES, "f": case,
            "g": ["a" + said(case, "b" + case, "c" + case) + "d", said(case), said(case), case, f"e'{case}_t"],
            "h": f"{case}\na{case}b {said('x' + case, case)} 'c{case}' \"d{case}\"\n",
            "i": [f"a{case}b", f"a{case}b", case + "_1", case + "[0]", case + "_t"] + ["$" + case] * 4,
            "j": [f"a{case}b", "{c}" + case, case + '"', "\\{" + case + "'"],
        }
        for family, want in wanted.items():
            with open(f"run/files/{family}/{number}") as file:
                got = json.load(file)
            if got != want:
                wrong += 1
                print(f"{family}[{number}]: wanted {str(want)[:80]!r}, got {str(got)[:80]!r}")
    with open("run/files/k") as file:
        got = json.load(file)
    if got != KINDS:
        wrong += 1
        print(f"kinds: {got}")
    print(f"{len(CASES)} strings through 9 kinds of holes: {wrong} changed")
    return wrong != 0


sys.exit(main())
