"""Kernels of the posting index: postings in and out, and the best of them for a person."""

import math
from typing import Any

import numpy as np

from linggong.matching.engine import points
from linggong.matching.engine.changes import BLOCKED, clear, find
from linggong.matching.engine.compiled import kernel, making_part, part
from linggong.matching.engine.facts import BUSY, KINDS, OFF, bits_of_hours, hour_bits, paper_bit
from linggong.matching.engine.grid import (
    BLOCK,
    BLOCKS,
    ITEMS,
    MICRO,
    NOBODY,
    OWNERS,
    SIDE,
    TILE,
    TILES,
    add_link,
    bucket_of,
    cell_of,
    link_row,
    room_in,
    slot,
    tile_key,
)
from linggong.matching.engine.search import (
    LEVELS,
    ROUGH_M,
    flat_least,
    goes_before,
    insert,
    off_square,
    way_at_best,
    window,
)

FEN_MOST = 2**31 - 1
ALL_DAY = points.DAY_MINUTES
LEAST_MINUTES = 15
LEAST_FLOOR = 5_000  # below, a wish for a quarter of an hour is a handful of fen and rounding tells
ROUNDED_UP = 1.01
NO_LIMIT = 1e12


@kernel
def owners_of(employers: Any, most: Any, ties: Any) -> Any:
    """(owner, points or BLOCKED) for each tie with an employer that has postings here."""
    found = np.empty((ties.shape[0], 2), np.int64)
    count = 0
    for n in range(ties.shape[0]):
        owner = find(employers, ties[n, 0])
        if owner != NOBODY:
            found[count, 0] = owner
            found[count, 1] = BLOCKED if ties[n, 3] else points.past(most, ties[n, 1], ties[n, 2])
            count += 1
    return found[:count]


@kernel
def put_items(
    grid: Any, table: Any, employers: Any, most: Any, keys: Any, lat: Any, lng: Any, facts: Any, order: Any
) -> Any:
    """New or cleared postings: (trade, employer, next, until, fen, minutes, papers_at, open, trusted, kept, broken)."""
    items = np.empty(keys.shape[0], np.int64)
    for n in order:
        at = slot(employers, facts[n, 1])
        if employers[at, 0] != facts[n, 1]:
            employers[at, 0], employers[at, 1] = facts[n, 1], grid.counts[OWNERS]
            grid.owners[grid.counts[OWNERS]] = NOBODY
            grid.counts[OWNERS] += 1
        owner = employers[at, 1]
        at = slot(table, keys[n])
        if table[at, 0] == keys[n]:
            item = table[at, 1]
            clear(grid, item)
        else:
            item = grid.counts[ITEMS]
            grid.counts[ITEMS] = item + 1
            table[at, 0], table[at, 1] = keys[n], item
            grid.items[item].row, grid.items[item].link = NOBODY, NOBODY
            grid.items[item].owner, grid.items[item].after = owner, grid.owners[owner]
            grid.owners[owner] = item
        grid.items[item].key, grid.items[item].lat, grid.items[item].lng = keys[n], lat[n], lng[n]
        grid.items[item].cos = points.cosine(lat[n])
        grid.items[item].trade, grid.items[item].next, grid.items[item].until = facts[n, 0], facts[n, 2], facts[n, 3]
        grid.items[item].fen = min(max(facts[n, 4], 0), FEN_MOST)
        grid.items[item].minutes = min(facts[n, 5], ALL_DAY)
        grid.items[item].papers_at = facts[n, 6]
        grid.items[item].open = 1 if facts[n, 7] else 0
        grid.items[item].trust = points.reliability(most, facts[n, 8], facts[n, 9], facts[n, 10])
        items[n] = item
    return items


@kernel
def put_links(grid: Any, items: Any, shifts: Any, papers: Any) -> None:
    """Shifts and required certificates of postings just put in."""
    for n in range(shifts.shape[0]):
        add_link(grid, items[shifts[n, 0]], BUSY, shifts[n, 1], shifts[n, 2])
    for n in range(papers.shape[0]):
        add_link(grid, items[papers[n, 0]], papers[n, 1] + 1, 0, 0)


@part
def mask_of(grid: Any, item: int) -> int:
    """The hours a posting may need, the kinds of certificates it asks for, and whether it is off."""
    mask, at = np.uint64(0) if grid.items[item].open else OFF, grid.items[item].link
    while at != NOBODY:
        if grid.links[at].kind == BUSY:
            mask |= hour_bits(grid.links[at].a, grid.links[at].b)
        else:
            mask |= paper_bit(grid.links[at].kind - 1)
        at = grid.links[at].next
    return mask


@part
def day_rate(fen: int, minutes: int) -> float:
    """Pay for eight hours, rounded up by more than a wish can be rounded down for a shorter shift."""
    if 0 < minutes < LEAST_MINUTES:
        return NO_LIMIT
    return fen * ALL_DAY / (minutes if minutes else ALL_DAY) * ROUNDED_UP


@part
def pay_at_best(most: Any, rate: float, floor: int) -> int:
    """No posting of such a day's pay has more points for it than this."""
    if floor <= 0:
        return most[points.PAY] * 50 // 100
    if floor < LEAST_FLOOR:
        return most[points.PAY]
    return max(points.pay(most, np.int64(rate) + 1, floor), most[points.PAY] * 50 // 100)


@kernel
def put_rows(grid: Any, items: Any, order: Any, start: int) -> int:
    """A row for each posting, in the order given; says how far the room went."""
    for number in range(start, order.shape[0]):
        item = items[order[number]]
        it = grid.items[item]
        if np.isnan(it.lat) or np.isnan(it.lng):
            continue
        full = (grid.counts[TILES] + 1) * TILE > grid.buckets.shape[0]
        full = full or grid.counts[BLOCKS] + 1 > grid.heads.shape[0]
        if full or (grid.counts[TILES] + 1) * 3 > grid.tiles.shape[0] * 2:
            return number
        row = room_in(grid, bucket_of(grid, 0, cell_of(it.lat), cell_of(it.lng)))
        link_row(grid, row, item, 0)
        grid.rows[row].mask = mask_of(grid, item)
        grid.rows[row].y, grid.rows[row].x = np.int64(np.rint(it.lat * MICRO)), np.int64(np.rint(it.lng * MICRO))
        grid.rows[row].fen, grid.rows[row].minutes = it.fen, it.minutes
        grid.rows[row].base, grid.rows[row].trade = it.trust, it.trade
        head = row // BLOCK
        grid.heads[head].base = max(grid.heads[head].base, it.trust)
        grid.heads[head].rate = max(grid.heads[head].rate, np.float32(day_rate(it.fen, it.minutes)))
        grid.heads[head].trades |= np.uint64(1) << np.uint64(it.trade % 64)
    return order.shape[0]


@kernel
def toggle(grid: Any, table: Any, keys: Any, on: Any) -> int:
    """To be had or not; says how many were there."""
    known = 0
    for n in range(keys.shape[0]):
        item = find(table, keys[n])
        if item == NOBODY:
            continue
        known += 1
        grid.items[item].open = 1 if on[n] else 0
        row = grid.items[item].row
        if row != NOBODY:
            grid.rows[row].mask = grid.rows[row].mask & ~OFF if on[n] else grid.rows[row].mask | OFF
    return known


@part
def may(grid: Any, item: int, now: int, busy: Any, papers: Any, soft: int, mask: int) -> bool:
    """Hours and certificates, exactly; only shifts that have not begun count."""
    at = grid.items[item].link
    while at != NOBODY:
        fact = grid.links[at]
        if fact.kind == BUSY:
            if mask & soft and fact.a * 15 > now:
                for n in range(busy.shape[0]):
                    if busy[n, 0] < fact.b and fact.a < busy[n, 1]:
                        return False
        else:
            held, quarter = False, grid.items[item].papers_at
            for n in range(papers.shape[0]):
                held = held or (papers[n, 0] == fact.kind - 1 and papers[n, 1] <= quarter < papers[n, 2])
            if not held:
                return False
        at = fact.next
    return True


@part
def tie_with(ties: Any, owner: int) -> int:
    """Which of the ties is with this employer, or NOBODY."""
    for n in range(ties.shape[0]):
        if ties[n, 0] == owner:
            return n
    return NOBODY


@part
def consider(
    grid: Any, most: Any, top: Any, size: int, row: int, extra: int, lat: float, lng: float, cos: float, reach: int,
    now: int, busy: Any, papers: Any, soft: int,
) -> int:  # fmt: skip
    """A posting whose cheap limits hold: exact distance, points and every limit. Gives the new size."""
    item = grid.rows[row].item
    it = grid.items[item]
    metre = points.DEGREE * points.EARTH_M
    north, east = (it.lat - lat) * metre, (it.lng - lng) * (metre * cos)
    if north * north + east * east > float(reach) * reach or it.until <= now:
        return size
    metres = points.metres(lat, lng, cos, it.lat, it.lng, it.cos)
    total = it.trust + extra + points.way(most, metres, reach)
    k = top.shape[1]
    if size == k and not goes_before(top, k - 1, total, metres, it.next, it.key):
        return size
    if not may(grid, item, now, busy, papers, soft, grid.rows[row].mask):
        return size
    return insert(top, size, total, metres, it.next, it.key)


@part
def of_trade(worth: Any, other: int, trade: int) -> int:
    """What a trade is worth to this person; -1: not wanted."""
    return worth[trade] if trade < worth.shape[0] else other


@kernel
def postings(
    grid: Any, most: Any, lat: float, lng: float, reach: int, floor: int, now: int, k: int, worth: Any, wanted: int,
    other: int, busy: Any, papers: Any, ties: Any,
) -> Any:  # fmt: skip
    """The k best as rows (points, metres, next start, key), best first."""
    top = np.empty((4, k), np.int64)
    size, soft, hard, cos = 0, bits_of_hours(busy), OFF, points.cosine(lat)
    for kind in range(KINDS):
        hard |= paper_bit(kind)
    for n in range(papers.shape[0]):
        hard &= ~paper_bit(papers[n, 0])
    for n in range(ties.shape[0]):
        item = NOBODY if ties[n, 1] == BLOCKED else grid.owners[ties[n, 0]]
        while item != NOBODY:
            row, mine = grid.items[item].row, of_trade(worth, other, grid.items[item].trade)
            if row != NOBODY and mine >= 0 and not grid.rows[row].mask & hard:
                r = grid.rows[row]
                extra = mine + ties[n, 1] + points.pay(most, r.fen, points.wished(floor, r.minutes))
                size = consider(grid, most, top, size, row, extra, lat, lng, cos, reach, now, busy, papers, soft)
            item = grid.items[item].after
    y, x, best = np.int64(np.rint(lat * MICRO)), np.int64(np.rint(lng * MICRO)), max(worth.max(), other)
    sin, most_metres = math.sin(lat * points.DEGREE), reach + 2 * ROUGH_M
    levels, chosen, bounds, after = near_buckets(grid, most, lat, lng, reach)
    for level in range(LEVELS - 1, -1, -1):
        n = levels[level]
        while n != NOBODY:
            way, block = bounds[n], grid.buckets[chosen[n]].first
            n = after[n]
            while block != NOBODY:
                head = grid.heads[block]
                mine = best if head.trades & wanted else other
                pay = pay_at_best(most, head.rate, floor)
                if mine >= 0 and (size < k or way + head.base + mine + pay >= top[0, k - 1]):
                    for row in range(block * BLOCK, block * BLOCK + head.count):
                        r = grid.rows[row]
                        mine = of_trade(worth, other, r.trade)
                        if r.mask & hard or mine < 0:
                            continue
                        if size == k and way + r.base + mine + pay < top[0, k - 1]:
                            continue
                        dy = r.y - y
                        narrow = cos * (cos - sin * dy * (points.DEGREE / MICRO))
                        least = flat_least(dy, r.x - x, narrow)
                        if least > most_metres:
                            continue
                        extra = mine + points.pay(most, np.int64(r.fen), points.wished(floor, np.int64(r.minutes)))
                        if size == k and r.base + extra + way_at_best(most, least, reach) < top[0, k - 1]:
                            continue
                        if ties.shape[0] and tie_with(ties, grid.items[r.item].owner) != NOBODY:
                            continue
                        size = consider(
                            grid, most, top, size, row, extra, lat, lng, cos, reach, now, busy, papers, soft
                        )
                block = head.next
    return top[:, :size]


@making_part
def near_buckets(grid: Any, most: Any, lat: float, lng: float, reach: int) -> Any:
    """The buckets within reach in levels of points for the way: (heads of levels, buckets, bounds, chain)."""
    bottom, top, left, right = window(lat, lng, float(reach) * 1.01)
    cells = (top - bottom + 1) * (right - left + 1)
    chosen, bounds, after = np.empty(cells, np.int32), np.empty(cells, np.int32), np.empty(cells, np.int32)
    levels = np.full(LEVELS, NOBODY, np.int32)
    step, y, x = most[points.WAY] // LEVELS + 1, np.int64(np.rint(lat * MICRO)), np.int64(np.rint(lng * MICRO))
    cos, sin, count = points.cosine(lat), abs(math.sin(lat * points.DEGREE)), 0
    for tile_y in range(bottom >> 3, (top >> 3) + 1):
        for tile_x in range(left >> 3, (right >> 3) + 1):
            key = tile_key(0, tile_y, tile_x)
            at = slot(grid.tiles, key)
            if grid.tiles[at, 0] != key:
                continue
            for cell_y in range(max(bottom, tile_y * SIDE), min(top, tile_y * SIDE + SIDE - 1) + 1):
                dy = off_square(cell_y, y)
                narrow = cos * max(0.0, cos - sin * (dy + 40_000) * (points.DEGREE / MICRO))
                for cell_x in range(max(left, tile_x * SIDE), min(right, tile_x * SIDE + SIDE - 1) + 1):
                    bucket = grid.tiles[at, 1] * TILE + (cell_y & 7) * SIDE + (cell_x & 7)
                    if grid.buckets[bucket].first == NOBODY:
                        continue
                    least = flat_least(dy, off_square(cell_x, x), narrow)
                    if least > reach + 2 * ROUGH_M:
                        continue
                    bounds[count] = way_at_best(most, least, reach)
                    level = min(LEVELS - 1, bounds[count] // step)
                    chosen[count], after[count], levels[level] = bucket, levels[level], count
                    count += 1
    return levels, chosen, bounds, after
