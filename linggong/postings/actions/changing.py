"""Changing: another pay, place, time or content is another version, read again, and asked of everybody again."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

import linggong.employers.queries as employers
from linggong.accounts.models import User
from linggong.core.clock import local, now
from linggong.core.journal import record
from linggong.core.states import Moved
from linggong.employers.models import Employer, Verification
from linggong.postings import entry, screening
from linggong.postings.actions import drafting
from linggong.postings.actions.places import settle_fullness, touch
from linggong.postings.actions.submitting import check_limits, freeze, open_review, screen_and_flag
from linggong.postings.models import LIVE, Posting, Review, Shift, State, Version
from linggong.postings.refusals import Unlawful
from linggong.postings.terms import changed, terms


@transaction.atomic
def change(posting: Posting, facts: Mapping[str, Any], *, by: User | None) -> Posting:
    """Change a posting that is in review or out; drafts and returned ones go to `redraft`.

    `facts` are only those that change. Another pay, place, time or content makes a new version, screened again; the
    event "posting.changed" has confirmed workers asked again. What screening flags, and what an employer not verified
    changes, waits for a reviewer and is out of the lists until then. Shifts that began stand as they are; a dropped
    shift is called off. Raises Unlawful when it may not be published, entry.BadFacts, Moved.
    """
    if posting.state in drafting.EDITABLE:
        return redraft(posting, facts, by=by)
    if posting.state not in LIVE | {State.REVIEWING}:
        raise Moved
    moment = now()
    touch(posting.pk)
    employer = Employer.objects.get(pk=posting.employer_id)
    before = posting.versions.get(number=posting.version)
    dropped = _apply(posting, facts, moment)
    if facts.keys() & {"places", "shifts", "starts_at"}:
        check_limits(employer, posting)
    shifts = drafting.shifts_of(posting)
    what = changed(before.terms, terms(posting, shifts))
    if what:
        _new_version(posting, employer, before, what, by=by, moment=moment)
    else:
        record("posting.edited", posting, by=by)
    _say_dropped(posting, dropped, moment, by=by)
    settle_fullness(posting, by=by)
    return posting


@transaction.atomic
def redraft(posting: Posting, facts: Mapping[str, Any], *, by: User | None) -> Posting:
    """Change a posting that is not out: a draft, or one that came back. Raises Moved, entry.BadFacts."""
    if posting.state not in drafting.EDITABLE:
        raise Moved
    touch(posting.pk)
    moment = now()
    _say_dropped(posting, _apply(posting, facts, moment), moment, by=by)
    record("posting.edited", posting, by=by)
    return posting


def _say_dropped(posting: Posting, dropped: list[Shift], moment: datetime, *, by: User | None) -> None:
    """A shift left out is called off like any other, and as late as any other."""
    for shift in dropped:
        late = shift.starts_at - moment < timedelta(minutes=posting.call_off_minutes)
        record("shift.called_off", shift, by=by, late=late)


def _new_version(
    posting: Posting, employer: Employer, before: Version, what: list[str], *, by: User | None, moment: datetime
) -> None:
    drafting.write(posting, {"version": posting.version + 1})
    shifts = drafting.shifts_of(posting)
    freeze(posting, shifts, by=by, moment=moment)
    found = screen_and_flag(posting, shifts, moment)
    if screening.blocked(found):
        raise Unlawful([f for f in found if f.severity == screening.BLOCK])
    record("posting.changed", posting, by=by, version=posting.version, came_from=before.number, what=what)
    open_before = posting.reviews.filter(decided_at=None)
    if posting.state == State.REVIEWING:
        open_before.update(version=posting.version)
        return
    open_before.update(decided_at=moment, decision=Review.Decision.LAPSED)
    if screening.needs_review(found) or employer.state != Verification.VERIFIED:
        posting.move(State.REVIEWING, by=by)
        open_review(posting, Review.Kind.BEFORE, moment=moment)
    elif not employers.is_trusted(employer):
        open_review(posting, Review.Kind.AFTER, moment=moment)


def _apply(posting: Posting, facts: Mapping[str, Any], moment: datetime) -> list[Shift]:
    """Write the changed columns and shifts; returns the shifts that people knew of and that are dropped."""
    retimed = bool(facts.keys() & {"shifts", "starts_at", "ends_at"})
    standing = drafting.shifts_of(posting)
    known = posting.published_at is not None
    begun = [s for s in standing if known and s.starts_at <= moment]
    merged = drafting.facts_of(posting) | dict(facts)
    if "starts_at" in facts and "shifts" not in facts:
        merged.pop("shifts")
    keep = [] if retimed else [_slot(s) for s in standing]
    values, slots = drafting.read(posting.employer, merged, moment, keep=keep)
    dropped: list[Shift] = []
    if retimed:
        dropped = _retime(posting, standing[len(begun) :], slots, moment)
        values |= entry.drawn([_slot(s) for s in begun] + slots, values, moment)
    _set_places(posting, values["places"], moment)
    drafting.write(posting, values)
    return dropped


def _slot(shift: Shift) -> entry.Slot:
    return entry.Slot(shift.starts_at, shift.ends_at, shift.break_minutes, shift.places)


def _retime(posting: Posting, standing: list[Shift], slots: list[entry.Slot], moment: datetime) -> list[Shift]:
    """Fit the shifts to come to the new times so that people keep their shift; returns those left over, called off.

    The same start first, then the same day, then in order when there are as many as before.
    """
    off = set(posting.shifts.exclude(called_off_at=None).values_list("starts_at", flat=True))
    if any(slot.starts_at in off for slot in slots):
        raise entry.refusal({"starts_at": _("这个钟点的班已经说过不干了，请错开一刻钟")})
    left, fitted = list(standing), dict[entry.Slot, Shift]()
    in_order = len(slots) == len(standing)
    for alike in (_same_start, _same_day, lambda shift, slot: in_order):
        for slot in slots:
            shift = None if slot in fitted else next((s for s in left if alike(s, slot)), None)
            if shift is not None:
                fitted[slot] = shift
                left.remove(shift)
    for slot in slots:
        columns = {"starts_at": slot.starts_at, "ends_at": slot.ends_at, "break_minutes": slot.break_minutes}
        if slot in fitted:
            Shift.objects.filter(pk=fitted[slot].pk).update(**columns)
        else:
            Shift.objects.create(posting=posting, places=slot.places, **columns)
    gone = Shift.objects.filter(pk__in=[shift.pk for shift in left])
    if posting.published_at is None:
        gone.delete()  # nobody ever saw it
        return []
    gone.update(called_off_at=moment, called_off_reason=_("老板改了时间"))
    return left


def _same_start(shift: Shift, slot: entry.Slot) -> bool:
    return shift.starts_at == slot.starts_at


def _same_day(shift: Shift, slot: entry.Slot) -> bool:
    return local(shift.starts_at).date() == local(slot.starts_at).date()


def _set_places(posting: Posting, places: int, moment: datetime) -> None:
    """Another number of people per shift: never below those who already have a place."""
    to_come = posting.shifts.filter(called_off_at=None, starts_at__gt=moment)
    most = max((s.taken for s in to_come), default=0)
    if places < most or to_come.filter(taken__lte=places).update(places=places) != to_come.count():
        raise entry.refusal({"places": _("已经定下了 {n} 个人，不能少于这个数").format(n=most)})
