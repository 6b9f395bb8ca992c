"""A county with very many postings: a handful come out of the real actions, the rest are copies of their rows.

Copying goes past the actions on purpose, and only here: what is measured is reading, and the real way would take hours.
"""

import itertools
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.db import connection, models, transaction

import linggong.agreements.actions as agreements
import linggong.insurance.actions as insurance
import linggong.reference.actions as reference
from linggong import make
from linggong.core import clock, codes
from linggong.postings.models import Posting, Shift
from linggong.reference.geo import cell

AT_ONCE = 2000
DAYS = 14


def found() -> None:
    """Tables, and what the state and the insurers publish."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    call_command("collectstatic", interactive=False, verbosity=0)
    with transaction.atomic():
        reference.load(full=False)
        agreements.load_templates()
        insurance.load_products()
        make.approved_rules()


def real(count: int) -> list[Posting]:
    """Postings that were written, submitted and released."""
    boss = make.employer()
    made = [make.posting(employer_=boss, title=f"食堂帮厨{number}") for number in range(count)]
    make.settle_down()
    return made


def crowd(models_of: list[Posting], count: int, *, spots: Sequence[tuple[float, float]] = ()) -> None:
    """Copies of real postings with one shift each, spread over the county and the next two weeks, or at these spots."""
    pattern = {posting.pk: list(Shift.objects.filter(posting=posting)) for posting in models_of}
    sources = itertools.cycle(models_of)
    with transaction.atomic():
        for start in range(0, count, AT_ONCE):
            numbers = range(start, min(start + AT_ONCE, count))
            pairs = [(next(sources), number) for number in numbers]
            rows = Posting.objects.bulk_create(
                [_copy(source, number, spots[number] if spots else None) for source, number in pairs]
            )
            Shift.objects.bulk_create(
                _shift(shift, row, number)
                for row, (source, number) in zip(rows, pairs, strict=True)
                for shift in pattern[source.pk]
            )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _copy(source: Posting, number: int, spot: tuple[float, float] | None) -> Posting:
    facts = _facts(source)
    north, east = (number % 401 - 200) * 0.001, (number // 401 % 401 - 200) * 0.001
    lat, lng = spot or (source.lat + north, source.lng + east)
    cell_y, cell_x = cell(lat, lng)
    later = timedelta(days=number % DAYS)
    moments = ("valid_until", "first_starts_at", "last_ends_at", "next_starts_at", "last_starts_at")
    return Posting(
        **facts | {name: facts[name] + later for name in moments},
        **{"code": codes.new_code()} | {"lat": lat, "lng": lng, "cell_y": cell_y, "cell_x": cell_x},
    )


def _shift(source: Shift, posting: Posting, number: int) -> Shift:
    later = timedelta(days=number % DAYS)
    facts = _facts(source) | {"starts_at": source.starts_at + later, "ends_at": source.ends_at + later}
    return Shift(
        **{key: value for key, value in facts.items() if key != "posting_id"}, posting=posting, code=codes.new_code()
    )


def _facts(row: models.Model) -> dict[str, Any]:
    left_out = {"id", "code", "lat", "lng", "cell_x", "cell_y"}
    return {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name not in left_out
    }


def morning() -> None:
    """A Monday at six, so that every run sees the same shifts ahead."""
    clock.set_now(clock.at(clock.date(2026, 11, 23), 6))
