"""Reads a Workflow Run RO-Crate: crate.py DIR. What is named is described, what is described is there, and as large as it says."""
import json
import pathlib
import sys
import urllib.parse


def names(value):
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            yield item["@id"]


def main():
    folder = pathlib.Path(sys.argv[1])
    crate = json.loads((folder / "ro-crate-metadata.json").read_text())
    known = {entity["@id"]: entity for entity in crate["@graph"]}
    assert len(known) == len(crate["@graph"]), "an identifier is described twice"
    for entity in known.values():
        for key, value in entity.items():
            for name in names(value):
                if name not in known and not name.startswith("https://w3id.org/ro/crate/1.1"):
                    print(f"{entity['@id']} names {name} as its {key}, which nobody describes")
        if {"File", "Dataset"} & set([entity["@type"]] if isinstance(entity["@type"], str) else entity["@type"]):
            path = folder / urllib.parse.unquote(entity["@id"])
            if not path.exists() or "contentSize" in entity and path.is_file() and path.stat().st_size != int(entity["contentSize"]):
                print(f"{entity['@id']} is not there, or not as large")
    root = known["./"]
    print("main", root["mainEntity"]["@id"], known[root["mainEntity"]["@id"]]["@type"])
    for name in names(root["mentions"]):
        action = known[name]
        status = action["actionStatus"].rpartition("/")[2]
        reads, makes = (",".join(names(action.get(key, []))) for key in ("object", "result"))
        print(f"{action['name']} by {action['instrument']['@id']}: {status} {action.get('error', '')} reads {reads} makes {makes}")


main()
