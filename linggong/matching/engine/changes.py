"""Kernels that write a worker index: whole workers in and out, and the small changes in place."""

from typing import Any

import numpy as np

from linggong.matching.engine import points
from linggong.matching.engine.compiled import kernel, part
from linggong.matching.engine.facts import BITS, BUSY, KINDS, OFF, ONE, hour_bits, paper_bit
from linggong.matching.engine.grid import (
    BLOCK,
    BLOCKS,
    ITEMS,
    MICRO,
    NOBODY,
    OWNERS,
    TIES,
    TILE,
    TILES,
    add_link,
    bucket_of,
    cell_of,
    cut_links,
    drop_row,
    link_row,
    room_in,
    slot,
)

TAKING, CHECKED = 1, 2
NEVER = -(2**31) + 1
REACH_UNIT = 4  # metres in a step of a row's reach
REACH_MOST = 65_535 * REACH_UNIT
FLOOR_MOST = 2**31 - 1
BLOCKED = -1


@kernel
def find(table: Any, key: int) -> int:
    """The number kept under a key, or NOBODY."""
    at = slot(table, key)
    return table[at, 1] if table[at, 0] == key else NOBODY


@kernel
def items_of(table: Any, keys: Any) -> Any:
    """The items of these keys; NOBODY where there is none."""
    items = np.empty(keys.shape[0], np.int64)
    for n in range(keys.shape[0]):
        items[n] = find(table, keys[n])
    return items


@part
def clear(grid: Any, item: int) -> None:
    """No rows, no facts; ties stay."""
    while grid.items[item].row != NOBODY:
        drop_row(grid, grid.items[item].row)
    cut_links(grid, item, -2, 0, 0)


@kernel
def put_items(grid: Any, table: Any, most: Any, keys: Any, lat: Any, lng: Any, facts: Any, order: Any) -> Any:
    """New or cleared items, new ones in this order, with their plain facts: (reach, floor, taking, checked, trusted, kept, broken, never)."""
    items = np.empty(keys.shape[0], np.int64)
    for n in order:
        at = slot(table, keys[n])
        if table[at, 0] == keys[n]:
            item = table[at, 1]
            clear(grid, item)
            tie = grid.items[item].tie
            while tie != NOBODY:
                grid.ties[tie].points = 0
                tie = grid.ties[tie].next
        else:
            item = grid.counts[ITEMS]
            grid.counts[ITEMS] = item + 1
            table[at, 0] = keys[n]
            table[at, 1] = item
            grid.items[item].row = NOBODY
            grid.items[item].link = NOBODY
            grid.items[item].tie = NOBODY
        grid.items[item].key = keys[n]
        grid.items[item].lat = lat[n]
        grid.items[item].lng = lng[n]
        grid.items[item].cos = points.cosine(lat[n])
        grid.items[item].reach = min(max(facts[n, 0], 0), REACH_MOST)
        grid.items[item].floor = min(max(facts[n, 1], 0), FLOOR_MOST)
        grid.items[item].never = facts[n, 7]
        grid.items[item].flags = (TAKING if facts[n, 2] else 0) + (CHECKED if facts[n, 3] else 0)
        grid.items[item].trust = points.reliability(most, facts[n, 4], facts[n, 5], facts[n, 6])
        items[n] = item
    return items


@kernel
def put_links(grid: Any, items: Any, papers: Any, busy: Any) -> None:
    """Certificates and promised hours of items just put in."""
    for n in range(papers.shape[0]):
        add_link(grid, items[papers[n, 0]], papers[n, 1] + 1, papers[n, 2], papers[n, 3])
    for n in range(busy.shape[0]):
        add_link(grid, items[busy[n, 0]], BUSY, busy[n, 1], busy[n, 2])


@kernel
def put_ties(grid: Any, employers: Any, most: Any, items: Any, ties: Any) -> None:
    """(row, employer, together, liked, blocked): the tie of each pair, in the chain of either side."""
    for n in range(ties.shape[0]):
        item = items[ties[n, 0]]
        if item == NOBODY:
            continue
        at = slot(employers, ties[n, 1])
        if employers[at, 0] != ties[n, 1]:
            owner = grid.counts[OWNERS]
            grid.counts[OWNERS] = owner + 1
            employers[at, 0] = ties[n, 1]
            employers[at, 1] = owner
            grid.owners[owner] = NOBODY
        owner = employers[at, 1]
        tie = grid.items[item].tie
        while tie != NOBODY and grid.ties[tie].owner != owner:
            tie = grid.ties[tie].next
        if tie == NOBODY:
            tie = grid.counts[TIES]
            grid.counts[TIES] = tie + 1
            grid.ties[tie].worker = item
            grid.ties[tie].owner = owner
            grid.ties[tie].next = grid.items[item].tie
            grid.ties[tie].after = grid.owners[owner]
            grid.items[item].tie = tie
            grid.owners[owner] = tie
        grid.ties[tie].points = BLOCKED if ties[n, 4] else points.past(most, ties[n, 2], ties[n, 3])


@part
def summed(grid: Any, item: int) -> tuple[int, int]:
    """The mask of an item and the last minute it is promised."""
    mask = np.uint64(0) if grid.items[item].flags == TAKING + CHECKED else OFF
    lacks, last, at = ((ONE << np.uint64(KINDS)) - ONE) << np.uint64(BITS), NEVER, grid.items[item].link
    while at != NOBODY:
        if grid.links[at].kind == BUSY:
            mask |= hour_bits(grid.links[at].a, grid.links[at].b)
            last = max(last, grid.links[at].b * 15 - 15)
        else:
            lacks &= ~paper_bit(grid.links[at].kind - 1)
        at = grid.links[at].next
    return mask | lacks, last


@part
def loosen(grid: Any, bucket: int, row: int) -> None:
    """The bounds of a row's bucket and block hold for the row too."""
    head = row // BLOCK
    grid.heads[head].base = max(grid.heads[head].base, grid.rows[row].base)
    grid.buckets[bucket].base = max(grid.buckets[bucket].base, grid.rows[row].base)
    grid.buckets[bucket].reach = max(grid.buckets[bucket].reach, np.int64(grid.rows[row].reach) * REACH_UNIT)


@kernel
def put_rows(grid: Any, most: Any, items: Any, trades: Any, order: Any, start: int) -> int:
    """A row for each (row, trade, skilled, years, times) in the order given; says how far the room went."""
    for number in range(start, order.shape[0]):
        n = order[number]
        item = items[trades[n, 0]]
        lat, lng = grid.items[item].lat, grid.items[item].lng
        if np.isnan(lat) or np.isnan(lng):
            continue
        full = (grid.counts[TILES] + 1) * TILE > grid.buckets.shape[0]
        full = full or grid.counts[BLOCKS] + 1 > grid.heads.shape[0]
        if full or (grid.counts[TILES] + 1) * 3 > grid.tiles.shape[0] * 2:
            return number
        bucket = bucket_of(grid, trades[n, 1], cell_of(lat), cell_of(lng))
        row = room_in(grid, bucket)
        link_row(grid, row, item, trades[n, 1])
        mask, last = summed(grid, item)
        grid.rows[row].mask = mask
        grid.rows[row].last = last
        grid.rows[row].y = np.int64(np.rint(lat * MICRO))
        grid.rows[row].x = np.int64(np.rint(lng * MICRO))
        grid.rows[row].floor = grid.items[item].floor
        grid.rows[row].never = grid.items[item].never
        grid.rows[row].reach = (grid.items[item].reach + REACH_UNIT - 1) // REACH_UNIT
        base = points.skill(most, trades[n, 2], trades[n, 3]) + points.experience(most, trades[n, 4])
        grid.rows[row].base = base + grid.items[item].trust
        loosen(grid, bucket, row)
    return order.shape[0]


@kernel
def static_points(most: Any, trades: Any, trust: Any) -> Any:
    """What each row of trades is worth before anybody asks: for the order of a first load."""
    base = np.empty(trades.shape[0], np.int64)
    for n in range(trades.shape[0]):
        base[n] = points.skill(most, trades[n, 2], trades[n, 3]) + points.experience(most, trades[n, 4])
        base[n] += trust[trades[n, 0]]
    return base


@kernel
def worth(most: Any, trades: Any, into: Any) -> None:
    """(trade, skilled, years, times) as points by trade."""
    for n in range(trades.shape[0]):
        into[trades[n, 0]] = points.skill(most, trades[n, 1], trades[n, 2]) + points.experience(most, trades[n, 3])


@part
def refresh(grid: Any, item: int) -> None:
    """Write the mask and the last promised minute of an item into its rows."""
    mask, last = summed(grid, item)
    row = grid.items[item].row
    while row != NOBODY:
        grid.rows[row].mask = mask
        grid.rows[row].last = last
        row = grid.chain[row]


@kernel
def toggle(grid: Any, table: Any, keys: Any, on: Any, flag: int) -> int:
    """Set or clear a flag of each; says how many were there."""
    known = 0
    for n in range(keys.shape[0]):
        item = find(table, keys[n])
        if item == NOBODY:
            continue
        known += 1
        flags = grid.items[item].flags | flag if on[n] else grid.items[item].flags & ~flag
        grid.items[item].flags = flags
        row = grid.items[item].row
        while row != NOBODY:
            if flags == TAKING + CHECKED:
                grid.rows[row].mask &= ~OFF
            else:
                grid.rows[row].mask |= OFF
            row = grid.chain[row]
    return known


@kernel
def hold(grid: Any, table: Any, keys: Any, begins: Any, ends: Any, taken: bool) -> int:
    """Hours [begins, ends) of each are promised, or free again; says how many were there. Nothing twice."""
    known = 0
    for n in range(keys.shape[0]):
        item = find(table, keys[n])
        if item == NOBODY:
            continue
        known += 1
        cut_links(grid, item, BUSY, begins[n], ends[n])
        if taken:
            add_link(grid, item, BUSY, begins[n], ends[n])
        refresh(grid, item)
    return known


@kernel
def remove(grid: Any, table: Any, keys: Any) -> int:
    """Take items out; says how many were there."""
    known = 0
    for n in range(keys.shape[0]):
        item = find(table, keys[n])
        if item != NOBODY:
            known += 1
            clear(grid, item)
            grid.items[item].flags = 0
    return known


@kernel
def remove_rows(grid: Any, table: Any, keys: Any) -> int:
    """Take postings out; says how many were there."""
    known = 0
    for n in range(keys.shape[0]):
        item = find(table, keys[n])
        if item != NOBODY:
            known += grid.items[item].row != NOBODY
            clear(grid, item)
    return known


@kernel
def forget(grid: Any, before: int) -> None:
    """Drop every fact that ended before this quarter."""
    for item in range(grid.counts[ITEMS]):
        found, at = False, grid.items[item].link
        while at != NOBODY:
            after = grid.links[at].next
            if grid.links[at].b < before:
                cut_links(grid, item, grid.links[at].kind, grid.links[at].a, grid.links[at].b)
                found = True
            at = after
        if found:
            refresh(grid, item)
