"""Questions about places and the people who work there: who sees what, who is on call, what is near and open."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from linggong.accounts.models import Grant, Role, User
from linggong.core.asking import Question, ask
from linggong.core.clock import local
from linggong.reference import geo
from linggong.reference.queries import codes_above, county_of, covers, inside
from linggong.venues import hours as week
from linggong.venues.models import Duty, Kind, OnCall, Staff, Venue

# ---- who sees what ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reach:
    """How far somebody's sight goes: divisions with all inside them, venues by key, or the whole country."""

    divisions: tuple[str, ...] = ()
    venues: tuple[int, ...] = ()
    national: bool = False

    def covers_division(self, code: str) -> bool:
        """Whether the division lies within reach."""
        return self.national or any(covers(above, code) for above in self.divisions)

    def covers_venue(self, venue: Venue) -> bool:
        """Whether the venue is one of theirs or lies in a division of theirs."""
        return self.national or venue.pk in self.venues or self.covers_division(venue.division_id)

    def q(self, field: str = "division") -> Q:
        """The condition on a key to a division: reach.q("division"), reach.q("posting__division")."""
        return self._within(f"{field}__path")

    def own_q(self) -> Q:
        """The condition on divisions themselves: those inside the reach."""
        return self._within("path")

    def q_codes(self, column: str = "division_code") -> Q:
        """The same on a text column that holds division codes."""
        return self._within(column)

    def q_venues(self, field: str = "venue") -> Q:
        """The condition on a key to a venue."""
        return Q() if self.national else Q(**{f"{field}__in": self.venues}) | self.q(f"{field}__division")

    def _within(self, column: str) -> Q:
        if self.national:
            return Q()
        condition = Q(pk__in=[])
        for code in self.divisions:
            condition |= inside(code, on=column)
        return condition

    def __bool__(self) -> bool:
        return self.national or bool(self.divisions or self.venues)


@dataclass(frozen=True)
class Standing:
    """Who somebody of the staff is now: what they see, where they work, what they do there, their roles."""

    reach: Reach = Reach()
    venues: tuple[Venue, ...] = ()
    duties: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()


def standing_of(user: User, *, roles: Collection[str] | None = None, duties: Collection[str] | None = None) -> Standing:
    """Everything a desk's door asks about a person, read fresh by one query; `roles` and `duties` narrow to some.

    `duties` of the answer opens the station desk: duties at venues, and the roles of reviewers and village officers.
    """
    grants = Grant.objects.filter(user=user, ended_at=None)
    staffed = Staff.objects.filter(user=user, ended_at=None)
    if roles is not None:
        grants = grants.filter(role__in=roles)
    if duties is not None:
        staffed = staffed.filter(duty__in=duties)
    keys = staffed.values("venue")
    below = Q(parent__in=keys) | Q(parent__parent__in=keys) | Q(parent__parent__parent__in=keys)
    places = Venue.objects.filter(Q(pk__in=keys) | below).select_related("division").order_by("pk")
    held = grants.values_list("role", "division_code")
    return ask(Question([held, staffed.values_list("venue_id", "duty"), places], _standing))


def _standing(grants: list[tuple[str, str]], staffed: list[tuple[int, str]], places: list[Venue]) -> Standing:
    keys = {key for key, _duty in staffed}
    mine = [venue for venue in places if venue.pk in keys]
    opened = {venue.pk for venue in mine if venue.closed_on is None}
    codes = {code for _role, code in grants} | {serves(venue) for venue in mine}
    outer = sorted(c for c in codes if not any(c != above and covers(above, c) for above in codes))
    whole = any(code == "" for _role, code in grants)
    roles = frozenset(role for role, _code in grants)
    return Standing(
        reach=Reach(national=True) if whole else Reach(tuple(outer), tuple(venue.pk for venue in places)),
        venues=tuple(venue for venue in mine if venue.pk in opened),
        duties=frozenset(duty for key, duty in staffed if key in opened) | roles & {Role.REVIEWER, Role.OFFICER},
        roles=roles,
    )


def reach_of(user: User, *, roles: Collection[str] | None = None, duties: Collection[str] | None = None) -> Reach:
    """What a person may see through roles in divisions and work at venues.

    A market serves its county; a station or point the division it stands in. Who works at a venue reaches the
    venues below it too. `roles` and `duties` narrow to some: reach_of(user, roles=[], duties=["reviewer"]).
    """
    return standing_of(user, roles=roles, duties=duties).reach


def serves(venue: Venue) -> str:
    """The division a venue works for."""
    return county_of(venue.division_id) if venue.kind == Kind.MARKET else venue.division_id


# ---- staff -----------------------------------------------------------------------------------------------


def of_staff(user: User) -> list[Venue]:
    """The venues a person works at now."""
    return list(standing_of(user).venues)


def duties_of(user: User) -> set[str]:
    """Everything a person does at a desk now: duties at venues, and the roles of reviewers and village officers."""
    return set(standing_of(user).duties)


def works_at(user: User, venue: Venue) -> list[str]:
    """The duties a person has at a venue now; empty when none."""
    rows = Staff.objects.filter(user=user, venue=venue, ended_at=None)
    return list(rows.order_by("duty").values_list("duty", flat=True))


def staff_of(venue: Venue) -> QuerySet[Staff]:
    """Who works at a venue now, with their duties."""
    return Staff.objects.filter(venue=venue, ended_at=None).select_related("user").order_by("pk")


def reviewers(division_code: str) -> list[User]:
    """Everybody who may review postings of a division: by duty at a venue there, or by role."""
    by_role = Grant.objects.filter(
        role=Role.REVIEWER, ended_at=None, division_code__in=codes_above(division_code)
    ).values_list("user", flat=True)
    rows = Staff.objects.filter(duty=Duty.REVIEWER, ended_at=None).select_related("venue")
    by_duty = {row.user_id for row in _serving(rows, division_code)}
    return list(User.objects.filter(pk__in={*by_role, *by_duty}, is_active=True).order_by("pk"))


def reviewers_on_call(division_code: str, moment: datetime) -> list[User]:
    """Who is rung at `moment` for a posting of the division: rank 1 first, each person once."""
    rows = OnCall.objects.filter(starts_at__lte=moment, ends_at__gt=moment, user__is_active=True)
    serving = _serving(rows.select_related("venue", "user").order_by("rank", "pk"), division_code)
    return list({row.user_id: row.user for row in serving}.values())


def _serving(rows: QuerySet[Any], division_code: str) -> list[Any]:
    """Rows of venues that work for the division; for a whole county also those of the venues inside it."""
    county = county_of(division_code)
    around = Q(venue__division__in=codes_above(division_code)) | inside(county, on="venue__division__path")
    known = rows.filter(around, venue__closed_on=None)
    return [row for row in known if covers(serves(row.venue), division_code) or division_code == county]


# ---- places ----------------------------------------------------------------------------------------------


def by_code(code: str) -> Venue:
    """One venue by its public code. Raises Venue.DoesNotExist."""
    return Venue.objects.select_related("division", "parent").get(code=code)


def listed(division_code: str = "") -> QuerySet[Venue]:
    """The venues open for business inside a division, markets first."""
    rows = Venue.objects.filter(inside(division_code, on="division__path"), closed_on=None)
    return rows.select_related("division", "parent").order_by("kind", "pk")


def nearest(lat: float, lng: float, limit: int = 5) -> list[Venue]:
    """The venues that lie nearest, nearest first; `away_m` on each is the distance in metres."""
    rows = Venue.objects.filter(closed_on=None, lat__isnull=False, lng__isnull=False).select_related("division")
    found = list(rows)
    for venue in found:
        venue.away_m = geo.distance_m(lat, lng, venue.lat, venue.lng)
    return sorted(found, key=lambda venue: (venue.away_m, venue.pk))[:limit]


def is_open(venue: Venue, moment: datetime) -> bool:
    """Whether somebody is there now."""
    return not _closed(venue, moment) and week.is_open(venue.hours, moment)


def next_opening(venue: Venue, moment: datetime) -> datetime | None:
    """When it opens next; None when it is open now for good or its hours are not known."""
    return None if _closed(venue, moment) else week.next_opening(venue.hours, moment)


def _closed(venue: Venue, moment: datetime) -> bool:
    day = local(moment).date()
    return bool(venue.closed_on and venue.closed_on <= day) or bool(venue.opened_on and venue.opened_on > day)


def on_call_of(venue: Venue, start: datetime, end: datetime) -> QuerySet[OnCall]:
    """The duty roster of a venue between two moments."""
    rows = OnCall.objects.filter(venue=venue, starts_at__lt=end, ends_at__gt=start)
    return rows.select_related("user").order_by("starts_at", "rank")


def circle_minutes(venue_id: int | None, division_code: str) -> int:
    """How long neighbours' work is theirs alone: as the venue that took it in, else the one serving the place, set it."""
    if venue_id is not None:
        return Venue.objects.filter(pk=venue_id).values_list("circle_minutes", flat=True).first() or 0
    rows = Venue.objects.filter(division__in=codes_above(division_code), closed_on=None)
    serving = [venue for venue in rows.select_related("division") if covers(serves(venue), division_code)]
    nearest_first = sorted(serving, key=lambda venue: (-len(venue.division_id), venue.pk))
    return nearest_first[0].circle_minutes if nearest_first else 0


def communities(division_code: str = "") -> list[str]:
    """Codes of the townships and villages that somebody serves: a station stands there, or an officer is theirs."""
    standing = Venue.objects.filter(inside(division_code, on="division__path"), closed_on=None)
    looked_after = Grant.objects.filter(inside(division_code, on="division_code"), role=Role.OFFICER, ended_at=None)
    codes = {*standing.values_list("division", flat=True), *looked_after.values_list("division_code", flat=True)}
    return sorted(code for code in codes if code)
