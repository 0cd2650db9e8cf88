"""What the generator knows of a flow: one description, from which its text (render.py) and its explicit graph (expand.py) are made.

A program is a tree of statements. Names are unique in a flow; a reference names a family and says for each of its loops which elements.
"""
from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field


@dataclass
class Element:
    """One element of a set: its key as ids have it, what interpolation gives, and what the loop's variable stands for."""
    key: str
    text: str
    value: object = None
    members: list = field(default_factory=list)
    sets: list = field(default_factory=list)


@dataclass
class Space:
    """A set to run over. `kind`: int, string, date, window, product, record, set, batch, group."""
    kind: str
    items: list = field(default_factory=list)
    step: int = 1
    ref: Ref | None = None
    by: str = ""
    made: bool = False  # batches and groups of a set, not of a family

    def static(self):
        return self.kind not in ("set", "batch", "group")


@dataclass(eq=False)
class Loop:
    var: str
    space: Space
    body: list = field(default_factory=list)
    clauses: list = field(default_factory=list)
    after: list = field(default_factory=list)


@dataclass
class Index:
    """Which elements of one loop: same, all, key (the n-th), var (the reader's), step (the reader's + n), upto, from, where (n-th rest)."""
    kind: str = "same"
    n: int = 0
    loop: Loop | None = None


@dataclass
class Ref:
    """`demand`: one, made, all, ok, least, first, ended. `other`: none, or a Ref, for `otherwise` and `if made otherwise`."""
    family: str
    index: list = field(default_factory=list)
    demand: str = "one"
    n: int = 0
    otherwise: bool = False
    other: Ref | None = None
    brief: bool = False  # indices only after the loops that it shares with the reader
    loop: Loop | None = None  # a loop's variable: a member of a set, or those of a batch


@dataclass
class Cond:
    """Static: the element's place in its loop, or a parity. At run time: a small output of an instance."""
    ref: Ref | None = None
    loop: Loop | None = None
    test: str = ""
    n: int = 0
    negate: bool = False


@dataclass(eq=False)
class If:
    cond: Cond
    then: list = field(default_factory=list)
    otherwise: list = field(default_factory=list)


@dataclass
class Param:
    """`kind`: file, file?, file*, file…, or text. A list of references is written as a list."""
    name: str
    kind: str
    refs: list = field(default_factory=list)
    text: str = ""
    literal: bool = False


@dataclass(eq=False)
class Call:
    name: str
    params: list = field(default_factory=list)
    after: list = field(default_factory=list)
    retries: list = field(default_factory=list)
    exits: dict = field(default_factory=dict)
    slices: int = 0
    quick: bool = False
    values: bool = False
    makes: str = ""  # n or gn: the set it makes, by its keys
    temp: str = ""
    clauses: list = field(default_factory=list)
    hooks: list = field(default_factory=list)
    salt: int = 0

    def outputs(self):
        return 1 + self.values + (self.slices > 0)


@dataclass(eq=False)
class Use:
    """A call of a flow."""
    name: str
    flow: str
    params: list = field(default_factory=list)
    after: list = field(default_factory=list)


@dataclass(eq=False)
class Repeat:
    var: str
    n: int
    call: Call
    least: int
    loop: Loop | None = None


@dataclass(eq=False)
class Await:
    name: str
    state: str  # ok, failed or no_data


@dataclass
class Publish:
    path: str
    ref: Ref


@dataclass
class Stop:
    n: int


@dataclass(eq=False)
class Flow:
    name: str
    params: list = field(default_factory=list)
    body: list = field(default_factory=list)
    outputs: list = field(default_factory=list)
    hooks: list = field(default_factory=list)


@dataclass(eq=False)
class Program:
    flows: list = field(default_factory=list)
    faults: dict = field(default_factory=dict)

    def flow(self, name):
        return next(f for f in self.flows if f.name == name)


def number(salt, name, most):
    """A number that depends on a name: what tasks compute, and what they find."""
    return int(hashlib.sha256(f"{salt} {name}".encode()).hexdigest()[:8], 16) % most


def small_values(call, name):
    return {"good": number(call.salt, name, 2) == 1, "n": number(call.salt + 1, name, 5)}


def set_keys(call, name):
    """The keys of the set that an instance makes, in order."""
    count = number(call.salt, name, 4)
    if call.makes == "n":
        return [str(7 * (i + 1)) for i in range(count)]
    return [f"{'ab'[i // 2]},{i % 2}" for i in range(count)]


def percent(text):
    """A string as ids have it."""
    safe = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-"
    return "".join(chr(b) if b in safe else f"%{b:02X}" for b in text.encode())


def product_key(u, v):
    """A record without keys is named by the hash of its canonical JSON."""
    return hashlib.sha256(json.dumps({"u": u, "v": v}, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()[:12]


def statements(body):
    """Every statement below a block, those of inner blocks too."""
    for statement in body:
        yield statement
        for block in blocks(statement):
            yield from statements(block)


def blocks(statement):
    if isinstance(statement, Loop):
        return [statement.body]
    if isinstance(statement, If):
        return [statement.then, statement.otherwise]
    return []


def references(program):
    """Every reference of a program, with the statement and the parameter it stands in."""
    for flow in program.flows:
        for statement in statements(flow.body):
            for name in ("after",):
                for ref in getattr(statement, name, []):
                    yield ref
            for param in getattr(statement, "params", []) + (statement.call.params if isinstance(statement, Repeat) else []):
                yield from param.refs
            if isinstance(statement, Loop) and statement.space.ref:
                yield statement.space.ref
            if isinstance(statement, If) and statement.cond.ref:
                yield statement.cond.ref
            if isinstance(statement, Publish):
                yield statement.ref
