"""Checks files, and compares what is reported with the marks they hold: exactly these reports, at these places, in these words.

    reports.py WFC [OPTION…] FILE.wf

A mark is a comment below the line it speaks of, its carets below what the report underlines:

      for w in initial { … }
    //         ^^^^^^^ WF0201 there is no `initial` here

Files without marks must be clean. What an option names (a site) is read for marks too, where `#` begins a comment.
"""
import json
import os
import re
import subprocess
import sys

MARK = re.compile(r"^\s*(?://|#)\s*(\^+) (WF\d{4}) (.+)$")


def marks(path):
    with open(path, encoding="utf-8") as file:
        line = 0
        for number, text in enumerate(file.read().splitlines(), 1):
            mark = MARK.match(text)
            if not mark:
                line = number
                continue
            yield f"{path}:{line}:{mark.start(1) + 1}-{mark.end(1) + 1}: {mark[2]} {mark[3]}"


def reports(lines):
    for line in lines:
        report = json.loads(line)
        place = f"{report['file']}:{report['line']}:{report['column']}-{report['end_column']}"
        if report["end_line"] != report["line"]:
            place += f" of line {report['end_line']}"
        yield f"{place}: {report['id']} {report['text']}", report["severity"]


def main():
    wfc, *words = sys.argv[1:]
    done = subprocess.run([wfc, "check", "--shellcheck=never", "--format=json", *words], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=60)
    found = list(reports(done.stdout.splitlines()))
    wanted = [mark for word in words if os.path.isfile(word) for mark in marks(word)]
    said = sorted(text for text, _ in found)
    for text in sorted({*said, *wanted}):
        if said.count(text) != wanted.count(text):
            print(f"{'not reported' if text in wanted else 'not marked'}: {text}")
    status = int(any(severity == "error" for _, severity in found))
    if done.returncode != status:
        print(f"exit status {done.returncode} instead of {status}")
    return said != sorted(wanted) or done.returncode != status


sys.exit(main())
