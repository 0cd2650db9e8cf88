"""names.py FOLDER: how many files there are, how many differ, and what their names are."""
import os
import re
import sys

folder = sys.argv[1]
names = os.listdir(folder)
contents = {open(os.path.join(folder, name), encoding="utf-8").read() for name in names}
hashes = all(re.fullmatch("[0-9a-f]{12}", name) for name in names)
print(f"{len(names)} files, {len(contents)} contents, names of {'12 hexadecimal digits' if hashes else sorted(names)[:3]}")
