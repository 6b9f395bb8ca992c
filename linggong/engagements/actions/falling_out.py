"""Falling out: cancelling, not coming, coming for nothing, stopping early, getting hurt. Symmetric for both sides."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

import linggong.accounts.actions as accounts
import linggong.agreements.actions as agreements
import linggong.agreements.queries as agreement_texts
import linggong.employers.actions as employers
import linggong.insurance.actions as insurance
import linggong.payments.actions as payments
import linggong.payments.queries as paid
import linggong.postings.actions as postings
import linggong.reference.queries as reference
import linggong.workers.actions as workers
from linggong.accounts.models import User
from linggong.core.clock import now
from linggong.core.journal import record
from linggong.core.money import yuan
from linggong.engagements import parties, queries
from linggong.engagements.actions.attendance import minutes_worked
from linggong.engagements.actions.completion import _due_at, _work
from linggong.engagements.actions.joining import bind
from linggong.engagements.models import GONE, Attendance, Engagement, Stage, State
from linggong.engagements.refusals import NoShift, NotOver, PlaceGone, TooLateToContest

GRACE = timedelta(minutes=30)
CONTEST_WITHIN = timedelta(hours=48)


@transaction.atomic
def cancel_by_worker(deal: Engagement, *, because: str, by: User, acting_for: User | None = None) -> str:
    """The worker cannot come. Frees place and hours in this commit (E8); returns the band: early, middle or late.

    What a band counts is the region's published schedule, the same for both sides, for twelve months, open to appeal;
    by default only "late" (under 2 h) counts. `undo_cancel` takes it back for five minutes.
    """
    return _cancel(deal, State.CANCELLED_BY_WORKER, because=because, by=by, acting_for=acting_for)


@transaction.atomic
def cancel_by_employer(deal: Engagement, *, because: str, by: User) -> str:
    """The employer does not need the worker after all. Late costs the published wasted-trip sum."""
    return _cancel(deal, State.CANCELLED_BY_EMPLOYER, because=because, by=by, acting_for=None)


def _cancel(deal: Engagement, to: str, *, because: str, by: User, acting_for: User | None) -> str:
    waiting = queries.expected(deal)
    if not waiting:
        raise NoShift(_("已经开工的不能取消，到“提前收工”里办"))
    moment = now()
    if all(a.shift.ends_at <= moment for a in waiting):
        raise NoShift(_("这个活的时间已经过了，不能再取消。去了没打卡，请打电话给老板或站里补记"))
    band = queries.band([a.shift for a in waiting], moment, division_code=deal.posting.division_id)
    begun = deal.attendances.exclude(state__in=[Stage.EXPECTED, Stage.CANCELLED]).exists()
    deal.move(to, by=by, acting_for=acting_for, because=because, end_reason=because, end_band=band, ended_at=moment)
    by_employer = to == State.CANCELLED_BY_EMPLOYER
    for number, attendance in enumerate(waiting):
        owed = deal.posting.wasted_trip_fen if by_employer and band == "late" and number == 0 else 0
        _drop(attendance, to=Stage.CALLED_OFF if owed else Stage.CANCELLED, owed_fen=owed, by=by)
    for attendance in waiting:
        postings.give_back_place(attendance.shift)
    workers.free_from(deal.worker, ref=queries.ref(deal), moment=moment)
    if not begun:
        agreements.void(queries.ref(deal), by=by)
    if by_employer or parties.free_until(deal, moment) is None:  # another of their party fell out: leaving is free
        _count(deal, by_employer=by_employer, band=band, by=by)
    _say(deal, by_employer=by_employer)
    return band


def _count(deal: Engagement, *, by_employer: bool, band: str, by: User) -> None:
    points = queries.cancel_points(band, now(), division_code=deal.posting.division_id)
    if not points:
        return
    if by_employer:
        employers.give_points(deal.employer, "cancelled_late", cause=queries.ref(deal), points=points, by=by)
    else:
        workers.give_points(deal.worker, "late_cancel", cause=queries.ref(deal), points=points, by=by)


@transaction.atomic
def undo_cancel(deal: Engagement, *, by: User, acting_for: User | None = None) -> Engagement:
    """还去: within the published five minutes, on the terms agreed to, if nobody else has the place or the hours.

    Everything is bound anew in this commit, and what the cancellation counted is taken back. Raises PlaceGone, Blocked,
    workers.AlreadyBooked; then the cancellation stands.
    """
    if not queries.can_undo(deal, now()):
        raise PlaceGone
    dropped = {a.shift.code for a in deal.attendances.filter(state=Stage.CANCELLED).select_related("shift")}
    deal.wanted_shifts = sorted(dropped)
    try:
        with transaction.atomic():
            if agreement_texts.live(queries.ref(deal)) is not None:
                agreements.void(queries.ref(deal), by=by)
            bind(deal, by=by, acting_for=acting_for, how="tap" if acting_for is None else "spoken")
    except (postings.Full, postings.NotOpen, postings.Started, postings.CalledOff, NoShift) as gone:
        raise PlaceGone from gone
    Engagement.objects.filter(pk=deal.pk).update(ended_at=None, end_reason="", end_band="")
    record("engagement.undone", deal, by=by, acting_for=acting_for)
    workers.correct_point(deal.worker, "late_cancel", cause=queries.ref(deal), by=by)
    return deal


@transaction.atomic
def drop_shift(attendance: Attendance, *, because: str, by: User | None, acting_for: User | None = None) -> None:
    """One shift of a deal falls out at no cost; where it was the last one the deal ends."""
    deal, moment = attendance.engagement, now()
    others = deal.attendances.exclude(pk=attendance.pk).exclude(state__in=GONE).exists()
    if not others:
        deal.move(
            State.CANCELLED_BY_WORKER, by=by, acting_for=acting_for, because=because, end_reason=because,
            end_band="asked", ended_at=moment,
        )  # fmt: skip
    _drop(attendance, to=Stage.CANCELLED, owed_fen=0, by=by)
    postings.give_back_place(attendance.shift)
    workers.free(deal.worker, ref=queries.ref(deal), shift=attendance.shift)
    if not others:
        agreements.void(queries.ref(deal), by=by)
    _say(deal, by_employer=False)


def _say(deal: Engagement, *, by_employer: bool) -> None:
    if by_employer:
        text = _("{what}老板取消了，不用去了。附近还有别的活").format(what=deal.posting.title)
        accounts.tell(deal.worker.user, text, kind="cancelled", about=deal, sms="cancelled")
        return
    text = _("{who}去不了{what}，位子空出来了").format(who=deal.worker.user.called, what=deal.posting.title)
    for user in queries.employer_people(deal.employer):
        accounts.tell(user, text, kind="cancelled", about=deal)


@transaction.atomic
def call_off(attendance: Attendance, *, late: bool) -> None:
    """The employer called the shift off for rain. Told too late, the worker gets the published sum."""
    owed = attendance.engagement.posting.wasted_trip_fen if late else 0
    _drop(attendance, to=Stage.CALLED_OFF, owed_fen=owed, by=None)
    workers.free(attendance.engagement.worker, ref=queries.ref(attendance.engagement), shift=attendance.shift)
    text = _("{what}今天不干了，不用去").format(what=attendance.engagement.posting.title)
    if owed:
        text += _("。说得晚，付你 {fen} 元").format(fen=yuan(owed))
    accounts.tell(attendance.engagement.worker.user, text, kind="called_off", about=attendance, sms="cancelled")


@transaction.atomic
def no_show(attendance: Attendance, *, by: User) -> None:
    """The employer or staff says that the worker did not come. The worker may contest for 48 hours."""
    moment = now()
    if moment < attendance.shift.starts_at + GRACE:
        raise NotOver
    attendance.move(Stage.NO_SHOW_WORKER, by=by, claimed_at=moment, claimed_by="employer")
    _release(attendance, by=by)
    deal = attendance.engagement
    postings.give_back_place(attendance.shift)  # somebody else may still come for the rest of the shift
    workers.free(deal.worker, ref=queries.ref(deal), shift=attendance.shift)
    if points := queries.cancel_points("absent", moment, division_code=deal.posting.division_id):
        workers.give_points(deal.worker, "no_show", cause=queries.ref(attendance), points=points, by=by)
    text = _("老板说你没到{what}。不是这样的话，48 小时内点“我到了”").format(what=attendance.engagement.posting.title)
    accounts.tell(attendance.engagement.worker.user, text, kind="no_show", about=attendance, sms="no_show")


@transaction.atomic
def contest(attendance: Attendance, *, facts: str, by: User, acting_for: User | None = None) -> None:
    """The worker says they were there. The mark does not count while a person looks at it."""
    moment = now()
    if attendance.claimed_at is None or moment > attendance.claimed_at + CONTEST_WITHIN:
        raise TooLateToContest
    Attendance.objects.filter(pk=attendance.pk).update(contested_at=moment)
    attendance.contested_at = moment
    workers.correct_point(attendance.engagement.worker, "no_show", cause=queries.ref(attendance), by=by)
    record("attendance.contested", attendance, by=by, acting_for=acting_for, facts=facts[:400])


@transaction.atomic
def wasted_trip(attendance: Attendance, *, by: User, acting_for: User | None = None) -> None:
    """The worker came and there was no work. Claimed at the site or before staff; pays the published sum."""
    moment = now()
    if moment < attendance.shift.starts_at:
        raise NotOver(_("还没到开工时间"))
    owed = attendance.engagement.posting.wasted_trip_fen
    attendance.move(Stage.WASTED_TRIP, by=by, acting_for=acting_for, claimed_at=moment, claimed_by="worker")
    insurance.cancel(queries.ref(attendance), by=by)
    owe(attendance, owed, by=by)
    deal = attendance.engagement
    if points := queries.cancel_points("absent", moment, division_code=deal.posting.division_id):
        employers.give_points(deal.employer, "wasted_trip", cause=queries.ref(attendance), points=points, by=by)


@transaction.atomic
def end_early(attendance: Attendance, *, because: str, by: User, acting_for: User | None = None) -> None:
    """Either side stops before the end: the hours so far are payable and wait for confirmation."""
    moment = now()
    due = timedelta(hours=reference.default("auto_confirm_hours"))
    attendance.move(
        Stage.ENDED_EARLY, by=by, acting_for=acting_for, because=because, checked_out_at=moment,
        minutes=minutes_worked(attendance, moment), confirm_due_at=moment + due, checked_out_early=True,
    )  # fmt: skip
    worker = attendance.engagement.worker.user
    if worker not in (by, acting_for):
        text = _("老板让{what}提前收工：{why}。干到现在的照算钱，有出入点“有意见”").format(
            what=attendance.engagement.posting.title, why=because.strip()[:60]
        )
        accounts.tell(worker, text, kind="ended_early", about=attendance)


@transaction.atomic
def accident(attendance: Attendance, *, facts: str, by: User | None, acting_for: User | None = None) -> None:
    """Somebody is hurt: the shift ends, the hours so far are payable, a case opens with the cover beside it."""
    moment = now()
    due = timedelta(hours=reference.default("auto_confirm_hours"))
    attendance.move(
        Stage.ACCIDENT, by=by, acting_for=acting_for, checked_out_at=moment,
        minutes=minutes_worked(attendance, moment), confirm_due_at=moment + due, checked_out_early=True,
    )  # fmt: skip
    record("attendance.hurt", attendance, by=by, acting_for=acting_for, facts=facts[:400])


def _drop(attendance: Attendance, *, to: str, owed_fen: int, by: User | None) -> None:
    attendance.move(to, by=by)
    insurance.cancel(queries.ref(attendance), by=by)
    if owed_fen:
        owe(attendance, owed_fen, by=by)
    else:
        payments.cancel_settlement(paid.by_ref(queries.ref(attendance)), by=by)


def _release(attendance: Attendance, *, by: User | None) -> None:
    insurance.cancel(queries.ref(attendance), by=by)
    payments.cancel_settlement(paid.by_ref(queries.ref(attendance)), by=by)


def owe(attendance: Attendance, owed_fen: int, *, by: User | None) -> None:
    """A sum that is due without work: the published wasted-trip sum."""
    settlement = paid.by_ref(queries.ref(attendance))
    if not owed_fen:
        payments.cancel_settlement(settlement, by=by)
        return
    moment = now()
    Attendance.objects.filter(pk=attendance.pk).update(pay_fen=owed_fen, confirmed_at=moment)
    attendance.pay_fen, attendance.confirmed_at = owed_fen, moment
    payments.complete(settlement, gross_fen=owed_fen, work=_work(attendance), due_at=_due_at(attendance), by=by)
    attendance.move(Stage.PAY_DUE, by=by)
