"""The best postings for a person at a place, exactly by the published points.

The mirror of `index`: give the columns of postings to `PostingIndex.build`, ask `best` with what is known of a person.
Hours are quarters (15 minutes since 1970, UTC), moments are minutes, money is fen; trades, certificates and employers
are numbered by the caller.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from linggong.matching.engine import changes, listing, points
from linggong.matching.engine import grid as store
from linggong.matching.engine.grid import Grid
from linggong.matching.engine.index import Found, numbers, spans, table

ITEM = np.dtype([
    ("key", "i8"), ("lat", "f8"), ("lng", "f8"), ("cos", "f8"), ("fen", "i4"), ("minutes", "i4"), ("next", "i4"),
    ("until", "i4"), ("papers_at", "i4"), ("trade", "i4"), ("row", "i4"), ("link", "i4"), ("owner", "i4"),
    ("after", "i4"), ("trust", "i2"), ("open", "i2"),
])  # fmt: skip
ROW = np.dtype([
    ("mask", "u8"), ("item", "i4"), ("y", "i4"), ("x", "i4"), ("fen", "i4"), ("minutes", "i2"), ("base", "i2"),
    ("trade", "i4"),
])  # fmt: skip


@dataclass(frozen=True)
class Seeker:
    """A person at a place. `trades` are (trade, skilled, years, times); `only` narrows to these trades.

    `papers` are (certificate, first quarter, end quarter), `busy` (first quarter, end quarter); `ties` are (employer
    key, times together, liked, blocked), one for each employer. `now` is in minutes; `floor_fen` 0: no wish.
    """

    lat: float
    lng: float
    reach_m: int
    now: int
    trades: Sequence[tuple[int, int, int, int]] = ()
    only: Sequence[int] = ()
    floor_fen: int = 0
    busy: Sequence[tuple[int, int]] = ()
    papers: Sequence[tuple[int, int, int]] = ()
    ties: Sequence[tuple[int, int, int, int]] = ()


@dataclass
class PostingColumns:
    """Facts of many postings, one row of each array per posting; `None` means the ordinary for all.

    `next_start` and `last_start` are minutes; after its last start a posting is over. `papers_at` is the quarter at
    which certificates must count. `shifts` and `papers` are tables: (row, first quarter, end quarter) of the shifts one
    would have to be free for, and (row, certificate). `trusted`, `kept` and `broken` are the employer's record.
    """

    key: np.ndarray
    lat: np.ndarray
    lng: np.ndarray
    trade: np.ndarray
    employer: np.ndarray
    next_start: np.ndarray
    last_start: np.ndarray
    shift_fen: np.ndarray | None = None
    shift_minutes: np.ndarray | None = None
    papers_at: np.ndarray | None = None
    open: np.ndarray | None = None
    trusted: np.ndarray | None = None
    kept: np.ndarray | None = None
    broken: np.ndarray | None = None
    shifts: np.ndarray = field(default_factory=lambda: np.empty((0, 3), np.int64))
    papers: np.ndarray = field(default_factory=lambda: np.empty((0, 2), np.int64))


class PostingIndex:
    """Postings by place. One writer at a time; readers may be other threads of the same process."""

    def __init__(self, weights: Mapping[str, int]) -> None:
        """`weights`: the most of each published component."""
        self.most = points.most_of(weights)
        counts = np.zeros(8, np.int64)
        counts[store.FREE_LINK] = store.NOBODY
        self.keys = store.empty_table(16)
        self.employers = store.empty_table(16)
        self.grid = Grid(
            counts, store.empty_table(16), np.empty(0, store.BUCKET), np.empty(0, store.HEAD), np.empty(0, ROW),
            np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, ITEM), np.empty(0, store.LINK),
            np.empty(0, np.int32), np.empty(0, np.int32),
        )  # fmt: skip

    @classmethod
    def build(cls, weights: Mapping[str, int], columns: PostingColumns) -> "PostingIndex":
        """A new index of every posting in the columns."""
        index = cls(weights)
        index.put(columns)
        return index

    def best(self, seeker: Seeker, k: int = 20) -> Found:
        """The k best postings one may and can take: within reach, open, hours free, papers held, nobody blocked.

        Exact, in the order of `for_worker`: more points, then nearer, then the sooner start, then the smaller key.
        """
        if k <= 0 or not (abs(seeker.lat) <= store.LAT_MOST and abs(seeker.lng) <= 180):
            return Found(*(np.empty(0, np.int64) for _ in range(3)))
        worth, wanted, other = self._worth(seeker)
        ties = self._ties(seeker.ties)
        top = listing.postings(
            self.grid, self.most, float(seeker.lat), float(seeker.lng), seeker.reach_m, seeker.floor_fen, seeker.now, k,
            worth, wanted, other, spans(seeker.busy), table(seeker.papers, 3), ties,
        )  # fmt: skip
        return Found(top[3], top[0], top[1])

    def put(self, columns: PostingColumns) -> None:
        """Add postings, or replace those that are there with everything new."""
        count, c = len(columns.key), columns
        lat, lng = store.places(c.lat, c.lng)
        shifts, papers = table(c.shifts, 3), table(c.papers, 2)
        self._make_room(count, len(shifts) + len(papers))
        given = (c.trade, c.employer, c.next_start, c.last_start, c.shift_fen, c.shift_minutes, c.papers_at, c.open,
                 c.trusted, c.kept, c.broken)  # fmt: skip
        facts = np.empty((count, len(given)), np.int64)
        for number, (column, usual) in enumerate(zip(given, (0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0), strict=True)):
            facts[:, number] = usual if column is None else column
        order = np.lexsort((facts[:, 0], lng // store.CELL, lat // store.CELL))
        items = listing.put_items(
            self.grid, self.keys, self.employers, self.most, numbers(c.key), lat, lng, facts, order
        )
        listing.put_links(self.grid, items, *(t[np.argsort(items[t[:, 0]], kind="stable")] for t in (shifts, papers)))
        done = 0
        while (done := listing.put_rows(self.grid, items, order, done)) < count:
            self.grid = store.widened(self.grid, (count - done) // 4)

    def remove(self, keys: Any) -> int:
        """Take postings out; says how many were there."""
        return int(changes.remove_rows(self.grid, self.keys, numbers(keys)))

    def toggle(self, keys: Any, on: Any) -> int:
        """To be had or not, for one or many; says how many were there. The cheapest change."""
        keys = numbers(keys)
        return int(listing.toggle(self.grid, self.keys, keys, np.broadcast_to(np.asarray(on, np.bool_), keys.shape)))

    @property
    def nbytes(self) -> int:
        """Memory in use, spare room included."""
        return store.in_use(self.grid) + self.keys.nbytes + self.employers.nbytes

    def _worth(self, seeker: Seeker) -> tuple[np.ndarray, int, int]:
        """Points of each trade for this person, the trades as bits, and what any other trade is worth (-1: nothing)."""
        other = -1 if seeker.only else 0
        named = [row[0] for row in seeker.trades] + list(seeker.only)
        worth = np.full(max(named, default=0) + 1, other, np.int64)
        worth[list(seeker.only)] = 0
        known = table(seeker.trades, 4)
        if seeker.only:
            known = known[np.isin(known[:, 0], seeker.only)]
        changes.worth(self.most, known, worth)
        bits = sum({1 << trade % 64 for trade in (seeker.only or named)})
        return worth, np.uint64(bits), other

    def _ties(self, ties: Sequence[tuple[int, int, int, int]]) -> np.ndarray:
        return listing.owners_of(self.employers, self.most, table(ties, 4)) if len(ties) else np.empty((0, 2), np.int64)

    def _make_room(self, items: int, links: int) -> None:
        g, counts = self.grid, self.grid.counts
        self.grid = g._replace(
            items=store.larger(g.items, int(counts[store.ITEMS]) + items),
            links=store.larger(g.links, int(counts[store.LINKS]) + links),
            owners=store.larger(g.owners, int(counts[store.OWNERS]) + items),
        )
        self.keys = store.roomier(self.keys, int(counts[store.ITEMS]) + items)
        self.employers = store.roomier(self.employers, int(counts[store.OWNERS]) + items)
