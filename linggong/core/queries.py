"""Questions about the journal: the timeline of a row, what is stuck, whether the chain holds."""

from collections.abc import Iterator

from django.db import models

from linggong.core.journal import chain_hash, digest_of
from linggong.core.models import Delivery, Event, Link, Turn


def timeline(*rows: models.Model) -> models.QuerySet[Event]:
    """Every event about these rows, oldest first."""
    about = models.Q(pk__in=[])
    for row in rows:
        about |= models.Q(subject_type=row._meta.label_lower, subject_id=row.pk)
    return Event.objects.filter(about).select_related("by", "acting_for").order_by("at", "pk")


def named(*names: str) -> models.QuerySet[Event]:
    """Every event of these names, oldest first. Figures are computed from here and nowhere else."""
    return Event.objects.filter(name__in=names).order_by("at", "pk")


def stuck() -> models.QuerySet[Delivery]:
    """Deliveries that gave up, for the health page."""
    return Delivery.objects.filter(failed_at__isnull=False, done_at=None).select_related("event").order_by("pk")


def broken_jobs() -> models.QuerySet[Turn]:
    """Periodic jobs whose last run failed."""
    return Turn.objects.exclude(error="").order_by("job")


def broken_chain(*, last: int = 0) -> Iterator[str]:
    """Every place where the hash chain does not hold, as a sentence. Empty when all is well.

    `last` walks only so many links at the end, from the link before them on trust: a page can wait for that.
    """
    chained, expected = "0" * 64, 1
    links = Link.objects.select_related("event").order_by("sequence")
    head = Link.objects.order_by("-sequence").first()
    if last and head is not None and head.sequence > last:
        before = Link.objects.filter(sequence__lte=head.sequence - last).order_by("-sequence").first()
        if before is not None:
            chained, expected = before.chained, before.sequence + 1
            links = links.filter(sequence__gt=before.sequence)
    for link in links.iterator(chunk_size=2000):
        if link.sequence != expected:
            yield f"link {expected} is missing"
        if digest_of(link.event) != link.event.digest:
            yield f"event {link.event_id} was changed after it was written"
        if chain_hash(chained, link.event.digest, link.sequence) != link.chained:
            yield f"link {link.sequence} does not follow from the one before it"
        chained, expected = link.chained, link.sequence + 1
