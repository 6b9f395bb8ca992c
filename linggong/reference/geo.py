"""Distances on the round earth and the grid that makes "near me" fast. Pure; degrees in, metres out (WGS-84)."""

from math import asin, atan2, ceil, cos, degrees, floor, radians, sin, sqrt

EARTH_M = 6_371_008
CELL = 0.04  # degrees: about 4.4 km north to south
BLUR = 0.005  # degrees: about 500 m
POINTS = ("北", "东北", "东", "东南", "南", "西南", "西", "西北")


def distance_m(lat1: float, lng1: float, lat2: float, lng2: float) -> int:
    """The great-circle distance in whole metres."""
    up = sin(radians(lat2 - lat1) / 2)
    across = sin(radians(lng2 - lng1) / 2)
    part = up * up + cos(radians(lat1)) * cos(radians(lat2)) * across * across
    return round(2 * EARTH_M * asin(sqrt(min(1.0, part))))


def bearing(lat1: float, lng1: float, lat2: float, lng2: float) -> int:
    """The direction from the first point to the second: whole degrees clockwise from north, 0–359."""
    turn = radians(lng2 - lng1)
    east = sin(turn) * cos(radians(lat2))
    north = cos(radians(lat1)) * sin(radians(lat2)) - sin(radians(lat1)) * cos(radians(lat2)) * cos(turn)
    return round(degrees(atan2(east, north))) % 360


def compass_word(angle: int) -> str:
    """A bearing as one of eight words: 45 → 东北."""
    return POINTS[round(angle / 45) % 8]


def cell(lat: float, lng: float) -> tuple[int, int]:
    """The grid cell a point lies in: (row from the equator, column from Greenwich)."""
    return floor(lat / CELL), floor(lng / CELL)


def cells_within(lat: float, lng: float, radius_m: int) -> list[tuple[int, int]]:
    """Every cell that a circle of `radius_m` can touch; some points in them lie farther away."""
    tall, wide = box_degrees(lat, radius_m)
    bottom, left = cell(lat - tall, lng - wide)
    top, right = cell(lat + tall, lng + wide)
    return [(row, column) for row in range(bottom, top + 1) for column in range(left, right + 1)]


def box_degrees(lat: float, radius_m: int) -> tuple[float, float]:
    """Half the height and half the width, in degrees, of a box around a circle of `radius_m` at `lat`."""
    tall = degrees(radius_m / EARTH_M)
    # Meridians close in towards the poles: the box is as wide as it must be at its end farther from the equator.
    return tall, tall / max(0.01, cos(radians(min(89.0, abs(lat) + tall))))


def rounded(lat: float, lng: float) -> tuple[float, float]:
    """The point moved to a grid of about 500 m: what others may see of where somebody is."""
    row = round(lat / BLUR) * BLUR
    steps = ceil(
        BLUR / max(0.01, cos(radians(row))) / 0.0001
    )  # ten-thousandths, the same for the whole row of the grid
    return round(row, 4), round(round(lng * 10_000 / steps) * steps / 10_000, 4)
