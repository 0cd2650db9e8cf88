"""What `wfr-geo` does, as one writes it with rasterio and numpy; and the data for both. `geo.py` calls it in an environment that has them.

    geo_peer.py maps FOLDER SIDE            two flood maps of SIDE x SIDE cells, and a mask
    geo_peer.py tiles FOLDER LEVEL COUNT    COUNT x COUNT raster tiles
    geo_peer.py agreement FOLDER OUTPUT     what `wfr-geo agreement` does
    geo_peer.py pyramid FOLDER LEVEL OUTPUT numpy|warp
                                            what `wfr-geo coarsen` does, from LEVEL to the level of one tile
"""

import csv
import glob
import json
import os
import sys

import numpy
import rasterio
from rasterio import features
from rasterio.merge import merge
from rasterio.transform import from_origin
from rasterio.warp import Resampling, reproject

TILE = {"driver": "GTiff", "width": 256, "height": 256, "count": 2, "dtype": "float64", "crs": "EPSG:4326", "compress": "deflate", "zlevel": 1}
MAP = {"driver": "GTiff", "count": 1, "dtype": "uint8", "crs": "EPSG:5070", "nodata": 255, "compress": "lzw", "tiled": True, "blockxsize": 512, "blockysize": 512}


def flood(side, seed):
    """Winding rivers and their plains, with an area that nobody mapped; rows at a time."""
    phase = numpy.random.RandomState(seed).uniform(0, 6, 6)
    x = numpy.arange(side)
    for top in range(0, side, 512):
        y = numpy.arange(top, min(top + 512, side))[:, None]
        depth = sum(numpy.sin(x / (300 + 170 * n) + phase[n] + numpy.sin(y / (500 + 90 * n))) for n in range(6))
        cells = (depth > 1.5).astype("uint8")
        cells[(x + y < side // 4) & (x * 0 + y >= 0)] = 255
        yield top, cells


def maps(folder, side):
    for name, seed in (("candidate", 1), ("benchmark", 2)):
        with rasterio.open(f"{folder}/{name}.tif", "w", width=side, height=side, transform=from_origin(0, 0, 10, 10), **MAP) as out:
            for top, cells in flood(side, seed):
                out.write(cells, 1, window=((top, top + len(cells)), (0, side)))
    ring = [[0, 0], [side * 3, 0], [side * 5, side * -4], [0, 0]]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::5070"}}
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    with open(f"{folder}/mask.json", "w", encoding="utf-8") as file:
        json.dump({"type": "FeatureCollection", "crs": crs, "features": [feature]}, file)


def place(level, x, y):
    side = 180 / 2**level
    return from_origin(-180 + x * side, 90 - y * side, side / 256, side / 256)


def tiles(folder, level, count):
    dice = numpy.random.RandomState(3)
    for x, y in numpy.ndindex(count, count):
        count_of = dice.poisson(.2, (256, 256))
        os.makedirs(f"{folder}/{level}/{x}", exist_ok=True)
        with rasterio.open(f"{folder}/{level}/{x}/{y}.tif", "w", transform=place(level, x, y), **TILE) as out:
            out.write(numpy.stack([count_of, count_of * dice.random_sample((256, 256))]))


def agreement(folder, output):
    with rasterio.open(f"{folder}/candidate.tif") as file:
        profile, candidate = file.profile, file.read(1)
    with rasterio.open(f"{folder}/benchmark.tif") as file:
        benchmark = file.read(1)
    with open(f"{folder}/mask.json", encoding="utf-8") as file:
        shapes = [(feature["geometry"], 1) for feature in json.load(file)["features"]]
    mask = features.rasterize(shapes, out_shape=candidate.shape, transform=profile["transform"], dtype="uint8")
    nodata = (candidate == 255) | (benchmark == 255)
    codes = numpy.where(mask == 1, 4, candidate * 2 + benchmark).astype("uint8")
    codes[nodata] = 255
    with rasterio.open(f"{output}.tif", "w", **profile) as out:
        out.write(codes, 1)
    tn, fn, fp, tp, masked = (int(count) for count in numpy.bincount(codes.ravel(), minlength=5)[:5])
    with open(f"{output}.csv", "w", encoding="utf-8") as file:
        csv.writer(file).writerows([("tn", "fn", "fp", "tp", "masked", "CSI"), (tn, fn, fp, tp, masked, tp / (tp + fn + fp))])


def by_numpy(paths, transform):
    """The quickest way: the parents' places are known, and sums and means are numpy's."""
    whole = numpy.zeros((2, 512, 512))
    for (dx, dy), path in paths.items():
        with rasterio.open(path) as file:
            whole[:, 256 * dy:256 * dy + 256, 256 * dx:256 * dx + 256] = file.read()
    small = whole.reshape(2, 256, 2, 256, 2)
    return numpy.stack([small[0].sum((1, 3)), small[1].mean((1, 3))])


def by_warp(paths, transform):
    """As viz-raster does it: rasterio puts children together, and warps them to the parent's grid, band by band."""
    opened = [rasterio.open(path) for path in paths.values()]
    whole, own = merge(opened)
    small = numpy.zeros((2, 256, 256))
    for band, how in enumerate((Resampling.sum, Resampling.average)):
        reproject(whole[band], small[band], src_transform=own, dst_transform=transform, src_crs=TILE["crs"], dst_crs=TILE["crs"], resampling=how)
    for file in opened:
        file.close()
    return small


def pyramid(folder, level, output, how):
    below = folder
    while True:
        tiles = {tuple(int(part) for part in path[:-4].split("/")[-2:]): path for path in glob.glob(f"{below}/{level}/*/*.tif")}
        if len(tiles) == 1:
            return
        level -= 1
        for x, y in sorted({(x // 2, y // 2) for x, y in tiles}):
            children = {(dx, dy): tiles[2 * x + dx, 2 * y + dy] for dx, dy in numpy.ndindex(2, 2) if (2 * x + dx, 2 * y + dy) in tiles}
            os.makedirs(f"{output}/{level}/{x}", exist_ok=True)
            with rasterio.open(f"{output}/{level}/{x}/{y}.tif", "w", transform=place(level, x, y), **TILE) as out:
                out.write({"numpy": by_numpy, "warp": by_warp}[how](children, place(level, x, y)))
        below = output


def main():
    work, words = sys.argv[1], [int(word) if word.isdigit() else word for word in sys.argv[2:]]
    {"maps": maps, "tiles": tiles, "agreement": agreement, "pyramid": pyramid}[work](*words)


main()
