"""Counts to 40, a tenth of a second each; when asked to save, takes its time, and leaves."""
import os
import signal
import sys
import time

given = dict(zip(sys.argv[1::2], sys.argv[2::2]))
count = int(open(given["--state"]).read()) if os.path.exists(given["--state"]) else 0
print("from", "the beginning" if count == 0 else "a checkpoint", flush=True)


def save(*_):
    time.sleep(0.3)
    with open(given["--state"], "w") as state:
        state.write(str(count))
    print("saved", flush=True)
    sys.exit(1)


signal.signal(signal.SIGUSR1, save)
while count < 40:
    time.sleep(0.1)
    count += 1
with open(given["--output"], "w") as output:
    output.write(str(count))
