"""SX-21: every filter narrows the list to what fits, each in the address, and the contact is a protected number."""

from datetime import timedelta

import pytest
from django.test import Client

from linggong import make
from linggong.core.clock import at, today
from linggong.reference import queries as reference

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return make.county()


@pytest.mark.row("SX-21")
@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ({"trade": "BY-CODE"}, {"trade": "BY-CODE"}),
        ({"within": "3"}, {"lat": 0.0}),
        ({"within": "15min"}, {"lat": 0.0}),
        ({"day": "tomorrow"}, {"starts_at": 1}),
        ({"part": "evening"}, {"starts_at": 19}),
        ({"pay": "250"}, {"pay_fen": 26000}),
        ({"unit": "HOUR"}, {"pay_unit": "HOUR", "pay_fen": 2500}),
        ({"meals": "1"}, {"meals": "ALL"}),
        ({"transport": "1"}, {"transport": "站门口发车"}),
        ({"suits": "OLDER"}, {"suitable_for": ["OLDER"]}),
    ],
)
def test_each_filter_leaves_what_fits_and_nothing_else(monday_morning, place, query, fits):
    other = next(t for t in reference.trades() if t.group == "clean" and t.code != make.kitchen().code)
    fits, query = dict(fits), dict(query)
    if "trade" in query:
        fits["trade"] = query["trade"] = other.code
    if "starts_at" in fits:
        hour = fits["starts_at"] if fits["starts_at"] > 1 else 9
        fits["starts_at"] = at(today() + timedelta(days=1 if fits["starts_at"] == 1 else 2), hour)
    plain = {"starts_at": at(today() + timedelta(days=3), 9), "meals": "NONE"}
    if "lat" in fits:
        plain["lat"] = place.lat + 0.06
        fits["lat"] = place.lat
    boss = make.employer()
    make.posting(title="合这一条的", employer_=boss, **plain | fits)
    make.posting(title="不合这一条的", employer_=boss, **plain)
    client = Client()
    client.post("/place/here/", {"lat": place.lat, "lng": place.lng})

    assert "不合这一条的" in client.get("/").content.decode()
    page = client.get("/", query).content.decode()
    assert "合这一条的" in page.replace("不合这一条的", "") and "不合这一条的" not in page


@pytest.mark.row("SX-21")
def test_every_filter_is_offered_on_one_sheet_in_words(monday_morning, client):
    page = client.get("/").content.decode()

    for said in ("哪种活", "多远", "哪一天", "什么时候", "一班最少给多少", "怎么算钱", "适合谁", "管饭", "接送"):
        assert f">{said}" in page, said
    for said in ("走路 15 分钟内", "1 小时内到得了", "按小时", "按件", "年纪大的也行"):
        assert said in page, said
