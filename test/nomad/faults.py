"""One run on a Nomad of a server and two clients, and everything that may die under it: faults.py WFC WFR ENGINE DIR.

In turn: the coordinator (four times, while it dispatches), both clients' agents, the server, one task stopped by somebody, one wrapper
killed, and a whole node with all that runs on it, for good. At the end: exit status, what ran more than once, the attempts of what was
hit, and what is left.
"""
import collections
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
NOMAD = pathlib.Path(os.environ["WFC_NOMAD"])


def wait_for(what, condition, seconds=120):
    end = time.time() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.time() > end:
            raise TimeoutError(what)
        time.sleep(0.1)


def processes(*words):
    """Pids whose command line or environment holds one of the words."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                text = (entry / "cmdline").read_bytes() + b"\0" + (entry / "environ").read_bytes()
                if any(os.fsencode(word) in text for word in words):
                    found.append(int(entry.name))
        except OSError:
            pass
    return found


def kill(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


class Faults:
    def __init__(self, wfc, wfr, engine, folder):
        self.wfr, self.engine, self.folder = wfr, engine, folder
        self.run = folder / "run"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        shutil.copy(HERE / "Inputs/faults.wf", folder)
        subprocess.run([wfc, "build", "faults.wf", "-t", "nomad", "-s", HERE / "Inputs/site.toml", "-o", "out"], cwd=folder, check=True,
                       capture_output=True)

    def began(self):
        path = self.run / "began"
        return collections.Counter(path.read_text().split() if path.exists() else [])

    def wait_begun(self, name, count=1):
        wait_for(f"{name} began {count} times", lambda: self.began()[name] >= count)

    def go(self, number):
        (self.run / f"go.{number}").touch()

    def instances(self):
        done = subprocess.run([self.wfr, "status", self.run, "--json"], stdout=subprocess.PIPE, check=True)
        return {instance["id"]: instance for instance in json.loads(done.stdout)["instances"]}

    def wait_ok(self, name):
        wait_for(f"{name} is ok", lambda: self.instances()[name]["state"] == "ok")

    def coordinator(self):
        return processes(f"{self.run}\0coordinate\0")

    def agent(self, name):
        return [pid for pid in processes(f"agent\0-config={NOMAD}/etc/{name}.hcl\0")]

    def up(self):
        subprocess.run([self.engine, "up", NOMAD, "--clients", "2"], check=True, capture_output=True)

    def coordinators(self):
        for _ in range(4):
            kill(wait_for("a coordinator", self.coordinator))
            time.sleep(0.4)
        # Ended, all of them: one in the middle of its start when its agent dies, Nomad kills, and it rightly begins again.
        for number in range(1, 25):
            self.wait_ok(f"fast[{number}]")

    def agents(self):
        for number in (1, 2, 3):
            self.wait_begun(f"held[{number}]")
        kill(self.agent("n1") + self.agent("n2"))
        self.go(1)
        self.wait_ok("held[1]")
        self.up()
        kill(self.agent("server"))
        self.go(2)
        self.wait_ok("held[2]")
        self.up()
        self.go(3)

    def attempts(self):
        for name in ("stopped", "killed"):
            self.wait_begun(name)
        tag = next(name.removesuffix("-coordinator") for name in self.jobs() if name.endswith("-coordinator"))
        child = next(name for name in self.jobs() if name.startswith(f"{tag}-stopped/"))
        subprocess.run(["nomad", "job", "stop", "-detach", child], check=True, capture_output=True, stdin=subprocess.DEVNULL)
        kill(processes(f"task\0{self.run}\0killed\0"))
        for name, number in (("stopped", 20), ("killed", 21)):
            self.wait_begun(name, 2)
            self.go(number)

    def node(self):
        self.wait_begun("lost")
        # One of which it has not yet heard that it began, Nomad would start elsewhere (and the claim would end that).
        wait_for("Nomad knows that lost runs", lambda: "running" in self.standing("lost"))
        time.sleep(1)
        node = next(name for name in ("n1", "n2") if self.task_on(name, "lost"))
        subprocess.run([HERE / "../engines/lose", "nomad", NOMAD, node], check=True)
        self.wait_begun("lost", 2)
        self.go(30)

    def task_on(self, node, instance):
        wrappers = processes(f"task\0{self.run}\0{instance}\0")
        return set(wrappers) & set(processes(f"NOMAD_ALLOC_DIR={NOMAD}/{node}/"))

    def standing(self, family):
        child = next((name for name in self.jobs() if f"-{family}/" in name), None)
        allocations = self.ask(f"/v1/job/{child.replace('/', '%2F')}/allocations") if child else []
        return [allocation["ClientStatus"] for allocation in allocations]

    def ask(self, path):
        done = subprocess.run(["nomad", "operator", "api", path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True)
        return json.loads(done.stdout) or []

    def jobs(self):
        return [job["ID"] for job in self.ask("/v1/jobs?filter=Status!=%22dead%22")]

    def work(self):
        with open(self.folder / "said", "w", encoding="utf-8") as said:
            start = subprocess.Popen([self.wfr, "start", "out", "--run", "run", "--wait"], cwd=self.folder, stdout=said, stderr=said)
            try:
                self.coordinators()
                self.agents()
                self.attempts()
                self.node()
                print("exit", start.wait(timeout=180))
            finally:
                start.kill()
        twice = [name for name, count in sorted(self.began().items()) if count > 1]
        print("began again:", " ".join(twice))
        for name, instance in self.instances().items():
            attempts = [a["outcome"] + (", uncounted" if a.get("uncounted") else "") + (f", {a['why']}" if a.get("why") else "")
                        for a in instance["attempts"]]
            if attempts != ["ok"]:
                print(f"{name}: {'; then '.join(attempts)}")
        wait_for("nothing is left in Nomad", lambda: not self.jobs())
        print("left:", len(processes(str(self.run))))


def main():
    wfc, wfr, engine, folder = sys.argv[1:5]
    faults = Faults(wfc, wfr, engine, pathlib.Path(folder).resolve())
    try:
        faults.work()
    except Exception:
        print((faults.folder / "said").read_text())
        log = faults.run / "logs/controller.log"
        print(log.read_text() if log.exists() else "no controller")
        print(subprocess.run([wfr, "status", faults.run], stdout=subprocess.PIPE, text=True, check=False).stdout)
        raise


main()
