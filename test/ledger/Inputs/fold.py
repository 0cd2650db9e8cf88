"""Many controllers make many journals, which are folded: fold.py WFC WFR DIR.

Controllers are killed at any moment, folded files are put back as a kill between the rename and the removals leaves them, and readers look
on all the while: no end that was acknowledged is ever lost, and few files are left.
"""
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time

FLOW = """task one(n: Int) -> o: file { needs cpus 1, memory 16MiB, time 1min  retry 3 on failed  sh "echo @{n} > @{o}" }
flow many { for n in 1 .. 90 { part = one(n) } }
"""


class Ledger:
    def __init__(self, wfr):
        self.wfr, self.lost, self.refused = wfr, 0, 0
        self.seen = set()

    def ended(self):
        reply = subprocess.run([self.wfr, "status", "run", "--json"], capture_output=True, text=True)
        if reply.returncode != 0:
            self.refused += 1
            print(reply.stderr.strip())
            return set()
        return {i["id"] for i in json.loads(reply.stdout)["instances"] if i["state"] == "ok"}

    def look(self):
        """What was seen once must be seen for ever."""
        before = set(self.seen)
        now = self.ended()
        self.lost += len(before - now)
        self.seen |= now

    def start(self, *words, kill_after=None):
        start = subprocess.Popen([self.wfr, "start", "out", "--run", "run", "--wait", *words], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        if kill_after is not None:
            time.sleep(kill_after)
            start.kill()
        return start.wait()


def journals():
    return sorted(name for name in os.listdir("run/ledger") if name.startswith("journal."))


def watch(ledger, is_over):
    while not is_over.is_set():
        ledger.look()


def main():
    wfc, wfr, folder = sys.argv[1:4]
    os.makedirs(folder)
    os.chdir(folder)
    with open("many.wf", "w") as file:
        file.write(FLOW)
    subprocess.run([wfc, "build", "many.wf", "-o", "out"], check=True)
    chance = random.Random(5)
    ledger = Ledger(wfr)
    ledger.start("--stop-after", "1")
    is_over = threading.Event()
    reader = threading.Thread(target=watch, args=(ledger, is_over), daemon=True)
    reader.start()
    most = put_back = 0
    for round_ in range(60):
        shutil.rmtree("aside", ignore_errors=True)
        os.mkdir("aside")
        for name in journals():
            shutil.copy(f"run/ledger/{name}", f"aside/{name}")
        ledger.start("--stop-after", "1", kill_after=chance.random() * 0.06 if round_ % 2 else None)
        most = max(most, len(journals()))
        for name in os.listdir("aside"):
            if name.startswith("journal.") and not os.path.exists(f"run/ledger/{name}") and chance.random() < 0.5:
                shutil.copy(f"aside/{name}", f"run/ledger/{name}")
                put_back += 1
    is_over.set()
    reader.join()
    ledger.look()
    last = ledger.start()
    print(f"exit {last}: {len(ledger.ended())} ok, {ledger.lost} lost, {ledger.refused} refused")
    print(f"few journals: {most < 20 and len(journals()) < 12}, put back: {put_back > 0}")
    os.remove(f"run/ledger/{journals()[0]}")
    ledger.ended()


sys.exit(main())
