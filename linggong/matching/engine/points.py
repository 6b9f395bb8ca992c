"""The published points in whole numbers, for kernels: the same rules as `matching.score`, number for number.

A test holds both equal. Time is counted in minutes since 1970 (UTC), quarters in 15 minutes, money in fen.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from linggong.matching.engine.compiled import part

ORDER = ("way", "skill", "experience", "past", "reliability", "pay", "waiting")
WAY, SKILL, EXPERIENCE, PAST, RELIABILITY, PAY, WAITING = range(7)
EARTH_M = 6_371_008
DEGREE = math.pi / 180
DAY_MINUTES = 8 * 60
WAITED = 7  # whole days; longer counts no more
MINUTES_A_DAY = 1440


def most_of(weights: Mapping[str, int]) -> np.ndarray:
    """The most that each component gives, in the order the kernels expect. Raises KeyError when one is missing."""
    return np.array([weights[name] for name in ORDER], dtype=np.int64)


@part
def metres(lat1: float, lng1: float, cos1: float, lat2: float, lng2: float, cos2: float) -> int:
    """The great circle in whole metres, step by step as `reference.geo.distance_m` takes it, so bit for bit the same."""
    up = math.sin((lat2 - lat1) * DEGREE / 2)
    across = math.sin((lng2 - lng1) * DEGREE / 2)
    share = up * up + cos1 * cos2 * across * across
    return np.int64(np.rint(2 * EARTH_M * math.asin(math.sqrt(min(1.0, share)))))


@part
def cosine(lat: float) -> float:
    """Of a latitude in degrees."""
    return math.cos(lat * DEGREE)


@part
def way(most: Any, distance: int, reach: int) -> int:
    """At the door everything, at the end of the reach nothing."""
    share = 100 - 100 * distance // max(reach, 1)
    return most[WAY] * max(0, share) // 100


@part
def skill(most: Any, skilled: int, years: int) -> int:
    """For a trade that was registered."""
    return most[SKILL] * min(100, 50 + (25 if skilled else 0) + min(25, 10 * years)) // 100


@part
def experience(most: Any, times: int) -> int:
    """How often the trade was done here."""
    return most[EXPERIENCE] * min(100, 10 * times) // 100


@part
def past(most: Any, together: int, liked: int) -> int:
    """How often the two worked together, and whether the employer said well done."""
    share = 0 if together == 0 else 40 + 20 * (together - 1)
    return most[PAST] * min(100, share + (20 if liked else 0)) // 100


@part
def reliability(most: Any, trusted: int, kept: int, broken: int) -> int:
    """Word kept and broken."""
    share = 50 + (30 if trusted else 0) + min(20, kept) - 25 * broken
    return most[RELIABILITY] * max(0, min(100, share)) // 100


@part
def wished(floor: int, minutes: int) -> int:
    """The wish per day of eight hours, for a shift of so many minutes (0: not known)."""
    return floor * min(minutes if minutes else DAY_MINUTES, DAY_MINUTES) // DAY_MINUTES


@part
def pay(most: Any, shift_fen: int, wish: int) -> int:
    """Pay against the wish; half when either is not known."""
    if wish <= 0 or shift_fen <= 0:
        return most[PAY] * 50 // 100
    percent = 100 * shift_fen // wish
    share = 50 + (percent - 100) * (50 if percent > 100 else 25) // 10
    return most[PAY] * max(0, min(100, share)) // 100


@part
def idle_days(last: int, now: int) -> int:
    """Whole days since the last promised quarter, both in minutes; who never worked has waited a week."""
    return max(0, min(WAITED, (now - last) // MINUTES_A_DAY))


@part
def waiting(most: Any, days: int) -> int:
    """Days without work."""
    return most[WAITING] * min(100, 100 * max(days - 1, 0) // 6) // 100
