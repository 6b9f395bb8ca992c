"""A round: all open places and all available people at once.

`pairs` joins a worker index with a posting index into the pairs that are possible, each with its published points;
`solve` gives places by `assignment.assign`, sitting by sitting, so that nobody is in two places at a time and the way
from one to the next is left free.
"""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from linggong.matching.engine import changes, join, points
from linggong.matching.engine.assignment import STEP_SHARE, Edges, assign, bound
from linggong.matching.engine.facts import CHINA_QUARTERS
from linggong.matching.engine.grid import NOBODY, OWNERS
from linggong.matching.engine.index import WorkerIndex
from linggong.matching.engine.postings import PostingIndex

AT_ONCE = 1 << 22  # pairs in one part of the join
DAY_QUARTERS = 96


@dataclass(frozen=True)
class Pairs:
    """Possible pairs between `workers` (keys) and `postings` (keys); the edges number both from 0."""

    edges: Edges
    workers: np.ndarray
    postings: np.ndarray


@dataclass(frozen=True)
class Round:
    """Places given: worker and posting keys, the points of each, the value of all and its certified bound."""

    worker: np.ndarray
    posting: np.ndarray
    points: np.ndarray
    value: int
    bound: float
    prices: dict[int, float]

    @property
    def gap(self) -> float:
        """At most this share of the value could still be gained by any assignment with these sittings."""
        return 0.0 if self.bound <= self.value else (self.bound - self.value) / max(self.value, 1)


def pairs(
    workers: WorkerIndex, postings: PostingIndex, now: int, *, weights: Mapping[str, int] | None = None,
    buffer: int = 0, threads: int | None = None,
) -> Pairs:  # fmt: skip
    """Every worker with every posting they may and can take, by the rules of `WorkerIndex.best`.

    `buffer` quarters are left free before and after hours that are promised already. `weights` may give way, past, pay
    and waiting other values than the index has, e.g. more for waiting; skill, experience and reliability are summed in
    the index. Nothing may change either index meanwhile.
    """
    most = workers.most if weights is None else points.most_of(weights)
    grid, jobs = postings.grid, join.jobs_of(postings.grid, now, buffer)
    jobs = jobs[np.argsort(join.keys_of(jobs), kind="stable")]
    xs, ys, needs = (np.ascontiguousarray(jobs[name]) for name in ("x", "y", "needs"))
    stretches, lowest = join.stretches_of(jobs)
    owners = join.owner_map(postings.employers, workers.employers, int(grid.counts[OWNERS]))
    people = join.people_of(workers.grid)  # in the order of the index, where neighbours lie together

    def some(chunk: np.ndarray) -> tuple[list[Any], list[Any], list[Any]]:
        degrees, whom, worth = [], [], []
        done = 0
        while done < len(chunk):
            to, degree, posting, weight = join.pairs(
                workers.grid, grid, most, chunk, done, jobs, xs, ys, needs, stretches, lowest, owners, now,
                workers.reach_most_m, buffer, max(AT_ONCE, len(jobs)),
            )  # fmt: skip
            degrees.append(degree)
            whom.append(posting)
            worth.append(weight)
            done = to
        return degrees, whom, worth

    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        parts = list(pool.map(some, np.array_split(people, max(1, len(people) // 65_536))))
    start = np.zeros(len(people) + 1, np.int64)
    np.cumsum(np.concatenate([d for part in parts for d in part[0]] or [np.empty(0, np.int64)]), out=start[1:])
    whom = np.concatenate([p for part in parts for p in part[1]] or [np.empty(0, np.int32)])
    worth = np.concatenate([w for part in parts for w in part[2]] or [np.empty(0, np.int32)])
    return Pairs(Edges(start, whom, worth), workers.grid.items["key"][people], grid.items["key"][jobs["item"]])


def solve(
    found: Pairs, postings: PostingIndex, places: Mapping[int, int], now: int, *, buffer: int = 0,
    sitting: Mapping[int, int] | None = None, step: float | None = None, salt: int | None = None,
) -> Round:  # fmt: skip
    """Give the places: `places` by posting key, the open ones; who is not named has none.

    Each person gets at most one place in the round, or one in each sitting: `sitting` numbers them by posting key
    (`days_of` gives local days). Sittings are solved one after the other, and between any two places of one person
    `buffer` quarters stay free. The bound of several sittings is that of each by itself added up: it holds against
    every assignment, and is loose where a posting of many days keeps people from the next sittings.
    """
    edges, items = found.edges, find_items(postings, found.postings)
    capacities = np.array([places.get(key, 0) for key in found.postings.tolist()], np.int64)
    when = np.zeros(len(capacities), np.int64)
    if sitting is not None:
        when = np.array([sitting.get(key, NOBODY) for key in found.postings.tolist()], np.int64)
    step = step or max(1, int(edges.weight.max(initial=0))) / STEP_SHARE
    days = np.unique(when[(capacities > 0) & (when >= 0)])
    picks = np.full((len(found.workers), len(days)), NOBODY, np.int32)
    prices, value, dual = np.zeros(len(capacities)), 0, 0.0
    for number, day in enumerate(days):
        here = np.where(when == day, capacities, 0)
        mine = edges if len(days) == 1 else edges.only(when[edges.posting] == day)
        open_ = mine
        if number:
            open_ = mine.only(
                join.still_free(postings.grid, items, mine.start, mine.posting, picks[:, :number], buffer, now)
            )
        given = assign(open_, here, step=step, salt=salt)
        picks[:, number] = given.places
        prices += given.prices
        value += given.value
        dual += given.bound if open_ is mine else bound(mine, here, given.prices)
    who, day = np.nonzero(picks != NOBODY)
    posting = picks[who, day]
    return Round(
        found.workers[who], found.postings[posting], points_of(edges, who, posting), value, dual,
        {key: float(price) for key, price in zip(found.postings.tolist(), prices, strict=True) if price > 0},
    )  # fmt: skip


def days_of(found: Pairs, postings: PostingIndex) -> dict[int, int]:
    """The local day of the next start of each posting: the usual sittings."""
    starts = postings.grid.items["next"][find_items(postings, found.postings)]
    return dict(zip(found.postings.tolist(), ((starts // 15 + CHINA_QUARTERS) // DAY_QUARTERS).tolist(), strict=True))


def find_items(postings: PostingIndex, keys: np.ndarray) -> np.ndarray:
    """The items of an index by their keys."""
    return changes.items_of(postings.keys, np.ascontiguousarray(keys, np.int64))


def points_of(edges: Edges, who: np.ndarray, posting: np.ndarray) -> np.ndarray:
    """The points of the pairs that were made."""
    return join.weights_of(edges.start, edges.posting, edges.weight, who.astype(np.int64), posting)
