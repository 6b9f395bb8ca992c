"""Calling off, pausing, closing: the employer stops, for a shift or altogether."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

import linggong.accounts.actions as accounts
from linggong.accounts.models import User
from linggong.core.clock import now
from linggong.core.journal import record
from linggong.core.states import Moved
from linggong.postings.actions.places import OPEN_LATE, settle_fullness, touch
from linggong.postings.actions.review import lapse_reviews, people_of
from linggong.postings.models import Posting, Shift, State
from linggong.postings.refusals import Started, StillBound, TooLate

WAITING = frozenset({State.PUBLISHED, State.PAUSED, State.FULL, State.REVIEWING, State.RETURNED})


@transaction.atomic
def call_off(shift: Shift, *, because: str, by: User | None) -> bool:
    """今天不干了: nobody works this shift. Returns whether it was late.

    Until `call_off_minutes` before the start it costs nothing; later the event says late, and each worker of the shift
    gets the agreed sum for a wasted trip. All are told from the event "shift.called_off". Raises Started, Moved.
    """
    moment = now()
    posting = touch(shift.posting_id, OPEN_LATE | {State.PAUSED, State.REVIEWING})
    rows = Shift.objects.filter(pk=shift.pk, called_off_at=None, starts_at__gt=moment)
    reason = " ".join(because.split())[:60] or _("老板说不干了")
    if rows.update(called_off_at=moment, called_off_reason=reason) != 1:
        shift.refresh_from_db()
        raise Moved if shift.called_off_at is not None else Started
    shift.refresh_from_db()
    late = shift.starts_at - moment < timedelta(minutes=posting.call_off_minutes)
    record("shift.called_off", shift, by=by, late=late)
    _end_or_go_on(posting, by=by)
    return late


@transaction.atomic
def pause(posting: Posting, *, by: User | None, because: str = "") -> Posting:
    """Take nobody for now. Whoever has a place keeps it."""
    posting.move(State.PAUSED, by=by, because=because)
    return posting


@transaction.atomic
def resume(posting: Posting, *, by: User | None) -> Posting:
    """Take people again. Raises TooLate when every shift has begun, Moved."""
    if posting.last_starts_at <= now():
        raise TooLate
    posting.move(State.PUBLISHED, by=by)
    settle_fullness(posting, by=by)
    return posting


@transaction.atomic
def close(posting: Posting, *, by: User | None) -> Posting:
    """Not needed any more. Raises StillBound while somebody has a place in a shift to come: call that off first."""
    moment = now()
    touch(posting.pk)
    if Shift.objects.filter(posting=posting, called_off_at=None, taken__gt=0, starts_at__gt=moment).exists():
        raise StillBound
    posting.move(State.CLOSED, by=by)
    lapse_reviews(posting, moment=moment)
    return posting


@transaction.atomic
def pass_time(posting: Posting) -> str:
    """Write down what the clock has decided: started, expired, finished, the next start. Returns the state.

    Past its last start a posting takes nobody: with people on it it is STARTED, without it is EXPIRED; what still stood
    in review is EXPIRED and the employer is told. Past its last end a started one is CLOSED. Idempotent.
    """
    moment = now()
    posting = touch(posting.pk)
    if posting.state == State.STARTED and posting.last_ends_at <= moment:
        posting.move(State.CLOSED, by=None)
    elif posting.state in WAITING and posting.last_starts_at <= moment:
        taken = Shift.objects.filter(posting=posting, called_off_at=None, taken__gt=0).exists()
        unseen = posting.state in (State.REVIEWING, State.RETURNED) and not taken
        posting.move(State.STARTED if taken else State.EXPIRED, by=None)
        lapse_reviews(posting, moment=moment)
        if unseen:
            _tell_expired(posting)
    elif posting.next_starts_at <= moment:
        _redraw(posting)
        settle_fullness(posting, by=None)
    return posting.state


def _tell_expired(posting: Posting) -> None:
    text = _("“{what}”到开工时间还没发出去，已经过期。点“再发一次”换个时间").format(what=posting.title)
    for user in people_of(posting):
        accounts.tell(user, text, kind="posting_expired", about=posting)


def _end_or_go_on(posting: Posting, *, by: User | None) -> None:
    moment = now()
    left = Shift.objects.filter(posting=posting, called_off_at=None)
    if left.filter(starts_at__gt=moment).exists():
        _redraw(posting)
        settle_fullness(posting, by=by)
    elif left.filter(taken__gt=0).exists():
        if posting.state != State.STARTED:
            posting.move(State.STARTED, by=by)  # earlier shifts were worked; nothing is left to join
    else:
        posting.move(State.CLOSED, by=by)
        lapse_reviews(posting, moment=moment)


def _redraw(posting: Posting) -> None:
    """The columns lists order by follow the shifts that are left."""
    standing = Shift.objects.filter(posting=posting, called_off_at=None).order_by("starts_at")
    starts = list(standing.values_list("starts_at", flat=True))
    moment = now()
    drawn = {"next_starts_at": next((s for s in starts if s > moment), starts[-1]), "last_starts_at": starts[-1]}
    Posting.objects.filter(pk=posting.pk).update(**drawn)
    for name, value in drawn.items():
        setattr(posting, name, value)
