"""One part of a round: who could take what there, who gets which place, and the same once more from what was kept.

Reads tables and writes none. Imported only where a round is solved or replayed: it loads the kernels.
"""

import hashlib
import io
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_

import numpy as np
from django.db.models import F, Max, Q

import linggong.reference.queries as reference
from linggong.core.clock import local
from linggong.matching import weighing
from linggong.matching.engine import points, rounds
from linggong.matching.engine.assignment import Edges
from linggong.matching.engine.facts import CHINA_QUARTERS
from linggong.matching.engine.index import WorkerIndex
from linggong.matching.engine.postings import PostingColumns, PostingIndex
from linggong.matching.engine.rounds import DAY_QUARTERS, Pairs
from linggong.matching.live import columns
from linggong.matching.score import Weights
from linggong.postings.models import Posting, Shift, State, WayIn
from linggong.workers.models import Worker

EPOCH = date(1970, 1, 1)
ARRAYS = ("workers", "postings", "start", "posting", "weight", "places", "next", "last", "shifts", "facts")
PassedOver = Callable[[Collection[str]], Iterable[tuple[int, int]]]
"""(worker, posting) keys in these counties that must not come out again: asked already, or standing there."""


@dataclass(frozen=True)
class Inputs:
    """What a part is solved from. `facts` are (minute, quarters between two places, salt)."""

    workers: np.ndarray
    postings: np.ndarray
    start: np.ndarray
    posting: np.ndarray
    weight: np.ndarray
    places: np.ndarray
    next: np.ndarray
    last: np.ndarray
    shifts: np.ndarray
    facts: np.ndarray

    def pack(self) -> bytes:
        """As it is kept."""
        out = io.BytesIO()
        np.savez_compressed(out, **{name: getattr(self, name) for name in ARRAYS})
        return out.getvalue()

    @classmethod
    def unpack(cls, kept: bytes) -> "Inputs":
        """As it was kept."""
        with np.load(io.BytesIO(bytes(kept)), allow_pickle=False) as found:
            return cls(**{name: found[name] for name in ARRAYS})

    @property
    def digest(self) -> str:
        """SHA-256 over every array: its name, its length and its numbers, whatever the packing."""
        said = hashlib.sha256()
        for name in ARRAYS:
            array = np.ascontiguousarray(getattr(self, name)).astype("<i8")
            said.update(f"{name}:{array.shape}:".encode())
            said.update(array.tobytes())
        return said.hexdigest()


@dataclass(frozen=True)
class Solved:
    """(posting, worker, points, day) keys and numbers, in that order; what they are worth, and what nobody can beat."""

    rows: Sequence[tuple[int, int, int, date]]
    value: int
    bound: float

    @property
    def digest(self) -> str:
        """SHA-256 over the rows."""
        text = "\n".join(f"{posting} {worker} {points} {day}" for posting, worker, points, day in self.rows)
        return hashlib.sha256(text.encode()).hexdigest()


def inside(counties: Collection[str], on: str = "division_id") -> Q:
    """The condition "in one of these counties" on a column of division codes."""
    return reduce(or_, (reference.inside(code, on=on) for code in counties))


def salt_of(seed: int, number: int) -> int:
    """What equals are drawn by in one part of a round: another in each, and the same whenever it is solved again."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{number}".encode()).digest()[:6])


def read(
    counties: Collection[str], moment: datetime, weights: Weights, *, salt: int, passed_over: PassedOver | None = None
) -> Inputs:
    """Everybody in these counties who takes work and lets themselves be asked, and every open place there.

    Places that the station gives away are none of a round. What was asked already, by `passed_over`, is no pair.
    """
    numbers, most = columns.Numbers(), weighing.most(weights)
    people = Worker.objects.filter(inside(counties), taking_work=True).exclude(invites="off")
    work = Posting.objects.filter(
        inside(counties), state=State.PUBLISHED, listed=True, next_starts_at__gt=moment
    ).exclude(way_in=WayIn.DISPATCH)  # fmt: skip
    workers = WorkerIndex.build(most, columns.of_workers(numbers, moment, people.values("pk")).columns)
    facts = columns.of_postings(numbers, moment, work.values("pk")).columns
    postings = PostingIndex.build(most, facts)
    now, buffer = columns.minute(moment), _buffer(counties, moment)
    found = rounds.pairs(workers, postings, now, buffer=buffer)
    edges = _without(found, passed_over(counties)) if passed_over is not None else found.edges
    free = dict(
        Shift.objects.filter(posting__in=work.values("pk"), starts_at__gt=moment, called_off_at=None)
        .values("posting").annotate(free=Max(F("places") - F("taken"))).values_list("posting", "free")
    )  # fmt: skip
    row = {key: n for n, key in enumerate(facts.key.tolist())}
    order = np.array([row[key] for key in found.postings.tolist()], np.int64)
    here = {old: new for new, old in enumerate(order.tolist())}
    hours = np.array(
        [(here[n], begins, ends) for n, begins, ends in facts.shifts.tolist() if n in here], np.int64
    ).reshape(-1, 3)  # fmt: skip
    return Inputs(
        workers=found.workers, postings=found.postings, start=edges.start, posting=edges.posting, weight=edges.weight,
        places=np.array([max(0, free.get(key, 0)) for key in found.postings.tolist()], np.int64),
        next=facts.next_start[order], last=facts.last_start[order], shifts=hours,
        facts=np.array([now, buffer, salt], np.int64),
    )  # fmt: skip


def solve(inputs: Inputs) -> Solved:
    """Give the places: at most one a day for each person, with the way between any two left free.

    From the inputs alone, so that the same inputs give the same answer anywhere and at any time.
    """
    now, buffer, salt = (int(fact) for fact in inputs.facts)
    keys = inputs.postings
    nowhere = np.zeros(len(keys))
    postings = PostingIndex.build(dict.fromkeys(points.ORDER, 0), PostingColumns(
        key=keys, lat=nowhere, lng=nowhere, trade=nowhere.astype(np.int64), employer=np.arange(len(keys)),
        next_start=inputs.next, last_start=inputs.last, shifts=inputs.shifts,
    ))  # fmt: skip
    found = Pairs(Edges(inputs.start, inputs.posting, inputs.weight), inputs.workers, keys)
    days = dict(
        zip(keys.tolist(), ((inputs.next // 15 + CHINA_QUARTERS) // DAY_QUARTERS).tolist(), strict=True)
    )  # fmt: skip
    places = dict(zip(keys.tolist(), inputs.places.tolist(), strict=True))
    given = rounds.solve(found, postings, places, now, buffer=buffer, sitting=days, salt=salt)
    rows = sorted(
        (posting, worker, worth, EPOCH + timedelta(days=days[posting]))
        for posting, worker, worth in zip(
            given.posting.tolist(), given.worker.tolist(), given.points.tolist(), strict=True
        )
    )
    return Solved(rows, given.value, given.bound)


def differences(kept: bytes, inputs_digest: str, outcome_digest: str) -> tuple[list[str], Solved]:
    """What is not as it was, and what comes out of what was kept; nothing when the part replays bit for bit."""
    inputs = Inputs.unpack(kept)
    again, found = solve(inputs), []
    if inputs.digest != inputs_digest:
        found.append("the inputs of the round were changed after they were written")
    if again.digest != outcome_digest:
        found.append("the round comes out differently")
    return found, again


def _buffer(counties: Collection[str], moment: datetime) -> int:
    """Quarters between two places of one person: the longest that any of these counties asks for."""
    on = local(moment).date()
    minutes = [reference.setting("travel_buffer_minutes", division_code=code, on=on) for code in counties]
    return -(-max(minutes) // 15)


def _without(found: Pairs, passed_over: Iterable[tuple[int, int]]) -> Edges:
    people = {key: n for n, key in enumerate(found.workers.tolist())}
    work = {key: n for n, key in enumerate(found.postings.tolist())}
    edges = found.edges
    kept = np.ones(len(edges.posting), np.bool_)
    for worker, posting in passed_over:
        if worker in people and posting in work:
            at = people[worker]
            mine = slice(edges.start[at], edges.start[at + 1])
            kept[mine] &= edges.posting[mine] != work[posting]
    return edges if kept.all() else edges.only(kept)
