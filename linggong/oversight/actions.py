"""What the bureau does across floors: suspend an employer with everything that hangs on it, keep the chain's head."""

from datetime import date

from django.db import transaction

import linggong.employers.actions as employers
import linggong.postings.actions as postings
import linggong.postings.queries as posted
from linggong.accounts.models import User
from linggong.core.clock import now
from linggong.core.models import Link
from linggong.employers.models import Employer
from linggong.oversight.models import Head


@transaction.atomic
def suspend_employer(employer: Employer, *, because: str, by: User) -> int:
    """Stop an employer: no new work, open postings down; running deals keep their wage protection (E12).

    Returns how many postings were taken down. The employer is told why and may appeal.
    """
    employers.suspend(employer, because=because, by=by)
    down = 0
    for posting in posted.live_of_employer(employer, now()):
        postings.take_down(posting, because=because, by=by)
        down += 1
    return down


@transaction.atomic
def keep_head(day: date) -> Head | None:
    """Keep the head of the hash chain for `day`, once. None while nothing is chained."""
    last = Link.objects.order_by("-sequence").first()
    if last is None:
        return None
    head, _made = Head.objects.get_or_create(
        day=day, defaults={"sequence": last.sequence, "chained": last.chained, "at": now()}
    )
    return head
