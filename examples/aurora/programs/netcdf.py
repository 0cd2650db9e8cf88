"""Writes gridded fields as NetCDF, in its classic format and with the standard library alone.

The format is a head (dimensions, attributes, variables with the place of their numbers) and the
numbers, all big-endian and padded to four bytes; see the NetCDF User Guide, "File Format
Specifications". Only what these fields need is here: doubles for coordinates, floats for fields.
"""

import struct

DIMENSIONS, VARIABLES, ATTRIBUTES = 10, 11, 12
CHAR, FLOAT, DOUBLE = 2, 5, 6


def text(value):
    data = value.encode()
    return struct.pack(">i", len(data)) + data + b"\0" * (-len(data) % 4)


def attributes(values):
    """Attributes of text; two zeros where there is none."""
    body = b"".join(text(name) + struct.pack(">i", CHAR) + text(value) for name, value in values.items())
    return struct.pack(">ii", ATTRIBUTES if values else 0, len(values)) + body


def write(path, dimensions, variables):
    """dimensions: {name: length}; variables: [(name, dimension names, attributes, type, numbers)]."""
    names = list(dimensions)
    head = b"CDF\x01" + struct.pack(">iii", 0, DIMENSIONS, len(names))
    head += b"".join(text(name) + struct.pack(">i", dimensions[name]) for name in names)
    head += attributes({"Conventions": "CF-1.8"})
    entries, data = [], []
    for name, over, about, kind, numbers in variables:
        data.append(struct.pack(f">{len(numbers)}{'f' if kind == FLOAT else 'd'}", *numbers))
        where = b"".join(struct.pack(">i", names.index(one)) for one in over)
        entry = text(name) + struct.pack(">i", len(over)) + where + attributes(about)
        entries.append(entry + struct.pack(">ii", kind, len(data[-1])))
    place = len(head) + 8 + sum(len(entry) + 4 for entry in entries)
    head += struct.pack(">ii", VARIABLES, len(entries))
    for entry, numbers in zip(entries, data):
        head += entry + struct.pack(">i", place)
        place += len(numbers)
    with open(path, "wb") as file:
        file.write(head + b"".join(data))
