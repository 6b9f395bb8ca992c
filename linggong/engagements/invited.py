"""Questions about invitations, and about whoever was asked once more whether they come."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

import linggong.accounts.queries as accounts
import linggong.matching.queries as matching
import linggong.reference.queries as reference
from linggong.accounts.models import Sms
from linggong.core.clock import local
from linggong.employers.models import Employer
from linggong.engagements import waves
from linggong.engagements.models import (
    LIVE,
    WORKED,
    Attendance,
    Confirmation,
    Engagement,
    Filling,
    Invitation,
    Stage,
    State,
)
from linggong.engagements.queries import attendances
from linggong.engagements.tried import Tried, tried
from linggong.engagements.waves import Asked
from linggong.matching.models import Tie
from linggong.matching.queries import Proposed
from linggong.postings.models import Posting, Shift
from linggong.postings.models import State as PostingState
from linggong.workers.models import Quarter, Worker

LOOK_AT = 400


def by_hand(worker: Worker) -> bool:
    """No phone of their own, or an officer speaks for them: asked and told by a person, never by a message alone."""
    return not worker.user.phone_hash or worker.contact_via == "officer"


def filling_of(posting: Posting) -> Filling | None:
    """How this posting is being filled, if anybody was ever invited to it."""
    return Filling.objects.select_related("posting__employer", "posting__trade").filter(posting=posting).first()


def fillings_due(moment: datetime) -> QuerySet[Filling]:
    """Fillings whose next wave should go out now."""
    rows = Filling.objects.filter(state=Filling.State.RUNNING, next_at__lte=moment)
    return rows.select_related("posting__employer", "posting__trade").order_by("next_at", "pk")


def never_filled(moment: datetime) -> QuerySet[Posting]:
    """Postings that start within three days and were never filled by invitations; the region says when to begin."""
    tried = Filling.objects.values("posting")
    soon = Posting.objects.filter(
        state=PostingState.PUBLISHED, listed=True, next_starts_at__gt=moment,
        next_starts_at__lte=moment + timedelta(days=3),
    )  # fmt: skip
    return soon.exclude(pk__in=tried).exclude(way_in="dispatch").select_related("employer", "trade").order_by("pk")


def could_be_asked(filling: Filling, moment: datetime, by_round: Proposed | None = None) -> list[Asked]:
    """Everybody who fits, is free, wants to be asked, may be reached at this hour, and was not asked for this yet.

    In the order of the published score inside each wave; whoever an employer's late no cost a trip lately comes first.
    People of the trade, and only when none is left those of its kind. `by_round` is what the last round says of it.
    """
    for kindred in (False, True):
        found = _askable(filling, moment, kindred=kindred, by_round=by_round)
        if found:
            return found
    return []


def _askable(filling: Filling, moment: datetime, *, kindred: bool, by_round: Proposed | None) -> list[Asked]:
    posting, day = filling.posting, local(moment).date()
    found = matching.for_posting(posting, moment, limit=LOOK_AT, kindred=kindred)
    here = {key for key, _points in by_round.here} if by_round is not None else set()
    if others := here - {one.worker.pk for one in found}:  # not of the first, and yet the round's choice
        found += matching.for_posting(posting, moment, limit=len(others), kindred=kindred, only=sorted(others))
    keys = [one.worker.pk for one in found]
    elsewhere = by_round.elsewhere(posting, keys) - here if by_round is not None else set()
    asked = set(filling.invitations.filter(worker__in=keys).values_list("worker_id", flat=True))
    standing = set(Engagement.objects.filter(posting=posting, worker__in=keys).values_list("worker_id", flat=True))
    liked = set(
        Tie.objects.filter(employer=posting.employer_id, worker__in=keys, kind="liked").values_list(
            "worker_id", flat=True
        )
    )
    wasted = wasted_lately(keys, moment)
    rule = {"division_code": posting.division_id, "on": day}
    near_m, cap = reference.setting("invite_near_m", **rule), reference.setting("invite_per_day", **rule)
    speed = reference.setting("travel_speed", **rule)
    left = (posting.next_starts_at - moment).total_seconds() / 60
    counted, quiet, clock = asked_today(keys, day), accounts.quiet_hours(moment), local(moment).time()
    return [
        Asked(
            one.worker, waves.tier_of(
                liked=one.worker.pk in liked, same_trade=not kindred, distance_m=one.distance_m, near_m=near_m),
            first=one.worker.pk in wasted,
            round=waves.HERE if one.worker.pk in here else waves.ELSEWHERE if one.worker.pk in elsewhere else waves.NEITHER,
        )
        for one in found
        if one.worker.pk not in asked
        and one.worker.pk not in standing
        and counted.get(one.worker.pk, 0) < cap
        and waves.may_reach(clock, quiet=quiet, invites=one.worker.invites, call_from=one.worker.call_from)
        and (one.distance_m is None or waves.reach_minutes(one.distance_m, metres_per_minute=speed) <= left)
    ]  # fmt: skip


def passed_over(counties: Collection[str]) -> set[tuple[int, int]]:
    """(worker, posting) of open work in these counties that a round must not bring out again: asked for it before,
    or standing there.
    """
    inside = reduce(or_, (reference.inside(code, on="posting__division_id") for code in counties))
    asked = Invitation.objects.filter(inside, posting__state=PostingState.PUBLISHED)
    standing = Engagement.objects.filter(inside, posting__state=PostingState.PUBLISHED, state__in=LIVE)
    return {*asked.values_list("worker_id", "posting_id"), *standing.values_list("worker_id", "posting_id")}


def asked_today(keys: Sequence[int], day: date) -> dict[int, int]:
    """How often each of these workers was invited on that day, by whatever posting."""
    rows = Invitation.objects.filter(worker__in=keys, day=day).values("worker").annotate(n=Max("of_day"))
    return {row["worker"]: row["n"] for row in rows}


def wasted_lately(keys: Sequence[int], moment: datetime) -> set[int]:
    """Those of these workers whom an employer cost a trip, or called off at the last moment, in the last days (U11)."""
    since = moment - waves.WASTED_COUNTS
    late = Q(state=State.CANCELLED_BY_EMPLOYER, end_band="late", ended_at__gte=since)
    late |= Q(attendances__claimed_by="worker", attendances__claimed_at__gte=since)  # 白跑一趟
    return set(Engagement.objects.filter(late, worker__in=keys).values_list("worker_id", flat=True))


def of_last_time(posting: Posting, moment: datetime) -> list[Worker]:
    """Who worked the employer's last posting of this trade, may do this one and wants to be asked now."""
    before = Attendance.objects.filter(
        engagement__employer=posting.employer_id, engagement__posting__trade=posting.trade_id,
        state__in=WORKED | {Stage.CLOSED}, shift__starts_at__lt=moment,
    ).exclude(engagement__posting=posting)  # fmt: skip
    last = before.order_by("-shift__starts_at").values_list("engagement__posting", flat=True).first()
    if last is None:
        return []
    people = Worker.objects.filter(
        pk__in=before.filter(engagement__posting=last).values("engagement__worker"), taking_work=True
    ).exclude(invites="off")
    asked = Invitation.objects.filter(posting=posting).values("worker")
    standing = Engagement.objects.filter(posting=posting, state__in=LIVE).values("worker")
    people = people.exclude(pk__in=asked).exclude(pk__in=standing).select_related("user", "division").order_by("pk")
    day, clock, quiet = local(moment).date(), local(moment).time(), accounts.quiet_hours(moment)
    cap = reference.setting("invite_per_day", division_code=posting.division_id, on=day)
    shifts = [s for s in posting.shifts.filter(starts_at__gt=moment, called_off_at=None) if s.taken < s.places]
    counted = asked_today([worker.pk for worker in people], day)
    return [
        worker
        for worker in people
        if counted.get(worker.pk, 0) < cap
        and waves.may_reach(clock, quiet=quiet, invites=worker.invites, call_from=worker.call_from)
        and not matching.check(worker, posting, shifts, moment)
    ]


def open_invitations(filling: Filling) -> QuerySet[Invitation]:
    """Those of a posting that nobody answered yet."""
    rows = filling.invitations.filter(state=Invitation.State.SENT)
    return rows.select_related("worker__user", "worker__division", "posting").order_by("pk")


def could_take_over(filling: Filling, shift: Shift, moment: datetime) -> QuerySet[Invitation]:
    """Those asked earlier who just missed it, are free now and may still be asked; first asked, first asked again."""
    busy = Quarter.objects.filter(worker=OuterRef("worker"), starts_at__gte=moment, starts_at__lt=shift.ends_at)
    bound = LIVE - {State.WAITLISTED}
    standing = Engagement.objects.filter(posting=filling.posting_id, state__in=bound).values("worker")
    rows = filling.invitations.filter(state=Invitation.State.MISSED, late_shift=None, worker__taking_work=True)
    rows = rows.exclude(worker__invites="off").exclude(worker__in=standing).filter(~Exists(busy))
    return rows.select_related("worker__user").order_by("wave", "pk")


def in_line_uninvited(filling: Filling, moment: datetime) -> list[Engagement]:
    """Whoever still stands in line for the posting and was never invited to it, first come first."""
    asked = filling.invitations.values("worker")
    rows = Engagement.objects.filter(posting=filling.posting_id, state=State.WAITLISTED).exclude(worker__in=asked)
    return list(rows.select_related("worker__user").order_by("asked_at", "pk")[:50])


def asked_late(shift: Shift) -> int:
    """How many are being asked right now to take over a shift that has begun."""
    return Invitation.objects.filter(late_shift=shift, state=Invitation.State.SENT).count()


def invitation_by_code(code: str) -> Invitation | None:
    """One invitation by its public code."""
    rows = Invitation.objects.select_related(
        "posting__employer", "posting__trade", "worker__user", "filling", "late_shift"
    )
    return rows.filter(code=code).first()


def invited(worker: Worker, moment: datetime) -> QuerySet[Invitation]:
    """What this worker is asked to come to and may still take, the next start first."""
    ahead = Q(posting__next_starts_at__gt=moment, posting__state=PostingState.PUBLISHED)
    running = Q(late_shift__ends_at__gt=moment, late_shift__taken__lt=F("late_shift__places"))
    rows = Invitation.objects.filter(ahead | running, worker=worker, state=Invitation.State.SENT)
    rows = rows.select_related("posting__employer", "posting__trade", "late_shift")
    return rows.order_by("posting__next_starts_at", "pk")


def invitations_for(posting: Posting, worker: Worker) -> QuerySet[Invitation]:
    """The invitations of one worker to one posting."""
    return Invitation.objects.filter(posting=posting, worker=worker)


def waves_of(filling: Filling) -> list[dict[str, Any]]:
    """What the employer sees of each wave: whom it asked in words, how many, how they answered; never who."""
    counted = filling.invitations.order_by().values("wave", "tier", "state").annotate(n=Count("pk"), at=Min("sent_at"))
    found: dict[int, dict[str, Any]] = {}
    labels = dict(Invitation._meta.get_field("tier").flatchoices)
    for row in counted:
        one = found.setdefault(row["wave"], {
            "number": row["wave"], "tier": labels[row["tier"]], "at": row["at"], "asked": 0, "taken": 0, "refused": 0,
            "missed": 0, "sent": 0,
        })  # fmt: skip
        one["asked"] += row["n"]
        one[row["state"]] += row["n"]
        one["at"] = min(one["at"], row["at"])
    return [found[number] for number in sorted(found)]


def to_call(reach: Any, moment: datetime) -> QuerySet[Invitation]:
    """The desk's call list: people without a phone who were invited to work in this reach, the next start first."""
    rows = Invitation.objects.filter(
        state=Invitation.State.SENT, channel="desk", posting__next_starts_at__gt=moment,
        posting__state=PostingState.PUBLISHED,
    )  # fmt: skip
    return in_reach(rows, reach, "posting").select_related("worker__user", "posting__employer", "posting__trade")


# --- asked once more -----------------------------------------------------------------------------------------


def to_ask(moment: datetime) -> list[Attendance]:
    """Shifts to come whose person should be asked 还来吗 now: never who bound themselves after that hour."""
    rows = attendances(
        state=Stage.EXPECTED, engagement__state=State.CONFIRMED, confirmation=None, shift__called_off_at=None,
        shift__starts_at__gt=moment, shift__starts_at__lte=moment + timedelta(hours=36),
    )  # fmt: skip
    found = []
    for row in rows[:2000]:
        minutes = reference.setting(
            "confirm_minutes", division_code=row.engagement.posting.division_id, on=local(moment).date()
        )
        start = local(row.shift.starts_at)
        due = waves.ask_at(start, minutes_before=minutes, call_from=row.engagement.worker.call_from)
        if due <= moment and row.engagement.confirmed_at < due:
            found.append(row)
    return found


def confirmation_by_code(code: str) -> Confirmation | None:
    """One question 还来吗 by its public code."""
    return _asked().filter(code=code).first()


def _asked() -> QuerySet[Confirmation]:
    return Confirmation.objects.select_related(
        "attendance__shift", "attendance__engagement__posting__employer", "attendance__engagement__worker__user",
        "attendance__engagement__employer", "attendance__engagement__posting__trade",
    )  # fmt: skip


def question_of(attendance: Attendance) -> Confirmation | None:
    """The question 还来吗 about this shift that waits for an answer."""
    asked = getattr(attendance, "confirmation", None)
    return asked if asked is not None and asked.state == Confirmation.State.ASKED else None


def released_of(lived: Sequence[Attendance], moment: datetime) -> Attendance | None:
    """A shift of a deal whose place was given away, that is not over and was not taken up again."""
    again = {one.shift_id for one in lived if one.state != Stage.RELEASED}
    gone = [one for one in lived if one.state == Stage.RELEASED and one.shift_id not in again]
    return next((one for one in gone if one.shift.ends_at > moment), None)


def unanswered(*, employer: Employer | None = None, reach: Any = None, moment: datetime) -> QuerySet[Confirmation]:
    """Whoever was asked and has not answered, for a shift to come; the next start first."""
    rows = _asked().filter(
        state=Confirmation.State.ASKED, attendance__state=Stage.EXPECTED, attendance__shift__ends_at__gt=moment
    )
    if employer is not None:
        rows = rows.filter(attendance__engagement__employer=employer)
    else:
        rows = in_reach(rows, reach, "attendance__engagement__posting")
    return rows.order_by("attendance__shift__starts_at", "pk")


def _sms_failed(confirmation: Confirmation, moment: datetime, known: Tried) -> bool:
    """The message came back, or went out and was not answered for a quarter of an hour."""
    last = known.sms
    if last is None:
        return False
    if last.state in (Sms.State.FAILED, Sms.State.EXPIRED):
        return True
    return last.state != Sms.State.WAITING and moment >= confirmation.asked_at + waves.SMS_SILENT


def to_ring(moment: datetime) -> list[Confirmation]:
    """Whom an automatic call should ask now: the message failed, nobody rang yet, and this is an hour to ring them."""
    rows = _asked().filter(
        state=Confirmation.State.ASKED, by_slip=False, called_at=None, attendance__state=Stage.EXPECTED,
        attendance__shift__starts_at__gt=moment, attendance__shift__called_off_at=None,
    )  # fmt: skip
    silent = list(rows.order_by("attendance__shift__starts_at", "pk")[:500])
    if not silent:
        return []
    known = tried(silent)
    clock, quiet = local(moment).time(), accounts.quiet_hours(moment)
    return [
        one
        for one in silent
        if known[one.code].call is None
        and _may_ring(one.attendance.engagement.worker, clock, quiet)
        and _sms_failed(one, moment, known[one.code])
    ]


def _may_ring(worker: Worker, clock: time, quiet: tuple[time, time]) -> bool:
    """Whoever wants no invitations is still asked about work they took, but at the hours of everybody."""
    invites = "any" if worker.invites == "any" else ""
    return bool(worker.user.phone_hash) and waves.may_reach(
        clock, quiet=quiet, invites=invites, call_from=worker.call_from
    )


def to_release(confirmation: Confirmation, moment: datetime, known: Tried | None = None) -> list[str]:
    """What still stands before 放掉, in words; empty: a person may tap it. The clock never does.

    The message and a call must both have failed; the call may be the machine's or a person's. `known`: what `tried` said.
    """
    known = known or tried([confirmation])[confirmation.code]
    if confirmation.by_slip:
        return [_("他拿着派工条来，位子给他留着。来了就干")]
    if confirmation.called_at is None:
        if known.rings:
            return [_("自动电话正在打，等一两分钟")]
        return [_("先打个电话，没人接再点“没打通”")]
    return [] if _sms_failed(confirmation, moment, known) else [_("短信刚发，等 15 分钟再看")]


def in_reach(rows: QuerySet, reach: Any, posting: str) -> QuerySet:
    if reach.national:
        return rows
    mine = Q(**{f"{posting}__venue__in": list(reach.venues)})
    for code in reach.divisions:
        mine |= reference.inside(code, on=f"{posting}__division__path")
    return rows.filter(mine)
