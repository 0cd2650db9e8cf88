"""tile.py WFR-GEO DIR: polygons of a seed in tiles, footprints, and pictures of rasters."""

import os
import subprocess

import numpy
from maps import HERE, cells, geo, polygons, raster, read, summary, wrong
from osgeo import gdal, ogr
from shapes import inside, regular

dice = numpy.random.RandomState(17)
LEVEL = 9
SIDE = 180 / 2**LEVEL
COUNT = 150


def rows(path):
    opened = ogr.Open(path)
    return [dict(feature.items(), geometry=feature.GetGeometryRef().ExportToIsoWkb()) for feature in opened.GetLayer()]


def tiles(folder):
    return {path[len(folder) + 1:-5]: rows(path) for path in sorted(subprocess.run(["find", folder, "-name", "*.gpkg"], capture_output=True, text=True, check=True).stdout.split())}


def right():
    rings = [regular(dice.uniform(0, 10, 2), dice.uniform(.01, 1.2), dice.randint(3, 8), dice.uniform(0, 6)) for _ in range(COUNT)]
    place = [[(20 + x * SIDE, 40 - y * SIDE) for x, y in ring] for ring in rings]
    polygons("shape.json", place, epsg=4326, name=[f"polygon {n}" for n in range(COUNT)])
    found = summary("tile", "--level", LEVEL, "--output", "out", "shape.json")
    got = tiles("out")
    first = (int((20 + 180) / SIDE), int((90 - 40) / SIDE))
    shift = numpy.array([(20 + 180) / SIDE - first[0], (90 - 40) / SIDE - first[1]])
    wanted = {}
    for n, ring in enumerate(rings):
        for x, y in numpy.ndindex(16, 16):
            if inside([point + shift for point in ring], x - 2, y - 2):
                wanted.setdefault(f"{LEVEL}/{first[0] + x - 2}/{first[1] + y - 2}", set()).add(f"polygon {n}")
    print("tiles:", {tile: {row["name"] for row in here} for tile, here in got.items()} == wanted, found["tiles"] == len(got) > 90, found["polygons"])
    every = [row for here in got.values() for row in here]
    print("rows:", found["rows"] == len(every), "once at home:", sum(row["staging_centroid_within_tile"] for row in every))
    names = {row["name"]: set() for row in every}
    for row in every:
        names[row["name"]].add((row["staging_identifier"], row["staging_centroid_x"], row["staging_area"], bytes(row["geometry"])))
    print("one identifier each:", all(len(one) == 1 for one in names.values()), len({row["staging_identifier"] for row in every}), sorted(set(every[0]) - {"geometry"}))
    geo("tile", "--level", LEVEL, "--output", "again", "shape.json")
    print("the same bytes again:", all(read(f"out/{tile}.gpkg") == read(f"again/{tile}.gpkg") for tile in got))
    print("counted once:", summary("rasterize", "--size", "8", "--output", "out", *(f"out/{tile}.gpkg" for tile in got))["count"])


def put_together():
    """Two files, in other coordinates and another format, and a footprint."""
    subprocess.run(["ogr2ogr", "-t_srs", "EPSG:3857", "-where", "name < 'polygon 2'", "one.gpkg", "shape.json"], check=True)
    subprocess.run(["ogr2ogr", "-where", "name >= 'polygon 2'", "two.shp", "shape.json"], check=True)
    found = summary("tile", "--level", LEVEL, "--output", "both", "one.gpkg", "two.shp")
    print("tiles:", list(tiles("both")) == list(tiles("out")), found["polygons"])
    corner = (20 + 3 * SIDE, 40 - 3 * SIDE)
    polygons("place.json", [[corner, (corner[0] + SIDE, corner[1]), (corner[0], corner[1] - SIDE)]], epsg=4326)
    found = summary("tile", "--level", LEVEL, "--footprint", "place.json", "--output", "place", "shape.json")
    print("in the footprint:", found["polygons"] - found["outside"] == len({row["name"] for here in tiles("place").values() for row in here}), found["outside"] > 50)
    raster("map.tif", numpy.zeros((4, 4), "uint8"), corner=(500, 700), cell=10)
    found = summary("footprint", "--output", "prints.gpkg", "one.gpkg", "shape.json", "map.tif")
    prints = rows("prints.gpkg")
    hull = ogr.CreateGeometryFromWkb(prints[1]["geometry"])
    print("footprints:", [(row["file"], row["features"]) for row in prints])
    print("a hull:", all(hull.Buffer(1e-9).Contains(ogr.CreateGeometryFromWkt("POINT(%r %r)" % point)) for ring in place_of_all() for point in ring))
    geo("tile", "--level", LEVEL, "--footprint", "prints.gpkg", "--output", "all", "shape.json")
    print("all in their own footprint:", list(tiles("all")) == list(tiles("out")))


def place_of_all():
    opened = ogr.Open("shape.json")
    return [feature.GetGeometryRef().GetGeometryRef(0).GetPoints() for feature in opened.GetLayer()]


def pictures():
    side = 180 / 2**3
    values = numpy.array([[[9, 9], [9, 9]], [[0, -1], [.5, 2]]], dtype="float64")
    raster("3/4/5.tif", values, corner=(-180 + 4 * side, 90 - 5 * side), cell=side / 2, epsg=4326, nodata=-1)
    geo("render", "--output", "web", "--colors", "#000000,#ff8000,#ffffff80", "3/4/5.tif")
    print("colours:", *[[int(cells("web/3/4/5.png", band)[y, x]) for band in (1, 2, 3, 4)] for y in (0, 1) for x in (0, 1)])
    geo("render", "--output", "web", "--band", "1", "--low", "8", "--high", "10", "--colors", "#204060", "3/4/5.tif")
    print("one colour:", [int(cells("web/3/4/5.png", band)[0, 0]) for band in (1, 2, 3, 4)], gdal.Open("web/3/4/5.png").GetDriver().ShortName)


def refused():
    out = ["--level", "3", "--output", "x"]
    wrong("tile", *out, "one.gpkg", polygons("other.json", [[(0, 0), (1, 0), (0, 1)]], epsg=4326, title=["a"]))
    wrong("tile", *out, polygons("north.json", [[(0, 80), (1, 80), (0, 95)]], epsg=4326))
    wrong("tile", *out, polygons("none.json", [], epsg=4326), status=4)
    wrong("tile", *out, "map.tif")
    wrong("tile", "--output", "x", "shape.json", status=2)
    wrong("tile", "--level", "99", "--output", "x", "shape.json", status=2)
    subprocess.run(["ogr2ogr", "bare.shp", "shape.json"], check=True)
    os.remove("bare.prj")
    wrong("tile", *out, "bare.shp")
    with open("half.gpkg", "wb") as file:
        file.write(read("one.gpkg")[:60000])
    wrong("tile", *out, "half.gpkg")
    wrong("footprint", "--output", "x.gpkg", "--crs", "nowhere", "shape.json", status=2)
    wrong("footprint", "--output", "x.gpkg", "none.json", status=4)
    wrong("render", "--output", "x", "--colors", "red", "3/4/5.tif", status=2)
    wrong("render", "--output", "x", "--low", "2", "3/4/5.tif", status=2)
    wrong("render", "--output", "x", "--band", "3", "3/4/5.tif")
    print("nothing made:", os.listdir(f"{HERE}/x"), os.path.exists("x.gpkg"))


for scene in (right, put_together, pictures, refused):
    print("--", scene.__name__)
    scene()
