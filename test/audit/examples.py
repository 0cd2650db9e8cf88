"""The examples of the catalogue that are documents of Rocoto, as files."""

import pathlib
import re
import tomllib

CATALOG = pathlib.Path(__file__).resolve().parents[2] / "compiler/diag/catalog/audit.toml"
# An attribute of the grammar that nothing reads.
TAKEN = {"WF1013"}


def examples(work):
    """Each id, whether it is its `good` or its `bad`, and the document; what it includes lies beside."""
    for ident, entry in tomllib.loads(CATALOG.read_text(encoding="utf-8")).items():
        for kind in ("good", "bad") if ident.startswith("WF10") else ():
            folder = work / ident / kind
            folder.mkdir(parents=True, exist_ok=True)
            for name, text in re.findall(r"^//--- (\S+)\n(.*?)(?=^//--- |\Z)", entry[kind], re.S | re.M):
                (folder / name).write_text(text, encoding="utf-8")
            yield ident, kind, folder / "workflow.xml"
