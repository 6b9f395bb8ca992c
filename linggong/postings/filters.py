"""What somebody looks for, as lists, matching and kept wishes take it. Pure."""

from dataclasses import dataclass
from datetime import date

from linggong.postings.by_words import Term


@dataclass(frozen=True)
class Filters:
    """What somebody looks for; empty means: does not matter. Pay is per shift and person, in fen.

    `terms` come from `by_words.terms_of`: each must be found, in the words of a posting or as its trade. `best_first`
    puts postings that are of a trade meant before those whose text only mentions the words.
    """

    terms: tuple[Term, ...] = ()
    best_first: bool = False

    trades: tuple[str, ...] = ()
    group: str = ""
    day: date | None = None
    dayparts: tuple[str, ...] = ()
    pay_low_fen: int | None = None
    meals: bool = False
    lodging: bool = False
    transport: bool = False
    seated: bool = False
    half_day: bool = False
    suitable_for: str = ""
    funded: bool = False
    division: str = ""
    way_in: str = ""
    unit: str = ""
    neighbours: bool = False


ANYTHING = Filters()
