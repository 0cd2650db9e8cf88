#!/usr/bin/env python3
"""bash -n, and shellcheck where it is installed, over every job script below a folder. There must be some."""

import pathlib
import shutil
import subprocess
import sys

scripts = sorted(p for p in pathlib.Path(sys.argv[1]).rglob("*") if p.suffix in (".sh", ".sbatch"))
commands = [["bash", "-n"]]
if shutil.which("shellcheck"):
    commands.append(["shellcheck"])
failed = not scripts
for script in scripts:
    for command in commands:
        failed |= subprocess.run([*command, script]).returncode != 0
sys.exit(1 if failed else 0)
