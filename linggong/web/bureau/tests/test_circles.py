"""15 分钟圈 and 1 小时圈: both promises by county and day, with their method, from what really happened."""

from datetime import timedelta

import pytest

import linggong.venues.actions as venues
from linggong import make
from linggong.core import clock
from linggong.core.clock import at, today
from linggong.oversight import circles
from linggong.reference import travel
from linggong.reference.models import Division, Level
from linggong.venues.models import Grid
from linggong.venues.queries import Reach

pytestmark = pytest.mark.django_db
DEGREE_M = 111_195  # of latitude
CITY = Reach(divisions=("350400",))


def grid(number, away_m):
    """A grid so many metres north of the county's market."""
    county = make.county()
    row = (f"W{number}", f"{number}号网格", county, county.lat + away_m / DEGREE_M, county.lng)
    venues.register_grids([row], by=None)


def of_county(day=None):
    return next(row for row in circles.coverage(day or today(), CITY) if row.code == make.county().code)


@pytest.mark.row("NB-12")
def test_the_share_of_grids_with_an_open_venue_in_walking_reach_is_shown_with_its_method(supervising, monday_morning):
    make.venue()
    reach = 15 * 4.5 / 60 * 1000 / 1.3  # 15 minutes at 4.5 km/h, roads 1.3 times the straight line
    for number, away in enumerate((0, 500, reach - 5, reach + 5, 3000)):
        grid(number, away)

    row = of_county()
    page = supervising.get("/bureau/circles/").content.decode()

    assert travel.QUARTER_M == int(reach) == 865
    assert (row.walked, row.places, row.walk_percent) == (3, 5, 60)
    assert "60%" in page and "3/5" in page
    assert "步行每小时 4.5 公里，路按直线的 1.3 倍算，15 分钟走得到的是直线 865 米以内" in page


@pytest.mark.row("NB-12")
def test_a_venue_shut_that_day_or_for_good_counts_for_nobody(monday_morning):
    venue = make.venue()
    grid(1, 100)
    venues.change_venue(venue, hours=[None, *[["06:00", "18:00"]] * 6], by=None)
    assert (of_county().walked, of_county().places) == (0, 1)

    with clock.moved_to(at(today() + timedelta(days=1), 9)):
        assert of_county().walked == 1
        venues.close_venue(venue, on=today(), by=None)
        assert of_county().walked == 0


def test_without_registered_grids_towns_stand_in_and_the_page_says_so(supervising, monday_morning):
    make.venue()
    row = of_county()

    assert row.basis == circles.TOWNS
    inside = Division.objects.filter(parent=make.county(), level=Level.TOWN, about=False, lat__isnull=False)
    assert row.places == inside.count() > 0
    assert "还没有登记网格，只能这样估" in supervising.get("/bureau/circles/").content.decode()


@pytest.mark.row("FJ-06")
def test_the_first_worker_within_the_hour_is_measured_in_service_hours_per_county_and_day(supervising, monday_morning):
    make.venue()  # open from 6:00 to 18:00
    boss = make.employer()

    def put_out(hour, minutes_until_hired):
        with clock.moved_to(at(today(), hour)):
            job = make.posting(employer_=boss)
        if minutes_until_hired is not None:
            with clock.moved_to(at(today(), hour) + timedelta(minutes=minutes_until_hired)):
                make.engagement(posting_=job)

    put_out(8, 20)
    put_out(9, 59)
    put_out(10, 61)
    put_out(11, None)
    put_out(19, 5)  # the doors were shut
    with clock.moved_to(at(today(), 17, 30)):
        make.posting(employer_=boss)
        day, row = today(), of_county()
        assert (row.within_hour, row.waited) == (2, 4), (
            "what went out minutes ago and waits is not held against anybody"
        )

    with clock.moved_to(at(day + timedelta(days=3), 9)):
        make.engagement(posting_=make.posting(employer_=boss))
        row = of_county(day)
        page = supervising.get(f"/bureau/circles/?day={day.isoformat()}").content.decode()
    assert (row.within_hour, row.waited, row.hour_percent, row.median_minutes) == (2, 5, 40, 59)
    assert "40%" in page and "2/5" in page and "59 分钟" in page


@pytest.mark.row("FJ-06")
def test_reachable_within_the_hour_counts_grids_with_work_open_that_day_in_the_circle(supervising, monday_morning):
    county = make.county()
    grid(1, 0)
    grid(2, travel.HOUR_M - 300)
    grid(3, travel.HOUR_M + 300)
    before = of_county()
    make.posting(lat=county.lat, lng=county.lng)

    row = of_county()

    assert (before.reached, row.reached, row.places, row.reach_percent) == (0, 2, 3, 67)
    assert travel.hour_words() in supervising.get("/bureau/circles/").content.decode()
    yesterday = of_county(today() - timedelta(days=1))
    assert yesterday.reached == 0, "nothing was out yesterday"


def test_work_that_began_before_the_day_is_not_reachable(monday_morning):
    county = make.county()
    grid(1, 0)
    make.posting(lat=county.lat, lng=county.lng, starts_at=at(today(), 9))

    assert of_county().reached == 1
    with clock.moved_to(at(today() + timedelta(days=1), 9)):
        assert of_county().reached == 0


def test_grids_are_registered_all_or_none_by_an_administrator(supervising, running, monday_morning):
    admin = running
    code = make.county().code
    good = f"A-1，列东一网格，{code}，26.27，117.63\nA-2\t列东二网格\t{code}\t26.28\t117.64"
    assert supervising.post("/bureau/circles/register/", {"grids": good}).status_code == 404
    bad = admin.post(
        "/bureau/circles/register/", {"grids": good + f"\nA-3,倒了,{code},117.6,26.2\nA-1,重了,{code},26,117"}
    )
    assert bad.status_code == 422 and not Grid.objects.exists()
    said = bad.content.decode()
    assert "第 3 行：坐标不在国内" in said and "第 4 行：编号和前面重复" in said

    assert admin.post("/bureau/circles/register/", {"grids": good}).status_code == 302
    assert sorted(Grid.objects.values_list("number", flat=True)) == ["A-1", "A-2"]
