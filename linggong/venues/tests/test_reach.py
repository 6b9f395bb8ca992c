"""Who sees what: roles in divisions and work at venues, together."""

import pytest

import linggong.accounts.actions as accounts
from linggong import make
from linggong.accounts.models import Role
from linggong.reference.models import Division
from linggong.reference.queries import division
from linggong.venues import actions, queries
from linggong.venues.models import Venue
from linggong.venues.queries import Reach, reach_of

pytestmark = pytest.mark.django_db


def opened(code, kind="STATION", **facts):
    return actions.open_venue(
        **{"kind": kind, "name": "零工驿站", "division": division(code), "by": None, **facts}
    )  # fmt: skip


def test_a_role_reaches_its_division_and_everything_inside_it():
    officer = make.supervisor(division_code="350400")

    reach = reach_of(officer)

    assert reach == Reach(divisions=("350400",))
    assert reach.covers_division("350428101")
    assert not reach.covers_division("350500")
    assert not reach.covers_division("350000")


def test_a_role_without_a_division_reaches_the_whole_country():
    reach = reach_of(make.supervisor(division_code=""))

    assert reach.national
    assert reach.covers_division("650000")
    assert Division.objects.filter(reach.q("parent")).count() == Division.objects.count()


def test_a_person_without_role_or_work_sees_nothing():
    reach = reach_of(make.user())

    assert not reach
    assert not Division.objects.filter(reach.q("parent")).exists()
    assert not Venue.objects.filter(reach.q_venues("parent")).exists()


def test_work_at_a_station_reaches_its_township_and_work_at_a_market_its_county():
    person = make.user()
    town = Division.objects.filter(parent="350428").first()
    station = opened(town.code)
    actions.add_staff(station, person, "clerk", by=None)
    before = reach_of(person)

    market = opened(town.code, kind="MARKET", name="将乐县零工市场")
    actions.add_staff(market, person, "clerk", by=None)
    after = reach_of(person)

    assert before == Reach(divisions=(town.code,), venues=(station.pk,))
    assert after == Reach(divisions=("350428",), venues=(station.pk, market.pk))


def test_the_head_of_a_market_reaches_the_stations_below_it_even_elsewhere():
    head = make.user()
    market = opened("350428", kind="MARKET", name="将乐县零工市场")
    station = opened("350404", parent=market)
    point = opened(station.division_id, kind="SERVICE_POINT", name="服务网点", parent=station)
    actions.add_staff(market, head, "head", by=None)

    reach = reach_of(head)

    assert set(reach.venues) == {market.pk, station.pk, point.pk}
    assert reach.covers_venue(point)
    assert not reach.covers_division(station.division_id)


def test_reach_narrows_to_some_roles_and_duties():
    person = make.supervisor(division_code="350400")
    venue = opened("330205")
    actions.add_staff(venue, person, "reviewer", by=None)

    assert reach_of(person, roles=[]).divisions == ("330205",)
    assert reach_of(person, duties=[]).divisions == ("350400",)
    assert reach_of(person, roles=[], duties=["clerk"]) == Reach()


def test_reach_ends_with_the_grant_and_with_the_duty():
    person = make.user()
    grant = accounts.grant(person, Role.REVIEWER, division_code="350400", by=None)
    venue = opened("330205")
    actions.add_staff(venue, person, "clerk", by=None)

    accounts.end_grant(grant, by=None)
    actions.end_staff(venue, person, "clerk", by=None)

    assert not reach_of(person)


def test_the_condition_takes_rows_inside_and_leaves_rows_beside():
    reach = Reach(divisions=("350428", "330205"))
    inside = opened("350428")
    opened("350500", name="泉州驿站")

    assert list(Venue.objects.filter(reach.q("division"))) == [inside]
    assert set(Division.objects.filter(reach.q_codes("code"), level=3).values_list("code", flat=True)) == {
        "350428",
        "330205",
    }
    assert queries.listed().count() == 2
