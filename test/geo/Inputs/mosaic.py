"""mosaic.py WFR-GEO DIR: rasters of a seed put together, compared with numpy."""

import os

import numpy
from maps import HERE, cells, gdal, polygons, raster, read, summary, wrong

dice = numpy.random.RandomState(13)
HEIGHT, WIDTH = 800, 6000
RULES = {"max": numpy.fmax, "min": numpy.fmin, "sum": lambda a, b: numpy.where(numpy.isnan(a), b, numpy.where(numpy.isnan(b), a, a + b)),
         "first": lambda a, b: numpy.where(numpy.isnan(a), b, a)}


def pieces(kind):
    """Overlapping parts of a large raster, some with another nodata, tiled or not."""
    made = []
    for n in range(12):
        width, height = dice.randint(200, 3000), dice.randint(50, 500)
        x, y = dice.randint(0, WIDTH - width), dice.randint(0, HEIGHT - height)
        values = dice.randint(0, 200, (height, width)).astype(kind)
        values[dice.random_sample(values.shape) < .2] = 255 - n % 3
        options = ("TILED=YES", "COMPRESS=LZW") if n % 2 else ()
        path = raster(f"{kind}{n}.tif", values, corner=(x * 30, -y * 30), nodata=255 - n % 3, options=options)
        made.append((path, x, y, numpy.where(values == 255 - n % 3, numpy.nan, values)))
    return made


def expected(made, rule):
    """The whole of them, and where it begins."""
    whole = numpy.full((HEIGHT, WIDTH), numpy.nan)
    for _, x, y, values in made:
        part = whole[y:y + values.shape[0], x:x + values.shape[1]]
        part[:] = RULES[rule](part, values)
    left, top = min(x for _, x, _, _ in made), min(y for _, _, y, _ in made)
    right, bottom = (max(one[n] + one[3].shape[2 - n] for one in made) for n in (1, 2))
    return whole[top:bottom, left:right], left, top


def same(name, words, whole, nodata=255):
    found = summary("mosaic", *words, "--output", f"{name}.tif")
    got = cells(f"{name}.tif")
    right = got.shape == whole.shape and (got == numpy.where(numpy.isnan(whole), nodata, whole)).all()
    print(f"{name}: {right}, {found['cells'] == (~numpy.isnan(whole)).sum()}")


def right():
    for kind in ("uint8", "float32"):
        made = pieces(kind)
        paths = [one[0] for one in made]
        for rule in RULES if kind == "float32" else ("max",):
            whole, left, top = expected(made, rule)
            # A sum may be 255.
            nodata = -1 if rule == "sum" else 255
            same(f"{kind}-{rule}", ["--rule", rule, "--nodata", nodata, *paths], whole, nodata)
    print("its corner:", gdal.Open("float32-max.tif").GetGeoTransform()[::3] == (left * 30, -top * 30))
    ring = [((left + .3) * 30, -(top + .2) * 30), ((left + 900) * 30, -(top + .2) * 30), ((left + .3) * 30, -(top + 600) * 30)]
    whole, left, top = expected(made, "max")
    x, y = numpy.meshgrid((left + numpy.arange(whole.shape[1]) + .5) * 30, -(top + numpy.arange(whole.shape[0]) + .5) * 30)
    (x0, y0), (x1, _), (_, y1) = ring
    clipped = (x > x0) & (y < y0) & ((x - x0) / (x1 - x0) + (y - y0) / (y1 - y0) < 1)
    same("clipped", ["--clip", polygons("clip.json", [ring]), *paths], numpy.where(clipped, whole, numpy.nan))
    same("other", ["--nodata", "-1", *paths], whole, nodata=-1)
    for threads in (1, 4):
        summary("mosaic", "--threads", threads, "--output", f"{threads}.tif", *paths)
    print("the same bytes by 1 and 4 threads:", read("1.tif") == read("4.tif"))
    # The largest cells give the grid; a finer raster beside it is resampled.
    coarse, fine = dice.randint(0, 9, (10, 10)).astype("uint8"), dice.randint(0, 9, (20, 20)).astype("uint8")
    raster("coarse.tif", coarse, cell=60, nodata=9)
    raster("fine.tif", fine, corner=(600, 0), cell=30, nodata=9)
    summary("mosaic", "--align", "nearest", "--output", "aligned.tif", "fine.tif", "coarse.tif")
    got = cells("aligned.tif")
    print("aligned:", got.shape, (got[:, :10] == coarse).all(), all(got[r, 10 + c] in fine[2 * r:2 * r + 2, 2 * c:2 * c + 2] for r, c in numpy.ndindex(10, 10)))


def refused():
    wrong("mosaic", "--output", "x.tif", "coarse.tif", "fine.tif")
    wrong("mosaic", "--output", "x.tif", "coarse.tif", raster("mercator.tif", cells("coarse.tif"), epsg=3857, nodata=9))
    wrong("mosaic", "--output", "x.tif", "coarse.tif", raster("float.tif", cells("coarse.tif").astype("float32"), cell=60, nodata=9))
    wrong("mosaic", "--output", "x.tif", raster("none.tif", cells("coarse.tif"), cell=60))
    wrong("mosaic", "--output", "x.tif", "--nodata", "3", "coarse.tif")
    wrong("mosaic", "--output", "x.tif", "--rule", "maxx", "coarse.tif", status=2)
    full = [raster(f"full{n}.tif", numpy.full((3, 3), value, "uint8"), nodata=9) for n, value in enumerate((200, 100, 5, 4))]
    wrong("mosaic", "--output", "x.tif", "--rule", "sum", *full[:2])
    wrong("mosaic", "--output", "x.tif", "--rule", "sum", *full[2:])
    wrong("mosaic", "--output", "x.tif", "coarse.tif", "absent.tif")
    wrong("mosaic", "--output", "x.tif", raster("empty.tif", numpy.full((5, 5), 9, "uint8"), nodata=9), status=4)
    wrong("mosaic", "--output", "x.tif", "coarse.tif", raster("far.tif", cells("coarse.tif"), corner=(1e13, 0), cell=60, nodata=9))
    print("nothing left:", [name for name in os.listdir(HERE) if name.startswith((".wfr", "x."))])


for scene in (right, refused):
    print("--", scene.__name__)
    scene()
