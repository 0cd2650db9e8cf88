"""Trees for the tests of `wfr move`, and their comparison: every kind of name, mode, time, link and hole."""

import os
import random
import stat
import subprocess
import sys

NAMES = [b"plain", b"two words", b"'quoted\"", b"new\nline", b"\xff\xfe not utf-8", b"-r", b"*", b"$HOME", "ümläut".encode(), b".hidden",
         b"tab\there", b"back\\slash", b"x" * 255]


def write(path, data, mode=0o644, mtime=1_700_000_000_123_456_789):
    with open(path, "wb") as file:
        file.write(data)
    os.chmod(path, mode)
    os.utime(path, ns=(mtime, mtime))


def make(root, seed=1, large=3_000_000):
    """A tree with everything that a tree may have."""
    root, dice = os.fsencode(root), random.Random(seed)
    os.makedirs(root + b"/deep/" + b"/".join([b"d" * 60] * 8))
    os.makedirs(root + b"/empty")
    os.makedirs(root + b"/read only")
    for number, name in enumerate(NAMES):
        write(root + b"/" + name, dice.randbytes(number * 997), mtime=1_600_000_000_000_000_001 + number)
        write(root + b"/deep/" + b"/".join([b"d" * 60] * 8) + b"/" + name, name)
    write(root + b"/read only/file", b"r", mode=0o400)
    write(root + b"/program", b"#!/bin/sh\n", mode=0o755)
    write(root + b"/setgid", b"s", mode=0o2755)
    write(root + b"/nothing", b"")
    write(root + b"/large", dice.randbytes(large))
    write(root + b"/block", dice.randbytes(256 << 10))
    write(root + b"/block and one", dice.randbytes((256 << 10) + 1))
    with open(root + b"/holes", "wb") as file:
        file.truncate(64 << 20)
        for place in range(10, 50, 4):
            file.seek(place << 20)
            file.write(b"in the middle")
    os.symlink(b"plain", root + b"/link")
    os.symlink(b"/nowhere/\xff", root + b"/dangling")
    os.symlink(b"..", root + b"/up")
    os.link(root + b"/program", root + b"/deep/again")
    os.link(root + b"/program", root + b"/a third name")
    for folder in (b"/empty", b"/deep", b""):
        os.utime(root + folder, ns=(10**18 + 7, 10**18 + 7))
    os.chmod(root + b"/read only", 0o555)
    os.utime(root + b"/read only", ns=(10**18, 10**18))


def small(root, folders=10, each=20, seed=1):
    """Many small files."""
    dice = random.Random(seed)
    for folder in range(folders):
        os.makedirs(f"{root}/{folder:03}", exist_ok=True)
        for number in range(each):
            write(f"{root}/{folder:03}/{number:04}", dice.randbytes(dice.randrange(5000)))


def describe(root):
    """{path: what is there}; hard links by the first name of the file."""
    root, found, first = os.fsencode(root), {}, {}
    for folder, folders, files in os.walk(root):
        for name in [b"."] + sorted(files) + [f for f in folders if os.path.islink(folder + b"/" + f)]:
            path = folder if name == b"." else folder + b"/" + name
            info = os.lstat(path)
            what = [stat.S_IFMT(info.st_mode), stat.S_IMODE(info.st_mode), info.st_mtime_ns]
            if stat.S_ISREG(info.st_mode):
                with open(path, "rb") as file:
                    what.append(file.read())
            if stat.S_ISLNK(info.st_mode):
                what.append(os.readlink(path))
            if info.st_nlink > 1 and not stat.S_ISDIR(info.st_mode):
                first.setdefault((info.st_dev, info.st_ino), []).append(path[len(root):])
            found[path[len(root):]] = what
    found["hard links"] = sorted(sorted(names) for names in first.values())
    return found


def differences(one, other):
    a, b = describe(one), describe(other)
    return sorted((str(path) for path in a.keys() | b.keys() if a.get(path) != b.get(path)), key=str)


def same(one, other):
    wrong = differences(one, other)
    if wrong:
        raise SystemExit(f"{one} and {other} differ at {wrong[:5]}")


def leftovers(folder):
    """Hidden parts that should not be there any more."""
    return [str(name) for name in os.listdir(folder) if ".wfr-" in name]


def check(words):
    """Runs `wfr move`, which must succeed."""
    done = subprocess.run([sys.argv[1], "move", *words], capture_output=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{words}: exit status {done.returncode}\n{done.stderr.decode(errors='replace')}")
