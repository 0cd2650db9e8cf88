"""pack.py WFR DIR: `wfr move pack`, `unpack`, `list` and `cat`; other people's readers look at the archive too."""

import json
import os
import struct
import subprocess
import warnings
import zipfile

import trees
from mover import HERE, WFR, move, summary


def path(name):
    return f"{HERE}/{name}"


def read(name):
    with open(path(name), "rb") as file:
        return file.read()


def there_and_back():
    trees.make(path("all"))
    told = summary("pack", "all", "all.zip")
    print("packed:", told["files"], "files,", told["links"], "links,", told["forecast"]["new_inodes"], "inode")
    back = summary("unpack", "all.zip", "back")
    # Names that were one file are two; nothing else differs.
    print("differs:", trees.differences(path("all"), path("back")))
    print("one hash:", told["hash"] == back["hash"] == summary("copy", "all", "copied")["hash"])
    print("again:", summary("pack", "all", "all.zip")["was_there"], summary("unpack", "all.zip", "back")["was_there"])
    move("pack", "copied", "copied.zip", "--threads", "1", "--verify", "disk")
    print("the same bytes:", read("all.zip") == read("copied.zip"))
    move("list", "all.zip", "--check")
    os.makedirs(path("order/a/b"))
    for name in ("a-", "a.c", "a0", "aa", "a/b/c", "a/b.c", "a/b-", "z"):
        trees.write(path(f"order/{name}"), name.encode())
    move("pack", "order", "order.zip")
    names = [row["name"] for row in json.loads(move("list", "order.zip", "--json")[0])]
    print("in order of bytes:", names == sorted(names, key=str.encode), len(names))


def others_read_it():
    trees.small(path("plain"), 3, 40)
    os.symlink("000", path("plain/link"))
    move("pack", "plain", "plain.zip")
    with zipfile.ZipFile(path("plain.zip")) as archive:
        print("python:", archive.testzip(), len(archive.namelist()), archive.getinfo("001/0007").compress_type)
        print("a member:", archive.read("001/0007") == read("plain/001/0007"))
    done = subprocess.run(["unzip", "-q", path("plain.zip"), "-d", path("unzipped")], capture_output=True, text=True, check=False)
    print("unzip:", done.returncode, os.readlink(path("unzipped/link")), subprocess.run(["diff", "-r", path("plain"), path("unzipped")], check=False).returncode)
    print(move("list", "plain.zip")[0].splitlines()[7].split()[1])
    listed = json.loads(move("list", "plain.zip", "--json")[0])
    row = next(row for row in listed if row["name"] == "001/0007")
    print("in place:", read("plain.zip")[row["at"]:row["at"] + row["size"]] == read("plain/001/0007"))
    one = subprocess.run([WFR, "move", "cat", path("plain.zip"), "002/0039"], capture_output=True, check=True).stdout
    print("cat:", one == read("plain/002/0039"))
    print(move("cat", "plain.zip", "002/0040", status=1)[1], end="")
    print(move("cat", "plain.zip", "002", status=1)[1], end="")


def theirs():
    """Archives of others: as they are, or refused for a reason."""
    with zipfile.ZipFile(path("theirs.zip"), "w") as archive:
        archive.writestr("a/b", "two")
        archive.writestr("c", "three")
    move("unpack", "theirs.zip", "theirs")
    print("theirs:", read("theirs/a/b"), read("theirs/c"))
    for name, members in (("up", ["../x"]), ("root", ["/x"]), ("dot", ["a/./x"]), ("twice", ["x", "x"]), ("under", ["x", "x/y"])):
        with zipfile.ZipFile(path(f"{name}.zip"), "w") as archive:
            for member in members:
                archive.writestr(zipfile.ZipInfo(member), "x")
        print(move("unpack", f"{name}.zip", "no", status=1)[1].splitlines()[0].removeprefix("wfr: "))
    with zipfile.ZipFile(path("deflated.zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x", "x" * 1000)
    print(move("unpack", "deflated.zip", "no", status=1)[1].splitlines()[0].removeprefix("wfr: "))
    # A link that leads out, and a file that would be written through it.
    with zipfile.ZipFile(path("through.zip"), "w") as archive:
        info = zipfile.ZipInfo("out")
        info.external_attr, info.create_system = 0o120777 << 16, 3
        archive.writestr(info, "/tmp")
        archive.writestr("out/escaped", "x")
    print(move("unpack", "through.zip", "no", status=1)[1].splitlines()[0].removeprefix("wfr: "))
    print("nothing made:", not os.path.exists(path("no")), not os.path.exists("/tmp/escaped"))


def damage():
    trees.small(path("sound"), 2, 5)
    move("pack", "sound", "sound.zip")
    whole = read("sound.zip")
    at = next(row for row in json.loads(move("list", "sound.zip", "--json")[0]) if row["size"] > 10)
    bad = bytearray(whole)
    bad[at["at"] + 5] ^= 1
    with open(path("bad.zip"), "wb") as file:
        file.write(bad)
    print(move("unpack", "bad.zip", "bad", status=1)[1].splitlines()[0].removeprefix("wfr: "))
    print(move("cat", "bad.zip", at["name"], status=1)[1].splitlines()[0].removeprefix("wfr: "))
    print(move("list", "bad.zip", "--check", status=1)[1].splitlines()[0].removeprefix("wfr: "))
    print("nothing made:", not os.path.exists(path("bad")))
    wrong = 0
    for cut in [0, 1, 20, *range(30, len(whole), len(whole) // 40)]:
        with open(path("cut.zip"), "wb") as file:
            file.write(whole[:cut])
        wrong += "is no whole archive" in move("unpack", "cut.zip", "cut", status=1)[1]
    print("cut short:", wrong)
    # A directory that lies in any way ends in a word, not in a crash.
    end = whole.rfind(b"PK\x05\x06")
    start = struct.unpack_from("<I", whole, end + 16)[0]
    for place in range(start, len(whole), 3):
        lying = bytearray(whole)
        lying[place] ^= 0xFF
        with open(path("lie.zip"), "wb") as file:
            file.write(lying)
        done = subprocess.run([WFR, "move", "list", path("lie.zip"), "--check"], capture_output=True, check=False)
        if done.returncode not in (0, 1):
            raise SystemExit(f"byte {place}: exit status {done.returncode}")
    os.makedirs(path("sound/more"))
    print(move("pack", "sound", "sound.zip", status=5)[1].splitlines()[0].removeprefix("wfr: "))
    move("pack", "sound", "sound.zip", "--replace")
    move("pack", "sound", "sound/inside.zip", status=5)


def large():
    """Beyond 4 GiB, and beyond 65,535 members: the wide records."""
    os.makedirs(path("wide"))
    with open(path("wide/big"), "wb") as file:
        file.truncate((4 << 30) + 5)
        file.seek(4 << 30)
        file.write(b"after")
    trees.write(path("wide/later"), b"later")
    os.utime(path("wide/big"), ns=(1, 10**18))
    move("pack", "wide", "wide.zip", "--verify", "none", "--no-flush")
    with zipfile.ZipFile(path("wide.zip")) as archive:
        print("4 GiB:", archive.getinfo("big").file_size, archive.read("later"))
    print("cat:", move("cat", "wide.zip", "later")[0])
    os.unlink(path("wide.zip"))
    os.makedirs(path("many"))
    for number in range(66_000):
        os.symlink("x", path(f"many/{number}"))
    trees.write(path("many/last"), b"last")
    move("pack", "many", "many.zip", "--no-flush")
    with zipfile.ZipFile(path("many.zip")) as archive:
        print("members:", len(archive.namelist()), move("cat", "many.zip", "last")[0])


def main():
    # We mean to write a name twice.
    warnings.simplefilter("ignore")
    os.makedirs(HERE)
    for part in (there_and_back, others_read_it, theirs, damage, large):
        print(f"-- {part.__name__}", flush=True)
        part()
    print("leftovers:", trees.leftovers(HERE))


main()
