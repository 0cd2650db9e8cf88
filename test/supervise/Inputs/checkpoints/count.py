"""Counts to a goal; saves every 20 and when it is asked to, and goes on."""
import os
import signal
import sys
import time

folder, goal, pause = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
latest = os.path.join(folder, "latest.txt")
count = int(open(latest).read()) if os.path.exists(latest) else 0
print("from", count, flush=True)
asked = []
signal.signal(signal.SIGUSR1, lambda *_: asked.append(1))
os.makedirs(folder, exist_ok=True)
while count < goal:
    time.sleep(pause)
    count += 1
    if asked or count % 20 == 0:
        asked.clear()
        with open(os.path.join(folder, ".part"), "w") as part:
            part.write(str(count))
        os.rename(os.path.join(folder, ".part"), os.path.join(folder, f"step-{count:03}.txt"))
if len(sys.argv) > 4:
    os.rename(os.path.join(folder, f"step-{goal:03}.txt"), sys.argv[4])
