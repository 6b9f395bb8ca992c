"""五天没活: people who want work and were offered none. A member of staff gets the task, once for each such time."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

import linggong.cases.actions as cases
import linggong.workers.queries as people
from linggong.cases.models import Case, Kind, State
from linggong.cases.queries import OPEN
from linggong.core.clock import now
from linggong.engagements.models import GONE, Attendance, Engagement, Invitation
from linggong.engagements.models import State as DealState
from linggong.matching.models import Ticket
from linggong.postings.models import WayIn
from linggong.workers.models import Worker

DAYS = 5
CALLS_A_DAY = 10  # new tasks for one county a day: what a head can really call
SEEN_WITHIN = timedelta(days=14)
OFFERED = Q(way_in=WayIn.DISPATCH) | Q(state=DealState.OFFERED) | Q(confirmed_at__isnull=False)
"""Deals that somebody offered or that came about; what the person only asked for is none."""


def active(moment: datetime) -> QuerySet[Worker]:
    """Those who want work: checked, taking work, and seen within the last fourteen days.

    Seen is: registered, signed in, took a number for the draw, asked for work, or was at work. Each day of somebody
    active counts as an active day.
    """
    since = moment - SEEN_WITHIN
    mine = OuterRef("pk")
    asked = Engagement.objects.filter(worker=mine, asked_at__gte=since)
    numbers = Ticket.objects.filter(worker=mine, at__gte=since)
    seen = (
        Q(registered_at__gte=since) | Q(user__last_login__gte=since)
        | Exists(asked) | Exists(numbers) | Exists(_shifts().filter(shift__ends_at__gte=since))
    )  # fmt: skip
    return Worker.objects.filter(seen, taking_work=True, state__in=people.CHECKED_ENOUGH)


def without_offer(moment: datetime) -> list[Worker]:
    """Active people whom nobody offered work for DAYS days and whose time without was not told to anybody yet."""
    cut = moment - timedelta(days=DAYS)
    offered = Engagement.objects.filter(OFFERED, worker=OuterRef("pk"))
    invited = Invitation.objects.filter(worker=OuterRef("pk"))
    told = Case.objects.filter(kind=Kind.NO_WORK, about_type=Worker._meta.label_lower, about_code=OuterRef("code"))
    rows = active(moment).filter(
        ~Exists(offered.filter(Q(asked_at__gte=cut) | Q(confirmed_at__gte=cut))),
        ~Exists(invited.filter(sent_at__gte=cut)), ~Exists(_shifts().filter(shift__ends_at__gte=cut)),
        registered_at__lt=cut,
    )  # fmt: skip
    rows = rows.annotate(
        told_at=_last(told, "about_code", "filed_at"), asked=_last(offered, "worker", "asked_at"),
        bound=_last(offered, "worker", "confirmed_at"), called=_last(invited, "worker", "sent_at"),
        worked=_last(_shifts(), "engagement__worker", "shift__ends_at"),
    )  # fmt: skip
    found = rows.select_related("user", "division").order_by("pk")
    return [row for row in found.iterator(chunk_size=500) if row.told_at is None or row.told_at < _since(row)]


def open_task(worker: Worker) -> Case:
    """Ask the head of the station to look for work for this person. Idempotent while the task is open."""
    facts = _("{who} {n} 天没人叫，也没活。打电话问一下想干什么、能不能跑远一点，再帮着找").format(
        who=worker.user.called, n=DAYS
    )
    return cases.file(
        Kind.NO_WORK, about=worker, facts=facts, by=None, division_code=worker.division_id, owner_role="head"
    )  # fmt: skip


@transaction.atomic
def work_came(worker: Worker) -> None:
    """Somebody offered work: the task is done, whoever did it."""
    task = Case.objects.filter(
        kind=Kind.NO_WORK, about_type=Worker._meta.label_lower, about_code=worker.code, state__in=OPEN
    ).first()
    if task is None:
        return
    if task.state != State.ANSWERED:
        cases.answer(task, _("有活叫他了"), by=None)
    cases.close(task, by=None)


def look(most: int) -> int:
    """Open the tasks that are due, at most `most` at once and CALLS_A_DAY for a county. Returns how many.

    Who waited longest comes first; the others are found again tomorrow, so that nobody is forgotten and no station
    stands before more calls than it can make.
    """
    moment, left = now(), {}
    found = 0
    for worker in sorted(without_offer(moment), key=lambda row: (_since(row), row.pk)):
        county = worker.division_id[:6]
        if county not in left:
            recent = Case.objects.filter(
                kind=Kind.NO_WORK, division_code__startswith=county, filed_at__gt=moment - timedelta(days=1)
            )
            left[county] = CALLS_A_DAY - recent.count()
        if found < most and left[county] > 0:
            open_task(worker)
            left[county] -= 1
            found += 1
    return found


def _shifts() -> QuerySet[Attendance]:
    return Attendance.objects.filter(engagement__worker=OuterRef("pk")).exclude(state__in=GONE)


def _last(rows: QuerySet[Any], of: str, field: str) -> Subquery:
    return Subquery(rows.order_by().values(of).annotate(last=Max(field)).values("last"))


def _since(row: Worker) -> datetime:
    """When the time without work began."""
    return max(at for at in (row.registered_at, row.asked, row.bound, row.called, row.worked) if at is not None)
