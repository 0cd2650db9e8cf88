#!/usr/bin/env python3
"""Keeps the shape of the house: each rule is a function that yields what breaks it.

It reads sources as text and needs nothing but Python, so that it runs in a second. What needs a compiler
(length of functions, naming) is clang-tidy's, see `./dev lint`.
"""

import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
CODE = ("compiler", "targets", "runtime")
STAGES = ("base", "source", "diag", "syntax", "format", "ir", "site", "check", "target", "pass", "forecast", "lsp", "driver")
# Where the longer files are named, with their longest allowed length. It may only shrink.
WAIVERS = ROOT / "test/house_waivers.txt"
# The folders that take their input as text and give their output as text.
CORE = ("source", "diag", "syntax", "format", "ir", "site", "check", "target", "pass", "forecast", "lsp")
# Symbols of files, processes, environment and clock, as `nm` demangles them.
OUTSIDE = re.compile(
    r"^(open|open64|openat|creat|fopen|fopen64|opendir|readdir|stat|stat64|getcwd|chdir|unlink|rename|"
    r"getenv|secure_getenv|setenv|environ|fork|vfork|execv|execve|execvp|posix_spawn|system|popen|kill|"
    r"time|clock|clock_gettime|gettimeofday|gethostname|getpid|getuid|getpwuid|socket|connect)(@.*)?$"
    r"|^std::chrono::.*::now\(|^std::filesystem::|^std::basic_[io]?fstream|^std::random_device")


def files(*suffixes, under=CODE):
    for folder in under:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.name.endswith(suffixes):
                yield path.relative_to(ROOT)


def lines(path):
    return (ROOT / path).read_text(encoding="utf-8", errors="replace").splitlines()


# --- who may include whom -----------------------------------------------------------------------


def folder_of(path):
    """The name of a file's part in the table of docs/ARCHITECTURE.md."""
    parts = path.split("/")
    if parts[0] == "compiler" and len(parts) > 2:
        return parts[1]
    if parts[0] == "stdlib":
        return "stdlib"
    if parts[0] == "runtime":
        return {"abi": "abi", **{name: f"runtime/{name}" for name in ("move", "beside", "geo", "torch", "s3")}}.get(parts[1], "runtime")
    if parts[0] == "targets":
        return "registry" if len(parts) == 2 else "targets/" + parts[1]
    return None


def include_table():
    """{folder: set of folders it may include, or None for everything}, from the architecture page."""
    page = ROOT / "docs/ARCHITECTURE.md"
    if not page.exists():
        return {}
    text = page.read_text(encoding="utf-8")
    start = text.find("| folder | may include")
    table = {}
    for row in text[start:].splitlines()[2:] if start >= 0 else []:
        if not row.startswith("|"):
            break
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        folder = cells[0].strip("` ").rstrip("/")
        allowed = re.sub(r"\([^)]*\)", "", cells[1])
        words = set(re.findall(r"[a-z/]+", allowed))
        known = {word for word in words if word in STAGES or word.startswith("runtime") or word in ("registry", "abi")}
        known |= {"registry"} if "targets/registry" in words else set()
        known |= {"abi"} if "runtime/abi" in words else set()
        table[folder] = None if "everything" in words else known
    return table


def includes():
    table = include_table()
    for path in files(".h", ".cpp"):
        here = folder_of(path.as_posix())
        row = "targets/X" if here and here.startswith("targets/") else here
        for number, line in enumerate(lines(path), 1):
            match = re.match(r'#include "([^"]+)"', line)
            if not match:
                continue
            there = folder_of(match[1])
            if match[1].startswith(("llvm/", "fmt/", "toml++/", "antlr4-runtime")):
                continue
            if there is None:
                yield f"{path}:{number}: include is not relative to the root"
            elif not table or row not in table or table[row] is None or there == here:
                continue
            elif there not in table[row]:
                yield f"{path}:{number}: {row} may not include {there}"


def third_party():
    allowed = {
        "antlr4-runtime": re.compile(r"compiler/syntax/"),
        "toml++": re.compile(
            r"compiler/site/load\.cpp|compiler/check/toml_records\.cpp|compiler/diag/gen/|cmake/"),
        "expat": re.compile(r"targets/rocoto/foreign/xml\.cpp|runtime/s3/xml\.cpp"),
        "sqlite3": re.compile(r"runtime/move/geopackage\.cpp"),
        "gdal": re.compile(r"runtime/geo/"),
        "ogr": re.compile(r"runtime/geo/"),
        "ATen": re.compile(r"runtime/torch/"),
        "torch/": re.compile(r"runtime/torch/device\.cpp"),
        "netcdf": re.compile(r"runtime/torch/netcdf\.cpp"),
        "curl": re.compile(r"runtime/s3/"),
        "openssl": re.compile(r"runtime/s3/"),
        "iostream": re.compile(r"$^"),
        "llvm/Support/CommandLine": re.compile(r"compiler/driver/"),
    }
    for path in files(".h", ".cpp"):
        for number, line in enumerate(lines(path), 1):
            for name, where in allowed.items():
                is_there = line.startswith((f"#include <{name}", f'#include "{name}'))
                if is_there and not where.match(path.as_posix()):
                    yield f"{path}:{number}: {name} has no place here"


def symbols(build):
    """No file, process, environment or clock in the core libraries."""
    for folder in CORE:
        library = build / f"compiler/{folder}/libwfc_{folder}.a"
        if not library.exists():
            continue
        done = subprocess.run(["nm", "-u", "-C", library], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=True)
        for line in done.stdout.splitlines():
            symbol = line.strip().removeprefix("U ").strip()
            if OUTSIDE.match(symbol):
                yield f"compiler/{folder}: uses {symbol}"


def own_headers(build):
    """Our headers are included as ours: the compiler and the lint are silent about a system's."""
    for unit in json.loads((build / "compile_commands.json").read_text()):
        for folder in (str(ROOT), str(build.resolve() / "generated")):
            if f"-isystem {folder} " in unit["command"]:
                yield f"{unit['file']}: takes the headers in {folder} for a system's"


def target_names():
    """The compiler and the runtime name no target."""
    names = [p.name for p in (ROOT / "targets").iterdir() if p.is_dir() and list(p.glob("*.cpp"))]
    # "local" is a word too, as in local disk: only as a literal is it surely the target.
    patterns = [rf'"{name}"' if name == "local" else rf"\b{name}\b" for name in names]
    if not patterns:
        return
    pattern = re.compile("|".join(patterns), re.IGNORECASE)
    for path in files(".h", ".cpp", ".def", under=("compiler", "runtime")):
        for number, line in enumerate(lines(path), 1):
            # Includes of generated and standard files aside, even a comment should not need one.
            if pattern.search(line):
                yield f"{path}:{number}: names a target: {line.strip()}"


# --- the first build ----------------------------------------------------------------------------


def own_names(path):
    """What a source defines in its unnamed namespaces: (name, types of a function's parameters, line)."""
    rows, is_inside = lines(path), False
    for number, line in enumerate(rows, 1):
        is_inside = line == "namespace {" or (is_inside and line != "}  // namespace")
        if not is_inside or not line or line[0] in " #/}":
            continue
        head = " ".join(rows[number - 1 : number + 6])
        kind = re.match(r"(?:struct|class|enum class|enum) (\w+)(?! *;)\b|using (\w+) =", head)
        value = re.match(r"(?:static )?(?:constexpr|const|thread_local|volatile|std::atomic)[\w:<>,&*. ]*?[ &*](\w+)(?:\[\w*\])? ?[={]", head)
        function = re.match(r"[\w:<>,&*\[\]. ]*?[ &*](\w+)\(([^{;]*)\) (?:const )?(?:->[^{;]*)?\{", head)
        if kind or (value and not function):
            yield next(filter(None, (kind or value).groups())), None, number
        elif function:
            types = re.sub(r"\b\w+(?=,|$)", "", re.sub(r" = [^,]*", "", function[2]))
            yield function[1], re.sub(r"\s+", " ", types).strip(), number


def first_build():
    """The first build of a machine reads eight sources of a folder as one: what is one's own must have its own name
    there. And what two sources of a folder say alike belongs in one place."""
    first = {}
    for path in files(".cpp"):
        for name, types, line in own_names(path):
            other = first.setdefault((path.parent, name, types), path)
            if other != path:
                yield f"{path}:{line}: {name} is defined in {other} too"


# --- sizes --------------------------------------------------------------------------------------


def sizes():
    waived = {}
    if WAIVERS.exists():
        for line in lines(WAIVERS.relative_to(ROOT)):
            if line and not line.startswith("#"):
                name, limit = line.split()
                waived[name] = int(limit)
    for path in files(".h", ".cpp", ".py", under=(*CODE, "test")):
        name, count = path.as_posix(), len(lines(path))
        gate = 300 if name.endswith(".h") else 500
        if name in waived and count <= gate:
            yield f"{name}: needs no waiver any more"
        elif count > waived.pop(name, gate):
            yield f"{name}: {count} lines, {gate} are allowed"
    for name in waived:
        if not (ROOT / name).exists():
            yield f"test/house_waivers.txt: {name} does not exist"


def openings():
    """A file opens by saying what it is, why, and what it does not do, in at most 25 lines."""
    for path in files(".h", ".cpp"):
        count = 0
        for line in lines(path):
            if not line.startswith("//"):
                break
            count += 1
        if not 1 <= count <= 25:
            yield f"{path}: opens with {count} lines of comment, 1 to 25 are wanted"


# --- the catalogue ------------------------------------------------------------------------------


def catalogue():
    """An entry nobody reports is dead; ids, names and examples are the generator's to check."""
    if not (ROOT / "compiler/driver/main.cpp").exists():
        return
    words = set()
    for path in files(".cpp", ".h"):
        words.update(re.findall(r"\b[A-Z]\w+\b", (ROOT / path).read_text(encoding="utf-8")))
    for path in files(".toml", under=("compiler/diag/catalog",)):
        for ident, entry in tomllib.loads((ROOT / path).read_text(encoding="utf-8")).items():
            struct = "".join(p[:1].upper() + p[1:] for p in entry["name"].split("-"))
            if struct not in words:
                yield f"{path}: {ident} {entry['name']}: nobody reports it"


def capabilities():
    """Each target tests each row: by a file of the row's name, or one that says `capability: a, b`."""
    table = ROOT / "compiler/target/capability.def"
    if not table.exists():
        return
    rows = re.findall(r'^WFC_CAPABILITY\(\w+, "([^"]+)"', table.read_text(encoding="utf-8"), re.M)
    for folder in sorted(p for p in (ROOT / "targets").iterdir() if list(p.glob("*.cpp"))):
        tested = set()
        for test in (p for p in (folder / "test").rglob("*") if p.is_file()):
            tested.add(test.name.split(".")[0])
            text = test.read_text(encoding="utf-8", errors="replace")
            for names in re.findall(r"capability: ([\w, -]+)", text):
                tested.update(name.strip() for name in names.split(","))
        for row in rows:
            if row not in tested:
                yield f"targets/{folder.name}: no test of capability {row}"


# --- tests, documents, leftovers ----------------------------------------------------------------


def goldens():
    """Nothing lies in an Inputs folder that no test, script or sibling names."""
    for inputs in sorted([*ROOT.glob("test/**/Inputs"), *ROOT.glob("targets/**/Inputs")]):
        readers = "".join(
            p.read_text(encoding="utf-8", errors="replace") for p in sorted(inputs.parent.iterdir())
            if p.is_file())
        for entry in sorted(inputs.iterdir()):
            if entry.name not in readers:
                yield f"{entry.relative_to(ROOT)}: no test reads it"


def documents():
    page = ROOT / "docs/ARCHITECTURE.md"
    if page.exists():
        text = page.read_text(encoding="utf-8")
        for folder in sorted(p for p in (ROOT / "compiler").iterdir() if p.is_dir()):
            if not re.search(rf"\b{folder.name}\b", text):
                yield f"docs/ARCHITECTURE.md: compiler/{folder.name} is not mentioned"
    for folder in sorted(p for p in (ROOT / "targets").iterdir() if p.is_dir()):
        if list(folder.glob("*.cpp")) and not (folder / "README.md").exists():
            yield f"targets/{folder.name}: has no README.md"
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("targets/*/*.md"),
             *ROOT.glob("examples/**/*.md")]
    numbers = collections.Counter(page.name[:4] for page in ROOT.glob("docs/decisions/*.md"))
    for page in sorted(ROOT.glob("docs/decisions/*.md")):
        if numbers[page.name[:4]] > 1:
            yield f"docs/decisions/{page.name}: another decision has this number"
    for page in sorted(pages):
        text = re.sub(r"(`{3,})[^`]*?\1", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
            if "://" not in link and not (page.parent / link).exists():
                yield f"{page.relative_to(ROOT)}: dead link {link}"


def leftovers():
    text_files = (".h", ".cpp", ".def", ".py", ".cmake", "CMakeLists.txt", ".toml", ".g4", ".md")
    for path in files(*text_files, under=(*CODE, "cmake", "docs", "test", "stdlib", "examples")):
        if "Inputs" in path.parts or "out" in path.parts or path.as_posix() == "test/house.py":
            continue
        for number, line in enumerate(lines(path), 1):
            if "\t" in line:
                yield f"{path}:{number}: tab"
            if line != line.rstrip():
                yield f"{path}:{number}: trailing blank"
            if re.search(r"\bTODO(?!\(#?\d+\))", line):
                yield f"{path}:{number}: TODO without an issue"
            if re.search(r"(^|[\s\"'`(=])/work/", line):
                yield f"{path}:{number}: path of a machine"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, help="also look into its libraries")
    options = parser.parse_args()
    rules = [includes, third_party, target_names, first_build, sizes, openings, catalogue, capabilities,
             goldens, documents, leftovers]
    if options.build:
        rules += [lambda: symbols(options.build), lambda: own_headers(options.build)]
    broken = [problem for rule in rules for problem in rule()]
    for problem in broken:
        print(problem)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
