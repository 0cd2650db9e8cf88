"""The greatest sum on the way of a file of numbers: most.py TRACE."""
import itertools
import sys

with open(sys.argv[1], encoding="utf-8") as trace:
    print(f"at most {max(itertools.accumulate(map(int, trace)))} at once")
