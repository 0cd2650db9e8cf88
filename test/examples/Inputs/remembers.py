"""remembers.py SUMMARY: whether less than half is forgotten with elastic weight consolidation, at little cost."""
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    summary = json.load(file)
plain, held = summary["plain"], summary["held"]
print(f"{held['windows']} windows; forgets: {plain['mean_forgetting'] > 0.005}; "
      f"less than half of it with consolidation: {held['mean_forgetting'] < plain['mean_forgetting'] / 2}; "
      f"and learns nearly as well: {held['mean_rmse'] < 1.1 * plain['mean_rmse']}")
