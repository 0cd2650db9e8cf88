"""What kills.py kills: how each scene is made, what must hold at a death, and what at the end."""

import os
import sqlite3

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


class Archive(Copy):
    words = ["archive", "src", "dst", "--again"]

    def make(self, where):
        trees.make(f"{where}/src", large=600_000)
        self.whole = trees.describe(f"{where}/src")

    def died(self, where):
        """All of it is there, under one name at least."""
        names = ("src", "dst", ".src.wfr-gone")
        if not any(os.path.lexists(f"{where}/{name}") and trees.describe(f"{where}/{name}") == self.whole for name in names):
            raise SystemExit("it is whole nowhere")

    def ended(self, where):
        if trees.describe(f"{where}/dst") != self.whole or os.path.lexists(f"{where}/src"):
            raise SystemExit("not archived, or not removed")


class Merge(Copy):
    words = ["merge", "one", "two", "dst", "--by", "key=id"]

    def make(self, where):
        for name, first in (("one", 0), ("two", 60)):
            trees.small(f"{where}/{name}/{name}", 1, 4)
            rows = "".join(f"{row},row {row}\n" for row in range(first, first + 100))
            trees.write(f"{where}/{name}/rows.csv", f"id,text\n{rows}".encode())
            database = f"{where}/{name}/layer.gpkg"
            with sqlite3.connect(database) as db:
                db.execute("CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT, last_change TEXT, "
                           "min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE)")
                db.execute("INSERT INTO gpkg_contents (table_name, data_type, last_change) VALUES ('layer', 'attributes', '2024')")
                db.execute("CREATE TABLE layer (fid INTEGER PRIMARY KEY, id INTEGER, text TEXT)")
                db.executemany("INSERT INTO layer (id, text) VALUES (?, ?)", [(row, f"row {row}" * 20) for row in range(first, first + 100)])
            os.utime(database, ns=(1, 10**18))

    def died(self, where):
        """Each table is that of one of them, or both together."""
        for name, read in (("rows.csv", self.records), ("layer.gpkg", self.rows)):
            if os.path.exists(f"{where}/dst/{name}") and read(f"{where}/dst/{name}") not in (list(range(100)), list(range(160))):
                raise SystemExit(f"{name} is neither the first nor both")

    def ended(self, where):
        if self.records(f"{where}/dst/rows.csv") != list(range(160)) or self.rows(f"{where}/dst/layer.gpkg") != list(range(160)):
            raise SystemExit("a row is missing, or there twice")

    @staticmethod
    def records(path):
        with open(path, encoding="utf-8") as file:
            return [int(line.split(",")[0]) for line in file.readlines()[1:]]

    @staticmethod
    def rows(path):
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        found = [row[0] for row in db.execute("SELECT id FROM layer ORDER BY id")]
        db.close()
        return found


copy, replace, sync, pack, unpack, archive, merge = Copy, Replace, Sync, Pack, Unpack, Archive, Merge
