"""Makes a failing program smaller while it fails: leaves out statements, parameters, clauses, elements and faults, one after the other."""
import copy
import time

from describe import Call, If, Loop, Repeat, Use, blocks, references, statements
from expand import expand
from flows import sound
from render import render


def edits(program):
    """Every way to make it a little smaller: each takes a copy, of which it changes the n-th part."""
    def each_block(p):
        for flow in reversed(p.flows):
            yield flow.body
            for s in statements(flow.body):
                yield from blocks(s)

    def block(p, n):
        return list(each_block(p))[n]

    for b, body in enumerate(each_block(program)):
        for s in range(len(body)):
            yield lambda p, b=b, s=s: block(p, b).pop(s)
    for b, body in enumerate(each_block(program)):
        for s, statement in enumerate(body):
            call = statement.call if isinstance(statement, Repeat) else statement
            if isinstance(statement, Loop):
                for n in range(len(statement.space.items) if len(statement.space.items) > 1 else 0):
                    if statement.space.kind in ("string", "date") or n in (0, len(statement.space.items) - 1):
                        yield lambda p, b=b, s=s, n=n: block(p, b)[s].space.items.pop(n)
            for name in ("params", "after", "retries", "clauses", "hooks"):
                for n in range(len(getattr(call, name, []))):
                    if not (isinstance(statement, Use) and name == "params"):
                        yield lambda p, b=b, s=s, n=n, name=name: getattr(getattr(block(p, b)[s], "call", block(p, b)[s]), name).pop(n)
            if isinstance(call, Call):
                for name, empty in (("exits", {}), ("slices", 0), ("quick", False), ("temp", "")):
                    if getattr(call, name):
                        yield lambda p, b=b, s=s, name=name, empty=empty: setattr(
                            getattr(block(p, b)[s], "call", block(p, b)[s]), name, copy.copy(empty))
    for f in range(len(program.flows)):
        yield lambda p, f=f: p.flows[f].hooks.clear()
        yield lambda p, f=f: p.flows.pop(f)
    for name, table in program.faults.items():
        yield lambda p, name=name: p.faults.pop(name)
        for n in table:
            yield lambda p, name=name, n=n: p.faults[name].pop(n)


def complete(program):
    """Whether every family that is named is there."""
    names = set()
    for flow in program.flows:
        names |= {p.name for p in flow.params}
        for s in statements(flow.body):
            if isinstance(s, Use):
                names |= {f"{s.name}.{output}" for output in program.flow(s.flow).outputs}
            else:
                names.add(getattr(getattr(s, "call", s), "name", ""))
    named = [ref for ref in references(program) if not ref.loop]
    return all(ref.family in names and (not ref.other or ref.other.family in names) for ref in named)


def kind(wrong):
    """What sort of difference it is: that must stay, or another failure would take its place."""
    return {line.split()[0] for line in wrong}


def clean(program):
    """No blocks without a statement: they are no flows."""
    def empty(s):
        return isinstance(s, Loop) and not s.body or isinstance(s, If) and not s.then
    for flow in program.flows:
        todo = [flow.body] + [b for s in statements(flow.body) for b in blocks(s)]
        for body in todo:
            body[:] = [s for s in body if not empty(s)]
    return program


def shrink(program, wrong, fails, seconds=40):
    """The smallest failing program that was found in this time, and what is wrong with it."""
    end, progress = time.time() + seconds, True
    while progress and time.time() < end:
        progress = False
        for edit in list(edits(program)):
            smaller = copy.deepcopy(program)
            try:
                edit(smaller)
                graph = expand(clean(smaller))
                if not graph["instances"] or not sound(graph) or not complete(smaller):
                    continue
                ids = {i["id"] for i in graph["instances"]}
                smaller.faults = {name: table for name, table in smaller.faults.items() if name in ids}
                render(smaller)
            except (KeyError, IndexError, AttributeError, StopIteration, ValueError, TypeError):
                continue
            seen = fails(smaller)
            if kind(seen) == kind(wrong) and (not seen[0].startswith("refused") or seen[0][:20] == wrong[0][:20]):
                program, wrong, progress = smaller, seen, True
                break
            if time.time() > end:
                break
    return program, wrong
