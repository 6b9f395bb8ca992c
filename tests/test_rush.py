"""Two hundred tap 我要去 for twenty places: exactly twenty win, and whoever is late reads it with what else there is."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

import linggong.engagements.actions as deals
from linggong import make
from linggong.core.models import Answered
from linggong.engagements import queries
from linggong.engagements.models import Engagement
from linggong.postings.models import Posting, Shift
from tests.test_races import sound

PEOPLE, PLACES, AT_ONCE = 200, 20, 8
pytestmark = pytest.mark.django_db(transaction=True)
needs_threads = pytest.mark.skipif(
    "sqlite" in settings.DATABASES["default"]["ENGINE"] and not settings.DATABASES["default"].get("TEST"),
    reason="needs a database that several threads can open",
)


@pytest.fixture(autouse=True)
def _world(monday_morning):
    make.approved_rules()
    make.approved_products()


def tap(posting, worker, key="1"):
    """我要去 as a phone sends it."""
    client = Client(raise_request_exception=False)
    client.force_login(worker.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client.post(f"/jobs/{posting.code}/apply/go/", {"key": f"{worker.code}{key}".ljust(32, "k")})


@pytest.mark.race
@needs_threads
@pytest.mark.row("SX-05")
def test_of_two_hundred_who_tap_at_once_exactly_twenty_win_and_the_others_get_a_page_with_other_work():
    boss = make.employer()
    posting = make.posting(employer_=boss, places=PLACES)
    other = make.posting(employer_=boss, title="仓库打包", places=300)
    people = [make.worker() for _ in range(PEOPLE)]
    make.settle_down()

    def one(worker):
        try:
            answer = tap(posting, worker)
            return answer.status_code, answer.content.decode()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as crowd:
        said = list(crowd.map(one, people))

    assert Counter(status for status, _ in said) == {302: PLACES, 409: PEOPLE - PLACES}
    assert all("招满了" in page and f"/jobs/{other.code}/" in page for status, page in said if status == 409)
    assert Engagement.objects.filter(posting=posting, state="confirmed").count() == PLACES
    assert Shift.objects.get(posting=posting).taken == PLACES and Posting.objects.get(pk=posting.pk).state == "full"
    assert sound() == []


@pytest.mark.race
@needs_threads
def test_without_the_guarded_counter_more_than_twenty_believe_they_have_a_place():
    """The control: everybody reads that a place is left and then takes it, as without the guarded UPDATE."""
    posting = make.posting(places=PLACES)
    shift = Shift.objects.get(posting=posting)
    for worker in [make.worker() for _ in range(PLACES - 1)]:
        deals.grab(posting, worker, by=worker.user)
    seen, won = threading.Barrier(AT_ONCE), []

    def careless() -> None:
        try:
            free = Shift.objects.get(pk=shift.pk).taken < shift.places
            seen.wait()
            if free:
                won.append(1)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as crowd:
        for _ in range(AT_ONCE):
            crowd.submit(careless)

    assert PLACES - 1 + len(won) > PLACES


def test_the_page_of_whoever_is_late_writes_nothing_and_the_winner_may_tap_again():
    posting = make.posting(places=1)
    other = make.posting(title="仓库打包")
    first, late = make.worker(), make.worker()
    tap(posting, first)
    make.settle_down()
    kept = Answered.objects.count()

    with CaptureQueriesContext(connection) as asked:
        answer = tap(posting, late)
    again = tap(posting, first)

    writes = [q["sql"] for q in asked if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    ours = [sql for sql in writes if "django_session" not in sql and "accounts_user" not in sql]
    assert answer.status_code == 409 and ours == [] and Answered.objects.count() == kept
    assert f"/jobs/{other.code}/" in answer.content.decode()
    assert again.status_code == 302 and queries.live(posting, first).count() == 1
