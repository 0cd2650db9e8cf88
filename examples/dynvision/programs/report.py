"""report.py aggregate --output TABLE ROW…: the rows of single tests as one table. report.py plot --output FIGURE TABLE: its accuracies as bars."""
import argparse
import pathlib


def aggregate(options):
    rows = sorted(line for path in options.inputs for line in path.read_text().splitlines())
    options.output.write_text("\n".join(["model;test;accuracy", *rows]) + "\n")


def plot(options):
    rows = [line.split(";") for line in options.inputs[0].read_text().splitlines()[1:]]
    tests = sorted({test for _, test, _ in rows})
    models = sorted({model for model, _, _ in rows})
    width, bar, left = 760, 16, 330
    height = 40 + len(rows) * bar + len(models) * 10
    colours = ["#2b6ca3", "#c4572e", "#4f8a3c", "#8a5aa8", "#937b2f", "#3f8f8f", "#a33b5e", "#666666"]
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="11">',
           f'<rect width="{width}" height="{height}" fill="#ffffff"/>']
    for part in range(5):
        x = left + (width - left - 30) * part / 4
        out.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="20" y2="{height - 10}" stroke="#dddddd"/>')
        out.append(f'<text x="{x:.1f}" y="14" text-anchor="middle" fill="#444444">{25 * part} %</text>')
    y = 24
    for model in models:
        out.append(f'<text x="{left - 8}" y="{y + 12}" text-anchor="end" fill="#222222">{model}</text>')
        for of, test, accuracy in rows:
            if of != model:
                continue
            length = float(accuracy) * (width - left - 30)
            out.append(f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{bar - 4}" fill="{colours[tests.index(test) % 8]}"/>')
            out.append(f'<text x="{left + 4}" y="{y + 10}" fill="#ffffff">{test}</text>')
            y += bar
        y += 10
    options.output.write_text("\n".join(out) + "\n</svg>\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["aggregate", "plot"])
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("inputs", type=pathlib.Path, nargs="+")
    options = parser.parse_args()
    {"aggregate": aggregate, "plot": plot}[options.verb](options)


if __name__ == "__main__":
    main()
