"""Questions about postings: what is out, what is near, what waits for review, what an employer has."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext as _

import linggong.reference.queries as reference
from linggong.core.asking import Question, ask, first
from linggong.core.clock import at as clock_at
from linggong.core.clock import local
from linggong.core.models import Event
from linggong.core.once import terms_hash
from linggong.employers.models import Employer
from linggong.postings import circle, pay
from linggong.postings.by_words import holding
from linggong.postings.filters import ANYTHING, Filters
from linggong.postings.models import LIVE, PUBLIC, Daypart, Flag, Posting, Review, Searchable, Shift, State, Version
from linggong.postings.screened import findings as screened_findings
from linggong.postings.screening import Finding
from linggong.reference.geo import EARTH_M, cells_within, distance_m

HALF_DAY_MINUTES = 5 * 60
SOON = timedelta(hours=2)
LIMIT = 20
LIMIT_MOST = 200
COUNT_MOST = 1000
ORDERS = ("near", "soon", "pay", "fit")


class Reach(Protocol):
    """What a member of staff may see."""

    divisions: Sequence[str]
    venues: Sequence[int]
    national: bool


# --- what is out ---------------------------------------------------------------------------------------------


def listed(moment: datetime) -> QuerySet[Posting]:
    """Everything anybody may take now: published, listed, with a shift still to come.

    Asks the row and not the sweep: a posting leaves the lists at its last start, and enters them at approval. What is
    its neighbours' alone for now is only in `near`.
    """
    return _out(moment).filter(circle.open_to_all(moment))


def _out(moment: datetime) -> QuerySet[Posting]:
    out = Posting.objects.filter(state=State.PUBLISHED, listed=True)
    # Nearly every row passes this; written so that no index on it is taken in place of the one that gives the order.
    out = out.alias(open_until=Coalesce("last_starts_at", "next_starts_at")).filter(open_until__gt=moment)
    return out.select_related("employer", "trade", "division")


def found(moment: datetime, filters: Filters = ANYTHING, *, order: str = "soon") -> QuerySet[Posting]:
    """`listed` narrowed by filters, in a stable order, each row with `places_left`, `next_start` and `shifts_left`."""
    rows = _filtered(listed(moment), filters, moment)
    keys = ("-shift_fen", "next_starts_at", "pk") if order == "pay" else ("next_starts_at", "pk")
    return with_room(rows, moment).order_by(*_best_first(filters), *keys)


def out_with_room(keys: Iterable[int], moment: datetime) -> list[Posting]:
    """Those of these that are out, neighbours' first minutes or not, each as `found` gives it; in no order."""
    return list(with_room(_out(moment).filter(pk__in=list(keys)), moment))


def near(
    lat: float, lng: float, radius_m: int, moment: datetime, filters: Filters = ANYTHING, *,
    order: str = "near", limit: int = LIMIT, offset: int = 0,
) -> list[Posting]:  # fmt: skip
    """What is out within `radius_m` of a place, each row also with `distance_m`. One query whatever the length.

    The place is used and forgotten. The grid cells bound the search, the flat distance in SQL is exact to a few
    metres at this size, the distance shown is the great circle. Orders: near, soon, pay; "fit" is `matching`'s.
    """
    rows = with_room(_looked_for(moment, filters, (lat, lng, radius_m)), moment)
    keys = {
        "pay": ("-shift_fen", "flat_square", "pk"), "soon": ("next_starts_at", "flat_square", "pk"),
    }.get(order, ("flat_square", "next_starts_at", "pk"))  # fmt: skip
    page = list(rows.order_by(*_best_first(filters), *keys)[offset : offset + min(limit, LIMIT_MOST)])
    for posting in page:
        posting.distance_m = distance_m(lat, lng, posting.lat, posting.lng)
    return page


def around(
    lat: float, lng: float, radius_m: int, moment: datetime, filters: Filters = ANYTHING
) -> QuerySet[Posting]:  # fmt: skip
    """What `near` finds, without its order, its page and its count of places: for whoever orders by something else."""
    return _looked_for(moment, filters, (lat, lng, radius_m))


def how_many(
    moment: datetime, filters: Filters = ANYTHING, *, around: tuple[float, float, int] | None = None,
) -> int:  # fmt: skip
    """How many postings `found` or `near` would give in all, counted no further than COUNT_MOST + 1.

    Nobody reads past a thousand, and counting a province costs more than the page.
    """
    rows = _looked_for(moment, filters, around)
    return rows.order_by()[: COUNT_MOST + 1].count()


def count_words(number: int) -> str:
    """A count as a person reads it: exact as far as `how_many` counted, then "1000 多"."""
    return _("{n} 多").format(n=COUNT_MOST) if number > COUNT_MOST else str(number)


def facets(
    moment: datetime, filters: Filters = ANYTHING, *, around: tuple[float, float, int] | None = None,
) -> dict[str, int]:  # fmt: skip
    """How many postings each trade group has under the other filters: {"food": 12, …}. One query."""
    others = Filters(**{**filters.__dict__, "group": "", "trades": ()})
    rows = _looked_for(moment, others, around)
    groups = {trade.code: trade.group for trade in reference.trades()}
    counted: Counter[str] = Counter()
    for trade, number in rows.order_by().values_list("trade_id").annotate(Count("pk")):
        counted[groups.get(trade, "other")] += number
    return dict(counted)


def with_room(rows: QuerySet[Posting], moment: datetime) -> QuerySet[Posting]:
    """Each posting with `places_left` (in its roomiest shift to come), `next_start` and `shifts_left`."""
    to_come = Shift.objects.filter(posting=OuterRef("pk"), starts_at__gt=moment, called_off_at=None)
    whole = IntegerField()

    def of_shifts(expression: Any, output: Any = None) -> Subquery:
        return Subquery(to_come.order_by().values("posting").annotate(it=expression).values("it"), output_field=output)

    return rows.annotate(
        places_left=of_shifts(Max(ExpressionWrapper(F("places") - F("taken"), whole)), whole),
        next_start=of_shifts(Min("starts_at")),
        shifts_left=of_shifts(Count("pk"), whole),
    )


def _looked_for(moment: datetime, filters: Filters, around: tuple[float, float, int] | None) -> QuerySet[Posting]:
    """What is out under the filters; from a place also what is its neighbours' alone for now."""
    if around is None:
        return _filtered(listed(moment), filters, moment)
    rows = _near(_filtered(_out(moment), filters, moment), *around).filter(_in_time(moment))
    return rows.filter(circle.inside() if filters.neighbours else circle.open_to_all(moment) | circle.inside())


def _filtered(rows: QuerySet[Posting], filters: Filters, moment: datetime) -> QuerySet[Posting]:
    trades = trades_of(filters)
    if trades is not None:
        rows = rows.filter(trade__in=trades)
    for term in filters.terms:
        rows = rows.filter(Q(trade__in=term.trades) | Q(pk__in=holding(term.said)))
    if filters.day is not None:
        start, end = clock_at(filters.day, 0), clock_at(filters.day, 24)
        rows = rows.filter(
            Exists(_free_shifts(moment).filter(posting=OuterRef("pk"), starts_at__gte=start, starts_at__lt=end)),
            next_starts_at__lt=end, last_starts_at__gte=start,
        )  # fmt: skip
    if filters.dayparts:
        rows = rows.filter(daypart__in=[part for part in filters.dayparts if part in Daypart.values])
    if filters.pay_low_fen:
        rows = rows.filter(shift_fen__gte=filters.pay_low_fen)
    if filters.meals:
        rows = rows.exclude(meals="NONE")
    if filters.lodging:
        rows = rows.filter(lodging=True)
    if filters.transport:
        rows = rows.exclude(transport="")
    if filters.half_day:
        rows = rows.filter(shift_minutes__lte=HALF_DAY_MINUTES)
    if filters.suitable_for:
        rows = rows.alias(suits=Cast("suitable_for", TextField())).filter(suits__contains=f'"{filters.suitable_for}"')
    if filters.funded:
        rows = rows.filter(funded_at__isnull=False)
    if filters.unit:
        rows = rows.filter(pay_unit=filters.unit)
    if filters.neighbours:
        rows = rows.filter(circle_m__gt=0)
    if filters.way_in:
        rows = rows.filter(way_in=filters.way_in)
    if filters.division:
        rows = rows.filter(reference.inside(filters.division, on="division__path"))
    return rows


def _best_first(filters: Filters) -> list[Any]:
    trades = {code for term in filters.terms for code in term.trades}
    if not (filters.best_first and trades):
        return []
    return [Case(When(trade__in=sorted(trades), then=0), default=1, output_field=IntegerField())]


def trades_of(filters: Filters) -> list[str] | None:
    """The trades that the filters leave, or None for all; looked up in memory, so the index does the rest."""
    if not (filters.trades or filters.group or filters.seated):
        return None
    return [
        trade.code
        for trade in reference.trades()
        if (not filters.trades or trade.code in filters.trades)
        and (not filters.group or trade.group == filters.group)
        and (not filters.seated or trade.seated)
    ]


def _free_shifts(moment: datetime) -> QuerySet[Shift]:
    return Shift.objects.filter(starts_at__gt=moment, called_off_at=None, taken__lt=F("places"))


def _near(rows: QuerySet[Posting], lat: float, lng: float, radius_m: int) -> QuerySet[Posting]:
    cells = cells_within(lat, lng, radius_m)
    down, across = [cell[0] for cell in cells], [cell[1] for cell in cells]
    metre = math.radians(1) * EARTH_M
    narrow = metre * math.cos(math.radians(lat))
    north = (F("lat") - Value(lat)) * Value(metre)
    east = (F("lng") - Value(lng)) * Value(narrow)
    return rows.filter(
        cell_y__range=(min(down), max(down)), cell_x__range=(min(across), max(across))
    ).annotate(
        flat_square=ExpressionWrapper(north * north + east * east, output_field=FloatField())
    ).filter(flat_square__lte=float(radius_m) ** 2)  # fmt: skip


def _in_time(moment: datetime) -> Q:
    """What can still be reached: work that starts within two hours only as far as the way takes no longer (U11).

    Work with a later shift too always.
    """
    reached = Q(last_starts_at__gt=moment + SOON)
    for minutes, way_m in ways_in_time():
        reached |= Q(last_starts_at__gt=moment + timedelta(minutes=minutes), flat_square__lte=float(way_m) ** 2)
    return reached


def ways_in_time() -> list[tuple[int, int]]:
    """How far one gets in how many minutes: in steps of a quarter of an hour, at the speed of an electric bicycle."""
    speed = reference.default("travel_speed")
    return [(minutes, speed * max(minutes, 5)) for minutes in range(0, int(SOON.total_seconds()) // 60, 15)]


# --- one posting ---------------------------------------------------------------------------------------------


def by_code(code: str) -> Posting | None:
    """One posting by its public code, in whatever state; the desk decides who may see it."""
    return ask(by_code_question(code))


def by_code_question(code: str) -> Question[Posting | None]:
    """`by_code`, to be asked together with other things."""
    rows = Posting.objects.select_related("employer", "trade", "division", "venue", "posted_by")
    return first(rows.filter(code=code).order_by("pk"))


def public_by_code(code: str) -> Posting | None:
    """One posting that anybody may read: in the lists now, full, or begun."""
    posting = by_code(code)
    return posting if posting is not None and posting.state in PUBLIC else None


def shifts_of(posting: Posting) -> list[Shift]:
    """Every shift that was not called off, earliest first."""
    return ask(shifts_question(posting.code))


def shifts_question(code: str) -> Question[list[Shift]]:
    """`shifts_of` the posting with this code, to be asked together with other things, even with the posting itself."""
    return Question([Shift.objects.filter(posting__code=code, called_off_at=None).order_by("starts_at")], list)


def shift_by_code(code: str) -> Shift | None:
    """One shift by its public code, with its posting."""
    return Shift.objects.select_related("posting__employer", "posting__trade").filter(code=code).first()


def shifts_to_come(posting: Posting, moment: datetime) -> list[Shift]:
    """The shifts that have not begun and stand, earliest first."""
    return ask(shifts_to_come_question(posting, moment))


def shifts_to_come_question(posting: Posting, moment: datetime) -> Question[list[Shift]]:
    """`shifts_to_come`, to be asked together with other things."""
    return Question([posting.shifts.filter(starts_at__gt=moment, called_off_at=None).order_by("starts_at")], list)


def next_shifts(rows: Iterable[Posting]) -> dict[int, Shift]:
    """By posting key the next shift, for rows that carry `next_start` (see `with_room`): one query for a page."""
    return ask(next_shifts_question(rows))


def next_shifts_question(rows: Iterable[Posting]) -> Question[dict[int, Shift]]:
    """`next_shifts`, to be asked together with other things."""
    starts = {row.pk: row.next_start for row in rows}

    def by_posting(found: list[Shift]) -> dict[int, Shift]:
        return {shift.posting_id: shift for shift in found if shift.starts_at == starts[shift.posting_id]}

    found = Shift.objects.filter(posting__in=starts, starts_at__in=set(starts.values()), called_off_at=None)
    return Question([found], by_posting)


def places_left(posting: Posting, moment: datetime) -> int:
    """Free places in the roomiest shift to come; 0 when there is none."""
    return max((shift.places - shift.taken for shift in shifts_to_come(posting, moment)), default=0)


def current_version(posting: Posting) -> Version | None:
    """The frozen terms as last submitted."""
    return posting.versions.filter(number=posting.version).first()


def terms_of(version: Version) -> dict[str, Any]:
    """The frozen terms of a version."""
    return version.terms


def versions_of(posting: Posting) -> list[Version]:
    """What the employer offered at each time, newest first."""
    return list(posting.versions.order_by("-number"))


def flags_of(posting: Posting) -> list[Flag]:
    """What screening found in the current version: blocks first, then flags, then hints."""
    rank = {"BLOCK": 0, "FLAG": 1, "HINT": 2}
    return sorted(posting.flags.filter(version=posting.version), key=lambda flag: (rank[flag.severity], flag.pk))


def hints_for(posting: Posting, *, on: date) -> list[Finding]:
    """What screening says of a draft before it is handed in (GX-25): words, law and a lawful wording."""
    return screened_findings(posting, shifts_of(posting), on=on)


def suggested_wasted_fen(posting: Posting, *, on: date) -> int:
    """What to offer for a trip made for nothing here, from the region's setting; 0 where it is switched off."""
    percent = reference.setting("wasted_trip_percent", division_code=posting.division_id, on=on)
    return pay.wasted_trip_fen(posting.shift_fen, percent=percent)


# --- whose ---------------------------------------------------------------------------------------------------


def of_employer(employer: Employer) -> QuerySet[Posting]:
    """Everything this employer ever posted, newest first."""
    rows = Posting.objects.filter(employer=employer).select_related("trade", "division", "employer")
    return rows.order_by("-pk")


def live_of_employer(employer: Employer, moment: datetime) -> QuerySet[Posting]:
    """What this employer has open, the next start first, with the room left."""
    return with_room(of_employer(employer).filter(state__in=LIVE), moment).order_by("next_starts_at", "pk")


def within(reach: Reach) -> QuerySet[Posting]:
    """The postings a member of staff may see: those in the divisions, or collected at the venues, of the reach."""
    rows = Posting.objects.select_related("employer", "trade", "division")
    if reach.national:
        return rows
    mine = Q(venue__in=list(reach.venues))
    for code in reach.divisions:
        mine |= reference.inside(code, on="division__path")
    return rows.filter(mine)


# --- review --------------------------------------------------------------------------------------------------


def waiting_reviews() -> QuerySet[Review]:
    """Reviews that keep a posting from going out, the next start of work first."""
    kinds = [Review.Kind.BEFORE, Review.Kind.APPEAL]
    rows = Review.objects.filter(decided_at=None, kind__in=kinds, posting__state=State.REVIEWING)
    return rows.select_related(
        "posting__employer", "posting__trade", "posting__division", "posting__posted_by", "opened_by"
    ).order_by("posting__next_starts_at", "pk")


def review_queue(reach: Reach) -> QuerySet[Review]:
    """What this reviewer may decide: what keeps a posting from going out first, then by the start of work (GX-07)."""
    rows = Review.objects.filter(decided_at=None, posting__in=within(reach).order_by())
    return (
        rows.annotate(
            waits=ExpressionWrapper(Q(kind__in=[Review.Kind.BEFORE, Review.Kind.APPEAL]), output_field=BooleanField())
        )
        .select_related("posting__employer", "posting__trade", "posting__division", "posting__posted_by", "opened_by")
        .order_by("-waits", "posting__next_starts_at", "pk")
    )


def open_review(posting: Posting) -> Review | None:
    """The review that waits for a decision on this posting."""
    return ask(open_review_question(posting))


def open_review_question(posting: Posting) -> Question[Review | None]:
    """`open_review`, to be asked together with other things."""
    return first(posting.reviews.filter(decided_at=None).select_related("opened_by").order_by("pk"))


def reviews_of(posting: Posting) -> list[Review]:
    """Every look at this posting, newest first."""
    return list(posting.reviews.select_related("decided_by").order_by("-pk"))


@dataclass(frozen=True)
class ReviewTimes:
    """The review clock: minutes from asking to a person's decision."""

    decided: int
    median_minutes: float | None
    p90_minutes: float | None
    late: int


def review_times(start: datetime, end: datetime, *, fast_lane: bool | None = None) -> ReviewTimes:
    """How long reviews before publishing decided in [start, end) took; P90 by nearest rank (GX-07)."""
    return ask(review_times_question(start, end, fast_lane=fast_lane))


def review_times_question(start: datetime, end: datetime, *, fast_lane: bool | None = None) -> Question[ReviewTimes]:
    """`review_times`, to be asked together with other things."""
    rows = Review.objects.filter(kind=Review.Kind.BEFORE, decided_at__gte=start, decided_at__lt=end)
    rows = rows.exclude(decision=Review.Decision.LAPSED)
    if fast_lane is not None:
        rows = rows.filter(fast_lane=fast_lane)
    return Question([rows.values_list("asked_at", "decided_at", "due_at")], _times)


def _times(times: list[tuple[datetime, datetime, datetime]]) -> ReviewTimes:
    waits = sorted((decided - asked).total_seconds() / 60 for asked, decided, _due in times)
    late = sum(decided > due for _asked, decided, due in times)
    return ReviewTimes(len(waits), _rank(waits, 50), _rank(waits, 90), late)


def _rank(values: Sequence[float], percent: int) -> float | None:
    return values[-(-len(values) * percent // 100) - 1] if values else None


def sampled_share(start: datetime, end: datetime) -> tuple[int, int]:
    """(sampled, fast passes) in [start, end): FJ-23 asks for at least one in ten."""
    return ask(sampled_share_question(start, end))


def sampled_share_question(start: datetime, end: datetime) -> Question[tuple[int, int]]:
    """`sampled_share`, to be asked together with other things."""
    passed = Event.objects.filter(name="posting.fast_passed", at__gte=start, at__lt=end)
    return Question(
        [passed.values_list("data", flat=True)],
        lambda rows: (sum(bool(data.get("sampled")) for data in rows), len(rows)),
    )


# --- the clock -----------------------------------------------------------------------------------------------


def overtaken(moment: datetime) -> QuerySet[Posting]:
    """Postings about which the clock has decided something that is not written down yet."""
    waiting = [State.PUBLISHED, State.PAUSED, State.FULL, State.REVIEWING, State.RETURNED]
    return Posting.objects.filter(
        Q(state__in=waiting, last_starts_at__lte=moment)
        | Q(state=State.STARTED, last_ends_at__lte=moment)
        | Q(state__in=[State.PUBLISHED, State.FULL], next_starts_at__lte=moment, last_starts_at__gt=moment)
    ).order_by("pk")


def audit(moment: datetime) -> Iterator[str]:
    """Every broken rule of postings, as a sentence with the row: E2 places, U03 starts, hashes of versions."""
    for shift in Shift.objects.filter(taken__gt=F("places")):
        yield f"E2: shift {shift.code} has {shift.taken} people for {shift.places} places"
    grace = moment - timedelta(minutes=5)
    for posting in Posting.objects.filter(state__in=LIVE, last_starts_at__lte=grace):
        yield f"U03: posting {posting.code} is {posting.state} past its last start"
    for version in Version.objects.select_related("posting").iterator(chunk_size=500):
        if terms_hash(version.terms) != version.terms_hash:
            yield f"E7: version {version.number} of posting {version.posting.code} was changed after it was frozen"
    lacking = Posting.objects.filter(state__in=PUBLIC).exclude(versions__number=F("version"))
    for posting in lacking:
        yield f"E7: posting {posting.code} is out without frozen terms"
    for posting in Posting.objects.filter(state__in=LIVE).exclude(pk__in=Searchable.objects.values("posting")):
        yield f"SX-21: posting {posting.code} cannot be found by its words"


def when_filter(word: str, moment: datetime) -> date | None:
    """ "today" and "tomorrow" or a day as "2026-11-24"; None for anything else."""
    today = local(moment).date()
    if word in ("today", "tomorrow"):
        return today + timedelta(days=1 if word == "tomorrow" else 0)
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None


def by_codes(codes: Iterable[str]) -> dict[str, Posting]:
    """Several postings by code, in one query."""
    rows = Posting.objects.select_related("employer", "trade", "division").filter(code__in=list(codes))
    return {posting.code: posting for posting in rows}
