"""邻里直聘: work that is shown to those who live within its own circle first, and to everybody after some minutes (NB-10).

Whether there is such a time, and how long, each venue switches on for itself; without it neighbours' work is out for
all at once, and only marked.
"""

from datetime import datetime, timedelta

from django.db.models import F, Q

import linggong.venues.queries as venues
from linggong.employers.models import Verification
from linggong.postings.models import Posting
from linggong.reference.geo import distance_m

CIRCLES = (500, 1_000, 3_000)
AROUND_M = max(CIRCLES)


def until(posting: Posting, moment: datetime) -> datetime | None:
    """Until when only the circle sees a posting published now; None: everybody at once."""
    if not posting.circle_m:
        return None
    minutes = venues.circle_minutes(posting.venue_id, posting.division_id)
    return moment + timedelta(minutes=minutes) if minutes else None


def open_to_all(moment: datetime) -> Q:
    """The condition that a posting's time for neighbours is over, or that it never had one."""
    return Q(circle_until=None) | Q(circle_until__lte=moment)


def inside() -> Q:
    """The condition that the place asked from lies in the posting's own circle; needs `flat_square` (see queries)."""
    return Q(flat_square__lte=F("circle_m") * F("circle_m"))


def holds_back(posting: Posting, moment: datetime, *points: tuple[float | None, float | None]) -> bool:
    """Whether somebody at these places (home, where they look from) must still wait for this posting."""
    if posting.circle_until is None or posting.circle_until <= moment:
        return False
    return not any(
        lat is not None and lng is not None and distance_m(lat, lng, posting.lat, posting.lng) <= posting.circle_m
        for lat, lng in points
    )


def is_neighbour(posting: Posting) -> bool:
    """Whether the employer is a verified neighbour: papers checked, and at home in the township or the circle itself."""
    boss = posting.employer
    if not posting.circle_m or boss.state != Verification.VERIFIED:
        return False
    same_town = len(boss.division_id) >= 9 and boss.division_id[:9] == posting.division_id[:9]
    near = boss.lat is not None and distance_m(boss.lat, boss.lng, posting.lat, posting.lng) <= posting.circle_m
    return same_town or near
