"""How work is spread: measured every night for each county, published on 怎么排的 together with its method."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count

from linggong.core.clock import local, now
from linggong.engagements.models import Attendance
from linggong.engagements.newcomers import LIVED
from linggong.oversight import idle
from linggong.oversight.models import Spread
from linggong.reference.queries import county_of

DAYS = 30
PEOPLE_LEAST = 10  # fewer people than this are no figure


def uneven(shifts: Sequence[int]) -> int:
    """The Gini coefficient of these counts in whole percent: 0 when all have the same, near 100 when one has all.

    With the counts sorted upwards as x1 … xn: 2·Σ(i·xi) / (n·Σxi) − (n+1)/n. Nothing to share is shared evenly: 0.
    """
    total, many = sum(shifts), len(shifts)
    if not total:
        return 0
    weighted = sum(place * count for place, count in enumerate(sorted(shifts), start=1))
    return round(100 * (2 * weighted / (many * total) - (many + 1) / many))


@transaction.atomic
def measure() -> int:
    """Write the figures of today for each county with enough active people; again on the same day: the newer stand.

    Counted are shifts lived to their end in the last thirty days, of people active now (see `idle.active`).
    Returns how many counties were measured.
    """
    moment = now()
    counts = _shifts(moment)
    by_county: dict[str, list[int]] = defaultdict(list)
    for worker, division in idle.active(moment).order_by("pk").values_list("pk", "division_id"):
        by_county[county_of(division)].append(counts.get(worker, 0))
    measured = {code: shifts for code, shifts in by_county.items() if len(shifts) >= PEOPLE_LEAST}
    for code, shifts in sorted(measured.items()):
        facts = {"people": len(shifts), "without": shifts.count(0), "uneven_percent": uneven(shifts), "at": moment}
        Spread.objects.update_or_create(division_code=code, day=local(moment).date(), defaults=facts)
    return len(measured)


def latest(division_code: str, day: date) -> Spread | None:
    """The newest figures of the county a place lies in, at most a week old."""
    rows = Spread.objects.filter(division_code=county_of(division_code), day__gt=day - timedelta(days=7))
    return rows.order_by("-day").first()


def _shifts(moment: datetime) -> dict[int, int]:
    rows = Attendance.objects.filter(
        state__in=LIVED, shift__ends_at__gt=moment - timedelta(days=DAYS), shift__ends_at__lte=moment
    )
    return dict(rows.order_by("engagement__worker").values_list("engagement__worker").annotate(n=Count("pk")))
