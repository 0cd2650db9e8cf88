"""Random well-typed flows: `make(seed, refused)` gives a description. What a target refuses (rows of the table) is left out."""
import random
from dataclasses import dataclass, field

from describe import Await, Call, Cond, Flow, If, Index, Loop, Param, Program, Publish, Ref, Repeat, Space, Stop, Use, statements
from expand import Expansion, closures, opens, shown

HOSTILE = ["a b", "$(id)", "it's", 'say "x"', "../x", "ünï", "-n", "*", "a;b", "a\\b", "%41", "#x", "@{x}", "{{x}}", "${x}", "a,b", "[1]", "a=b", "~",
           "&amp;", "<x>", "a\tb", "@x", "%{x}", "a:b", "\u00a0"]
PLAIN = ["p", "q", "r", "s"]
CAUSES = ["failed", "timed_out", "out_of_memory"]


@dataclass
class Known:
    """A family as its possible readers see it."""
    name: str
    loops: list
    guards: list
    call: object
    choice: bool = False


@dataclass
class Place:
    loops: list = field(default_factory=list)
    guards: list = field(default_factory=list)
    params: list = field(default_factory=list)
    depth: int = 0


class Maker:
    def __init__(self, seed, refused):
        self.random = random.Random(seed)
        self.refused = refused
        self.known, self.names, self.vars, self.left = [], 0, 0, 0
        self.size = self.random.choice([3, 5, 8, 12])
        self.slow = self.random.random() < 0.12
        self.hostile = self.random.random() < 0.3
        self.flows = []
        self.order = {}

    def chance(self, share):
        return self.random.random() < share

    def pick(self, items):
        return self.random.choice(items)

    def name(self, stem="f"):
        self.names += 1
        return f"{stem}{self.names}"

    def var(self):
        self.vars += 1
        return f"x{self.vars}"

    # ---------------------------------------------------------------------------------------------- sets

    def space(self, place):
        kind = self.pick(["int", "int", "int", "string", "string", "date", "window", "window", "product", "record"])
        if kind == "int":
            step, low, count = self.pick([1, 1, 1, 2, 3]), self.pick([0, 1, 1, 1, -1, 9]), self.pick([1, 2, 3, 3, 4])
            items = [low + step * n for n in range(count)]
            if step == 1 and self.chance(0.2):
                items.reverse()
            return Space("int", items, step)
        if kind == "string":
            return Space("string", self.random.sample(HOSTILE if self.hostile else PLAIN, self.pick([1, 2, 3])))
        if kind == "date":
            return Space("date", self.random.sample(["2025-01-31", "2024-02-29", "2025-03-01", "1999-12-31"], self.pick([1, 2, 3])))
        if kind == "window":
            return Space("window", [f"2025-01-{1 + 7 * n:02d}" for n in range(self.pick([2, 3, 4]))], 7)
        us, vs = list(range(1, self.pick([2, 3]) + 1)), self.random.sample(HOSTILE if self.hostile else PLAIN, self.pick([1, 2]))
        return Space(kind, [(u, v) for u in us for v in vs])

    # ---------------------------------------------------------------------------------------- references

    def reference(self, place, known=None, single=False):
        """A reference from a place to a family, and the type of what it gives; None where this one cannot be read from there."""
        known = known or self.pick(self.known)
        if isinstance(known.call, Call) and known.call.makes:
            return None
        shared = 0
        while shared < min(len(known.loops), len(place.loops)) and known.loops[shared] is place.loops[shared]:
            shared += 1
        firm = all(g in place.guards for g in known.guards) or known.choice
        if shared and shared == len(known.loops) and self.chance(0.25) or shared and self.chance(0.1):
            shared -= 1
        index = [Index("same", loop=loop) for loop in known.loops[:shared]]
        index += [self.index(loop, place, single) for loop in known.loops[shared:]]
        common = [a is b for a, b in zip(known.loops, place.loops)]
        ref = Ref(known.name, index, brief=shared == (common + [False]).index(False) and self.chance(0.5))
        if any(i.kind in ("all", "upto", "from", "where") for i in index):
            stepping = any(i.kind == "step" for i in index)
            return None if single or stepping else self.many(ref, firm)
        return self.one(ref, firm, place)

    def index(self, loop, place, single):
        kinds = ["all"] * 4 if not single else ["none"]
        if loop.space.static() and loop.space.kind in ("int", "string", "date"):
            kinds += ["key", "key"] + (["where"] if loop.space.kind in ("int", "string") and not single else [])
        alike = [l for l in place.loops if l.space.kind == loop.space.kind and l.space.static() and set(l.space.items) <= set(loop.space.items)
                 and (l.space.kind in ("int", "string", "date") or l is loop)]
        own = [l for l in alike if l is loop]
        if alike:
            kinds += ["upto", "from", "upto", "from"] if not single else []
        if alike and not own and loop.space.kind != "window":
            kinds += ["var"] * 4
        if own and loop.space.kind in ("int", "window"):
            kinds += ["step"] * 6
        kind = self.pick(kinds)
        if kind == "none":
            return Index("all")
        if kind == "key":
            return Index("key", self.random.randrange(len(loop.space.items)), loop)
        if kind == "where":
            return Index("where", self.pick([2, 3]), loop)
        if kind == "step":
            return Index("step", self.pick([-1, -1, -1, -2, 1]) * (loop.space.step if loop.space.kind == "int" else 1), loop)
        if kind == "all":
            return Index("all", 0, loop)
        return Index(kind, 0, self.pick(alike))

    def many(self, ref, firm):
        ref.demand = self.pick(["ok", "ok", "least", "first"] + (["all"] * 4 if firm else []))
        if ref.demand in ("least", "first"):
            ref.n = self.pick([1, 1, 2])
        return ref, self.pick(["file*", "file…"])

    def one(self, ref, firm, place):
        stepping = any(i.kind == "step" for i in ref.index)
        if stepping and (firm and self.chance(0.7)):
            ref.otherwise = True
            return ref, "file?"
        if not firm or stepping or self.chance(0.15):
            ref.demand = "made"
            if self.chance(0.4):
                other = self.single(place)
                if other:
                    ref.other = other
                    return ref, "file"
            return ref, "file?"
        return ref, "file"

    def single(self, place):
        """A plain reference to one instance of the same iteration."""
        fit = [k for k in self.known if k.loops == place.loops[:len(k.loops)] and (all(g in place.guards for g in k.guards) or k.choice)
               and not (isinstance(k.call, Call) and k.call.makes) and not isinstance(k.call, Await)]
        if not fit:
            return None
        known = self.pick(fit)
        return Ref(known.name, [Index("same", loop=loop) for loop in known.loops])

    # --------------------------------------------------------------------------------------------- calls

    def params(self, call, place):
        texts = [shown(loop) for loop in place.loops if loop.space.kind not in ("batch", "group")]
        texts += [f"@{{{p.name}}}" for p in place.params if p.kind == "text"]
        if texts:
            call.params.append(Param("k", "text", text="/".join(texts)))
        elif self.chance(0.3):
            call.params.append(Param("k", "text", text=self.pick(HOSTILE), literal=True))
        count = self.pick([0, 1, 1, 2, 2, 3])
        for loop in place.loops[-1:]:
            if not loop.space.static():
                ref = Ref("", [], self.pick(["all", "all", "ok", "least"]) if loop.space.kind != "set" and not self.of_set(loop) else "all", 1, loop=loop)
                ref.demand = "one" if loop.space.kind == "set" else ref.demand
                call.params.append(Param("m", "file" if loop.space.kind == "set" else "file…", [ref]))
        for p in place.params:
            if p.kind == "file?" and self.chance(0.6):
                call.params.append(Param("f", "file?", [Ref(p.name)]))
        for n in range(count if self.known else 0):
            self.param(call, place, f"i{n}")

    @staticmethod
    def of_set(loop):
        return loop.space.made

    def param(self, call, place, name):
        if self.chance(0.12):
            refs = [r for r in (self.single(place) for _ in range(self.pick([1, 2]))) if r]
            if refs:
                call.params.append(Param(name, self.pick(["file*", "file…"]), refs, literal=True))
            return
        found = self.reference(place)
        if found and not isinstance(self.find(found[0].family).call, Await):
            call.params.append(Param(name, found[1], [found[0]]))

    def find(self, name):
        return next(k for k in self.known if k.name == name)

    def after(self, place):
        refs = []
        for _ in range(self.pick([1, 1, 2]) if self.known and self.chance(0.2) else 0):
            found = self.reference(place)
            if not found:
                continue
            ref = found[0]
            if ref.demand in ("all", "one") and not ref.otherwise:
                if self.chance(0.5):
                    ref.demand = "ended"
                refs.append(ref)
        return refs

    def options(self, call, place):
        if self.chance(0.25):
            call.exits = self.random.choice([{"3": "no_data"}, {"3": "no_data", "70": "node_lost"}, {"64": "timed_out"}, {"65": "failed"}])
        if self.chance(0.3):
            causes = self.random.sample(CAUSES + ["node_lost", "preempted"], self.pick([1, 2, 3]))
            cut = self.pick([len(causes), 1])
            for on in (causes[:cut], causes[cut:]):
                if on:
                    call.retries.append({"n": self.pick([1, 1, 2]), "on": on, "memory": self.pick([1, 1, 2]), "time": self.pick([1, 1, 2])})
        call.quick = self.slow and self.chance(0.3)
        if call.quick and self.chance(0.4) and not call.makes:
            call.slices = self.pick([2, 3])
        if self.chance(0.1) and not call.makes:
            call.temp = self.pick(["temp", "keep"])
        if self.chance(0.12):
            call.clauses.append(f"limit {self.pick([1, 2])}")
        if self.chance(0.08):
            call.clauses.append(f"priority {self.pick(['low', 'high'])}")
        if self.chance(0.05) and "deadlines" not in self.refused:
            call.clauses.append("deadline 8h")
        if self.chance(0.12):
            for when in self.random.sample(["failed", "ended", "ok", "cancelled", "skipped", "no_data", "timed_out"], self.pick([1, 2])):
                call.hooks.append((when, " ".join([call.name, when] + [shown(l) for l in place.loops if l.space.kind in ("int", "date", "window")])))

    def call(self, place, **more):
        call = Call(self.name(), salt=self.random.randrange(1000), **more)
        self.params(call, place)
        call.after = self.after(place)
        self.options(call, place)
        self.known.append(Known(call.name, list(place.loops), list(place.guards), call))
        self.left -= 1
        return call

    # ---------------------------------------------------------------------------------------- statements

    def block(self, place, count):
        body = []
        for _ in range(count):
            if self.left <= 0 and body:
                break
            body += self.statement(place)
        return self.mix(body)

    def mix(self, body):
        """The order of statements means nothing, but sets and conditions name what stands before them."""
        self.random.shuffle(body)
        late = (If, Loop, Use)
        return [s for s in body if not isinstance(s, late)] + [s for s in sorted(body, key=self.order.get) if isinstance(s, late)]

    def statement(self, place):
        choices = [(self.plain, 8), (self.valued, 2), (self.repeat, 0.6), (self.waiting, 0.4)]
        if place.depth < 3:
            choices += [(self.loop, 5), (self.set, 1.5), (self.lot, 1.2), (self.branch, 1.5)]
        if self.flows and not place.params:
            choices.append((self.use, 1.5))
        make = self.random.choices([c for c, _ in choices], [w for _, w in choices])[0]
        made = make(place)
        for s in made:
            self.order[s] = len(self.order)
        return made

    def plain(self, place):
        return [self.call(place)]

    def deeper(self, place, loop=None, guard=None):
        return Place(place.loops + ([loop] if loop else []), place.guards + ([guard] if guard else []), place.params, place.depth + 1)

    def valued(self, place):
        """A call with small outputs, and a condition over them."""
        call = self.call(place, values=True)
        return [call] + (self.guarded(place, self.known[-1]) if place.depth < 3 and self.chance(0.8) else [])

    def guarded(self, place, known):
        ref = Ref(known.name, [Index("same", loop=l) for l in known.loops])
        cond = Cond(ref=ref, test=self.pick(["good", "n"]), n=self.pick([1, 2, 3]), negate=self.chance(0.3))
        return self.either(place, cond)

    def either(self, place, cond):
        branch = If(cond)
        inside = self.deeper(place, guard=(branch, True))
        if self.chance(0.4):
            branch.then = [self.call(inside)]
            chosen = self.known.pop()
            other = self.call(self.deeper(place, guard=(branch, False)))
            self.known.pop()
            other.name, other.makes, other.values, chosen.choice = chosen.name, "", False, True
            other.slices = branch.then[0].slices = 0
            chosen.guards = list(place.guards)
            self.known.append(chosen)
            branch.otherwise = [other]
        else:
            branch.then = self.block(inside, self.pick([1, 2]))
            if self.chance(0.3):
                branch.otherwise = self.block(self.deeper(place, guard=(branch, False)), 1)
        return [branch]

    def branch(self, place):
        """A condition over a loop's variable, or over an earlier small output."""
        valued = [k for k in self.known if isinstance(k.call, Call) and k.call.values and k.loops == place.loops[:len(k.loops)]
                  and all(g in place.guards for g in k.guards)]
        if valued and self.chance(0.5):
            return self.guarded(place, self.pick(valued))
        loops = [l for l in place.loops if l.space.kind in ("int", "string", "window")]
        if not loops:
            return self.plain(place)
        loop = self.pick(loops)
        test = "less" if loop.space.kind == "int" and self.chance(0.5) else "same"
        return self.either(place, Cond(loop=loop, test=test, n=self.random.randrange(len(loop.space.items)), negate=self.chance(0.4)))

    def loop(self, place, space=None):
        loop = Loop(self.var(), space or self.space(place))
        if self.chance(0.15):
            loop.clauses.append(f"limit {self.pick([1, 2, 3])}")
            if "refill" not in self.refused and self.chance(0.3) and loop.clauses[0] != "limit 1":
                loop.clauses[0] += " refill 1"
        elif self.chance(0.03) and "start-rate" not in self.refused:
            loop.clauses.append("limit 3 per 1s")
        if "shared-limit" in self.refused:
            loop.clauses = []
        loop.after = self.after(place)
        loop.body = self.block(self.deeper(place, loop), self.pick([1, 2, 3]))
        if self.chance(0.06):
            loop.body.append(Stop(self.pick([1, 2])))
        return [loop]

    def set(self, place):
        call = self.call(place, makes=self.pick(["n", "gn"]))
        ref = Ref(call.name, [Index("same", loop=l) for l in place.loops])
        found = self.loop(place, Space("set", ref=ref, by=call.makes))
        if self.chance(0.3):
            kind = "group" if call.makes == "gn" and self.chance(0.5) else "batch"
            found += self.loop(place, Space(kind, step=2, ref=ref, by="g", made=True))
        return [call, *found]

    def lot(self, place):
        """Batches or groups of a family over static loops."""
        fit = [k for k in self.known if k.loops and all(l.space.kind in ("int", "string", "date", "window") for l in k.loops) and not k.guards
               and isinstance(k.call, Call) and not k.call.makes]
        if not fit:
            return self.loop(place)
        known = self.pick(fit)
        shared = 0
        while shared < min(len(known.loops) - 1, len(place.loops)) and known.loops[shared] is place.loops[shared]:
            shared += 1
        index = [Index("same", loop=l) for l in known.loops[:shared]] + [Index("all", loop=l) for l in known.loops[shared:]]
        ref = Ref(known.name, index)
        if self.chance(0.5):
            return self.loop(place, Space("batch", step=self.pick([1, 2, 3]), ref=ref))
        return self.loop(place, Space("group", ref=ref, by=self.pick(known.loops[shared:]).var))

    def repeat(self, place):
        n = self.pick([2, 3, 4])
        loop = Loop(self.var(), Space("int", list(range(1, n + 1))))
        call = Call(self.name("w"), salt=self.random.randrange(1000), values=True)
        self.params(call, place)
        call.params = [p for p in call.params if p.kind == "text" or p.name.startswith(("i", "f", "m"))]
        if self.chance(0.5):
            index = [Index("same", loop=l) for l in place.loops] + [Index("step", -1, loop)]
            call.params.append(Param("last", "file?", [Ref(call.name, index, otherwise=True)]))
        statement = Repeat(loop.var, n, call, self.pick([1, 2, 4]), loop)
        self.known.append(Known(call.name, place.loops + [loop], place.guards + [(statement, True)], call))
        self.left -= 1
        return [statement]

    def waiting(self, place):
        wait = Await(self.name("a"), self.pick(["ok", "ok", "ok"] + (["failed", "no_data"] if self.slow else [])))
        self.known.append(Known(wait.name, list(place.loops), list(place.guards), wait))
        return [wait]

    def use(self, place):
        flow = self.pick(self.flows)
        use = Use(self.name("u"), flow.name, after=self.after(place))
        texts = [shown(loop) for loop in place.loops if loop.space.kind not in ("batch", "group")]
        use.params.append(Param("v", "text", text="/".join([use.name] + texts)))
        other = self.single(place) if self.chance(0.6) else None
        use.params.append(Param("f", "file?", [other] if other else []))
        for output in flow.outputs:
            self.known.append(Known(f"{use.name}.{output}", list(place.loops), list(place.guards), flow.made[output]))
        self.left -= 1
        return [use]

    # --------------------------------------------------------------------------------------------- flows

    def inner_flow(self):
        """A flow that others call."""
        flow = Flow(self.name("flow"), [Param("v", "text"), Param("f", "file?")])
        self.known, self.left = [], 3
        flow.body = self.block(Place(params=flow.params, depth=1), self.pick([2, 3]))
        outputs = [k for k in self.known if not k.loops and not k.guards and isinstance(k.call, Call) and not k.call.makes and k.call.outputs() == 1
                   and not k.choice and not k.call.temp]
        if outputs:
            chosen = self.random.sample(outputs, min(len(outputs), self.pick([1, 2])))
            flow.outputs = [k.name for k in chosen]
            flow.made = {k.name: k.call for k in chosen}
            self.flows.append(flow)

    def back(self):
        """Recurrences: calls that read the iteration before of themselves or of what stands beside them."""
        for known in list(self.known):
            if not known.loops or not isinstance(known.call, Call) or known.guards or "." in known.name or not self.chance(0.25):
                continue
            loop = known.loops[-1]
            beside = [k for k in self.known if k.loops == known.loops and not k.guards and isinstance(k.call, Call) and not k.call.makes]
            if loop.space.kind not in ("int", "window") or not beside:
                continue
            before = loop.space.items[0] - loop.space.items[1] if loop.space.kind == "int" and len(loop.space.items) > 1 else -loop.space.step if loop.space.kind == "int" else -1
            index = [Index("same", loop=l) for l in known.loops[:-1]] + [Index("step", before, loop)]
            known.call.params.append(Param("back", "file?", [Ref(self.pick(beside).name, index, otherwise=True)]))

    def publish(self, body):
        free = [k for k in self.known if not k.guards and isinstance(k.call, Call) and not k.call.makes and not k.call.temp and "." not in k.name
                and not k.choice and all(l.space.static() for l in k.loops)]
        for n in range(self.pick([0, 0, 1, 2]) if free else 0):
            known = self.pick(free)
            if not known.loops or self.chance(0.5) and len(known.loops) == 1:
                body.append(Publish(f"link{n}", Ref(known.name, [Index("all", loop=l) for l in known.loops], "all" if known.loops else "one")))
            else:
                known.loops[-1].body.append(Publish(f"link{n}/x", Ref(known.name, [Index("same", loop=l) for l in known.loops])))

    @staticmethod
    def loosen(program, graph):
        """Keeps one limited loop at most, and none whose iterations need later ones: those stand still."""
        limited = [s for flow in program.flows for s in statements(flow.body) if isinstance(s, Loop) and s.clauses and " per " not in s.clauses[0]]
        for n, loop in enumerate(limited):
            if n > 0 or not opens(graph, loop.var):
                loop.clauses = []

    def faults(self, program, graph):
        share = self.pick([0, 0.05, 0.1, 0.25])
        for i in graph["instances"]:
            if i["wait"] or not self.chance(share):
                continue
            kinds = [["exit", 1], ["exit", 1], ["exit", 9], ["signal", 9], ["signal", 15]] + ([["silent"]] if i["makes"] is None else []) + [["exit", int(c)] for c in i["exits"]] * 3
            if self.slow:
                kinds += [["greedy"]] + ([["slow"]] * 3 if i["needs"]["time"] == 4 else []) + ([["save"]] * 5 if i["slices"] else [])
            table = {}
            for n in range(1, self.pick([1, 1, 2, 3, 4]) + 1):
                table[n] = self.pick(kinds)
            program.faults[i["id"]] = table

    def program(self):
        for _ in range(self.pick([0, 0, 1])):
            self.inner_flow()
        self.known, self.left = [], self.size
        main = Flow(self.name("flow"))
        while self.left > 0:
            main.body += self.block(Place(), self.pick([1, 2, 3]))
        main.body = self.mix(main.body)
        self.back()
        self.publish(main.body)
        if self.chance(0.05):
            main.body.append(Stop(self.pick([1, 2, 3])))
        if self.chance(0.2):
            main.hooks = [(w, f"run {w}") for w in ("ended", "ok", "failed")]
        return Program([*self.flows, main])


def sound(graph):
    """Whether every plain reference has something to name, and nothing waits for itself."""
    for i in graph["instances"]:
        for ref in i["refs"]:
            if ref["demand"] == "one" and (not ref["of"] or ref["of"][0] is None) or ref["demand"] == "made" and len(ref["of"]) > 1:
                return False
            if ref["demand"] in ("least", "first") and len(ref["of"]) < ref["n"] and not ref["sets"]:
                return False
    return closures(graph) is not None


def make(seed, refused=frozenset(), most=60):
    """The first sound flow of a seed."""
    for attempt in range(200):
        maker = Maker(f"{seed}.{attempt}", refused)
        program = maker.program()
        graph = Expansion(program).graph
        if 0 < len(graph["instances"]) <= most and sound(graph):
            maker.loosen(program, graph)
            maker.faults(program, graph)
            return program, graph
    raise ValueError(f"seed {seed} makes no sound flow")
