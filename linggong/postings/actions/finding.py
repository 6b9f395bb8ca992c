"""Finding by words: what of a posting can be found is written with the version that says it, never later."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

import linggong.reference.queries as reference
from linggong.postings import search
from linggong.postings.models import Posting, Searchable, State, Version

BATCH = 500


@transaction.atomic
def index(posting: Posting, terms: Mapping[str, Any]) -> None:
    """Make a posting findable by the words of these terms. Written again, it replaces what stood there."""
    _write([_row(posting.pk, terms, reference.full_name(posting.division_id))])


@transaction.atomic
def forget_finished() -> int:
    """Take out what is closed or expired: nobody looks for it any more, and the index stays as small as the market."""
    rows = Searchable.objects.filter(posting__state__in=[State.CLOSED, State.EXPIRED])
    return rows.delete()[0]


def rebuild() -> int:
    """Write the index anew from the frozen versions, a batch at a time. Returns how many postings it holds.

    For rows that came past the actions (a restored copy, a load test) and after places were renamed.
    """
    names: dict[str, str] = {}
    last = written = 0
    while batch := list(_whole(last)):
        _rebuild_batch(batch, names)
        last, written = batch[-1].pk, written + len(batch)
    return written


@transaction.atomic
def _rebuild_batch(batch: list[Posting], names: dict[str, str]) -> None:
    for posting in batch:
        if posting.division_id not in names:
            names[posting.division_id] = reference.full_name(posting.division_id)
    numbers = {posting.pk: posting.version for posting in batch}
    terms = {
        version.posting_id: version.terms
        for version in Version.objects.filter(posting__in=batch, number__in=set(numbers.values()))
        if version.number == numbers[version.posting_id]
    }
    _write([_row(p.pk, terms[p.pk], names[p.division_id]) for p in batch if p.pk in terms])


def _whole(after: int) -> Any:
    rows = Posting.objects.filter(pk__gt=after).exclude(state__in=[State.DRAFT, State.CLOSED, State.EXPIRED])
    return rows.order_by("pk").only("pk", "version", "division_id")[:BATCH]


def _row(key: int, terms: Mapping[str, Any], place: str) -> Searchable:
    asked = [row["text"] for row in terms["requirements"] if row.get("text")]
    text = search.text_of(
        [
            terms["title"], terms["trade_name"], terms["employer"], terms["content"], place, terms["address"],
            terms["meeting_point"], terms["transport"], terms["tools"], *asked,
        ]
    )  # fmt: skip
    return Searchable(posting_id=key, text=text, words=search.words_of(text))


def _write(rows: list[Searchable]) -> None:
    Searchable.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["posting"], update_fields=["text", "words"]
    )
