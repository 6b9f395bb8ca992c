"""Becoming a person: one row per human being, sealed numbers, nobody under sixteen."""

from datetime import date

import pytest

from linggong.accounts import actions, ids, queries
from linggong.accounts.models import User
from linggong.accounts.tests.conftest import id_number, phone_number
from linggong.core.clock import at, today
from linggong.core.models import Event
from linggong.core.sealed import unseal

pytestmark = pytest.mark.django_db


def test_numbers_are_sealed_masked_and_found_again():
    phone, number = phone_number(), id_number("19820314")

    user = actions.make_person(name="陈阿妹", phone=phone, id_number=number, by=None)

    assert phone not in user.phone_sealed and number not in user.id_sealed
    assert unseal(user, "id_sealed") == number
    assert user.masked_id == "*" * 14 + number[-4:]
    assert user.birth_on == date(1982, 3, 14)
    assert queries.by_phone(phone) == queries.by_id_number(number.lower()) == user
    assert not user.has_usable_password()
    assert Event.objects.get(name="user.made").by == user


def test_a_person_without_a_phone_is_a_whole_person(make_user):
    clerk = make_user("林站长")

    first = actions.make_person(name="张大爷", id_number=id_number(), by=clerk)
    second = actions.make_person(name="王大爷", id_number=id_number(), by=clerk)

    assert first.phone_hash is None and second.phone_hash is None
    assert Event.objects.filter(name="user.made", by=clerk, acting_for__in=[first, second]).count() == 2


def test_the_same_phone_or_card_makes_no_second_person(make_user):
    number = id_number()
    user = make_user(id_number=number)
    phone = unseal(user, "phone_sealed")

    with pytest.raises(actions.PhoneTaken):
        actions.make_person(name="李四", phone=f"+86 {phone}", by=None)
    with pytest.raises(actions.IdTaken):
        actions.make_person(name="李四", phone=phone_number(), id_number=number, by=None)
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"name": "陈"}, actions.BadName),
        ({"name": "<script>"}, actions.BadName),
        ({"name": "阿妹😀"}, actions.BadName),
        ({"name": "陈" * 10_000}, actions.BadName),
        ({"name": "陈阿妹", "phone": "12345"}, ids.BadPhone),
        ({"name": "陈阿妹", "id_number": "350402198203140010"}, actions.BadId),
        ({"name": "陈阿妹", "id_number": id_number("20990101")}, actions.BadId),
    ],
)
def test_bad_input_is_a_sentence_and_nothing_is_stored(facts, refusal):
    with pytest.raises(refusal) as no:
        actions.make_person(**facts, by=None)

    assert no.value.status == 422
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["陈阿妹", "买买提·吐尔逊", "欧阳小明", "Maria da Silva", "𠮷田"])
def test_names_as_they_stand_on_cards(name):
    assert actions.make_person(name=f" {name} ", by=None).name == name


def test_somebody_under_sixteen_leaves_only_a_number():
    born = today().replace(year=today().year - 15, day=1)

    for _ in range(2):
        with pytest.raises(actions.TooYoung):
            actions.make_person(name="小明明", phone=phone_number(), id_number=id_number(f"{born:%Y%m%d}"), by=None)

    assert not User.objects.exists()
    assert queries.under_age_refused(at(today(), 0)) == 2
    event = Event.objects.filter(name="accounts.under_age_refused").first()
    assert (event.by, event.data) == (None, {})


def test_an_account_without_a_card_cannot_take_the_card_of_a_child(make_user):
    user = make_user()
    born = today().replace(year=today().year - 15, day=1)

    with pytest.raises(actions.TooYoung):
        actions.set_id(user, id_number(f"{born:%Y%m%d}"), by=user)

    user.refresh_from_db()
    assert user.id_hash is None and user.birth_on is None


def test_a_card_number_is_set_once(make_user):
    user, number = make_user(), id_number()
    actions.set_id(user, number, by=user)
    actions.set_id(user, number, by=user)

    with pytest.raises(actions.IdFixed):
        actions.set_id(user, id_number(), by=user)

    assert Event.objects.filter(name="user.id_set").count() == 1


def test_the_counter_finds_the_known_person_and_adds_what_was_missing(make_user):
    clerk, user = make_user("林站长"), make_user("陈阿妹")
    number = id_number()

    found = actions.find_or_make_person(name="陈阿妹", phone=unseal(user, "phone_sealed"), id_number=number, by=clerk)

    assert found == user
    assert queries.by_id_number(number) == user


def test_the_counter_notices_that_a_phone_belongs_to_somebody_else(make_user):
    clerk, user = make_user("林站长"), make_user("陈阿妹", id_number=id_number())

    with pytest.raises(actions.PhoneTaken):
        actions.find_or_make_person(name="陈阿妹", phone=unseal(user, "phone_sealed"), id_number=id_number(), by=clerk)
    with pytest.raises(actions.NameDiffers):
        actions.find_or_make_person(name="陈阿姐", phone=unseal(user, "phone_sealed"), by=clerk)


def test_a_new_phone_is_announced_to_the_old_one(make_user, midday, later):
    from linggong.core import outside

    user = make_user()
    before, after = unseal(user, "phone_sealed"), phone_number()
    session = user.get_session_auth_hash()

    actions.change_phone(user, after, by=user)
    later()

    assert queries.by_phone(after) == user and queries.by_phone(before) is None
    assert after[-4:] in outside.in_process("sms").messages(before)[0]["params"]["what"]
    assert not outside.in_process("sms").messages(after)
    assert User.objects.get(pk=user.pk).get_session_auth_hash() != session
