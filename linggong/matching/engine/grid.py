"""Rows in buckets, one per trade and square of the map, in blocks of eight that know the best of their rows.

A bucket is a chain of blocks. A row may come, go and change in place; the bounds of its block and bucket then only
loosen, which makes a question slower, never wrong. Eight by eight squares make a tile, the unit that is looked up.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from linggong.matching.engine.compiled import kernel, part

CELL = 0.04  # degrees, as in reference.geo
MICRO = 1_000_000
CELL_MICRO = 40_000
METRES_PER_MICRO = math.radians(1) * 6_371_008 / MICRO
SIDE = 8  # squares along a tile
TILE = SIDE * SIDE
BLOCK = 8
NOBODY = -1
LAT_MOST = 85.0  # nearer the poles the squares are too narrow: such a place counts as unknown

BUCKET = np.dtype([
    ("first", "i4"), ("reach", "i4"), ("base", "i4"),
])  # fmt: skip
HEAD = np.dtype([("next", "i4"), ("count", "i4"), ("base", "i4"), ("rate", "f4"), ("trades", "u8")])
LINK = np.dtype([("a", "i4"), ("b", "i4"), ("next", "i4"), ("kind", "i4")])

TILES, BLOCKS, ITEMS, LINKS, FREE_LINK, TIES, OWNERS = range(7)


class Grid(NamedTuple):
    """Every array of an index, as the kernels take it. `counts` says how much of each is in use."""

    counts: np.ndarray
    tiles: np.ndarray
    buckets: np.ndarray
    heads: np.ndarray
    rows: np.ndarray
    chain: np.ndarray
    groups: np.ndarray
    items: np.ndarray
    links: np.ndarray
    ties: np.ndarray
    owners: np.ndarray


@part
def slot(table: Any, key: int) -> int:
    """Where a key is in a table of (key, value), or where it would go. Open addressing; a third stays empty."""
    mask = table.shape[0] - 1
    at = np.int64((np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20)) & mask
    while table[at, 0] != NOBODY and table[at, 0] != key:
        at = (at + 1) & mask
    return at


@kernel
def rehash(old: Any, new: Any) -> None:
    """Every pair of the one table into the other, larger one."""
    for at in range(old.shape[0]):
        if old[at, 0] != NOBODY:
            to = slot(new, old[at, 0])
            new[to, 0] = old[at, 0]
            new[to, 1] = old[at, 1]


@part
def tile_key(group: int, tile_y: int, tile_x: int) -> int:
    """One number for a group (a trade) and a tile."""
    return (np.int64(group) * 8192 + (tile_y + 4096)) * 8192 + (tile_x + 4096)


@part
def cell_of(degrees: float) -> int:
    """The row or column of the grid, as `reference.geo.cell`."""
    return np.int64(math.floor(degrees / CELL))


@part
def bucket_of(grid: Any, group: int, cell_y: int, cell_x: int) -> int:
    """The bucket of a square, made when it is not there."""
    at = slot(grid.tiles, tile_key(group, cell_y >> 3, cell_x >> 3))
    if grid.tiles[at, 0] == NOBODY:
        tile = grid.counts[TILES]
        grid.counts[TILES] = tile + 1
        grid.tiles[at, 0] = tile_key(group, cell_y >> 3, cell_x >> 3)
        grid.tiles[at, 1] = tile
        for number in range(tile * TILE, tile * TILE + TILE):
            grid.buckets[number].first = NOBODY
            grid.buckets[number].reach = 0
            grid.buckets[number].base = 0
    return grid.tiles[at, 1] * TILE + (cell_y & 7) * SIDE + (cell_x & 7)


@part
def room_in(grid: Any, bucket: int) -> int:
    """Where the next row of a bucket goes: into a block with a gap, else into a new one at the end of the chain."""
    block, last = grid.buckets[bucket].first, NOBODY
    while block != NOBODY:
        if grid.heads[block].count < BLOCK:
            break
        last = block
        block = grid.heads[block].next
    if block == NOBODY:
        block = grid.counts[BLOCKS]
        grid.counts[BLOCKS] = block + 1
        grid.heads[block].next = NOBODY
        grid.heads[block].count = 0
        grid.heads[block].base = 0
        grid.heads[block].rate = 0
        grid.heads[block].trades = 0
        if last == NOBODY:
            grid.buckets[bucket].first = block
        else:
            grid.heads[last].next = block
    row = block * BLOCK + grid.heads[block].count
    grid.heads[block].count += 1
    return row


@part
def link_row(grid: Any, row: int, item: int, group: int) -> None:
    """The row joins the chain of its item."""
    grid.rows[row].item = item
    grid.groups[row] = group
    grid.chain[row] = grid.items[item].row
    grid.items[item].row = row


@part
def repoint(grid: Any, item: int, old: int, new: int) -> None:
    """In the chain of an item, what named one row names another."""
    if grid.items[item].row == old:
        grid.items[item].row = new
        return
    row = grid.items[item].row
    while grid.chain[row] != old:
        row = grid.chain[row]
    grid.chain[row] = new


@part
def drop_row(grid: Any, row: int) -> None:
    """Take a row out; the last of its block moves into the gap."""
    repoint(grid, grid.rows[row].item, row, grid.chain[row])
    block = row // BLOCK
    last = block * BLOCK + grid.heads[block].count - 1
    if last != row:
        repoint(grid, grid.rows[last].item, last, row)
        grid.rows[row] = grid.rows[last]
        grid.chain[row] = grid.chain[last]
        grid.groups[row] = grid.groups[last]
    grid.heads[block].count -= 1


@part
def add_link(grid: Any, item: int, kind: int, a: int, b: int) -> None:
    """One more fact about an item: hours that are taken, or a certificate."""
    at = grid.counts[FREE_LINK]
    if at == NOBODY:
        at = grid.counts[LINKS]
        grid.counts[LINKS] = at + 1
    else:
        grid.counts[FREE_LINK] = grid.links[at].next
    grid.links[at].a = a
    grid.links[at].b = b
    grid.links[at].kind = kind
    grid.links[at].next = grid.items[item].link
    grid.items[item].link = at


@part
def cut_links(grid: Any, item: int, kind: int, a: int, b: int) -> int:
    """Forget a fact (`kind` -2: every fact); says how many there were."""
    number, before, at = 0, NOBODY, grid.items[item].link
    while at != NOBODY:
        after = grid.links[at].next
        fact = grid.links[at]
        if kind == -2 or (fact.kind == kind and fact.a == a and fact.b == b):
            if before == NOBODY:
                grid.items[item].link = after
            else:
                grid.links[before].next = after
            grid.links[at].next = grid.counts[FREE_LINK]
            grid.counts[FREE_LINK] = at
            number += 1
        else:
            before = at
        at = after
    return number


def empty_table(capacity: int) -> np.ndarray:
    """A table for so many keys."""
    size = 16
    while size < capacity * 3 // 2 + 8:
        size *= 2
    table = np.empty((size, 2), dtype=np.int64)
    table[:, 0] = NOBODY
    return table


def larger(array: np.ndarray, capacity: int) -> np.ndarray:
    """The same array with room for at least so many; the rest is not set."""
    if len(array) >= capacity:
        return array
    wide = np.empty(max(capacity, len(array) * 5 // 4 + 64), dtype=array.dtype)
    wide[: len(array)] = array
    return wide


def roomier(table: np.ndarray, keys: int) -> np.ndarray:
    """The same table with room for so many keys."""
    if keys * 3 <= len(table) * 2:
        return table
    wide = empty_table(keys * 2)
    rehash(table, wide)
    return wide


def widened(grid: Grid, blocks: int) -> Grid:
    """A grid with room for more tiles and blocks: by half, and by at least so many blocks."""
    count, tiles = int(grid.counts[BLOCKS]), int(grid.counts[TILES])
    heads = larger(grid.heads, max(count * 3 // 2, count + blocks) + 64) if count + 64 > len(grid.heads) else grid.heads
    more = (tiles + 1) * TILE > len(grid.buckets)
    return grid._replace(
        heads=heads, rows=larger(grid.rows, len(heads) * BLOCK), chain=larger(grid.chain, len(heads) * BLOCK),
        groups=larger(grid.groups, len(heads) * BLOCK),
        buckets=larger(grid.buckets, (tiles * 3 // 2 + 8) * TILE) if more else grid.buckets,
        tiles=roomier(grid.tiles, tiles + 8),
    )  # fmt: skip


def in_use(grid: Grid) -> int:
    """Bytes of every array, with their spare room."""
    return sum(array.nbytes for array in grid)


def places(lat: Any, lng: Any) -> tuple[np.ndarray, np.ndarray]:
    """Degrees as float64, NaN where there is no place: missing, infinite, off the globe or at the poles."""
    lat, lng = (np.array([np.nan if v is None else v for v in side] if isinstance(side, list) else side, dtype=np.float64)
                for side in (lat, lng))  # fmt: skip
    with np.errstate(invalid="ignore"):
        wrong = ~((np.abs(lat) <= LAT_MOST) & (np.abs(lng) <= 180))
    return np.where(wrong, np.nan, lat), np.where(wrong, np.nan, lng)
