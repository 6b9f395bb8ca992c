"""The journal: what happened, and who upstairs wants to know."""

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, models, transaction

from linggong.core.clock import now
from linggong.core.models import Delivery, Event, Link, Turn

logger = logging.getLogger(__name__)

_subscribers: dict[str, list[str]] = defaultdict(list)  # event name -> reaction paths
_reactions: dict[str, Callable[[Event], None]] = {}
_jobs: dict[str, tuple[Callable[[], None], timedelta]] = {}
_wake: Callable[[], None] | None = None

ATTEMPTS_MAX = 10
LEASE = timedelta(minutes=2)


def record(name: str, subject: models.Model, *, by: Any, acting_for: Any = None, **data: Any) -> Event:
    """Write one event in the current transaction, and a delivery for each reaction subscribed to it.

    `by` is the person who acted, or None for the clock. `data` must be JSON and carry no personal data.
    """
    assert transaction.get_connection().in_atomic_block
    event = Event(
        name=name, subject_type=subject._meta.label_lower, subject_id=subject.pk,
        by=by, acting_for=acting_for, at=now(), data=data,
    )  # fmt: skip
    event.digest = digest_of(event)
    _insert(event)
    owed = [Delivery(event=event, reaction=path) for path in _subscribers[name]]
    if owed:
        Delivery.objects.bulk_create(owed)
        if _wake is not None:
            transaction.on_commit(_wake)
    return event


def _insert(event: Event) -> None:
    """Write the row with one ready statement: the busiest write of the house is spared the query compiler.

    Field by field it is what `save` writes; nothing listens to an event being saved.
    """
    connection = transaction.get_connection()
    if not connection.features.can_return_columns_from_insert:  # a SQLite older than 3.35
        event.save(force_insert=True)
        return
    fields = [field for field in Event._meta.concrete_fields if not field.primary_key]
    quoted = connection.ops.quote_name
    sql = (
        f"INSERT INTO {quoted(Event._meta.db_table)} ({', '.join(quoted(field.column) for field in fields)})"
        f" VALUES ({', '.join(['%s'] * len(fields))}) RETURNING {quoted('id')}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [field.get_db_prep_save(getattr(event, field.attname), connection) for field in fields])
        [event.pk] = cursor.fetchone()
    event._state.adding, event._state.db = False, connection.alias


def digest_of(event: Event) -> str:
    """SHA-256 over everything the event says. Recomputed by the audit."""
    said = [
        event.name, event.subject_type, event.subject_id, event.by_id, event.acting_for_id,
        int(event.at.timestamp() * 1_000_000), event.data,
    ]  # fmt: skip
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def on(*names: str) -> Callable[[Callable[[Event], None]], Callable[[Event], None]]:
    """Subscribe a reaction. It runs after commit, at least once: make it idempotent."""

    def subscribe(reaction: Callable[[Event], None]) -> Callable[[Event], None]:
        path = f"{reaction.__module__}.{reaction.__name__}"
        _reactions[path] = reaction
        for name in names:
            if path not in _subscribers[name]:
                _subscribers[name].append(path)
        return reaction

    return subscribe


def every(**interval: float) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Run a sweep at this interval, e.g. `@every(minutes=5)`. One worker runs it at a time."""

    def schedule(job: Callable[[], None]) -> Callable[[], None]:
        _jobs[f"{job.__module__}.{job.__name__}"] = (job, timedelta(**interval))
        return job

    return schedule


def deliver(limit: int = 200) -> int:
    """Run what is owed and due, oldest first. Returns how many ran to the end.

    A reaction runs outside any transaction, because it may call a gateway. A failure waits longer each
    time; after ATTEMPTS_MAX it is marked failed and shows on the health page until a person retries it.
    """
    moment = now()
    owed = Delivery.objects.filter(done_at=None, failed_at=None)
    due = owed.filter(models.Q(not_before=None) | models.Q(not_before__lte=moment)).filter(
        models.Q(lease_until=None) | models.Q(lease_until__lte=moment)
    )
    done = 0
    for delivery in due.select_related("event").order_by("pk")[:limit]:
        claimed = owed.filter(pk=delivery.pk, attempts=delivery.attempts)
        if claimed.update(attempts=delivery.attempts + 1, lease_until=moment + LEASE) != 1:
            continue  # another worker took it
        done += _run(delivery)
    return done


def _run(delivery: Delivery) -> int:
    mine = Delivery.objects.filter(pk=delivery.pk)
    try:
        _reactions[delivery.reaction](delivery.event)
    except Exception as error:
        logger.exception("reaction %s failed on event %s", delivery.reaction, delivery.event_id)
        tries = delivery.attempts + 1
        mine.update(
            lease_until=None, not_before=now() + _back_off(tries), error=repr(error)[:500],
            failed_at=now() if tries >= ATTEMPTS_MAX else None,
        )  # fmt: skip
        return 0
    mine.update(done_at=now(), lease_until=None, error="")
    return 1


def _back_off(tries: int) -> timedelta:
    return timedelta(seconds=min(2**tries, 3600))


def run_due_jobs(moment: datetime | None = None, *, without: Collection[str] = ()) -> list[str]:
    """Run each periodic job whose time has come; the row in Turn is claimed by compare-and-set.

    `without` names jobs to leave for the real worker: a city that lives through its past prints no paper.
    """
    moment = moment or now()
    turns = {turn.job: turn for turn in Turn.objects.all()}
    ran = []
    for name, (job, interval) in sorted(_jobs.items()):
        if name in without:
            continue
        turn = turns.get(name) or Turn.objects.get_or_create(job=name, defaults={"due_at": moment})[0]
        if turn.due_at > moment:
            continue
        mine = Turn.objects.filter(job=name, due_at=turn.due_at)
        if mine.update(due_at=moment + interval, ran_at=moment) != 1:
            continue  # another worker runs it
        ran.append(name)
        try:
            job()
        except Exception as error:
            logger.exception("periodic job %s failed", name)
            Turn.objects.filter(job=name).update(error=repr(error)[:500])
        else:
            if turn.error:
                Turn.objects.filter(job=name).update(error="")
    return ran


def retry(delivery_id: int) -> bool:
    """A person looked at a stuck delivery and wants it tried again. False: there is none that waits."""
    waiting = Delivery.objects.filter(pk=delivery_id, done_at=None)
    return waiting.update(failed_at=None, attempts=0, not_before=None, lease_until=None) > 0


def seal_chain(limit: int = 2000) -> int:
    """Give every committed, unsealed event its place in the hash chain. Returns how many were sealed.

    By an explicit list of ids, never "greater than the last": PostgreSQL commits out of id order.
    One sealer wins; another at the same moment fails on the primary key of Link, leaves nothing and returns 0.
    """
    try:
        return _seal(limit)
    except IntegrityError:
        return 0


def _seal(limit: int) -> int:
    with transaction.atomic():
        unsealed = list(Event.objects.filter(link=None).order_by("pk")[:limit])
        last = Link.objects.order_by("-sequence").first()
        sequence, chained = (last.sequence, last.chained) if last else (0, "0" * 64)
        links = []
        for event in unsealed:
            sequence += 1
            chained = chain_hash(chained, event.digest, sequence)
            links.append(Link(sequence=sequence, event=event, chained=chained))
        Link.objects.bulk_create(links)
    return len(links)


def chain_hash(before: str, digest: str, sequence: int) -> str:
    """The link of one event: SHA-256 of the link before it, its own digest and its place."""
    return hashlib.sha256(f"{before}:{digest}:{sequence}".encode()).hexdigest()


def subscriptions() -> dict[str, list[str]]:
    """Event name → reactions, for the test that reactions live on the right floor."""
    return {name: list(paths) for name, paths in _subscribers.items() if paths}


def wake_with(wake: Callable[[], None] | None) -> Callable[[], None] | None:
    """Tell `record` how to wake the worker; None for processes that deliver by themselves. Returns how it was done."""
    global _wake
    before, _wake = _wake, wake
    return before
