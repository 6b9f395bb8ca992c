"""The list out of memory is the list out of the database, to the letter, through every kind of change."""

import itertools
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

import linggong.accounts.actions as accounts
import linggong.employers.actions as employers
import linggong.postings.actions as postings
import linggong.reference.queries as reference
import linggong.venues.actions as venues
from linggong import make
from linggong.core.clock import at, local, moved_to, now
from linggong.engagements import queries as lived
from linggong.matching.live import index, running
from linggong.matching.live.index import Live
from linggong.matching.tests.live_world import LAT, LNG, World
from linggong.postings.actions.drafting import facts_of
from linggong.web.place import HERE_COOKIE, stand_here
from linggong.web.public import shelf, shell

pytestmark = pytest.mark.django_db

PLACES = ("350403", "350400", (26.27, 117.63), (26.31, 117.58))
SEARCHES = (
    {}, {"order": "soon"}, {"order": "pay"}, {"order": "near", "within": "60"}, {"within": "3"}, {"within": "1h"},
    {"day": "today"}, {"day": "tomorrow"}, {"group": "food"}, {"group": "clean", "order": "pay"}, {"seated": "1"},
    {"pay": "180"}, {"half": "1"}, {"meals": "1", "order": "soon"}, {"part": "dawn"}, {"unit": "HOUR"},
    {"funded": "1"}, {"suits": "OLDER"}, {"lodging": "1"}, {"transport": "1"}, {"start": "3"}, {"q": "附近的活"},
    {"within": "30", "day": "tomorrow", "pay": "150"}, {"trade": "kitchen-helper"}, {"fs": "1.5"}, {"mode": "elder"},
)  # fmt: skip


@pytest.fixture
def live(monkeypatch):
    """An index in the hands of the test, and nothing kept from the test before."""
    mine = Live()
    monkeypatch.setattr(running, "here", lambda: mine)
    monkeypatch.setattr(index, "STALE_S", 600.0)
    shelf.forget()
    shell.forget()
    with override_settings(ENGINE=True, ENGINE_THREAD=False):
        yield mine


def visitor(place) -> Client:
    client = Client()
    if isinstance(place, str):
        session = client.session
        session["place"] = place
        session.save()
    else:
        answer = HttpResponse()
        stand_here(answer, *place)
        client.cookies[HERE_COOKIE] = answer.cookies[HERE_COOKIE].value
    return client


def body(client, said, **headers) -> str:
    answer = client.get("/", said, headers=headers)
    assert answer.status_code == 200
    text = re.sub(r'(name="csrfmiddlewaretoken" value=")\w+', r"\1", answer.text)
    return re.sub(r"\s*\n\s*", "\n", text)


def same(said=None, places=PLACES, every=1) -> int:
    """Compare both ways, place by place and search by search; returns how many pages came without a question about
    postings. `every`: only each so-manieth of all pairs, for a quick run.
    """
    ours = 0
    for place, search in list(itertools.product(places, SEARCHES if said is None else [said]))[::every]:
        client = visitor(place)
        for target in ("", "jobs", "more"):
            headers = {"HX-Request": "true", "HX-Target": target} if target else {}
            quick = body(client, search, **headers)
            with CaptureQueriesContext(connection) as captured:
                assert body(client, search, **headers) == quick
            ours += not any("postings_posting" in query["sql"] for query in captured)
            with override_settings(ENGINE=False):
                assert body(client, search, **headers) == quick, (place, search, target)
    return ours


@pytest.mark.row("GX-09")
@pytest.mark.parametrize("seed", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_both_ways_give_the_same_page_through_every_kind_of_change(live, monday_morning, seed):
    world, every = World(seed, people=6), 5 if seed == 2 else 1
    live.step()

    assert same(every=every) > 150 // every
    for _turn in range(2):
        for _ in range(20):
            world.change()
        live.catch_up()
        for search in SEARCHES[:: 3 + seed]:
            same(search, every=min(every, 2))
        assert live.check().drift == 0


def renamed(posting):
    employers.change_details(posting.employer, name="改了名的店", by=lived.owner_of(posting.employer))


def verified(posting):
    employers.submit(posting.employer, by=lived.owner_of(posting.employer))
    employers.verify(posting.employer, by=make.reviewer())


def changed(posting):
    facts = facts_of(posting)
    postings.change(posting, facts | {"title": "洗碗工", "pay_fen": 21_000}, by=lived.owner_of(posting.employer))
    make.settle_down()
    posting.refresh_from_db()
    if posting.state == "reviewing":
        postings.approve(posting, by=make.reviewer())


def one_taken(posting):
    postings.take_place(posting.shifts.first())


def filled(posting):
    for shift in posting.shifts.all():
        for _ in range(shift.places - shift.taken):
            postings.take_place(shift)


def taken_down(posting):
    postings.take_down(posting, because="电话打不通", by=make.reviewer())


def funded(posting):
    postings.mark_funded(posting)


@pytest.mark.parametrize(
    "happens", [renamed, verified, changed, one_taken, filled, taken_down, funded], ids=lambda f: f.__name__
)
def test_a_card_is_new_after_what_it_shows_has_changed(live, monday_morning, happens):
    make.approved_rules()
    boss = make.employer(state="prelim_checked")
    plain = next(trade.code for trade in reference.trades() if trade.group == "clean")
    posting = make.posting(employer_=boss, trade=plain, lat=LAT, lng=LNG, custody="supervised", meals="NONE")
    for number in range(3):
        make.posting(lat=LAT, lng=LNG + 0.01 * number, title=f"别的活{number}")
    live.step()
    here = visitor(PLACES[2])
    before = body(here, {})
    assert f'id="job-{posting.code}"' in before

    happens(posting)
    live.catch_up()

    assert body(here, {}) != before
    assert same({}) == len(PLACES) * 3
    same({"order": "soon"})


def test_new_work_is_in_the_list_after_one_look(live, monday_morning):
    make.posting(lat=LAT, lng=LNG)
    live.step()
    here = visitor(PLACES[2])
    body(here, {})

    new = make.posting(lat=LAT, lng=LNG, title="刚发的活")
    assert new.code not in body(here, {})
    live.catch_up()

    assert new.code in body(here, {})
    same({})


def test_what_begins_leaves_the_list_and_its_next_day_is_told_anew(live, monday_morning):
    start = at(local(now()).date(), 14)
    make.posting(lat=LAT, lng=LNG, starts_at=start, title="一天的活")
    make.posting(lat=LAT, lng=LNG, starts_at=start, days=3, title="三天的活")
    make.posting(lat=LAT, lng=LNG, starts_at=start + timedelta(days=1), title="别的活")
    live.step()
    same({})

    with moved_to(start):
        same({})  # not heard of yet: the database is asked
        live.catch_up()
        assert same({}) == len(PLACES) * 3
        assert "一天的活" not in body(visitor(PLACES[2]), {})


def test_neighbours_see_it_first_and_then_everybody(live, monday_morning):
    venue = make.venue()
    venues.change_venue(venue, circle_minutes=30, by=None)
    job = make.posting(lat=LAT, lng=LNG, circle_m=1_000)
    make.posting(lat=LAT, lng=LNG, title="别的活")
    live.step()
    inside, outside = visitor((LAT, LNG)), visitor((LAT + 0.03, LNG))

    assert job.code in body(inside, {}) and job.code not in body(outside, {})
    same({}, places=(*PLACES, (LAT + 0.03, LNG)))
    with moved_to(now() + timedelta(minutes=31)):
        live.catch_up()
        assert job.code in body(outside, {})
        same({}, places=(*PLACES, (LAT + 0.03, LNG)))


def test_at_midnight_tomorrow_becomes_today(live, monday_morning):
    make.posting(lat=LAT, lng=LNG, starts_at=at(local(now()).date() + timedelta(days=1), 9))
    make.posting(lat=LAT, lng=LNG, starts_at=at(local(now()).date() + timedelta(days=1), 10), days=3)
    live.step()
    here = visitor(PLACES[2])
    midnight = at(local(now()).date(), 24)

    with moved_to(midnight - timedelta(seconds=5)):
        assert "明天 9:00" in body(here, {})
        same({"day": "tomorrow"})
    with moved_to(midnight + timedelta(seconds=1)):
        assert "今天 9:00" in body(here, {})
        assert same({}) == len(PLACES) * 3
        same({"day": "today"})


def test_a_change_while_a_card_is_drawn_is_not_lost(live, monday_morning):
    posting = make.posting(lat=LAT, lng=LNG)
    live.step()
    old = live.board.find(posting.pk)["stamp"]
    body(visitor(PLACES[2]), {})

    one_taken(posting)
    live.catch_up()

    assert live.board.find(posting.pk)["stamp"] > old
    assert "还要 1 人" in body(visitor(PLACES[2]), {})


def test_nothing_of_a_person_is_kept(live, monday_morning):
    make.approved_rules()
    posting = make.posting(lat=LAT, lng=LNG)
    worker = make.worker(state="verified", lat=LAT, lng=LNG)
    live.step()
    signed_in = Client()
    signed_in.force_login(worker.user)
    theirs = body(signed_in, {})
    assert worker.user.code in theirs and not shelf._kept and not shell._kept

    first, second = visitor((26.27, 117.63)), visitor((26.29, 117.65))
    tokens = [
        re.search(r'csrfmiddlewaretoken" value="(\w+)"', client.get("/?x=%3Cb%3E&fs=1").text)[1]
        for client in (first, second)
    ]  # fmt: skip
    assert len(set(tokens)) == 2
    kept = b"".join(card.before + card.after for card in shelf._kept.values())
    kept += b"".join(piece for pieces in shell._kept.values() for piece in pieces if isinstance(piece, bytes))
    assert posting.code.encode() in kept
    for word in (*tokens, worker.user.code, worker.user.name, "26.27", "117.63", "%3Cb", "公里，"):
        assert word.encode() not in kept, word


def test_the_form_of_a_kept_page_is_taken(live, monday_morning):
    make.posting(lat=LAT, lng=LNG)
    live.step()
    client = Client(enforce_csrf_checks=True)
    for _ in range(2):
        page = client.get("/?order=soon")
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.text)[1]

    answer = client.post("/mode/", {"csrfmiddlewaretoken": token, "mode": "elder", "next": "/"})

    assert answer.status_code == 302
    assert 'data-mode="elder"' in client.get("/?order=soon").text


def test_what_the_operator_says_of_itself_is_in_the_next_page(live, monday_morning):
    make.posting(lat=LAT, lng=LNG)
    live.step()
    assert "0598-7654321" not in body(Client(), {})

    accounts.set_setting("hotline", "0598-7654321", by=None)

    assert "0598-7654321" in body(Client(), {})
    same({})


def test_words_and_an_index_that_is_behind_are_for_the_database(live, monday_morning, monkeypatch):
    make.posting(lat=LAT, lng=LNG, title="食堂帮厨")
    live.step()
    assert same({}) == len(PLACES) * 3
    assert same({"q": "帮厨"}) == 0
    monkeypatch.setattr(index, "STALE_S", -1.0)
    assert same({}) == 0


def test_a_list_costs_no_question_about_postings(live, monday_morning):
    for number in range(12):
        make.posting(lat=LAT, lng=LNG + number * 0.001)
    live.step()
    here = visitor((26.27, 117.63))
    assert body(here, {}).count("<article") == 10

    with CaptureQueriesContext(connection) as captured:
        here.get("/")

    assert [query["sql"] for query in captured if "accounts_setting" not in query["sql"]] == []
