"""Ties: who liked, blocked or worked with whom. Written by calls down from the deals."""

from django.db import transaction
from django.db.models import F

from linggong.accounts.models import User
from linggong.core.clock import now
from linggong.core.journal import record
from linggong.employers.models import Employer
from linggong.matching.models import Tie
from linggong.workers.models import Worker

LIKED, TOGETHER = "liked", "together"
BLOCKED_WORKER, BLOCKED_EMPLOYER = "blocked_worker", "blocked_employer"


@transaction.atomic
def like(worker: Worker, employer: Employer, *, by: User | None) -> Tie:
    """The employer would take this worker again. Idempotent; lifts the employer's own block."""
    _cut(worker, employer, BLOCKED_WORKER, by=by)
    return _tie(worker, employer, LIKED, by=by)


@transaction.atomic
def unlike(worker: Worker, employer: Employer, *, by: User | None) -> None:
    """The employer takes it back. Idempotent."""
    _cut(worker, employer, LIKED, by=by)


@transaction.atomic
def block(worker: Worker, employer: Employer, *, side: str, by: User | None) -> Tie:
    """One side (`side`: "worker" or "employer") does not want the other again; the other is not told. Idempotent."""
    if side == "employer":
        _cut(worker, employer, LIKED, by=by)
    return _tie(worker, employer, _block_of(side), by=by)


@transaction.atomic
def unblock(worker: Worker, employer: Employer, *, side: str, by: User | None) -> None:
    """The same side thinks better of it. Idempotent."""
    _cut(worker, employer, _block_of(side), by=by)


@transaction.atomic
def worked_together(worker: Worker, employer: Employer, *, by: User | None = None) -> Tie:
    """One more shift done and confirmed between the two. Counts each call: the caller calls once per shift."""
    tie, new = Tie.objects.get_or_create(worker=worker, employer=employer, kind=TOGETHER, defaults={"at": now()})
    if not new:
        Tie.objects.filter(pk=tie.pk).update(times=F("times") + 1, at=now())
        tie.refresh_from_db()
    return tie


def _tie(worker: Worker, employer: Employer, kind: str, *, by: User | None) -> Tie:
    tie, new = Tie.objects.get_or_create(worker=worker, employer=employer, kind=kind, defaults={"at": now()})
    if new:
        record(f"tie.{kind}", tie, by=by)
    return tie


def _cut(worker: Worker, employer: Employer, kind: str, *, by: User | None) -> None:
    for tie in Tie.objects.filter(worker=worker, employer=employer, kind=kind):
        record(f"tie.{kind}_ended", tie, by=by)
        tie.delete()


def _block_of(side: str) -> str:
    if side not in ("worker", "employer"):
        raise ValueError(side)
    return BLOCKED_EMPLOYER if side == "worker" else BLOCKED_WORKER
