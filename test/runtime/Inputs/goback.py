"""Takes a run back at random, again and again, and compares its end with that of an untouched one.

    goback.py WFC WFR DIR FLOW ROUNDS [SEED]

FLOW is a file whose folder is copied beside it. In each round a person rewinds or retries something, while a controller works or
while none does, and now and then the controller is killed or the run stopped. In the end states, files and links must be those of
the untouched run, and nothing of what was rewound may be left beside them.
"""
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time


def tree(folder):
    found = {}
    for top, folders, names in os.walk(folder):
        for name in names + folders:
            path = os.path.join(top, name)
            if os.path.islink(path):
                target = os.readlink(path)
                # A list is built aside, in a folder with the time in its name.
                found[os.path.relpath(path, folder)] = ".wfr-list" if target.startswith(".wfr-list") else target
            elif os.path.isfile(path):
                inside = os.path.relpath(path, folder)
                inside = "/".join(".wfr-list" if part.startswith(".wfr-list") else part for part in inside.split("/"))
                found[inside] = hashlib.sha256(open(path, "rb").read()).hexdigest()
    return {path: what for path, what in found.items() if ".wfr-list" not in path}


def states(wfr, folder):
    said = subprocess.run([wfr, "status", "run", "--json"], cwd=folder, check=True, capture_output=True, text=True).stdout
    document = json.loads(said)
    return document["state"], {each["id"]: each["state"] for each in document["instances"]}


def prepare(wfc, source, folder):
    shutil.copytree(os.path.dirname(source), folder)
    flow = os.path.basename(source)
    # Temporaries of earlier attempts must not decide how a body ends.
    subprocess.run([wfc, "build", flow, "-o", "out"], cwd=folder, check=True, capture_output=True)


class Run:
    def __init__(self, wfr, folder, chance):
        self.wfr, self.folder, self.chance, self.engine = wfr, folder, chance, None

    def start(self):
        if self.engine and self.engine.poll() is not None:
            self.engine = None
        if not self.engine:
            command = [self.wfr, "start", "out", "--run", "run", "--wait", "-j3"]
            self.engine = subprocess.Popen(command, cwd=self.folder, stderr=subprocess.DEVNULL)

    def end(self):
        """Runs to its end; the exit status of the last start."""
        for _ in range(20):
            self.start()
            status = self.engine.wait(timeout=300)
            self.engine = None
            if status in (0, 1) and states(self.wfr, self.folder)[0] == "ended":
                return status
        return "it never ends"

    def selector(self):
        _, known = states(self.wfr, self.folder)
        id = self.chance.choice(sorted(known))
        return self.chance.choice([id, id.split("[")[0], f"{id.split('[')[0]}:ok", "*:failed"])

    def wish(self):
        verb = self.chance.choice(["rewind", "rewind", "rewind", "retry"])
        done = subprocess.run([self.wfr, verb, "run", self.selector()], cwd=self.folder, capture_output=True, text=True)
        if done.returncode not in (0, 4):
            print(verb, "ended", done.returncode, done.stderr)
            sys.exit(1)

    def kill(self):
        if self.engine:
            self.engine.send_signal(signal.SIGKILL)
            self.engine.wait()
            self.engine = None

    def stop(self):
        subprocess.run([self.wfr, "stop", "run"], cwd=self.folder, check=True, capture_output=True)
        if self.engine:
            self.engine.wait(timeout=120)
            self.engine = None

    def round(self):
        self.chance.choice([self.start, self.start, self.wish, self.wish, self.wish, self.kill, self.stop])()
        time.sleep(self.chance.choice([0, 0.02, 0.1, 0.3]))


def main():
    wfc, wfr, folder, flow, rounds = sys.argv[1:6]
    seed = int(sys.argv[6]) if len(sys.argv) > 6 else 1
    prepare(wfc, flow, os.path.join(folder, "plain"))
    prepare(wfc, flow, os.path.join(folder, "back"))
    plain, back = Run(wfr, os.path.join(folder, "plain"), random.Random(seed)), Run(wfr, os.path.join(folder, "back"), random.Random(seed))
    wanted = plain.end()
    back.start()
    time.sleep(0.5)
    for _ in range(int(rounds)):
        back.round()
    got = back.end()
    print(f"seed {seed}: ended {got}, the untouched one {wanted}")
    ours, theirs = states(wfr, back.folder)[1], states(wfr, plain.folder)[1]
    print("states:", "the same" if ours == theirs else {id: (ours.get(id), theirs.get(id)) for id in ours.keys() | theirs.keys() if ours.get(id) != theirs.get(id)})
    for name in ("files", "published"):
        ours, theirs = tree(os.path.join(back.folder, "run", name)), tree(os.path.join(plain.folder, "run", name))
        print(f"{name}:", "the same" if ours == theirs else {path for path in ours.keys() | theirs.keys() if ours.get(path) != theirs.get(path)})
    return 0


sys.exit(main())
