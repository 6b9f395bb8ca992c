"""Submitting: promise, limits, screening, and where the posting goes from there."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

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
from linggong.employers.models import Employer, Verification
from linggong.postings import circle, screening
from linggong.postings.actions import drafting
from linggong.postings.actions.finding import index
from linggong.postings.models import Flag, Posting, Review, Shift, State, Version
from linggong.postings.refusals import NotCommitted, TooLate, TooMuch
from linggong.postings.screened import findings as screen
from linggong.postings.terms import terms

FAST_LANE = timedelta(hours=24)
LAST_CHANCE = timedelta(minutes=30)


@transaction.atomic
def submit(posting: Posting, *, by: User | None, acting_for: User | None = None) -> Posting:
    """Hand the posting in: screened at once, then out, to a reviewer, or back with the words that may not stand.

    Only absolute blocks end in REJECTED_AUTO, and that can be appealed. A recognised employer's clean posting is out
    at once, with at least the published share sampled (FJ-23); a verified employer's clean walk-in at a venue is out
    with a look before noon (decision 10); everything else waits for a reviewer, ordered by the start of work.
    Raises employers' refusals, NotCommitted, TooMuch, TooLate, Moved.
    """
    with reference.rules_held(reference.rules_at(posting.division_id)):
        return _submit(posting, now(), by=by, acting_for=acting_for)


def _submit(posting: Posting, moment: datetime, *, by: User | None, acting_for: User | None) -> Posting:
    employer = Employer.objects.get(pk=posting.employer_id)
    may_submit(employer, posting, moment)
    posting.move(State.SUBMITTED, by=by, acting_for=acting_for, submitted_at=moment)
    shifts = drafting.shifts_of(posting)
    version = freeze(posting, shifts, by=by, moment=moment)
    found = screen_and_flag(posting, shifts, moment)
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


def may_submit(employer: Employer, posting: Posting, moment: datetime) -> None:
    """Raises what keeps this employer from handing in this posting now."""
    employers.may_post(employer)
    if not employers.has_committed(employer):
        raise NotCommitted
    check_limits(employer, posting)
    if posting.last_starts_at <= moment:
        raise TooLate(fields={"starts_at": str(TooLate.message)})


def check_limits(employer: Employer, posting: Posting) -> None:
    """Raises TooMuch when the posting asks for more people or days than this employer may (decision 9)."""
    limits = employers.limits(employer)
    days = {local(s.starts_at).date() for s in posting.shifts.filter(called_off_at=None)}
    fields = {}
    if limits.people is not None and posting.places > limits.people:
        fields["places"] = _("刚登记的老板一次最多招 {n} 个人").format(n=limits.people)
    if limits.days is not None and len(days) > limits.days:
        fields["shifts"] = _("刚登记的老板一次最多发 {n} 天的活").format(n=limits.days)
    if fields:
        raise TooMuch(fields=fields)


def freeze(posting: Posting, shifts: Sequence[Shift], *, by: User | None, moment: datetime) -> Version:
    """The terms as submitted now; the same terms keep their number."""
    kept = drafting.version_now(posting)
    if kept is not None:
        if kept.terms_hash == terms_hash(terms(posting, shifts)):
            return kept
        drafting.write(posting, {"version": posting.version + 1})
    said = terms(posting, shifts)
    version = Version.objects.create(
        posting=posting, number=posting.version, terms=said, terms_hash=terms_hash(said), at=moment, by=by
    )
    index(posting, said)
    return version


def screen_and_flag(posting: Posting, shifts: Sequence[Shift], moment: datetime) -> list[screening.Finding]:
    """Screen the current version and keep what was found beside it."""
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
    posting.move(State.PUBLISHED, by=by, acting_for=acting_for, **first_out(posting, moment))


def first_out(posting: Posting, moment: datetime) -> dict[str, datetime | None]:
    """What is written when a posting goes out: when it first did, and since then how long it is its circle's alone."""
    if posting.published_at is not None:
        return {"published_at": posting.published_at}
    return {"published_at": moment, "circle_until": circle.until(posting, moment)}


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
            latest = posting.next_starts_at - LAST_CHANCE
            if latest <= moment:  # nearly its start: half of what is left
                latest = moment + max(posting.next_starts_at - moment, timedelta()) / 2
            due_at = min(due_at, latest)
    return Review.objects.create(
        posting=posting, version=posting.version, kind=kind, asked_at=moment, due_at=due_at, fast_lane=fast
    )


def _next_noon(moment: datetime) -> datetime:
    day = local(moment).date()
    noon = clock_at(day, 12)
    return noon if noon > moment else clock_at(day + timedelta(days=1), 12)
