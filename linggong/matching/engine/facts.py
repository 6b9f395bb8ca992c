"""What is known of an item as one 64-bit mask: hours that may be taken, certificates surely lacking, off or not.

Sixty bits stand for quarter-days, four a day, round and round every fifteen days: a set bit means "perhaps", and the
chain of facts is asked. Three bits mean "holds no certificate of this kind at all", the highest "not taking work".
"""

from typing import Any

import numpy as np

from linggong.matching.engine.compiled import part
from linggong.matching.engine.grid import NOBODY

BUSY = 0  # kind of a link; certificate n has kind n + 1
QUARTERS = 24  # in a quarter-day
BITS = 60
WEEK = 28
CHINA_QUARTERS = 32  # local midnight lies so many quarters before that of UTC
THURSDAY = 3  # 1970-01-01, Monday being 0
KINDS = 3
ONE = np.uint64(1)
OFF = np.uint64(1 << 63)


@part
def hour_bits(begins: int, ends: int) -> int:
    """The quarter-days that the quarters [begins, ends) touch."""
    bits = np.uint64(0)
    if ends <= begins:
        return bits
    for number in range(begins // QUARTERS, min((ends - 1) // QUARTERS, begins // QUARTERS + BITS) + 1):
        bits |= ONE << np.uint64(number % BITS)
    return bits


@part
def week_bits(begins: int, ends: int) -> int:
    """The quarter-days of the local week, Monday first, that the quarters [begins, ends) touch: 28 bits."""
    bits = np.uint32(0)
    if ends <= begins:
        return bits
    first, last = (begins + CHINA_QUARTERS) // QUARTERS, (ends - 1 + CHINA_QUARTERS) // QUARTERS
    for number in range(first, min(last, first + WEEK) + 1):
        bits |= np.uint32(1) << np.uint32((number + THURSDAY * 4) % WEEK)
    return bits


@part
def week_of_hours(hours: Any) -> int:
    """The quarter-days of the week that any of these touches."""
    bits = np.uint32(0)
    for n in range(hours.shape[0]):
        bits |= week_bits(hours[n, 0], hours[n, 1])
    return bits


@part
def bits_of_hours(hours: Any) -> int:
    """The quarter-days that any of these touches."""
    bits = np.uint64(0)
    for n in range(hours.shape[0]):
        bits |= hour_bits(hours[n, 0], hours[n, 1])
    return bits


@part
def paper_bit(certificate: int) -> int:
    """The bit of a certificate's kind."""
    return ONE << np.uint64(BITS + certificate % KINDS)


@part
def clashes(grid: Any, item: int, hours: Any) -> bool:
    """Whether any hours of the item overlap any of these."""
    at = grid.items[item].link
    while at != NOBODY:
        if grid.links[at].kind == BUSY:
            for n in range(hours.shape[0]):
                if grid.links[at].a < hours[n, 1] and hours[n, 0] < grid.links[at].b:
                    return True
        at = grid.links[at].next
    return False


@part
def holds(grid: Any, item: int, certificate: int, quarter: int) -> bool:
    """Whether a certificate counts at that quarter."""
    at = grid.items[item].link
    while at != NOBODY:
        if grid.links[at].kind == certificate + 1 and grid.links[at].a <= quarter < grid.links[at].b:
            return True
        at = grid.links[at].next
    return False


@part
def holds_all(grid: Any, item: int, papers: Any, quarter: int) -> bool:
    """Whether each of these certificates counts at that quarter."""
    held = True
    for n in range(papers.shape[0]):
        held = held and holds(grid, item, papers[n], quarter)
    return held
