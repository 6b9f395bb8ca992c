"""Joining: a worker and a place find each other, and both are bound in one transaction."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

import linggong.accounts.actions as accounts
import linggong.agreements.actions as agreements
import linggong.agreements.queries as agreement_texts
import linggong.insurance.actions as insurance
import linggong.insurance.queries as covers
import linggong.matching.queries as matching
import linggong.payments.actions as payments
import linggong.postings.actions as postings
import linggong.postings.queries as posted
import linggong.reference.queries as reference
import linggong.workers.actions as workers
import linggong.workers.queries as people
from linggong.accounts.models import User
from linggong.core.clock import local, now
from linggong.core.once import terms_hash
from linggong.engagements import newcomers, parties, queries
from linggong.engagements.models import Attendance, Engagement, State
from linggong.engagements.refusals import (
    AlreadyIn,
    Blocked,
    CannotInsure,
    NoShift,
    NothingToStore,
    NotThisWay,
    TermsChanged,
    WithOthers,
)
from linggong.postings import pay
from linggong.postings.models import Custody, Posting, Shift, WayIn
from linggong.workers.models import Worker

LATE_LEAST = timedelta(hours=1)  # with less left nobody is sent for


def grab(
    posting: Posting, worker: Worker, *, shift_codes: Sequence[str] = (), seen_hash: str = "", by: User,
    acting_for: User | None = None, channel: str = "self",
) -> Engagement:  # fmt: skip
    """First come, first confirmed: take the place, the hours, the agreement, the cover and the wage, or nothing.

    `shift_codes` empty means every shift still to come. `seen_hash` is the hash of the terms on the page the worker
    tapped. A full posting says so after one read, before the transaction that binds: two thousand may tap for twenty
    places. Raises Blocked, NoShift, TermsChanged, AlreadyIn, NotThisWay, postings.Full, workers.AlreadyBooked.
    """
    if posting.way_in != WayIn.GRAB:
        raise NotThisWay
    refuse_when_full(posting, worker, shift_codes)
    return _grab(posting, worker, shift_codes, seen_hash, by=by, acting_for=acting_for, channel=channel)


def refuse_when_full(posting: Posting, worker: Worker, shift_codes: Sequence[str] = ()) -> None:
    """Raises postings.Full when every chosen shift is taken and the worker stands in none: one read, no write.

    Only spares the crowd the long way. Who passes may still come too late: the places are guarded where they are taken.
    """
    if queries.nothing_free(posting, worker, shift_codes, now()):
        raise postings.Full


@transaction.atomic
def _grab(
    posting: Posting, worker: Worker, shift_codes: Sequence[str], seen_hash: str, *, by: User,
    acting_for: User | None, channel: str,
) -> Engagement:  # fmt: skip
    deal = begin(posting, worker, WayIn.GRAB, shift_codes, seen_hash, by=by, acting_for=acting_for, channel=channel)
    return bind(deal, by=by, acting_for=acting_for, how="tap" if acting_for is None else "spoken")


@transaction.atomic
def apply(
    posting: Posting, worker: Worker, *, shift_codes: Sequence[str] = (), seen_hash: str = "", by: User,
    acting_for: User | None = None, channel: str = "self",
) -> Engagement:  # fmt: skip
    """The worker wants the work and the employer will choose. The worker's yes to the terms is given now."""
    if posting.way_in != WayIn.APPLY:
        raise NotThisWay
    deal = begin(posting, worker, WayIn.APPLY, shift_codes, seen_hash, by=by, acting_for=acting_for, channel=channel)
    tell_employer(deal, _("{who}想来干{what}").format(who=worker.user.called, what=posting.title), "applied")
    return deal


@transaction.atomic
def choose(deal: Engagement, *, by: User) -> Engagement:
    """The employer picks an applicant: bound at once, on the terms the worker said yes to.

    Raises TermsChanged when the posting changed since; then ask the worker again. Raises WithOthers for one of
    several who asked together: `choose_party`.
    """
    if parties.waiting_with_others(deal):
        raise WithOthers
    if deal.version.number != deal.posting.version:
        raise TermsChanged(_("工友报名后你改过条件，要先请他再看一下"))
    return bind(deal, by=by, acting_for=None, how="tap")


@transaction.atomic
def decline(deal: Engagement, *, because: str, by: User) -> None:
    """The employer takes somebody else; `because` is a reason code shown to the worker in words."""
    deal.move(State.DECLINED, by=by, because=because, end_reason=because, ended_at=now())
    text = _("{what}这次没选上，已选够了人。附近还有别的活").format(what=deal.posting.title)
    accounts.tell(deal.worker.user, text, kind="declined", about=deal)


@transaction.atomic
def offer(
    posting: Posting, worker: Worker, *, by: User, shift_codes: Sequence[str] = (), channel: str = "self"
) -> Engagement:
    """The employer asks a worker to come. Nothing is bound until the worker answers; no phone is shown."""
    deal = begin(posting, worker, WayIn.DISPATCH, shift_codes, "", by=by, channel=channel, first=State.OFFERED)
    text = _("{who}叫你去干{what}，看一下去不去").format(who=posting.employer.name, what=posting.title)
    accounts.tell(worker.user, text, kind="offered", about=deal, sms="offer")
    return deal


@transaction.atomic
def answer_offer(
    deal: Engagement, *, yes: bool, seen_hash: str = "", by: User, acting_for: User | None = None
) -> Engagement:
    """The worker answers an offer. Yes binds as `grab` does."""
    if not yes:
        deal.move(State.WITHDRAWN, by=by, acting_for=acting_for, end_reason="worker_no", ended_at=now())
        tell_employer(deal, _("{who}这次来不了").format(who=deal.worker.user.called), "offer_no")
        return deal
    same_terms(deal.posting, seen_hash)
    return bind(deal, by=by, acting_for=acting_for, how="tap" if acting_for is None else "spoken")


@transaction.atomic
def dispatch(
    posting: Posting,
    worker: Worker,
    *,
    by: User,
    shift_codes: Sequence[str] = (),
    consent_how: str = "spoken",
) -> Engagement:
    """Staff send a worker who stands before them: bound in one step, with the consent recorded and a receipt."""
    deal = begin(posting, worker, WayIn.DISPATCH, shift_codes, "", by=by, acting_for=worker.user, channel="staff")
    deal = bind(deal, by=by, acting_for=worker.user, how="spoken")
    accounts.assisted(
        acted_by=by, acting_for=worker.user, act="dispatch", about=deal, consent_how=consent_how,
        receipt=queries.receipt(deal),
    )  # fmt: skip
    return deal


@transaction.atomic
def wait(
    posting: Posting,
    worker: Worker,
    *,
    shift_codes: Sequence[str] = (),
    by: User,
    acting_for: User | None = None,
) -> Engagement:
    """Stand in line for a full posting. When a place frees, the first in line who still can go gets it."""
    return begin(
        posting,
        worker,
        WayIn.GRAB,
        shift_codes,
        "",
        by=by,
        acting_for=acting_for,
        first=State.WAITLISTED,
        free=False,
    )


@transaction.atomic
def take_over(
    posting: Posting, worker: Worker, shift: Shift, *, by: User, acting_for: User | None = None
) -> Engagement:
    """现在来: take the place of somebody who did not come, while the shift runs; the hours from now on count.

    Guarded like `grab`; standing in line for this posting ends with it. Raises NoShift, Blocked, postings.Full,
    workers.AlreadyBooked, AlreadyIn.
    """
    moment = now()
    if not shift.starts_at <= moment < shift.ends_at - LATE_LEAST:
        raise NoShift(_("这一班快结束了，来不及补。看看附近别的活"))
    standing = queries.live(posting, worker).first()
    if standing is not None and standing.state != State.WAITLISTED:
        raise AlreadyIn
    how = "tap" if acting_for is None else "spoken"
    if standing is not None:
        standing.wanted_shifts = [shift.code]
        return bind(standing, by=by, acting_for=acting_for, how=how, late=shift)
    deal = Engagement.begin(
        by=by, acting_for=acting_for, posting=posting, version=posted.current_version(posting), worker=worker,
        employer=posting.employer, state=State.APPLIED, way_in=posting.way_in, asked_at=moment,
        channel="self" if acting_for is None else "staff", acted_by=by if acting_for is not None else None,
        wanted_shifts=[shift.code], answer_by=shift.ends_at,
    )  # fmt: skip
    return bind(deal, by=by, acting_for=acting_for, how=how, late=shift)


@transaction.atomic
def withdraw(deal: Engagement, *, by: User, acting_for: User | None = None) -> None:
    """Take back an application, or leave the line. Costs nothing."""
    deal.move(State.WITHDRAWN, by=by, acting_for=acting_for, end_reason="worker_left", ended_at=now())


def promote(posting: Posting) -> list[Engagement]:
    """Give each free place to the next in line who can still take it. Idempotent: places are counted by the posting.

    Each promotion is a transaction of its own; a person who cannot go any more keeps standing in line.
    """
    promoted = []
    for deal in queries.in_line(posting):
        try:
            with transaction.atomic():
                promoted.append(bind(deal, by=None, acting_for=None, how="tap"))
        except postings.HeldForNew:
            continue
        except postings.Full:
            break
        except (Blocked, NoShift, workers.AlreadyBooked):
            continue
    return promoted


@transaction.atomic
def ask_again(deal: Engagement, *, by: User | None) -> None:
    """The posting changed after the worker was bound: the old terms hold until the worker says yes to the new ones."""
    deal.move(State.REACCEPT, by=by)
    text = _("{what}的条件改了，看一下还去不去。不点就按原来说好的").format(what=deal.posting.title)
    accounts.tell(deal.worker.user, text, kind="reaccept", about=deal, sms="changed")


@transaction.atomic
def reaccept(deal: Engagement, *, seen_hash: str = "", by: User, acting_for: User | None = None) -> Engagement:
    """The worker says yes to the changed terms: new agreement, new hours. Raises as `grab` does."""
    same_terms(deal.posting, seen_hash)
    codes = [a.shift.code for a in queries.expected(deal)]
    _let_go(deal, by=by)
    agreements.void(queries.ref(deal), by=by)
    deal.version = posted.current_version(deal.posting)
    deal.wanted_shifts = codes
    Engagement.objects.filter(pk=deal.pk).update(version=deal.version)
    return bind(deal, by=by, acting_for=acting_for, how="tap" if acting_for is None else "spoken")


@transaction.atomic
def fund_posting(posting: Posting, *, key: str, by: User) -> Any:
    """The employer puts the wages of the free places where a custodian holds them (optional, never a condition).

    Returns the Funding; its pay page comes a moment later (the page polls). Funded wages show as 工钱已存好. All that
    is put in for one posting stays within `pay.advance_cap_fen`: counted work is an estimate, and money that cannot
    be earned is a deposit by another name. Raises NoShift, NothingToStore, payments.StoredEnough.
    """
    moment = now()
    shifts = [s for s in posted.shifts_to_come(posting, moment) if s.taken < s.places]
    if not shifts:
        raise NoShift
    wages = sum(_share(posting, shift) * (shift.places - shift.taken) for shift in shifts)
    cap = pay.advance_cap_fen(posted.current_version(posting).terms, places=posting.places)
    if not wages or not cap:
        raise NothingToStore
    return payments.fund(
        ref=f"posting:{posting.code}", employer=posting.employer, custody=Custody.SUPERVISED,
        wages_fen=wages, most_fen=cap, key=key, by=by,
    )  # fmt: skip


# --- the inside of joining -----------------------------------------------------------------------------------


def begin(
    posting: Posting, worker: Worker, way_in: str, shift_codes: Sequence[str], seen_hash: str, *, by: User | None,
    acting_for: User | None = None, channel: str = "self", first: str = State.APPLIED, free: bool = True,
) -> Engagement:  # fmt: skip
    moment = now()
    if queries.live(posting, worker).exists():
        raise AlreadyIn
    same_terms(posting, seen_hash)
    shifts = chosen_shifts(posting, shift_codes, moment, free=free)
    check(worker, posting, shifts, moment)
    suited = matching.fit(worker, posting)
    try:
        with transaction.atomic():
            return Engagement.begin(
                by=by, acting_for=acting_for, posting=posting, version=posted.current_version(posting), worker=worker,
                employer=posting.employer, state=first, way_in=way_in, channel=channel,
                acted_by=by if acting_for is not None else None, wanted_shifts=[s.code for s in shifts],
                asked_at=moment, answer_by=_answer_by(shifts, moment), reasons=suited.reasons,
                fit=suited.points.as_data() if suited.points else {},
            )  # fmt: skip
    except IntegrityError as error:
        raise AlreadyIn from error  # a second tap won the race


def bind(
    deal: Engagement, *, by: User | None, acting_for: User | None, how: str, late: Shift | None = None
) -> Engagement:
    """Both sides are bound: move first, then agreements, insurance, payments, places, hours (decision 11).

    `late` is a shift that has begun already, for whoever takes over from somebody who did not come: the hours from
    now on are promised, and whatever is paid by the day is paid in proportion.
    """
    shifts = promise(deal, by=by, acting_for=acting_for, how=how, late=late)
    for shift in shifts:
        postings.take_place(shift, late=late is not None, held=held_from(deal, shift) if late is None else None)
    keep_hours(deal, shifts)
    tell_both(deal, shifts)
    return deal


def promise(
    deal: Engagement, *, by: User | None, acting_for: User | None, how: str, late: Shift | None = None
) -> list[Shift]:
    """The first half of `bind`: the move, the agreement, the cover, the wage. Its places and hours are taken next."""
    moment = now()
    posting, worker = deal.posting, deal.worker
    shifts = [late] if late is not None else chosen_shifts(posting, deal.wanted_shifts, moment, free=False)
    check(worker, posting, shifts, moment, bound=late is not None)
    mine = [shift for shift in deal.version.terms["shifts"] if shift["code"] in _codes(shifts)]
    terms = {**queries.terms_now(posting, deal.version.terms), "shifts": mine}
    custody = terms["custody"]
    if posting.insured and (why := _uncovered(posting, worker, shifts[0])):
        terms["uncovered"] = why  # the agreement promises no cover that nobody sells
    deal.move(
        State.CONFIRMED,
        by=by,
        acting_for=acting_for,
        terms=terms,
        terms_hash=terms_hash(terms),
        confirmed_at=moment,
    )
    lived = [
        Attendance.begin(by=by, acting_for=acting_for, engagement=deal, shift=shift, checked_out_early=late is not None)
        for shift in shifts
    ]
    _agree(deal, how=how, by=by, acting_for=acting_for)
    for attendance in lived:
        _cover(attendance, by=by)
    for attendance in lived:
        payments.open_settlement(
            ref=queries.ref(attendance), deal=queries.ref(deal), worker=worker, employer=posting.employer,
            custody=custody, title=posting.title,
            work_on=local(attendance.shift.starts_at).date(), share_fen=_share(posting, attendance.shift),
            posting_ref=f"posting:{posting.code}",
        )  # fmt: skip
    return shifts


def keep_hours(deal: Engagement, shifts: Sequence[Shift]) -> None:
    """The last of `bind`: the hours of these shifts are the worker's. Raises workers.AlreadyBooked."""
    moment = now()
    for shift in shifts:
        begins = max(shift.starts_at, moment)
        workers.book(deal.worker, starts_at=begins, ends_at=shift.ends_at, ref=queries.ref(deal))


def held_from(deal: Engagement, shift: Shift) -> Callable[[], int]:
    """How many places of the shift are kept for new people, and so not for this one: see `newcomers`."""
    where = deal.posting.division_id
    return lambda: newcomers.held(shift, deal.worker, division_code=where, moment=now())


def reopen_shift(deal: Engagement, shift: Shift, *, by: User, acting_for: User | None) -> Attendance:
    """A shift whose place was given away is lived after all: its cover and its wage begin anew, the place is extra."""
    custody = deal.terms.get("custody", Custody.OFFLINE)
    fresh = Attendance.begin(by=by, acting_for=acting_for, engagement=deal, shift=shift)
    _cover(fresh, by=by)
    payments.open_settlement(
        ref=queries.ref(fresh), deal=queries.ref(deal), worker=deal.worker, employer=deal.employer, custody=custody,
        title=deal.posting.title, work_on=local(shift.starts_at).date(), share_fen=_share(deal.posting, shift),
        posting_ref=f"posting:{deal.posting.code}",
    )  # fmt: skip
    return fresh


def _agree(deal: Engagement, *, how: str, by: User | None, acting_for: User | None) -> None:
    """Publishing was the employer's signed offer; the tap, or the spoken yes at a counter, accepts it (decision 8)."""
    age = people.age_on(deal.worker, local(now()).date())
    agreement = agreements.draw_up(
        ref=queries.ref(deal), worker=deal.worker, employer=deal.employer, terms=deal.terms, by=by,
        kind=agreement_texts.template_kind(deal.terms, age, deal.employer.kind),
    )  # fmt: skip
    offered_by = deal.posting.posted_by or queries.owner_of(deal.employer)
    agreements.accept(agreement, "employer", how="publish", by=offered_by)
    witness = by if acting_for is not None else None
    agreements.accept(agreement, "worker", how=how, by=deal.worker.user, witness=witness)


def _cover(attendance: Attendance, *, by: User | None) -> None:
    """Ask for cover of one shift; where none can be had, store the reason the worker saw before saying yes."""
    posting, shift, worker = attendance.engagement.posting, attendance.shift, attendance.engagement.worker
    if posting.trade.risk_class is None:
        raise CannotInsure
    reason = posting.uninsured_reason
    if posting.insured:
        quote = _quote(posting, worker, shift)
        if quote is not None and quote.insurable:
            insurance.ask(
                ref=queries.ref(attendance),
                deal=queries.ref(attendance.engagement),
                worker=worker,
                quote=quote,
                by=by,
            )
            return
        reason = _uncovered(posting, worker, shift)
    _update(attendance, uncovered_reason=reason, uncovered_accepted_at=now())


def _quote(posting: Posting, worker: Worker, shift: Shift) -> Any:
    return covers.quote_for(
        trade=posting.trade, age=people.age_on(worker, local(shift.starts_at).date()), starts_at=shift.starts_at,
        ends_at=shift.ends_at, division_code=posting.division_id,
    )  # fmt: skip


def _uncovered(posting: Posting, worker: Worker, shift: Shift) -> str:
    """Why there is no cover to be had for this person and shift; "" when there is."""
    quote = _quote(posting, worker, shift)
    if quote is None:
        return _("这里还没有开通保险")
    return "" if quote.insurable else str(quote.reason)


def check(worker: Worker, posting: Posting, shifts: Sequence[Shift], moment: Any, *, bound: bool = False) -> None:
    if blockers := matching.check(worker, posting, shifts, moment, bound=bound):
        raise Blocked(blockers)


def chosen_shifts(posting: Posting, codes: Sequence[str], moment: Any, *, free: bool) -> list[Shift]:
    shifts = [s for s in posted.shifts_to_come(posting, moment) if not codes or s.code in codes]
    if free and not codes:
        shifts = [s for s in shifts if s.taken < s.places] or shifts
    if not shifts:
        raise NoShift
    return shifts


def _codes(shifts: Sequence[Shift]) -> set[str]:
    return {shift.code for shift in shifts}


def same_terms(posting: Posting, seen_hash: str) -> None:
    if seen_hash and seen_hash != posted.current_version(posting).terms_hash:
        raise TermsChanged


def _answer_by(shifts: Sequence[Shift], moment: Any) -> Any:
    hours = reference.default("offer_answer_hours")
    return min(moment + timedelta(hours=hours), min(shift.starts_at for shift in shifts))


def _share(posting: Posting, shift: Shift) -> int:
    """What one worker is expected to earn in one shift, in fen; counted work is shared among all shifts offered."""
    minutes = int((shift.ends_at - shift.starts_at).total_seconds()) // 60 - shift.break_minutes
    offered = len(posted.current_version(posting).terms["shifts"])
    return pay.estimate(
        posting.pay_fen, posting.pay_unit, minutes=minutes, quantity=posting.quantity, places=shift.places,
        shifts=offered,
    )  # fmt: skip


def _update(attendance: Attendance, **fields: Any) -> None:
    Attendance.objects.filter(pk=attendance.pk).update(**fields)
    for name, value in fields.items():
        setattr(attendance, name, value)


def _let_go(deal: Engagement, *, by: User | None) -> None:
    """Undo what `_bind` took for every shift not yet begun: cover, wage, place, hours."""
    for attendance in queries.expected(deal):
        attendance.move("cancelled", by=by)
        insurance.cancel(queries.ref(attendance), by=by)
        payments.cancel_settlement_of(queries.ref(attendance), by=by)
        postings.give_back_place(attendance.shift)
    workers.free_from(deal.worker, ref=queries.ref(deal), moment=now())


def tell_both(deal: Engagement, shifts: Sequence[Shift]) -> None:
    first = local(min(shift.starts_at for shift in shifts))
    when = f"{first.month}月{first.day}日 {first:%-H:%M}"
    text = _("定下了：{when} {what}，{where}").format(when=when, what=deal.posting.title, where=deal.posting.address)
    accounts.tell(deal.worker.user, text, kind="confirmed", about=deal, sms="confirmed")
    tell_employer(deal, _("{who}定下了，{when} 到").format(who=deal.worker.user.called, when=when), "filled")


def tell_employer(deal: Engagement, text: str, kind: str) -> None:
    for user in queries.employer_people(deal.employer):
        accounts.tell(user, text, kind=kind, about=deal)
