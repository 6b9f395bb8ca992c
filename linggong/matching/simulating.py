"""Days of a labour market under one set of rules or another, with the same people, work and chances for each.

Hand `run` a market (`province`, or a history from `history.market`) and `Rules`; it answers with a `Result`. Only plain
arrays: no Django, no database. What people do is in `Behaviour`, and where its figures come from in docs/simulator.md.

Each simulated day people are found for the work that starts the day after. Postings come out between eight and six;
from eight to eight people look, are asked or get a place in a round, by the rules. Then some do not come, and whoever
can still come is asked. Chances belong to the day and the person, not to the rules, so two rules meet the same luck.
"""

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from linggong.matching.engine import changes, generate, points, rounds
from linggong.matching.engine.assignment import Edges, assign
from linggong.matching.engine.grid import NOBODY
from linggong.matching.engine.index import Columns, WorkerIndex
from linggong.matching.engine.postings import PostingColumns, PostingIndex

OPEN_MINUTES, OUT_MINUTES = 720, 600
MORNING, EVENING = 8 * 60, 20 * 60
MINUTES_A_DAY, CHINA_MINUTES = 1440, 480
BUFFER = 2  # quarters between two places of one person
WAVE_MOST = 40
FORTNIGHT, ENOUGH_HOURS = 14, 80
METHODS = ("first", "waves", "rounds")


@dataclass(frozen=True)
class Behaviour:
    """What people do, in percent and minutes.

    Of the people who take work `willing` want some for the next day; they look by themselves `looks` times, and answer
    a push after `answers` minutes in the mean (exponential). Of those who gave their word `no_show` do not come, and
    `no_show_again` more for each word broken within a year. At the last moment `late_yes` of the willing can come.
    Nobody gets more than `pushes_most` pushes a day.
    """

    willing: int = 70
    looks: int = 3
    answers: int = 20
    no_show: int = 5
    no_show_again: int = 5
    late_yes: int = 40
    pushes_most: int = 3


@dataclass(frozen=True)
class Rules:
    """A set of rules: who gets which place.

    `first`: whoever looks takes the open place that suits best. `waves`: the best for each posting are asked, as many
    as will probably fill it, every `every` minutes. `rounds`: everybody and every open place together every `every`
    minutes; each gets at most one offer at a time. `weights` are the published points. `sharing`, no part of them so
    far, gives up to so many points more for few hours within a fortnight: all at none, nothing at `ENOUGH_HOURS`.
    `backfill` asks others when somebody does not come; with `parts` a person is matched only within their part of the
    land, by county.
    """

    name: str
    method: str
    weights: Mapping[str, int]
    every: int = 60
    sharing: int = 0
    backfill: bool = True
    parts: np.ndarray | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Market:
    """People, postings and places; posting p is looked for on day `day[p]`, its first shift is the day after.

    Keys are row numbers from 1 on. `midnight` is the minute (since 1970, UTC) at which day 0 begins in China. Counties
    are numbered; None: not known.
    """

    workers: Columns
    postings: PostingColumns
    places: np.ndarray
    day: np.ndarray
    days: int
    midnight: int
    lived: np.ndarray | None = None
    worked: np.ndarray | None = None


@dataclass(frozen=True)
class Result:
    """What came of it. Hours of each person; minutes from publication to the yes of each place that was taken.

    `utility` leaves out the points for waiting, so that rules that share work more are measured by the rest.
    """

    rules: str
    places: int
    filled: int
    worked: int
    no_shows: int
    backfilled: int
    minutes: np.ndarray
    hours: np.ndarray
    metres: np.ndarray
    pushes: np.ndarray
    utility: int

    def measures(self, reachable: np.ndarray, days: int) -> dict[str, float]:
        """The published measures, by name; people for whom there never was any work are not counted."""
        hours, count = self.hours[reachable], max(1, int(reachable.sum()))
        asked = self.pushes[reachable]
        return {
            "fill_percent": 100 * self.filled / max(1, self.places),
            "worked_percent": 100 * self.worked / max(1, self.places),
            "minutes_to_fill_p50": _at(self.minutes, 50),
            "minutes_to_fill_p90": _at(self.minutes, 90),
            "no_shows": float(self.no_shows),
            "backfilled_percent": 100 * self.backfilled / max(1, self.no_shows),
            "gini_of_hours": gini(hours),
            "without_work_percent": 100 * float((hours == 0).sum()) / count,
            "hours_p90": _at(hours, 90),
            "km_mean": float(self.metres.mean()) / 1000 if len(self.metres) else 0.0,
            "pushes_a_person_a_day": float(asked.sum()) / count / max(1, days),
            "utility": float(self.utility),
        }


def gini(hours: np.ndarray) -> float:
    """How unevenly hours are spread: 0 all the same, 1 one person has all."""
    ordered = np.sort(np.asarray(hours, np.float64))
    count, total = len(ordered), float(ordered.sum())
    if not count or not total:
        return 0.0
    return float(2 * (np.arange(1, count + 1) * ordered).sum() / (count * total) - (count + 1) / count)


# --- markets -------------------------------------------------------------------------------------------------


def province(
    workers: int, postings: int, days: int, *, seed: int = 1, counties: int = 80, longest: int = 7
) -> Market:  # fmt: skip
    """The made-up province of `generate.Province`, its postings spread evenly over so many days.

    A posting has at most `longest` shifts, one a day; 1 makes it a market of day labour.
    """
    made = generate.province(workers, postings, seed=seed, counties=counties)
    jobs, day = made.postings, np.random.default_rng([seed, 7]).integers(0, days, postings)
    midnight = (generate.NOW + CHINA_MINUTES) // MINUTES_A_DAY * MINUTES_A_DAY - CHINA_MINUTES
    later = midnight // MINUTES_A_DAY + 1 + day - (jobs.next_start + CHINA_MINUTES) // MINUTES_A_DAY
    later += midnight % MINUTES_A_DAY > 0
    first = np.searchsorted(jobs.shifts[:, 0], np.arange(postings))
    shifts = jobs.shifts[np.arange(len(jobs.shifts)) - first[jobs.shifts[:, 0]] < longest]
    cut_off = np.maximum(0, np.bincount(jobs.shifts[:, 0], minlength=postings) - longest)
    shifts[:, 1:] += (later * generate.DAY)[shifts[:, 0], None]
    moved = replace(
        jobs, shifts=shifts, next_start=jobs.next_start + later * MINUTES_A_DAY,
        last_start=jobs.last_start + (later - cut_off) * MINUTES_A_DAY,
        papers_at=jobs.papers_at + (later - cut_off) * generate.DAY,
    )  # fmt: skip
    seats = generate.seats(seed=seed, counties=counties)
    return Market(
        made.workers, moved, made.places, day, days, midnight,
        nearest(made.workers.lat, made.workers.lng, seats), nearest(jobs.lat, jobs.lng, seats),
    )  # fmt: skip


def nearest(lat: np.ndarray, lng: np.ndarray, seats: np.ndarray) -> np.ndarray:
    """The county of each place: that of the nearest seat."""
    thin = np.cos(np.radians(seats[:, 0].mean()))
    found = np.empty(len(lat), np.int64)
    for begin in range(0, len(lat), 65_536):
        here = slice(begin, begin + 65_536)
        away = (lat[here, None] - seats[:, 0]) ** 2 + (thin * (lng[here, None] - seats[:, 1])) ** 2
        found[here] = away.argmin(1)
    return found


def everything(market: Market, weights: Mapping[str, int]) -> rounds.Pairs:
    """Every pair that is possible before anybody got anything: who could be reached by work at all."""
    workers, jobs = WorkerIndex.build(weights, market.workers), PostingIndex.build(weights, market.postings)
    return rounds.pairs(workers, jobs, market.midnight + EVENING, buffer=BUFFER)


def reachable(market: Market, weights: Mapping[str, int]) -> np.ndarray:
    """For each person whether there was any work they may and can take."""
    found = everything(market, weights)
    able = np.zeros(len(market.workers.key), np.bool_)
    able[found.workers[np.diff(found.edges.start) > 0] - 1] = True
    return able


def homes_and_work(market: Market, found: rounds.Pairs) -> tuple[np.ndarray, np.ndarray, int]:
    """The county where each pair's person lives, that of the work, and how many counties there are.

    Raises ValueError where they are not known.
    """
    if market.lived is None or market.worked is None:
        raise ValueError("the counties of this market are not known, so it cannot be cut")
    counties = int(max(market.lived.max(initial=0), market.worked.max(initial=0))) + 1
    lived = market.lived[found.workers - 1][found.edges.workers]
    return lived, market.worked[found.postings - 1][found.edges.posting], counties


# --- a run ---------------------------------------------------------------------------------------------------


@dataclass
class _Day:
    """One day: the pairs with their whole points, the points without waiting, and everybody's luck."""

    edges: Edges
    plain: np.ndarray
    people: np.ndarray
    postings: np.ndarray
    room: np.ndarray
    out_at: np.ndarray
    willing: np.ndarray
    looks: np.ndarray
    answers: np.ndarray
    late: np.ndarray
    pushes: np.ndarray
    taken: np.ndarray
    minutes: list[int] = field(default_factory=list)

    def take(self, person: int, pair: int, minute: float) -> None:
        """A place is given."""
        posting = self.edges.posting[pair]
        self.taken[person] = pair
        self.room[posting] -= 1
        self.minutes.append(max(0, int(minute - self.out_at[posting])))


def run(market: Market, rules: Rules, behaviour: Behaviour | None = None, *, seed: int = 1) -> Result:
    """All days under these rules. The same arguments give the same result, bit for bit.

    Raises ValueError for an unknown method, and for parts of a market whose counties are not known.
    """
    if rules.method not in METHODS:
        raise ValueError(f"there is no method {rules.method}, only {', '.join(METHODS)}")
    behaviour, count = behaviour or Behaviour(), len(market.workers.key)
    index = WorkerIndex.build(dict(rules.weights), market.workers)
    hours, pushes = np.zeros(count), np.zeros(count, np.int64)
    long, lately = _hours_of(market.postings), np.zeros((FORTNIGHT, count))
    minutes: list[int] = []
    metres: list[np.ndarray] = []
    filled = worked = no_shows = backfilled = utility = 0
    for number in range(market.days):
        few = rules.sharing * np.maximum(0, 1 - lately.sum(0) / ENOUGH_HOURS)
        day = _morning(market, rules, behaviour, index, number, seed, few.astype(np.int32))
        _GIVING[rules.method](day, rules, behaviour)
        pushes[day.people] += day.pushes
        filled += int((day.taken != NOBODY).sum())
        missing = _stay_away(market, day, behaviour, number, seed)
        no_shows += len(missing)
        before = day.pushes.copy()
        backfilled += _fill_up(day, missing) if rules.backfill else 0
        pushes[day.people] += day.pushes - before
        minutes += day.minutes
        came = np.flatnonzero(day.taken != NOBODY)
        who, what = day.people[came], day.postings[day.edges.posting[day.taken[came]]]
        worked += len(came)
        utility += int(day.plain[day.taken[came]].sum())
        hours[who] += long[what]
        lately[number % FORTNIGHT] = 0
        lately[number % FORTNIGHT, who] = long[what]
        metres.append(away(market, who, what))
        _promise(index, market.postings, who, what)
    return Result(
        rules.name, int(market.places.sum()), filled, worked, no_shows, backfilled, np.array(minutes, np.int64), hours,
        np.concatenate(metres) if metres else np.empty(0), pushes, utility,
    )  # fmt: skip


def _morning(
    market: Market, rules: Rules, behaviour: Behaviour, index: WorkerIndex, number: int, seed: int, few: np.ndarray
) -> _Day:  # fmt: skip
    """Who could do what, and today's luck: drawn for everybody, so that it does not hang on the rules."""
    now = market.midnight + number * MINUTES_A_DAY + EVENING
    jobs = PostingIndex.build(dict(rules.weights), _of(market.postings, market.day == number))
    found = rounds.pairs(index, jobs, now, weights={**rules.weights, "waiting": 0}, buffer=BUFFER)
    people, postings, edges = found.workers - 1, found.postings - 1, found.edges
    if rules.parts is not None:
        lived, worked, _counties = homes_and_work(market, found)
        edges = edges.only(rules.parts[lived] == rules.parts[worked])
    owed = waiting(index, people + 1, now, rules.weights["waiting"]) + few[people]
    whole = Edges(edges.start, edges.posting, edges.weight + np.repeat(owed, np.diff(edges.start)).astype(np.int32))
    rng, count = np.random.default_rng([seed, number]), len(market.workers.key)
    willing = rng.random(count) * 100 < behaviour.willing
    looks = np.sort(rng.random((count, behaviour.looks)) * OPEN_MINUTES, axis=1)
    answers, late = rng.exponential(behaviour.answers, count), rng.random(count) * 100 < behaviour.late_yes
    out_at = rng.random(len(market.places)) * OUT_MINUTES
    return _Day(
        whole, edges.weight, people, postings, market.places[postings].copy(), out_at[postings], willing[people],
        looks[people], answers[people], late[people], np.zeros(len(people), np.int64),
        np.full(len(people), NOBODY, np.int64),
    )  # fmt: skip


def waiting(index: WorkerIndex, keys: np.ndarray, now: int, most: int) -> np.ndarray:
    """The points for waiting of each person, as the kernels count them."""
    grid = index.grid
    rows = grid.items["row"][changes.items_of(index.keys, np.ascontiguousarray(keys, np.int64))]
    days = np.clip((now - grid.rows["last"][rows].astype(np.int64)) // points.MINUTES_A_DAY, 0, points.WAITED)
    return most * np.minimum(100, 100 * np.maximum(days - 1, 0) // 6) // 100


def _first(day: _Day, rules: Rules, behaviour: Behaviour) -> None:
    """Whoever is willing looks, and takes the best place that is out and has room."""
    start, posting, weight = day.edges.start, day.edges.posting, day.edges.weight
    able = np.flatnonzero(day.willing & (np.diff(start) > 0))
    who, when = np.repeat(able, day.looks.shape[1]), day.looks[able].ravel()
    for n in np.argsort(when, kind="stable").tolist():
        person, minute = int(who[n]), float(when[n])
        if day.taken[person] != NOBODY:
            continue
        mine = slice(start[person], start[person + 1])
        there = (day.room[posting[mine]] > 0) & (day.out_at[posting[mine]] <= minute)
        if there.any():
            day.take(person, int(start[person] + np.where(there, weight[mine], NOBODY).argmax()), minute)


def _waves(day: _Day, rules: Rules, behaviour: Behaviour) -> None:
    """Each posting asks its best who are free and were not asked, again and again until it is full."""
    order = np.lexsort((-day.edges.weight, day.edges.posting))
    first = np.searchsorted(day.edges.posting[order], np.arange(len(day.postings) + 1))
    whom, asked_up_to = day.edges.workers, first[:-1].copy()
    # (minute, 0 an answer or 1 a wave, posting, pair): an answer in the same minute comes first
    events = [(float(minute), 1, p, NOBODY) for p, minute in enumerate(day.out_at)]
    heapq.heapify(events)
    while events:
        minute, kind, p, pair = heapq.heappop(events)
        if kind == 0:
            person = int(whom[pair])
            if day.room[p] > 0 and day.taken[person] == NOBODY:
                day.take(person, pair, minute)
            continue
        wanted = min(WAVE_MOST, -(-int(day.room[p]) * 100 // max(1, behaviour.willing)))
        while wanted > 0 and asked_up_to[p] < first[p + 1]:
            pair = int(order[asked_up_to[p]])
            asked_up_to[p] += 1
            person = int(whom[pair])
            if day.taken[person] != NOBODY or day.pushes[person] >= behaviour.pushes_most:
                continue
            day.pushes[person] += 1
            wanted -= 1
            if day.willing[person]:
                heapq.heappush(events, (minute + day.answers[person], 0, p, pair))
        if day.room[p] > 0 and asked_up_to[p] < first[p + 1] and minute + rules.every < OPEN_MINUTES:
            heapq.heappush(events, (minute + rules.every, 1, p, NOBODY))


def _rounds(day: _Day, rules: Rules, behaviour: Behaviour) -> None:
    """Everybody and every open place at once; who is not willing does not answer and is not asked again that day."""
    quiet, whom = np.zeros(len(day.people), np.bool_), day.edges.workers
    for minute in range(rules.every, OPEN_MINUTES + 1, rules.every):
        free = (day.taken == NOBODY) & ~quiet & (day.pushes < behaviour.pushes_most)
        open_ = np.where(day.out_at <= minute, day.room, 0)
        kept = np.flatnonzero(free[whom] & (open_[day.edges.posting] > 0))
        if not len(kept):
            continue
        part = np.zeros(len(whom), np.bool_)
        part[kept] = True
        edges = day.edges.only(part)
        given = assign(edges, open_, salt=minute)
        for person in np.flatnonzero(given.places != NOBODY).tolist():
            mine = kept[edges.start[person] : edges.start[person + 1]]
            pair = int(mine[day.edges.posting[mine] == given.places[person]][0])
            day.pushes[person] += 1
            if day.willing[person]:
                day.take(person, pair, minute + min(float(day.answers[person]), rules.every))
            else:
                quiet[person] = True


_GIVING: dict[str, Callable[[_Day, Rules, Behaviour], None]] = {"first": _first, "waves": _waves, "rounds": _rounds}


def _stay_away(market: Market, day: _Day, behaviour: Behaviour, number: int, seed: int) -> list[int]:
    """The pairs whose people do not come; their places have room again, and they are out for the day."""
    luck = np.random.default_rng([seed, number, 1]).random(len(market.workers.key))[day.people] * 100
    marks = market.workers.broken
    broken = np.zeros(len(day.people), np.int64) if marks is None else marks[day.people]
    gone = np.flatnonzero((day.taken != NOBODY) & (luck < behaviour.no_show + behaviour.no_show_again * broken))
    pairs = day.taken[gone]
    day.taken[gone] = NOBODY
    day.willing[gone] = False
    return pairs.tolist()


def _fill_up(day: _Day, missing: list[int]) -> int:
    """The best who are free are asked one after the other, at most forty, until somebody can come."""
    by_posting = np.argsort(day.edges.posting, kind="stable")
    first = np.searchsorted(day.edges.posting[by_posting], np.arange(len(day.postings) + 1))
    whom, found = day.edges.workers, 0
    away_today = set(whom[missing].tolist())
    for pair in missing:
        p = int(day.edges.posting[pair])
        mine = by_posting[first[p] : first[p + 1]]
        best = mine[np.argsort(-day.edges.weight[mine], kind="stable")]
        free = [one for one in best.tolist() if day.taken[whom[one]] == NOBODY and int(whom[one]) not in away_today]
        for one in free[:WAVE_MOST]:
            person = int(whom[one])
            day.pushes[person] += 1
            if day.willing[person] and day.late[person]:
                day.taken[person] = one
                found += 1
                break
    return found


def _promise(index: WorkerIndex, postings: PostingColumns, who: np.ndarray, what: np.ndarray) -> None:
    """The hours of what was taken are promised."""
    order = np.argsort(postings.shifts[:, 0], kind="stable")
    rows = postings.shifts[order]
    begin, end = (np.searchsorted(rows[:, 0], what, side) for side in ("left", "right"))
    many = end - begin
    at = np.repeat(begin - np.concatenate(([0], np.cumsum(many)[:-1])), many) + np.arange(many.sum())
    index.take(np.repeat(who, many) + 1, rows[at, 1], rows[at, 2])


def _of(postings: PostingColumns, chosen: np.ndarray) -> PostingColumns:
    """Some of the postings."""
    number = np.cumsum(chosen) - 1
    picked: dict[str, Any] = {}
    for name, column in vars(postings).items():
        if name in ("shifts", "papers"):
            rows = column[chosen[column[:, 0]]].copy()
            rows[:, 0] = number[rows[:, 0]]
            picked[name] = rows
        else:
            picked[name] = None if column is None else column[chosen]
    return PostingColumns(**picked)


def _hours_of(postings: PostingColumns) -> np.ndarray:
    rows = postings.shifts
    return np.bincount(rows[:, 0], (rows[:, 2] - rows[:, 1]) / 4, minlength=len(postings.key))


def away(market: Market, who: np.ndarray, what: np.ndarray) -> np.ndarray:
    """Metres between people and the work they got, by the great circle."""
    lat, to = np.radians(market.workers.lat[who]), np.radians(market.postings.lat[what])
    across = np.radians(market.postings.lng[what] - market.workers.lng[who])
    share = np.sin((to - lat) / 2) ** 2 + np.cos(lat) * np.cos(to) * np.sin(across / 2) ** 2
    return 2 * points.EARTH_M * np.arcsin(np.sqrt(np.minimum(1.0, share)))


def _at(values: np.ndarray, percent: int) -> float:
    return float(np.percentile(values, percent)) if len(values) else 0.0
