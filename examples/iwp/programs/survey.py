"""The polygons of an area, a GeoJSON file for each image: linked from a folder, or drawn where none is given.

What is drawn is a net of cracks over four tiles of level 13: corners of a lattice, each moved a little, so that neighbours share an edge as
ice wedges do. An image has some columns of the net; polygons reach over the borders of tiles, and tiles get polygons of several images.
"""

import argparse
import json
import os
import pathlib
import random
import shutil

COLUMNS, ROWS, IMAGES = 60, 48, 5
WEST, NORTH = -148.8400, 70.0460
WIDTH, HEIGHT = 0.0380, 0.0380


def corner(column, row):
    """The same whoever asks."""
    dice = random.Random(column * 1000 + row)
    return [round(WEST + (column + dice.uniform(-0.3, 0.3)) * WIDTH / COLUMNS, 9), round(NORTH - (row + dice.uniform(-0.3, 0.3)) * HEIGHT / ROWS, 9)]


def polygon(column, row):
    ring = [corner(column + x, row + y) for x, y in ((0, 0), (0, 1), (1, 1), (1, 0), (0, 0))]
    # The trough between two polygons belongs to none.
    middle = [sum(point[axis] for point in ring[:4]) / 4 for axis in (0, 1)]
    ring = [[round(middle[axis] + 0.85 * (point[axis] - middle[axis]), 9) for axis in (0, 1)] for point in ring]
    return {"type": "Feature", "properties": {"Class": 1 + (column + row) % 2}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def draw(output):
    wide = COLUMNS // IMAGES
    for image in range(IMAGES):
        features = [polygon(column, row) for column in range(image * wide, (image + 1) * wide) for row in range(ROWS)]
        with open(output / f"image{image}.json", "w", encoding="utf-8") as file:
            json.dump({"type": "FeatureCollection", "features": features}, file)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--input", type=pathlib.Path)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    options = parser.parse_args()
    os.makedirs(options.output, exist_ok=True)
    if options.input is None:
        draw(options.output)
        return
    for path in sorted(options.input.rglob("*.json")):
        # Files of two folders may have one name.
        shutil.copyfile(path, options.output / "-".join(path.relative_to(options.input).parts))


main()
