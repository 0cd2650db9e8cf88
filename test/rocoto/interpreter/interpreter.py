"""Steps a Rocoto document as Rocoto 1.3 does, with its jobs run on this machine at once: for tests where there is no Rocoto.

One call is one rocotorun: activate cycles up to the throttle (never realtime), look at jobs, close cycles, submit what may start, in the
order of the document. A job is the text that Rocoto would give to sbatch. What it does not know it refuses: realtime, <rb>.

The database is one JSON file: {"cycles": {CYCLE: "active" | "done"}, "jobs": {"TASK CYCLE": {"id", "state", "exit", "tries"}}}.
"""
import argparse
import datetime
import fcntl
import json
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
import document as rocoto

OVER = ("SUCCEEDED", "FAILED", "DEAD", "EXPIRED")


def now():
    return datetime.datetime.now(rocoto.UTC)


class Database:
    """Held by one at a time; written whole."""

    def __init__(self, path, waits=False):
        self.path = os.path.abspath(path)
        self.lock = open(f"{self.path}.lock", "w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
        except BlockingIOError:
            sys.exit(f"The database {path} is locked by another process.")
        self.cycles, self.jobs = {}, {}
        if os.path.exists(self.path) and os.path.getsize(self.path):
            with open(self.path) as file:
                data = json.load(file)
            self.cycles, self.jobs = data["cycles"], data["jobs"]

    def write(self):
        fresh = f"{self.path}.{os.getpid()}"
        with open(fresh, "w") as file:
            json.dump({"cycles": self.cycles, "jobs": self.jobs}, file)
        os.replace(fresh, self.path)


# So many jobs run at once; the others wait in line behind one of them, as in a queue.
PLACES = 6


class Batch:
    """The machine as a batch system: a job is a process of its own session; its exit status goes to a file."""

    def __init__(self, database):
        self.database = database.path
        self.folder = f"{self.database}.jobs"
        os.makedirs(self.folder, exist_ok=True)

    def submit(self, script, log):
        os.makedirs(os.path.dirname(log), exist_ok=True)
        number = 1 + sum(name.endswith(".sh") for name in os.listdir(self.folder))
        base = f"{self.folder}/{number}"
        with open(f"{base}.sh", "w") as file:
            file.write(script)
        with open(log, "w") as output:
            life = 'flock "$1" sh -c \': > "$0.began"; sh "$0.sh"\' "$0"; echo $? > "$0.new"; mv "$0.new" "$0.status"'
            process = subprocess.Popen(["/bin/sh", "-c", life, base, f"{self.database}.place{number % PLACES}"],
                                       stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
        return f"{number}-{process.pid}"

    def state(self, job):
        number, pid = job.split("-")
        for _ in range(2):
            try:
                with open(f"{self.folder}/{number}.status") as file:
                    exit_status = int(file.read())
                return ("SUCCEEDED" if exit_status == 0 else "FAILED"), exit_status
            except FileNotFoundError:
                pass
            if self.lives(pid):
                return ("RUNNING" if os.path.exists(f"{self.folder}/{number}.began") else "QUEUED"), None
            # It may have ended between the two looks.
            time.sleep(0.05)
        return "FAILED", 255

    @staticmethod
    def lives(pid):
        try:
            with open(f"/proc/{pid}/stat") as file:
                return file.read().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False


class Engine:
    def __init__(self, document, database):
        self.document, self.database, self.batch = document, database, Batch(database)
        if document.attributes["realtime"].lower().startswith("t"):
            sys.exit("interpreter: realtime is not known here")

    def run(self):
        self.activate()
        self.update()
        self.close()
        self.submit()

    def active(self):
        return sorted(c for c, state in self.database.cycles.items() if state == "active")

    def activate(self):
        room = int(self.document.attributes.get("cyclethrottle", 1)) - len(self.active())
        # The earliest of all cycles that were never active.
        candidates = set()
        for cycledef in self.document.cycledefs:
            found = 0
            for cycle in cycledef.cycles():
                if found >= room:
                    break
                if rocoto.stamp(cycle) not in self.database.cycles:
                    candidates.add(rocoto.stamp(cycle))
                    found += 1
        for cycle in sorted(candidates)[:max(0, room)]:
            self.database.cycles[cycle] = "active"

    def update(self):
        tasks = {task.name: task for task in self.document.tasks}
        for key, job in self.database.jobs.items():
            name, cycle = key.split(" ")
            most = int(tasks[name].element.attributes.get("maxtries", 9999999)) if name in tasks else job["tries"] + 1
            if job["state"] == "DEAD" and job["tries"] < most:
                job["state"] = "FAILED"
            if job["state"] in OVER:
                continue
            job["state"], job["exit"] = self.batch.state(job["id"])
            if job["state"] in OVER:
                job["tries"] += 1
                if job["state"] == "FAILED" and job["tries"] >= most:
                    job["state"] = "DEAD"
                    print(f"Cycle {cycle}, Task {name}, jobid={job['id']}, in state DEAD", file=sys.stderr)

    def job(self, name, cycle):
        return self.database.jobs.get(f"{name} {cycle}")

    def close(self):
        for cycle in self.active():
            time_ = rocoto.instant(cycle)
            states = [self.job(t.name, cycle) for t in self.document.tasks if self.document.is_valid(t, time_)]
            if all(job and job["state"] == "SUCCEEDED" for job in states):
                self.database.cycles[cycle] = "done"

    def submit(self):
        self.count()
        for cycle in self.active():
            time_ = rocoto.instant(cycle)
            for task in self.document.tasks:
                job = self.job(task.name, cycle)
                if job and job["state"] != "FAILED" or not self.document.is_valid(task, time_):
                    continue
                dependency = task.element.first("dependency")
                if dependency is not None and not self.resolved(dependency.elements()[0], time_):
                    continue
                if not self.has_room(task):
                    continue
                self.running.append(task)
                self.start(task, time_, job["tries"] if job else 0)

    def count(self):
        tasks = {task.name: task for task in self.document.tasks}
        self.running = [tasks[key.split(" ")[0]] for key, job in self.database.jobs.items()
                        if job["state"] not in OVER and key.split(" ")[0] in tasks]

    def has_room(self, task):
        if len(self.running) >= int(self.document.attributes.get("taskthrottle", 9999999)):
            return False
        if sum(t.name == task.name for t in self.running) >= int(task.element.attributes.get("throttle", 9999999)):
            return False
        return all(sum(m in t.metatasks for t in self.running) < self.document.throttles.get(m, 999999) for m in task.metatasks)

    def start(self, task, cycle, tries):
        text = lambda tag: rocoto.compound(task.element.first(tag), cycle)  # noqa: E731
        script = "#! /bin/sh\n"
        for variable in task.element.elements("envar"):
            value = variable.first("value")
            script += f"export {rocoto.compound(variable.first('name'), cycle)}='{rocoto.compound(value, cycle) if value else ''}'\n"
        job = self.batch.submit(script + text("command"), text("join"))
        self.database.jobs[f"{task.name} {rocoto.stamp(cycle)}"] = {"id": job, "state": "QUEUED", "exit": None, "tries": tries}
        # A job that runs must be known, whatever happens to us.
        self.database.write()

    # ---- dependencies: short-circuit, left to right

    def resolved(self, node, cycle):
        inner = node.elements()
        each = (self.resolved(child, cycle) for child in inner)
        if node.tag == "and":
            return all(each)
        if node.tag == "or":
            return any(each)
        if node.tag == "not":
            return not self.resolved(inner[0], cycle)
        if node.tag == "nand":
            return not all(each)
        if node.tag == "nor":
            return not any(each)
        if node.tag == "xor":
            return sum(each) == 1
        if node.tag == "some":
            return sum(each) / len(inner) >= float(node.attributes["threshold"])
        if node.tag in ("true", "false"):
            return node.tag == "true"
        return self.leaf(node, cycle)

    def leaf(self, node, cycle):
        other = cycle + datetime.timedelta(seconds=rocoto.seconds(node.attributes.get("cycle_offset")))
        if node.tag == "taskdep":
            job = self.job(node.attributes["task"], rocoto.stamp(other))
            return job is not None and job["state"] == node.attributes.get("state", "SUCCEEDED").upper()
        if node.tag == "cycleexistdep":
            return any(c.contains(other) for c in self.document.cycledefs)
        if node.tag == "taskvalid":
            return any(t.name == node.attributes["task"] and self.document.is_valid(t, cycle) for t in self.document.tasks)
        if node.tag == "timedep":
            return now() > rocoto.instant(rocoto.compound(node, cycle))
        if node.tag == "datadep":
            return self.has_data(node, cycle)
        if node.tag in ("streq", "strneq"):
            left, right = (rocoto.compound(node.first(side), cycle) for side in ("left", "right"))
            return (left == right) == (node.tag == "streq")
        if node.tag == "sh":
            shell, option = node.attributes.get("shell", "/bin/sh"), node.attributes.get("runopt", "-c")
            return subprocess.run([shell, option, rocoto.compound(node, cycle)], check=False).returncode == 0
        sys.exit(f"interpreter: <{node.tag}> is not known here")

    @staticmethod
    def has_data(node, cycle):
        path = rocoto.compound(node, cycle)
        size = node.attributes.get("minsize", "0").upper()
        units = "BKMGTPE"
        least = int(size[:-1]) * 1024 ** units.index(size[-1]) if size[-1] in units else int(size)
        if not os.path.exists(path) or os.path.getsize(path) < least:
            return False
        return time.time() > os.path.getmtime(path) + rocoto.seconds(node.attributes.get("age"))


def arguments(*more):
    parser = argparse.ArgumentParser()
    for name in more:
        parser.add_argument(name, required=True)
    parser.add_argument("-w", required=True)
    parser.add_argument("-d", required=True)
    return parser.parse_args()


def rocotorun():
    options = arguments()
    try:
        document = rocoto.read(options.w)
    except rocoto.Wrong as error:
        sys.exit(f"ERROR! {error}")
    database = Database(options.d)
    Engine(document, database).run()
    database.write()


def rocotostat():
    options = arguments()
    document, database = rocoto.read(options.w), Database(options.d, waits=True)
    print(f"{'CYCLE':>12} {'TASK':>24} {'JOBID':>12} {'STATE':>12} {'EXIT STATUS':>12} {'TRIES':>6}")
    for cycle in sorted(database.cycles):
        for task in document.tasks:
            if not document.is_valid(task, rocoto.instant(cycle)):
                continue
            job = database.jobs.get(f"{task.name} {cycle}", {"id": "-", "state": "-", "exit": None, "tries": 0})
            exit_status = "-" if job["exit"] is None else job["exit"]
            print(f"{cycle:>12} {task.name:>24} {job['id']:>12} {job['state']:>12} {exit_status:>12} {job['tries']:>6}")


def rocotorewind():
    """Forgets jobs that do not run, of one cycle: a list of names, or /a pattern/."""
    options = arguments("-c", "-t")
    database = Database(options.d, waits=True)
    for key in list(database.jobs):
        name, cycle = key.split(" ")
        pattern = options.t.startswith("/") and re.search(options.t.strip("/"), name)
        if cycle == options.c and (pattern or name in options.t.split(",")):
            del database.jobs[key]
            database.cycles[cycle] = "active"
    database.write()
