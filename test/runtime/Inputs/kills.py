"""Kills a run at many points and goes on each time: kills.py WFC WFR DIR WHO.

WHO is whom the kill -9 hits: `engine`, `body` or `all`. At the end the files are those of the unbroken run, and no instance whose
end was in the journal when the kill came has run again.
"""
import collections
import hashlib
import os
import signal
import subprocess
import sys
import time


def tree(folder):
    found = {}
    for top, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(top, name)
            data = os.readlink(path).encode() if os.path.islink(path) else open(path, "rb").read()
            found[os.path.relpath(path, folder)] = hashlib.sha256(data).hexdigest()
    return found


def acknowledged(run):
    ids = set()
    ledger = os.path.join(run, "ledger")
    for name in os.listdir(ledger):
        if not name.startswith("journal."):
            continue
        for line in open(os.path.join(ledger, name), "rb").read().split(b"\n")[:-1]:
            fields = line.split(b"\t")
            if len(fields) > 6 and fields[1] == b"end" and fields[6] == b"ok":
                ids.add(fields[3].decode())
    return ids


def ran(folder):
    path = os.path.join(folder, "ran")
    return collections.Counter(open(path).read().split("\n")) if os.path.exists(path) else collections.Counter()


def processes():
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                stat = open(f"/proc/{name}/stat").read().rsplit(")", 1)[1].split()
                yield int(name), int(stat[1]), int(stat[3])
            except OSError:
                pass


def family_of(engine):
    """Attendants of the engine, and the bodies of those."""
    table = list(processes())
    attendants = [pid for pid, parent, _ in table if parent == engine]
    bodies = [pid for pid, parent, _ in table if parent in attendants]
    sessions = [pid for pid, _, session in table if session in bodies]
    return attendants, sorted(set(bodies + sessions))


def kill(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def main():
    wfc, wfr, folder, who = sys.argv[1:5]
    here = os.path.dirname(os.path.abspath(__file__))
    for name in ("plain", "broken"):
        os.makedirs(os.path.join(folder, name))
        with open(os.path.join(here, "kills.wf")) as source, open(os.path.join(folder, name, "kills.wf"), "w") as copy:
            copy.write(source.read())
        subprocess.run([wfc, "build", "kills.wf", "-o", "out"], cwd=os.path.join(folder, name), check=True, capture_output=True)
    plain, broken = os.path.join(folder, "plain"), os.path.join(folder, "broken")
    start = [wfr, "start", "out", "--run", "run", "--wait", "-j3"]
    subprocess.run(start, cwd=plain, check=True, capture_output=True)
    kills, repeated, delay = 0, 0, 0.02
    while True:
        engine = subprocess.Popen(start, cwd=broken, stderr=subprocess.PIPE, text=True)
        time.sleep(delay)
        delay += 0.017
        if engine.poll() is not None:
            if engine.returncode in (0, 1):
                break
            print("start ended", engine.returncode, engine.stderr.read())
            return 1
        attendants, bodies = family_of(engine.pid)
        os.kill(engine.pid, signal.SIGSTOP)
        done, before = acknowledged(os.path.join(broken, "run")) if os.path.exists(os.path.join(broken, "run", "ledger")) else set(), ran(broken)
        if who == "engine":
            kill([engine.pid])
        elif who == "all":
            kill([engine.pid] + attendants + bodies)
        else:
            kill(bodies[:1])
            os.kill(engine.pid, signal.SIGCONT)
        kills += 1
        if who == "body":
            if engine.wait() not in (0, 1):
                print("start ended", engine.returncode, engine.stderr.read())
                return 1
            break
        engine.wait()
        if kills > 200:
            print("it never ends")
            return 1
        # Whoever outlived the engine has until the next start.
        previous = (done, before)
        history.append(previous)
    after = ran(broken)
    for done, before in history:
        repeated += sum(after[id] > before[id] for id in done)
    same = tree(os.path.join(plain, "run/files")) == tree(os.path.join(broken, "run/files"))
    same &= tree(os.path.join(plain, "run/published")) == tree(os.path.join(broken, "run/published"))
    print(f"kills of {who}: enough" if kills > (0 if who == "body" else 5) else f"only {kills} kills")
    print(f"acknowledged and run again: {repeated}")
    print("files and links:", "as unbroken" if same or (who == "body" and engine.returncode == 1) else "different")
    return 0


history = []
sys.exit(main())
