"""轮流派: when each worker last had work in a venue's area."""

from datetime import date, timedelta

from django.db.models import Max

from linggong.core.asking import Question
from linggong.core.clock import at, local
from linggong.engagements.models import GONE, Attendance, Stage
from linggong.matching.turns import WAITED_MOST
from linggong.reference.queries import inside


def last_worked(division_code: str, day: date) -> Question[dict[int, date]]:
    """The day of the last shift of each worker inside a division, up to WAITED_MOST days back and in time to come.

    A shift that was promised and kept counts, and so does one the person did not come to: the turn was theirs. What
    was cancelled, called off or given to somebody else does not.
    """
    since = at(day - timedelta(days=WAITED_MOST), 0)
    rows = Attendance.objects.filter(
        inside(division_code, on="engagement__posting__division__path"), shift__starts_at__gte=since
    ).exclude(state__in=[*GONE, Stage.CALLED_OFF])
    last = rows.values_list("engagement__worker").annotate(last=Max("shift__starts_at"))
    return Question(
        [last.order_by("engagement__worker")],
        lambda found: {worker: local(moment).date() for worker, moment in found},
    )
