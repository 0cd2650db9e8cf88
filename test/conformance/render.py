"""The text of a description."""
import hashlib

from describe import Await, Call, If, Loop, Publish, Repeat, Stop, Use, statements

HEAD = """//! Made by test/conformance/generate.py.
kind One = file "txt" key (n: Int)
kind Two = file "txt" key (g: String, n: Int)
record Pair { u: Int key, v: String key }
task note(text: String) { needs cpus 1, memory 16MiB, time 1min  bash "echo @{text} >> @{run}.world/notes" }
"""


def digest(value):
    return int(hashlib.sha256(repr(value).encode()).hexdigest(), 16)


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("@{", "@@{") + '"'


def literal(space, n):
    """How the n-th element of a set is named in brackets."""
    item = space.items[n]
    return quoted(item) if space.kind == "string" else str(item)


def space(s):
    if s.kind == "int":
        if len(s.items) > 1 and s.items[1] < s.items[0]:
            return f"{s.items[0]} down to {s.items[-1]}"
        return f"{s.items[0]} .. {s.items[-1]}" + (f" step {s.step}" if s.step > 1 else "")
    if s.kind in ("string", "date"):
        return "[" + ", ".join(literal(s, n) for n in range(len(s.items))) + "]"
    if s.kind == "window":
        return f"every {s.step}d from {s.items[0]} until {s.items[-1]}"
    if s.kind in ("product", "record"):
        us, vs = sorted({u for u, _ in s.items}), list(dict.fromkeys(v for _, v in s.items))
        text = f"product(u: {us}, v: [{', '.join(quoted(v) for v in vs)}])"
        return text + (" as Pair" if s.kind == "record" else "")
    if s.kind == "set":
        return reference(s.ref)
    return reference(s.ref) + (f" in batches of {s.step}" if s.kind == "batch" else f" grouped by {s.by}")


def index(i):
    var = i.loop.var if i.loop else ""
    if i.kind in ("same", "var"):
        return var
    if i.kind == "key":
        return literal(i.loop.space, i.n)
    if i.kind == "step":
        return f"{var} {'-' if i.n < 0 else '+'} {abs(i.n)}"
    if i.kind == "where":
        test = f"q % {i.n} == 0" if i.loop.space.kind == "int" else f"q != {literal(i.loop.space, 0)}"
        return f"q in ({space(i.loop.space)}) if {test}"
    return {"all": "*", "upto": f".. {var}", "from": f"{var} .."}[i.kind]


def plain(ref, output=""):
    """The family with its brackets, if any, and its output."""
    if ref.loop:
        return ref.loop.var
    shown = ref.index if any(i.kind != "same" for i in ref.index) else []
    while ref.brief and shown and shown[0].kind == "same":
        shown = shown[1:]
    return NAMES.get(ref.family, ref.family) + (f"[{', '.join(index(i) for i in shown)}]" if shown else "") + output


def reference(ref, output=""):
    text = plain(ref, output)
    if ref.demand == "made":
        return f"{text} if made otherwise {reference(ref.other, output_of(ref.other)) if ref.other else 'none'}"
    if ref.otherwise:
        return f"{text} otherwise none"
    return {"ok": f"{text}.ok", "least": f"{'any' if ref.n == 1 else f'at least {ref.n}'} of {text}", "first": f"first {ref.n} of {text}",
            "ended": f"ended {text}"}.get(ref.demand, text)


OUTPUTS, NAMES = {}, {}


def output_of(ref):
    return OUTPUTS.get(ref.family, "") if not ref.loop else ""


def argument(param):
    if param.kind == "text":
        return f"{param.name}: {quoted(param.text) if param.literal else chr(34) + param.text + chr(34)}"
    refs = [reference(r, output_of(r)) for r in param.refs]
    return f"{param.name}: " + (f"[{', '.join(refs)}]" if param.literal else refs[0] if refs else "none")


class Text:
    def __init__(self, program):
        self.program, self.tasks, self.lines = program, {}, []
        OUTPUTS.clear()
        NAMES.clear()
        for flow in program.flows:
            for call in statements(flow.body):
                call = call.call if isinstance(call, Repeat) else call
                if isinstance(call, Call) and call.outputs() > 1:
                    OUTPUTS[call.name] = ".o"
                if isinstance(call, Use) and len(program.flow(call.flow).outputs) == 1:
                    NAMES[f"{call.name}.{program.flow(call.flow).outputs[0]}"] = call.name

    def task(self, call):
        """The task of a call; calls of like shape share one."""
        text = self.body(call)
        if text not in self.tasks:
            self.tasks[text] = f"t{len(self.tasks) + 1}"
        return self.tasks[text]

    @staticmethod
    def body(call):
        types = {"text": "String", "file…": "file..."}
        params = ", ".join(f"{p.name}: {types.get(p.kind, p.kind)}" for p in call.params)
        outputs = {"n": ["o: set of One at \"<n>.txt\""], "gn": ["o: set of Two at \"<g>/<n>.txt\""]}.get(call.makes, ["o: file"])
        outputs += ["good: Bool", "n: Int"] if call.values else []
        outputs += ["state: file"] if call.slices else []
        lines = [f"({params}) -> {', '.join(outputs)}" + (" | no_data" if "no_data" in call.exits.values() else "") + " {"]
        lines.append(f"  needs cpus 1, memory 16MiB, time {'4s' if call.quick else '1min'}")
        for r in call.retries:
            grown = [f"{need} * {r[need]}" for need in ("memory", "time") if r[need] > 1]
            lines.append(f"  retry {r['n']} on {', '.join(r['on'])}" + (f" with {', '.join(grown)}" if grown else ""))
        if call.slices:
            lines.append(f"  resume state, signal 1s before end, at most {call.slices} slices")
        lines += [f"  exit {code} is {outcome}" for code, outcome in call.exits.items()]
        lines += ['  bash """', "    . @{run}.world/body.sh", "    begin @{instance} @{attempt} @{needs.memory:MiB} @{needs.time:s}"]
        lines += [f"    {'value' if p.kind == 'text' else 'files'} {p.name} @{{{p.name}}}" for p in call.params]
        lines += ["    checkpoint @{state}"] if call.slices else []
        lines += ["    values @{values}"] if call.values else []
        lines += ["    members @{o.dir}" if call.makes else "    end @{o}", '  """', "}"]
        return "\n".join(lines)

    def call(self, call, indent):
        head = f"{indent}{'temp ' if call.temp else ''}{call.name} = {self.task(call)}({', '.join(argument(p) for p in call.params)})"
        head += " keep on failed" if call.temp == "keep" else ""
        head += "".join(f"  {c}" for c in call.clauses) + self.after(call.after)
        hooks = [f"{indent}  on {when} {{ note(text: \"{text}\") }}" for when, text in call.hooks]
        return [head, *hooks]

    @staticmethod
    def after(refs):
        return "  after " + ", ".join(reference(r) for r in refs) if refs else ""

    def block(self, body, indent):
        """In one half of all blocks the statements stand in any order, which means nothing."""
        written = [self.statement(s, indent) for s in body]
        if digest(written) % 2:
            written.sort(key=digest)
        return [line for lines in written for line in lines]

    def statement(self, s, indent):
        if isinstance(s, Call):
            return self.call(s, indent)
        if isinstance(s, Use):
            return [f"{indent}{s.name} = {s.flow}({', '.join(argument(p) for p in s.params)}){self.after(s.after)}"]
        if isinstance(s, Loop):
            head = f"{indent}for {s.var} in {space(s.space)}" + "".join(f"  {c}" for c in s.clauses) + self.after(s.after)
            return [head + " {", *self.block(s.body, indent + "  "), indent + "}"]
        if isinstance(s, If):
            lines = [f"{indent}if {condition(s.cond)} {{", *self.block(s.then, indent + "  "), indent + "}"]
            return lines + ([f"{indent}else {{", *self.block(s.otherwise, indent + "  "), indent + "}"] if s.otherwise else [])
        if isinstance(s, Repeat):
            head = f"{indent}repeat {s.var} at most {s.n} until {s.call.name}.n >= {s.least} {{"
            return [head, *self.call(s.call, indent + "  "), indent + "}"]
        if isinstance(s, Await):
            rest = {"ok": '"gate", age 0s, size 1B', "failed": '"never", timeout 1s', "no_data": '"never", timeout 1s is no_data'}
            other = ["", '"never" or ', '"gate" and "never" or '][sum(s.name.encode()) % 3]
            return [f"{indent}{s.name} = await {other}{rest[s.state]}"]
        if isinstance(s, Publish):
            return [f"{indent}publish {reference(s.ref)} at {quoted(s.path)}"]
        assert isinstance(s, Stop)
        return [f"{indent}stop after {s.n} failed"]

    def whole(self):
        flows = []
        for flow in self.program.flows:
            params = ", ".join(f"{p.name}: {'String' if p.kind == 'text' else p.kind}" for p in flow.params)
            head = f"flow {flow.name}" + (f"({params})" if params else "") + (f" -> {', '.join(flow.outputs)}" if flow.outputs else "")
            flows += [head + " {", *self.block(flow.body, "  ")]
            flows += [f"  when {when} {{ note(text: \"{text}\") }}" for when, text in flow.hooks] + ["}"]
        return HEAD + "\n".join([f"task {name}{text}" for text, name in self.tasks.items()] + flows) + "\n"


def condition(cond):
    if cond.loop:
        space_ = cond.loop.space
        if space_.kind == "window":
            test = f"{cond.loop.var} is first"
        elif cond.test == "less":
            test = f"{cond.loop.var} <= {literal(space_, cond.n)}"
        else:
            test = f"{cond.loop.var} == {literal(space_, cond.n)}"
    else:
        test = plain(cond.ref, ".good" if cond.test == "good" else ".n") + ("" if cond.test == "good" else f" >= {cond.n}")
    return f"not ({test})" if cond.negate else test


def render(program):
    return Text(program).whole()
