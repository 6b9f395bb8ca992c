"""Ties (who liked, blocked or worked with whom) and decisions: both told by calls down from the deals."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Max

import linggong.reference.queries as reference
from linggong.accounts.models import User
from linggong.core.clock import local, now
from linggong.core.journal import record
from linggong.employers.models import Employer
from linggong.matching import replaying
from linggong.matching.candidates import Candidates
from linggong.matching.live import watching
from linggong.matching.models import Changed, Decision, IndexReport, Tie
from linggong.postings.models import Posting
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


@transaction.atomic
def decided(
    found: Candidates, posting: Posting, *, purpose: str, chosen: Worker | None = None, by: User | None
) -> Decision:  # fmt: skip
    """Keep the list that somebody (or the clock, `by` None) acted on, so that it can be taken again bit for bit.

    `found` is what `queries.for_posting` gave, as it was shown; `chosen` whom it was about, if about one. The event
    carries the code of the decision. Call it in the transaction of the offer, the dispatch or the wave.
    """
    rows = [(one.worker.pk, one.pair) for one in found if one.pair is not None]
    inputs = replaying.inputs_of(
        rows, found.weights, order=found.order, version=posting.version, at=found.moment.isoformat(),
        source=found.source,
    )  # fmt: skip
    outcome = replaying.outcome_of(inputs)
    decision = Decision.objects.create(
        posting=posting, purpose=purpose, at=now(), by=by, weights_version=found.weights.version, inputs=inputs,
        outcome=outcome, digest=replaying.digest_of(inputs, outcome),
    )  # fmt: skip
    place = next((n for n, row in enumerate(outcome, start=1) if chosen is not None and row[0] == chosen.pk), None)
    record("decision.kept", decision, by=by, code=decision.code, purpose=purpose, posting=posting.code, place=place)
    return decision


@transaction.atomic
def report_index(
    *, process: str, built_at: datetime | None, workers: int, postings: int, behind_ms: int, checked: int, drift: int
) -> None:
    """A process says how its live index does. One row per process; not an event, it changes every minute."""
    facts = {
        "at": now(), "built_at": built_at, "workers": workers, "postings": postings, "behind_ms": behind_ms,
        "checked": checked, "drift": drift,
    }  # fmt: skip
    IndexReport.objects.update_or_create(process=process, defaults=facts)


@transaction.atomic
def let_go() -> dict[str, int]:
    """Throw away what is no longer needed: decisions past their time, old notes, reports of processes long gone."""
    moment = now()
    months = reference.setting("retention_log_months", on=local(moment).date())
    decisions = Decision.objects.filter(at__lt=moment - timedelta(days=31 * months)).delete()[0]
    last = Changed.objects.aggregate(last=Max("pk"))["last"] or 0
    notes = Changed.objects.filter(pk__lte=last - watching.KEEP).delete()[0]
    reports = IndexReport.objects.filter(at__lt=moment - timedelta(hours=1)).delete()[0]
    return {"decisions": decisions, "notes": notes, "reports": reports}


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
