"""A made-up province, the same for the same seed: people and postings with the statistics written in `Province`."""

from dataclasses import dataclass

import numpy as np

from linggong.matching.engine.index import Columns
from linggong.matching.engine.postings import PostingColumns

WEST, SOUTH = 117.0, 25.5
WIDE_KM, TALL_KM = 310.0, 400.0
KM_A_DEGREE = 111.195
SEAT_KM_APART = 18.0
TOWNS, ZONES = 15, 2
DAY = 96
LIVES = ((0, 0.3), (0x9999999, 0.25), (0xFF99999, 0.15), (0x00FFFFF, 0.12), (0x6666666, 0.1), (0xDDDDDDD, 0.08))
NOW = 29_730_840  # minutes since 1970: 2026-07-12 06:00 in UTC
QUARTER = NOW // 15


@dataclass(frozen=True)
class Province:
    """80 counties in 310 × 400 km, seats at least 18 km apart, log-normal populations (sigma 0.7), each with 15 towns.

    Workers: 35% around the seat (3 km), 45% around towns (2 km, town n has weight 1/n), 15% scattered over the county
    (12 km), 5% at the county's two industrial zones. 1–4 of 80 trades (50/25/15/10%: mean 1.85; trade n has weight
    n^-0.9). Reach log-normal, median 9 km, 3–30 km. 15% do not take work, 8% were not checked. Wish by day log-normal
    around 180 yuan, 30% have none. 35% have worked or will between a week ago and a fortnight ahead, 1–6 shifts.
    Six lives: any time (30%), by day every day (25%), by day Monday to Friday (15%), weekends (12%), evenings and
    nights (10%), mornings (8%).
    6% hold a health certificate; whoever has one of the 20 regulated trades holds its certificate with 70%.

    Postings follow population^1.15: half around the seat, 20% in zones, the rest around towns. 1–7 days from tomorrow
    to in a fortnight, start 05:00–19:00, 4, 8 or 10 hours. Places: 1 + geometric, mean 4, one in 25 six times as many.
    Pay by shift 90–110% of a trade's own rate. A quarter of the regulated trades asks for the certificate, one posting
    in twelve for the health certificate. One employer has about five postings.
    """

    workers: Columns
    postings: PostingColumns
    places: np.ndarray


def province(workers: int, postings: int, *, seed: int = 1, counties: int = 80, trades: int = 80) -> Province:
    """People and postings; fewer `counties` on the same area per county make a metropolis, fewer `trades` a dense one."""
    rng = np.random.default_rng(seed)
    land = _land(rng, counties)
    share = 1 / np.arange(1, trades + 1) ** 0.9
    share /= share.sum()
    jobs, places = _postings(rng, postings, land, share)
    return Province(_workers(rng, workers, land, share), jobs, places)


def seats(*, seed: int = 1, counties: int = 80) -> np.ndarray:
    """(latitude, longitude) of each county's seat in the province of the same seed."""
    return np.column_stack(_degrees(_land(np.random.default_rng(seed), counties).seats))


@dataclass(frozen=True)
class _Land:
    seats: np.ndarray
    towns: np.ndarray
    zones: np.ndarray
    people: np.ndarray


def _land(rng: np.random.Generator, counties: int) -> _Land:
    """Seats thrown like darts, none near another; towns and zones around each."""
    smaller = np.sqrt(min(1.0, counties / 80))
    area = np.array([WIDE_KM, TALL_KM]) * smaller
    seats: list[np.ndarray] = []
    while len(seats) < counties:
        seat = rng.random(2) * area
        if all(np.hypot(*(seat - other)) >= SEAT_KM_APART for other in seats):
            seats.append(seat)
    middle = np.array(seats)
    people = rng.lognormal(0, 0.7, counties)
    return _Land(
        middle, middle[:, None] + rng.normal(0, 9, (counties, TOWNS, 2)),
        middle[:, None] + rng.normal(0, 6, (counties, ZONES, 2)), people / people.sum(),
    )  # fmt: skip


def _around(rng: np.random.Generator, land: _Land, county: np.ndarray, kinds: tuple[float, ...]) -> np.ndarray:
    """Points around seat, towns, anywhere in the county and zones, by these shares."""
    kind = rng.choice(4, len(county), p=kinds)
    weight = 1 / np.arange(1, TOWNS + 1)
    town = rng.choice(TOWNS, len(county), p=weight / weight.sum())
    zone = rng.integers(0, ZONES, len(county))
    centre = land.seats[county]
    centre = np.where((kind == 1)[:, None], land.towns[county, town], centre)
    centre = np.where((kind == 3)[:, None], land.zones[county, zone], centre)
    return centre + rng.normal(0, 1, (len(county), 2)) * np.array([3.0, 2.0, 12.0, 1.0])[kind][:, None]


def _degrees(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    lat = SOUTH + points[:, 1] / KM_A_DEGREE
    return lat, WEST + points[:, 0] / (KM_A_DEGREE * np.cos(np.radians(27.3)))


def _workers(rng: np.random.Generator, count: int, land: _Land, share: np.ndarray) -> Columns:
    county = rng.choice(len(land.people), count, p=land.people)
    lat, lng = _degrees(_around(rng, land, county, (0.35, 0.45, 0.15, 0.05)))
    number = rng.choice([1, 2, 3, 4], count, p=[0.5, 0.25, 0.15, 0.1])
    who = np.repeat(np.arange(count), number)
    trade = rng.choice(len(share), len(who), p=share)
    _, kept = np.unique(who * len(share) + trade, return_index=True)
    who, trade = who[kept], trade[kept]
    rows = len(who)
    times = np.where(rng.random(rows) < 0.5, 0, rng.geometric(0.15, rows))
    busy = np.flatnonzero(rng.random(count) < 0.35)
    shifts = np.repeat(busy, rng.integers(1, 7, len(busy)))
    begins = QUARTER // DAY * DAY + rng.integers(-7, 15, len(shifts)) * DAY + rng.integers(20, 72, len(shifts)) - 32
    regulated = (trade % 4 == 0) & (rng.random(rows) < 0.7)
    healthy = np.flatnonzero(rng.random(count) < 0.06)
    papers = np.concatenate([
        np.stack([who[regulated], trade[regulated] // 4 + 1], 1), np.stack([healthy, np.zeros_like(healthy)], 1)
    ])  # fmt: skip
    wish = np.round(rng.lognormal(np.log(18_000), 0.2, count), -2).astype(np.int64)
    return Columns(
        key=np.arange(1, count + 1), lat=lat, lng=lng,
        reach_m=np.clip(rng.lognormal(np.log(9_000), 0.5, count), 3_000, 30_000).astype(np.int64),
        trades=np.stack([who, trade, rng.integers(0, 2, rows), rng.integers(0, 6, rows), times], 1),
        floor_fen=np.where(rng.random(count) < 0.3, 0, wish), taking=rng.random(count) < 0.85,
        checked=rng.random(count) < 0.92, trusted=rng.random(count) < 0.05, kept=rng.integers(0, 40, count),
        broken=rng.choice(3, count, p=[0.92, 0.06, 0.02]),
        never=rng.choice([bits for bits, _share in LIVES], count, p=[share for _bits, share in LIVES]),
        papers=np.column_stack([papers, np.full(len(papers), QUARTER - 400 * DAY), np.full(len(papers), QUARTER + 400 * DAY)]),
        busy=np.stack([shifts, begins, begins + 4 * rng.choice([4, 8, 10], len(shifts))], 1),
    )  # fmt: skip


def _postings(
    rng: np.random.Generator, count: int, land: _Land, share: np.ndarray
) -> tuple[PostingColumns, np.ndarray]:
    more = land.people**1.15
    county = rng.choice(len(more), count, p=more / more.sum())
    lat, lng = _degrees(_around(rng, land, county, (0.5, 0.3, 0.0, 0.2)))
    trade = rng.choice(len(share), count, p=share)
    days, hours = rng.integers(1, 8, count), rng.choice([4, 8, 10], count, p=[0.2, 0.6, 0.2])
    first = QUARTER // DAY * DAY + rng.integers(1, 14, count) * DAY + rng.integers(20, 77, count) - 32
    rate = np.round(rng.lognormal(np.log(19_000), 0.15, len(share)))[trade]
    which = np.repeat(np.arange(count), days)
    nth = np.arange(len(which)) - np.repeat(np.cumsum(days) - days, days)
    begins = first[which] + nth * DAY
    asks = np.flatnonzero((trade % 4 == 0) & (rng.random(count) < 0.25))
    health = np.flatnonzero(rng.random(count) < 1 / 12)
    places = rng.geometric(0.29, count)
    places = np.where(rng.random(count) < 0.04, 6 * places, places)
    return PostingColumns(
        key=np.arange(1, count + 1), lat=lat, lng=lng, trade=trade, employer=rng.integers(1, max(2, count // 5), count),
        next_start=first * 15, last_start=(first + (days - 1) * DAY) * 15,
        shift_fen=(rate * rng.uniform(0.9, 1.1, count) * hours / 8).astype(np.int64), shift_minutes=hours * 60,
        papers_at=first + (days - 1) * DAY + hours * 4, trusted=rng.random(count) < 0.05,
        kept=rng.integers(0, 40, count), broken=rng.choice(2, count, p=[0.95, 0.05]),
        shifts=np.stack([which, begins, begins + 4 * hours[which]], 1),
        papers=np.concatenate([np.stack([asks, trade[asks] // 4 + 1], 1), np.stack([health, np.zeros_like(health)], 1)]),
    ), places  # fmt: skip
