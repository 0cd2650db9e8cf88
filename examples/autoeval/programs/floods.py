"""Small flood maps: an area's catchments, where a forecast puts them under water, and what benchmarks say of the area.

An area is some catchments side by side, from west to east, each with a river. A cell has a height above its river; a rating curve tells how
high the river stands at a discharge; a cell is wet where its height is less. Everything follows from the name of the area's outline.
"""

import argparse
import json
import math
import os
import pathlib
import random
import sys

import geotiff

NO_DATA = 3
# The kinds of a map: cells in the file, what stands for no value there.
KINDS = {"extent": (geotiff.BYTE, 255), "depth": (geotiff.FLOAT, -9999.0)}


class Area:
    """What is known of an area, by its outline."""

    def __init__(self, outline, resolution):
        self.id = outline.stem
        ring = json.loads(outline.read_text(encoding="utf-8"))["features"][0]["geometry"]["coordinates"][0]
        x, y = zip(*ring)
        self.cell = float(resolution.removesuffix("m"))
        grid = 10 * self.cell
        self.west, self.north = math.floor(min(x) / grid) * grid, math.ceil(max(y) / grid) * grid
        self.columns = 10 * math.ceil((max(x) - self.west) / grid)
        self.rows = 10 * math.ceil((self.north - min(y)) / grid)
        dice = random.Random(self.id)
        self.desert = dice.random() < 0.15
        count = dice.randint(2, 4)
        borders = [round(self.columns * n / count) for n in range(count + 1)]
        self.catchments = [Catchment(self, n, *borders[n:n + 2]) for n in range(count)]


class Catchment:
    """Some columns of an area."""

    def __init__(self, area, number, first, end):
        self.area, self.first, self.end = area, first, end
        dice = random.Random(f"{area.id} {number}")
        self.id = f"{int(area.id) * 10 + number}"
        self.slope, self.swing, self.phase = dice.uniform(0.02, 0.05), dice.uniform(10, 40), dice.uniform(0, 6)
        # A lake has no rating curve.
        self.lake = dice.randint(1, 99) if dice.random() < 0.15 else -999
        self.rating = [[stage, round(dice.uniform(8, 12) * stage ** 1.6, 3)] for stage in (0, 1, 2, 4, 8)]
        self.discharge = round(dice.uniform(10, 80), 3)

    def heights(self):
        """Metres above the river, row by row from the north."""
        cell = self.area.cell
        middle = (self.first + self.end) / 2 * cell
        for row in range(self.area.rows):
            river = middle + self.swing * math.sin(row * cell / 60 + self.phase)
            yield [round(self.slope * abs((column + 0.5) * cell - river), 3) for column in range(self.first, self.end)]

    def told(self):
        """As its file has it."""
        return {"id": self.id, "lake": self.lake, "rating": self.rating, "discharge": self.discharge, "cell": self.area.cell,
                "corner": [self.area.west + self.first * self.area.cell, self.area.north], "heights": list(self.heights())}


def stage(rating, discharge):
    """How high the river stands: linear between the points of the curve."""
    for (low, less), (high, more) in zip(rating, rating[1:]):
        if discharge <= more:
            return low + (high - low) * (discharge - less) / (more - less)
    return rating[-1][0]


def flooded(heights, level, kind):
    """A row of a map."""
    if kind == "extent":
        return [int(height <= level) for height in heights]
    return [max(0.0, level - height) for height in heights]


def catchments(options):
    area = Area(options.outline, options.resolution)
    if area.desert:
        sys.exit(NO_DATA)
    os.makedirs(options.output, exist_ok=True)
    for catchment in area.catchments:
        (options.output / f"catchment-{catchment.id}.json").write_text(json.dumps(catchment.told()), encoding="utf-8")


def inundate(options):
    told = json.loads(options.catchment.read_text(encoding="utf-8"))
    if told["lake"] != -999:
        sys.exit(NO_DATA)
    level = stage(told["rating"], told["discharge"])
    rows = [flooded(heights, level, options.kind) for heights in told["heights"]]
    geotiff.write(options.output, rows, KINDS[options.kind][0], told["corner"], told["cell"], KINDS[options.kind][1])


def benchmarks(options):
    """What others found: rivers that stand a little higher or lower, and a strip in the north that they did not look at."""
    area = Area(options.outline, options.resolution)
    os.makedirs(options.output, exist_ok=True)
    for source in ("ble", "nws"):
        dice = random.Random(f"{area.id} {source}")
        if dice.random() < 0.3:
            continue
        levels = [stage(c.rating, c.discharge) * dice.uniform(0.8, 1.25) for c in area.catchments]
        rows = [sum((flooded(heights, level, "extent") for heights, level in zip(parts, levels)), []) for parts in zip(*(c.heights() for c in area.catchments))]
        rows[:4] = [[255] * area.columns] * 4
        geotiff.write(options.output / f"{source}.tif", rows, geotiff.BYTE, (area.west, area.north), area.cell, 255)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    verbs = parser.add_subparsers(required=True)
    for verb in (catchments, benchmarks, inundate):
        words = verbs.add_parser(verb.__name__)
        words.set_defaults(verb=verb)
        if verb is inundate:
            words.add_argument("--catchment", type=pathlib.Path, required=True)
            words.add_argument("--kind", choices=KINDS, required=True)
        else:
            words.add_argument("--outline", type=pathlib.Path, required=True)
            words.add_argument("--resolution", required=True)
        words.add_argument("--output", type=pathlib.Path, required=True)
    options = parser.parse_args()
    options.verb(options)


main()
