"""Lists and the map: what is out, near, under every filter, at a constant number of queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import linggong.postings.actions as postings
from linggong import make
from linggong.core import clock
from linggong.core.clock import at, local, now
from linggong.postings import queries
from linggong.postings.queries import Filters
from linggong.reference.geo import distance_m

pytestmark = pytest.mark.django_db

LAT, LNG = 26.27, 117.63
KM = 1 / 111.2  # of latitude


@pytest.fixture
def boss():
    return make.employer()


@pytest.fixture
def out(boss):
    """Release a posting: `out(title="…")`."""
    return lambda **changes: make.posting(employer_=boss, **{"lat": LAT, "lng": LNG, **changes})


def titles(rows):
    return [row.title for row in rows]


def seen(filters, moment=None):
    return titles(queries.near(LAT, LNG, 5000, moment or now(), filters))


@pytest.mark.row("FJ-19")
def test_near_is_a_true_circle_nearest_first_with_the_distance(out):
    for title, north, east in (("三", 3.0, 0), ("一", 0.5, 0.5), ("角", 4.9, 4.9), ("远", 9.0, 0), ("二", 0, -1.5)):
        out(title=title, lat=LAT + north * KM, lng=LNG + east * KM)

    rows = queries.near(LAT, LNG, 5000, now())

    assert titles(rows) == ["一", "二", "三"], "the corner of the square is outside the circle"
    assert [row.distance_m for row in rows] == [distance_m(LAT, LNG, row.lat, row.lng) for row in rows]
    assert queries.how_many(now(), around=(LAT, LNG, 5000)) == 3


def test_the_edge_of_a_grid_cell_hides_nothing(out):
    edge = round(LAT / 0.04) * 0.04
    out(title="南", lat=edge - 0.0001)
    out(title="北", lat=edge + 0.0001)

    assert sorted(titles(queries.near(edge, LNG, 300, now()))) == ["北", "南"]


def test_orders_that_know_nothing_of_a_person(out):
    day = local(now()).date()
    out(title="近", starts_at=at(day + timedelta(days=3), 8))
    out(title="早", starts_at=at(day + timedelta(days=1), 8), lat=LAT + 2 * KM)
    out(title="多", starts_at=at(day + timedelta(days=2), 8), lat=LAT + KM, pay_fen=30000)

    order = {name: titles(queries.near(LAT, LNG, 5000, now(), order=name)) for name in ("near", "soon", "pay")}

    assert order["near"] == ["近", "多", "早"] and order["soon"] == ["早", "多", "近"]
    assert order["pay"][0] == "多" and sorted(order["pay"]) == sorted(order["near"])
    assert titles(queries.found(now())) == order["soon"]


@pytest.mark.parametrize(
    ("changes", "filters"),
    [
        ({"pay_fen": 25000}, Filters(pay_low_fen=20000)), ({"meals": "ALL"}, Filters(meals=True)),
        ({"lodging": True}, Filters(lodging=True)), ({"transport": "厂车接"}, Filters(transport=True)),
        ({"suitable_for": ["OLDER", "HOMEBOUND"]}, Filters(suitable_for="OLDER")),
        ({"hours": 4}, Filters(half_day=True)),
        ({"trade": "G114"}, Filters(trades=("G114",))), ({"trade": "G114"}, Filters(group="clean")),
        ({"way_in": "apply"}, Filters(way_in="apply")),
    ],
)  # fmt: skip
def test_each_filter_keeps_what_it_names_and_nothing_else(out, changes, filters):
    out(title="别的", meals="NONE")
    out(title="要的", **{"meals": "NONE", **changes})

    assert seen(filters) == ["要的"]
    assert queries.how_many(now(), filters, around=(LAT, LNG, 5000)) == 1


def test_a_day_and_a_part_of_the_day(out):
    day = local(now()).date() + timedelta(days=2)
    out(title="白天", starts_at=at(day, 9), days=2)
    out(title="清早", starts_at=at(day, 5))
    out(title="别天", starts_at=at(day + timedelta(days=5), 9))

    assert sorted(seen(Filters(day=day))) == ["清早", "白天"]
    assert seen(Filters(day=day + timedelta(days=1))) == ["白天"]
    assert seen(Filters(day=day, dayparts=("dawn",))) == ["清早"]
    assert seen(Filters(day=day + timedelta(days=3))) == []


def test_a_day_whose_shift_is_full_does_not_show_for_that_day(out):
    day = local(now()).date() + timedelta(days=2)
    posting = out(starts_at=at(day, 9), days=2, places=1)
    postings.take_place(posting.shifts.order_by("starts_at").first())

    assert seen(Filters(day=day)) == [] and len(seen(Filters(day=day + timedelta(days=1)))) == 1


def test_a_division_takes_in_what_lies_below_it(out):
    posting = out()

    assert titles(queries.found(now(), Filters(division="350400"))) == [posting.title]
    assert titles(queries.found(now(), Filters(division="330000"))) == []


def test_groups_are_counted_under_the_other_filters(out):
    out(meals="ALL")
    out(meals="NONE")
    out(trade="G114", meals="ALL")

    assert queries.facets(now()) == {"food": 2, "clean": 1}
    assert queries.facets(now(), Filters(meals=True, group="food")) == {"food": 1, "clean": 1}


def test_the_room_left_is_that_of_the_shifts_to_come(out):
    posting = out(places=3, days=2)
    first, second = posting.shifts.order_by("starts_at")
    postings.take_place(second)

    (row,) = queries.near(LAT, LNG, 5000, now())
    assert (row.places_left, row.shifts_left, row.next_start) == (3, 2, first.starts_at)
    with clock.moved_to(first.starts_at):
        (row,) = queries.near(LAT, LNG, 5000, now())
        assert (row.places_left, row.shifts_left, row.next_start) == (2, 1, second.starts_at)
        assert queries.places_left(posting, now()) == 2


def test_what_was_made_for_a_service_order_is_in_no_list(out):
    posting = out(listed=False)

    assert posting.state == "published" and not queries.listed(now()).exists() and seen(Filters()) == []


@pytest.mark.parametrize("ask", ["near", "found"])
def test_a_page_costs_the_same_for_three_rows_as_for_thirty(out, ask):
    def cost():
        moment = now()
        with CaptureQueriesContext(connection) as asked:
            rows = queries.near(LAT, LNG, 5000, moment, limit=50) if ask == "near" else list(queries.found(moment)[:50])
            words = [(r.employer.name, r.trade.name, r.division.name, r.places_left) for r in rows]
        return len(asked), len(words)

    for n in range(3):
        out(title=f"活{n}")
    few = cost()
    for n in range(9):
        out(title=f"又{n}")
    many = cost()

    assert few[1] == 3 and many[1] == 12
    assert few[0] == many[0] <= 3


def test_words_for_days():
    moment = at(local(now()).date(), 23, 30)
    today = local(moment).date()

    assert queries.when_filter("today", moment) == today
    assert queries.when_filter("tomorrow", moment) == today + timedelta(days=1)
    assert queries.when_filter("2026-12-01", moment).isoformat() == "2026-12-01"
    assert queries.when_filter("' OR 1=1", moment) is None


def test_nobody_counts_further_than_anyone_reads(monday_morning, monkeypatch):
    monkeypatch.setattr(queries, "COUNT_MOST", 2)
    boss = make.employer()
    for _ in range(4):
        make.posting(employer_=boss)

    assert queries.how_many(now()) == 3
    assert queries.count_words(3) == "2 多"
    assert queries.count_words(2) == "2"
