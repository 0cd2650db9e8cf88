"""areas.py COUNT: so many areas beside this folder, as areas.csv and an outline each. They lie in rows, in metres of EPSG:5070."""

import json
import math
import pathlib
import random
import sys

WIDE, HIGH, ROW = 600, 400, 20


def outline(ident, west, south):
    """A polygon of nine corners in the area's rectangle, as nature has it."""
    dice = random.Random(ident)
    angles = [2 * math.pi * (n + dice.uniform(-0.3, 0.3)) / 9 for n in range(9)]
    reach = [dice.uniform(0.75, 1.0) for _ in angles]
    ring = [[round(west + WIDE / 2 * (1 + r * math.cos(a)), 1), round(south + HIGH / 2 * (1 + r * math.sin(a)), 1)] for a, r in zip(angles, reach)]
    return {"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::5070"}},
            "features": [{"type": "Feature", "properties": {"area": ident}, "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}}]}


def main():
    here = pathlib.Path(__file__).resolve().parent.parent
    (here / "outlines").mkdir(exist_ok=True)
    rows = ["id,outline"]
    for number in range(int(sys.argv[1])):
        ident = f"{12_040_000 + 101 * number:08d}"
        rows.append(f"{ident},outlines/{ident}.json")
        area = outline(ident, 100_000 + number % ROW * 2 * WIDE, 800_000 + number // ROW * 2 * HIGH)
        (here / f"outlines/{ident}.json").write_text(json.dumps(area) + "\n", encoding="utf-8")
    (here / "areas.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


main()
