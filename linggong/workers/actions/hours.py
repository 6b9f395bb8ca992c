"""Hours: a promised quarter of an hour belongs to one deal, under any race (E3)."""

from datetime import datetime
from typing import Any, Protocol

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from linggong.core.clock import local
from linggong.core.refusals import Refused
from linggong.workers import queries
from linggong.workers.models import Quarter, Worker
from linggong.workers.quarters import first_run, floor, quarters


class Hours(Protocol):
    """Anything with a beginning and an end: [starts_at, ends_at)."""

    starts_at: datetime
    ends_at: datetime


class AlreadyBooked(Refused):
    """Somebody else holds some of these hours. `refs` says who, for the floor that knows what they are."""

    message = _("这段时间已经有别的活了，请挑不撞车的时间，或先把那个活退掉")

    def __init__(self, message: Any = None, *, refs: tuple[str, ...] = (), **kwargs: Any) -> None:
        self.refs = refs
        super().__init__(message, **kwargs)


@transaction.atomic
def book(worker: Worker, *, starts_at: datetime, ends_at: datetime, ref: str) -> None:
    """Promise the worker's hours [starts_at, ends_at) to `ref`: every quarter, or none at all.

    The unique key decides, not a look before: of two promises at the same moment one waits and then fails.
    Raises AlreadyBooked, which names the time it clashes with.
    """
    rows = [Quarter(worker=worker, starts_at=at, ref=ref) for at in quarters(starts_at, ends_at)]
    try:
        with transaction.atomic():  # a savepoint: PostgreSQL gives up the whole transaction otherwise
            Quarter.objects.bulk_create(rows)
    except IntegrityError as error:
        raise _clash(worker, starts_at, ends_at) from error


def _clash(worker: Worker, starts_at: datetime, ends_at: datetime) -> AlreadyBooked:
    refs = tuple(queries.busy(worker, starts_at, ends_at))
    if not refs:
        return AlreadyBooked()  # the other one let go just now
    held = Quarter.objects.filter(worker=worker, ref=refs[0]).values_list("starts_at", flat=True)
    begins, ends = (local(moment) for moment in first_run(list(held), starts_at, ends_at))
    said = _("{day} {begins} 到 {ends} 已经有别的活了，请挑不撞车的时间，或先把那个活退掉").format(
        day=_("{month}月{day}日").format(month=begins.month, day=begins.day),
        begins=f"{begins:%H:%M}",
        ends=f"{ends:%H:%M}",
    )
    return AlreadyBooked(said, refs=refs)


@transaction.atomic
def free(worker: Worker, *, ref: str, shift: Hours | None = None) -> int:
    """Give back every hour that `ref` holds, or those of one `shift`. Returns how many quarters; 0 the second time."""
    mine = Quarter.objects.filter(worker=worker, ref=ref)
    if shift is not None:
        mine = mine.filter(starts_at__gte=floor(shift.starts_at), starts_at__lt=shift.ends_at)
    return mine.delete()[0]


@transaction.atomic
def free_from(worker: Worker, *, ref: str, moment: datetime) -> int:
    """Give back what `ref` holds from the quarter of `moment` on: the work ended early."""
    return Quarter.objects.filter(worker=worker, ref=ref, starts_at__gte=floor(moment)).delete()[0]
