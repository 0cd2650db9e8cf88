#!/usr/bin/env python3
"""Holds `wfc audit` against sbatch itself: what sbatch refuses must be an error, and what is an error must be refused, unless
the report is about something that sbatch takes in silence and that is wrong nonetheless.

usage: audit.py WFC SITE DIRECTIVES CATALOGUE WORK_DIR     (with SLURM_CONF set)
"""

import json
import pathlib
import re
import subprocess
import sys
import tomllib

# Accepted without a word, and not what was meant.
SILENT = {"late-directive", "continued-directive", "single-dash", "variable-in-directive", "placeholder-in-directive",
          "more-ranks-than-tasks"}


def scripts(directives, catalogue):
    """{name: text} of every script to try."""
    for number, line in enumerate(directives.read_text(encoding="utf-8").splitlines(), 1):
        if not line.startswith("#"):
            text = re.sub(r"\\n(?=#SBATCH|  )", "\n", line)
            yield f"line{number}.slurm", f"#!/bin/bash\n#SBATCH {text}\nhostname\n"
    for ident, entry in tomllib.loads(catalogue.read_text(encoding="utf-8")).items():
        # Examples with a site of their own ask for what this cluster has not.
        for kind in ("bad", "good"):
            files = re.split(r"^//--- (\S+)\n", entry[kind], flags=re.M)[1:]
            if ident.startswith("WF11") and files[::2] == ["job.slurm"]:
                yield f"{ident}_{kind}.slurm", files[1]
    first = "#!/bin/bash\n#SBATCH --time=5\n"
    yield from {"dos.slurm": first.replace("\n", "\r\n") + "hostname\r\n", "bom.slurm": "\ufeff" + first + "hostname\n",
                "blank.slurm": "\n" + first + "hostname\n", "comment.slurm": "# hello\n" + first + "hostname\n",
                "python.slurm": "#!/usr/bin/env python3\n#SBATCH --time=xx\nprint()\n",
                "indented.slurm": "#!/bin/bash\n  # hello\n#SBATCH --time=xx\nhostname\n",
                "other.slurm": "#!/bin/bash\n#PBS -q foo\n#SBATCH --ignore-pbs\nhostname\n"}.items()


def main():
    wfc, site, directives, catalogue, work = sys.argv[1:3] + [pathlib.Path(word) for word in sys.argv[3:]]
    work.mkdir(parents=True, exist_ok=True)
    names = []
    for name, text in scripts(directives, catalogue):
        (work / name).write_bytes(text.encode())
        names.append(name)
    audit = subprocess.run([wfc, "audit", *names, "--site", site, "--format=json", "--all", "--from", "slurm"], cwd=work, text=True, errors="replace",
                           stdout=subprocess.PIPE, check=False)
    errors, notes = {name: set() for name in names}, {name: set() for name in names}
    for line in audit.stdout.splitlines():
        report = json.loads(line)
        (errors if report["severity"] == "error" else notes)[report["file"]].add(report["name"])
    wrong, refused = 0, 0
    for name in names:
        real = subprocess.run(["sbatch", "--test-only", name], cwd=work, text=True, errors="replace", check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        refused += real.returncode != 0
        loud = errors[name] - SILENT
        if "option-of-plugin" in notes[name]:
            continue  # this one has no plugins
        # A silent mistake may hide in a value that is refused for its form.
        if (real.returncode != 0) != bool(loud) and not (real.returncode != 0 and errors[name]):
            wrong += 1
            text = (work / name).read_text(encoding="utf-8", errors="replace")
            print(f"{name}: sbatch leaves with {real.returncode}, audit says {sorted(errors[name])}\n{text}{real.stdout}")
    print(f"{len(names)} scripts, {refused} refused: {wrong} verdicts differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
