"""Questions about people who ask for work together (U29)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

import linggong.reference.queries as reference
from linggong.core.asking import Question
from linggong.core.clock import local
from linggong.engagements.invited import in_reach
from linggong.engagements.models import WORKED, Attendance, Companion, Engagement, Party, Stage
from linggong.postings.models import Posting
from linggong.workers.models import Worker

KNOWN_SHOWN = 12
KNOWN_FOR = timedelta(days=365)


@dataclass(frozen=True)
class Known:
    """Somebody who worked the same shift: when last, and at what."""

    worker: Worker
    title: str
    at: datetime


def by_code(code: str) -> Party | None:
    """One party by its public code, with everybody in it."""
    return _whole(Party.objects.filter(code=code)).first()


def waiting_with_others(deal: Engagement) -> bool:
    """Whether this application is one of several that stand or fall together."""
    return Companion.objects.filter(deal=deal, party__state=Party.State.APPLIED).exists()


def applied_question(posting_code: str) -> Question[list[Companion]]:
    """Everybody of the parties that wait for the employer of this posting, party by party, first come first."""
    rows = Companion.objects.filter(
        party__posting__code=posting_code, party__state=Party.State.APPLIED, deal__isnull=False
    )
    return Question([rows.select_related("party").order_by("party__asked_at", "party_id", "id")], list)


def of_deal(deal: Engagement) -> Companion | None:
    """The place of a deal in its party, if it came of one."""
    return Companion.objects.filter(deal=deal).select_related("party__posting").first()


def to_call(reach: Any, moment: datetime) -> QuerySet[Companion]:
    """Whom a desk tells that somebody asks them along: people without a phone of their own, the next answer first."""
    rows = Companion.objects.filter(
        Q(worker__user__phone_hash=None) | Q(worker__user__phone_hash="") | Q(worker__contact_via="officer"),
        worker__isnull=False,
        state=Companion.State.ASKED, party__state=Party.State.ASKING, party__answer_by__gt=moment,
    )  # fmt: skip
    rows = in_reach(rows, reach, "party__posting").select_related(
        "worker__user", "party__asker__user", "party__posting__employer", "party__posting__trade"
    )
    return rows.order_by("party__answer_by", "pk")


def lapsed(moment: datetime) -> QuerySet[Party]:
    """Parties that not everybody answered in time."""
    return _whole(Party.objects.filter(state=Party.State.ASKING, answer_by__lte=moment)).order_by("answer_by", "id")


def open_for(posting: Posting) -> QuerySet[Party]:
    """Parties of a posting that are not settled."""
    open_states = [Party.State.ASKING, Party.State.APPLIED]
    return _whole(Party.objects.filter(posting=posting, state__in=open_states)).order_by("id")


def worked_with(worker: Worker, moment: datetime) -> list[Known]:
    """Who worked the same shifts within a year, latest first; whoever wants nobody to ask them is left out."""
    done = WORKED | {Stage.CLOSED}
    mine = Attendance.objects.filter(
        engagement__worker=worker, state__in=done, shift__starts_at__gte=moment - KNOWN_FOR
    )
    rows = Attendance.objects.filter(shift__in=mine.values("shift"), state__in=done)
    rows = rows.exclude(engagement__worker=worker).exclude(engagement__worker__invites="off")
    rows = rows.select_related("engagement__worker__user", "engagement__posting", "shift").order_by("-shift__starts_at")
    found: dict[int, Known] = {}
    for row in rows[: KNOWN_SHOWN * 8]:
        one = Known(row.engagement.worker, row.engagement.posting.title, row.shift.starts_at)
        found.setdefault(row.engagement.worker_id, one)
    return list(found.values())[:KNOWN_SHOWN]


def most(posting: Posting, moment: datetime) -> int:
    """How many people one application takes, with the asker."""
    return reference.setting("party_most", division_code=posting.division_id, on=local(moment).date())


def free_until(deal: Engagement, moment: datetime) -> datetime | None:
    """Until when leaving costs nothing because another of the party fell out; None where that is not so."""
    found = Companion.objects.filter(deal=deal, free_until__gt=moment).values_list("free_until", flat=True)
    return found.first()


def _whole(rows: QuerySet[Party]) -> QuerySet[Party]:
    # In the order they were asked: sorted by person, a number that nobody has would stand apart and show it.
    people = Companion.objects.select_related("worker__user", "acted_by", "deal__version").order_by("id")
    return rows.select_related("posting__trade", "posting__employer", "asker__user").prefetch_related(
        Prefetch("companions", people)
    )
