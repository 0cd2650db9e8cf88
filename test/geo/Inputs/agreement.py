"""agreement.py WFR-GEO DIR: maps from a seed are compared, and the counts with those that numpy finds."""

import os
import subprocess

import numpy
from maps import HERE, cells, geo, polygons, raster, read, summary, wrong

dice = numpy.random.RandomState(5)
SHAPE = (700, 1100)
DRY, WET, NONE = 0, 1, 255
TILED = ("TILED=YES", "BLOCKXSIZE=256", "BLOCKYSIZE=256", "COMPRESS=LZW")


def expected(candidate, benchmark, masked):
    """Codes by the table of docs/geo.md; both are 0, 1 or 255."""
    codes = numpy.where(masked, 4, candidate * 2 + benchmark).astype("uint8")
    codes[(candidate == NONE) | (benchmark == NONE)] = NONE
    return codes


def same(name, words, codes):
    found = summary("agreement", *words, "--output", f"{name}.tif", "--metrics", f"{name}.csv")
    kinds = {"true_negatives": 0, "false_negatives": 1, "false_positives": 2, "true_positives": 3, "masked": 4, "nodata": NONE}
    counts = {kind: int((codes == code).sum()) for kind, code in kinds.items()}
    print(f"{name}: codes {(cells(f'{name}.tif') == codes).all()}, counts {all(found[kind] == count for kind, count in counts.items())}")


def right():
    candidate = dice.choice([DRY, WET, NONE], SHAPE, p=[.5, .45, .05]).astype("uint8")
    benchmark = dice.choice([DRY, WET, NONE], SHAPE, p=[.6, .3, .1]).astype("uint8")
    raster("candidate.tif", candidate, nodata=NONE, options=TILED)
    raster("benchmark.tif", numpy.where(benchmark == NONE, 77, benchmark).astype("uint8"), nodata=77)
    maps = ["--candidate", "candidate.tif", "--benchmark", "benchmark.tif"]
    nowhere = numpy.zeros(SHAPE, bool)
    same("plain", maps, expected(candidate, benchmark, nowhere))

    # Cells whose centre is inside of a triangle, or of a square that reaches out of the map.
    x, y = numpy.meshgrid((numpy.arange(SHAPE[1]) + .5) * 30, -(numpy.arange(SHAPE[0]) + .5) * 30)
    masked = ((x > 3000) & (y > -9000) & (y < 1000 - x)) | ((x > 20000) & (x < 99000) & (y < -15000) & (y > -99000))
    rings = [[(3000, -2000), (10000, -9000), (3000, -9000)], [(20000, -15000), (99000, -15000), (99000, -99000), (20000, -99000)]]
    polygons("mask.json", rings)
    same("masked", [*maps, "--mask", "mask.json"], expected(candidate, benchmark, masked))
    subprocess.run(["ogr2ogr", "-t_srs", "EPSG:4326", "-segmentize", "10", "degrees.gpkg", "mask.json"], check=True)
    geo("agreement", *maps, "--mask", "degrees.gpkg", "--output", "degrees.tif")
    print("a mask in degrees:", (cells("degrees.tif") != cells("masked.tif")).mean() < 1e-3)
    raster("own.tif", numpy.where(masked, 4, candidate).astype("uint8"), nodata=NONE)
    same("own", ["--candidate", "own.tif", "--benchmark", "benchmark.tif"],
         numpy.where(masked & (benchmark != NONE), 4, expected(candidate, benchmark, masked & (candidate == NONE))))

    depths = dice.exponential(.5, SHAPE).astype("float32")
    depths[candidate == NONE] = -9999
    raster("deep.tif", depths, nodata=-9999)
    wet = numpy.where(candidate == NONE, NONE, depths > .3)
    same("depths", ["--candidate", "deep.tif", "--benchmark", "benchmark.tif", "--wet-over", "0.3"],
         expected(wet, numpy.where(benchmark == NONE, NONE, benchmark > .3), nowhere))

    coarse = benchmark[::2, ::2]
    raster("coarse.tif", coarse, cell=60, nodata=NONE)
    same("aligned", ["--candidate", "candidate.tif", "--benchmark", "coarse.tif", "--align", "nearest"],
         expected(candidate, coarse.repeat(2, 0).repeat(2, 1), nowhere))
    raster("east.tif", benchmark[:, 100:], corner=(3000, 0), nodata=NONE)
    east = benchmark.copy()
    east[:, :100] = NONE
    same("part", ["--candidate", "candidate.tif", "--benchmark", "east.tif", "--align", "nearest"], expected(candidate, east, nowhere))

    for threads in (1, 5):
        geo("agreement", *maps, "--mask", "mask.json", "--threads", threads, "--output", f"{threads}.tif")
    print("the same bytes by 1 and 5 threads:", read("1.tif") == read("5.tif"))


def refused():
    maps = ["--candidate", "candidate.tif", "--benchmark"]
    out = ["--output", "x.tif"]
    wrong("agreement", *maps, "coarse.tif", *out)
    wrong("agreement", *maps, "east.tif", *out)
    wrong("agreement", *maps, raster("moved.tif", cells("benchmark.tif"), corner=(7, 0)), *out)
    wrong("agreement", *maps, raster("mercator.tif", cells("benchmark.tif"), epsg=3857), *out)
    wrong("agreement", *maps, "deep.tif", *out)
    wrong("agreement", *maps, "absent.tif", *out)
    wrong("agreement", *maps, "mask.json", *out)
    with open("half.tif", "wb") as file:
        file.write(read("candidate.tif")[:len(read("candidate.tif")) // 2])
    wrong("agreement", *maps, "half.tif", *out)
    with open("place.asc", "w", encoding="utf-8") as file:
        file.write("no raster at all\n")
    wrong("agreement", *maps, "place.asc", *out)
    wrong("agreement", *maps, "benchmark.tif", *out, "--mask", polygons("empty.json", []))
    wrong("agreement", *maps, "benchmark.tif", *out, "--mask", "absent.gpkg")
    wrong("agreement", *maps, "benchmark.tif", "--output", "folder/x.tif")
    wrong("agreement", *maps, "benchmark.tif", *out, "--metrics", "folder/x.csv")
    wrong("agreement", *maps, "benchmark.tif", *out, "--align", "neerest", status=2)
    wrong("agreement", *maps, "benchmark.tif", *out, "--wet-over", "much", status=2)
    wrong("agreement", *maps, "benchmark.tif", *out, "--threads", "0", status=2)
    wrong("agreement", *maps, raster("far.tif", cells("benchmark.tif"), corner=(900000, 0), nodata=77), *out, "--align", "nearest", status=4)
    print("nothing left:", [name for name in os.listdir(HERE) if name.startswith((".wfr", "x."))])


for scene in (right, refused):
    print("--", scene.__name__)
    scene()
