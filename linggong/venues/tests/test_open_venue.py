"""Venues are opened, changed, found and closed."""

from datetime import date, timedelta

import pytest

from linggong.core.clock import at
from linggong.core.models import Event
from linggong.core.states import Moved
from linggong.reference.queries import division
from linggong.venues import actions, queries
from linggong.venues.hours import every_day
from linggong.venues.models import Venue

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 23)


def opened(code="350428", **facts):
    return actions.open_venue(
        **{"kind": "MARKET", "name": "将乐县零工市场", "division": division(code), "by": None, **facts}
    )


def test_a_venue_without_a_point_stands_at_its_division_and_says_so():
    place = division("350428")

    venue = opened()
    exact = opened(name="水南驿站", kind="STATION", lng=117.47, lat=26.73)

    assert (venue.lng, venue.lat, venue.about) == (place.lng, place.lat, True)
    assert not exact.about
    assert queries.by_code(venue.code) == venue
    assert Event.objects.filter(name="venue.opened", subject_id=venue.pk).exists()


@pytest.mark.parametrize(
    ("facts", "field"),
    [({"kind": "KIOSK"}, "kind"), ({"name": "站"}, "name"), ({"hours": [["08:00", "18:00"]]}, "hours"),
     ({"lng": 117.0, "lat": 126.0}, "lat")],
)  # fmt: skip
def test_a_venue_that_makes_no_sense_is_refused(facts, field):
    with pytest.raises(actions.BadVenue) as refused:
        opened(**facts)

    assert field in refused.value.fields
    assert not Venue.objects.exists()


def test_a_venue_is_open_in_its_hours_and_between_its_first_and_last_day():
    venue = opened(hours=every_day("06:00", "18:00"), opened_on=MONDAY)

    assert queries.is_open(venue, at(MONDAY, 9))
    assert not queries.is_open(venue, at(MONDAY, 5))
    assert queries.next_opening(venue, at(MONDAY, 5)) == at(MONDAY, 6)
    assert not queries.is_open(venue, at(MONDAY - timedelta(days=1), 9))
    actions.close_venue(venue, on=MONDAY + timedelta(days=1), by=None)

    assert queries.is_open(venue, at(MONDAY, 9))
    assert not queries.is_open(venue, at(MONDAY + timedelta(days=1), 9))
    with pytest.raises(Moved):
        actions.close_venue(venue, on=MONDAY, by=None)


def test_changing_a_venue_leaves_the_rest_alone():
    venue = opened(phone="0598-1111111")

    actions.change_venue(venue, hours=every_day("05:00", "20:00"), by=None)

    again = queries.by_code(venue.code)
    assert again.hours[0] == ["05:00", "20:00"]
    assert again.phone == "0598-1111111"
    with pytest.raises(TypeError):
        actions.change_venue(venue, kind="STATION", by=None)


def test_the_nearest_venues_come_first_with_their_distance():
    far = opened("330205", name="江北零工市场")
    near = opened("350428")
    gone = opened("350428", name="旧市场")
    actions.close_venue(gone, on=MONDAY, by=None)

    found = queries.nearest(near.lat, near.lng, limit=2)

    assert found == [near, far]
    assert found[0].away_m == 0
    assert found[1].away_m > 400_000


def test_the_list_of_a_division_holds_what_lies_inside():
    market = opened()
    opened("330205", name="江北零工市场")

    assert list(queries.listed("350000")) == [market]
    assert queries.listed().count() == 2
