"""Is the live index what the database says? A sample of both, fact by fact; what differs is read again and counted."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from random import SystemRandom
from typing import Any

import numpy as np
from django.db.models import Max, QuerySet

from linggong.core.clock import now
from linggong.matching import weighing
from linggong.matching.engine import changes
from linggong.matching.engine.facts import BUSY
from linggong.matching.engine.grid import NOBODY
from linggong.matching.engine.index import WorkerIndex
from linggong.matching.engine.postings import PostingIndex
from linggong.matching.live import board, columns
from linggong.matching.live.watching import POSTING, WORKER
from linggong.postings.models import Posting, State
from linggong.workers.models import Worker

_random = SystemRandom()
PLAIN = {
    WORKER: ("lat", "lng", "reach", "floor", "trust", "flags"),
    POSTING: ("lat", "lng", "fen", "minutes", "next", "until", "papers_at", "trade", "trust", "open"),
}


@dataclass(frozen=True)
class Checked:
    """How many rows were compared, how many still differed after a second look, how many there are in all."""

    checked: int
    drift: int
    workers: int
    postings: int
    keys: tuple[tuple[str, int], ...] = ()


def check(live: Any, how_many: int) -> Checked:
    """Compare; whatever differs may have changed this moment, so it is caught up with and looked at once more."""
    wrong: list[tuple[str, int]] = []
    checked = 0
    rows = {WORKER: Worker.objects.all(), POSTING: Posting.objects.filter(state=State.PUBLISHED)}
    for kind, table in rows.items():
        keys = sample(table, how_many)
        checked += len(keys)
        if suspects := _different(live, kind, keys):
            live.catch_up()
            if differ := _different(live, kind, suspects):
                wrong += [(kind, key) for key in differ]
                live.read_again(kind, differ, now())
    workers, postings = live.reading(lambda w, p: (_size(w), _size(p)))
    return Checked(checked, len(wrong), workers, postings, tuple(wrong[:20]))


def sample(rows: QuerySet, how_many: int) -> list[int]:
    """Random keys of a table: random places in the range of keys and the next row from there."""
    last = rows.aggregate(last=Max("pk"))["last"]
    if last is None:
        return []
    if rows.count() <= how_many:
        return list(rows.order_by("pk").values_list("pk", flat=True))
    guesses = sorted({_random.randint(1, last) for _ in range(how_many * 2)})
    found: list[int] = []
    for at in range(0, len(guesses), columns.AT_ONCE):
        found += rows.filter(pk__in=guesses[at : at + columns.AT_ONCE]).values_list("pk", flat=True)
    return sorted(_random.sample(found, how_many) if len(found) > how_many else found)


def _different(live: Any, kind: str, keys: list[int]) -> list[int]:
    """Those of the keys whose facts here are not those of the database."""
    wrong: list[int] = []
    of, index = (columns.of_workers, WorkerIndex) if kind == WORKER else (columns.of_postings, PostingIndex)
    for at in range(0, len(keys), columns.AT_ONCE):
        some = keys[at : at + columns.AT_ONCE]
        moment = now()
        true = index.build(weighing.most(live.weights), of(live.numbers, moment, some).columns)
        since = columns.quarter(moment) - 7 * 96
        minute = columns.minute(moment)
        owners, theirs = live.reading(partial(_owners_in, kind)), _owners(true)
        for key in some:  # one by one: whoever asks for a list meanwhile does not wait for all of it
            ours = live.reading(partial(_facts_in, kind, key, since, minute, owners))
            if ours != facts_of(true, kind, key, since, minute, theirs):
                wrong.append(key)
        if kind == POSTING:
            wrong += sorted(_misplaced(live, some, moment) - set(wrong))
    return wrong


def _misplaced(live: Any, keys: list[int], moment: datetime) -> set[int]:
    """Those of the keys that the lists would show otherwise than the database."""
    true = {int(row["key"]): row for row in board.rows_of(live.kinds, moment, keys).rows}
    at = board.micro(moment)

    def differs(key: int, _workers: Any, _postings: Any) -> bool:
        ours = live.board.find(key)
        if ours is not None and (ours["last"] <= at or ours["due"] <= at):
            return False  # over, or about to be read again
        theirs = true.get(key)
        if ours is None or theirs is None:
            return (ours is None) != (theirs is None)
        return any(ours[name] != theirs[name] for name in theirs.dtype.names if name != "stamp")

    return {key for key in keys if live.reading(partial(differs, key))}


def _owners_in(kind: str, workers: Any, postings: Any) -> dict[int, int]:
    return _owners(workers if kind == WORKER else postings)


def _facts_in(kind: str, key: int, since: int, minute: int, owners: dict[int, int], workers: Any, postings: Any) -> Any:
    return facts_of(workers if kind == WORKER else postings, kind, key, since, minute, owners)


def _owners(index: Any) -> dict[int, int]:
    """Employers by their number in an index."""
    return {int(number): int(key) for key, number in index.employers[index.employers[:, 0] != NOBODY].tolist()}


def facts_of(index: Any, kind: str, key: int, since: int, minute: int, owners: dict[int, int]) -> Any:
    """Everything an index knows of one row and still uses, in a form that compares; None when it is not to be found."""
    grid, item = index.grid, int(changes.find(index.keys, key))
    if item == NOBODY:
        return None
    one = grid.items[item]
    if kind == POSTING and (one["row"] == NOBODY or one["until"] <= minute):
        return None
    plain = tuple("none" if np.isnan(value) else value for value in (float(one[name]) for name in PLAIN[kind]))
    links = sorted(
        (int(fact["kind"]), int(fact["a"]), int(fact["b"]))
        for fact in _chain(grid.links, int(one["link"]), "next") if fact["kind"] != BUSY or fact["b"] > since
    )  # fmt: skip
    if kind == POSTING:
        coming = sorted(fact for fact in links if fact[0] != BUSY or fact[1] * 15 > minute)
        return (*plain, tuple(coming))
    rows = []
    row = int(one["row"])
    while row != NOBODY:
        rows.append((int(grid.groups[row]), int(grid.rows[row]["base"]), int(grid.rows[row]["floor"])))
        row = int(grid.chain[row])
    ties = sorted(
        (owners.get(int(tie["owner"]), NOBODY), int(tie["points"]))
        for tie in _chain(grid.ties, int(one["tie"]), "next") if tie["points"]
    )  # fmt: skip
    return (*plain, tuple(links), tuple(sorted(rows)), tuple(ties))


def _chain(table: np.ndarray, at: int, to: str) -> Any:
    while at != NOBODY:
        yield table[at]
        at = int(table[at][to])


def _size(index: Any) -> int:
    """How many can be found: those with a row."""
    count = int(index.grid.counts[2])
    return int((index.grid.items["row"][:count] != NOBODY).sum())
