"""pyramid.py WFR-GEO DIR: polygons of a seed as rasters, and their parents, compared with what plain arithmetic gives."""

import json
import os
import subprocess

import numpy
from maps import HERE, cells, polygons, raster, read, summary, wrong
from shapes import area, inside, regular

dice = numpy.random.RandomState(7)
SIDE = 180 / 2**13
LEFT, TOP = -180 + 1418 * SIDE, 90 - 908 * SIDE
SIZE = 16


def expected(rings, holes):
    """Count and coverage of each cell; rings in cells from the corner of the tile."""
    count, cover = numpy.zeros((SIZE, SIZE)), numpy.zeros((SIZE, SIZE))
    for ring, is_hole in [*((ring, False) for ring in rings), *((ring, True) for ring in holes)]:
        middle = numpy.mean(ring, axis=0)
        if not is_hole and (middle >= 0).all() and (middle < SIZE).all():
            count[int(middle[1]), int(middle[0])] += 1
        for row, column in numpy.ndindex(SIZE, SIZE):
            part = inside(ring, column, row)
            if part:
                cover[row, column] += -area(part) if is_hole else area(part)
    return count, cover


def degrees(ring):
    return [(LEFT + x * SIDE / SIZE, TOP - y * SIDE / SIZE) for x, y in ring]


def right():
    rings = [regular(dice.uniform(-1, SIZE + 1, 2), dice.uniform(.05, 3), dice.randint(3, 9), dice.uniform(0, 6)) for _ in range(200)]
    holes = [regular(numpy.mean(ring, axis=0), .01 + n % 3 * .005, 4, .3) for n, ring in enumerate(rings[:50])]
    os.makedirs("13/1418")
    shape = polygons("shape.json", [degrees(ring) for ring in rings], epsg=4326)
    # Each hole is put into its polygon; half of the rings run the other way.
    with open(shape, encoding="utf-8") as file:
        collection = json.load(file)
    for n, feature in enumerate(collection["features"]):
        coordinates = feature["geometry"]["coordinates"]
        if n < len(holes):
            coordinates.append([*map(list, degrees(holes[n])), list(degrees(holes[n])[0])])
        if n % 2:
            coordinates[0].reverse()
    with open(shape, "w", encoding="utf-8") as file:
        json.dump(collection, file)
    subprocess.run(["ogr2ogr", "-lco", "RFC7946=NO", "13/1418/908.gpkg", "shape.json"], check=True, stderr=subprocess.DEVNULL)
    found = summary("rasterize", "--size", SIZE, "--output", "out", "13/1418/908.gpkg")
    count, cover = expected(rings, holes)
    print("count:", (cells("out/13/1418/908.tif") == count).all(), found["count"] == count.sum())
    print("coverage:", numpy.abs(cells("out/13/1418/908.tif", 2) - cover).max() < 1e-7)


def parents():
    tiles = {}
    for x, y in ((1418, 908), (1419, 908), (1419, 909), (1420, 909)):
        tiles[x, y] = dice.random_sample((2, 8, 8))
        raster(f"children/13/{x}/{y}.tif", tiles[x, y], corner=(-180 + x * SIDE, 90 - y * SIDE), cell=SIDE / 8, epsg=4326)
    children = [f"children/13/{x}/{y}.tif" for x, y in tiles]
    found = summary("coarsen", "--output", "up", *children)
    print("tiles:", found["tiles"], "count:", abs(found["count"] - sum(tile[0].sum() for tile in tiles.values())) < 1e-9)
    whole = numpy.zeros((2, 16, 16))
    for (x, y), tile in tiles.items():
        if x < 1420:
            whole[:, 8 * (y - 908):8 * (y - 907), 8 * (x - 1418):8 * (x - 1417)] = tile
    small = whole.reshape(2, 8, 2, 8, 2).sum((2, 4)) * numpy.array([1, .25])[:, None, None]
    print("cells:", max(numpy.abs(cells("up/12/709/454.tif", band) - small[band - 1]).max() for band in (1, 2)) < 1e-12)
    summary("coarsen", "--bands", "mean,mean", "--threads", 1, "--output", "mean", *reversed(children))
    print("by mean:", numpy.abs(cells("mean/12/709/454.tif") - small[0] / 4).max() < 1e-12)
    summary("coarsen", "--threads", 1, "--output", "one", *reversed(children))
    print("the same bytes in another order, by one thread:", read("one/12/709/454.tif") == read("up/12/709/454.tif"))


def refused():
    good = "children/13/1418/908.tif"
    wrong("coarsen", "--output", "x", "--bands", "sum,sum,sum", good)
    wrong("coarsen", "--output", "x", "--bands", "sum,meen", good, status=2)
    wrong("coarsen", "--output", "x", raster("13/1418/907.tif", cells(good), corner=(LEFT, TOP), cell=SIDE / 8, epsg=4326))
    wrong("coarsen", "--output", "x", raster("13/1418/906.tif", cells(good), corner=(LEFT, 90 - 906 * SIDE), cell=SIDE / 8, epsg=3857))
    wrong("coarsen", "--output", "x", raster("13/1418/905.tif", cells(good)[:7, :7], corner=(LEFT, 90 - 905 * SIDE), cell=SIDE / 8, epsg=4326))
    wrong("coarsen", "--output", "x", good, "again/../" + good.replace("children", "./children"))
    wrong("coarsen", "--output", "x", "13/1418/1.tif")
    wrong("coarsen", "--output", "x", "0/0/0.tif")
    wrong("coarsen", "--output", "x", "1/9/0.tif")
    wrong("coarsen", "--output", "x", "somewhere.tif")
    wrong("coarsen", "--output", "no/x", good)
    wrong("coarsen", "--output", "x", status=2)
    wrong("rasterize", "--output", "x", "--matrix", "WebMercatorQuad", "13/1418/908.gpkg")
    wrong("rasterize", "--output", "x", good)
    with open("13/1418/904.gpkg", "wb") as file:
        file.write(read("13/1418/908.gpkg")[:40000])
    wrong("rasterize", "--output", "x", "13/1418/904.gpkg")
    subprocess.run(["ogr2ogr", "-nlt", "LINESTRING", "-dialect", "SQLite", "-sql", "SELECT ExteriorRing(geometry) FROM shape", "13/1418/903.gpkg", "shape.json"],
                   check=True, stderr=subprocess.DEVNULL)
    wrong("rasterize", "--output", "x", "13/1418/903.gpkg")
    print("nothing made:", sorted(os.listdir(f"{HERE}/x")))


for scene in (right, parents, refused):
    print("--", scene.__name__)
    scene()
