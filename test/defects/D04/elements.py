"""Lists the elements of Rocoto documents with what each holds, and what is none of Rocoto's: elements.py DOCUMENT…

The names are those of Rocoto 1.3's grammar; the log and job lines that people guess (`jobout`, `testonly`) are not among them.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../rocoto"))
import document as rocoto

CONDITIONS = """taskdep metataskdep datadep timedep taskvalid cycleexistdep streq strneq sh rb true false
    not and or nor xor nand some""".split()
TASK = """rewind command account queue partition cores nodes native walltime memory stdout stderr join jobname nodesize envar
    shared exclusive dependency deadline hangdependency""".split()
ELEMENTS = {
    "workflow": ["log", "cycledef", "task", "metatask"],
    "metatask": ["var", "task", "metatask"],
    "task": TASK,
    "envar": ["name", "value"],
    "rewind": ["sh", "rb"],
    "dependency": CONDITIONS,
    "hangdependency": CONDITIONS,
    **{name: CONDITIONS for name in ("not", "and", "or", "nor", "xor", "nand", "some")},
    **{name: ["left", "right"] for name in ("streq", "strneq")},
}
ATTRIBUTES = {
    "workflow": "realtime scheduler cyclethrottle taskthrottle corethrottle duthrottle cyclelifespan",
    "log": "verbosity",
    "cycledef": "group activation_offset",
    "task": "name maxtries throttle cycledefs final",
    "metatask": "name mode throttle",
    "var": "name",
    "taskdep": "task cycle_offset state",
    "metataskdep": "metatask cycle_offset state threshold",
    "datadep": "age minsize",
    "taskvalid": "task",
    "cycleexistdep": "cycle_offset",
    "some": "threshold",
    "sh": "shell",
    "cyclestr": "offset",
}


def main():
    held, wrong = {}, set()
    for path in sys.argv[1:]:
        for element in rocoto.read(path).root.walk():
            allowed = ATTRIBUTES.get(element.tag, "").split()
            wrong |= {f"{name} of {element.tag}" for name in element.attributes if name not in allowed}
            inner = {child.tag for child in element.elements()}
            held.setdefault(element.tag, set()).update(inner)
            wrong |= {f"{tag} in {element.tag}" for tag in inner if tag not in ELEMENTS.get(element.tag, ["cyclestr"])}
    for name in sorted(held):
        print(f"{name}: {' '.join(sorted(held[name]))}")
    for text in sorted(wrong):
        print(f"not Rocoto's: {text}")
    return wrong != set()


sys.exit(main())
