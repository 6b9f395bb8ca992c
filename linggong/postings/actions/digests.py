"""每日用工信息: what is open within reach of a community is written down once, and stands."""

from django.db import transaction
from django.utils.translation import gettext as _

import linggong.reference.queries as reference
from linggong.accounts.models import User
from linggong.core.clock import local, now
from linggong.core.journal import record
from linggong.core.states import Moved
from linggong.postings import digests, queries
from linggong.postings.models import Digest, Posting
from linggong.reference.models import Division

MOST = 20
LOOK_AT = 60


@transaction.atomic
def make_digest(division: Division, *, by: User | None) -> Digest:
    """Write down what can be taken now within reach, the nearest first; with places left, so full shifts are no bait.

    By the clock (`by` None) once a day: a second one raises IntegrityError. A person may have another made any time.
    """
    moment = now()
    day = local(moment).date()
    reach = reference.setting("digest_reach_m", division_code=division.code, on=day)
    near = queries.near(division.lat, division.lng, reach, moment, limit=LOOK_AT)
    rows = [row for row in near if row.places_left][:MOST]
    items = digests.rows_of(rows, _hours(rows))
    digest = Digest.objects.create(division=division, day=day, at=moment, daily=by is None, items=items)
    record("digest.made", digest, by=by, count=len(items))
    return digest


@transaction.atomic
def mark_told(digest: Digest, *, by: User) -> None:
    """发过了: passed on to the group, the wall or the loudspeaker. The first time counts. Raises Moved after it."""
    moment = now()
    if Digest.objects.filter(pk=digest.pk, told_at=None).update(told_at=moment, told_by=by) != 1:
        raise Moved
    digest.told_at, digest.told_by = moment, by
    record("digest.told", digest, by=by)


def _hours(rows: list[Posting]) -> dict[str, str]:
    """The next shift of each in words: 11月24日 8:00–17:00, and how many days."""
    shifts = queries.next_shifts(rows)
    said = {}
    for row in rows:
        shift = shifts[row.pk]
        start, end = local(shift.starts_at), local(shift.ends_at)
        words = f"{start.month}月{start.day}日 {start.hour}:{start:%M}–{end.hour}:{end:%M}"
        said[row.code] = words + (_("起 {n} 天").format(n=row.shifts_left) if row.shifts_left > 1 else "")
    return said
