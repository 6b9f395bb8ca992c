"""最晚什么时候付: one answer for the posting page, the employer's check, the slip and the poster."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import linggong.reference.queries as reference
from linggong.core.clock import local
from linggong.postings import pay


def latest_pay(
    terms: Mapping[str, Any], ends_at: datetime, division_code: str, *, rules: reference.Rules | None = None
) -> datetime:
    """By when the wage of a shift that ends at `ends_at` is paid at the latest.

    The employer may be silent until the hours count as confirmed, and the time to pay runs from there; so everybody
    reads the same moment before the work. `rules` spares the reading of the region's `auto_confirm_hours`.
    """
    day = local(ends_at).date()
    hours = (rules or reference).setting("auto_confirm_hours", division_code=division_code, on=day)
    return pay.due_at(terms, ends_at + timedelta(hours=hours), reference.previous_workday)
