"""noise_curves.py --output FIGURE TESTS…: accuracy by level of noise as curves, one for each kind of network, the mean over seeds.

TESTS are what `wfr-torch evaluate-classifier` wrote.
"""
import argparse
import collections
import json
import pathlib

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 760, 320, 50, 30, 260, 40
COLOURS = ["#2b6ca3", "#c4572e", "#4f8a3c", "#8a5aa8", "#937b2f", "#3f8f8f", "#a33b5e", "#666666"]


def curves(paths):
    """{name of a network: {noise: mean accuracy over seeds}}."""
    found = collections.defaultdict(lambda: collections.defaultdict(list))
    for path in paths:
        tests = json.loads(path.read_text())
        name = f"{tests['recurrence']}, {tests['timesteps']} moments, {tests['channels']} channels"
        for test in tests["tests"]:
            found[name][test["noise"]].append(test["accuracy"])
    return {name: {noise: sum(all_) / len(all_) for noise, all_ in sorted(levels.items())} for name, levels in sorted(found.items())}


def draw(networks):
    most = max(noise for levels in networks.values() for noise in levels) or 1.0
    across, down = (WIDTH - LEFT - RIGHT) / most, HEIGHT - TOP - BOTTOM
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="11">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>', f'<text x="{LEFT}" y="18" font-size="14">Right answers by noise</text>']
    for part in range(5):
        y = HEIGHT - BOTTOM - down * part / 4
        out.append(f'<path d="M{LEFT},{y:.1f} H{WIDTH - RIGHT}" stroke="#ddd"/><text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{25 * part} %</text>')
    for noise in sorted({noise for levels in networks.values() for noise in levels}):
        out.append(f'<text x="{LEFT + noise * across:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{noise:g}</text>')
    for number, (name, levels) in enumerate(networks.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(f"{LEFT + noise * across:.1f},{HEIGHT - BOTTOM - down * right:.1f}" for noise, right in levels.items())
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out.append(f'<text x="{WIDTH - RIGHT + 16}" y="{TOP + 16 + 18 * number}" fill="{colour}">{name}: {100 * sum(levels.values()) / len(levels):.1f} %</text>')
    return "\n".join([*out, "</svg>"]) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("tests", type=pathlib.Path, nargs="+")
    options = parser.parse_args()
    options.output.write_text(draw(curves(options.tests)))


if __name__ == "__main__":
    main()
