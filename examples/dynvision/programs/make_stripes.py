"""Makes pictures of stripes in four directions, as a file in the format safetensors: floats `pictures` [sample, layer, row, column] and `classes` [sample].

    make_stripes.py --count N --side N --noise X --seed N --output FILE

The format is a length, a head in JSON and the numbers; all is deterministic by the seed.
"""
import argparse
import json
import pathlib
import random
import struct

PLACES = [lambda x, y: y, lambda x, y: x, lambda x, y: x + y, lambda x, y: x - y]


def stripes(chance, side, noise):
    """The cells of one picture, row by row, and its direction."""
    kind, phase = chance.randrange(len(PLACES)), chance.randrange(3)
    place = PLACES[kind]
    return [(1.0 if (place(x, y) + phase) % 3 == 0 else -0.5) + chance.gauss(0, noise) for y in range(side) for x in range(side)], kind


def main():
    parser = argparse.ArgumentParser()
    for name, kind in (("count", int), ("side", int), ("noise", float), ("seed", int), ("output", pathlib.Path)):
        parser.add_argument(f"--{name}", type=kind, required=True)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    pictures, classes = zip(*(stripes(chance, options.side, options.noise) for _ in range(options.count)))
    numbers = [cell for picture in pictures for cell in picture]
    middle, end = 4 * len(numbers), 4 * (len(numbers) + len(classes))
    head = json.dumps({"pictures": {"dtype": "F32", "shape": [options.count, 1, options.side, options.side], "data_offsets": [0, middle]},
                       "classes": {"dtype": "F32", "shape": [options.count], "data_offsets": [middle, end]}}).encode()
    body = struct.pack(f"<{len(numbers)}f", *numbers) + struct.pack(f"<{len(classes)}f", *classes)
    options.output.write_bytes(struct.pack("<Q", len(head)) + head + body)


if __name__ == "__main__":
    main()
