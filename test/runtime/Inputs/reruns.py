"""Reads the account of a run and says how many instances have run once and twice."""
import json
import sys

runs = {each["id"]: len(each["attempts"]) for each in json.load(sys.stdin)["instances"]}
twice = [id for id, count in runs.items() if count == 2]
print(f"run twice: {len(twice)}, the first {twice[0]}")
print("run once:", sum(count == 1 for count in runs.values()))
