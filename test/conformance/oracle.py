"""Says what must happen in a run, from docs/semantics.md §12 alone: it shares nothing with the engine.

`judge(graph, faults)` takes the explicit graph of a flow and a table of faults, and returns what a run must leave:

    instances  {id: {"state", "attempts": [[n, outcome, counts]]}}; those of a set exist only if its producer is ok
    files      {name: text}, by the name in its first line: an id, for a member of a set followed by its key
    links      {path: [id, …]}
    notes      what hooks said
    exit       of `wfr start --wait`

A state of None is not determined (`stop after` has cancelled some of a block, which of them depends on timing), a text of None neither
(`first n of`). The graph is plain data:

    instances  [{id, members_of, guards, refs, values, wait, exits, retries, slices, needs, makes, temp}]
      members_of  producers of the sets that yield it                      guards   [{of, holds}], from outside inwards
      refs        [{name, demand, n, least, of, sets, other}]; an element of `of` is an id, null where the key is outside of a set, or a
                  choice {of, holds, then, otherwise}, or [producer, key], a member of a set; `other` is what stands for one that was not made: null, or a reference
      demand      one, made (`if made otherwise`), all, ok, least (`at least n of`), first, after, ended
      values      [[name, text]] it is given     exits  {code: outcome or cause}     retries  [{n, on, memory, time}], factors of growth
      slices      at most, 0 without `resume`    needs  {memory, time}     makes  keys of the set it makes, null without
      temp        "", "temp", or "keep" on failed                         wait   how a wait ends, null for a task
    blocks     [{n, of}] of `stop after`         links    [{path, of, list}]         hooks   [{of, when, text}], of null: of the run

A fault stands in `faults[id][attempt]`: ["exit", code], ["signal", n], ["slow"], ["greedy"], ["silent"], ["save"], ["check"], ["dies"] (its wrapper).
"""
import hashlib

ENDED_BADLY = ("failed", "cancelled")
MET, SKIP, CANCEL = "met", "skip", "cancel"
UNKNOWN = None


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def signed(name, text):
    """A file as bodies write it: its first line tells what it is made of, and readers copy that line."""
    return f"{digest(text)} {name}\n{text}"


class Judge:
    def __init__(self, graph, faults):
        self.graph, self.faults = graph, faults
        self.by_id = {i["id"]: i for i in graph["instances"]}
        self.ends = {}
        self.members = {}
        self.shaken = set()

    # ------------------------------------------------------------------------------------------ outcomes

    def exists(self, name):
        """Whether an instance is, or may be, one of the run: those of a run-time set are if its producer was ok."""
        return name in self.by_id and all(self.state(p) in ("ok", UNKNOWN) for p in self.by_id[name]["members_of"])

    def end(self, name):
        if name not in self.ends:
            self.ends[name] = self.decide(self.by_id[name])
        return self.ends[name]

    def state(self, name):
        made = [self.state(p) for p in self.by_id[name]["members_of"]]
        if UNKNOWN in made:
            return UNKNOWN
        return self.end(name)["state"] if all(state == "ok" for state in made) else "skipped"

    def decide(self, instance):
        """Guards come first, from outside inwards; references settle by themselves: one cancel ends it, otherwise one skip does."""
        settled = [v for v in map(self.guard, instance["guards"]) if v != MET][:1]
        given = []
        for ref in [] if settled else instance["refs"]:
            verdict, value = self.settle(ref)
            settled.append(verdict)
            given.append((ref["name"], value))
        if UNKNOWN in settled or instance["id"] in self.shaken:
            return {"state": UNKNOWN, "attempts": UNKNOWN, "text": UNKNOWN}
        for verdict, state in ((CANCEL, "cancelled"), (SKIP, "skipped")):
            if verdict in settled:
                return {"state": state, "attempts": [], "text": None}
        if instance["wait"]:
            return {"state": instance["wait"], "attempts": None, "text": None}
        return self.attempt(instance, given)

    def guard(self, guard):
        state = self.state(guard["of"])
        if state is UNKNOWN:
            return UNKNOWN
        if state == "ok":
            return MET if guard["holds"] else SKIP
        return CANCEL if state in ENDED_BADLY else SKIP

    # ---------------------------------------------------------------------------------------- references

    def named(self, element):
        """The state and the name of one that a reference names. Of two branches it is the chosen one."""
        if element is None:
            return "skipped", None
        if isinstance(element, list):
            return self.state(element[0]), element
        if isinstance(element, dict):
            verdict = self.guard(element)
            if verdict is UNKNOWN:
                return UNKNOWN, None
            if self.state(element["of"]) != "ok":
                return ("cancelled" if verdict == CANCEL else "skipped"), None
            return self.named(element["then"] if verdict == MET else element["otherwise"])
        return self.state(element), element

    def settle(self, ref):
        """What has become of a reference, and its value: the names of the files that the reader gets."""
        found = [self.named(e) for e in ref["of"]]
        sets = [self.state(p) for p in ref["sets"]]
        # A member of a set that was never made is none.
        found = [(s, n) for (s, n), e in zip(found, ref["of"]) if not isinstance(e, str) or s is UNKNOWN or self.exists(e)
                 or not self.by_id[e]["members_of"] or ref["demand"] in ("one", "made")]
        states = [s for s, _ in found]
        if UNKNOWN in states + sets:
            return UNKNOWN, None
        ok = [n for s, n in found if s == "ok"]
        bad = any(s in ENDED_BADLY for s in states + sets)
        demand = ref["demand"]
        if demand in ("ok", "ended"):
            met = True
        elif demand in ("least", "first"):
            met = len(ok) >= ref["n"]
        elif demand == "made" and not bad and not ok:
            return self.settle(ref["other"]) if ref["other"] else (MET, [])
        else:
            met = len(ok) == len(states) and all(s in ("ok", "no_data") for s in sets)
        if demand == "first" and len(ok) > ref["n"]:
            ok = UNKNOWN
        if met and ok is not UNKNOWN and len(ok) < ref["least"]:
            met = False
        if met:
            return MET, ok
        return (CANCEL if bad else SKIP), None

    # ------------------------------------------------------------------------------------------ attempts

    def attempt(self, instance, given):
        """Attempt after attempt, until one ends it: what each ends as, whether it counts, and what it was given."""
        attempts, used, row, deaths = [], [0] * len(instance["retries"]), 0, 0
        table = self.faults.get(instance["id"], {})
        while True:
            n = len(attempts) + 1
            fault = table.get(n, table.get(str(n), ["ok"]))
            outcome = self.outcome(instance, fault)
            row += 1
            if fault[0] == "save" and row < instance["slices"]:
                attempts.append([n, outcome, "slice"])
                continue
            row = 0
            deaths = deaths + 1 if fault[0] == "dies" else 0
            if 0 < deaths <= 10:
                attempts.append([n, outcome, "uncounted"])
                continue
            deaths = 0
            attempts.append([n, outcome, "counted"])
            if outcome in ("ok", "no_data"):
                text = self.text(instance, given, n, used) if outcome == "ok" else None
                return {"state": outcome, "attempts": attempts, "text": text}
            clause = next((c for c, r in enumerate(instance["retries"]) if outcome in r["on"]), None)
            if clause is None or used[clause] == instance["retries"][clause]["n"]:
                return {"state": "failed", "attempts": attempts, "text": None}
            used[clause] += 1

    @staticmethod
    def outcome(instance, fault):
        kind = fault[0]
        if kind == "exit":
            return instance["exits"].get(str(fault[1]), "failed")
        return {"ok": "ok", "signal": "failed", "silent": "failed", "check": "failed", "slow": "timed_out", "save": "timed_out",
                "greedy": "out_of_memory", "dies": "node_lost"}[kind]

    def text(self, instance, given, n, used):
        """What the body writes: who it is, which attempt, its needs, its values, and the first line of each file it was given."""
        if instance["makes"] is not None:
            self.members[instance["id"]] = dict.fromkeys(instance["makes"], UNKNOWN)
        lines = [f"attempt {n}"]
        for need in ("memory", "time"):
            amount = instance["needs"][need]
            for clause, times in zip(instance["retries"], used):
                amount *= clause[need] ** times
            lines.append(f"{need} {amount}")
        lines += [f"{name} {value}" for name, value in instance["values"]]
        for name, files in given:
            if name is None:
                continue
            if files is UNKNOWN:
                return UNKNOWN
            for file in files:
                written = self.file(file)
                if written is UNKNOWN:
                    return UNKNOWN
                lines.append(f"{name} {written.splitlines()[0]}")
        text = signed(instance["id"], "".join(f"{line}\n" for line in lines))
        if instance["makes"] is not None:
            self.members[instance["id"]] = {key: signed(f"{instance['id']} {key}", text) for key in instance["makes"]}
        return text

    def file(self, name):
        """The text of a file that a reader is given: an instance's own, or a member `[producer, key]` of a set."""
        if isinstance(name, list):
            producer, key = name
            self.end(producer)
            return self.members[producer][key]
        return self.end(name)["text"]

    # ----------------------------------------------------------------------------------------- the whole

    def shake(self):
        """Blocks that `stop after` may have cancelled: which of their members ended first is not ours to say."""
        for block in self.graph["blocks"]:
            inside = [name for name in block["of"] if self.exists(name)]
            if sum(self.state(name) == "failed" for name in inside) >= block["n"]:
                self.shaken |= set(inside)
        if self.shaken:
            self.ends, self.members = {}, {}

    def links(self):
        found = {}
        for link in self.graph["links"]:
            if link["list"]:
                verdict, value = self.settle(link["list"])
                value = value if verdict == MET else ([] if verdict else UNKNOWN)
            else:
                states = [(self.named(e)) for e in link["of"]]
                ok = [name for state, name in states if state == "ok"]
                value = UNKNOWN if any(s is UNKNOWN for s, _ in states) else ok[-1:]
            if value is UNKNOWN or value:
                found[link["path"]] = value
        return found

    def kept(self, name):
        """Whether a file is there at the end: a temp goes when its readers have ended, unless it is kept because one has not come so far."""
        temp = self.by_id[name]["temp"]
        if temp == "temp":
            return False
        readers = [i["id"] for i in self.graph["instances"] if any(r["name"] and name in names(r) for r in i["refs"])]
        return temp == "" or any(self.exists(r) and self.state(r) in ENDED_BADLY for r in readers)

    def files(self):
        found = {}
        for name in self.by_id:
            text = self.end(name)["text"] if self.exists(name) else None
            if name in self.members:
                found |= {f"{name} {key}": member for key, member in self.members[name].items()}
            elif self.exists(name) and self.end(name)["state"] == "ok" and not self.by_id[name]["wait"] and self.kept(name):
                found[name] = text
                if self.by_id[name]["slices"]:
                    found[f"{name} state"] = signed(f"{name} state", "")
        return found

    def notes(self, states):
        return sorted(hook["text"] for hook in self.graph["hooks"] if self.called(hook, states))

    def called(self, hook, states):
        """Whether the event that a hook names has happened: in the whole run, or to the instance it stands behind."""
        if hook["of"] is None:
            bad = bool(states & set(ENDED_BADLY))
            return {"ended": True, "failed": bad, "ok": not bad}[hook["when"]]
        if not self.exists(hook["of"]):
            return False
        end = self.end(hook["of"])
        cause = end["attempts"][-1][1] if end["attempts"] and end["state"] == "failed" else end["state"]
        return hook["when"] in ("ended", end["state"], cause)

    def whole(self):
        self.shake()
        unsure = {"state": UNKNOWN, "attempts": UNKNOWN, "text": UNKNOWN}
        instances = {name: self.end(name) if self.state(name) is not UNKNOWN else unsure for name in self.by_id if self.exists(name)}
        states = {end["state"] for end in instances.values()}
        status = 1 if states & set(ENDED_BADLY) or self.shaken else 0
        return {"instances": instances, "files": self.files(), "links": self.links(), "notes": self.notes(states), "exit": status,
                "determined": not self.shaken}


def names(ref):
    """The files that a reference may hand over."""
    for element in ref["of"]:
        if isinstance(element, dict):
            yield from (element["then"], element["otherwise"])
        elif isinstance(element, str):
            yield element
    if ref["other"]:
        yield from names(ref["other"])


def judge(graph, faults):
    return Judge(graph, faults).whole()
