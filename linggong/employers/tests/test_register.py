"""Joining: an employer of any kind is entered once; its people are named; nobody else acts for it."""

import pytest

import linggong.employers.actions as employers
from linggong.core.models import Event
from linggong.employers import queries
from linggong.employers.models import Employer

from .conftest import uscc

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["ENTERPRISE", "MERCHANT", "COOP", "HOUSEHOLD", "FARM"])
def test_every_kind_can_be_entered_and_belongs_to_who_entered_it(employer, person, kind):
    owner = person()

    made = employer(kind=kind, owner=owner)

    assert made.state == "new"
    assert queries.of_user(owner) == [made]
    assert made.members.get().owner
    assert (made.person == owner) == (kind in ("HOUSEHOLD", "FARM"))
    assert Event.objects.get(name="employer.new").by == owner


def test_staff_enter_it_for_the_person_at_the_window(person, place, clerk):
    boss = person()

    made = employers.register(
        kind="FARM", name="陈家橘园", contact_name="陈大发", division=place, by=clerk, acting_for=boss, source="window"
    )

    assert queries.of_user(boss) == [made]
    assert queries.of_user(clerk) == []
    assert made.person == boss


@pytest.mark.parametrize("bad", ["91350499MA0000000X", "1234", "9235 0499"])
def test_a_wrong_credit_code_is_refused_before_anything_is_kept(employer, bad):
    with pytest.raises(employers.BadUscc) as no:
        employer(uscc=bad)

    assert "18 位" in no.value.fields["uscc"]
    assert not Employer.objects.exists()


def test_a_code_is_read_as_people_write_it(employer):
    code = uscc()

    made = employer(uscc=f" {code[:8].lower()} {code[8:].lower()} ")

    assert made.uscc == code
    assert queries.by_uscc(code.lower()) == made


def test_one_code_is_one_employer(employer):
    first = employer()

    with pytest.raises(employers.AlreadyRegistered):
        employer(uscc=first.uscc)

    assert Employer.objects.count() == 1


def test_one_person_is_one_household(employer, person):
    owner = person()
    first = employer(kind="HOUSEHOLD", owner=owner)

    with pytest.raises(employers.AlreadyRegistered):
        employer(kind="FARM", owner=owner)

    assert queries.of_person(owner) == first


@pytest.mark.parametrize(
    "facts", [{"kind": "CLUB"}, {"name": " "}, {"name": "店" * 81}, {"contact_name": ""}, {"address": "路" * 121}]
)
def test_a_fact_missing_or_too_long_is_refused_by_name(employer, facts):
    with pytest.raises(employers.BadDetails) as no:
        employer(**facts)

    assert set(no.value.fields) == set(facts)
    assert not Employer.objects.exists()


def test_details_are_corrected_and_the_event_keeps_names_of_fields_only(employer):
    made = employer()

    employers.change_details(made, contact_name="王建国", address="列东街 8 号", by=made.members.get().user)

    made.refresh_from_db()
    assert (made.contact_name, made.address) == ("王建国", "列东街 8 号")
    said = Event.objects.get(name="employer.changed").data
    assert said == {"fields": ["address", "contact_name"]}


def test_the_code_of_a_verified_employer_stays(verified):
    made = verified()
    before = made.uscc

    with pytest.raises(employers.Settled):
        employers.change_details(made, uscc=uscc(), by=made.members.get().user)

    made.refresh_from_db()
    assert made.uscc == before


def test_a_code_cannot_be_changed_to_somebody_elses(employer):
    first, second = employer(), employer()

    with pytest.raises(employers.AlreadyRegistered):
        employers.change_details(second, uscc=first.uscc, by=None)


def test_an_agent_is_added_once_and_ended(employer, person):
    made, agent = employer(), person(name="林小燕")

    member = employers.add_member(made, agent, by=None)
    assert employers.add_member(made, agent, by=None) == member
    assert queries.of_user(agent) == [made]

    employers.end_member(member, by=None)
    assert queries.of_user(agent) == []
    assert not queries.is_member(made, agent)


def test_the_last_owner_stays_until_there_is_another(employer, person):
    made = employer()
    owner = made.members.get()

    with pytest.raises(employers.LastOwner):
        employers.end_member(owner, by=None)

    employers.add_member(made, person(name="林小燕"), owner=True, by=None)
    employers.end_member(owner, by=None)
    assert [member.user.name for member in queries.members_of(made)] == ["林小燕"]


def test_staff_see_the_employers_of_their_divisions_only(employer):
    made = employer()

    class Here:
        national = False
        divisions = ("350400",)

    class There:
        national = False
        divisions = ("330200",)

    class Nowhere:
        national = False
        divisions = ()

    assert list(queries.within(Here())) == [made]
    assert not queries.within(There()).exists()
    assert not queries.within(Nowhere()).exists()


def test_a_person_who_closes_the_account_leaves_every_employer(employer, person, clerk, photo):
    owner, partner = person(), person(name="林小燕")
    home = employer(kind="HOUSEHOLD", owner=owner, address="列东街 8 号", name="王家")
    shop = employer(owner=owner)
    employers.add_member(shop, partner, owner=True, by=owner)
    paper = employers.show_paper(home, "agent_id", number="350499197502030018", photo=photo, by=owner)

    paths = employers.erase_person(owner, by=None)

    for row in (home, shop, paper):
        row.refresh_from_db()
    assert paths == [path for path in paths if path.startswith("papers/")] and len(paths) == 1
    assert (home.name, home.contact_name, home.address, home.state) == ("已注销", "", "", "suspended")
    assert (paper.number, paper.photo) == ("", "")
    assert (shop.contact_name, shop.state) == ("王美珍", "new"), "the firm goes on with its other owner"
    assert queries.of_user(owner) == []
    assert employers.erase_person(owner, by=None) == []
