"""A Rocoto document as Rocoto 1.3 understands it: entities, metatasks, cycles, dependencies. Written from its documented and measured
behaviour (design notes, engines.md §B), sharing nothing with our emitter.

    document = read("workflow.xml")
    document.tasks        expanded, in the order in which they are submitted
    document.cycledefs
"""
import datetime
import os
import re
import xml.parsers.expat


class Wrong(Exception):
    """What Rocoto itself refuses."""


class Element:
    """A tag with attributes and contents: texts and elements, in order."""

    def __init__(self, tag, attributes=None):
        self.tag, self.attributes, self.contents = tag, dict(attributes or {}), []

    def elements(self, tag=None):
        return [c for c in self.contents if isinstance(c, Element) and tag in (None, c.tag)]

    def first(self, tag):
        found = self.elements(tag)
        return found[0] if found else None

    def text(self):
        return "".join(c for c in self.contents if isinstance(c, str))

    def copy(self):
        other = Element(self.tag, self.attributes)
        other.contents = [c.copy() if isinstance(c, Element) else c for c in self.contents]
        return other

    def walk(self):
        yield self
        for child in self.elements():
            yield from child.walk()


def parse(path):
    """The root, with all entities expanded, external ones too; comments are gone."""
    root, stack = [], []

    def push_text(text):
        if not stack:
            return
        contents = stack[-1].contents
        if contents and isinstance(contents[-1], str):
            contents[-1] += text
        else:
            contents.append(text)

    def start(tag, attributes):
        element = Element(tag, attributes)
        (stack[-1].contents if stack else root).append(element)
        stack.append(element)

    def external(context, base, system, _public):
        target = os.path.join(os.path.dirname(path), system)
        inner = parser.ExternalEntityParserCreate(context)
        with open(target, "rb") as file:
            inner.Parse(file.read(), True)
        return 1

    def skipped(name, _is_parameter):
        raise Wrong(f"undefined entity {name}")

    parser = xml.parsers.expat.ParserCreate()
    parser.SkippedEntityHandler = skipped
    parser.SetParamEntityParsing(xml.parsers.expat.XML_PARAM_ENTITY_PARSING_ALWAYS)
    parser.StartElementHandler, parser.EndElementHandler = start, lambda _tag: stack.pop()
    parser.CharacterDataHandler, parser.ExternalEntityRefHandler = push_text, external
    try:
        with open(path, "rb") as file:
            parser.ParseFile(file)
    except (xml.parsers.expat.ExpatError, OSError) as error:
        raise Wrong(str(error)) from error
    return root[0]


# ---------------------------------------------------------------------------------------------- times

UTC = datetime.timezone.utc


def seconds(text):
    """`[-][[[dd:]hh:]mm:]ss`, right-aligned."""
    if text is None:
        return 0
    total = 0
    for index, field in enumerate(reversed(text.strip().split(":"))):
        size = abs(int(re.match(r"-?\d*", field.strip()).group() or 0))
        if index > 3:
            raise Wrong(f"Invalid dd:hh:mm:ss, '{text}'")
        total += size * (1, 60, 3600, 86400)[index]
    return -total if text.strip().startswith("-") else total


def instant(text):
    """12 or 14 digits, UTC."""
    parts = [int(text[0:4])] + [int(text[n:n + 2] or 0) for n in (4, 6, 8, 10, 12)]
    return datetime.datetime(*parts, tzinfo=UTC)


def stamp(time):
    return time.strftime("%Y%m%d%H%M")


class Interval:
    """`start stop step`, or `start duration step`."""

    def __init__(self, group, fields):
        self.group = group
        self.start = instant(fields[0])
        self.stop = instant(fields[1]) if re.search(r"\d{12}", fields[1]) else \
            self.start + datetime.timedelta(seconds=seconds(fields[1]))
        self.step = seconds(fields[2])
        if self.start > self.stop or self.step == 0:
            raise Wrong("Invalid <cycledef>")

    def contains(self, time):
        inside = self.start <= time <= self.stop
        return inside and (time - self.start).total_seconds() % self.step == 0

    def cycles(self, after=None):
        """From the first on, or from the first at or after a time."""
        time = self.start
        if after and after > time:
            missing = (after - time).total_seconds()
            time += datetime.timedelta(seconds=-(-missing // self.step) * self.step)
        while time <= self.stop:
            yield time
            time += datetime.timedelta(seconds=self.step)


RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (1900, 9999), (0, 6))


class Cron:
    """minute hour day month year weekday; day and weekday both restricted: either."""

    def __init__(self, group, fields):
        self.group = group
        self.sets = [self.numbers(field, low, high) for field, (low, high) in zip(fields, RANGES)]

    @staticmethod
    def numbers(field, low, high):
        if field == "*":
            return set(range(low, high + 1))
        if found := re.fullmatch(r"\*/(\d+)", field):
            return set(range(low, high + 1, int(found[1])))
        numbers = set()
        for part in field.split(","):
            found = re.fullmatch(r"(\d+)(?:-(\d+)(?:/(\d+))?)?", part)
            if not found:
                raise Wrong(f"Illegal Cycle cron field, '{field}'")
            numbers.update(range(int(found[1]), int(found[2] or found[1]) + 1, int(found[3] or 1)))
        if not all(low <= n <= high for n in numbers):
            raise Wrong(f"Illegal Cycle cron field, '{field}'")
        return numbers

    def contains(self, time):
        minute, hour, day, month, year, weekday = self.sets
        is_day, is_weekday = time.day in day, (time.weekday() + 1) % 7 in weekday
        all_days, all_weekdays = len(day) == 31, len(weekday) == 7
        fits = is_weekday if all_days else is_day if all_weekdays else is_day or is_weekday
        return fits and time.month in month and time.hour in hour and time.minute in minute and time.year in year

    def cycles(self, after=None):
        first = datetime.datetime(min(self.sets[4]), 1, 1, tzinfo=UTC)
        day = max(first, after) if after else first
        day = day.replace(hour=0, minute=0, second=0)
        while day.year <= max(self.sets[4]):
            for hour in sorted(self.sets[1]):
                for minute in sorted(self.sets[0]):
                    time = day.replace(hour=hour, minute=minute)
                    if self.contains(time) and (not after or time >= after):
                        yield time
            day += datetime.timedelta(days=1)


# ------------------------------------------------------------------------------------------- compounds

def strftime(time, form):
    """Flags of a cyclestr after its `@` became `%`."""
    month_end = (time.replace(day=28) + datetime.timedelta(days=4)).replace(day=1) - datetime.timedelta(days=1)
    form = form.replace("%n", str(month_end.day)).replace("%o", time.strftime("%b").lower())
    form = form.replace("%O", time.strftime("%B").lower())
    # Ruby's %^b is capitals; %s is seconds since 1970 whatever the zone.
    form = re.sub(r"%\^(\w)", lambda flag: time.strftime("%" + flag[1]).upper(), form)
    return time.strftime(form.replace("%s", str(int(time.timestamp()))))


def compound(element, cycle):
    """Text with cyclestrs, for a cycle."""
    text = ""
    for part in element.contents:
        if isinstance(part, str):
            text += part
            continue
        if part.tag != "cyclestr":
            raise Wrong(f"Invalid tag <{part.tag}> inside <{element.tag}>")
        form = part.text().replace("%", "%%")
        form = re.sub(r"@(\^?[^@\s])", r"%\1", form).replace("@@", "@")
        text += strftime(cycle + datetime.timedelta(seconds=seconds(part.attributes.get("offset"))), form)
    return text.strip()


# --------------------------------------------------------------------------------------------- expansion

def replaced(text, table, index):
    """Literal, repeated replacement, variables in the order of declaration."""
    for name, values in table.items():
        mark = f"#{name}#"
        if mark in values[index]:
            if mark in text:
                raise Wrong(f"the value of {name} contains {mark}: Rocoto would never end")
            continue
        while mark in text:
            text = text.replace(mark, values[index], 1)
    return text


def traverse(element, table, index):
    for key, value in element.attributes.items():
        element.attributes[key] = replaced(value, table, index)
    for n, part in enumerate(element.contents):
        if isinstance(part, str):
            element.contents[n] = replaced(part, table, index)
        else:
            traverse(part, table, index)


class Task:
    def __init__(self, element, metatasks, sequence):
        self.element, self.metatasks, self.sequence = element, metatasks, sequence

    @property
    def name(self):
        return self.element.attributes["name"]


class Document:
    def __init__(self, root):
        self.root = root
        self.attributes = root.attributes
        self.throttles, self.modes, self.unnamed = {}, {}, 0
        self.cycledefs = [self.cycledef(e) for e in root.elements("cycledef")]
        self.expanded = []
        for element in root.elements():
            if element.tag == "task":
                self.expanded.append(Task(element, [], []))
            elif element.tag == "metatask":
                self.expanded += self.members(element, [], [])
        self.replace_metataskdeps()
        self.replace_modes()
        # Of two tasks of one name the later stays, in the place of the first.
        self.tasks = list({task.name: task for task in self.expanded}.values())

    @staticmethod
    def cycledef(element):
        fields = element.text().split()
        kinds = {3: Interval, 6: Cron}
        if len(fields) not in kinds:
            raise Wrong("Unsupported <cycle> type")
        return kinds[len(fields)](element.attributes.get("group"), fields)

    def members(self, metatask, outer, sequence):
        name = metatask.attributes.get("name")
        if name is None:
            self.unnamed += 1
            name = f"metatask{self.unnamed}"
        self.throttles[name] = int(metatask.attributes.get("throttle", 999999))
        self.modes[name] = metatask.attributes.get("mode", "parallel")
        table = {v.attributes["name"]: v.text().split() for v in metatask.elements("var")}
        lengths = {len(values) for values in table.values()}
        if len(lengths) != 1 or 0 in lengths:
            raise Wrong(f"metatask {name}: <var> tags do not contain the same number of items, or none")
        inner = []
        for element in metatask.elements():
            if element.tag == "task":
                inner.append((Task(element, [*outer, name], []), len(inner) + 1))
            elif element.tag == "metatask":
                place = len(inner) + 1
                inner += [(task, place) for task in self.members(element, [*outer, name], [])]
        places = max((place for _, place in inner), default=0)
        result = []
        for index in range(lengths.pop()):
            for task, place in inner:
                copy = task.element.copy()
                traverse(copy, table, index)
                metatasks = [replaced(m, table, index) for m in task.metatasks]
                result.append(Task(copy, metatasks, [index * places + place, *task.sequence]))
        return result

    def replace_metataskdeps(self):
        for task in self.expanded:
            for element in list(task.element.walk()):
                for n, part in enumerate(element.contents):
                    if isinstance(part, Element) and part.tag == "metataskdep":
                        element.contents[n] = self.some_of(part)

    def some_of(self, dependency):
        name = dependency.attributes["metatask"]
        some = Element("some", {"threshold": dependency.attributes.get("threshold", "1.0")})
        pattern = re.compile(rf"([^,]+,)*{name}(,[^,]+)*")
        for task in self.expanded:
            if not pattern.fullmatch(",".join(task.metatasks)):
                continue
            found = Element("taskdep", {"task": task.name})
            for key in ("cycle_offset", "state"):
                if key in dependency.attributes:
                    found.attributes[key] = dependency.attributes[key]
            some.contents.append(found)
        if not some.contents:
            raise Wrong(f"metataskdep: `{name}` has no task")
        return some

    def replace_modes(self):
        """mode="serial": after all tasks of the element before."""
        for task in self.expanded:
            for depth, name in enumerate(task.metatasks):
                if self.modes.get(name) != "serial" or task.sequence[depth] == 1:
                    continue
                before = [*task.sequence[:depth], task.sequence[depth] - 1]
                others = [t for t in self.expanded if name in t.metatasks and t.sequence[:depth + 1] == before
                          and t.metatasks[:depth + 1] == task.metatasks[:depth + 1]]
                self.add_all(task.element, [Element("taskdep", {"task": t.name}) for t in others])

    @staticmethod
    def add_all(task, dependencies):
        place = task.first("dependency")
        if place is None:
            place = Element("dependency")
            task.contents.append(place)
        inner = place.elements()
        if not inner or inner[0].tag != "and":
            both = Element("and")
            both.contents = inner
            place.contents = [both]
        place.elements()[0].contents += dependencies

    def groups(self, task):
        """Its cycledefs; without any named, all."""
        names = task.element.attributes.get("cycledefs")
        if names is None:
            return self.cycledefs
        return [c for c in self.cycledefs if c.group in re.split(r"[\s,]+", names)]

    def is_valid(self, task, cycle):
        return any(c.contains(cycle) for c in self.groups(task))

    def cycles(self, most):
        """The first so many of all cycledefs together, in order."""
        found = set()
        for cycledef in self.cycledefs:
            for n, time in enumerate(cycledef.cycles()):
                if n >= most:
                    break
                found.add(time)
        return sorted(found)[:most]


def read(path):
    return Document(parse(path))
