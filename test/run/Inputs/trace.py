"""Reads the ledger of a run and prints its order of events, one family or fact a line.

    trace.py most RUN FAMILY…    the most attempts of these families that were at work at once
    trace.py order RUN FAMILY…   ids in the order of their first starts
    trace.py opened RUN FIRST LAST [REFILL LIMIT]    the most iterations open at once, and who opened too early
    trace.py rate RUN FAMILY MS  the most starts within MS
    trace.py ends RUN            every end: id, outcome
    trace.py before RUN A B      whether the end of A precedes the start of B
    trace.py since RUN A TIME    whether A ended at that instant or later
"""
import datetime
import glob
import sys


def events(run):
    for path in sorted(glob.glob(f"{run}/ledger/journal.*")):
        with open(path) as journal:
            for line in journal:
                fields = line.rstrip("\n").split("\t")
                kind, time, instance = fields[1], int(fields[2]), fields[3]
                yield kind, time, instance, fields[6] if len(fields) > 6 else ""


def family(instance):
    return instance.split("[")[0]


def chosen(run, families):
    return [event for event in events(run) if family(event[2]) in families]


def most(run, *families):
    at_work, peak = 0, 0
    for kind, *_ in chosen(run, families):
        at_work += {"start": 1, "end": -1}.get(kind, 0)
        peak = max(peak, at_work)
    print(*families, peak)


def order(run, *families):
    seen = {}
    for kind, _, instance, _ in chosen(run, families):
        if kind == "start":
            seen.setdefault(instance)
    print(*seen)


def opened(run, first, last, refill=None, limit=None):
    """The most iterations open at once: each from the start of `first` to the end of `last`, of one key. With a refill: whether
    one ever opened between the limit being reached and no more than `refill` being left."""
    at_work, peak, draining, early = 0, 0, False, ""
    for kind, _, instance, _ in chosen(run, (first, last)):
        if kind == "start" and family(instance) == first:
            early = early or (instance if draining else "")
            at_work += 1
        if kind in ("end", "settle") and family(instance) == last:
            at_work -= 1
        peak = max(peak, at_work)
        if refill is not None:
            draining = at_work >= int(limit) or (draining and at_work > int(refill))
    print(first, last, peak, *([early, "came early"] if early else []))


def rate(run, name, ms):
    starts = [time for kind, time, _, _ in chosen(run, (name,)) if kind == "start"]
    print(name, max(sum(0 <= other - time < int(ms) for other in starts) for time in starts))


def ends(run):
    for kind, _, instance, outcome in events(run):
        if kind in ("end", "settle"):
            print(instance, outcome)


def before(run, first, second):
    times = [(kind, instance) for kind, _, instance, _ in events(run)]
    print(first, "before" if times.index(("end", first)) < times.index(("start", second)) else "after", second)


def since(run, name, instant):
    wanted = datetime.datetime.fromisoformat(instant.replace("Z", "+00:00")).timestamp() * 1000
    end = next(time for kind, time, instance, _ in events(run) if (kind, instance) == ("end", name))
    print(name, "since" if end >= wanted else "too early")


{f.__name__: f for f in (most, order, opened, rate, ends, before, since)}[sys.argv[1]](*sys.argv[2:])
