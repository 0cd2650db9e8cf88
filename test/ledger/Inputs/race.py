"""A reader on one side, a holder who takes ends from the inbox into the journal on the other: race.py WFC WFR DIR.

What stands in the inbox, then in both, then in the journal alone is never seen to vanish. The ledger is made long, so that a reader
takes its time between the two, and the holder is played here, in the order in which the real one writes.
"""
import os
import random
import re
import subprocess
import sys
import threading
import time

FLOW = """task one(n: Int) -> o: file { needs cpus 1, memory 16MiB, time 1min  sh "echo @{n} > @{o}" }
flow many { for n in 1 .. 70000 { part = one(n) } }
"""
LONG, MOVES = 60000, 60


def checksum(text):
    """CRC-32C, as each line of the ledger begins with."""
    crc = 0xFFFFFFFF
    for byte in text:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def entry(n):
    for _ in range(8):
        n = 0x82F63B78 ^ (n >> 1) if n & 1 else n >> 1
    return n


TABLE = [entry(n) for n in range(256)]


def line(template, n):
    rest = template.replace(b"part[1]", b"part[%d]" % n)
    return b"%08x" % checksum(rest[1:].rstrip(b"\n")) + rest


class Reader(threading.Thread):
    def __init__(self, wfr):
        super().__init__(daemon=True)
        self.wfr, self.most, self.lost, self.over = wfr, 0, 0, False

    def run(self):
        while not self.over:
            reply = subprocess.run([self.wfr, "status", "run"], capture_output=True, text=True, check=True)
            ok = int(re.search(r"(\d+) ok", reply.stdout)[1])
            self.lost += ok < self.most
            self.most = max(self.most, ok)


def main():
    wfc, wfr, folder = sys.argv[1:4]
    chance = random.Random(5)
    os.makedirs(folder)
    os.chdir(folder)
    with open("many.wf", "w") as file:
        file.write(FLOW)
    subprocess.run([wfc, "build", "many.wf", "-o", "out"], check=True)
    subprocess.run([wfr, "start", "out", "--run", "run", "--wait", "--stop-after", "1", "-j", "1"], stderr=subprocess.DEVNULL)
    first = "run/ledger/" + min(name for name in os.listdir("run/ledger") if name.startswith("journal."))
    with open(first, "rb") as file:
        ends = [text for text in file.read().splitlines(keepends=True) if text[8:].startswith(b"\tend\t") and b"part[1]" in text]
    template = ends[0][8:]
    assert line(template, 1) == ends[0], "the checksum is another now"
    with open(first, "ab", buffering=0) as journal:
        journal.write(b"".join(line(template, n) for n in range(2, LONG)))
        readers = [Reader(wfr), Reader(wfr)]
        for reader in readers:
            reader.start()
        for n in range(LONG, LONG + MOVES):
            end = line(template, n)
            with open("run/ledger/inbox/.aside", "wb") as file:
                file.write(end)
            os.rename("run/ledger/inbox/.aside", f"run/ledger/inbox/part[{n}].1.end")
            # Seen by all, who are then at any point of their next look.
            while min(reader.most for reader in readers) < n and all(reader.is_alive() for reader in readers):
                time.sleep(0.002)
            time.sleep(chance.random() * 0.1)
            journal.write(end)
            os.fsync(journal.fileno())
            os.unlink(f"run/ledger/inbox/part[{n}].1.end")
    for reader in readers:
        reader.over = True
        reader.join()
    print(f"{sum(reader.lost for reader in readers)} lost, all seen: {max(r.most for r in readers) >= LONG}")


sys.exit(main())
