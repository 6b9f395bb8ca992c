"""The kernel that finds the best workers: squares by what they could hold at best, then blocks, then rows."""

import math
from typing import Any

import numpy as np

from linggong.matching.engine import points
from linggong.matching.engine.changes import BLOCKED, REACH_UNIT
from linggong.matching.engine.compiled import kernel, making_part, part
from linggong.matching.engine.facts import OFF, bits_of_hours, clashes, holds_all, paper_bit, week_of_hours
from linggong.matching.engine.grid import (
    BLOCK,
    CELL_MICRO,
    METRES_PER_MICRO,
    MICRO,
    NOBODY,
    SIDE,
    TILE,
    cell_of,
    slot,
    tile_key,
)

LEVELS = 64
ROUGH = 0.999  # the flat distance is right to a ten-thousandth at the distances asked for; see `flat_least`
ROUGH_M = 1.5


@part
def flat_least(dy: float, dx: float, narrow: float) -> float:
    """A distance in metres that the great circle surely does not fall below; steps in millionths of a degree."""
    dy *= METRES_PER_MICRO
    dx *= METRES_PER_MICRO
    return math.sqrt(dy * dy + narrow * dx * dx) * ROUGH - ROUGH_M


@part
def way_at_best(most: Any, least: float, reach: int) -> int:
    """No more points for the way than these, when it is `least` metres or more."""
    if least <= 0:
        return most[points.WAY]
    share = 100 - np.int64(100.0 * least / max(reach, 1))
    return most[points.WAY] * max(0, share) // 100


@part
def goes_before(top: Any, at: int, total: int, metres: int, sooner: int, key: int) -> bool:
    """The published order: more points, then nearer, then the sooner (postings only), then the smaller key."""
    if total != top[0, at]:
        return total > top[0, at]
    if metres != top[1, at]:
        return metres < top[1, at]
    if sooner != top[2, at]:
        return sooner < top[2, at]
    return key < top[3, at]


@part
def insert(top: Any, size: int, total: int, metres: int, sooner: int, key: int) -> int:
    """Into the k best so far, rows (points, metres, sooner, key); gives the new size."""
    k = top.shape[1]
    at = min(size, k - 1)
    while at > 0 and goes_before(top, at - 1, total, metres, sooner, key):
        for column in range(4):
            top[column, at] = top[column, at - 1]
        at -= 1
    top[0, at], top[1, at], top[2, at], top[3, at] = total, metres, sooner, key
    return min(size + 1, k)


@part
def window(lat: float, lng: float, metres: float) -> tuple[int, int, int, int]:
    """The squares that a circle can touch: first and last row, first and last column."""
    tall = (metres + 2) / (points.EARTH_M * points.DEGREE)
    wide = tall / max(0.01, math.cos(min(89.0, abs(lat) + tall) * points.DEGREE))
    return cell_of(lat - tall), cell_of(lat + tall), cell_of(lng - wide), cell_of(lng + wide)


@part
def off_square(cell: int, at: int) -> int:
    """How far a coordinate lies outside the strip of a square, in millionths of a degree; 0 inside."""
    return max(0, cell * CELL_MICRO - at, at - (cell + 1) * CELL_MICRO)


@part
def tied(grid: Any, item: int, owner: int) -> bool:
    """Whether an item has a tie with this employer."""
    tie = grid.items[item].tie
    while tie != NOBODY:
        if grid.ties[tie].owner == owner:
            return True
        tie = grid.ties[tie].next
    return False


@part
def row_for(grid: Any, item: int, group: int) -> int:
    """The item's row of a trade, or NOBODY."""
    row = grid.items[item].row
    while row != NOBODY and grid.groups[row] != group:
        row = grid.chain[row]
    return row


@part
def consider(
    grid: Any, most: Any, top: Any, size: int, row: int, extra: int, lat: float, lng: float, cos: float, within: int,
    soft: int, hours: Any, papers: Any, papers_at: int,
) -> int:  # fmt: skip
    """A row whose cheap limits hold: the exact distance and points, and every limit. Gives the new size.

    `extra`: its points for pay, waiting and the past.
    """
    item = grid.rows[row].item
    it = grid.items[item]
    metres = points.metres(lat, lng, cos, it.lat, it.lng, it.cos)
    if metres > it.reach or metres > within:
        return size
    total = grid.rows[row].base + extra + points.way(most, metres, it.reach)
    k = top.shape[1]
    if size == k and not goes_before(top, k - 1, total, metres, 0, it.key):
        return size
    if grid.rows[row].mask & soft and clashes(grid, item, hours):
        return size
    if papers.shape[0] and not holds_all(grid, item, papers, papers_at):
        return size
    return insert(top, size, total, metres, 0, it.key)


@part
def extra_points(most: Any, fen: int, minutes: int, now: int, floor: int, last: int) -> int:
    """Pay against the floor, and days without work."""
    wish = points.wished(np.int64(floor), minutes)
    return points.pay(most, fen, wish) + points.waiting(most, points.idle_days(np.int64(last), now))


@kernel
def workers(
    grid: Any, most: Any, lat: float, lng: float, trade: int, fen: int, minutes: int, now: int, within: int, k: int,
    owner: int, hours: Any, papers: Any, papers_at: int,
) -> Any:  # fmt: skip
    """The k best as rows (points, metres, 0, key), best first."""
    top = np.empty((4, k), np.int64)
    size, soft, hard, cos = 0, bits_of_hours(hours), OFF, points.cosine(lat)
    week = week_of_hours(hours)
    for n in range(papers.shape[0]):
        hard |= paper_bit(papers[n])
    if owner != NOBODY:
        tie = grid.owners[owner]
        while tie != NOBODY:
            row = NOBODY if grid.ties[tie].points == BLOCKED else row_for(grid, grid.ties[tie].worker, trade)
            if row != NOBODY and not grid.rows[row].mask & hard and not grid.rows[row].never & week:
                extra = extra_points(most, fen, minutes, now, grid.rows[row].floor, grid.rows[row].last)
                extra += grid.ties[tie].points
                size = consider(
                    grid, most, top, size, row, extra, lat, lng, cos, within, soft, hours, papers, papers_at
                )
            tie = grid.ties[tie].after
    y, x = np.int64(np.rint(lat * MICRO)), np.int64(np.rint(lng * MICRO))
    sin = abs(math.sin(lat * points.DEGREE))
    levels, chosen, bounds, after = sorted_buckets(grid, most, trade, lat, lng, fen, within)
    for level in range(LEVELS - 1, -1, -1):
        n = levels[level]
        while n != NOBODY:
            rest = bounds[n]
            block = grid.buckets[chosen[n]].first
            n = after[n]
            while block != NOBODY:
                head = grid.heads[block]
                if size < k or rest + head.base >= top[0, k - 1]:
                    for row in range(block * BLOCK, block * BLOCK + head.count):
                        r = grid.rows[row]
                        if r.mask & hard or r.never & week:
                            continue
                        if size == k and rest + r.base < top[0, k - 1]:
                            continue
                        dy = r.y - y
                        # cosines of both latitudes, the second one straightened
                        narrow = cos * (cos - math.copysign(sin, lat) * dy * (points.DEGREE / MICRO))
                        least = flat_least(dy, r.x - x, narrow)
                        reach = np.int64(r.reach) * REACH_UNIT
                        if least > reach:
                            continue
                        extra = extra_points(most, fen, minutes, now, r.floor, r.last)
                        if size == k and r.base + extra + way_at_best(most, least, reach) < top[0, k - 1]:
                            continue
                        if owner != NOBODY and tied(grid, r.item, owner):
                            continue
                        size = consider(
                            grid, most, top, size, row, extra, lat, lng, cos, within, soft, hours, papers, papers_at
                        )
                block = head.next
    return top[:, :size]


@making_part
def sorted_buckets(grid: Any, most: Any, trade: int, lat: float, lng: float, fen: int, within: int) -> Any:
    """The buckets near a place in levels of what a row could have at best: (heads of levels, buckets, bounds, chain).

    A bound is for the way, pay and waiting; the row's own base comes on top. Nearly every square holds somebody who asks
    for little and has waited long, so that pay and waiting are taken at their most.
    """
    bottom, top, left, right = window(lat, lng, within)
    most_cells = (top - bottom + 1) * (right - left + 1)
    chosen = np.empty(most_cells, np.int32)
    bounds = np.empty(most_cells, np.int32)
    after = np.empty(most_cells, np.int32)
    levels = np.full(LEVELS, NOBODY, np.int32)
    rest = most[points.WAITING] + (most[points.PAY] if fen > 0 else most[points.PAY] * 50 // 100)
    step = most.sum() // LEVELS + 1
    y, x = np.int64(np.rint(lat * MICRO)), np.int64(np.rint(lng * MICRO))
    cos, sin = points.cosine(lat), abs(math.sin(lat * points.DEGREE))
    count = 0
    for tile_y in range(bottom >> 3, (top >> 3) + 1):
        for tile_x in range(left >> 3, (right >> 3) + 1):
            key = tile_key(trade, tile_y, tile_x)
            at = slot(grid.tiles, key)
            if grid.tiles[at, 0] != key:
                continue
            first = grid.tiles[at, 1] * TILE
            for cell_y in range(max(bottom, tile_y * SIDE), min(top, tile_y * SIDE + SIDE - 1) + 1):
                dy = off_square(cell_y, y)
                narrow = cos * max(0.0, cos - sin * (dy + CELL_MICRO) * (points.DEGREE / MICRO))
                for cell_x in range(max(left, tile_x * SIDE), min(right, tile_x * SIDE + SIDE - 1) + 1):
                    bucket = first + (cell_y & 7) * SIDE + (cell_x & 7)
                    if grid.buckets[bucket].first == NOBODY:
                        continue
                    least = flat_least(dy, off_square(cell_x, x), narrow)
                    reach = grid.buckets[bucket].reach
                    if least > min(reach, within):
                        continue
                    bound = way_at_best(most, least, reach) + rest
                    level = min(LEVELS - 1, (bound + grid.buckets[bucket].base) // step)
                    chosen[count], bounds[count], after[count] = bucket, bound, levels[level]
                    levels[level] = count
                    count += 1
    return levels, chosen, bounds, after
