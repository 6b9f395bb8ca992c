"""Looking at other people's data leaves a trace that they can read, and has a budget."""

from datetime import timedelta

import pytest

from linggong.accounts import actions, queries
from linggong.accounts.tests.conftest import id_number
from linggong.core.clock import moved_to, now
from linggong.core.sealed import unseal

pytestmark = pytest.mark.django_db


def test_a_look_opens_the_value_and_is_shown_to_the_person(make_user):
    number = id_number()
    user, clerk = make_user(id_number=number), make_user("林站长")

    seen = actions.look_at(user, "id_number", by=clerk, role="列东零工市场 登记员", reason="补办登记 K3")

    assert seen == number
    look = queries.looks_at(user).get()
    assert (look.what, look.role, look.reason) == ("id_number", "列东零工市场 登记员", "补办登记 K3")


def test_nobody_looks_without_a_reason(make_user):
    user, clerk = make_user(), make_user("林站长")

    with pytest.raises(actions.NoReason):
        actions.look_at(user, "phone", by=clerk, role="登记员", reason="  ")
    assert not queries.looks_at(user).exists()


def test_ones_own_data_costs_nothing(make_user):
    user = make_user()

    assert actions.look_at(user, "phone", by=user, role="", reason="") == unseal(user, "phone_sealed")
    assert not queries.looks_at(user).exists()


def test_bulk_look_ups_stop_on_the_first_day(make_user):
    user, clerk = make_user(), make_user("林站长")
    opened = 0
    with pytest.raises(actions.TooManyLooks):
        for _ in range(88_985):
            actions.look_at(user, "phone", by=clerk, role="登记员", reason="查")
            opened += 1

    assert opened == 60
    assert queries.busiest_viewers(now() - timedelta(days=1)) == [(clerk, 60)]
    with moved_to(now() + timedelta(days=1)):
        assert actions.look_at(user, "phone", by=clerk, role="登记员", reason="查")


def test_the_operator_sets_the_budget_per_role(make_user):
    user, clerk = make_user(), make_user("林站长")
    actions.set_setting("look_budget", {"话务员": 1}, by=clerk)

    actions.look_at(user, "phone", by=clerk, role="话务员", reason="回访")

    with pytest.raises(actions.TooManyLooks):
        actions.look_at(user, "phone", by=clerk, role="话务员", reason="回访")
    assert queries.looks_left(clerk, "登记员") == 59


def test_what_other_apps_keep_sealed_counts_too(make_user):
    user, clerk = make_user(), make_user("林站长")

    actions.note_look(user, "address", by=clerk, role="登记员", reason="上门核验")

    assert queries.looks_left(clerk, "登记员") == 59
