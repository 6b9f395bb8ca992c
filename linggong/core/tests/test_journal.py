"""The journal: written with the change, delivered at least once, retried, visible when stuck, never changed."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from linggong.core import clock, journal, queries
from linggong.core.models import Answered, Event, Link
from linggong.core.once import KeyReused, once

pytestmark = pytest.mark.django_db


@pytest.fixture
def subject():
    return Answered(pk=7)


@pytest.fixture
def heard(monkeypatch):
    """A reaction that fails as often as told, and says what it heard."""
    monkeypatch.setattr(journal, "_subscribers", journal.defaultdict(list))
    monkeypatch.setattr(journal, "_reactions", {})
    said = {"heard": [], "fail": 0}

    def reaction(event):
        if said["fail"]:
            said["fail"] -= 1
            raise RuntimeError("not now")
        said["heard"].append(event.name)

    journal.on("thing.done")(reaction)
    return said


def test_an_event_is_undone_with_the_change_it_tells(subject):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        journal.record("thing.done", subject, by=None)
        raise ZeroDivisionError

    assert not Event.objects.filter(name="thing.done").exists()


def test_a_reaction_runs_once_when_it_succeeds(subject, heard):
    journal.record("thing.done", subject, by=None)

    assert journal.deliver() == 1
    assert journal.deliver() == 0
    assert heard["heard"] == ["thing.done"]


def test_a_failing_reaction_waits_and_is_tried_again(subject, heard):
    heard["fail"] = 1
    journal.record("thing.done", subject, by=None)

    assert journal.deliver() == 0
    assert journal.deliver() == 0, "it waits its turn"
    with clock.moved_to(clock.now() + timedelta(minutes=5)):
        assert journal.deliver() == 1
    assert heard["heard"] == ["thing.done"]


def test_what_keeps_failing_is_shown_until_a_person_retries_it(subject, heard):
    heard["fail"] = journal.ATTEMPTS_MAX
    journal.record("thing.done", subject, by=None)
    for hour in range(1, journal.ATTEMPTS_MAX + 1):
        with clock.moved_to(clock.now() + timedelta(hours=hour)):
            journal.deliver()

    [stuck] = queries.stuck()
    assert "not now" in stuck.error
    journal.retry(stuck.pk)
    assert journal.deliver() == 1
    assert not queries.stuck().exists()


def test_an_event_can_neither_be_changed_nor_erased(subject):
    event = journal.record("thing.done", subject, by=None)

    for sql in ("UPDATE core_event SET name = 'x' WHERE id = %s", "DELETE FROM core_event WHERE id = %s"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [event.pk])
    assert Event.objects.get(pk=event.pk).name == "thing.done"


def test_the_chain_covers_every_event_in_order(subject):
    before = journal.seal_chain()  # what loading the published data wrote
    for number in range(5):
        journal.record("thing.done", subject, by=None, number=number)

    assert journal.seal_chain(limit=3) == 3
    assert journal.seal_chain() == 2
    assert list(Link.objects.order_by("sequence").values_list("sequence", flat=True)) == list(range(1, before + 6))
    assert list(queries.broken_chain()) == []


def test_a_changed_event_is_found(subject, monkeypatch):
    event = journal.record("thing.done", subject, by=None, fen=100)
    journal.seal_chain()
    event.refresh_from_db()
    assert journal.digest_of(event) == event.digest
    assert list(queries.broken_chain()) == []
    monkeypatch.setattr(journal, "digest_of", lambda event: "0" * 64)
    monkeypatch.setattr(queries, "digest_of", lambda event: "0" * 64)

    assert any("was changed" in words for words in queries.broken_chain())


def test_the_same_key_gets_the_first_answer():
    ran = []

    def do():
        ran.append(1)
        return {"answer": 42}

    assert once("k", {"a": 1}, do) == {"answer": 42}
    assert once("k", {"a": 1}, do) == {"answer": 42}
    assert ran == [1]


def test_the_same_key_with_other_terms_is_refused():
    once("k", {"a": 1}, dict)

    with pytest.raises(KeyReused):
        once("k", {"a": 2}, dict)


def test_a_failed_attempt_leaves_the_key_free():
    def fail():
        raise RuntimeError

    with pytest.raises(RuntimeError):
        once("k", {}, fail)

    assert once("k", {}, lambda: {"ok": True}) == {"ok": True}


def test_a_periodic_job_runs_once_per_interval(monkeypatch):
    ran = []
    monkeypatch.setattr(journal, "_jobs", {})

    @journal.every(minutes=5)
    def job():
        ran.append(1)

    moment = journal.now()
    journal.run_due_jobs(moment)
    journal.run_due_jobs(moment)
    journal.run_due_jobs(moment + journal.timedelta(minutes=6))

    assert len(ran) == 2
