"""Attendance: there, at work, finished. A failed phone never costs anybody a day."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

import linggong.accounts.actions as accounts
import linggong.insurance.actions as insurance
import linggong.insurance.queries as covers
import linggong.matching.queries as matching
import linggong.reference.queries as reference
import linggong.workers.queries as people
from linggong.accounts.models import User
from linggong.core.clock import local, now
from linggong.core.journal import record
from linggong.engagements import queries, site_code
from linggong.engagements.models import Attendance, Stage, State
from linggong.engagements.refusals import (
    BadFigures,
    Blocked,
    NotReady,
    TooEarly,
    TooFar,
    TooLate,
    WrongCode,
)
from linggong.reference.geo import distance_m

OPENS_BEFORE = timedelta(minutes=60)
BELIEVED_BACK = timedelta(hours=12)
SENT_AT_ONCE = timedelta(minutes=2)


@transaction.atomic
def check_in(
    attendance: Attendance, *, how: str, by: User, acting_for: User | None = None, lat: float | None = None,
    lng: float | None = None, code: str = "", as_told: bool | None = None, pressed_at: datetime | None = None,
) -> None:  # fmt: skip
    """The worker is at the site: by position, code, QR, the employer's tap, or staff on their behalf.

    The position is compared and forgotten. `pressed_at` is what the phone says about a press that had to wait for the
    network: see `pressed`. Asks again for age, blocks and certificates (E9), and that agreement,
    cover and money are ready (E4). Raises TooEarly, TooLate, TooFar, WrongCode, NotReady, Blocked, Moved.
    """
    shift, deal = attendance.shift, attendance.engagement
    moment = pressed(pressed_at, now())
    if moment < shift.starts_at - OPENS_BEFORE:
        opens = local(shift.starts_at - OPENS_BEFORE)
        raise TooEarly(_("还没到打卡时间，{at} 开始能打").format(at=f"{opens:%-H:%M}"))
    if moment >= shift.ends_at:
        raise TooLate
    _at_the_site(attendance, how=how, lat=lat, lng=lng, code=code, moment=moment)
    if deal.state == State.REACCEPT:
        raise NotReady(_("条件改过，先看一下去不去再打卡"))
    if blockers := matching.check(deal.worker, deal.posting, [shift], moment, bound=True):
        raise Blocked(blockers)
    readiness = queries.readiness(attendance)
    if not readiness.ready and not (readiness.agreement and readiness.funding and _cover_ran_out(attendance)):
        raise NotReady("；".join(readiness.missing) + _("。先别干，让老板点“今天没保险”或打电话给站里"))
    attendance.move(
        Stage.CHECKED_IN,
        by=by,
        acting_for=acting_for,
        checked_in_at=moment,
        checked_in_how=how,
        as_told=as_told,
    )
    _note_late_sending(attendance, pressed_at, by=by, acting_for=acting_for)
    if as_told is False:
        record("attendance.not_as_told", attendance, by=by, acting_for=acting_for)
        text = _("{who}到了，说{what}和说的不一样。先当面问清楚，站里的人也会来问").format(
            who=deal.worker.user.called, what=deal.posting.title
        )
        for user in queries.employer_people(deal.employer):
            accounts.tell(user, text, kind="not_as_told", about=attendance)


def _cover_ran_out(attendance: Attendance) -> bool:
    """A press that arrives after the shift finds its cover at an end; it stood while the work was done."""
    policy = covers.cover_of(queries.ref(attendance))
    return now() >= attendance.shift.ends_at and policy is not None and policy.state == policy.State.ENDED


def pressed(said: datetime | None, received: datetime) -> datetime:
    """When a button was really pressed, as far as a phone is believed: at most twelve hours back, never ahead.

    A failed network never costs anybody a day, and a wrong clock in a phone can neither invent one nor move a wage:
    anything outside these bounds counts as the moment it was received.
    """
    if said is None or not received - BELIEVED_BACK <= said <= received:
        return received
    return said


def _note_late_sending(
    attendance: Attendance, said: datetime | None, *, by: User | None, acting_for: User | None = None
) -> None:
    """Both times stay on record where the act was sent later than it was pressed."""
    received = now()
    moment = pressed(said, received)
    if received - moment > SENT_AT_ONCE:
        when = moment.isoformat()
        record("attendance.sent_later", attendance, by=by, acting_for=acting_for, pressed_at=when)


def _at_the_site(
    attendance: Attendance, *, how: str, lat: float | None, lng: float | None, code: str, moment: datetime
) -> None:
    posting = attendance.engagement.posting
    if how == "gps":
        if lat is None or lng is None:
            raise TooFar(_("没拿到位置。扫工地的码，或输老板手机上的 6 位数字"))
        away = distance_m(lat, lng, posting.lat, posting.lng)
        if away > reference.default("site_radius_m"):
            raise TooFar(_("离工地还有 {km} 公里。扫码或输 6 位数字也行").format(km=round(away / 1000, 1)))
    elif how in ("qr", "code") and not site_code.is_current(settings.SECRET_KEY, posting.code, code, moment):
        raise WrongCode


@transaction.atomic
def begin_work(attendance: Attendance) -> None:
    """The clock says the shift has begun for somebody who is there."""
    attendance.move(Stage.IN_PROGRESS, by=None)


@transaction.atomic
def check_out(
    attendance: Attendance, *, by: User | None, acting_for: User | None = None, quantity: Decimal | None = None,
    at: datetime | None = None, pressed_at: datetime | None = None,
) -> None:  # fmt: skip
    """Work is done: hours from check-in (not before the start) to now, less breaks; or the quantity counted.

    The moment at which silence confirms for the worker is computed here, once, and stored (E6).
    `at` is for the clock, which ends a forgotten shift at its planned end; `pressed_at` for a press that waited for the
    network. Raises BadFigures, Moved.
    """
    moment = at or pressed(pressed_at, now())
    if quantity is not None and not 0 < quantity <= 1_000_000:
        raise BadFigures
    hours = reference.setting("auto_confirm_hours", division_code=_division(attendance), on=local(moment).date())
    attendance.move(
        Stage.WORK_DONE, by=by, acting_for=acting_for, checked_out_at=moment,
        minutes=minutes_worked(attendance, moment), quantity=quantity, quantity_by="worker" if quantity else "",
        confirm_due_at=now() + timedelta(hours=hours),
    )  # fmt: skip
    _note_late_sending(attendance, pressed_at, by=by, acting_for=acting_for)
    text = _("{who}收工了，看一下对不对。到 {due} 没说话就按他报的算").format(
        who=attendance.engagement.worker.user.called, due=_hour(attendance.confirm_due_at)
    )
    for user in queries.employer_people(attendance.engagement.employer):
        accounts.tell(user, text, kind="work_done", about=attendance)


def minutes_worked(attendance: Attendance, until: datetime) -> int:
    """Minutes between the later of check-in and start, and `until` (the planned end at most), less breaks."""
    shift = attendance.shift
    start = max(attendance.checked_in_at or shift.starts_at, shift.starts_at)
    # Arriving up to ten minutes late is not counted against anybody: queues at a gate are nobody's fault.
    if start - shift.starts_at <= timedelta(minutes=10):
        start = shift.starts_at
    end = min(until, shift.ends_at)
    whole = int((shift.ends_at - shift.starts_at).total_seconds()) // 60
    present = max(0, int((end - start).total_seconds()) // 60)
    breaks = shift.break_minutes if present * 2 > whole else 0
    return max(0, present - breaks)


@transaction.atomic
def go_uncovered(attendance: Attendance, *, because: str, by: User) -> None:
    """今天没保险: the employer says why; the worker sees it and decides. Cover that is in the making is cancelled."""
    if not because.strip():
        raise NotReady(_("写一句为什么今天没保险，工友要看到"))
    insurance.cancel(queries.ref(attendance), by=by)
    _set(attendance, uncovered_reason=because.strip()[:80], uncovered_accepted_at=None)
    record("attendance.uncovered", attendance, by=by)
    text = _("今天这一班没有保险：{why}。愿意干再打卡，不愿意可以不去，不算你的错").format(why=because.strip()[:80])
    accounts.tell(attendance.engagement.worker.user, text, kind="uncovered", about=attendance, sms="changed")


@transaction.atomic
def accept_uncovered(attendance: Attendance, *, by: User, acting_for: User | None = None) -> None:
    """The worker has seen why there is no cover today, and will work."""
    if not attendance.uncovered_reason:
        raise NotReady(_("这一班有保险，不用点这个"))
    _set(attendance, uncovered_accepted_at=now())
    record("attendance.uncovered_accepted", attendance, by=by, acting_for=acting_for)


@transaction.atomic
def renew_cover(attendance: Attendance, *, by: User | None) -> bool:
    """Ask for cover again where the first policy fell through. Returns whether a new one is in the making."""
    shift, worker = attendance.shift, attendance.engagement.worker
    if covers.cover_of(queries.ref(attendance)) is not None or attendance.uncovered_accepted_at is not None:
        return False
    quote = covers.quote_for(
        trade=attendance.engagement.posting.trade, age=people.age_on(worker, local(shift.starts_at).date()),
        starts_at=shift.starts_at, ends_at=shift.ends_at, division_code=_division(attendance),
    )  # fmt: skip
    if quote is None or not quote.insurable:
        return False
    deal = attendance.engagement
    insurance.ask(ref=queries.ref(attendance), deal=queries.ref(deal), worker=worker, quote=quote, by=by)
    return True


def _division(attendance: Attendance) -> str:
    return attendance.engagement.posting.division_id


def _hour(moment: datetime) -> str:
    there = local(moment)
    return f"{there.month}月{there.day}日 {there:%-H:%M}"


def _set(attendance: Attendance, **fields: object) -> None:
    Attendance.objects.filter(pk=attendance.pk).update(**fields)
    for name, value in fields.items():
        setattr(attendance, name, value)
