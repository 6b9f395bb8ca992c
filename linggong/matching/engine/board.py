"""Everything that is out, as a list or a map shows it: what passes the filters, the first of it in order, how much it is.

Nothing here knows a person. Moments are whole microseconds since 1970, money is fen, days are counted from year one;
trades, divisions and kinds are numbers of the caller's choice, yes-or-no facts and short lists are bits.

Rows lie by square of the grid and, inside one, by their next start; what changed since lies behind them in the order
of its coming, until there is so much of it that everything is sorted anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from linggong.matching.engine import changes
from linggong.matching.engine import grid as store
from linggong.matching.engine.compiled import kernel, making_part, part

ROW = np.dtype([
    ("key", "i8"), ("stamp", "i8"), ("lat", "f8"), ("lng", "f8"), ("next", "i8"), ("last", "i8"), ("due", "i8"),
    ("fen", "i8"), ("until", "i8"), ("free", "u8"), ("cell_y", "i4"), ("cell_x", "i4"), ("circle", "i4"),
    ("trade", "i4"), ("division", "i4"), ("minutes", "i4"), ("free_day", "i4"), ("marks", "u4"), ("suits", "u4"),
    ("part", "i2"), ("unit", "i2"), ("way", "i2"), ("long", "i2"),
])  # fmt: skip
MEALS, LODGING, TRANSPORT, FUNDED = 1, 2, 4, 8
DAYS = 64  # so many days ahead are known one by one
NEVER = 2**62
NEAR, SOON, PAY = range(3)
SPARE = 1024  # so much may have changed before rows are sorted anew, and a sixteenth of them all
ANY = np.ones(0, np.bool_)


@dataclass(frozen=True)
class Look:
    """What is looked for. Around a point (`lat`, `lng`, `reach_m`, the squares `cells`), else everywhere.

    `trades` and `divisions` say which numbers pass, empty: all. `in_time` are (moment, metres squared): what has
    its last start after `in_time_from` is always in time, else after one of these moments and no farther off.
    """

    now: int
    order: int
    most: int
    skip: int = 0
    limit: int = 10
    point: tuple[float, float, float] | None = None
    cells: tuple[int, int, int, int] = (0, 0, 0, 0)
    metre: tuple[float, float] = (0.0, 0.0)
    in_time_from: int = 0
    in_time: np.ndarray = field(default_factory=lambda: np.empty((0, 2)))
    trades: np.ndarray = field(default_factory=lambda: ANY)
    divisions: np.ndarray = field(default_factory=lambda: ANY)
    day: int = 0
    day_from: int = 0
    day_to: int = 0
    parts: int = -1
    fen: int = 0
    minutes: int = 0
    marks: int = 0
    suits: int = 0
    unit: int = -1
    way: int = -1
    neighbours: bool = False


@dataclass(frozen=True)
class Seen:
    """The rows of one page in order, and how many there are, counted no further than asked.

    `sure` is False when a shift began since some of it was read: then the answer may be another.
    """

    rows: np.ndarray
    count: int
    sure: bool


class Board:
    """All rows, in one array. One writer at a time, and nobody reads meanwhile."""

    def __init__(self) -> None:
        self.rows = np.empty(SPARE, ROW)
        self.used = self.sorted = self.alive = 0
        self.keys = store.empty_table(SPARE)
        self.cells = np.empty((0, 3), np.int64)

    def put(self, rows: np.ndarray) -> None:
        """Add rows, or replace those with the same keys."""
        self.remove(rows["key"])
        if self.used + len(rows) > len(self.rows):
            self.rows = np.concatenate([self.rows[: self.used], np.empty(max(SPARE, self.used // 2) + len(rows), ROW)])
        begin, self.used = self.used, self.used + len(rows)
        self.rows[begin : self.used] = rows
        self.keys = store.roomier(self.keys, self.used)
        place(self.keys, self.rows, begin, self.used)
        self.alive += len(rows)
        if (self.used - self.alive) + (self.used - self.sorted) > SPARE + self.alive // 16:
            self._sort()

    def remove(self, keys: Any) -> int:
        """Take rows out; says how many were there."""
        gone = int(blank(self.keys, self.rows, np.ascontiguousarray(keys, np.int64)))
        self.alive -= gone
        return gone

    def find(self, key: int) -> np.void | None:
        """One row, or None."""
        at = int(changes.find(self.keys, key))
        return None if at == store.NOBODY else self.rows[at]

    def look(self, asked: Look) -> Seen:
        """One page of what is out under the conditions, in their order."""
        lat, lng, reach = asked.point or (0.0, 0.0, -1.0)
        whole = (
            asked.now, asked.order, asked.most, asked.skip + asked.limit, asked.in_time_from, asked.day, asked.day_from,
            asked.day_to, asked.parts, asked.fen, asked.minutes, asked.marks, asked.suits, asked.unit, asked.way,
            int(asked.neighbours), *asked.cells,
        )  # fmt: skip
        found, count, sure = page(
            self.rows, self.cells, self.sorted, self.used, whole, (lat, lng, reach, *asked.metre),
            asked.in_time, asked.trades, asked.divisions,
        )  # fmt: skip
        return Seen(self.rows[found[asked.skip :]], count, sure)

    @property
    def nbytes(self) -> int:
        """Memory in use, spare room included."""
        return self.rows.nbytes + self.keys.nbytes + self.cells.nbytes

    def _sort(self) -> None:
        """Everything in order of squares and starts, without gaps."""
        rows = self.rows[: self.used]
        rows = rows[rows["key"] != store.NOBODY]
        rows = rows[np.lexsort((rows["next"], rows["cell_x"], rows["cell_y"]))]
        self.used = self.sorted = self.alive = len(rows)
        self.rows = np.concatenate([rows, np.empty(SPARE + len(rows) // 4, ROW)])
        new = np.flatnonzero(np.diff(rows["cell_y"], prepend=-(2**31)) | np.diff(rows["cell_x"], prepend=-(2**31)))
        self.cells = np.stack([rows["cell_y"][new], rows["cell_x"][new], new], axis=1).astype(np.int64)
        self.keys = store.roomier(store.empty_table(SPARE), self.used)
        place(self.keys, self.rows, 0, self.used)


def mask_of(numbers: Sequence[int], most: int) -> np.ndarray:
    """Which of the numbers below `most` pass."""
    mask = np.zeros(max(most, 1), np.bool_)
    mask[list(numbers)] = True
    return mask


@kernel
def place(keys: Any, rows: Any, begin: int, end: int) -> None:
    """Note where each row lies."""
    for at in range(begin, end):
        to = store.slot(keys, rows[at].key)
        keys[to, 0] = rows[at].key
        keys[to, 1] = at


@kernel
def blank(keys: Any, rows: Any, gone: Any) -> int:
    """Rows that count no more. The key stays in the table, it may come again; it leads nowhere."""
    count = 0
    for key in gone:
        at = store.slot(keys, key)
        if keys[at, 0] == key and keys[at, 1] != store.NOBODY:
            rows[keys[at, 1]].key = store.NOBODY
            keys[at, 1] = store.NOBODY
            count += 1
    return count


@part
def passes(row: Any, whole: Any, flat: float, around: bool, in_time: Any, trades: Any, divisions: Any) -> bool:
    """Everything but the day."""
    now, late = whole[0], whole[4]
    if row.last <= now or (trades.shape[0] and not trades[row.trade]):
        return False
    if divisions.shape[0] and not divisions[row.division]:
        return False
    if row.marks & whole[11] != whole[11] or (whole[12] and not row.suits & whole[12]):
        return False
    if row.fen < whole[9] or (whole[10] and row.minutes > whole[10]) or not whole[8] >> row.part & 1:
        return False
    if (whole[13] >= 0 and row.unit != whole[13]) or (whole[14] >= 0 and row.way != whole[14]):
        return False
    inside = around and flat <= float(row.circle) * float(row.circle)
    if whole[15] and (row.circle == 0 or (around and not inside)):
        return False
    if row.until > now and not inside:
        return False
    if around and row.last <= late:
        reached = False
        for step in range(in_time.shape[0]):
            reached |= row.last > in_time[step, 0] and flat <= in_time[step, 1]
        return reached
    return True


@part
def on_day(row: Any, whole: Any) -> bool:
    """Whether there is room on the day that was asked for."""
    ahead = whole[5] - row.free_day
    if ahead < 0 or ahead >= DAYS or row.next >= whole[7] or row.last < whole[6]:
        return False
    return (row.free >> np.uint64(ahead)) & np.uint64(1) != 0


@part
def offer(first: Any, slots: Any, held: int, a: float, b: float, c: float, at: int) -> int:
    """Into the first ones if it comes before any of them; gives how many there are now."""
    room = slots.shape[0]
    if held == room:
        if room == 0:
            return held
        z = room - 1
        if a > first[z, 0] or (a == first[z, 0] and (b > first[z, 1] or (b == first[z, 1] and c >= first[z, 2]))):
            return held
        held -= 1
    to = held
    while to > 0:
        z = to - 1
        if a > first[z, 0] or (a == first[z, 0] and (b > first[z, 1] or (b == first[z, 1] and c >= first[z, 2]))):
            break
        first[to, 0], first[to, 1], first[to, 2] = first[z, 0], first[z, 1], first[z, 2]
        slots[to] = slots[z]
        to -= 1
    first[to, 0], first[to, 1], first[to, 2] = a, b, c
    slots[to] = at
    return held + 1


@making_part
def squares(cells: Any, whole: Any, real: Any) -> Any:
    """The squares to look into, and how near each comes, squared: nearest first around a point, else as they lie."""
    if real[2] < 0.0:
        return np.arange(cells.shape[0]), np.zeros(cells.shape[0])
    count = 0
    chosen = np.empty(cells.shape[0], np.int64)
    y, low = whole[16], 0
    while y <= whole[17]:
        high, left = cells.shape[0], low
        while left < high:  # the first square not before (y, the leftmost)
            middle = (left + high) >> 1
            if cells[middle, 0] < y or (cells[middle, 0] == y and cells[middle, 1] < whole[18]):
                left = middle + 1
            else:
                high = middle
        low = left
        while low < cells.shape[0] and cells[low, 0] == y and cells[low, 1] <= whole[19]:
            chosen[count] = low
            count += 1
            low += 1
        y += 1
    chosen = chosen[:count]
    off = np.empty(count)
    for number in range(count):
        south, west = cells[chosen[number], 0] * store.CELL, cells[chosen[number], 1] * store.CELL
        up = max(south - real[0], real[0] - south - store.CELL, 0.0) * real[3]
        right = max(west - real[1], real[1] - west - store.CELL, 0.0) * real[4]
        off[number] = (up * up + right * right) * (1.0 - 1e-9) - 1.0
    order = np.argsort(off)
    return chosen[order], off[order]


@kernel
def page(
    rows: Any, cells: Any, lying: int, used: int, whole: Any, real: Any, in_time: Any, trades: Any, divisions: Any
) -> Any:
    """Slots of the first rows in order, how many pass (no further than `most`), and whether all of it is sure."""
    order, most, many = whole[1], whole[2], whole[3]
    around, reach = real[2] >= 0.0, real[2] * real[2]
    first, slots, held = np.empty((many, 3)), np.empty(many, np.int64), 0
    count, sure = 0, True
    chosen, off = squares(cells, whole, real)
    for turn in range(chosen.shape[0] + 1):
        if turn < chosen.shape[0]:
            square = chosen[turn]
            begin = cells[square, 2]
            end = cells[square + 1, 2] if square + 1 < cells.shape[0] else lying
            if order == NEAR and count >= most and held == many and (many == 0 or off[turn] > first[many - 1, 0]):
                continue
        else:
            begin, end = lying, used
        for at in range(begin, end):
            row = rows[at]
            if row.key == store.NOBODY:
                continue
            full = count >= most and held == many
            if full and order == SOON and at < lying and (many == 0 or row.next > first[many - 1, 0]):
                break
            flat = 0.0
            if around:
                if at >= lying and not (
                    whole[16] <= row.cell_y <= whole[17] and whole[18] <= row.cell_x <= whole[19]
                ):  # fmt: skip
                    continue
                north, east = (row.lat - real[0]) * real[3], (row.lng - real[1]) * real[4]
                flat = north * north + east * east
                if not flat <= reach:
                    continue
                if full and order == NEAR and (many == 0 or flat > first[many - 1, 0]):
                    continue
            if not passes(row, whole, flat, around, in_time, trades, divisions):
                continue
            if row.due <= whole[0] or (whole[5] and row.long):
                sure = False
            if whole[5] and not on_day(row, whole):
                continue
            count += 1
            if order == NEAR:
                held = offer(first, slots, held, flat, float(row.next), float(row.key), at)
            elif order == SOON:
                held = offer(first, slots, held, float(row.next), flat, float(row.key), at)
            else:
                then = flat if around else float(row.next)
                held = offer(first, slots, held, -float(row.fen), then, float(row.key), at)
    return slots[:held], min(count, most), sure
