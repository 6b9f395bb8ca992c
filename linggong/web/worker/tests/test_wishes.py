"""有了叫我, from the empty list to the message and away again by one tap."""

import pytest
from django.test import Client

import linggong.accounts.queries as people
from linggong import make
from linggong.matching.background import call_who_wished
from linggong.matching.models import Wish

pytestmark = pytest.mark.django_db


def test_an_empty_list_offers_to_call_and_the_call_comes_and_opens_the_posting(browser_of, morning):
    worker = make.worker()
    client = browser_of(worker)
    empty = client.get("/?group=food&meals=1")
    assert "有了叫我" in empty.text and ("group", "food") in empty.context["empty"]["kept"]

    kept = client.post("/me/wishes/keep/", dict(empty.context["empty"]["kept"]))
    posting = make.posting()
    call_who_wished()

    assert kept.url == "/me/wishes/?done=wished"
    notice = people.inbox(worker.user).get(kind="wish")
    opened = client.post(f"/messages/{notice.pk}/open/")
    assert opened.url == f"/jobs/{posting.code}/"


def test_the_wishes_stand_under_me_and_go_with_one_tap(browser_of, morning):
    worker = make.worker()
    client = browser_of(worker)
    client.post("/me/wishes/keep/", {"group": "food", "pay": "200"})
    row = Wish.objects.get()
    assert "在等 1 样" in client.get("/me/").text
    page = client.get("/me/wishes/").text
    assert "200 元以上" in page and "留到" in page

    client.post(f"/me/wishes/{row.code}/stop/")

    row.refresh_from_db()
    assert row.why_ended == "tapped" and "没有在等的活" in client.get("/me/wishes/").text


def test_another_s_wish_does_not_exist_and_a_sixth_is_refused_in_words(browser_of, stranger, morning):
    client = browser_of(make.worker())
    for pay in ("100", "110", "120", "130", "140"):
        client.post("/me/wishes/keep/", {"pay": pay})

    full = client.post("/me/wishes/keep/", {"pay": "150"})

    assert full.status_code == 409 and "去掉一样再加" in full.text
    assert stranger.post(f"/me/wishes/{Wish.objects.first().code}/stop/").status_code == 404


def test_a_one_off_position_is_not_kept(browser_of, morning):
    client = browser_of(make.worker())
    client.post("/place/here/", {"lat": "26.27", "lng": "117.63"})

    client.post("/me/wishes/keep/", {"group": "food"})

    row = Wish.objects.get()
    assert row.division is None and "26" not in str(row.filters)


def test_who_is_nobody_yet_is_led_to_say_who_they_are():
    page = Client().get("/?group=food").text

    assert "有了叫我" in page and "/sign-in/?next=" in page
