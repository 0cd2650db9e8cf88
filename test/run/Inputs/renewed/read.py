"""Reads the secret again and again until it has been renewed twice."""
import os
import re
import sys
import time

seen = []
path = os.environ["TOKEN_FILE"]
assert "secret" not in " ".join(value for name, value in os.environ.items() if name != "WFR_SECRETS")
for _ in range(4000):
    text = open(path).read()
    assert re.fullmatch(r"secret-of-mine-\d+", text), text
    if text not in seen:
        seen.append(text)
    if len(seen) == 3:
        break
    time.sleep(0.005)
assert seen[1:] == ["secret-of-mine-2", "secret-of-mine-3"], seen
with open(sys.argv[1], "w") as out:
    print(f"first was {seen[0]}, whole\nlater there were others", file=out)
