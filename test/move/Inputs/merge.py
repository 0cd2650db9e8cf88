"""merge.py WFR DIR [FIXTURES]: `wfr move merge` by each of its rules; with FIXTURES, IWP's four vector tiles."""

import os
import shutil
import sqlite3
import struct
import sys

import trees
from mover import HERE, move, summary

SECOND = 10**9


def read(name):
    with open(f"{HERE}/{name}", "rb") as file:
        return file.read()


def told(summary_):
    return {name: summary_[name] for name in ("files", "same", "merged", "rows")}


def identical():
    for number, name in enumerate(("a", "b", "c")):
        trees.small(f"{HERE}/{name}", 2, 3)
        trees.write(f"{HERE}/{name}/own/{name}" if os.makedirs(f"{HERE}/{name}/own") is None else "", b"own %d" % number)
    print("together:", told(summary("merge", "a", "b", "c", "all", "--by", "identical")), sorted(os.listdir(f"{HERE}/all/own")))
    before = trees.describe(f"{HERE}/all")
    print("again:", told(summary("merge", "a", "b", "c", "all", "--by", "identical")), trees.describe(f"{HERE}/all") == before)
    trees.write(f"{HERE}/b/own/a", b"other")
    print(move("merge", "a", "b", "all", "--by", "identical", status=1)[1], end="")
    print("kept:", read("all/own/a"))


def newest():
    for name, time in (("old", 1), ("new", 2)):
        os.makedirs(f"{HERE}/{name}")
        trees.write(f"{HERE}/{name}/x", name.encode(), mtime=time * SECOND)
        trees.write(f"{HERE}/{name}/y", name.encode(), mtime=(3 - time) * SECOND)
        trees.write(f"{HERE}/{name}/same", b"the same", mtime=time * SECOND)
    print(told(summary("merge", "old", "new", "newest", "--by", "newest")), read("newest/x"), read("newest/y"))
    print(told(summary("merge", "new", "old", "other", "--by", "newest")), read("other/x"), read("other/y"))
    trees.write(f"{HERE}/old/x", b"as old", mtime=2 * SECOND)
    print(move("merge", "old", "newest", "--by", "newest", status=1)[1], end="")


def tables():
    os.makedirs(f"{HERE}/t")
    trees.write(f"{HERE}/t/one.csv", b'id,text\n1,one\n2,"two, with ""quotes""\nand a line"\n')
    trees.write(f"{HERE}/t/two.csv", b'id,text\r\n2,"two, with ""quotes""\nand a line"\r\n3,three\r\n')
    shutil.copy(f"{HERE}/t/one.csv", f"{HERE}/t/all.csv")
    print(told(summary("merge", "t/two.csv", "t/all.csv", "--by", "key=id")))
    print(read("t/all.csv").decode(), end="")
    print(told(summary("merge", "t/one.csv", "t/two.csv", "t/all.csv", "--by", "key=id")))
    for name, text in (("other", b"id,text\n1,another\n"), ("column", b"id,txt\n1,one\n"), ("empty", b"id,text\n,one\n")):
        trees.write(f"{HERE}/t/{name}.csv", text)
        print(move("merge", f"t/{name}.csv", "t/all.csv", "--by", "key=id", status=1)[1], end="")
    print(move("merge", "t/one.csv", "t/all.csv", "--by", "key=idd", status=1)[1], end="")
    print(move("merge", "t/one.csv", "t/all.csv", "--by", "all", status=2)[1], end="")


def package(path, rows, envelope=True, extra=""):
    """A small GeoPackage of points, with a spatial index kept by triggers, as OGR writes them."""
    db = sqlite3.connect(path)

    def header(x, y):
        flags = 1 | (2 if envelope else 0)
        return b"GP\0" + bytes([flags]) + struct.pack("<i", 4326) + (struct.pack("<4d", x, x, y, y) if envelope else b"")

    for name, index in (("MinX", 0), ("MaxX", 0), ("MinY", 1), ("MaxY", 1)):
        db.create_function(f"ST_{name}", 1, lambda blob, index=index: struct.unpack("<2d", blob[-16:])[index])
    db.create_function("ST_IsEmpty", 1, lambda blob: 0)
    db.executescript(f"""
        CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT, last_change TEXT, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE);
        CREATE TABLE "odd ""layer" (fid INTEGER PRIMARY KEY AUTOINCREMENT, geom BLOB, key TEXT, value REAL {extra});
        CREATE VIRTUAL TABLE rtree_geom USING rtree(id, minx, maxx, miny, maxy);
        CREATE TRIGGER rtree_insert AFTER INSERT ON "odd ""layer" WHEN NEW.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom) BEGIN
          INSERT OR REPLACE INTO rtree_geom VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;
    """)
    for key, x, y, value in rows:
        db.execute('INSERT INTO "odd ""layer" (geom, key, value) VALUES (?, ?, ?)', (header(x, y) + struct.pack("<BI2d", 1, 1, x, y), key, value))
    xs, ys = [row[1] for row in rows], [row[2] for row in rows]
    db.execute("INSERT INTO gpkg_contents VALUES ('odd \"layer', 'features', ?, ?, ?, ?, ?)", (f"2024-01-0{len(rows)}", min(xs), min(ys), max(xs), max(ys)))
    db.commit()
    db.close()


def look(path):
    db = sqlite3.connect(path)
    rows = db.execute('SELECT key, value FROM "odd ""layer" ORDER BY fid').fetchall()
    index = db.execute("SELECT count(*), min(minx), max(maxx), min(miny), max(maxy) FROM rtree_geom").fetchone()
    extent = db.execute("SELECT min_x, max_x, min_y, max_y, last_change FROM gpkg_contents").fetchone()
    sound = db.execute("PRAGMA integrity_check").fetchone()[0]
    db.close()
    print(rows, index, extent, sound)


def layers():
    os.makedirs(f"{HERE}/g")
    package(f"{HERE}/g/one.gpkg", [("a", 1, 1, 0.5), ("b", 2, 2, None)])
    package(f"{HERE}/g/two.gpkg", [("b", 2, 2, None), ("c", 9, -3, 7), ("d", 4, 4, 8)], envelope=False)
    # What both have must be the same, byte for byte: here with another header.
    shutil.copy(f"{HERE}/g/one.gpkg", f"{HERE}/g/all.gpkg")
    print(move("merge", "g/two.gpkg", "g/all.gpkg", "--by", "key=key", status=1)[1], end="")
    package(f"{HERE}/g/three.gpkg", [("c", 9, -3, 7), ("d", 4, 4, 8)], envelope=False)
    print(told(summary("merge", "g/three.gpkg", "g/all.gpkg", "--by", "key=key")))
    look(f"{HERE}/g/all.gpkg")
    before = read("g/all.gpkg")
    print(told(summary("merge", "g/one.gpkg", "g/three.gpkg", "g/all.gpkg", "--by", "key=key")), read("g/all.gpkg") == before)
    package(f"{HERE}/g/wide.gpkg", [("e", 1, 1, 1)], extra=", more TEXT")
    print(move("merge", "g/wide.gpkg", "g/all.gpkg", "--by", "key=key", status=1)[1], end="")
    package(f"{HERE}/g/null.gpkg", [(None, 1, 1, 1)])
    print(move("merge", "g/null.gpkg", "g/all.gpkg", "--by", "key=key", status=1)[1], end="")
    print(move("merge", "g/three.gpkg", "g/one.gpkg", "--by", "key=kye", status=1)[1], end="")
    print("unchanged:", read("g/all.gpkg") == before)


def tiles(fixtures):
    """IWP's four tiles, each split in two overlapping copies of some 60 %."""
    root = f"{fixtures}/staged-vectors/WorldCRS84Quad/13"
    for half in (0, 1):
        for name in ("1418/908", "1418/909", "1419/908", "1419/909"):
            part = f"{HERE}/half{half}/{name}.gpkg"
            os.makedirs(os.path.dirname(part), exist_ok=True)
            shutil.copy(f"{root}/{name}.gpkg", part)
            db = sqlite3.connect(part)
            for sql in [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'rtree%'")]:
                db.execute(f'DROP TRIGGER "{sql}"')
            layer, rows = name[5:], db.execute(f'SELECT max(fid) FROM "{name[5:]}"').fetchone()[0]
            where = f"fid > {rows * 6 // 10}" if half == 0 else f"fid <= {rows * 4 // 10}"
            db.execute(f'DELETE FROM "rtree_{layer}_geom" WHERE id IN (SELECT fid FROM "{layer}" WHERE {where})')
            db.execute(f'DELETE FROM "{layer}" WHERE {where}')
            schema = sqlite3.connect(f"{root}/{name}.gpkg")
            for (sql,) in schema.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'rtree%'"):
                db.execute(sql)
            db.commit()
            db.close()
    count("half0")
    print(told(summary("merge", "half0", "half1", "tiles", "--by", "key=staging_identifier")))
    count("tiles")
    before = trees.describe(f"{HERE}/tiles")
    print(told(summary("merge", "half0", "half1", "tiles", "--by", "key=staging_identifier")), trees.describe(f"{HERE}/tiles") == before)


def count(folder):
    found = []
    for name in ("1418/908", "1418/909", "1419/908", "1419/909"):
        db = sqlite3.connect(f"{HERE}/{folder}/{name}.gpkg")
        layer = name[5:]
        numbers = {db.execute(sql).fetchone()[0] for sql in (
            f'SELECT count(*) FROM "{layer}"', f'SELECT count(DISTINCT staging_identifier) FROM "{layer}"',
            f'SELECT count(*) FROM "rtree_{layer}_geom"', "SELECT feature_count FROM gpkg_ogr_contents")}
        sound = db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        found.append(numbers.pop() if len(numbers) == 1 and sound else (numbers, sound))
    print(f"{folder}:", found)


def main():
    os.makedirs(HERE)
    if len(sys.argv) > 3:
        tiles(sys.argv[3])
        return
    for part in (identical, newest, tables, layers):
        print(f"-- {part.__name__}", flush=True)
        part()
    print("leftovers:", [name for folder in (".", "t", "g") for name in trees.leftovers(f"{HERE}/{folder}")])


main()
