"""Confirming once more: 还来吗, the evening before or 90 minutes before. Silence alone takes nothing from anybody."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

import linggong.accounts.actions as accounts
import linggong.insurance.actions as insurance
import linggong.payments.actions as payments
import linggong.postings.actions as postings
import linggong.reference.queries as reference
import linggong.workers.actions as workers
from linggong.accounts.messages import shorten
from linggong.accounts.models import User
from linggong.core.clock import local, now
from linggong.core.journal import record
from linggong.core.money import yuan
from linggong.core.states import Moved
from linggong.engagements import invited, queries
from linggong.engagements.actions.attendance import OPENS_BEFORE
from linggong.engagements.actions.falling_out import drop_shift, owe
from linggong.engagements.actions.joining import reopen_shift
from linggong.engagements.models import GONE, Attendance, Confirmation, Stage
from linggong.engagements.refusals import HasPlace, NotYet, TooEarly, TooLate

_C = Confirmation.State


@transaction.atomic
def ask_to_confirm(attendance: Attendance) -> Confirmation | None:
    """Ask whether they still come. Idempotent: a shift is asked about once.

    Whoever has no phone, or was arranged by somebody at a counter, holds a slip: the desk tells them, and nothing
    that follows can take the place from them.
    """
    deal, moment = attendance.engagement, now()
    by_slip = invited.by_hand(deal.worker) or deal.acted_by_id is not None
    try:
        with transaction.atomic():
            asked = Confirmation.begin(by=None, attendance=attendance, by_slip=by_slip, asked_at=moment)
    except IntegrityError:
        return None
    # The row stands beside a deal long made: a message about it is theirs to want, at any hour this is asked.
    accounts.tell(
        deal.worker.user, _what(attendance), kind="confirm", about=asked, sms="" if invited.by_hand(deal.worker) else "confirm",
        urgent=True,
    )  # fmt: skip
    return asked


@transaction.atomic
def say_coming(asked: Confirmation, *, how: str, by: User | None, acting_for: User | None = None) -> None:
    """来, by tap, by SMS, on the telephone, or the employer heard it. Saying it twice changes nothing."""
    if asked.state != _C.COMING:
        asked.move(_C.COMING, by=by, acting_for=acting_for, answered_at=now(), answered_how=how)


@transaction.atomic
def say_not_coming(asked: Confirmation, *, how: str, by: User | None, acting_for: User | None = None) -> None:
    """去不了, in one tap. It costs nothing: who answers when asked helps everybody (published schedule).

    Frees this shift alone; where it was the last one the deal ends.
    """
    asked.move(_C.NOT_COMING, by=by, acting_for=acting_for, answered_at=now(), answered_how=how)
    drop_shift(asked.attendance, because="asked_and_no", by=by, acting_for=acting_for)


@transaction.atomic
def ring(asked: Confirmation) -> bool:
    """The message failed: one automatic call asks once more. Idempotent; whether this is an hour to ring is the caller's.

    It only asks. 1 is yes, 2 is no; anything else leaves the question to a person. Returns whether a call was made.
    """
    attendance, deal = asked.attendance, asked.attendance.engagement
    if asked.state != _C.ASKED or asked.by_slip or attendance.state != Stage.EXPECTED:
        return False
    words = {"what": shorten(_what(attendance))}
    return accounts.ring(deal.worker.user, "confirm", words, about=asked) is not None


def _what(attendance: Attendance) -> str:
    start = local(attendance.shift.starts_at)
    day = _("今天") if start.date() == local(now()).date() else _("明天")
    return _("{day} {at} 的{what}还去吗").format(
        day=day, at=f"{start:%-H:%M}", what=attendance.engagement.posting.title
    )


@transaction.atomic
def call_failed(asked: Confirmation, *, by: User | None) -> None:
    """A person (or, with `by` None, the automatic call) rang and nobody answered.

    A person not before the hour the worker named, which their page shows. Once more changes when it was last tried.
    """
    if asked.state != _C.ASKED:
        raise Moved
    call_from = asked.attendance.engagement.worker.call_from
    if by is not None and call_from is not None and local(now()).time() < call_from:
        raise NotYet(_("他说早上 {at} 以后再打，先别打").format(at=f"{call_from:%-H:%M}"))
    Confirmation.objects.filter(pk=asked.pk).update(called_at=now(), called_by=by)
    asked.called_at, asked.called_by = now(), by
    record("confirmation.call_failed", asked, by=by)


@transaction.atomic
def release(asked: Confirmation, *, by: User) -> None:
    """放掉: message and call both failed and a person decides; the place is free in this commit.

    Never by a clock, and never for a slip: raises NotYet, which says what is still to be tried. The person is told,
    keeps a clean record, and if they turn up they work or get the trip paid.
    """
    assert by is not None, "a place is given away by a person"
    moment, attendance = now(), asked.attendance
    if lacking := invited.to_release(asked, moment):
        raise NotYet("；".join(lacking))
    if attendance.shift.starts_at <= moment:
        raise TooLate(_("已经开工了。人没到，开工半小时后点“没到”再补人"))
    asked.move(_C.RELEASED, by=by, answered_at=moment)
    attendance.move(Stage.RELEASED, by=by)
    deal = attendance.engagement
    insurance.cancel(queries.ref(attendance), by=by)
    payments.cancel_settlement_of(queries.ref(attendance), by=by)
    postings.give_back_place(attendance.shift)
    workers.free(deal.worker, ref=queries.ref(deal), shift=attendance.shift)
    text = _("打你电话没人接，{what}的位子先让给别人了，不记口碑。你到了也有活干，没活付你白跑的钱").format(
        what=deal.posting.title
    )
    accounts.tell(deal.worker.user, text, kind="released", about=attendance, sms="notice", urgent=True)


@transaction.atomic
def turned_up(attendance: Attendance, *, by: User, acting_for: User | None = None) -> Attendance:
    """Somebody whose place was given away stands at the gate: they work if a place is free, else the trip is paid.

    Returns the new lived shift: expected (check in as usual), or a wasted trip with its sum due. Raises HasPlace,
    TooEarly, TooLate.
    """
    moment, shift, deal = now(), attendance.shift, attendance.engagement
    again = deal.attendances.filter(shift=shift).exclude(state__in=GONE)
    if attendance.state != Stage.RELEASED or again.exists():
        raise HasPlace
    if moment < shift.starts_at - OPENS_BEFORE:
        raise TooEarly
    if moment >= shift.ends_at:
        raise TooLate
    fresh = reopen_shift(deal, shift, by=by, acting_for=acting_for)
    try:
        with transaction.atomic():
            postings.take_place(shift, late=True, by=by)
            workers.book(deal.worker, starts_at=shift.starts_at, ends_at=shift.ends_at, ref=queries.ref(deal))
    except (postings.Full, postings.NotOpen, postings.CalledOff, postings.Started):
        insurance.cancel(queries.ref(fresh), by=by)
        fresh.move(Stage.WASTED_TRIP, by=by, acting_for=acting_for, claimed_at=moment, claimed_by="worker")
        owe(fresh, released_trip_fen(deal, moment), by=by)
    return fresh


def released_trip_fen(deal: Any, moment: Any) -> int:
    """What somebody gets who comes for a place that was given away: the posting's sum, at least the region's."""
    least = reference.setting("released_trip_fen", division_code=deal.posting.division_id, on=local(moment).date())
    return max(deal.posting.wasted_trip_fen, least)


def release_costs(asked: Confirmation) -> str:
    """What 放掉 may cost, said before the tap."""
    fen = released_trip_fen(asked.attendance.engagement, now())
    return _("人要是来了没位子，老板付他白跑的钱 {fen} 元").format(fen=yuan(fen))
