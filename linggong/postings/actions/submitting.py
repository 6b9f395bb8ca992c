"""Submitting: promise, limits, screening, and where the posting goes from there; changing what is already out."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

import linggong.employers.queries as employers
import linggong.reference.queries as reference
from linggong.accounts.models import User
from linggong.core.clock import at as clock_at
from linggong.core.clock import local, now
from linggong.core.journal import record
from linggong.core.models import Event
from linggong.core.once import terms_hash
from linggong.core.states import Moved
from linggong.employers.models import Employer, Verification
from linggong.postings import entry, screening
from linggong.postings.actions import drafting
from linggong.postings.actions.places import settle_fullness, touch
from linggong.postings.models import LIVE, Flag, Posting, Review, Shift, State, Version
from linggong.postings.refusals import NotCommitted, TooLate, TooMuch, Unlawful
from linggong.postings.screened import findings as screen
from linggong.postings.terms import changed, terms

FAST_LANE = timedelta(hours=24)
LAST_CHANCE = timedelta(minutes=30)


@transaction.atomic
def submit(posting: Posting, *, by: User | None, acting_for: User | None = None) -> Posting:
    """Hand the posting in: screened at once, then out, to a reviewer, or back with the words that may not stand.

    Only absolute blocks end in REJECTED_AUTO, and that can be appealed. A recognised employer's clean posting is out at
    once, with at least the published share sampled (FJ-23); a verified employer's clean walk-in at a venue is out with a
    look before noon (decision 10); everything else waits for a reviewer, ordered by the start of work.
    Raises employers' refusals, NotCommitted, TooMuch, TooLate, Moved.
    """
    moment = now()
    employer = Employer.objects.get(pk=posting.employer_id)
    _may(employer, posting, moment)
    posting.move(State.SUBMITTED, by=by, acting_for=acting_for, submitted_at=moment)
    shifts = _shifts(posting)
    version = _freeze(posting, shifts, by=by, moment=moment)
    found = _screen(posting, shifts, moment)
    if screening.blocked(found):
        posting.move(State.REJECTED_AUTO, by=by, acting_for=acting_for)
    elif not screening.needs_review(found) and employers.is_trusted(employer):
        _publish(posting, by=by, acting_for=acting_for, moment=moment)
        _maybe_sample(posting, version, moment=moment, by=by)
    elif not screening.needs_review(found) and _walked_in(employer, posting, acting_for):
        _publish(posting, by=by, acting_for=acting_for, moment=moment)
        open_review(posting, Review.Kind.AFTER, moment=moment, due_at=_next_noon(moment))
    else:
        posting.move(State.REVIEWING, by=by, acting_for=acting_for)
        open_review(posting, Review.Kind.BEFORE, moment=moment)
    return posting


@transaction.atomic
def change(posting: Posting, facts: Mapping[str, Any], *, by: User | None) -> Posting:
    """Change a posting that is in review or out; drafts and returned ones go to `redraft`.

    `facts` are only those that change. Another pay, place, time or content makes a new version, screened again; the event
    "posting.changed" has confirmed workers asked again. What screening flags, and what an employer not verified
    changes, waits for a reviewer and is out of the lists until then. Shifts that began stand as they are; a dropped
    shift is called off. Raises Unlawful when it may not be published, entry.BadFacts, Moved.
    """
    if posting.state in drafting.EDITABLE:
        return drafting.redraft(posting, facts, by=by)
    if posting.state not in LIVE | {State.REVIEWING}:
        raise Moved
    moment = now()
    touch(posting.pk)
    employer = Employer.objects.get(pk=posting.employer_id)
    before = posting.versions.get(number=posting.version)
    dropped = _apply(posting, facts, moment)
    if facts.keys() & {"places", "shifts", "starts_at"}:
        _check_limits(employer, posting)
    shifts = _shifts(posting)
    what = changed(before.terms, terms(posting, shifts))
    if what:
        _new_version(posting, employer, before, what, by=by, moment=moment)
    else:
        record("posting.edited", posting, by=by)
    for shift in dropped:
        record("shift.called_off", shift, by=by, late=False)
    settle_fullness(posting, by=by)
    return posting


def _may(employer: Employer, posting: Posting, moment: datetime) -> None:
    employers.may_post(employer)
    if not employers.has_committed(employer):
        raise NotCommitted
    _check_limits(employer, posting)
    if posting.last_starts_at <= moment:
        raise TooLate(fields={"starts_at": str(TooLate.message)})


def _check_limits(employer: Employer, posting: Posting) -> None:
    limits = employers.limits(employer)
    days = {local(s.starts_at).date() for s in posting.shifts.filter(called_off_at=None)}
    fields = {}
    if limits.people is not None and posting.places > limits.people:
        fields["places"] = _("刚登记的老板一次最多招 {n} 个人").format(n=limits.people)
    if limits.days is not None and len(days) > limits.days:
        fields["shifts"] = _("刚登记的老板一次最多发 {n} 天的活").format(n=limits.days)
    if fields:
        raise TooMuch(fields=fields)


def _shifts(posting: Posting) -> list[Shift]:
    return list(posting.shifts.filter(called_off_at=None).order_by("starts_at"))


def _freeze(posting: Posting, shifts: Sequence[Shift], *, by: User | None, moment: datetime) -> Version:
    """The terms as submitted now; the same terms keep their number."""
    kept = drafting.version_now(posting)
    if kept is not None:
        if kept.terms_hash == terms_hash(terms(posting, shifts)):
            return kept
        drafting.write(posting, {"version": posting.version + 1})
    said = terms(posting, shifts)
    return Version.objects.create(
        posting=posting, number=posting.version, terms=said, terms_hash=terms_hash(said), at=moment, by=by
    )


def _screen(posting: Posting, shifts: Sequence[Shift], moment: datetime) -> list[screening.Finding]:
    found = screen(posting, shifts, on=local(moment).date())
    posting.flags.filter(version=posting.version).delete()
    Flag.objects.bulk_create(
        Flag(
            posting=posting, version=posting.version, code=f.code[:24], severity=f.severity, field=f.field[:24],
            spans=[list(span) for span in f.spans], message=f.message[:200], basis=f.basis[:120],
            rewrite=(f.rewrite or "")[:600],
        )
        for f in found
    )  # fmt: skip
    return found


def _walked_in(employer: Employer, posting: Posting, acting_for: User | None) -> bool:
    """Collected by staff from somebody standing at the counter of a venue."""
    return employer.state == Verification.VERIFIED and posting.venue_id is not None and acting_for is not None


def _publish(posting: Posting, *, by: User | None, acting_for: User | None = None, moment: datetime) -> None:
    posting.move(State.PUBLISHED, by=by, acting_for=acting_for, published_at=posting.published_at or moment)


def _maybe_sample(posting: Posting, version: Version, *, moment: datetime, by: User | None) -> None:
    """At least the published share of fast passes is looked at afterwards (FJ-23).

    The draw follows from the posting's own code and terms, so nobody can draw again; it is written into the journal
    with the rate. Where luck falls behind the rate, the posting is taken all the same.
    """
    rate = reference.setting("fast_pass_sample_rate", division_code=posting.division_id, on=local(moment).date())
    draw = int(hashlib.sha256(f"{posting.code}:{version.terms_hash}".encode()).hexdigest(), 16) % 100
    passed = Event.objects.filter(name="posting.fast_passed").count() + 1
    sampled = Review.objects.filter(kind=Review.Kind.SAMPLE).count()
    chosen = draw < rate or sampled * 100 < passed * rate
    record("posting.fast_passed", posting, by=by, draw=draw, rate=rate, sampled=chosen)
    if chosen:
        open_review(posting, Review.Kind.SAMPLE, moment=moment)


def open_review(posting: Posting, kind: str, *, moment: datetime, due_at: datetime | None = None) -> Review:
    """Ask for a look. Due by the published time, and never so late that the posting would miss its own start."""
    fast = posting.next_starts_at - moment < FAST_LANE
    if due_at is None:
        key = "review_sla_fast_lane" if fast and kind != Review.Kind.SAMPLE else "review_sla_normal"
        minutes = reference.setting(key, division_code=posting.division_id, on=local(moment).date())
        due_at = moment + timedelta(minutes=minutes)
        if kind in (Review.Kind.BEFORE, Review.Kind.APPEAL):
            due_at = max(min(due_at, posting.next_starts_at - LAST_CHANCE), moment)
    return Review.objects.create(
        posting=posting, version=posting.version, kind=kind, asked_at=moment, due_at=due_at, fast_lane=fast
    )


def _next_noon(moment: datetime) -> datetime:
    day = local(moment).date()
    noon = clock_at(day, 12)
    return noon if noon > moment else clock_at(day + timedelta(days=1), 12)


# --- changing what is out ------------------------------------------------------------------------------------


def _apply(posting: Posting, facts: Mapping[str, Any], moment: datetime) -> list[Shift]:
    """Write the changed columns and shifts; returns the shifts that are dropped."""
    retimed = bool(facts.keys() & {"shifts", "starts_at", "ends_at"})
    standing = _shifts(posting)
    begun = [s for s in standing if s.starts_at <= moment]
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
    for shift in left:
        Shift.objects.filter(pk=shift.pk).update(called_off_at=moment, called_off_reason=_("老板改了时间"))
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


def _new_version(
    posting: Posting, employer: Employer, before: Version, what: list[str], *, by: User | None, moment: datetime
) -> None:
    drafting.write(posting, {"version": posting.version + 1})
    shifts = _shifts(posting)
    _freeze(posting, shifts, by=by, moment=moment)
    found = _screen(posting, shifts, moment)
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
