"""Who gets which place when everybody is looked at at once: the most points in all, with a bound nobody can beat.

Hand `assign` the pairs that are possible with their points, and how many places each posting has. It answers with a
place for each worker (or none), the value reached and a certified upper bound: no assignment whatever is worth more.

The method is an auction (Bertsekas 1979): free workers bid for their best place as much as it is better to them than
their second best; a posting keeps its highest bids, and its price is the lowest it kept, nothing while it has room.
Prices only rise. When nobody wants to bid any more, the prices are a dual solution, and their value is the bound.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from linggong.matching.engine.compiled import long_kernel, part
from linggong.matching.engine.grid import NOBODY

KEPT = 8  # best places a worker remembers between bids
SCALE = 1000  # prices are counted in thousandths of a point
STEP_SHARE = 10_000  # the usual step of a bid: this part of the most points of any pair


@dataclass(frozen=True)
class Edges:
    """The pairs that are possible: those of worker w are [start[w], start[w + 1]) of `posting` and `weight`."""

    start: np.ndarray
    posting: np.ndarray
    weight: np.ndarray

    @classmethod
    def of(cls, worker: Any, posting: Any, weight: Any, *, workers: int | None = None) -> "Edges":
        """From three arrays with one row per pair, in any order; weights are whole points."""
        worker = np.asarray(worker, np.int64).reshape(-1)
        count = int(worker.max(initial=NOBODY)) + 1 if workers is None else workers
        order = np.argsort(worker, kind="stable")
        start = np.zeros(count + 1, np.int64)
        np.cumsum(np.bincount(worker, minlength=count), out=start[1:])
        posting, weight = np.asarray(posting, np.int32).reshape(-1), np.asarray(weight, np.int32).reshape(-1)
        return cls(start, posting[order], weight[order])

    @property
    def workers(self) -> np.ndarray:
        """The worker of each pair."""
        return np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))

    def only(self, kept: np.ndarray) -> "Edges":
        """The pairs for which `kept` holds."""
        before = np.concatenate(([0], np.cumsum(kept)))
        return Edges(before[self.start], self.posting[kept], self.weight[kept])


@dataclass(frozen=True)
class Assignment:
    """`places[w]` is the posting of worker w, or -1. `bound` ≥ the best possible value ≥ `value`.

    `prices` say how many points a worker must have had more than elsewhere for a place of each posting.
    """

    places: np.ndarray
    value: int
    bound: float
    prices: np.ndarray

    @property
    def gap(self) -> float:
        """At most this share of the value could still be gained."""
        return 0.0 if self.bound <= self.value else (self.bound - self.value) / max(self.value, 1)


def assign(edges: Edges, capacities: Any, *, step: float | None = None, salt: int | None = None) -> Assignment:
    """Each worker at most one place, each posting at most `capacities[p]` workers, the most points in all.

    `step` is the least rise of a bid in points: the value is within `step` × places given of the best. The usual is a
    ten-thousandth of the most points of a pair. With a `salt` workers bid in an order drawn from it, else in theirs:
    who wins between equals should not be who registered first. The same input gives the same answer. Pairs of no
    points or fewer are never made. Raises ValueError when a pair names a posting that has no capacity given.
    """
    capacities = np.maximum(np.asarray(capacities, np.int64).reshape(-1), 0)
    count = len(edges.start) - 1
    if len(edges.posting) and not 0 <= edges.posting.min() <= edges.posting.max() < len(capacities):
        raise ValueError("a pair names a posting that is not there")
    if step is None:
        step = max(1, int(edges.weight.max(initial=0))) / STEP_SHARE
    order = np.arange(count) if salt is None else np.random.default_rng(salt).permutation(count)
    rise = max(1, round(step * SCALE))
    places, prices = auction(edges.start, edges.posting, edges.weight, capacities, order[::-1].copy(), rise)
    value, dual = worth(edges.start, edges.posting, edges.weight, capacities, places, prices)
    found = np.full(count, NOBODY, np.int32)
    won = places != NOBODY
    found[won] = edges.posting[places[won]]
    return Assignment(found, int(value), dual / SCALE, prices / SCALE)


def bound(edges: Edges, capacities: Any, prices: np.ndarray) -> float:
    """What no assignment of these pairs can exceed, by any prices ≥ 0: weak duality."""
    scaled = np.ceil(np.asarray(prices) * SCALE).astype(np.int64)
    nobody = np.full(len(edges.start) - 1, NOBODY, np.int64)
    capacities = np.maximum(np.asarray(capacities, np.int64).reshape(-1), 0)
    return worth(edges.start, edges.posting, edges.weight, capacities, nobody, scaled)[1] / SCALE


def components(edges: Edges, postings: int) -> np.ndarray:
    """The connected component of each worker (-1: no pair at all); each can be solved by itself, with the same answer.

    Numbered in the order of their first worker. With the same `step` the parts give together what the whole gives.
    """
    return connected(edges.start, edges.posting, postings)


@part
def sift_down(bids: Any, who: Any, first: int, size: int) -> None:
    """The root of a heap of bids finds its place."""
    at = 0
    while True:
        least = at
        for child in range(2 * at + 1, min(2 * at + 3, size)):
            if bids[first + child] < bids[first + least]:
                least = child
        if least == at:
            return
        bids[first + at], bids[first + least] = bids[first + least], bids[first + at]
        who[first + at], who[first + least] = who[first + least], who[first + at]
        at = least


@part
def sift_up(bids: Any, who: Any, first: int, at: int) -> None:
    """The last of a heap of bids finds its place."""
    while at > 0 and bids[first + at] < bids[first + (at - 1) // 2]:
        above = (at - 1) // 2
        bids[first + at], bids[first + above] = bids[first + above], bids[first + at]
        who[first + at], who[first + above] = who[first + above], who[first + at]
        at = above


@part
def look(start: int, end: int, posting: Any, weight: Any, price: Any, kept: Any, values: Any) -> tuple[int, int]:
    """The best pairs of a worker, best first, and what every other one is worth at most: (how many, rest)."""
    size, rest = 0, np.int64(0)
    for e in range(start, end):
        value = np.int64(weight[e]) * SCALE - price[posting[e]]
        if value <= rest:
            continue
        if size == KEPT:
            if value <= values[KEPT - 1]:
                rest = value
                continue
            rest = values[KEPT - 1]
            size -= 1
        at = size
        while at > 0 and values[at - 1] < value:
            values[at] = values[at - 1]
            kept[at] = kept[at - 1]
            at -= 1
        values[at] = value
        kept[at] = e - start
        size += 1
    return size, rest


@long_kernel
def auction(start: Any, posting: Any, weight: Any, capacities: Any, queue: Any, rise: int) -> Any:
    """(the pair won by each worker or -1, the price of each posting)."""
    workers, postings = start.shape[0] - 1, capacities.shape[0]
    price, size = np.zeros(postings, np.int64), np.zeros(postings, np.int64)
    room = np.zeros(postings + 1, np.int64)
    for e in range(posting.shape[0]):
        room[posting[e] + 1] += 1
    for p in range(postings):
        room[p + 1] = room[p] + min(room[p + 1], capacities[p])
        if capacities[p] == 0:
            price[p] = np.int64(1) << 60
    bids, who = np.empty(room[postings], np.int64), np.empty(room[postings], np.int32)
    won = np.full(workers, NOBODY, np.int64)
    kept, many = np.empty((workers, KEPT), np.int32), np.full(workers, NOBODY, np.int32)
    rest, values = np.zeros(workers, np.int64), np.empty(KEPT, np.int64)
    left = queue.shape[0]
    while left:
        worker = queue[left - 1]
        best, second, at = np.int64(0), np.int64(0), NOBODY
        for n in range(many[worker]):
            e = start[worker] + kept[worker, n]
            value = np.int64(weight[e]) * SCALE - price[posting[e]]
            if value > best:
                best, second, at = value, best, e
            elif value > second:
                second = value
        if second < rest[worker] or many[worker] == NOBODY:
            many[worker], rest[worker] = look(
                start[worker], start[worker + 1], posting, weight, price, kept[worker], values
            )
            best, second, at = np.int64(0), np.int64(0), NOBODY
            if many[worker]:
                best, at = values[0], start[worker] + kept[worker, 0]
            if many[worker] > 1:
                second = values[1]
        left -= 1
        if at == NOBODY:
            continue
        p = posting[at]
        bid, first = price[p] + best - second + rise, room[p]
        won[worker] = at
        if size[p] < capacities[p]:
            bids[first + size[p]], who[first + size[p]] = bid, worker
            sift_up(bids, who, first, size[p])
            size[p] += 1
        else:
            out = who[first]
            won[out] = NOBODY
            queue[left] = out
            left += 1
            bids[first], who[first] = bid, worker
            sift_down(bids, who, first, size[p])
        if size[p] == capacities[p]:
            price[p] = bids[first]
    for p in range(postings):
        if capacities[p] == 0:
            price[p] = 0
    return won, price


@long_kernel
def worth(start: Any, posting: Any, weight: Any, capacities: Any, won: Any, price: Any) -> tuple[int, int]:
    """The points of the places given, and the bound by these prices in thousandths."""
    value, dual = np.int64(0), np.int64(0)
    for p in range(capacities.shape[0]):
        dual += price[p] * capacities[p]
    for w in range(start.shape[0] - 1):
        best = np.int64(0)
        for e in range(start[w], start[w + 1]):
            if capacities[posting[e]]:
                best = max(best, np.int64(weight[e]) * SCALE - price[posting[e]])
        dual += best
        if won[w] != NOBODY:
            value += weight[won[w]]
    return value, dual


@part
def root(parent: Any, node: int) -> int:
    """The representative of a node, halving the path to it."""
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@long_kernel
def connected(start: Any, posting: Any, postings: int) -> Any:
    """The component of each worker."""
    workers = start.shape[0] - 1
    parent, named = np.arange(postings), np.full(postings, NOBODY, np.int64)
    found, count = np.full(workers, NOBODY, np.int64), 0
    for w in range(workers):
        for e in range(start[w] + 1, start[w + 1]):
            parent[root(parent, posting[e])] = root(parent, posting[start[w]])
    for w in range(workers):
        if start[w] == start[w + 1]:
            continue
        top = root(parent, posting[start[w]])
        if named[top] == NOBODY:
            named[top] = count
            count += 1
        found[w] = named[top]
    return found
