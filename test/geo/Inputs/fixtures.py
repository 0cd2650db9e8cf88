"""fixtures.py WFR-GEO DIR FIXTURES: the known results of two real systems."""

import glob
import sys

import numpy
from maps import cells, geo, read, summary

FIXTURES = sys.argv[3]


def autoeval():
    """autoeval-jobs, agreement_maker/test: counts, map and table."""
    data = f"{FIXTURES}/autoeval"
    maps = ["agreement", "--candidate", f"{data}/candidate_raster.tif", "--benchmark", f"{data}/benchmark_raster.tif"]
    found = summary(*maps, "--mask", f"{data}/clip_square.gpkg", "--output", "a.tif", "--metrics", "m.csv")
    print({name: found[name] for name in sorted(found) if isinstance(found[name], int)})
    print("codes:", (cells("a.tif") == cells(f"{data}/agreement_output.tif")).all())
    print("columns:", len(read("m.csv").split(b"\n")[0].split(b",")), "bytes:", read("m.csv") == read(f"{data}/metrics_output.csv"))
    found = summary(*maps, "--output", "b.tif")
    print("without the mask:", found["true_negatives"], found["masked"])
    print("codes:", (cells("b.tif") == cells(f"{data}/agreement_output_no_clip.tif")).all())


def iwp():
    """viz-raster, examples/complete-workflow: staged vectors, rasters of level 13, pyramid to level 6."""
    tiles = sorted(glob.glob(f"{FIXTURES}/iwp/staged-vectors/WorldCRS84Quad/13/*/*.gpkg"))
    print(13, summary("rasterize", "--size", 128, "--output", "tiles", *tiles))
    for level in range(12, 5, -1):
        print(level, summary("coarsen", "--output", "tiles", *sorted(glob.glob(f"tiles/{level + 1}/*/*.tif")))["count"])
    known = sorted(glob.glob(f"{FIXTURES}/iwp/geotiffs/WorldCRS84Quad/*/*/*.tif"))
    worst = 0
    for path in known:
        own = "tiles/" + "/".join(path.split("/")[-3:])
        worst = max(worst, *(numpy.abs(cells(own, band) - cells(path, band)).max() for band in (1, 2)))
    print(f"{len(known)} rasters, as they should be to 1e-7: {worst < 1e-7}")
    geo("coarsen", "--output", "again", *sorted(glob.glob(f"{FIXTURES}/iwp/geotiffs/WorldCRS84Quad/13/*/*.tif")))
    print("from the known level 13:", numpy.abs(cells("again/12/709/454.tif") - cells(f"{FIXTURES}/iwp/geotiffs/WorldCRS84Quad/12/709/454.tif")).max() < 1e-7)


for scene in (autoeval, iwp):
    print("--", scene.__name__)
    scene()
