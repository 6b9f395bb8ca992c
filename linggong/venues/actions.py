"""Verbs: open and close a venue, staff it, put a reviewer on call."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linggong.accounts.models import User
from linggong.core.clock import local, now
from linggong.core.journal import record
from linggong.core.refusals import Refused
from linggong.core.states import Moved
from linggong.reference.models import Division
from linggong.venues.hours import BadHours, checked
from linggong.venues.models import Duty, Grid, Kind, OnCall, Staff, Venue
from linggong.venues.queries import reviewers, serves


class BadVenue(Refused):
    """The venue cannot be kept as it stands; `fields` says which part."""

    message = _("这个网点还填得不对，请看标红的地方")
    status = 422


class AlreadyStaff(Refused):
    """The person has this duty here already."""

    message = _("这位同事在这里已经有这个岗位了")


class NotAReviewer(Refused):
    """Only somebody who may review postings here can be rung for one."""

    message = _("只有本地的审活员能排值班，请先给这位同事加上审活岗位")


class AlreadyOnCall(Refused):
    """Two duty windows of one person overlap, or the place in the ringing order is taken."""

    message = _("这段时间已经排了值班，请换个时间或顺位")


CHANGEABLE = ("name", "address", "lng", "lat", "about", "hours", "phone", "supervision_phone", "opened_on", "parent",
              "circle_minutes", "by_turn", "by_draw")  # fmt: skip


@transaction.atomic
def open_venue(
    *,
    kind: str,
    name: str,
    division: Division,
    parent: Venue | None = None,
    address: str = "",
    lng: float | None = None,
    lat: float | None = None,
    about: bool = False,
    hours: Sequence[Any] = (),
    phone: str = "",
    supervision_phone: str = "",
    opened_on: date | None = None,
    by: User | None,
) -> Venue:
    """Open a market, station or point. `hours` as in venues.hours; without a point, the division's stands in (about).

    Raises BadVenue.
    """
    if lng is None or lat is None:
        lng, lat, about = division.lng, division.lat, True
    facts = _checked(
        name=name, address=address, lng=lng, lat=lat, about=about, hours=list(hours), phone=phone,
        supervision_phone=supervision_phone, opened_on=opened_on, parent=parent,
    )  # fmt: skip
    if kind not in Kind.values:
        raise BadVenue(fields={"kind": str(_("请选网点类型"))})
    venue = Venue.objects.create(kind=kind, division=division, **facts)
    record("venue.opened", venue, by=by, kind=kind, division_code=division.code)
    return venue


@transaction.atomic
def change_venue(venue: Venue, *, by: User | None, **facts: Any) -> Venue:
    """Change what CHANGEABLE names; kind and division stay. Raises BadVenue."""
    unknown = set(facts) - set(CHANGEABLE)
    if unknown:
        raise TypeError(f"not changeable: {sorted(unknown)}")
    facts = _checked(**facts)
    Venue.objects.filter(pk=venue.pk).update(**facts)
    for name, value in facts.items():
        setattr(venue, name, value)
    record("venue.changed", venue, by=by, fields=sorted(facts))
    return venue


@transaction.atomic
def close_venue(venue: Venue, *, on: date, by: User | None) -> None:
    """Close for good from `on`; the staff rows end now. Raises Moved when it is closed already."""
    if Venue.objects.filter(pk=venue.pk, closed_on=None).update(closed_on=on) != 1:
        raise Moved
    venue.closed_on = on
    Staff.objects.filter(venue=venue, ended_at=None).update(ended_at=now())
    record("venue.closed", venue, by=by, on=on.isoformat())


@transaction.atomic
def add_staff(venue: Venue, user: User, duty: str, *, by: User | None) -> Staff:
    """Give a person a duty at a venue. Raises AlreadyStaff, BadVenue for a duty nobody knows or a closed venue."""
    if duty not in Duty.values:
        raise BadVenue(fields={"duty": str(_("请选岗位"))})
    if venue.closed_on is not None:
        raise BadVenue(fields={"venue": str(_("这个网点已经关了"))})
    if Staff.objects.filter(venue=venue, user=user, duty=duty, ended_at=None).exists():
        raise AlreadyStaff
    staff = Staff.objects.create(venue=venue, user=user, duty=duty, added_by=by, added_at=now())
    record("staff.added", staff, by=by, acting_for=user, venue=venue.code, duty=duty)
    return staff


@transaction.atomic
def end_staff(venue: Venue, user: User, duty: str, *, by: User | None) -> None:
    """End a duty; the row stays. Windows on call that lie ahead go when it was the last right to review.

    Raises Moved when the person has no such duty now.
    """
    moment = now()
    staff = Staff.objects.filter(venue=venue, user=user, duty=duty, ended_at=None).first()
    if staff is None or Staff.objects.filter(pk=staff.pk, ended_at=None).update(ended_at=moment) != 1:
        raise Moved
    if duty == Duty.REVIEWER and user not in reviewers(serves(venue)):
        OnCall.objects.filter(venue=venue, user=user, starts_at__gt=moment).delete()
        OnCall.objects.filter(venue=venue, user=user, starts_at__lt=moment, ends_at__gt=moment).update(ends_at=moment)
    record("staff.ended", staff, by=by, acting_for=user, venue=venue.code, duty=duty)


@transaction.atomic
def set_on_call(
    venue: Venue, user: User, starts_at: datetime, ends_at: datetime, rank: int = 1, *, by: User | None
) -> OnCall:
    """Put a reviewer on call from `starts_at` until `ends_at` (aware moments); rank 1 is rung first.

    Raises NotAReviewer, AlreadyOnCall, BadVenue when the window is empty or longer than 31 days.
    """
    if not starts_at < ends_at or (ends_at - starts_at).days > 31 or rank not in range(1, 10):
        raise BadVenue(_("值班时间没填对：结束要晚于开始，最长 31 天"))
    if user not in reviewers(serves(venue)):
        raise NotAReviewer
    clash = OnCall.objects.filter(venue=venue, starts_at__lt=ends_at, ends_at__gt=starts_at)
    if clash.filter(user=user).exists() or clash.filter(rank=rank).exists():
        raise AlreadyOnCall
    row = OnCall.objects.create(venue=venue, user=user, starts_at=starts_at, ends_at=ends_at, rank=rank)
    record("oncall.set", row, by=by, acting_for=user, venue=venue.code, rank=rank)
    return row


@transaction.atomic
def drop_on_call(row: OnCall, *, by: User | None) -> None:
    """Take a window that has not begun off the roster. Raises Moved when it began or is gone."""
    if not OnCall.objects.filter(pk=row.pk, starts_at__gt=now()).exists():
        raise Moved
    record("oncall.dropped", row, by=by, venue=row.venue.code, rank=row.rank)
    OnCall.objects.filter(pk=row.pk).delete()


def _checked(**facts: Any) -> dict[str, Any]:
    wrong = {}
    if "name" in facts and not 2 <= len(facts["name"].strip()) <= 60:
        wrong["name"] = str(_("名称写 2 到 60 个字"))
    if "hours" in facts:
        try:
            checked(facts["hours"])
        except BadHours:
            wrong["hours"] = str(_("开放时间没填对：每天写开门和关门的钟点，不开就留空"))
    for side, limit in (("lat", 90), ("lng", 180)):
        if facts.get(side) is not None and abs(facts[side]) > limit:
            wrong[side] = str(_("坐标没填对"))
    if wrong:
        raise BadVenue(fields=wrong)
    return facts


@transaction.atomic
def register_grids(rows: Sequence[tuple[str, str, Division, float, float]], *, by: User | None) -> int:
    """Register residential grids: (number, name, division, lat, lng). A number known already is put right.

    Returns how many stand in the register because of this call.
    """
    today = local(now()).date()
    grids = [
        Grid(number=number, name=name, division=division, lat=lat, lng=lng, added_by=by, added_on=today)
        for number, name, division, lat, lng in rows
    ]
    Grid.objects.bulk_create(
        grids, update_conflicts=True, unique_fields=["number"], update_fields=["name", "division", "lat", "lng"]
    )
    for division in {grid.division for grid in grids}:
        record("grid.registered", Grid.objects.filter(division=division).latest("pk"), by=by, of=division.code)
    return len(grids)
