"""Checks what wfc made for Rocoto, beyond its grammar: nothing in it is dropped, overwritten or never true without a word.

    check.py FOLDER…             each holds workflow.xml; a line for each mistake; exit status 1 if there is one
    check.py --grammar FOLDER…   by Rocoto's own grammar instead, in the folder ROCOTO_SCHEMA

Groups exist and are used; names are unique; a taskdep names a task that is valid in the cycle it names, whenever it is evaluated, or its
base case is stated; metatasks named exist; variables have equal length and none of their values holds a variable; offsets lie on the
grid; times have at most four fields; no text holds an unexpanded #variable# or, in a cyclestr, an `@` that is no flag; job names and log
paths hold no blank; no log path is the beginning of another.
"""
import os
import re
import subprocess
import sys
import datetime

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import document as rocoto

MOST_CYCLES = 400


class Check:
    def __init__(self, path):
        self.path, self.wrong = path, []
        self.document = rocoto.read(path)
        self.names = {}
        self.cycles = self.document.cycles(MOST_CYCLES)
        # Beyond the last one looked at nothing is said.
        self.horizon = self.cycles[-1] if len(self.cycles) == MOST_CYCLES else None

    def say(self, text):
        self.wrong.append(text)

    def all(self):
        self.check_names()
        self.check_cycledefs()
        for task in self.document.tasks:
            self.check_texts(task)
            self.check_dependencies(task)
        self.check_logs()
        return self.wrong

    def check_names(self):
        for task in self.document.expanded:
            if task.name in self.names:
                self.say(f"two tasks are called {task.name}: Rocoto keeps the last")
            self.names[task.name] = task
        metatasks = [e.attributes["name"] for e in self.document.root.walk() if e.tag == "metatask"]
        for name in {n for n in metatasks if metatasks.count(n) > 1}:
            self.say(f"two metatasks are called {name}")

    def check_cycledefs(self):
        groups = {c.group for c in self.document.cycledefs}
        used = set()
        for task in self.document.tasks:
            named = set(re.split(r"[\s,]+", task.element.attributes.get("cycledefs", "")))
            used |= named
            for group in named - groups:
                self.say(f"{task.name}: there is no cycledef group {group}: it would never run")
        for group in groups - used - {"once"}:
            self.say(f"no task uses cycledef group {group}")
        for cycledef in self.document.cycledefs:
            if isinstance(cycledef, rocoto.Interval) and not cycledef.contains(cycledef.stop):
                self.say(f"cycledef {cycledef.group}: its stop is off the grid")
        if self.document.attributes["realtime"].lower().startswith("t"):
            self.say("realtime skips missed cycles")

    def check_texts(self, task):
        for element in task.element.walk():
            for text in [*element.attributes.values(), *(c for c in element.contents if isinstance(c, str))]:
                for name in re.findall(r"#\w+#", text):
                    self.say(f"{task.name}: {name} is no variable here")
            if element.tag == "cyclestr":
                for flag in re.findall(r"@.?", element.text()):
                    if flag not in ("@Y", "@m", "@d", "@H", "@M", "@S"):
                        self.say(f"{task.name}: `{flag}` in a cyclestr")
            if element.tag == "envar" and "'" in element.text():
                self.say(f"{task.name}: a quote in an envar")
        walltime = task.element.first("walltime").text()
        if not re.fullmatch(r"(\d+:)?\d\d:\d\d:\d\d", walltime):
            self.say(f"{task.name}: walltime {walltime}")
        memory = task.element.first("memory")
        if memory is not None and not re.fullmatch(r"\d+M", memory.text()):
            self.say(f"{task.name}: memory {memory.text()}")
        for tag in ("jobname", "join"):
            for cycle in self.own_cycles(task)[:1]:
                text = rocoto.compound(task.element.first(tag), cycle)
                if re.search(r"\s", text):
                    self.say(f"{task.name}: a blank in {tag}: {text}")

    def own_cycles(self, task):
        return [c for c in self.cycles if self.document.is_valid(task, c)]

    # ---- dependencies, evaluated for each cycle as if everything that can succeed had

    def check_dependencies(self, task):
        dependency = task.element.first("dependency")
        for cycle in self.own_cycles(task):
            if dependency is not None:
                self.evaluate(task, dependency.elements()[0], cycle)

    def exists(self, time):
        return any(c.contains(time) for c in self.document.cycledefs)

    def evaluate(self, task, node, cycle):
        """Whether it could ever be true; says so where it never can."""
        offset = datetime.timedelta(seconds=rocoto.seconds(node.attributes.get("cycle_offset")))
        inner = node.elements()
        if node.tag == "cycleexistdep":
            return self.exists(cycle + offset)
        if node.tag == "not":
            return inner[0].tag != "cycleexistdep" or not self.evaluate(task, inner[0], cycle)
        if node.tag == "or":
            return any(self.evaluate(task, child, cycle) for child in inner)
        if node.tag in ("and", "some"):
            return all([self.evaluate(task, child, cycle) for child in inner])
        if node.tag == "timedep":
            if not re.fullmatch(r"\d{14}", rocoto.compound(node, cycle)):
                self.say(f"{task.name}: a timedep of another length than 14")
            return True
        if node.tag == "datadep":
            if re.search(r"\s", rocoto.compound(node, cycle)):
                self.say(f"{task.name}: a blank in a datadep")
            return True
        if node.tag == "taskdep":
            return self.can_succeed(task, node.attributes["task"], cycle, cycle + offset)
        self.say(f"{task.name}: <{node.tag}> is not ours")
        return True

    def can_succeed(self, task, name, cycle, other):
        producer = self.names.get(name)
        if producer is None:
            self.say(f"{task.name}: there is no task {name}: it would wait for ever")
        elif not self.document.is_valid(producer, other) and (self.horizon is None or other <= self.horizon):
            self.say(f"{task.name} of {rocoto.stamp(cycle)}: {name} does not run in {rocoto.stamp(other)}")
        return True

    def check_logs(self):
        paths = set()
        for task in self.document.tasks:
            for cycle in self.own_cycles(task):
                path = rocoto.compound(task.element.first("join"), cycle)
                if path in paths:
                    self.say(f"two jobs write {path}")
                paths.add(path)
        ordered = sorted(paths)
        for before, after in zip(ordered, ordered[1:]):
            if after.startswith(before):
                self.say(f"the log {before} begins the name of {after}: Rocoto would move both")


def by_rules(path):
    try:
        return Check(path).all()
    except rocoto.Wrong as error:
        return [str(error)]


def by_grammar(path):
    grammar = os.path.join(os.environ["ROCOTO_SCHEMA"], "schema_with_metatasks.rng")
    done = subprocess.run(["xmllint", "--noout", "--noent", "--nonet", "--relaxng", grammar, path], capture_output=True, text=True)
    return [] if done.returncode == 0 else done.stderr.strip().splitlines()


def main():
    folders, check = sys.argv[1:], by_rules
    if folders[0] == "--grammar":
        folders, check = folders[1:], by_grammar
    wrong = [f"{folder}/workflow.xml: {line}" for folder in folders for line in dict.fromkeys(check(f"{folder}/workflow.xml"))]
    print("\n".join(wrong) or f"{len(folders)} documents, nothing wrong")
    return wrong != []


if __name__ == "__main__":
    sys.exit(main())
