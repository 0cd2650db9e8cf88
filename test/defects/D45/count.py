"""Writes the words that it was given, a line each, as Python sees them."""
import sys

words = sys.argv[1:]
with open(words[words.index("--output") + 1], "w", encoding="utf-8") as out:
    for word in words[:words.index("--output")]:
        if word != "--option":
            print(repr(word), file=out)
