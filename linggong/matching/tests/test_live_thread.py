"""The live index on its own feet: a thread beside the requests, changes of other connections, a thread that dies."""

import threading
import time

import pytest
from django.db import close_old_connections, connection, transaction
from django.test import override_settings

import linggong.workers.actions as workers
from linggong import make
from linggong.core.clock import now
from linggong.matching import queries
from linggong.matching.live import index, running, watching
from linggong.matching.live.index import Live

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def live(monkeypatch):
    """A running index; its thread is stopped and the triggers taken down at the end."""
    mine = Live()
    monkeypatch.setattr(running, "here", lambda: mine)
    monkeypatch.setattr(index, "AGAIN_S", 0.2)
    with override_settings(ENGINE=True, ENGINE_THREAD=True):
        mine.keep_running()
        until(mine.in_step)
        yield mine
        mine.stop()


@pytest.fixture
def world(transactional_db):
    posting = make.posting()
    return make.worker(lat=posting.lat, lng=posting.lng), posting


def until(true, seconds=60.0):
    """Wait for it; says how long it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds
        time.sleep(0.02)
    return time.monotonic() - began


def proposed(live, posting):
    return live.best_workers(posting, list(posting.shifts.all()), now(), 5)


def test_what_another_connection_changes_is_proposed_soon_and_answered_by_the_index(world, live):
    worker, posting = world
    assert proposed(live, posting) == [worker.pk]

    def elsewhere():
        workers.change_profile(worker, by=worker.user, taking_work=False)
        connection.close()

    other = threading.Thread(target=elsewhere)
    other.start()
    other.join()
    until(lambda: proposed(live, posting) == [], 20)

    assert queries.for_posting(posting, now()).source == "index"
    assert live.check().drift == 0


def test_a_thread_that_dies_is_replaced_and_nobody_gets_a_wrong_answer_meanwhile(world, live, monkeypatch):
    worker, posting = world

    class Killed(BaseException):
        pass

    def dies(*_args):
        raise Killed

    monkeypatch.setattr(live.workers, "put", dies)
    monkeypatch.setattr(threading, "excepthook", lambda _args: None)
    workers.change_profile(worker, by=worker.user, reach_m=20_000)
    until(lambda: not live._thread.is_alive())

    assert [c.worker.pk for c in queries.for_posting(posting, now())] == [worker.pk]
    until(lambda: running.ready(live.weights) is not None)
    assert proposed(live, posting) == [worker.pk]
    assert live.check().drift == 0


def test_a_change_that_commits_out_of_order_is_not_lost(world):
    """An older transaction commits after a younger one was read: its note is still found (decision 16)."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time: notes are in the order of their keys")
    worker, _posting = world
    late = make.worker()
    watching.install()
    place = watching.start()
    noted, go = threading.Event(), threading.Event()

    def slow():
        close_old_connections()
        with transaction.atomic():
            workers.change_profile(late, by=late.user, reach_m=7_000)
            noted.set()
            go.wait(30)
        connection.close()

    other = threading.Thread(target=slow)
    other.start()
    noted.wait(30)
    workers.change_profile(worker, by=worker.user, reach_m=8_000)

    first = watching.news(place)
    go.set()
    other.join()
    second = watching.news(place)

    assert first == {"w": {worker.pk}}
    assert second == {"w": {late.pk}}
    assert watching.news(place) == {}
