"""The best workers for a posting, among millions, exactly by the published points.

Give the columns of workers to `WorkerIndex.build` and ask `best`. Changes go in one by one or by the array; a question
in between sees all of a change or nothing of it. Everything is numbers: trades and certificates are numbered by the
caller, hours are quarters (15 minutes since 1970, UTC), money is fen.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from linggong.matching.engine import changes, points, search
from linggong.matching.engine import grid as store
from linggong.matching.engine.grid import NOBODY, Grid

REACH_MOST_M = 30_000

ITEM = np.dtype([
    ("key", "i8"), ("lat", "f8"), ("lng", "f8"), ("cos", "f8"), ("reach", "i4"), ("floor", "i4"), ("never", "u4"),
    ("row", "i4"), ("link", "i4"), ("tie", "i4"), ("trust", "i2"), ("flags", "i2"),
])  # fmt: skip
ROW = np.dtype([
    ("mask", "u8"), ("item", "i4"), ("y", "i4"), ("x", "i4"), ("floor", "i4"), ("last", "i4"), ("reach", "u2"),
    ("base", "i2"), ("never", "u4"),
])  # fmt: skip
TIE = np.dtype([("worker", "i4"), ("owner", "i4"), ("next", "i4"), ("after", "i4"), ("points", "i4")])


@dataclass(frozen=True)
class Asked:
    """A posting as the index needs it. `shifts` are (first quarter, end quarter); `papers` certificate numbers.

    `papers_at` is the quarter at which certificates must count; `now` is in minutes since 1970; `employer` a key.
    """

    lat: float
    lng: float
    trade: int
    now: int
    shifts: Sequence[tuple[int, int]] = ()
    papers: Sequence[int] = ()
    papers_at: int = 0
    shift_fen: int = 0
    shift_minutes: int = 0
    employer: int = -1


@dataclass(frozen=True)
class Found:
    """Keys, points and metres, best first: more points, then nearer, then the smaller key."""

    keys: np.ndarray
    points: np.ndarray
    metres: np.ndarray


@dataclass
class Columns:
    """Facts of many workers, one row of each array per worker; `None` means the ordinary for all.

    `floor_fen` 0: no wish. `never`: 28 bits, the quarter-days of the week (Monday 0–6, 6–12, …, in China's time) in
    which the worker never works. `trades`, `papers`, `busy` and `ties` are tables of whole numbers whose first column is the
    row of the worker here: (row, trade, skilled, years, times), (row, certificate, first quarter, end quarter),
    (row, first quarter, end quarter), (row, employer key, times together, liked, blocked).
    """

    key: np.ndarray
    lat: np.ndarray
    lng: np.ndarray
    reach_m: np.ndarray
    trades: np.ndarray
    floor_fen: np.ndarray | None = None
    taking: np.ndarray | None = None
    checked: np.ndarray | None = None
    trusted: np.ndarray | None = None
    kept: np.ndarray | None = None
    broken: np.ndarray | None = None
    never: np.ndarray | None = None
    papers: np.ndarray = field(default_factory=lambda: np.empty((0, 4), np.int64))
    busy: np.ndarray = field(default_factory=lambda: np.empty((0, 3), np.int64))
    ties: np.ndarray = field(default_factory=lambda: np.empty((0, 5), np.int64))


class WorkerIndex:
    """Workers by trade and place. One writer at a time; readers may be other threads of the same process."""

    def __init__(self, weights: Mapping[str, int], *, reach_most_m: int = REACH_MOST_M) -> None:
        """`weights`: the most of each published component. Nobody farther than `reach_most_m` is ever found."""
        self.most = points.most_of(weights)
        self.reach_most_m = reach_most_m
        counts = np.zeros(8, np.int64)
        counts[store.FREE_LINK] = store.NOBODY
        self.keys = store.empty_table(16)
        self.employers = store.empty_table(16)
        self.grid = Grid(
            counts, store.empty_table(16), np.empty(0, store.BUCKET), np.empty(0, store.HEAD), np.empty(0, ROW),
            np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, ITEM), np.empty(0, store.LINK),
            np.empty(0, TIE), np.empty(0, np.int32),
        )  # fmt: skip

    @classmethod
    def build(cls, weights: Mapping[str, int], columns: Columns, *, reach_most_m: int = REACH_MOST_M) -> "WorkerIndex":
        """A new index of everybody in the columns."""
        index = cls(weights, reach_most_m=reach_most_m)
        index.put(columns)
        return index

    # --- asking ------------------------------------------------------------------------------------------------

    def best(self, asked: Asked, k: int = 20) -> Found:
        """The k best who may and can: of the trade, within their own reach, free in every shift, with the papers.

        Exact, in the order of `score.rank`: more points, then nearer, then the smaller key. A posting without a place
        finds nobody.
        """
        if k <= 0 or not (abs(asked.lat) <= store.LAT_MOST and abs(asked.lng) <= 180):
            return Found(*(np.empty(0, np.int64) for _ in range(3)))
        owner = NOBODY if asked.employer == NOBODY else changes.find(self.employers, asked.employer)
        top = search.workers(
            self.grid, self.most, float(asked.lat), float(asked.lng), asked.trade, asked.shift_fen,
            asked.shift_minutes, asked.now, self.reach_most_m, k, owner, spans(asked.shifts), numbers(asked.papers),
            asked.papers_at,
        )  # fmt: skip
        return Found(top[3], top[0], top[1])

    def first(self, asked: Asked, k: int, passes: Callable[[int], bool]) -> Found:
        """The k best for whom `passes(key)` holds too; for limits that the index does not know."""
        many = k + k // 2 + 4
        while True:
            found = self.best(asked, many)
            kept = [n for n, key in enumerate(found.keys.tolist()) if passes(key)][:k]
            if len(kept) == k or len(found.keys) < many:
                return Found(found.keys[kept], found.points[kept], found.metres[kept])
            many *= 2

    @property
    def nbytes(self) -> int:
        """Memory in use, spare room included."""
        return store.in_use(self.grid) + self.keys.nbytes + self.employers.nbytes

    # --- changing ----------------------------------------------------------------------------------------------

    def put(self, columns: Columns) -> None:
        """Add workers, or replace whoever is there already with everything new."""
        count = len(columns.key)
        lat, lng = store.places(columns.lat, columns.lng)
        papers, busy, ties = (table(t, n) for t, n in ((columns.papers, 4), (columns.busy, 3), (columns.ties, 5)))
        self._make_room(count, len(papers) + len(busy), len(ties))
        given = (columns.reach_m, columns.floor_fen, columns.taking, columns.checked, columns.trusted, columns.kept,
                 columns.broken, columns.never)  # fmt: skip
        facts = np.empty((count, len(given)), np.int64)
        for number, (column, usual) in enumerate(zip(given, (0, 0, 1, 1, 0, 0, 0, 0), strict=True)):
            facts[:, number] = usual if column is None else column
        order = np.lexsort((lng // store.CELL, lat // store.CELL))  # neighbours lie together in memory too
        items = changes.put_items(self.grid, self.keys, self.most, numbers(columns.key), lat, lng, facts, order)
        changes.put_links(self.grid, items, *(t[np.argsort(items[t[:, 0]], kind="stable")] for t in (papers, busy)))
        changes.put_ties(self.grid, self.employers, self.most, items, ties)
        self._put_rows(items, lat, lng, table(columns.trades, 5))

    def remove(self, keys: Any) -> int:
        """Take workers out altogether; says how many were there."""
        return int(changes.remove(self.grid, self.keys, numbers(keys)))

    def toggle(self, keys: Any, on: Any, *, flag: int = changes.TAKING) -> int:
        """Taking work or not (`flag=changes.CHECKED`: identity looked at or not). The cheapest change."""
        keys = numbers(keys)
        return int(
            changes.toggle(self.grid, self.keys, keys, np.broadcast_to(np.asarray(on, np.bool_), keys.shape), flag)
        )

    def take(self, keys: Any, begins: Any, ends: Any) -> int:
        """Hours that are promised from now on: quarters [begins, ends) of each. Idempotent."""
        return self._hold(keys, begins, ends, True)

    def free(self, keys: Any, begins: Any, ends: Any) -> int:
        """Hours that are free again: the very ones that were taken. Idempotent."""
        return self._hold(keys, begins, ends, False)

    def tie(self, key: int, employer: int, *, together: int = 0, liked: bool = False, blocked: bool = False) -> None:
        """What these two have been to each other, all of it; nothing at all ends the tie."""
        self._make_room(0, 0, 1)
        items = changes.items_of(self.keys, numbers(key))
        row = np.array([[0, employer, together, liked, blocked]], np.int64)
        changes.put_ties(self.grid, self.employers, self.most, items, row)

    def forget(self, before: int) -> None:
        """Drop hours and certificates that ended before this quarter. A week must stay: days without work count it."""
        changes.forget(self.grid, before)

    # --- inside ------------------------------------------------------------------------------------------------

    def _hold(self, keys: Any, begins: Any, ends: Any, taken: bool) -> int:
        keys = numbers(keys)
        self._make_room(0, len(keys), 0)
        begins, ends = (np.broadcast_to(np.asarray(side, np.int64), keys.shape) for side in (begins, ends))
        return int(changes.hold(self.grid, self.keys, keys, begins, ends, taken))

    def _put_rows(self, items: np.ndarray, lat: np.ndarray, lng: np.ndarray, trades: np.ndarray) -> None:
        """In the order of square and worth, so that each block holds rows of about the same worth."""
        order = np.arange(len(trades))
        if len(trades) > 1:
            base = changes.static_points(self.most, trades, self.grid.items["trust"][items])
            with np.errstate(invalid="ignore"):
                y, x = (np.nan_to_num(np.floor(side / store.CELL)).astype(np.int64) for side in (lat, lng))
            key = ((trades[:, 1] << 13) + 4096 + y[trades[:, 0]] << 14) + 8192 + x[trades[:, 0]]
            order = np.argsort((key << 12) - np.minimum(base, 4095), kind="stable")
        done = 0
        while (done := changes.put_rows(self.grid, self.most, items, trades, order, done)) < len(order):
            self.grid = store.widened(self.grid, (len(order) - done) // 4)

    def _make_room(self, items: int, links: int, ties: int) -> None:
        g, counts = self.grid, self.grid.counts
        self.grid = g._replace(
            items=store.larger(g.items, int(counts[store.ITEMS]) + items),
            links=store.larger(g.links, int(counts[store.LINKS]) + links),
            ties=store.larger(g.ties, int(counts[store.TIES]) + ties),
            owners=store.larger(g.owners, int(counts[store.OWNERS]) + ties),
        )
        self.keys = store.roomier(self.keys, int(counts[store.ITEMS]) + items)
        self.employers = store.roomier(self.employers, int(counts[store.OWNERS]) + ties)


def numbers(values: Any) -> np.ndarray:
    """Whole numbers as the kernels take them."""
    return np.ascontiguousarray(values, np.int64).reshape(-1)


def spans(values: Any) -> np.ndarray:
    """Pairs of quarters as the kernels take them."""
    return np.ascontiguousarray(values, np.int64).reshape(-1, 2)


def table(values: Any, width: int) -> np.ndarray:
    """Rows of whole numbers as the kernels take them."""
    return np.ascontiguousarray(values, np.int64).reshape(-1, width)
