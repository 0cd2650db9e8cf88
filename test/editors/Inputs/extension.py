"""Every file that a VS Code extension names is there, and holds JSON: extension.py DIR."""
import json
import pathlib
import sys


def paths(value):
    """What stands under `path` or `configuration`, at any depth."""
    if isinstance(value, dict):
        yield from (v for k, v in value.items() if k in ("path", "configuration") and isinstance(v, str))
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from paths(item)


folder = pathlib.Path(sys.argv[1])
named = list(paths(json.loads((folder / "package.json").read_text(encoding="utf-8"))["contributes"]))
for name in named:
    json.loads((folder / name).read_text(encoding="utf-8"))
sys.exit(0 if len(named) == 3 else f"{len(named)} files are named")
