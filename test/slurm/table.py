"""Reads `wfr status --json` and prints a line for each instance: its state and how its attempts ended."""
import json
import sys

run = json.load(sys.stdin)
for instance in run["instances"]:
    attempts = " ".join(str(attempt["outcome"]) for attempt in instance["attempts"] if attempt["n"] > 0)
    print(f"{instance['id']} {instance['state']}{': ' if attempts else ''}{attempts}")
print(f"run {run['state']}")
