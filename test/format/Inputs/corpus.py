"""Formats every text of the repository, and each again with its blanks shaken: corpus.py WFC ROOT [SHAKES].

What comes out must come out of itself again; that it means the same wfc itself demands. Texts with mistakes are counted.
"""
import pathlib
import random
import re
import subprocess
import sys

BLANKS = re.compile(r"[ \t]+")


def run(wfc, text):
    done = subprocess.run([wfc, "fmt", "-"], input=text, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        print(f"exit {done.returncode}: {done.stderr.decode(errors='replace')}\n{text.decode(errors='replace')}")
        sys.exit(1)
    return done.stdout if done.returncode == 0 else None


def shaken(text, chance):
    """Lines with other blanks where blanks are, outside of strings and comments, and other indentation."""
    inside, lines = False, []
    for line in text.decode(errors="replace").split("\n"):
        touch = not inside and '"' not in line and "//" not in line
        inside ^= line.count('"""') % 2 == 1
        if touch:
            line = BLANKS.sub(lambda _: " " * chance.choice([1, 1, 2, 5]), line)
            line = " " * chance.choice([0, 1, 4]) + line
            lines += [""] * chance.choice([0, 0, 0, 2])
        lines.append(line)
    return "\n".join(lines).encode()


def main():
    wfc, root, shakes = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1
    chance = random.Random(1)
    good = bad = 0
    for path in sorted(root.glob("**/*.wf")):
        if "build" in path.relative_to(root).parts[0]:
            continue
        text = path.read_bytes()
        for version in [text, *(shaken(text, chance) for _ in range(shakes))]:
            once = run(wfc, version)
            if once is None:
                bad += 1
                break
            good += 1
            if run(wfc, once) != once:
                print(f"{path}: another layout the second time")
    print(f"{good} texts, {bad} with mistakes")


main()
