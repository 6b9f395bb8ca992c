"""A person's own data: to see, to take away, to correct, to have erased."""

import json
from datetime import timedelta

import pytest

from linggong.accounts import actions, queries
from linggong.accounts.models import User
from linggong.accounts.tests.conftest import id_number
from linggong.core.clock import moved_to, now
from linggong.core.sealed import unseal
from linggong.core.states import Moved

pytestmark = pytest.mark.django_db


@pytest.mark.row("SX-19")
def test_a_person_can_take_their_own_data_away(make_user):
    number = id_number()
    user, clerk = make_user(id_number=number), make_user("林站长")
    actions.consent(user, "service", how="tap", by=user)
    actions.tell(user, "活定下了", kind="deal")
    actions.look_at(user, "phone", by=clerk, role="登记员", reason="回访")

    mine = json.loads(json.dumps(queries.export_of(user), ensure_ascii=False))

    assert mine["person"]["id_number"] == number
    assert mine["person"]["phone"] == unseal(user, "phone_sealed")
    assert mine["consents"][0]["words"].startswith("我们记下")
    assert mine["notices"][0]["text"] == "活定下了"
    assert mine["looks"][0]["role"] == "登记员"
    assert clerk.name not in json.dumps(mine, ensure_ascii=False)


@pytest.mark.row("SX-19")
def test_a_person_corrects_their_name_until_it_was_checked(make_user):
    user, clerk = make_user("陈阿美", id_number=id_number()), make_user("林站长")

    actions.correct_name(user, "陈阿妹", by=user)
    actions.check_at_counter(user, by=clerk)
    with pytest.raises(actions.IdFixed):
        actions.correct_name(user, "陈阿姐", by=user)
    actions.correct_name(user, "陈阿姐", by=clerk)

    assert User.objects.get(pk=user.pk).name == "陈阿姐"


@pytest.mark.row("SX-19")
def test_an_account_is_erased_after_seven_days(make_user, later):
    number = id_number()
    user = make_user(id_number=number)
    phone = unseal(user, "phone_sealed")
    asked = actions.request_deletion(user, by=user)
    assert actions.request_deletion(user, by=user) == asked

    with pytest.raises(actions.StillOpen):
        actions.erase(asked, by=None)
    with moved_to(now() + timedelta(days=7, minutes=1)):
        (due,) = queries.deletions_due(now())
        actions.erase(due, by=None)

    user.refresh_from_db()
    assert (user.name, user.phone_sealed, user.id_sealed, user.is_active) == ("", "", "", False)
    assert queries.by_phone(phone) is None and queries.by_id_number(number) is None
    assert not queries.inbox(user).exists()
    assert actions.make_person(name="陈阿妹", phone=phone, id_number=number, by=None) != user


def test_a_change_of_mind_keeps_the_account(make_user):
    user = make_user()
    asked = actions.request_deletion(user, by=user)

    actions.withdraw_deletion(asked, by=user)

    with pytest.raises(Moved), moved_to(now() + timedelta(days=8)):
        actions.erase(asked, by=None)
    assert queries.deletion_of(user) is None
    assert User.objects.get(pk=user.pk).is_active


def test_open_wages_keep_an_account_and_the_person_hears_why(make_user):
    user = make_user()
    asked = actions.request_deletion(user, by=user)

    with moved_to(now() + timedelta(days=8)):
        for _ in range(2):
            actions.erase(asked, blocked_by="还有一笔工钱没到账", by=None)

    user.refresh_from_db()
    assert user.is_active and user.name
    told = [notice.text for notice in queries.inbox(user) if "工钱" in notice.text]
    assert told == ["还不能注销：还有一笔工钱没到账"]
