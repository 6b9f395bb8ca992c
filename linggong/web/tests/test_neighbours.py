"""邻里直聘: neighbours see it first for as long as the venue set, then everybody; off unless a venue switched it on."""

from datetime import timedelta

import pytest
from django.test import Client

import linggong.engagements.actions as deals
import linggong.postings.queries as postings
import linggong.venues.actions as venues
from linggong import make
from linggong.core import clock
from linggong.core.clock import now
from linggong.core.refusals import Refused
from linggong.engagements.queries import owner_of
from linggong.postings.filters import Filters
from linggong.reference.models import Division, Level

pytestmark = pytest.mark.django_db
KM = 1 / 111.2  # of latitude
MINUTES = 30


@pytest.fixture
def market():
    """The county's market, where neighbours see first for half an hour."""
    venue = make.venue()
    venues.change_venue(venue, circle_minutes=MINUTES, by=None)
    return venue


def standing_at(lat, lng):
    client = Client()
    client.post("/place/here/", {"lat": lat, "lng": lng})
    return client


def seen_from(job, km):
    rows = postings.near(job.lat + km * KM, job.lng, 10_000, now())
    return job.code in [row.code for row in rows]


@pytest.mark.row("NB-10")
def test_it_is_visible_first_within_the_radius_for_n_minutes_and_then_wider(monday_morning, market):
    job = make.posting(title="帮忙看店", circle_m=1000)
    near, far = standing_at(job.lat + 0.5 * KM, job.lng), standing_at(job.lat + 2 * KM, job.lng)

    assert seen_from(job, 0.9) and not seen_from(job, 1.1)
    assert "帮忙看店" in near.get("/").content.decode() and "帮忙看店" not in far.get("/").content.decode()
    assert "帮忙看店" not in Client().get("/").content.decode(), "a whole county is nobody's neighbourhood"
    assert "我要去" in near.get(f"/jobs/{job.code}/").content.decode()
    waiting = far.get(f"/jobs/{job.code}/").content.decode()
    assert "先给 1000 米内的街坊看，6:30 以后大家都能看" in waiting and f"/jobs/{job.code}/apply/" not in waiting

    with clock.moved_to(now() + timedelta(minutes=MINUTES)):
        assert seen_from(job, 1.1)
        assert "帮忙看店" in far.get("/").content.decode() and "帮忙看店" in Client().get("/").content.decode()
        assert "我要去" in far.get(f"/jobs/{job.code}/").content.decode()


@pytest.mark.row("NB-10")
def test_nobody_from_outside_takes_the_place_before_the_time(monday_morning, market):
    make.approved_rules()
    make.approved_products()
    job = make.posting(circle_m=1000)
    neighbour = make.worker(state="verified", lat=job.lat + 0.5 * KM, lng=job.lng)
    stranger = make.worker(state="verified", lat=job.lat + 3 * KM, lng=job.lng)

    with pytest.raises(Refused, match="街坊"):
        deals.grab(job, stranger, by=stranger.user)
    assert deals.grab(job, neighbour, by=neighbour.user).state == "confirmed"

    with clock.moved_to(now() + timedelta(minutes=MINUTES)):
        assert deals.grab(job, stranger, by=stranger.user).state == "confirmed"


def test_without_the_venues_switch_neighbours_work_is_out_for_all_at_once(monday_morning):
    make.venue()
    job = make.posting(circle_m=1000)

    assert job.circle_until is None and seen_from(job, 5)


def test_the_head_of_a_venue_switches_it_on_and_off(monday_morning):
    venue, client = make.venue(), Client()
    client.force_login(make.staff("head", at_venue=venue))
    for said, kept, status in (("45", 45, 302), ("500", 45, 422), ("", 45, 422), ("0", 0, 302)):
        assert client.post("/desk/venue/circle/change/", {"minutes": said}).status_code == status
        venue.refresh_from_db()
        assert venue.circle_minutes == kept


@pytest.mark.row("NB-10")
def test_the_list_of_my_neighbourhood_marks_who_is_a_verified_neighbour(monday_morning):
    town = Division.objects.filter(parent=make.county(), level=Level.TOWN, lat__isnull=False).order_by("code").first()
    elsewhere = Division.objects.filter(level=Level.COUNTY, lat__gt=town.lat + 1).first()
    local = make.employer(name="列东小卖部", division=town)
    other = make.employer(name="外县工厂", division=elsewhere)
    facts = {"lat": town.lat, "lng": town.lng, "division": town}
    make.posting(title="帮我搬柜子", employer_=local, circle_m=500, **facts)
    make.posting(title="厂里要人", employer_=other, circle_m=500, **facts)
    make.posting(title="谁都能来的", employer_=other, **facts)
    make.posting(title="圈外的街坊", employer_=local, circle_m=500, **facts | {"lat": town.lat + 1 * KM})

    page = standing_at(town.lat, town.lng).get("/neighbours/").content.decode()

    assert "帮我搬柜子" in page and "厂里要人" in page
    assert "谁都能来的" not in page and "圈外的街坊" not in page
    assert page.count("街坊，核实过") == 1 + 1, "the mark and the sentence that says what it means"


def test_from_a_whole_county_the_list_asks_for_a_street(monday_morning, client):
    assert "先选一条街或一个镇" in client.get("/neighbours/").content.decode()


def test_the_employer_chooses_the_circle_in_the_preview(monday_morning):
    boss = make.employer()
    client = Client()
    client.force_login(owner_of(boss))
    draft = make.posting(employer_=boss, state="draft")
    answer = client.post(
        f"/e/post/check/{draft.code}/row/people/change/", {"places": "2", "way_in": "grab", "circle_m": "1000"}
    )

    assert answer.status_code in (200, 302)
    draft.refresh_from_db()
    assert draft.circle_m == 1000
    assert "1000 米内的街坊" in client.get(f"/e/post/check/{draft.code}/").content.decode()


def test_counts_and_filters_agree_with_the_list(monday_morning, market):
    for metres in (0, 500, 3000):
        make.posting(circle_m=metres)
    county = make.county()
    for km in (0, 1, 4):
        where = (county.lat + km * KM, county.lng, 10_000)
        rows = postings.near(*where, now())
        assert postings.how_many(now(), around=where) == len(rows) == {0: 3, 1: 2, 4: 1}[km]
        assert postings.how_many(now(), Filters(neighbours=True), around=where) == len(rows) - 1
