"""What really happened, as a market that can be lived again under other rules.

People as they are today, with the hours the platform gave them in those days taken back; every posting of those days
that came out, whatever became of it, with all its places.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from linggong.core.clock import at, local
from linggong.matching.live import columns
from linggong.matching.simulating import Market
from linggong.postings.models import Posting, Shift, State

NEVER_OUT = (State.DRAFT, State.SUBMITTED, State.REJECTED_AUTO, State.REVIEWING, State.RETURNED, State.REJECTED)


def market(since: date, days: int) -> Market:
    """The postings whose first shift lies in the `days` days from `since` on, with everybody who is registered."""
    numbers, begins = columns.Numbers(), at(since, 0)
    people = columns.of_workers(numbers, begins).columns
    busy = people.busy[people.busy[:, 1] < columns.quarter(begins)]
    known = replace(people, key=np.arange(1, len(people.key) + 1), busy=busy)
    rows = Posting.objects.exclude(state__in=NEVER_OUT).filter(
        first_starts_at__gte=begins, first_starts_at__lt=at(since + timedelta(days=days), 0), lat__isnull=False
    )
    facts = list(rows.order_by("pk"))
    shifts: dict[int, list[Shift]] = defaultdict(list)
    for shift in Shift.objects.filter(posting__in=rows, called_off_at=None).order_by("starts_at", "pk"):
        shifts[shift.posting_id].append(shift)
    facts = [posting for posting in facts if shifts[posting.pk]]
    mine = [shifts[posting.pk] for posting in facts]
    postings = columns.PostingColumns(
        key=np.arange(1, len(facts) + 1), lat=np.array([p.lat for p in facts], np.float64),
        lng=np.array([p.lng for p in facts], np.float64),
        trade=np.array([numbers.trade(p.trade_id) for p in facts], np.int64),
        employer=np.array([p.employer_id for p in facts], np.int64),
        next_start=np.array([columns.minute(some[0].starts_at) for some in mine], np.int64),
        last_start=np.array([columns.minute(some[-1].starts_at) + 1 for some in mine], np.int64),
        shift_fen=np.array([p.shift_fen for p in facts], np.int64),
        shift_minutes=np.array([p.shift_minutes for p in facts], np.int64),
        papers_at=np.array([columns.papers_at(some, begins) for some in mine], np.int64),
        shifts=np.array([(n, *columns.span(s)) for n, some in enumerate(mine) for s in some], np.int64).reshape(-1, 3),
        papers=np.array(
            [(n, numbers.paper(code)) for n, p in enumerate(facts) for code in p.certificates], np.int64
        ).reshape(-1, 2),
    )  # fmt: skip
    day = np.array([(local(some[0].starts_at).date() - since).days for some in mine], np.int64)
    places = np.array([max(s.places for s in some) for some in mine], np.int64)
    return Market(known, postings, places, day, days, columns.minute(begins) - 24 * 60)
