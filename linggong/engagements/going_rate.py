"""What people really said yes to: the middle pay of one trade in one town over a week, and only when enough did."""

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median_low

import linggong.reference.queries as reference
from linggong.core.clock import at as clock_at
from linggong.engagements.models import Engagement, State

LEAST = 10
DAYS = 7
ACCEPTED = (State.CONFIRMED, State.REACCEPT, State.CLOSED)


@dataclass(frozen=True)
class GoingRate:
    """The middle of `count` accepted offers, in fen per unit; None with fewer than LEAST: then nobody can say."""

    count: int
    median_fen: int | None
    start: date
    end: date


def town_of(division_code: str) -> str:
    """The town or street that prices are compared in; a county where nothing finer is known."""
    return division_code[:9]


def going_rate(trade_code: str, division_code: str, pay_unit: str, *, before: date) -> GoingRate:
    """The middle accepted pay of a trade in a town over the seven days before a day. One query.

    Counted are deals that became binding then and were not taken back, at the pay that was agreed to. The lower
    middle, so that it is a sum somebody was really offered.
    """
    start = before - timedelta(days=DAYS)
    deals = Engagement.objects.filter(
        reference.inside(town_of(division_code), on="posting__division__path"),
        posting__trade=trade_code, terms__pay_unit=pay_unit, state__in=ACCEPTED,
        confirmed_at__gte=clock_at(start, 0), confirmed_at__lt=clock_at(before, 0),
    )  # fmt: skip
    sums = list(deals.values_list("terms__pay_fen", flat=True))
    middle = median_low(sums) if len(sums) >= LEAST else None
    return GoingRate(len(sums), middle, start, before)
