"""轮流派 and 摇号: two orders that look at nobody's points. Pure; both can be worked out again by anyone.

Turns: the most days without work first. Days are counted from the day of the last shift in the venue's area, else
from the day of registration, at most WAITED_MOST. Equal days are ordered by a lot that changes every day, so that
nobody stands behind somebody else for ever. The draw: by SHA-256 of the seed and the number of the ticket; the seed
is committed to (its SHA-256 published) before the first ticket is given out.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from linggong.matching.score import Pair

WAITED_MOST = 60
TURN, DRAW = "turn", "draw"
NO_TICKET = 10**9


@dataclass(frozen=True)
class Turns:
    """What an order by turns is made of. `last` is the day of each worker's last shift here, `places` each one's place
    in the draw of the day; `name` is the public code of the venue, a part of every lot.
    """

    name: str
    day: date
    last: Mapping[int, date] = field(default_factory=dict)
    places: Mapping[int, int] = field(default_factory=dict)

    @property
    def order(self) -> str:
        """A draw that was held goes before turns."""
        return DRAW if self.places else TURN

    def standing(self, pair: Pair, *, key: int, code: str, registered: date) -> Pair:
        """The pair with the days waited, the lot of the day and the place in the draw."""
        waited = days_waited(self.last.get(key, registered), self.day)
        return replace(pair, waited=waited, lot=lot(self.name, self.day, code), drawn=self.places.get(key))


def days_waited(since: date, day: date) -> int:
    """Whole days without work; work that is still to come counts as work today."""
    return max(0, min(WAITED_MOST, (day - since).days))


def lot(venue: str, day: date, person: str) -> int:
    """The lot of a person on a day: 48 bits of a hash over public codes."""
    return int(_sha256(f"{venue}:{day.isoformat()}:{person}")[:12], 16)


def before(order: str, pair: Pair) -> tuple[int, ...]:
    """What a list in this order is sorted by."""
    by_turn = (-(pair.waited or 0), pair.lot or 0)
    return by_turn if order == TURN else (NO_TICKET if pair.drawn is None else pair.drawn, *by_turn)


def commitment_of(seed: str) -> str:
    """What is published the evening before."""
    return _sha256(seed)


def drawn(seed: str, tickets: Sequence[int]) -> list[int]:
    """The tickets in the order of the draw: by the hash of "seed:number"."""
    return sorted(tickets, key=lambda number: _sha256(f"{seed}:{number}"))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
