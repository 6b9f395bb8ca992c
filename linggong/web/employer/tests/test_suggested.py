"""Who would suit: an order with a person in it and two without, an honest empty list, and a record of the choice."""

import pytest
from django.test import override_settings

import linggong.matching.queries as matching
import linggong.workers.actions as workers
from linggong import make
from linggong.matching.live import index, running
from linggong.matching.models import Decision

pytestmark = pytest.mark.django_db


@pytest.mark.row("SX-13a")
def test_an_order_without_a_person_is_one_tap_away(desk, boss):
    posting = make.posting(employer_=boss)
    near, far = make.worker(name="罗桂花"), make.worker(name="陈水生", lat=posting.lat + 0.05, lng=posting.lng)
    for _ in range(10):
        workers.worked(far, make.kitchen(), by=None)
    address = f"/e/jobs/{posting.code}/people/"

    page = desk.get(address).content.decode()
    assert "?order=near" in page and "?order=seasoned" in page
    page = desk.get(f"{address}?order=seasoned").content.decode()
    assert page.index("请陈师傅来") < page.index("请罗师傅来")
    page = desk.get(f"{address}?order=near").content.decode()
    assert page.index("请罗师傅来") < page.index("请陈师傅来")
    assert near.code in page
    assert desk.get(f"{address}?order=age").content.decode().index("请罗师傅来") > 0


def test_nobody_is_explained_with_what_would_bring_somebody(desk, boss):
    posting = make.posting(employer_=boss)
    busy = make.worker()
    shift = posting.shifts.get()
    workers.book(busy, starts_at=shift.starts_at, ends_at=shift.ends_at, ref="engagement:X")

    page = desk.get(f"/e/jobs/{posting.code}/people/").content.decode()

    assert "附近会干的人这个时间都有活了" in page
    assert "换个时间，有 1 个人" in page and "?edit=when#row-when" in page


def test_the_list_somebody_was_chosen_from_is_kept_once(desk, boss):
    posting, worker = make.posting(employer_=boss), make.worker()
    make.worker(lat=posting.lat + 0.03, lng=posting.lng)
    for _turn in range(2):
        desk.post(f"/e/jobs/{posting.code}/people/{worker.code}/offer/", {"key": "o1", "order": "near"})

    decision = Decision.objects.get()

    assert (decision.purpose, decision.inputs["order"], len(decision.outcome)) == ("offer", "near", 2)
    assert matching.replayed(decision) == []


@pytest.mark.parametrize(
    ("behind", "said", "source"), [(1, False, "index"), (4, True, "index"), (6, False, "database")]
)
def test_a_list_from_an_index_that_a_slow_database_holds_up_says_how_old_it_is(
    desk, boss, monkeypatch, behind, said, source
):
    """Up to the promised two seconds nothing; later in words; past five the database answers, and the list is of now."""
    posting, worker = make.posting(employer_=boss), make.worker()
    live = index.Live()
    monkeypatch.setattr(running, "here", lambda: live)
    with override_settings(ENGINE=True, ENGINE_THREAD=False):
        live.step()
        monkeypatch.setattr(index.Live, "behind_s", lambda self: float(behind))
        found = matching.for_posting(posting, make.now())
        page = desk.get(f"/e/jobs/{posting.code}/people/").content.decode()

    assert worker.code in page and found.source == source
    assert (f"这是 {behind} 秒前找的" in page) is said
    assert found.behind_s == (behind if source == "index" else 0)
