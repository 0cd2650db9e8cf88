"""A slab ocean under a seasonal sun: one temperature, which takes up light and loses heat, and weather that shakes it.

    ocean.py spin-up --output STATE [--state STATE]     a year more; prints how far the year's mean has moved, as JSON
    ocean.py run --config FILE --state STATE… --output FOLDER [--fail]

The configuration is a list of `name = value`. All is deterministic: the weather comes from the member's number.
"""
import argparse
import json
import math
import pathlib
import random

DAY = 86400.0
DEPTH = 50.0  # m of water that mix
HEAT = 4.1e6 * DEPTH  # J/(m² K) of that column
SUN, SEASON = 170.0, 90.0  # W/m² at the surface: mean, and half the difference of summer and winter
LOSS, BALANCE = 15.0, 285.0  # W/(m² K) towards this temperature, K


def step(temperature, day, wind=0.0, offset=0.0):
    """One day: sun against loss. `offset` warms the balance, `wind` shakes the loss."""
    light = SUN + SEASON * math.sin(2 * math.pi * (day - 80) / 365)
    lost = LOSS * (1 + 0.2 * wind) * (temperature - BALANCE - offset) + SUN
    return temperature + (light - lost) * DAY / HEAT


def spin_up(options):
    temperature = json.loads(options.state.read_text())["temperature"] if options.state else 300.0
    before, total = temperature, 0.0
    for day in range(365):
        temperature = step(temperature, day)
        total += temperature
    options.output.write_text(json.dumps({"temperature": temperature, "mean": total / 365}) + "\n")
    return {"settled": abs(temperature - before) < 0.05, "moved": round(abs(temperature - before), 4)}


def run(options):
    config = dict(line.split(" = ", 1) for line in options.config.read_text().splitlines() if " = " in line)
    weather = random.Random(int(config["id"]))
    # The last one that was made: the others came before it.
    temperature = json.loads(options.state[-1].read_text())["temperature"]
    folder = options.output
    (folder / "progress").write_text("begun\n")
    rows, wind = ["year,mean,warmest,coldest"], 0.0
    for year in range(int(config["years"])):
        days = []
        for day in range(365):
            wind = 0.9 * wind + weather.gauss(0, 0.3)
            temperature = step(temperature, day, wind, float(config["sst"]))
            days.append(temperature)
        rows.append(f"{year + 1},{sum(days) / 365:.4f},{max(days):.4f},{min(days):.4f}")
        with (folder / "progress").open("a") as progress:
            progress.write(f"{year + 1}\n")
        if options.fail and year == 1:
            raise SystemExit("the water boils")
    (folder / "ocean.csv").write_text("\n".join(rows) + "\n")


def main():
    parser = argparse.ArgumentParser()
    verbs = parser.add_subparsers(dest="verb", required=True)
    one = verbs.add_parser("spin-up")
    one.add_argument("--state", type=pathlib.Path)
    one.add_argument("--output", type=pathlib.Path, required=True)
    one.add_argument("--result", type=pathlib.Path, required=True)
    two = verbs.add_parser("run")
    two.add_argument("--config", type=pathlib.Path, required=True)
    two.add_argument("--state", type=pathlib.Path, nargs="+", required=True)
    two.add_argument("--output", type=pathlib.Path, required=True)
    two.add_argument("--fail", action="store_true")
    options = parser.parse_args()
    if options.verb == "run":
        return run(options)
    options.result.write_text(json.dumps(spin_up(options)) + "\n")
    return None


if __name__ == "__main__":
    main()
