"""What happens to employers while nobody is asking: rechecks fall due, old events stop counting, photos go."""

import calendar
from datetime import datetime, timedelta

from linggong.accounts.models import User
from linggong.core.clock import local, now, today
from linggong.core.journal import every, on
from linggong.core.models import Event
from linggong.core.states import Moved
from linggong.core.uploads import forget_image
from linggong.employers import actions
from linggong.employers.models import Employer, Paper, Verification
from linggong.reference.queries import setting

LOOK_BACK = timedelta(days=30)  # a worker process that slept longer than this has other troubles
AT_ONCE = 500


@on("user.erased")
def erase_person(event: Event) -> None:
    """The person closed the account: they act for nobody any more, and their household is no employer."""
    for path in actions.erase_person(User.objects.get(pk=event.subject_id), by=event.by):
        forget_image(path)


@every(hours=6)
def recheck_employers() -> None:
    """VERIFIED for `employer_reverify_months` becomes DUE_RECHECK; 14 days later LAPSED (five-ministry notice 2025)."""
    moment = now()
    months: dict[str, int] = {}
    due = Employer.objects.filter(state=Verification.VERIFIED, verified_at__lte=months_after(moment, -1))
    for employer in due.order_by("verified_at", "pk").iterator():
        code = employer.division_id
        if code not in months:
            months[code] = int(setting("employer_reverify_months", division_code=code, on=today()))
        if months_after(employer.verified_at, months[code]) <= moment:
            _move(employer, actions.ask_recheck)
    late = Employer.objects.filter(state=Verification.DUE_RECHECK, recheck_by__lte=moment)
    for employer in late.order_by("recheck_by", "pk")[:AT_ONCE]:
        _move(employer, actions.lapse)


@every(hours=24)
def reassess_records() -> None:
    """Recognitions that rest on events which stopped counting since the last look."""
    moment = now()
    touched = Employer.objects.filter(
        points__counts_until__gt=moment - LOOK_BACK, points__counts_until__lte=moment,
        points__corrected_at=None,
    )  # fmt: skip
    for employer in touched.distinct().order_by("pk").iterator():
        actions.reassess(employer)


@every(hours=6)
def forget_id_photos() -> None:
    """Pictures of ID cards go as soon as the employer is verified; that the card was seen stays."""
    seen = Paper.objects.filter(kind="agent_id", employer__state=Verification.VERIFIED).exclude(photo="")
    for paper in seen.select_related("employer").order_by("pk")[:AT_ONCE]:
        forget_image(actions.forget_photo(paper))


def months_after(moment: datetime, months: int) -> datetime:
    """The same local day and time `months` later (or earlier), or the last day of a shorter month."""
    here = local(moment)
    count = here.year * 12 + here.month - 1 + months
    year, month = divmod(count, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return here.replace(year=year, month=month + 1, day=min(here.day, last))


def _move(employer: Employer, step) -> None:
    try:
        step(employer)
    except Moved:
        return  # staff were faster
