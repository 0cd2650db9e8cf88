"""summarise.py --output FOLDER COPY…: a table of all members' last years, and a picture of their courses. A COPY is what `wfr move copy`
told of archiving a member; it names the folder."""
import argparse
import json
import pathlib


def read(member):
    config = dict(line.split(" = ", 1) for line in (member / "inputfile").read_text().splitlines() if " = " in line)
    rows = [line.split(",") for line in (member / "ocean.csv").read_text().splitlines()[1:]]
    return config, [float(row[1]) for row in rows]


def picture(members):
    """One line a member, coloured by how much it was warmed."""
    width, height, left = 640, 320, 60
    means = [mean for _, course in members for mean in course]
    low, high = min(means) - 0.2, max(means) + 0.2
    years = max(len(course) for _, course in members)
    x = lambda n: left + n * (width - left - 20) / max(years - 1, 1)  # noqa: E731
    y = lambda t: 20 + (high - t) / (high - low) * (height - 60)  # noqa: E731
    warmths = sorted({config["sst"] for config, _ in members}, key=float)
    colours = ["#2b6ca3", "#c4572e", "#4f8a3c", "#8a5aa8"]
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="12">',
           f'<rect width="{width}" height="{height}" fill="#ffffff"/>']
    for n in range(5):
        t = low + (high - low) * n / 4
        out.append(f'<line x1="{left}" x2="{width - 20}" y1="{y(t):.1f}" y2="{y(t):.1f}" stroke="#dddddd"/>')
        out.append(f'<text x="{left - 6}" y="{y(t) + 4:.1f}" text-anchor="end" fill="#444444">{t:.1f} K</text>')
    for config, course in members:
        points = " ".join(f"{x(n):.1f},{y(t):.1f}" for n, t in enumerate(course))
        colour = colours[warmths.index(config["sst"]) % len(colours)]
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
    for n, warmth in enumerate(warmths):
        out.append(f'<text x="{left + 140 * n}" y="{height - 10}" fill="{colours[n % len(colours)]}">warmed by {warmth} K</text>')
    return "\n".join(out) + "\n</svg>\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("copies", type=pathlib.Path, nargs="+")
    options = parser.parse_args()
    members = [read(pathlib.Path(json.loads(copy.read_text())["destination"])) for copy in options.copies]
    lines = ["id,sst,years,last_mean"]
    lines += [f'{config["id"]},{config["sst"]},{len(course)},{course[-1]:.4f}' for config, course in members]
    (options.output / "summary.csv").write_text("\n".join(lines) + "\n")
    (options.output / "courses.svg").write_text(picture(members))


if __name__ == "__main__":
    main()
