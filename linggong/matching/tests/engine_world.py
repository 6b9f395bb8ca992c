"""Small random worlds for the kernels, and the same questions answered the plain way, by the published score."""

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np

from linggong.matching import score
from linggong.matching.engine.index import Asked, Columns
from linggong.matching.engine.postings import PostingColumns, Seeker
from linggong.matching.score import Pair
from linggong.reference.geo import EARTH_M, distance_m

NOW = 30_000_007  # minutes since 1970
QUARTER = NOW // 15
WEIGHTS = {c.name: c.most for c in score.default_weights().components}
WITHIN_M = 30_000
DAY = 96


@dataclass
class Person:
    """A worker as the plain answer sees one."""

    key: int
    lat: float
    lng: float
    reach_m: int
    floor_fen: int
    taking: bool
    checked: bool
    trusted: bool
    kept: int
    broken: int
    never: int = 0
    trades: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    papers: list[tuple[int, int, int]] = field(default_factory=list)
    busy: list[tuple[int, int]] = field(default_factory=list)
    ties: dict[int, tuple[int, bool, bool]] = field(default_factory=dict)


def person(rng: np.random.Generator, key: int, *, trades: int = 6, span: float = 0.7) -> Person:
    """Anybody, somewhere in a county."""
    count = int(rng.integers(1, 4))
    begins = rng.integers(QUARTER - 8 * DAY, QUARTER + 4 * DAY, rng.integers(0, 3)).tolist()
    return Person(
        key=key, lat=26 + span * rng.random(), lng=117 + span * rng.random(),
        reach_m=int(rng.choice([0, 500, 3_000, 9_000, 20_000, 200_000])),
        floor_fen=int(rng.choice([0, 12_000, 18_000, 25_001])), taking=rng.random() < 0.85, checked=rng.random() < 0.9,
        trusted=rng.random() < 0.1, kept=int(rng.integers(0, 30)), broken=int(rng.choice([0, 0, 0, 1, 3])),
        never=int(rng.choice([0, 0, 0b0001 << 4 * 5, 0x8888888, 0x00FFFFF])),
        trades={int(t): (int(rng.integers(0, 2)), int(rng.integers(0, 5)), int(rng.integers(0, 14)))
                for t in rng.choice(trades, count, replace=False)},
        papers=[(int(n), QUARTER - 50 * DAY, QUARTER + int(rng.integers(-DAY, 9 * DAY)))
                for n in rng.choice(5, int(rng.integers(0, 3)), replace=False)],
        busy=[(b, b + int(rng.integers(4, 40))) for b in begins],
        ties={int(e): (int(rng.integers(0, 4)), rng.random() < 0.5, rng.random() < 0.2)
              for e in rng.choice(8, int(rng.integers(0, 3)), replace=False)},
    )  # fmt: skip


def columns(people: list[Person]) -> Columns:
    """The same people as columns."""

    def rows(width: int, rows: list[tuple[int, ...]]) -> np.ndarray:
        return np.array(rows, np.int64).reshape(-1, width)

    def each(name: str) -> np.ndarray:
        return np.array([getattr(p, name) for p in people])

    return Columns(
        **{name: each(name) for name in ("key", "lat", "lng", "reach_m", "floor_fen", "taking", "checked", "trusted",
                                         "kept", "broken", "never")},
        trades=rows(5, [(n, t, *said) for n, p in enumerate(people) for t, said in p.trades.items()]),
        papers=rows(4, [(n, *paper) for n, p in enumerate(people) for paper in p.papers]),
        busy=rows(3, [(n, *hours) for n, p in enumerate(people) for hours in p.busy]),
        ties=rows(5, [(n, e, *tie) for n, p in enumerate(people) for e, tie in p.ties.items()]),
    )  # fmt: skip


def asked(rng: np.random.Generator, *, trades: int = 6, span: float = 0.7) -> Asked:
    """A posting anywhere around, at any time of the next days."""
    start = QUARTER + int(rng.integers(1, 5 * DAY))
    shifts = [(start + n * DAY, start + n * DAY + int(rng.integers(8, 40))) for n in range(int(rng.integers(1, 3)))]
    return Asked(
        lat=26 - 0.1 + (span + 0.2) * rng.random(), lng=117 - 0.1 + (span + 0.2) * rng.random(),
        trade=int(rng.integers(0, trades)), now=NOW, shifts=shifts,
        papers=[int(n) for n in rng.choice(5, int(rng.choice([0, 0, 1, 2])), replace=False)], papers_at=shifts[-1][1],
        shift_fen=int(rng.choice([0, 9_000, 16_000, 24_000])), shift_minutes=int(rng.choice([0, 240, 480, 600])),
        employer=int(rng.integers(0, 9)),
    )  # fmt: skip


def plainly(people: list[Person], asked: Asked, k: int) -> list[tuple[int, int, int]]:
    """(key, points, metres) of the k best, by looking at everybody."""
    found = []
    for p in people:
        pair = _pair(p, asked)
        if pair is not None:
            found.append((p.key, score.score(pair).total, pair.distance_m))
    return sorted(found, key=lambda row: (-row[1], row[2], row[0]))[:k]


def _pair(p: Person, asked: Asked) -> Pair | None:
    together, liked, blocked = p.ties.get(asked.employer, (0, False, False))
    if blocked or not (p.taking and p.checked) or asked.trade not in p.trades or np.isnan(p.lat):
        return None
    away = distance_m(asked.lat, asked.lng, p.lat, p.lng)
    if away > min(p.reach_m, WITHIN_M):
        return None
    if any(a < end and begin < b for a, b in p.busy for begin, end in asked.shifts):
        return None
    if any(p.never >> part_of_week(q) & 1 for begin, end in asked.shifts for q in range(begin, end)):
        return None
    held = {number for number, since, until in p.papers if since <= asked.papers_at < until}
    if not held.issuperset(asked.papers):
        return None
    skilled, years, times = p.trades[asked.trade]
    return Pair(
        distance_m=away, reach_m=p.reach_m, has_trade=True, skilled=bool(skilled), years=years, times=times,
        together=together, liked=liked, trusted=p.trusted, kept=p.kept, broken=p.broken, shift_fen=asked.shift_fen,
        wished_fen=p.floor_fen * min(asked.shift_minutes or 480, 480) // 480 or None,
        days_without_work=idle(p.busy),
    )  # fmt: skip


def part_of_week(quarter: int) -> int:
    """Which quarter-day of the week a quarter lies in, in China's time."""
    at = datetime.fromtimestamp(quarter * 900, timezone(timedelta(hours=8)))
    return at.weekday() * 4 + at.hour // 6


def idle(busy: list[tuple[int, int]]) -> int:
    """Whole days since the last promised quarter; a week when there was none."""
    if not busy:
        return 7
    return max(0, min(7, (NOW - (max(b for _a, b in busy) - 1) * 15) // 1440))


def said(found: Any) -> list[tuple[int, int, int]]:
    """What an index found, as plain rows."""
    return list(zip(found.keys.tolist(), found.points.tolist(), found.metres.tolist(), strict=True))


# --- the other way round: postings for a person ---------------------------------------------------------------


@dataclass
class Job:
    """A posting as the plain answer sees one."""

    key: int
    lat: float
    lng: float
    trade: int
    employer: int
    shift_fen: int
    shift_minutes: int
    open: bool
    trusted: bool
    kept: int
    broken: int
    papers_at: int
    shifts: list[tuple[int, int]]
    papers: list[int]

    @property
    def next_start(self) -> int:
        return min(a for a, _b in self.shifts) * 15

    @property
    def last_start(self) -> int:
        return max(a for a, _b in self.shifts) * 15


def job(rng: np.random.Generator, key: int, *, trades: int = 6, span: float = 0.7) -> Job:
    """Any posting of the county; some are over already."""
    start = QUARTER + int(rng.integers(-20, 5 * DAY))
    shifts = [(start + n * DAY, start + n * DAY + int(rng.integers(8, 40))) for n in range(int(rng.integers(1, 3)))]
    employer = int(rng.integers(0, 9))
    return Job(
        key=key, lat=26 + span * rng.random(), lng=117 + span * rng.random(), trade=int(rng.integers(0, trades)),
        employer=employer, shift_fen=int(rng.choice([0, 9_000, 16_000, 24_000])),
        shift_minutes=int(rng.choice([0, 240, 480, 600])), open=rng.random() < 0.9, trusted=employer % 4 == 0,
        kept=int(rng.integers(0, 30)), broken=int(rng.choice([0, 0, 1])), papers_at=shifts[-1][1], shifts=shifts,
        papers=[int(n) for n in rng.choice(5, int(rng.choice([0, 0, 1, 2])), replace=False)],
    )  # fmt: skip


def job_columns(jobs: list[Job]) -> PostingColumns:
    """The same postings as columns."""
    names = ("key", "lat", "lng", "trade", "employer", "next_start", "last_start", "shift_fen", "shift_minutes",
             "papers_at", "open", "trusted", "kept", "broken")  # fmt: skip
    return PostingColumns(
        **{name: np.array([getattr(j, name) for j in jobs]) for name in names},
        shifts=np.array([(n, *s) for n, j in enumerate(jobs) for s in j.shifts], np.int64).reshape(-1, 3),
        papers=np.array([(n, p) for n, j in enumerate(jobs) for p in j.papers], np.int64).reshape(-1, 2),
    )


def seeker(rng: np.random.Generator, **facts: Any) -> Seeker:
    """Somebody who looks at what is around."""
    p = person(rng, 1)
    usual = {
        "lat": p.lat, "lng": p.lng, "reach_m": int(rng.choice([0, 3_000, 9_000, 30_000, 60_000])), "now": NOW,
        "trades": [(trade, *said) for trade, said in p.trades.items()], "floor_fen": p.floor_fen, "busy": p.busy,
        "papers": p.papers, "ties": [(e, *tie) for e, tie in p.ties.items()],
        "only": [] if rng.random() < 0.6 else rng.choice(6, 2, replace=False).tolist(),
    }  # fmt: skip
    return Seeker(**usual | facts)


def plain_list(jobs: list[Job], seeker: Seeker, k: int) -> list[tuple[int, int, int]]:
    """(key, points, metres) of the k best postings, by looking at each."""
    found = []
    for j in jobs:
        pair = _list_pair(j, seeker)
        if pair is not None:
            found.append((-score.score(pair).total, pair.distance_m, j.next_start, j.key))
    return [(key, -points, metres) for points, metres, _next, key in sorted(found)[:k]]


def _list_pair(j: Job, s: Seeker) -> Pair | None:
    ties = {employer: rest for employer, *rest in s.ties}
    together, liked, blocked = ties.get(j.employer, (0, False, False))
    if blocked or not j.open or j.last_start <= NOW or (s.only and j.trade not in s.only) or np.isnan(j.lat):
        return None
    metre = math.radians(1) * EARTH_M
    north, east = (j.lat - s.lat) * metre, (j.lng - s.lng) * (metre * math.cos(math.radians(s.lat)))
    if north * north + east * east > float(s.reach_m) ** 2:
        return None
    if any(a < end and begin < b for a, b in s.busy for begin, end in j.shifts if begin * 15 > NOW):
        return None
    if not {number for number, since, until in s.papers if since <= j.papers_at < until}.issuperset(j.papers):
        return None
    skilled, years, times = next((said for trade, *said in s.trades if trade == j.trade), (0, 0, 0))
    return Pair(
        distance_m=distance_m(s.lat, s.lng, j.lat, j.lng), reach_m=s.reach_m,
        has_trade=any(row[0] == j.trade for row in s.trades), skilled=bool(skilled), years=years, times=times,
        together=together, liked=bool(liked), trusted=j.trusted, kept=j.kept, broken=j.broken, shift_fen=j.shift_fen,
        wished_fen=s.floor_fen * min(j.shift_minutes or 480, 480) // 480 or None,
    )  # fmt: skip
