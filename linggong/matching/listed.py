"""One page of what is out, from the memory of this process: the rows and the order of `postings.queries`, no query."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from linggong.matching.live import running
from linggong.postings.filters import Filters


class Row(NamedTuple):
    """A posting on the page. `stamp` is another whenever anything was changed that a list shows of it."""

    key: int
    stamp: int
    lat: float
    lng: float


@dataclass(frozen=True)
class Page:
    """The rows in order, and how many there are in all, as far as `postings.queries.how_many` counts."""

    rows: list[Row]
    count: int


def page(
    filters: Filters, moment: datetime, *, order: str, around: tuple[float, float, int] | None,
    trades: tuple[str, ...] | None, skip: int, limit: int,
) -> Page | None:  # fmt: skip
    """What `near` (with `around`) or `found` of `postings.queries` would give, without the words of a row.

    `trades` are those the filters leave (`postings.queries.trades_of`). None where only the database can say: the
    engine is off or behind, words are looked for, or a shift began this moment.
    """
    live = running.in_step()
    if live is None:
        return None
    seen = live.listed(filters, moment, order, skip=skip, limit=limit, around=around, trades=trades)
    if seen is None:
        return None
    return Page([Row(*row) for row in seen.rows[["key", "stamp", "lat", "lng"]].tolist()], seen.count)
