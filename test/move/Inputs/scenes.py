"""What kills.py kills: how each scene is made, what must hold at a death, and what at the end."""

import os

import trees


class Copy:
    words = ["copy", "src", "dst"]

    def make(self, where):
        trees.make(f"{where}/src", large=600_000)

    def died(self, where):
        """The destination is whole or not there."""
        if os.path.lexists(f"{where}/dst"):
            trees.same(f"{where}/src", f"{where}/dst")

    def ended(self, where):
        trees.same(f"{where}/src", f"{where}/dst")


class Replace(Copy):
    words = ["copy", "--replace", "src", "dst"]

    def make(self, where):
        super().make(where)
        trees.small(f"{where}/dst", 2, 4)
        self.old = trees.describe(f"{where}/dst")

    def died(self, where):
        """The old one, or the new one, and nothing between."""
        if trees.describe(f"{where}/dst") != self.old:
            trees.same(f"{where}/src", f"{where}/dst")


class Sync(Copy):
    words = ["sync", "--delete", "src", "dst"]

    def make(self, where):
        super().make(where)
        trees.small(f"{where}/src/more", 2, 6)
        trees.small(f"{where}/dst/more", 2, 4, seed=2)
        trees.small(f"{where}/dst/extra", 2, 2, seed=3)
        self.old = trees.describe(f"{where}/dst")
        self.new = trees.describe(f"{where}/src")

    def died(self, where):
        """Each file is the old one or the new one."""
        old = {key: value[3] for key, value in self.old.items() if len(value) == 4}
        new = {key: value[3] for key, value in self.new.items() if len(value) == 4}
        for path, what in trees.describe(f"{where}/dst").items():
            if path != "hard links" and len(what) == 4 and what[3] not in (old.get(path), new.get(path)):
                raise SystemExit(f"{path} is neither old nor new")


class Pack(Copy):
    words = ["pack", "src", "dst.zip"]

    def make(self, where):
        trees.make(f"{where}/src", large=3_000_000)
        os.unlink(f"{where}/src/holes")

    def died(self, where):
        if os.path.exists(f"{where}/dst.zip"):
            self.ended(where)

    def ended(self, where):
        """The archive is whole, and what an unbroken run makes."""
        trees.check(["list", "--check", f"{where}/dst.zip"])
        trees.check(["pack", f"{where}/src", f"{where}/unbroken.zip", "--threads", "1"])
        with open(f"{where}/dst.zip", "rb") as one, open(f"{where}/unbroken.zip", "rb") as other:
            if one.read() != other.read():
                raise SystemExit("the archive has other bytes than that of an unbroken run")
        os.unlink(f"{where}/unbroken.zip")


class Unpack(Copy):
    words = ["unpack", "src.zip", "dst"]

    def make(self, where):
        trees.small(f"{where}/src", 3, 8)
        os.symlink("000", f"{where}/src/link")
        os.utime(f"{where}/src/link", ns=(1, 10**18), follow_symlinks=False)
        trees.check(["pack", f"{where}/src", f"{where}/src.zip"])


copy, replace, sync, pack, unpack = Copy, Replace, Sync, Pack, Unpack
