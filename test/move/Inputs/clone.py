"""clone.py WFR DIR: copies within a Btrfs. Needs root, mounts of its own and a loop device."""

import os
import subprocess

import trees
from mover import HERE, move, summary


def main():
    os.makedirs(f"{HERE}/disk")
    with open(f"{HERE}/image", "wb") as file:
        file.truncate(200 << 20)
    subprocess.run(["mkfs.btrfs", "-q", f"{HERE}/image"], check=True, stderr=subprocess.DEVNULL)
    subprocess.run(["mount", "-o", "loop", f"{HERE}/image", f"{HERE}/disk"], check=True)
    try:
        trees.write(f"{HERE}/disk/large", os.urandom(20_000_000))
        trees.small(f"{HERE}/disk/tree", 1, 3)
        move("copy", "disk/large", "disk/first", "--verify", "disk")
        before = os.statvfs(f"{HERE}/disk").f_bfree
        told = summary("copy", "disk/large", "disk/second")
        print(f"cloned: {told['cloned']} of {told['files']}, {told['bytes']} bytes")
        print("much the same room:", (before - os.statvfs(f"{HERE}/disk").f_bfree) * 4096 < 2_000_000)
        trees.same(f"{HERE}/disk/large", f"{HERE}/disk/second")
        told = summary("copy", "disk/tree", "disk/again")
        print(f"cloned: {told['cloned']} of {told['files']}")
        trees.same(f"{HERE}/disk/tree", f"{HERE}/disk/again")
        trees.small(f"{HERE}/tree", 1, 3, seed=2)
        told = summary("copy", "tree", "disk/third")
        print(f"from outside: {told['cloned']} of {told['files']}")
        print("at the top:", summary("sync", "tree", "disk")["files"], trees.leftovers(f"{HERE}/disk"))
    finally:
        subprocess.run(["umount", f"{HERE}/disk"], check=True)


main()
