"""copy.py WFR DIR: `wfr move copy`, looked at from outside."""

import os
import socket
import subprocess

import trees
from mover import HERE, WFR, move, summary


def everything():
    trees.make(f"{HERE}/all")
    told = summary("copy", "all", "made/above/copy")
    trees.same(f"{HERE}/all", f"{HERE}/made/above/copy")
    print("everything:", told["files"], "files,", told["links"], "links,", told["hard_links"], "hard links,", told["outcome"])
    holes = os.stat(f"{HERE}/made/above/copy/holes")
    print("holes kept:", holes.st_blocks * 512 < 8 << 20)
    again = summary("copy", "all", "made/above/copy")
    print("again:", again["was_there"], again["files"])
    for how in ("disk", "none"):
        told = summary("copy", "all", f"by-{how}", "--verify", how, "--threads", "1", "--no-flush")
        trees.same(f"{HERE}/all", f"{HERE}/by-{how}")
        print("verify", told["verified"])


def hashes():
    """A file's hash is BLAKE3 of its bytes; a tree's that of its names, sizes and hashes."""
    trees.write(f"{HERE}/abc", b"abc")
    print(summary("copy", "abc", "abc2")["hash"])
    trees.small(f"{HERE}/one", 2, 3)
    first = summary("copy", "one", "two")["hash"]
    print("the same from the copy:", first == summary("copy", "two", "three")["hash"])
    trees.write(f"{HERE}/two/000/0001", b"another")
    print("another:", first != summary("copy", "two", "four")["hash"])
    os.mkdir(f"{HERE}/sizes")
    # Copied, small files are hashed side by side; what is there already one by one, by the library.
    for size in [*range(0, 70_000, 331), *(1024 * n + more for n in (1, 2, 3, 4, 7, 8, 16, 31, 64) for more in (-1, 0, 1))]:
        trees.write(f"{HERE}/sizes/{size}", os.urandom(size))
    there = [summary("copy", "sizes", "sized") for _ in range(2)]
    print("side by side:", there[1]["was_there"], there[0]["hash"] == there[1]["hash"])


def refused():
    trees.small(f"{HERE}/src", 2, 3)
    trees.small(f"{HERE}/there", 1, 1, seed=2)
    print(move("copy", "src", "there", status=5)[1], end="")
    print(move("copy", "src", "src/within", status=5)[1], end="")
    print(move("copy", "src/000", "src", status=5, input=b"")[1], end="")
    print(move("copy", "src", "src", status=5)[1], end="")
    print(move("copy", "nothing", "x", status=1)[1], end="")
    print(move("copy", "src", "there/..", status=5)[1], end="")
    move("copy", "src", "there", "--replace")
    trees.same(f"{HERE}/src", f"{HERE}/there")
    print(move("copy", "src", "", status=5)[1], end="")
    print(move("copy", "src", "/dev/null", "--replace", status=5)[1], end="")
    os.makedirs(f"{HERE}/odd")
    os.mkfifo(f"{HERE}/odd/pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        os.chdir(f"{HERE}/odd")
        listener.bind("socket")
    trees.write(f"{HERE}/odd/file", b"f")
    print(move("copy", "odd", "odd2", status=1)[1], end="")
    print("not made:", not os.path.exists(f"{HERE}/odd2"))
    told = summary("copy", "odd", "odd2", "--skip-special")
    print("left out:", told["skipped"], sorted(os.listdir(f"{HERE}/odd2")))


def links():
    """What is named is followed; what lies inside is not."""
    os.makedirs(f"{HERE}/real")
    trees.write(f"{HERE}/real/file", b"f")
    os.symlink("real", f"{HERE}/named")
    os.symlink("/etc", f"{HERE}/real/out")
    move("copy", "named", "followed")
    print("followed:", os.path.isdir(f"{HERE}/followed") and not os.path.islink(f"{HERE}/followed"), os.readlink(f"{HERE}/followed/out"))
    # A link that has become a file meanwhile.
    done = subprocess.run(["strace", "-f", "-o", "/dev/null", "-e", "trace=readlinkat", "-e", "inject=readlinkat:error=EINVAL", WFR, "move",
                           "copy", "real", "changed"], cwd=HERE, capture_output=True, text=True, check=False)
    print("changed:", done.returncode, done.stderr.replace(HERE, ""), end="")
    move("copy", "real", "changed")


def groups():
    """Root keeps owners, also where what is made gets the group of the folder above."""
    os.makedirs(f"{HERE}/shared")
    os.chown(f"{HERE}/shared", -1, 1234 if os.geteuid() == 0 else -1)
    os.chmod(f"{HERE}/shared", 0o2755)
    trees.small(f"{HERE}/ours", 2, 3)
    for verb in ("copy", "sync"):
        move(verb, "ours", f"shared/{verb}")
        print(verb, {os.lstat(os.path.join(folder, name)).st_gid for folder, folders, files in os.walk(f"{HERE}/shared/{verb}") for name in folders + files}
              == {os.stat(f"{HERE}/ours").st_gid})


def words():
    for wrong in (["copy", "a"], ["coyp", "a", "b"], ["copy", "a", "b", "--rate", "fast"], ["copy", "a", "b", "--verify", "perhaps"],
                  ["copy", "a", "b", "--replce"]):
        print(move(*wrong, status=2)[1], end="")


def main():
    os.makedirs(HERE)
    for part in (everything, hashes, refused, links, groups, words):
        print(f"-- {part.__name__}", flush=True)
        part()
    print("leftovers:", trees.leftovers(HERE))


main()
