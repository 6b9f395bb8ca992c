"""有了叫我: what somebody wished for and did not find, kept until such work comes (W1, W4).

A wish keeps conditions and a division, never a position: without a chosen place it is looked for around home.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

import linggong.matching.queries as matching
import linggong.postings.queries as postings
import linggong.reference.queries as reference
from linggong.core.money import yuan
from linggong.matching.models import Wish, WishHit
from linggong.postings.by_words import Term
from linggong.postings.filters import Filters
from linggong.postings.models import Posting
from linggong.reference.models import Level, PayUnit
from linggong.workers.models import Worker

OPEN_MOST = 5
LOOK_AT = 20


def as_data(filters: Filters) -> dict[str, Any]:
    """Conditions as they are kept: only what was asked for. Order and place are no part of them."""
    said = asdict(filters) | {"division": "", "best_first": False}
    said["day"] = filters.day.isoformat() if filters.day else None
    return json.loads(json.dumps({name: value for name, value in said.items() if value not in (None, "", False, ())}))


def filters_of(data: Mapping[str, Any]) -> Filters:
    """The same conditions again; a condition this version does not know is left out."""
    known = {field.name for field in fields(Filters)}
    said = {name: value for name, value in data.items() if name in known}
    said |= {name: tuple(said[name]) for name in ("trades", "dayparts") if name in said}
    if "terms" in said:
        said["terms"] = tuple(Term(row["said"], tuple(row["trades"])) for row in said["terms"])
    if "day" in said:
        said["day"] = date.fromisoformat(said["day"])
    return Filters(**said)


def open_of(worker: Worker) -> QuerySet[Wish]:
    """What this worker is waiting for, newest first."""
    return Wish.objects.filter(worker=worker, ended_at=None).order_by("-pk")


def of_worker(worker: Worker, code: str) -> Wish | None:
    """One wish of this worker; another's does not exist."""
    return Wish.objects.filter(worker=worker, code=code).first()


def due(moment: datetime) -> QuerySet[Wish]:
    """Wishes to look for, the one looked at longest ago first."""
    rows = Wish.objects.filter(ended_at=None).select_related("worker__user", "worker__division")
    return rows.order_by("looked_at", "pk")


def fitting(wish: Wish, moment: datetime) -> list[Posting]:
    """What is out now, fits the wish, was not told yet, and this person may do; the soonest first."""
    rows = _near(wish, filters_of(wish.filters), moment)
    told = set(WishHit.objects.filter(wish=wish).values_list("posting", flat=True))
    fresh = [row for row in rows if row.pk not in told]
    return [
        row for row in fresh
        if not matching.check(wish.worker, row, postings.shifts_to_come(row, moment), moment)
    ]  # fmt: skip


def _near(wish: Wish, filters: Filters, moment: datetime) -> list[Posting]:
    division = wish.division
    if division is not None and division.level <= Level.COUNTY:
        inside = Filters(**(filters.__dict__ | {"division": division.code}))
        return list(postings.found(moment, inside)[:LOOK_AT])
    point = (division.lat, division.lng) if division is not None else matching.home_of(wish.worker)
    if point is None or point[0] is None:
        return list(postings.found(moment, filters)[:LOOK_AT])
    return postings.near(*point, wish.reach_m, moment, filters, order="soon", limit=LOOK_AT)


def days(worker: Worker, on: date) -> int:
    """For how many days a wish is kept here."""
    return reference.setting("wish_days", division_code=worker.division_id, on=on)


def pay_words(posting: Posting) -> str:
    """180 元/天."""
    unit = PayUnit(posting.pay_unit)
    said = yuan(posting.pay_fen)
    return str(_("整活 {sum} 元").format(sum=said) if unit == PayUnit.FIXED else f"{said} 元/{unit.label}")
