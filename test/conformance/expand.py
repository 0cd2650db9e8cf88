"""The explicit graph of a description, as oracle.py takes it: every instance, and for each reference the instances that it names."""
from dataclasses import dataclass, field, replace

from describe import (Await, Call, Element, If, Index, Loop, Publish, Ref, Repeat, Space, Stop, Use, percent, product_key, set_keys, small_values,
                      statements)


@dataclass
class Scope:
    """What surrounds a statement: the path of flow calls and their arguments, loops, guards, and what all of it comes after."""
    prefix: str = ""
    params: dict = field(default_factory=dict)
    texts: dict = field(default_factory=dict)
    loops: list = field(default_factory=list)
    guards: list = field(default_factory=list)
    after: list = field(default_factory=list)


@dataclass
class Family:
    name: str
    scope: Scope
    variants: list = field(default_factory=list)  # (suffix, statement, guards)


def shown(loop):
    """How a loop's variable is interpolated."""
    v = loop.var
    return {"window": f"@{{{v}.first_day}}", "product": f"@{{{v}.u}}.@{{{v}.v}}", "record": f"@{{{v}.u}}.@{{{v}.v}}",
            "set": f"@{{{v}.g}}.@{{{v}.n}}" if loop.space.by == "gn" else f"@{{{v}.n}}"}.get(loop.space.kind, f"@{{{v}}}")


def indices(ref, family):
    """A reference's index for each loop of the family; those around the call of its flow are shared."""
    return [Index()] * (len(family.scope.loops) - len(ref.index)) + ref.index


class Expansion:
    def __init__(self, program):
        self.program, self.families = program, {}
        self.blocks, self.published, self.hooks = [], [], []
        main = program.flows[-1]
        self.walk(main.body, Scope())
        self.graph = {"instances": [], "blocks": [], "links": [], "hooks": [{"of": None, "when": w, "text": t} for w, t in main.hooks]}
        for family in self.families.values():
            for variant in family.variants:
                self.graph["instances"] += [self.instance(family, variant, env) for env in self.environments(family, variant)]
        for n, names, flows in self.blocks:
            self.graph["blocks"].append({"n": n, "of": [i["id"] for i in self.graph["instances"]
                                                        if i["family"] in names or i["family"].startswith(flows)]})
        for publish, scope in self.published:
            self.graph["links"].append(self.link(publish, scope))

    # ------------------------------------------------------------------------------------------ families

    def walk(self, body, scope):
        for s in body:
            if isinstance(s, (Call, Await)):
                self.bind(s.name, s, scope)
            elif isinstance(s, Repeat):
                self.bind(s.call.name, s, replace(scope, loops=scope.loops + [s.loop]))
            elif isinstance(s, Loop):
                self.walk(s.body, replace(scope, loops=scope.loops + [s], after=scope.after + [(r, scope) for r in s.after]))
            elif isinstance(s, If):
                self.walk(s.then, replace(scope, guards=scope.guards + [(s.cond, True, scope)]))
                self.walk(s.otherwise, replace(scope, guards=scope.guards + [(s.cond, False, scope)]))
            elif isinstance(s, Use):
                flow = self.program.flow(s.flow)
                params = {p.name: (a.refs[0] if a.refs else None, scope) for p, a in zip(flow.params, s.params) if a.kind != "text"}
                texts = {p.name: (a, scope) for p, a in zip(flow.params, s.params) if a.kind == "text"}
                self.walk(flow.body, replace(scope, prefix=f"{scope.prefix}{s.name}.", params=params, texts=texts,
                                             after=scope.after + [(r, scope) for r in s.after]))
            elif isinstance(s, Publish):
                self.published.append((s, scope))
            elif isinstance(s, Stop):
                names = {scope.prefix + (x.call.name if isinstance(x, Repeat) else x.name) for x in statements(body)
                         if isinstance(x, (Call, Await, Repeat))}
                flows = tuple(f"{scope.prefix}{x.name}." for x in statements(body) if isinstance(x, Use))
                self.blocks.append((s.n, names, flows))

    def bind(self, name, statement, scope):
        name = scope.prefix + name
        family = self.families.setdefault(name, Family(name, scope))
        family.variants.append((".else" if family.variants else "", statement, scope.guards))

    def find(self, scope, name):
        """The family of a name: a loop around the call of a flow names what stands outside of the flow."""
        prefix = scope.prefix
        while prefix and prefix + name not in self.families:
            prefix = prefix[:prefix[:-1].rfind(".") + 1]
        return self.families[prefix + name]

    # ---------------------------------------------------------------------------------------------- sets

    def elements(self, loop, env, scope):
        s = loop.space
        if s.kind == "string":
            return [Element(percent(i), i, i) for i in s.items]
        if s.kind in ("int", "date", "window"):
            return [Element(str(i), str(i), i) for i in s.items]
        if s.kind == "product":
            return [Element(product_key(u, v), f"{u}.{v}", (u, v)) for u, v in s.items]
        if s.kind == "record":
            return [Element(f"{u},{percent(v)}", f"{u}.{v}", (u, v)) for u, v in s.items]
        if s.kind == "set":
            producer, call = self.producer(s.ref, env, scope)
            return [Element(k, k.replace(",", "."), k, [[producer, k]], [producer]) for k in set_keys(call, producer)] if producer else []
        return self.lots(loop, env, scope)

    def lots(self, loop, env, scope):
        """Batches and groups: of a set, or of the keys of a family."""
        s = loop.space
        family = self.find(scope, s.ref.family)
        call = family.variants[0][1]
        if isinstance(call, Call) and call.makes:
            producer, _ = self.producer(s.ref, env, scope)
            members = [([producer, k], {"g": (k.split(",")[0],) * 2}, k) for k in set_keys(call, producer)] if producer else []
            sets = [producer]
        else:
            members, sets = [], []
            for inner in self.matching(family, s.ref, env):
                element = self.element(family, inner)
                if element is not None:
                    free = [l for l, i in zip(family.scope.loops, indices(s.ref, family)) if i.kind != "same"]
                    members.append((element, {l.var: (inner[id(l)].value, inner[id(l)].key) for l in free}, ",".join(inner[id(l)].key for l in family.scope.loops)))
                    sets = [p for l in family.scope.loops for p in inner[id(l)].sets]
        found = {}
        if s.kind == "batch":
            for n in range(0, len(members), s.step):
                found[members[n][2]] = [m for m, _, _ in members[n:n + s.step]]
        else:
            for member, keys, _ in members:
                found.setdefault(keys[s.by], []).append(member)
            # Groups order by the value they are of.
            found = {key: found[value, key] for value, key in sorted(found, key=lambda k: k[0].encode() if isinstance(k[0], str) else k[0])}
        return [Element(key, key, key, of, sets) for key, of in found.items()]

    def producer(self, ref, env, scope):
        of, _ = self.named(ref, env, scope)
        if not of or of[0] is None:
            return None, None
        return of[0], self.find(scope, ref.family).variants[0][1]

    # ----------------------------------------------------------------------------------------- instances

    def environments(self, family, variant):
        """For each instance that exists: its elements, by loop."""
        def inner(loops, env):
            if not loops:
                if all(self.true(c, env) == want for c, want, _ in variant[2] if c.loop):
                    yield env
                return
            for element in self.elements(loops[0], env, family.scope):
                yield from inner(loops[1:], {**env, id(loops[0]): element})
        yield from inner(family.scope.loops, {})

    @staticmethod
    def true(cond, env):
        value, items = env[id(cond.loop)].value, cond.loop.space.items
        if cond.loop.space.kind == "window":
            held = value == items[0]
        else:
            held = value <= items[cond.n] if cond.test == "less" else value == items[cond.n]
        return held != cond.negate

    @staticmethod
    def key(loops, env):
        return f"[{','.join(env[id(l)].key for l in loops)}]" if loops else ""

    def element(self, family, env):
        """What a reference names at one place: an id, a choice between two branches, or nothing."""
        key, found = self.key(family.scope.loops, env), []
        for suffix, _, guards in family.variants:
            if all(self.true(c, env) == want for c, want, _ in guards if c.loop):
                found.append((f"{family.name}{suffix}{key}", guards))
        if len(found) < 2:
            return found[0][0] if found else None
        cond, want, scope = found[0][1][-1]
        return {**self.guard(cond, want, env, scope), "then": found[0][0], "otherwise": found[1][0]}

    def guard(self, cond, want, env, scope):
        (name,), _ = self.named(cond.ref, env, scope)
        values = small_values(self.call_of(self.find(scope, cond.ref.family).variants[0][1]), name)
        held = values["good"] if cond.test == "good" else values["n"] >= cond.n
        return {"of": name, "holds": (held != cond.negate) == want}

    @staticmethod
    def call_of(statement):
        return statement.call if isinstance(statement, Repeat) else statement

    def guards(self, family, variant, env):
        found = [self.guard(c, want, env, scope) for c, want, scope in variant[2] if c.ref]
        statement = variant[1]
        if isinstance(statement, Repeat):
            loop = family.scope.loops[-1]
            n = env[id(loop)].value
            if n > 1:
                before = self.key(family.scope.loops[:-1] + [loop], {**env, id(loop): Element(str(n - 1), "")})
                name = family.name + before
                found.append({"of": name, "holds": small_values(statement.call, name)["n"] < statement.least})
        return found

    def instance(self, family, variant, env):
        suffix, statement, _ = variant
        call, scope = self.call_of(statement), family.scope
        name = f"{family.name}{suffix}{self.key(scope.loops, env)}"
        members_of = list(dict.fromkeys(p for loop in scope.loops for p in env[id(loop)].sets))
        refs = [self.explicit(None, r, env, s) for r, s in scope.after]
        base = {"id": name, "family": family.name, "members_of": members_of, "guards": self.guards(family, variant, env), "refs": refs,
                "values": [], "wait": None, "exits": {}, "retries": [], "slices": 0, "needs": {"memory": 16, "time": 60}, "makes": None,
                "temp": "",
                "at": {loop.var: [env[id(l)].key for l in scope.loops[:n + 1]] for n, loop in enumerate(scope.loops)}}
        if isinstance(statement, Await):
            return {**base, "wait": statement.state}
        for param in call.params:
            if param.kind == "text":
                base["values"].append([param.name, self.text(param, env, scope)])
            refs += [self.explicit(param, r, env, scope) for r in param.refs]
        refs += [self.explicit(None, r, env, scope) for r in call.after]
        for when, text in call.hooks:
            self.graph["hooks"].append({"of": name, "when": when, "text": self.interpolate(text, env, scope)})
        return {**base, "exits": call.exits, "retries": call.retries, "slices": call.slices, "temp": call.temp,
                "needs": {"memory": 16, "time": 4 if call.quick else 60}, "makes": set_keys(call, name) if call.makes else None,
                "small": small_values(call, name) if call.values else None}

    # ---------------------------------------------------------------------------------------- references

    def text(self, param, env, scope):
        return param.text if param.literal else self.interpolate(param.text, env, scope)

    def interpolate(self, text, env, scope):
        for loop in scope.loops:
            text = text.replace(shown(loop), env[id(loop)].text)
        for name, (param, outer) in scope.texts.items():
            text = text.replace(f"@{{{name}}}", self.text(param, env, outer)) if f"@{{{name}}}" in text else text
        return text

    def explicit(self, param, ref, env, scope):
        name = param.name if param else None
        if ref.family in scope.params:
            inner, outer = scope.params[ref.family]
            return self.explicit(param, inner, env, outer) if inner else self.nothing(name)
        if ref.loop:
            element = env[id(ref.loop)]
            of, sets = element.members, []
        else:
            of, sets = self.named(ref, env, scope)
        demand = ref.demand
        if demand == "one" and not all(i.kind in ("same", "key", "var", "step") for i in ref.index) or ref.loop and demand == "one":
            demand = "all"
        if ref.otherwise and (not of or of[0] is None):
            return self.nothing(name)
        other = None
        if demand == "made":
            of = of or [None]
            other = self.explicit(param, ref.other, env, scope) if ref.other else None
        return {"name": name, "demand": demand, "n": ref.n, "least": 1 if param and param.kind == "file…" else 0, "of": of, "sets": sets,
                "other": other}

    @staticmethod
    def nothing(name):
        return {"name": name, "demand": "ok", "n": 0, "least": 0, "of": [], "sets": [], "other": None}

    def named(self, ref, env, scope):
        """The elements that a reference names, and the producers of the sets among them."""
        family = self.find(scope, ref.family)
        of, sets = [], []
        for inner in self.matching(family, ref, env):
            found = self.element(family, inner)
            if found is not None:
                of.append(found)
        for loops in range(len(family.scope.loops)):
            loop, index = family.scope.loops[loops], indices(ref, family)[loops]
            if loop.space.kind == "set" or loop.space.kind in ("batch", "group") and self.lot_producer(loop, family):
                if index.kind != "same":
                    sets += [p for e in self.matching(family, ref, env, loops) if (p := self.set_producer(loop, e, family))]
        return of, sets

    def lot_producer(self, loop, family):
        call = self.find(family.scope, loop.space.ref.family).variants[0][1]
        return isinstance(call, Call) and call.makes

    def set_producer(self, loop, env, family):
        return self.producer(loop.space.ref, env, family.scope)[0]

    def matching(self, family, ref, env, depth=None):
        """The environments of a family, up to a depth of its loops, that a reference's brackets choose."""
        loops = family.scope.loops if depth is None else family.scope.loops[:depth]
        index = indices(ref, family)

        def inner(n, found):
            if n == len(loops):
                yield found
                return
            for element in self.chosen(loops[n], index[n], found, env, family.scope):
                yield from inner(n + 1, {**found, id(loops[n]): element})
        yield from inner(0, {k: v for k, v in env.items()})

    def chosen(self, loop, index, found, env, scope):
        if index.kind == "same":
            return [env[id(loop)]]
        elements = self.elements(loop, found, scope)
        if index.kind == "all":
            return elements
        if index.kind == "key":
            return elements[index.n:index.n + 1]
        if index.kind == "where":
            return [e for e in elements if (e.value % index.n == 0 if loop.space.kind == "int" else e.value != loop.space.items[0])]
        own = env[id(index.loop)]
        if index.kind == "step" and loop.space.kind == "int":
            return [e for e in elements if e.value == own.value + index.n]
        at = next((n for n, e in enumerate(elements) if e.key == own.key), None)
        if index.kind == "step":
            return [elements[at + index.n]] if at is not None and 0 <= at + index.n < len(elements) else []
        if at is None:
            return []
        return {"var": [elements[at]], "upto": elements[:at + 1], "from": elements[at:]}[index.kind]

    def link(self, publish, scope):
        family = self.find(scope, publish.ref.family)
        if any(i.kind == "all" for i in publish.ref.index):
            return {"path": publish.path, "of": [], "list": self.explicit(None, publish.ref, {}, scope)}
        of = []
        for env in self.environments(family, (None, None, [])):
            element = self.element(family, env)
            if element is not None and element not in of:
                of.append(element)
        return {"path": publish.path, "of": of, "list": None}


def expand(program):
    return Expansion(program).graph


def needed(instance):
    """The instances that one names."""
    def names(ref):
        for element in ref["of"]:
            if isinstance(element, dict):
                yield from (element["of"], element["then"], element["otherwise"])
            elif element is not None:
                yield element[0] if isinstance(element, list) else element
        yield from ref["sets"]
        if ref["other"]:
            yield from names(ref["other"])
    return [g["of"] for g in instance["guards"]] + instance["members_of"] + [n for r in instance["refs"] for n in names(r)]


def closures(graph):
    """All that each instance needs, by its id; None where one needs itself."""
    by_id = {i["id"]: i for i in graph["instances"]}
    found = {}

    def visit(name):
        if name not in found:
            found[name] = None
            before = [n for n in needed(by_id[name]) if n in by_id]
            below = [visit(n) for n in before]
            if None in below:
                return None
            found[name] = set(before).union(*below)
        return found[name]
    return None if any(visit(name) is None for name in by_id) else found


def opens(graph, var):
    """Whether no iteration of a loop needs a later one: then a limit on it cannot stand still."""
    order, by_id = {}, {i["id"]: i for i in graph["instances"]}
    for i in graph["instances"]:
        if var in i["at"]:
            order.setdefault(tuple(i["at"][var]), len(order))
    for name, before in closures(graph).items():
        own = by_id[name]["at"].get(var)
        for other in before if own else []:
            at = by_id[other]["at"].get(var)
            if at and order[tuple(at)] > order[tuple(own)]:
                return False
    return True
