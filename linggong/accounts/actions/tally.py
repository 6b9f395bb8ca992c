"""Counting in the database: exact across processes, and a queue for those who count the same thing."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from linggong.accounts.models import Tally


@transaction.atomic
def count_up(kind: str, key: str, *, window_at: datetime) -> Tally:
    """Add one to the tally of this kind, key and window. The row stays locked until the transaction ends."""
    tally, _ = Tally.objects.get_or_create(kind=kind, key=key, window_at=window_at)
    Tally.objects.filter(pk=tally.pk).update(count=F("count") + 1)
    tally.refresh_from_db()
    return tally
