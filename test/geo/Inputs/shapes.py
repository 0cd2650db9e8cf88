"""Convex rings, and what lies in a rectangle of them, by plain arithmetic."""

import numpy


def regular(middle, radius, corners, turn):
    angles = turn + 2 * numpy.pi * numpy.arange(corners) / corners
    return [middle + radius * numpy.array([numpy.cos(angle), numpy.sin(angle)]) for angle in angles]


def area(ring):
    return abs(sum(a[0] * b[1] - a[1] * b[0] for a, b in zip(ring, ring[1:] + ring[:1]))) / 2


def half(ring, axis, border, sign):
    """The part of a convex ring on one side of a line (Sutherland and Hodgman)."""
    out = []
    for a, b in zip(ring, ring[1:] + ring[:1]):
        da, db = sign * (a[axis] - border), sign * (b[axis] - border)
        if da <= 0:
            out.append(a)
        if da * db < 0:
            out.append(a + (b - a) * da / (da - db))
    return out


def inside(ring, x, y, width=1, height=1):
    """Its part in a rectangle; fewer than three points are none."""
    for axis, low, size in ((1, y, height), (0, x, width)):
        ring = half(half(ring, axis, low, -1), axis, low + size, 1)
        if len(ring) < 3:
            return []
    return ring
