"""A round on three real worker processes gives what one process gives; one of them killed leaves nothing by halves.

The workers are `manage.py work` on one PostgreSQL. Row locks of the test stop them at the very place it is about.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

import linggong.engagements.actions as deals
import linggong.matching.actions as matching
from linggong import make
from linggong.core import clock, worker
from linggong.core.models import Delivery
from linggong.engagements import invited
from linggong.engagements.models import Filling, Invitation
from linggong.matching import queries, solving
from linggong.matching.models import Decision, Proposal, Round, RoundPart
from linggong.matching.score import default_weights
from linggong.postings.models import Posting
from linggong.reference import queries as reference

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "postgresql" not in settings.DATABASES["default"]["ENGINE"],
        reason="several workers on several machines share PostgreSQL; on SQLite there is one machine and one writer",
    ),
]
TOP = Path(__file__).resolve().parents[1]
CITIES = ("350100", "350200", "350300", "350400", "350500")
TOLD = timedelta(seconds=90)


@pytest.fixture(autouse=True)
def _land(monday_morning):
    """Five counties nobody crosses for work, each with more people than places on three days."""
    make.approved_rules()
    make.approved_products()
    for city in CITIES:
        place = next(c for c in reference.children(city) if c.lat)
        boss = make.employer(division=place)
        for n in range(7):
            make.worker(division=place, lat=place.lat + 0.004 * n, lng=place.lng, reach_m=12_000)
        for n in range(3):
            start = clock.at(clock.local(clock.now()).date() + timedelta(days=2 + n % 2), 8)
            make.posting(
                employer_=boss,
                division=place,
                lat=place.lat + 0.002 * n,
                lng=place.lng,
                starts_at=start,
                places=1 + n % 2,
            )
    make.settle_down()


@pytest.fixture
def workers() -> Iterator[Callable[[], subprocess.Popen]]:
    """Start worker processes as a county does, on the database of this test; all are gone afterwards."""
    at = connection.settings_dict
    env = os.environ | {
        "DATABASE_URL": f"postgres://{at['USER']}@{at['HOST']}:{at['PORT']}/{at['NAME']}", "LINGGONG_ENGINE": "1",
        "LINGGONG_DATA": str(settings.DATA_DIR), "LINGGONG_CLOCK_OFFSET": str(clock._offset.total_seconds()),
    }  # fmt: skip
    running: list[subprocess.Popen] = []

    def start() -> subprocess.Popen:
        running.append(subprocess.Popen([sys.executable, "manage.py", "work"], cwd=TOP, env=env))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()


@contextmanager
def held(table: str) -> Iterator[None]:
    """Every row of a table locked by somebody else for a while."""
    at = connection.settings_dict
    with psycopg.connect(host=at["HOST"], port=at["PORT"], user=at["USER"], dbname=at["NAME"]) as other:
        other.execute(f"SELECT 1 FROM {table} FOR UPDATE")
        yield


def until(true: Callable[[], bool]) -> None:
    """Wait for the other processes, no longer than anybody would."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < TOLD.total_seconds(), "the workers did not come so far"
        time.sleep(0.05)


def taken() -> int:
    return Delivery.objects.filter(event__name="roundpart.waiting", done_at=None, lease_until__isnull=False).count()


def stopped() -> int:
    """How many sessions wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0]


def alone(round_: Round) -> set[tuple]:
    """The same clusters, one after the other in this process."""
    found = set()
    for part in RoundPart.objects.filter(round=round_):
        salt = solving.salt_of(round_.seed, part.number)
        inputs = solving.read(
            part.counties, round_.at, default_weights(), salt=salt, passed_over=invited.passed_over
        )  # fmt: skip
        assert part.inputs_digest == inputs.digest
        found |= set(solving.solve(inputs).rows)
    return found


def proposed(**of) -> set[tuple]:
    return set(Proposal.objects.filter(**of).values_list("posting_id", "worker_id", "points", "day"))


def test_three_worker_processes_give_the_same_places_as_one(workers):
    round_ = matching.begin_round(seed=11)
    assert round_.parts == len(CITIES)

    with held("matching_roundpart"):
        for _ in range(3):
            workers()
        until(lambda: taken() == 3)
    until(lambda: Round.objects.get().state == "done")

    parts = RoundPart.objects.all()
    assert len({part.process for part in parts}) == 3, "each of the three solved some"
    assert {part.claims for part in parts} == {1}
    assert len(proposed()) == sum(part.given for part in parts) > 3 * len(CITIES)
    assert proposed() == alone(round_)


def test_a_worker_killed_in_the_middle_leaves_no_half_invitations_and_the_round_still_ends_right(workers):
    round_ = matching.begin_round(seed=12)
    with held("matching_round"):  # where a part is written already, and not yet counted
        three = [workers() for _ in range(3)]
        until(lambda: stopped() == 3)
        dead = three[1]
        os.kill(dead.pid, signal.SIGKILL)
        dead.wait()
    until(lambda: Round.objects.get().solved == len(CITIES) - 1)

    [half] = RoundPart.objects.filter(state="waiting")
    assert half.process.endswith(f":{dead.pid}") and half.claims == 1
    assert proposed(part=half) == set() and half.inputs is None
    theirs = Posting.objects.filter(solving.inside(half.counties))
    assert all(queries.proposed(posting, clock.now()) is None for posting in theirs), "no wave goes by half a part"
    assert not Invitation.objects.exists() and Round.objects.get().state == "running"

    time_passes()
    until(lambda: Round.objects.get().state == "done")

    assert RoundPart.objects.get(pk=half.pk).claims == 2
    assert proposed() == alone(round_)
    waves_go_by_it()


def time_passes() -> None:
    """The two minutes of the dead one are over; the others are woken."""
    past = clock.now() - timedelta(seconds=1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE matching_roundpart SET lease_until = %s WHERE state = 'waiting'", [past])
        cursor.execute("UPDATE core_delivery SET lease_until = %s WHERE done_at IS NULL", [past])
    worker.wake()


def waves_go_by_it() -> None:
    """Each posting asks whom the round gave it, once, however often it is told to."""
    for posting in Posting.objects.all():
        filling = deals.fill(posting, why="asked", by=None)
        here = {key for key, _points in queries.proposed(posting, clock.now()).here}
        stale = Filling.objects.select_related("posting__trade", "posting__employer").get(pk=filling.pk)
        sent = {one.worker_id for one in deals.send_wave(filling)}
        assert here <= sent and deals.send_wave(stale) == []
        assert Invitation.objects.filter(posting=posting).count() == len(sent)
    assert Decision.objects.filter(purpose="round").count() == Posting.objects.count()
    assert all(queries.replayed(decision) == [] for decision in Decision.objects.select_related("part"))


def test_without_the_counted_claim_every_worker_believes_the_part_is_its_own():
    """The control: three who read that a part is free and then begin, as they would without compare-and-set."""
    matching.begin_round(seed=13)
    part = RoundPart.objects.first()
    read = [RoundPart.objects.get(pk=part.pk) for _ in range(3)]

    careless = [row for row in read if row.state == "waiting" and row.lease_until is None]
    guarded = [row for row in read if matching.claim_part(row) is not None]

    assert (len(careless), len(guarded)) == (3, 1)
