"""Questions about cases: whose, how late, who should take one."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from linggong.accounts.models import User
from linggong.cases.models import Case, State
from linggong.reference.queries import path_of
from linggong.venues.models import Duty, Staff
from linggong.venues.queries import Reach

OPEN = [State.FILED, State.ACCEPTED, State.ANSWERED]


def within(reach: Reach) -> QuerySet[Case]:
    """Cases inside a member of staff's reach, the most urgent first."""
    inside = Q() if reach.national else Q(pk__in=[])
    for code in reach.divisions:
        inside |= Q(division_code__startswith=path_of(code))
    return Case.objects.filter(inside).select_related("owner", "filed_by").order_by("due_at", "id")


def open_within(reach: Reach) -> QuerySet[Case]:
    """The open ones."""
    return within(reach).filter(state__in=OPEN)


def of_person(user: User) -> QuerySet[Case]:
    """What somebody filed, newest first."""
    return Case.objects.filter(filed_by=user).order_by("-filed_at", "-id")


def of_deal(deal: str) -> QuerySet[Case]:
    """Everything about one deal ("engagement:CODE"), oldest first."""
    return Case.objects.filter(deal=deal).select_related("owner").order_by("filed_at", "id")


def by_code(code: str) -> Case | None:
    """One case by its public code."""
    return Case.objects.filter(code=code).select_related("owner", "filed_by").first()


def open_about(kind: str, about) -> Case:
    """The open case of this kind about a row."""
    return Case.objects.filter(
        kind=kind, about_type=about._meta.label_lower, about_code=about.code, state__in=OPEN
    ).get()


def overdue(moment: datetime) -> QuerySet[Case]:
    """Open and past the due time."""
    return Case.objects.filter(state__in=[State.FILED, State.ACCEPTED], due_at__lt=moment).order_by("due_at", "id")


def open_of(user: User) -> QuerySet[Case]:
    """What this person filed, or had filed for them, and nobody has closed yet."""
    return Case.objects.filter(filed_by=user, state__in=OPEN)


def who_takes(division_code: str, duty: str) -> User | None:
    """The member of staff in this county who should take a case: right duty first, then heads, fewest open cases."""
    county = division_code[:6]
    order = [duty, Duty.MEDIATOR, Duty.HEAD, Duty.CLERK, Duty.REVIEWER]
    staff = Staff.objects.filter(ended_at=None, venue__division__path__startswith=path_of(county))
    load = dict(Case.objects.filter(state__in=OPEN, owner__isnull=False).values_list("owner").annotate(n=Count("id")))
    people = sorted(
        staff.select_related("user"),
        key=lambda row: (order.index(row.duty) if row.duty in order else 9, load.get(row.user_id, 0), row.pk),
    )
    return people[0].user if people else None


def audit() -> Iterator[str]:
    """E17: an open case without a due time or owner role; a closed one without an answer."""
    for case in Case.objects.filter(Q(owner_role="") | Q(state=State.CLOSED, answer="")):
        yield f"E17: case {case.code} has no owner role or was closed without an answer"
