"""15 分钟圈 and 1 小时圈: what lies within reach of where people live, and who was hired within the hour. By county and day.

The method is part of the figure: `travel` states the speeds, `Coverage.basis` what was counted.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from linggong.core.clock import at, local, now
from linggong.core.models import Event
from linggong.engagements.models import Engagement
from linggong.oversight.queries import JOINED, PUBLISHED
from linggong.postings.models import Posting
from linggong.reference import travel
from linggong.reference.geo import cell, cells_within, distance_m
from linggong.reference.models import Division, Level
from linggong.reference.queries import county_of
from linggong.venues import hours
from linggong.venues.models import Grid, Venue
from linggong.venues.queries import Reach, serves

HOUR = timedelta(minutes=60)
GRIDS, VILLAGES, TOWNS = "grids", "villages", "towns"
BASES = {
    GRIDS: _("登记的居民网格"),
    VILLAGES: _("有准确位置的村居"),
    TOWNS: _("乡镇街道驻地（还没有登记网格，只能这样估）"),
}
Point = tuple[float, float]


@dataclass(frozen=True)
class Coverage:
    """One county on one day. Shares are of `places`; None where nothing could be counted."""

    code: str
    name: str
    basis: str
    places: int
    walked: int
    reached: int
    waited: int
    within_hour: int
    median_minutes: int | None

    @property
    def basis_words(self) -> str | Promise:
        """What was counted."""
        return BASES[self.basis]

    @property
    def walk_percent(self) -> int | None:
        """NB-12: places with an open venue within 15 minutes on foot."""
        return _percent(self.walked, self.places)

    @property
    def reach_percent(self) -> int | None:
        """FJ-06, first measure: places with open work within 60 minutes."""
        return _percent(self.reached, self.places)

    @property
    def hour_percent(self) -> int | None:
        """FJ-06, second measure: of the work put out in service hours, what had its first worker within 60 minutes."""
        return _percent(self.within_hour, self.waited)


def coverage(day: date, reach: Reach) -> list[Coverage]:
    """Every county of the reach, in a constant number of queries. A past day gives the same again.

    The register of grids, opening and closing of venues count as they stood on that day; weekly hours as they are now.
    """
    counties = _counties(reach)
    bases = _places_of(counties, day)
    places = {code: bases[code][1] for code in counties}
    walked = _near(places, [(v.lat, v.lng) for v in _venues_on(day)], travel.QUARTER_M)
    reached = _near(places, _work_on(day), travel.HOUR_M)
    waits = _waits(day, reach)
    return [
        Coverage(
            code, division.short_name, bases[code][0], len(places[code]), walked[code], reached[code],
            len(waits[code]), sum(wait is not None and wait <= 60 for wait in waits[code]),
            _middle(waits[code]),
        )
        for code, division in counties.items()
    ]  # fmt: skip


# ---- places ----------------------------------------------------------------------------------------------


def _counties(reach: Reach) -> dict[str, Division]:
    """The counties a desk looks at; for the whole country only those where the network stands."""
    rows = Division.objects.filter(level=Level.COUNTY).order_by("code")
    if reach.national:
        rows = rows.filter(code__in={county_of(code) for code in Venue.objects.values_list("division", flat=True)})
    else:
        own = Q(code__in=[county_of(code) for code in reach.divisions])
        rows = rows.filter(reach.own_q() | own)
    return {row.code: row for row in rows}


def _places_of(counties: Iterable[str], day: date) -> dict[str, tuple[str, list[Point]]]:
    """Per county the finest thing known: registered grids, else villages with a point of their own, else towns."""
    wanted = set(counties)
    found: dict[str, dict[str, list[Point]]] = {code: defaultdict(list) for code in wanted}
    standing = Grid.objects.filter(added_on__lte=day).exclude(ended_on__lte=day)
    for code, lat, lng in standing.values_list("division", "lat", "lng"):
        if county_of(code) in wanted:
            found[county_of(code)][GRIDS].append((lat, lng))
    own_point = Division.objects.filter(level__gte=Level.TOWN, about=False, lat__isnull=False)
    for code, level, lat, lng in _inside(own_point, wanted).values_list("code", "level", "lat", "lng"):
        found[county_of(code)][VILLAGES if level == Level.VILLAGE else TOWNS].append((lat, lng))
    chosen = {}
    for code, kinds in found.items():
        basis = next((kind for kind in (GRIDS, VILLAGES) if kinds[kind]), TOWNS)
        chosen[code] = (basis, kinds[basis])
    return chosen


def _inside(rows: QuerySet[Division], counties: set[str]) -> QuerySet[Division]:
    condition = Q(pk__in=[])
    for code in counties:
        condition |= Q(path__gte=code, path__lt=str(int(code) + 1))
    return rows.filter(condition)


def _venues_on(day: date) -> list[Venue]:
    """The venues whose doors were open on that day of the week."""
    rows = Venue.objects.filter(lat__isnull=False).exclude(closed_on__lte=day).exclude(opened_on__gt=day)
    return [venue for venue in rows if hours.windows(venue.hours, day)]


def _work_on(day: date) -> list[Point]:
    """Where somebody could have taken work on that day: out before its end, not all begun before it."""
    rows = Posting.objects.filter(listed=True, published_at__lt=at(day, 24), last_starts_at__gte=at(day, 0))
    return list(rows.values_list("lat", "lng"))


def _near(places: dict[str, list[Point]], targets: Sequence[Point], radius_m: int) -> dict[str, int]:
    """How many places of each county have a target within the radius."""
    by_cell: dict[tuple[int, int], list[Point]] = defaultdict(list)
    for lat, lng in set(targets):
        by_cell[cell(lat, lng)].append((lat, lng))

    def has_one(lat: float, lng: float) -> bool:
        return any(
            distance_m(lat, lng, *target) <= radius_m
            for square in cells_within(lat, lng, radius_m)
            for target in by_cell.get(square, ())
        )

    return {code: sum(has_one(*place) for place in found) for code, found in places.items()}


# ---- the first worker ------------------------------------------------------------------------------------


def _waits(day: date, reach: Reach) -> dict[str, list[float | None]]:
    """By county, minutes from first publishing to the first confirmed worker of what went out in service hours.

    None: nobody came within reach of now. What went out less than an hour ago and waits is not counted yet.
    """
    out = _first(Event.objects.filter(name=PUBLISHED, at__gte=at(day, 0), at__lt=at(day, 24)))
    before = Event.objects.filter(name=PUBLISHED, subject_id__in=out, at__lt=at(day, 0))
    for pk in set(before.values_list("subject_id", flat=True)):
        del out[pk]
    mine = dict(Posting.objects.filter(reach.q("division"), pk__in=out, listed=True).values_list("pk", "division_id"))
    posting_of = dict(Engagement.objects.filter(posting__in=mine).values_list("pk", "posting_id"))
    joined: dict[int, datetime] = {}
    for pk, moment in _first(Event.objects.filter(name=JOINED, subject_id__in=posting_of)).items():
        joined[posting_of[pk]] = min(moment, joined.get(posting_of[pk], moment))
    serving = _serving()
    waits: dict[str, list[float | None]] = defaultdict(list)
    for pk, division in mine.items():
        if not _in_service(serving, division, out[pk]):
            continue
        hired = joined.get(pk)
        if hired is None and out[pk] > now() - HOUR:
            continue
        waits[county_of(division)].append(None if hired is None else (hired - out[pk]).total_seconds() / 60)
    return waits


def _first(events: QuerySet[Event]) -> dict[int, datetime]:
    first: dict[int, datetime] = {}
    for pk, moment in events.order_by("at", "pk").values_list("subject_id", "at"):
        first.setdefault(pk, moment)
    return first


def _serving() -> dict[str, list[Venue]]:
    by_county: dict[str, list[Venue]] = defaultdict(list)
    for venue in Venue.objects.all():
        by_county[county_of(serves(venue))].append(venue)
    return by_county


def _in_service(serving: dict[str, list[Venue]], division: str, moment: datetime) -> bool:
    """Whether a venue of the county was open then; service hours are the doors' hours (FJ-06)."""
    day = local(moment).date()
    return any(
        hours.is_open(venue.hours, moment) and not (venue.closed_on and venue.closed_on <= day)
        for venue in serving[county_of(division)]
    )


def _middle(waits: Sequence[float | None]) -> int | None:
    known = [wait for wait in waits if wait is not None]
    return round(median(known)) if known else None


def _percent(part: int, whole: int) -> int | None:
    return round(100 * part / whole) if whole else None
