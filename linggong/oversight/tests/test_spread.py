"""U12: the rules in force and the measured result stand on 怎么排的, with the method."""

from datetime import timedelta

import pytest
from django.test import Client

import linggong.venues.actions as venues
from linggong import make
from linggong.core import clock
from linggong.core.clock import now
from linggong.oversight import background, spread
from linggong.oversight.models import Spread

pytestmark = pytest.mark.django_db


def test_the_measure_is_nought_for_equal_shares_and_near_a_hundred_for_one_who_has_all():
    assert spread.uneven([3, 3, 3, 3]) == 0
    assert spread.uneven([0] * 99 + [7]) == 99
    assert spread.uneven([0, 0, 0, 4]) == 75
    assert spread.uneven([1, 3]) == spread.uneven([3, 1]) == 25
    assert spread.uneven([0, 0]) == spread.uneven([]) == 0


def test_the_night_measures_a_county_and_keeps_no_person(monday_morning):
    with clock.moved_to(now() - timedelta(days=3)):
        make.engagement(upto="work_done")
    for _ in range(9):
        make.worker()

    background.measure_the_spread()
    background.measure_the_spread()

    (row,) = Spread.objects.all()
    assert (row.division_code, row.people, row.without) == (make.county().code, 10, 9)
    assert row.uneven_percent == spread.uneven([0] * 9 + [1]) == 90


def test_fewer_than_ten_people_are_no_figure():
    make.worker()

    assert spread.measure() == 0
    assert not Spread.objects.exists()


def test_u12_the_page_says_how_each_station_sends_and_how_evenly_it_came_out(
    monday_morning, django_assert_max_num_queries
):
    market = make.venue()
    page = Client().get("/how-sorted/").content.decode()
    assert "没开轮流派" in page and "分得匀不匀" not in page
    for _ in range(10):
        make.worker()
    spread.measure()
    venues.change_venue(market, by_turn=True, by_draw=True, by=None)
    reader = Client()
    reader.post("/place/choose/", {"code": make.county().code})

    with django_assert_max_num_queries(8):
        page = reader.get("/how-sorted/").content.decode()

    assert market.name in page and "轮流派：没活天数多的先派" in page and f"/stations/{market.code}/draw/" in page
    assert "100 人里 100 个" in page and "本县 10 人" in page
