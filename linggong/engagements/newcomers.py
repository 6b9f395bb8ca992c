"""第一回: places that are held for people who never worked here, until a stated time before the start."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

import linggong.reference.queries as reference
from linggong.core.clock import local
from linggong.engagements.models import GONE, WORKED, Attendance, Engagement, Stage, State
from linggong.postings.models import Posting, Shift
from linggong.postings.models import State as PostingState
from linggong.workers.models import Worker

LIVED = WORKED | {Stage.CLOSED}
NOT_COMING = GONE | {Stage.NO_SHOW_WORKER, Stage.CALLED_OFF}


def is_new(worker: Worker) -> bool:
    """Whether no shift of this person was ever lived to its end."""
    return not Attendance.objects.filter(engagement__worker=worker, state__in=LIVED).exists()


def held(shift: Shift, worker: Worker, *, division_code: str, moment: datetime) -> int:
    """How many places of the shift this person may not take now, because they are held for new people.

    `newcomer_share` of the places, less those that new people have. Nothing for a new person, nothing where the rule
    is 0, nothing once the start is nearer than `newcomer_hold_hours`. Ask it while the posting is claimed: its answer
    then holds until the place is taken.
    """
    on = local(moment).date()
    share = reference.setting("newcomer_share", division_code=division_code, on=on)
    if not share or shift.starts_at - moment <= _hold(division_code, moment) or is_new(worker):
        return 0
    shift.refresh_from_db(fields=["places"])
    lived = Attendance.objects.filter(engagement__worker=OuterRef("engagement__worker"), state__in=LIVED)
    new = Attendance.objects.filter(~Exists(lived), shift=shift).exclude(state__in=NOT_COMING).count()
    return max(0, shift.places * share // 100 - new)


def waiting_with_room(moment: datetime) -> list[Posting]:
    """Postings with room whose line has people: a place that was held may be open to all by now."""
    in_line = Engagement.objects.filter(posting=OuterRef("pk"), state=State.WAITLISTED)
    soon = moment + timedelta(hours=72)
    rows = Posting.objects.filter(
        Exists(in_line), state=PostingState.PUBLISHED, next_starts_at__gt=moment, next_starts_at__lte=soon
    )
    return list(rows.order_by("next_starts_at", "pk"))


def _hold(division_code: str, moment: datetime) -> timedelta:
    hours = reference.setting("newcomer_hold_hours", division_code=division_code, on=local(moment).date())
    return timedelta(hours=hours)
