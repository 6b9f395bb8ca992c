"""People an employer said were good (E14). What they may do is asked like of anybody else."""

from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery

import linggong.matching.queries as matching
import linggong.postings.queries as postings
from linggong.employers.models import Employer
from linggong.matching.models import Tie
from linggong.postings.models import Posting
from linggong.workers.models import Worker


def liked(employer: Employer) -> QuerySet[Worker]:
    """Liked and not refused by either side since, the last liked first."""
    ties = Tie.objects.filter(employer=employer)
    apart = ties.filter(kind__in=["blocked_worker", "blocked_employer"]).values("worker")
    good = ties.filter(kind="liked").exclude(worker__in=apart)
    rows = Worker.objects.filter(pk__in=good.values("worker")).select_related("user", "division")
    liked_at = Subquery(good.filter(worker=OuterRef("pk")).values("at")[:1])
    return rows.annotate(liked_at=liked_at).order_by("-liked_at", "-pk")


def able(employer: Employer, posting: Posting, moment: datetime) -> list[Worker]:
    """Those of them whom nothing keeps from this work."""
    shifts = postings.shifts_to_come(posting, moment)
    return [row for row in liked(employer) if row.taking_work and not matching.check(row, posting, shifts, moment)]
