"""Documents cut and mangled at random: an audit and an import end with 0 or 1, and soon, whatever they are given.

usage: hostile.py BIN_DIR WORK_DIR
"""

import pathlib
import random
import subprocess
import sys
import tomllib

CATALOG = pathlib.Path(__file__).resolve().parents[2] / "compiler/diag/catalog/audit.toml"
BITS = ["<", ">", "&", ";", "#x#", "@", "%n", "<!ENTITY a '&a;'>", "&a;", "\0", "é", "]]>", "<![CDATA[", "--", "'", '"', " " * 50, "9" * 30, ":", "-", "+", "\r\n"]
BOMB = """<!DOCTYPE workflow [ <!ENTITY e0 "{}"> {} ]>
<workflow realtime="F" scheduler="slurm"{}><log>{}</log></workflow>
"""


def bombs():
    rows = " ".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(12))
    for leaf in ("ha", "", "<a/>"):
        yield BOMB.format(leaf, rows, "", "&e12;")
    yield BOMB.format("ha", rows, ' x="&e12;"', "")
    yield BOMB.format("&e1;", '<!ENTITY e1 "&e0;">', ' x="&e1;"', "&e0;")
    yield "<workflow>" + "<and>" * 100000
    yield "<workflow>" + "<and>" * 150 + "</and>" * 150 + "</workflow>"
    values = " ".join(str(n) for n in range(2000))
    nest = "".join(f'<metatask name="m{n}"><var name="x{n}">{values}</var>' for n in range(4))
    yield f'<workflow realtime="F" scheduler="slurm"><log/>{nest}<task name="t"/>' + "</metatask>" * 4 + "</workflow>"
    yield '<workflow realtime="F" scheduler="slurm"><log/><cycledef>000001010000 999912310000 1</cycledef><task name="t"><dependency><taskdep task="t" cycle_offset="999999999:00:00:00"/></dependency></task></workflow>'
    yield '<workflow><metatask><var name="x">#x# #x#</var><task name="#x#"/></metatask></workflow>'
    yield ""
    yield "\xff\xfe<\0w\0"


def run(bin_dir, path, text):
    path.write_text(text, encoding="utf-8", newline="")
    failed = 0
    for command in (["audit"], ["import", "--force"]):
        done = subprocess.run([f"{bin_dir}/wfc", *command, path, "--from", "rocoto"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
        if done.returncode not in (0, 1):
            failed = 1
            print(f"{command[0]}: exit {done.returncode} for:\n{text[:2000]}\n{done.stdout[:2000]!r}")
    return failed


def main():
    bin_dir, work = sys.argv[1], pathlib.Path(sys.argv[2])
    work.mkdir(parents=True, exist_ok=True)
    dice, failed, count = random.Random(7), 0, 0
    texts = list(bombs())
    for entry in tomllib.loads(CATALOG.read_text(encoding="utf-8")).values():
        for text in (entry["bad"], entry["good"]):
            for _ in range(3):
                at, to = sorted((dice.randrange(len(text) + 1), dice.randrange(len(text) + 1)))
                to = min(to, at + dice.choice((0, 1, 20)))
                texts.append(text[:at] + dice.choice(BITS) + text[to:])
    for text in texts:
        failed += run(bin_dir, work / "workflow.xml", text.removeprefix("\n").removeprefix("//--- workflow.xml\n"))
        count += 1
    print(f"{count} documents, {failed} broke it")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
