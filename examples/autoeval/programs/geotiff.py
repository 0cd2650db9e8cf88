"""Writes one band as a GeoTIFF in EPSG:5070, without any library."""

import struct

# GeoTIFF: projected, cells are areas, EPSG:5070, metres.
KEYS = [1, 1, 0, 4, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 5070, 3076, 0, 1, 9001]
BYTE, FLOAT = ("B", 1), ("f", 3)
SHORT, LONG, DOUBLE, TEXT = (3, "H"), (4, "I"), (12, "d"), (2, "s")


def write(path, rows, kind, corner, cell, nodata):
    """`rows` from the north, `corner` the north-western one, `kind` BYTE or FLOAT."""
    letter, sample = kind
    band = b"".join(struct.pack(f"<{len(row)}{letter}", *row) for row in rows)
    size = struct.calcsize(letter) * 8
    tags = [(256, LONG, [len(rows[0])]), (257, LONG, [len(rows)]), (258, SHORT, [size]), (259, SHORT, [1]), (262, SHORT, [1]),
            (273, LONG, [0]), (277, SHORT, [1]), (278, LONG, [len(rows)]), (279, LONG, [len(band)]), (339, SHORT, [sample]),
            (33550, DOUBLE, [cell, cell, 0]), (33922, DOUBLE, [0, 0, 0, *corner, 0]), (34735, SHORT, KEYS), (42113, TEXT, f"{nodata}\0".encode())]
    # What does not fit into an entry lies behind the entries, the band behind that.
    start = 8 + 2 + 12 * len(tags) + 4
    far = b""
    entries = []
    for tag, (number, letter), values in tags:
        data = values if letter == "s" else struct.pack(f"<{len(values)}{letter}", *values)
        entries.append([tag, number, len(values), data.ljust(4, b"\0") if len(data) <= 4 else struct.pack("<I", start + len(far))])
        if len(data) > 4:
            far += data + bytes(-len(data) % 8)
    entries[5][3] = struct.pack("<I", start + len(far))
    with open(path, "wb") as file:
        file.write(b"II*\0" + struct.pack("<IH", 8, len(tags)))
        file.write(b"".join(struct.pack("<HHI", *entry[:3]) + entry[3] for entry in entries))
        file.write(struct.pack("<I", 0) + far + band)
