#!/usr/bin/env python3
"""Makes synthetic aerosol fields, a file a day, from --from until --until (both included).

The files are CSV, on the few cells that a network in Python learns in seconds; or NetCDF with
--netcdf, on a globe of --rows and --columns.

Five aerosols on a small ring of cells are emitted, carried by the wind and removed. The seasons
change all three: the wind turns from west in winter to east in summer, dust rises in summer and
black carbon in winter, and rain washes out more of them in spring. So what a model learns in one
season is wrong in another, which is what makes continual training worth studying. The weather is a
fixed random series: the fields of a day depend on nothing but the first day.
"""

import argparse
import csv
import datetime
import os
import random
import sys

sys.dont_write_bytecode = True
import netcdf  # noqa: E402
from aerosol import COLUMNS, ROWS, VARIABLES, days, field_path, season  # noqa: E402

SPIN_UP = 15  # days run before the first one written, so that it has no memory of the empty start
SUMMER_SHARE = {
    "dust": 0.95,
    "sea_salt": 0.35,
    "sulfate": 0.75,
    "organic_carbon": 0.6,
    "black_carbon": 0.1,
}


def step(field, day, chance):
    """The field one day later."""
    winter, spring = season(day)
    wind = 0.55 * winter
    removal = 0.35 + 0.15 * spring
    after = []
    columns = len(field[0])
    for row in range(len(field)):
        gust = chance.uniform(0.4, 1.6)
        after.append([None] * columns)
        for column in range(columns):
            upwind = field[row][column - 1] if wind > 0.0 else field[row][(column + 1) % columns]
            cell = []
            for number, name in enumerate(VARIABLES):
                share = SUMMER_SHARE[name]
                strength = 0.5 + (share - 0.5) * -winter
                source = 1.0 if (column + row + number) % 3 == 0 else 0.25
                emitted = 0.6 * strength * source * gust * chance.uniform(0.7, 1.3)
                kept = (1.0 - abs(wind)) * field[row][column][number] + abs(wind) * upwind[number]
                cell.append((1.0 - removal) * kept + emitted)
            # Sulfate grows on dust and sea salt only where the summer sun is high enough.
            cell[2] += max(0.0, -winter) * 0.3 * cell[0] * cell[1]
            after[row][column] = cell
    return after


def write_field(path, field):
    with open(path, "w", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(["row", "column", *VARIABLES])
        for row in range(ROWS):
            for column in range(COLUMNS):
                lines.writerow([row, column, *(f"{value:.6f}" for value in field[row][column])])


def write_netcdf(path, field, day):
    """The same as one moment of a NetCDF file, its columns once around the globe."""
    rows, columns = len(field), len(field[0])
    number = (day - datetime.date(2000, 1, 1)).days
    latitudes = [-90.0 + 180.0 * (row + 0.5) / rows for row in range(rows)]
    longitudes = [360.0 * column / columns for column in range(columns)]
    variables = [
        ("time", ["time"], {"units": "days since 2000-01-01", "calendar": "standard"}, netcdf.DOUBLE, [number]),
        ("lat", ["lat"], {"units": "degrees_north"}, netcdf.DOUBLE, latitudes),
        ("lon", ["lon"], {"units": "degrees_east"}, netcdf.DOUBLE, longitudes),
    ]
    for number, name in enumerate(VARIABLES):
        cells = [cell[number] for row in field for cell in row]
        variables.append((name, ["time", "lat", "lon"], {"units": "ug m-3"}, netcdf.FLOAT, cells))
    netcdf.write(path, {"time": 1, "lat": rows, "lon": columns}, variables)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="first", type=datetime.date.fromisoformat, required=True)
    parser.add_argument("--until", dest="last", type=datetime.date.fromisoformat, required=True)
    parser.add_argument("--netcdf", action="store_true")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--columns", type=int, default=COLUMNS)
    parser.add_argument("--output", required=True, help="folder to create")
    args = parser.parse_args()
    if args.last < args.first:
        parser.error("--until is before --from")

    os.makedirs(args.output, exist_ok=True)
    chance = random.Random(20250101)
    field = [[[0.5] * len(VARIABLES) for _ in range(args.columns)] for _ in range(args.rows)]
    for day in days(args.first - datetime.timedelta(SPIN_UP), args.last):
        field = step(field, day, chance)
        if day < args.first:
            continue
        if args.netcdf:
            write_netcdf(field_path(args.output, day).replace(".csv", ".nc"), field, day)
        else:
            write_field(field_path(args.output, day), field)
    print(f"{(args.last - args.first).days + 1} days of fields, {args.first} to {args.last}")


if __name__ == "__main__":
    main()
