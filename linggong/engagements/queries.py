"""Questions about deals: whose, which, how they stand, whether they are ready."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, F, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

import linggong.agreements.queries as agreements
import linggong.insurance.queries as insurance
import linggong.payments.queries as payments
import linggong.reference.queries as reference
from linggong.accounts.models import User
from linggong.core.asking import Question, ask, first
from linggong.core.clock import local
from linggong.employers.models import Employer, Member
from linggong.engagements import site_code
from linggong.engagements.models import (
    BINDING,
    GONE,
    LIVE,
    WORKED,
    Attendance,
    Engagement,
    Message,
    Rating,
    Stage,
    State,
)
from linggong.postings.models import Custody, Posting, Shift
from linggong.workers.models import Worker


def ref(row: Engagement | Attendance) -> str:
    """The opaque name under which the floors below know this row: "engagement:CODE", "attendance:CODE"."""
    return f"{row._meta.model_name}:{row.code}"


def terms_now(posting: Posting, terms: Mapping[str, Any]) -> dict[str, Any]:
    """The terms as they would be frozen now: who pays follows from where the money lies, not from what was drafted."""
    return {**terms, "custody": Custody.SUPERVISED if posting.funded_at else Custody.OFFLINE}


def live(posting: Posting, worker: Worker) -> QuerySet[Engagement]:
    """The worker's standing in this posting, if any."""
    return Engagement.objects.filter(posting=posting, worker=worker, state__in=LIVE)


def nothing_free(posting: Posting, worker: Worker, shift_codes: Sequence[str], moment: datetime) -> bool:
    """Whether every shift to come (of those named, if any) is taken, and the worker stands in none: one indexed read."""
    to_come = Shift.objects.filter(posting=posting, called_off_at=None, starts_at__gt=moment)
    if shift_codes:
        to_come = to_come.filter(code__in=shift_codes)
    taken = Exists(to_come) & ~Exists(to_come.filter(taken__lt=F("places"))) & ~Exists(live(posting, worker))
    return Posting.objects.filter(taken, pk=posting.pk).exists()


def of_worker(worker: Worker) -> QuerySet[Engagement]:
    """Every deal of this worker, newest first, with its shifts; a constant number of queries."""
    return _whole(Engagement.objects.filter(worker=worker)).order_by("-id")


def of_employer(employer: Employer) -> QuerySet[Engagement]:
    """Every deal of this employer, newest first."""
    return _whole(Engagement.objects.filter(employer=employer)).order_by("-id")


def of_posting(posting: Posting) -> QuerySet[Engagement]:
    """Everybody who stands in this posting, in the order they asked."""
    return _whole(Engagement.objects.filter(posting=posting)).order_by("asked_at", "id")


def standing_in(code: str) -> QuerySet[Engagement]:
    """Who stands in the posting with this code and how, in the order they asked; without the shifts."""
    rows = Engagement.objects.filter(posting__code=code).select_related("worker__user")
    return rows.order_by("asked_at", "id")


def by_code(code: str) -> Engagement | None:
    """One deal by its public code."""
    return _whole(Engagement.objects.filter(code=code)).first()


def by_codes(codes: Iterable[str]) -> list[Engagement]:
    """The deals behind these public codes, with the names of both sides."""
    return list(Engagement.objects.select_related("worker__user", "employer").filter(code__in=codes))


def attendance_by_code(code: str) -> Attendance | None:
    """One lived shift by its public code."""
    return _lived(Attendance.objects.filter(code=code)).first()


def attendances(**filters: Any) -> QuerySet[Attendance]:
    """Lived shifts with everything a page shows about them, earliest first."""
    return _lived(Attendance.objects.filter(**filters)).order_by("shift__starts_at", "id")


def expected(deal: Engagement) -> list[Attendance]:
    """The shifts of a deal that have not begun."""
    return list(attendances(engagement=deal, state=Stage.EXPECTED))


def next_of_worker(worker: Worker, moment: datetime) -> Attendance | None:
    """The shift the worker is in, or the next one to come."""
    return ask(next_of_worker_question(worker, moment))


def next_of_worker_question(worker: Worker, moment: datetime) -> Question[Attendance | None]:
    """`next_of_worker`, to be asked together with other things."""
    standing = [Stage.EXPECTED, Stage.CHECKED_IN, Stage.IN_PROGRESS]
    rows = attendances(engagement__worker=worker, state__in=standing, shift__ends_at__gt=moment)
    return first(rows.filter(engagement__state__in=BINDING))


def of_day(employer: Employer, start: datetime, end: datetime) -> QuerySet[Attendance]:
    """The employer's people between two moments."""
    rows = attendances(engagement__employer=employer, shift__starts_at__gte=start, shift__starts_at__lt=end)
    return rows.exclude(state=Stage.CANCELLED)


def waiting_for_confirmation(employer: Employer) -> QuerySet[Attendance]:
    """Finished shifts that the employer has not confirmed."""
    return attendances(engagement__employer=employer, state__in=[Stage.WORK_DONE, Stage.ENDED_EARLY])


def in_line(posting: Posting) -> QuerySet[Engagement]:
    """The waiting list, first come first."""
    return _whole(Engagement.objects.filter(posting=posting, state=State.WAITLISTED)).order_by("asked_at", "id")


def bound(posting: Posting) -> QuerySet[Engagement]:
    """Everybody bound to come."""
    return _whole(Engagement.objects.filter(posting=posting, state__in=BINDING)).order_by("confirmed_at", "id")


def to_rate(*, worker: Worker | None = None, employer: Employer | None = None) -> QuerySet[Engagement]:
    """Deals that this side may still rate."""
    side = "worker" if worker is not None else "employer"
    mine = {"worker": worker} if worker is not None else {"employer": employer}
    done = Engagement.objects.filter(**mine, attendances__state__in=WORKED | {Stage.CLOSED, Stage.NO_SHOW_WORKER})
    return _whole(done.exclude(ratings__side=side).distinct()).order_by("-id")


def visible_ratings(*, about_worker: Worker | None = None, about_employer: Employer | None = None) -> QuerySet[Rating]:
    """What others said, once it may be seen and unless hidden with a reason; newest first."""
    if about_worker is not None:
        about = Rating.objects.filter(engagement__worker=about_worker, side="employer")
    else:
        about = Rating.objects.filter(engagement__employer=about_employer, side="worker")
    return about.filter(visible_at__isnull=False, hidden_at=None).order_by("-at", "-id")


@dataclass(frozen=True)
class Readiness:
    """Whether work may start: agreement, cover and money each on their own (decision 3)."""

    agreement: bool
    cover: bool
    funding: bool

    @property
    def ready(self) -> bool:
        return self.agreement and self.cover and self.funding

    @property
    def missing(self) -> list[str]:
        """What is not ready, in words."""
        said = [
            (self.agreement, _("用工约定还没说好")), (self.cover, _("保险还没办好")), (self.funding, _("说好存的工钱还没存好")),
        ]  # fmt: skip
        return [words for ok, words in said if not ok]


def readiness(attendance: Attendance) -> Readiness:
    """Asked at check-in, and shown before it."""
    settlement = payments.by_ref(ref(attendance))
    shift = attendance.shift
    return Readiness(
        agreement=agreements.is_effective(ref(attendance.engagement)),
        cover=attendance.uncovered_accepted_at is not None
        or insurance.is_covered(ref(attendance), shift.starts_at, shift.ends_at),
        funding=settlement is not None and (settlement.custody == "offline" or settlement.state != "created"),
    )


def current_site_code(posting: Posting, moment: datetime) -> str:
    """The six digits the employer shows at the site now."""
    return site_code.code_at(settings.SECRET_KEY, posting.code, moment)


def band(shifts: Sequence[Shift], moment: datetime, *, division_code: str = "") -> str:
    """How late a cancellation is: "early" more than 12 h before the first start, "middle" 2–12 h, "late" under 2 h."""
    early, late = reference.setting("cancel_bands", division_code=division_code, on=local(moment).date())
    hours = (min(s.starts_at for s in shifts) - moment).total_seconds() / 3600
    return "early" if hours > early else "middle" if hours >= late else "late"


def cancel_points(kind: str, moment: datetime, *, division_code: str = "") -> int:
    """What falling out counts on the record of either side, by the band or "absent": 0 or less, for twelve months."""
    return reference.setting("cancel_points", division_code=division_code, on=local(moment).date())[kind]


def can_undo(deal: Engagement, moment: datetime) -> bool:
    """Whether 还去 is still open to a worker who cancelled a moment ago."""
    if deal.state != State.CANCELLED_BY_WORKER or deal.ended_at is None:
        return False
    minutes = reference.setting("undo_minutes", division_code=deal.posting.division_id, on=local(moment).date())
    return moment < deal.ended_at + timedelta(minutes=minutes)


def employer_people(employer: Employer) -> list[User]:
    """Who is told what concerns this employer."""
    members = Member.objects.filter(employer=employer, ended_at=None).select_related("user").order_by("-owner", "id")
    return [member.user for member in members]


def owner_of(employer: Employer) -> User:
    """The person who stands for the employer."""
    return employer_people(employer)[0]


def receipt(deal: Engagement) -> str:
    """The words on the slip that a person keeps after somebody acted for them."""
    lines = [deal.worker.user.name, deal.posting.title, deal.posting.employer.name, deal.posting.address]
    for shift in deal.terms.get("shifts", []):
        start = local(datetime.fromisoformat(shift["starts_at"]))
        lines.append(f"{start.month}月{start.day}日 {start:%H:%M}")
    return "\n".join(lines)


def mismatch(employer: Employer, moment: datetime) -> tuple[int, int]:
    """How many arrivals in a year were told to be other than promised, of how many that were asked (U05)."""
    rows = Attendance.objects.filter(
        engagement__employer=employer, as_told__isnull=False, checked_in_at__gte=moment - timedelta(days=365)
    )
    counted = rows.aggregate(asked=Count("pk"), other=Count("pk", filter=Q(as_told=False)))
    return counted["other"], counted["asked"]


def audit() -> Iterator[str]:
    """Every broken rule of E2, E3, E5, E8 and E10 among the deals, as a sentence with the row."""
    yield from _overfull()
    for row in Attendance.objects.filter(state__in=["pay_due", "paid", "arrears"], confirmed_at=None):
        if row.checked_in_at is not None:
            yield f"E5: attendance {row.code} is {row.state} but was never confirmed"
    for row in Attendance.objects.filter(state__in=["checked_in", "in_progress"]).select_related("engagement"):
        if not agreements.was_effective(ref(row.engagement)):
            yield f"E4: attendance {row.code} is at work without an agreement"
    for rating in Rating.objects.select_related("engagement"):
        if not ratable(rating.engagement):
            yield f"E10: rating {rating.pk} on {rating.engagement.code} has nothing to rate"
    for deal in Engagement.objects.filter(state__in=["cancelled_by_worker", "cancelled_by_employer"]):
        if deal.attendances.filter(state=Stage.EXPECTED).exists():
            yield f"E8: engagement {deal.code} is cancelled but still expects a shift"


def _overfull() -> Iterator[str]:
    # Where a no-show or a wasted trip was claimed another may stand in the place; Shift.taken guards it all the same.
    held = Attendance.objects.exclude(state__in=GONE).filter(claimed_by="")
    held = held.values("shift__code", "shift__places", "shift__taken")
    for row in held.annotate(people=Count("id")).filter(people__gt=F("shift__places")):
        yield f"E2: shift {row['shift__code']} has {row['people']} people for {row['shift__places']} places"


def ratable(deal: Engagement) -> bool:
    """E10: completion confirmed, or a no-show, wasted trip or early end of either side stands."""
    not_yet = [
        Stage.EXPECTED,
        Stage.CHECKED_IN,
        Stage.IN_PROGRESS,
        Stage.WORK_DONE,
        Stage.CANCELLED,
        Stage.RELEASED,
        Stage.CALLED_OFF,
    ]
    return deal.attendances.exclude(state__in=not_yet).exists()


def _whole(deals: QuerySet[Engagement]) -> QuerySet[Engagement]:
    lived = Prefetch(
        "attendances", Attendance.objects.select_related("shift", "confirmation").order_by("shift__starts_at", "id")
    )
    return deals.select_related(
        "posting__trade", "posting__employer", "posting__division", "version", "worker__user", "employer"
    ).prefetch_related(lived)


def _lived(rows: QuerySet[Attendance]) -> QuerySet[Attendance]:
    return rows.select_related(
        "shift", "engagement__posting__trade", "engagement__posting__employer", "engagement__worker__user",
        "engagement__employer", "engagement__version", "engagement__posting__posted_by",
    )  # fmt: skip


def may_talk(deal: Engagement, moment: datetime) -> bool:
    """Whether the two sides may still write to each other: while anything stands between them, and a week longer."""
    return deal.state in LIVE or (deal.ended_at is not None and moment < deal.ended_at + timedelta(days=7))


def messages(deal: Engagement) -> list[Message]:
    """What was said in this deal, the oldest first."""
    return list(deal.messages.order_by("pk"))
