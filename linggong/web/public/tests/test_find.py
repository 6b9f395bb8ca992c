"""Finding work: the list, the map, the place, the orders, an empty list that explains itself."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from linggong import make
from linggong.core.clock import now
from linggong.reference import queries as reference
from linggong.reference.models import Level
from linggong.web import briefly

pytestmark = pytest.mark.django_db


def codes_in(response) -> list[str]:
    return list(dict.fromkeys(re.findall(r'id="job-(\w+)"', response.content.decode())))


@pytest.mark.row("SX-09")
def test_anybody_sees_the_work_that_is_out_without_signing_in_or_paying(client, monday_morning):
    shown = make.posting(title="食堂帮厨", state="published")
    make.posting(title="还没审的活", state="draft")
    page = client.get("/")
    assert page.status_code == 200
    assert codes_in(page) == [shown.code]
    assert "180" in page.content.decode() and "找活不花钱" in page.content.decode()


@pytest.mark.row("GX-09")
def test_an_approved_posting_is_in_list_and_map_at_once(client, monday_morning):
    assert codes_in(client.get("/")) == []
    row = make.posting()
    assert codes_in(client.get("/")) == [row.code]
    page = client.get("/?view=map")
    assert codes_in(page) == [row.code] and f"on={row.code}#job-{row.code}" in page.content.decode()


def test_what_is_remembered_is_older_than_three_seconds_never(client, monday_morning, monkeypatch):
    monkeypatch.setattr(briefly, "SECONDS", 3.0)
    ticks = [100.0]
    monkeypatch.setattr(briefly.time, "monotonic", lambda: ticks[0])
    briefly.forget()
    assert codes_in(client.get("/")) == []
    row = make.posting()
    assert codes_in(client.get("/")) == []
    ticks[0] += 3.1
    assert codes_in(client.get("/")) == [row.code]
    briefly.forget()


@pytest.mark.row("FJ-08")
@pytest.mark.row("NB-03")
def test_reading_works_at_four_in_the_morning_with_no_desk_open(client, monday_morning):
    row = make.posting()
    from linggong.core.clock import moved_to

    with moved_to(monday_morning - timedelta(hours=2)):
        assert codes_in(client.get("/")) == [row.code]
        assert client.get(f"/jobs/{row.code}/").status_code == 200
        assert client.get(f"/jobs/{row.code}/apply/").status_code == 200


@pytest.mark.row("FJ-19")
def test_a_refused_position_leads_to_choosing_a_street_and_the_choice_is_remembered(client, monday_morning):
    row = make.posting()
    page = client.get("/place/?refused=1")
    assert "不要紧" in page.content.decode()
    county = make.county()
    page = client.get(f"/place/?in={county.code}")
    town = next(d for d in reference.children(county.code) if d.level == Level.TOWN)
    assert town.name in page.content.decode()
    answer = client.post("/place/choose/", {"code": town.code})
    assert answer.url == "/"
    page = client.get("/?within=60")
    assert town.short_name in page.content.decode()
    assert codes_in(page) == [row.code]


@pytest.mark.row("FJ-19")
def test_a_position_is_rounded_kept_on_the_device_alone_and_never_in_an_address(client, monday_morning):
    row = make.posting()
    answer = client.post("/place/here/", {"lat": str(row.lat + 0.00123), "lng": str(row.lng + 0.00456)})
    assert "lat" not in answer.url and "lng" not in answer.url
    kept = answer.cookies["here"].value
    lat = float(kept.split(":")[0].split(",")[0])
    assert round(row.lat + 0.00123, 5) != round(lat, 5) and abs(lat - row.lat) < 0.006
    assert not client.session.get("place")
    page = client.get("/").content.decode()
    assert "你在的地方" in page and f"{row.lat + 0.00123:.5f}" not in page


@pytest.mark.parametrize(
    "said", [{}, {"lat": "nan", "lng": "x"}, {"lat": "91", "lng": "10"}, {"lat": "1e999", "lng": "0"}]
)
def test_a_position_that_cannot_be_leads_to_the_list_of_places(client, said):
    assert client.post("/place/here/", said).url == "/place/?refused=1"


def test_a_forged_position_is_ignored(client, monday_morning):
    client.cookies["here"] = "1.0,2.0:forged:signature"
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("code", ["", "abc", "999999", "35040299999999", "'; drop", "３５０４"])
def test_a_place_that_is_none_changes_nothing(client, code):
    assert client.post("/place/choose/", {"code": code}).url == "/place/"
    assert client.get("/place/", {"in": code, "q": code}).status_code == 200


def test_next_never_leads_off_the_site(client):
    county = make.county()
    assert client.post("/place/choose/", {"code": county.code, "next": "https://evil.example/"}).url == "/"
    assert client.post("/place/choose/", {"code": county.code, "next": "//evil.example/"}).url == "/"
    assert client.post("/place/choose/", {"code": county.code, "next": "/stations/"}).url == "/stations/"


@pytest.mark.row("SX-13a")
def test_an_order_that_knows_nothing_of_the_person_is_always_selectable(client, monday_morning):
    worker = make.worker()
    cheap = make.posting(pay_fen=16000)
    dear = make.posting(pay_fen=26000)
    client.force_login(worker.user)
    page = client.get("/").content.decode()
    for order in ("near", "soon", "pay"):
        assert f"order={order}" in page
    assert "/how-sorted/" in page and "合适" in page
    assert codes_in(client.get("/?order=pay")) == [dear.code, cheap.code]
    assert codes_in(Client().get("/?order=pay")) == [dear.code, cheap.code]


@pytest.mark.row("SX-13a")
def test_each_job_that_fits_a_worker_says_why(client, monday_morning):
    worker = make.worker()
    make.posting()
    client.force_login(worker.user)
    page = client.get("/?order=fit").content.decode()
    assert "为什么合适" in page and "会干：" in page


@pytest.mark.row("FJ-17")
def test_an_empty_list_names_its_condition_and_offers_a_wider_search_that_exists(client, monday_morning):
    row = make.posting()
    page = client.get("/?group=farm")
    assert codes_in(page) == []
    text = page.content.decode()
    assert "农活" in text and "不限工种，有 1 个" in text
    wider = re.search(r'<a class="btn btn--primary[^"]*" href="([^"]+)">不限工种', text)[1].replace("&amp;", "&")
    assert codes_in(client.get(wider)) == [row.code]


@pytest.mark.row("FJ-17")
def test_an_empty_list_names_the_nearest_open_station(client, monday_morning):
    venue = make.venue()
    text = client.get("/").content.decode()
    assert f"/stations/{venue.code}/" in text and "开着门" in text


def test_words_for_days_and_meals_in_the_box_become_filters(client, monday_morning):
    row = make.posting(meals="ONE")
    make.posting(meals="NONE")
    page = client.get("/", {"q": "明天帮厨管饭"})
    assert codes_in(page) == [row.code]


@pytest.mark.parametrize("query", [
    {"q": "🐟" * 400}, {"q": "<script>alert(1)</script>"}, {"q": "\x00"}, {"day": "2026-99-99"}, {"start": "-5"},
    {"start": "99999999999999999999"}, {"within": "1000000"}, {"pay": "-3"}, {"pay": "9" * 30}, {"order": "drop table"},
    {"group": "☃"}, {"part": "noon"}, {"trade": "x" * 9000}, {"suits": "'"}, {"view": "map", "on": "'\"><b>"},
    {"pay": "²"}, {"start": "²"},
])  # fmt: skip
def test_nonsense_in_the_address_is_left_out_and_never_breaks_the_page(client, monday_morning, query):
    make.posting()
    page = client.get("/", query)
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()


def test_a_circle_of_fifteen_minutes_leaves_out_what_lies_farther(client, monday_morning):
    county = make.county()
    near = make.posting()
    make.posting(lat=county.lat + 0.05, lng=county.lng)
    client.post("/place/here/", {"lat": county.lat, "lng": county.lng})
    assert codes_in(client.get("/?within=15min")) == [near.code]
    assert len(codes_in(client.get("/?within=1h"))) == 2


def test_ten_at_a_time_and_htmx_gets_only_the_next_cards(client, monday_morning):
    boss = make.employer()
    for number in range(12):
        make.posting(employer_=boss, title=f"帮厨{number}")
    first = client.get("/")
    assert len(codes_in(first)) == 10 and "再看 2 个" in first.content.decode()
    rest = client.get("/?start=10", headers={"HX-Request": "true", "HX-Target": "more"})
    assert len(codes_in(rest)) == 2 and b"<html" not in rest.content
    assert not set(codes_in(first)) & set(codes_in(rest))
    part = client.get("/", headers={"HX-Request": "true", "HX-Target": "jobs"})
    assert len(codes_in(part)) == 10 and b"<html" not in part.content


def test_the_list_asks_at_most_eight_questions_whatever_its_length(
    client, monday_morning, django_assert_max_num_queries
):
    boss = make.employer()
    make.posting(employer_=boss)
    client.get("/")
    with django_assert_max_num_queries(8) as few:
        client.get("/")
    for _ in range(9):
        make.posting(employer_=boss)
    with django_assert_max_num_queries(8) as many:
        assert len(codes_in(client.get("/"))) == 10
    assert len(few) == len(many)


def test_a_signed_in_list_asks_as_many_questions_for_ten_rows_as_for_one(
    client, monday_morning, django_assert_max_num_queries
):
    boss = make.employer()
    make.posting(employer_=boss)
    client.force_login(make.worker().user)
    client.get("/")
    counts = {}
    for order, most in (("near", 12), ("fit", 26)):
        with django_assert_max_num_queries(most) as few:
            client.get(f"/?order={order}")
        counts[order] = len(few)
    for _ in range(9):
        make.posting(employer_=boss)
    for order, most in (("near", 12), ("fit", 26)):
        with django_assert_max_num_queries(most) as many:
            client.get(f"/?order={order}")
        assert len(many) == counts[order]


def test_the_next_shift_stands_above_the_list(client, monday_morning):
    deal = make.engagement()
    client.force_login(deal.worker.user)
    assert "8:00 到岗，食堂帮厨" in client.get("/").content.decode()


def test_all_trades_are_there_with_counts(client, monday_morning):
    make.posting()
    page = client.get("/trades/").content.decode()
    assert "1 个" in page and "有了叫我" in page


def test_held_wages_alone_are_called_safe(client, monday_morning):
    row = make.posting()
    assert "线下付" in client.get("/").content.decode()
    assert f'id="job-{row.code}"' in client.get("/").content.decode()
    assert "工钱已存好" not in re.sub(r"<details.*?</details>", "", client.get("/").content.decode(), flags=re.S)


def test_what_begins_is_gone_from_the_list_without_any_sweep(client, monday_morning):
    make.posting()
    from linggong.core.clock import moved_to

    with moved_to(now() + timedelta(days=2)):
        assert codes_in(client.get("/")) == []


@pytest.mark.row("SX-21")
def test_the_box_finds_words_of_the_text_and_of_the_trade_and_widens_when_neither(client, monday_morning):
    make.posting(title="三号库要人", content="把化肥袋码上托盘")

    said = client.get("/", {"q": "化肥"}).content.decode()
    none = client.get("/", {"q": "潜水艇"}).content.decode()

    assert "三号库要人" in said
    assert "三号库要人" not in none and "“潜水艇”，现在没有活" in none and "不限工种，有 1 个" in none
