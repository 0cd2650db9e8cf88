"""Holds the page of a run against its JSON: account.py PAGE JSON."""
import json
import re
import sys

page, whole = open(sys.argv[1]).read(), json.load(open(sys.argv[2]))
inside = json.loads(re.search(r'<script id="data" type="application/json">(.*?)</script>', page, re.DOTALL)[1])
for each in (inside, whole):
    each.pop("state")
print("page and JSON:", "the same" if inside == whole else "different")
print("from outside:", len(re.findall(r"""(?:src|href)=|url\(|@import|https?://""", page.split('<script id="data"')[0])))
print("ok", whole["counts"]["ok"])
attempts = next(each for each in whole["instances"] if each["id"] == "a[2]")["attempts"]
print(f"attempts of a[2]: {len(attempts)}, {sum(bool(each.get('past')) for each in attempts)} of them past")
print("node hours add up:", abs(sum(each["node_hours"] for each in whole["families"]) - whole["node_hours"]) < 1e-9)
