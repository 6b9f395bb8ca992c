"""Review: somebody who did not collect the posting reads it and decides, with reasons first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

import linggong.accounts.actions as accounts
from linggong.accounts.models import User
from linggong.core.clock import now
from linggong.core.journal import record
from linggong.core.states import Moved
from linggong.employers.models import Member
from linggong.postings.actions.places import settle_fullness
from linggong.postings.actions.submitting import first_out, open_review
from linggong.postings.models import LIVE, Posting, Review, Ring, State
from linggong.postings.refusals import InReview, NoReasons, SelfReview, TooLate

REASONS_MOST = 10
DECISION = Review.Decision


@transaction.atomic
def open_for_review(posting: Posting, *, by: User) -> Review:
    """A reviewer opens the posting: others see who has it. The first one keeps it; nothing is locked."""
    review = _waiting(posting, by)
    if review.opened_by_id is None:
        Review.objects.filter(pk=review.pk, opened_by=None).update(opened_by=by, opened_at=now())
        review.refresh_from_db()
    return review


@transaction.atomic
def approve(posting: Posting, *, by: User) -> Posting:
    """Let it out: visible in every list the moment this commits. After a look afterwards it simply stays out.

    Raises SelfReview, InReview, TooLate when every shift has begun.
    """
    moment = now()
    review = _waiting(posting, by)
    if posting.state == State.REVIEWING:
        if posting.last_starts_at <= moment:
            raise TooLate
        posting.move(State.PUBLISHED, by=by, **first_out(posting, moment))
        settle_fullness(posting, by=by)
        _tell(posting, _("“{what}”审过了，已经发出去").format(what=posting.title), "posting_out")
    _decide(review, DECISION.APPROVED, [], by=by, moment=moment)
    return posting


@transaction.atomic
def return_(posting: Posting, *, reasons: Sequence[dict[str, str] | str], by: User) -> Posting:
    """Send it back with what to change, field by field: [{"field", "text"}]. Raises NoReasons, SelfReview, InReview."""
    return _turn_down(posting, State.RETURNED, DECISION.RETURNED, reasons, by=by)


@transaction.atomic
def reject(posting: Posting, *, reasons: Sequence[dict[str, str] | str], by: User) -> Posting:
    """It may not go out; the employer may appeal to another reviewer. Raises as `return_`.

    One that was out before, and that people may be bound to, is taken down: they are told upstairs.
    """
    to = State.REJECTED if posting.published_at is None else State.TAKEN_DOWN
    return _turn_down(posting, to, DECISION.REJECTED, reasons, by=by)


@transaction.atomic
def take_down(posting: Posting, *, because: str, by: User) -> Posting:
    """Take it out of every list at once, with a reason the employer reads. People bound to come are told upstairs."""
    reason = _one_reason(because)
    moment = now()
    posting.move(State.TAKEN_DOWN, by=by)
    posting.reviews.filter(decided_at=None).update(
        decided_at=moment, decided_by=by, decision=DECISION.TAKEN_DOWN, reasons=[reason]
    )
    _tell(posting, _("“{what}”下架了：{why}").format(what=posting.title, why=reason["text"]), "posting_down")
    return posting


@transaction.atomic
def appeal(posting: Posting, *, by: User | None) -> Review:
    """The employer asks for another look at what was rejected by rule or by a person, or taken down."""
    if posting.state not in (State.REJECTED_AUTO, State.REJECTED, State.TAKEN_DOWN):
        raise Moved
    moment = now()
    if posting.last_starts_at <= moment:
        raise TooLate
    posting.move(State.REVIEWING, by=by)
    return open_review(posting, Review.Kind.APPEAL, moment=moment)


@transaction.atomic
def ring(review: Review, user: User, *, rank: int) -> Ring:
    """Ring the reviewer on duty for a posting that starts soon (decision 10). One ring per person and review."""
    posting = review.posting
    rung, new = Ring.objects.get_or_create(review=review, user=user, defaults={"rank": rank, "at": now()})
    if new:
        record("review.rung", review, by=None, rank=rank)
        text = _("“{what}”马上开工，等你审").format(what=posting.title)
        accounts.tell(user, text, kind="review_ring", about=posting, sms="review_ring")
    return rung


@transaction.atomic
def warn_of_missed_start(review: Review) -> bool:
    """Say once that a posting would miss its own start (GX-07). Returns whether it was said now."""
    if Review.objects.filter(pk=review.pk, alerted_at=None, decided_at=None).update(alerted_at=now()) != 1:
        return False
    record("posting.would_miss_start", review.posting, by=None)
    return True


def _waiting(posting: Posting, by: User) -> Review:
    review = posting.reviews.filter(decided_at=None).order_by("pk").first()
    if review is None:
        raise InReview
    if by.pk == posting.posted_by_id or _acts_for_employer(posting, by) or _decided_before(review, by):
        raise SelfReview
    return review


def _acts_for_employer(posting: Posting, by: User) -> bool:
    submitted = posting.versions.filter(number=posting.version, by=by).exists()
    return submitted or Member.objects.filter(employer=posting.employer_id, user=by, ended_at=None).exists()


def _decided_before(review: Review, by: User) -> bool:
    """An appeal goes to somebody else than the one appealed against."""
    if review.kind != Review.Kind.APPEAL:
        return False
    return Review.objects.filter(posting=review.posting_id, decided_by=by).exists()


def _turn_down(
    posting: Posting, to: str, decision: str, reasons: Sequence[dict[str, str] | str], *, by: User
) -> Posting:
    said = [_one_reason(reason) for reason in reasons][:REASONS_MOST]
    if not said:
        raise NoReasons
    review = _waiting(posting, by)
    if posting.state in LIVE:
        raise Moved
    posting.move(to, by=by)
    _decide(review, decision, said, by=by, moment=now())
    text = _("“{what}”要改一下：{why}") if to == State.RETURNED else _("“{what}”没通过：{why}。不同意可以申诉")
    _tell(posting, text.format(what=posting.title, why=said[0]["text"]), "posting_back")
    return posting


def _one_reason(reason: dict[str, str] | str) -> dict[str, str]:
    row = {"field": "", "text": reason} if isinstance(reason, str) else reason
    text = " ".join(str(row.get("text", "")).split())[:200]
    if not text:
        raise NoReasons
    return {"field": str(row.get("field", ""))[:24], "text": text}


def _decide(review: Review, decision: str, reasons: list[dict[str, str]], *, by: User, moment: datetime) -> None:
    open_rows = Review.objects.filter(pk=review.pk, decided_at=None)
    if open_rows.update(decision=decision, reasons=reasons, decided_by=by, decided_at=moment) != 1:
        raise InReview
    record(f"review.{decision}", review, by=by)


def _tell(posting: Posting, text: str, kind: str) -> None:
    for user in people_of(posting):
        accounts.tell(user, text[:300], kind=kind, about=posting)


def people_of(posting: Posting) -> list[Any]:
    """Who is told about a posting: those who act for the employer."""
    members = Member.objects.filter(employer=posting.employer_id, ended_at=None).select_related("user")
    return [member.user for member in members.order_by("-owner", "pk")]


def lapse_reviews(posting: Posting, *, moment: datetime) -> None:
    """What nobody decided in time is closed as such, so that the clock of reviews stays true."""
    posting.reviews.filter(decided_at=None).update(decided_at=moment, decision=DECISION.LAPSED)
