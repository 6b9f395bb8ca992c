"""People work at venues, and a reviewer on call is rung in order."""

from datetime import date

import pytest

import linggong.accounts.actions as accounts
from linggong import make
from linggong.accounts.models import Role
from linggong.core import clock
from linggong.core.clock import at
from linggong.core.states import Moved
from linggong.reference.models import Division
from linggong.reference.queries import division
from linggong.venues import actions, queries
from linggong.venues.models import Staff

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 23)


@pytest.fixture
def market():
    with clock.moved_to(at(MONDAY, 0)):
        yield actions.open_venue(kind="MARKET", name="将乐县零工市场", division=division("350428"), by=None)


def reviewer(venue):
    person = make.user()
    actions.add_staff(venue, person, "reviewer", by=None)
    return person


def test_a_duty_is_given_once_ended_once_and_kept(market):
    person = make.user()
    actions.add_staff(market, person, "clerk", by=None)
    actions.add_staff(market, person, "mediator", by=None)
    with pytest.raises(actions.AlreadyStaff):
        actions.add_staff(market, person, "clerk", by=None)

    actions.end_staff(market, person, "clerk", by=None)

    assert queries.works_at(person, market) == ["mediator"]
    assert queries.of_staff(person) == [market]
    assert Staff.objects.filter(user=person).count() == 2
    with pytest.raises(Moved):
        actions.end_staff(market, person, "clerk", by=None)
    with pytest.raises(actions.BadVenue):
        actions.add_staff(market, person, "director", by=None)


def test_duties_come_from_venues_and_from_the_roles_of_the_desk(market):
    person, boss = make.user(), make.supervisor()
    actions.add_staff(market, person, "clerk", by=None)
    accounts.grant(person, Role.OFFICER, division_code="350428", by=None)

    assert queries.duties_of(person) == {"clerk", "officer"}
    assert queries.duties_of(boss) == set()


def test_closing_a_venue_ends_the_work_there(market):
    person = reviewer(market)

    actions.close_venue(market, on=MONDAY, by=None)

    assert queries.of_staff(person) == []
    assert not queries.works_at(person, market)
    with pytest.raises(actions.BadVenue):
        actions.add_staff(market, person, "clerk", by=None)


def test_reviewers_are_those_of_the_venues_that_serve_the_place_and_those_with_the_role(market):
    by_duty, by_role, elsewhere = reviewer(market), make.user(), make.user()
    accounts.grant(by_role, Role.REVIEWER, division_code="350400", by=None)
    accounts.grant(elsewhere, Role.REVIEWER, division_code="330200", by=None)
    town = Division.objects.filter(parent="350428").first()

    assert queries.reviewers(town.code) == [by_duty, by_role]
    assert queries.reviewers("350500") == []


def test_those_on_call_are_rung_by_rank_and_only_in_their_hours(market):
    first, second = reviewer(market), reviewer(market)
    actions.set_on_call(market, second, at(MONDAY, 4), at(MONDAY, 8), 2, by=None)
    actions.set_on_call(market, first, at(MONDAY, 4), at(MONDAY, 8), by=None)
    town = Division.objects.filter(parent="350428").first()

    assert queries.reviewers_on_call(town.code, at(MONDAY, 5, 30)) == [first, second]
    assert queries.reviewers_on_call("350428", at(MONDAY, 4)) == [first, second]
    assert queries.reviewers_on_call(town.code, at(MONDAY, 8)) == []
    assert queries.reviewers_on_call("330205", at(MONDAY, 5)) == []


def test_a_market_of_the_prefecture_serves_all_its_counties():
    city = actions.open_venue(kind="MARKET", name="三明市零工市场", division=division("350400"), by=None)
    person = reviewer(city)
    actions.set_on_call(city, person, at(MONDAY, 4), at(MONDAY, 8), by=None)
    town = Division.objects.filter(parent="350428").first()

    assert queries.reviewers_on_call(town.code, at(MONDAY, 5)) == [person]
    assert queries.reviewers(town.code) == [person]


def test_a_station_in_another_township_is_not_rung(market):
    towns = list(Division.objects.filter(parent="350428")[:2])
    station = actions.open_venue(kind="STATION", name="零工驿站", division=towns[0], by=None)
    person = reviewer(station)
    actions.set_on_call(station, person, at(MONDAY, 4), at(MONDAY, 8), by=None)

    assert queries.reviewers_on_call(towns[0].code, at(MONDAY, 5)) == [person]
    assert queries.reviewers_on_call(towns[1].code, at(MONDAY, 5)) == []


def test_only_a_reviewer_goes_on_call_and_no_place_is_taken_twice(market):
    first, second, clerk = reviewer(market), reviewer(market), make.user()
    actions.add_staff(market, clerk, "clerk", by=None)
    actions.set_on_call(market, first, at(MONDAY, 4), at(MONDAY, 8), by=None)

    with pytest.raises(actions.NotAReviewer):
        actions.set_on_call(market, clerk, at(MONDAY, 4), at(MONDAY, 8), 3, by=None)
    with pytest.raises(actions.AlreadyOnCall):
        actions.set_on_call(market, second, at(MONDAY, 7), at(MONDAY, 9), by=None)
    with pytest.raises(actions.AlreadyOnCall):
        actions.set_on_call(market, first, at(MONDAY, 7), at(MONDAY, 9), 2, by=None)
    with pytest.raises(actions.BadVenue):
        actions.set_on_call(market, second, at(MONDAY, 8), at(MONDAY, 8), 2, by=None)
    actions.set_on_call(market, second, at(MONDAY, 8), at(MONDAY, 9), by=None)


def test_who_stops_reviewing_is_rung_no_more(market):
    person, other = reviewer(market), reviewer(market)
    actions.set_on_call(market, person, at(MONDAY, 4), at(MONDAY, 8), by=None)
    later = actions.set_on_call(market, other, at(MONDAY, 8), at(MONDAY, 12), by=None)
    with clock.moved_to(at(MONDAY, 5)):
        actions.end_staff(market, person, "reviewer", by=None)
        actions.drop_on_call(later, by=None)

    assert queries.reviewers_on_call("350428", at(MONDAY, 6)) == []
    assert queries.reviewers_on_call("350428", at(MONDAY, 9)) == []


def test_a_window_that_began_stays_on_the_roster(market):
    row = actions.set_on_call(market, reviewer(market), at(MONDAY, 4), at(MONDAY, 8), by=None)

    with clock.moved_to(at(MONDAY, 5)), pytest.raises(Moved):
        actions.drop_on_call(row, by=None)
    assert list(queries.on_call_of(market, at(MONDAY, 0), at(MONDAY, 24))) == [row]
