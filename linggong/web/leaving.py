"""去不了 in words, one rule for every page: what falling out counts, from the schedule published for the region."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

import linggong.engagements.queries as deals
import linggong.reference.queries as reference
from linggong.core.clock import local
from linggong.postings.models import Shift


def _steps(division_code: str, moment: datetime) -> list[tuple[int, int]]:
    """Under so many hours before the start, so many points: only what counts, the longest notice first."""
    bands = reference.setting("cancel_bands", division_code=division_code, on=local(moment).date())
    found: list[tuple[int, int]] = []
    for hours, kind in zip(bands, ("middle", "late"), strict=True):
        points = deals.cancel_points(kind, moment, division_code=division_code)
        if points and (not found or found[-1][1] != points):
            found.append((hours, points))
    return found


def rule(division_code: str, moment: datetime) -> str:
    """The rule as one sentence, the same on the job's page and at the window."""
    steps = _steps(division_code, moment)
    if not steps:
        return _("去不了早点说，不记口碑。")
    costs = "，".join(_("不到 {h} 小时才说，口碑记 {n} 分").format(h=hours, n=points) for hours, points in steps)
    return _("去不了，开工 {h} 小时以前说，不记口碑；{costs}。").format(h=steps[0][0], costs=costs)


def free_until(first: Shift, division_code: str, moment: datetime) -> datetime | None:
    """Until when this shift can be left at no cost: up to its start where it never counts; None once that has passed."""
    steps = _steps(division_code, moment)
    until = first.starts_at - timedelta(hours=steps[0][0] if steps else 0)
    return until if until >= moment else None


def costs_now(shifts: Sequence[Shift], division_code: str, moment: datetime) -> int:
    """What saying so now counts on the record: 0 or less."""
    kind = deals.band(shifts, moment, division_code=division_code)
    return deals.cancel_points(kind, moment, division_code=division_code)
