"""Staff: reach of roles, the second factor, changing shift at a shared desk."""

import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value

from linggong.accounts import actions, queries
from linggong.accounts.tests.conftest import id_number
from linggong.core.clock import moved_to, now
from linggong.core.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def head(make_user):
    """A head of venue with an authenticator app."""
    user = make_user("郑站长", id_number=id_number("19800229"))
    TOTP.activate(user, generate_totp_secret())
    return user


def test_a_role_reaches_everything_inside_its_division(make_user, head):
    user = make_user()
    given = actions.grant(user, "supervisor", division_code="350400", by=head)

    assert queries.has_role(user, "supervisor", "350402")
    assert queries.has_role(user, "supervisor", "350402001")
    assert not queries.has_role(user, "supervisor", "350500")
    assert not queries.has_role(user, "supervisor", "")
    actions.end_grant(given, by=head)
    actions.end_grant(given, by=head)
    assert not queries.has_role(user, "supervisor", "350402")
    assert Event.objects.filter(name="grant.ended").count() == 1


def test_a_desk_is_enrolled_only_with_a_second_factor(make_user, head):
    with pytest.raises(actions.SecondFactorNeeded):
        actions.enroll_device("1号窗口", by=make_user())

    device, token = actions.enroll_device("1号窗口", venue_code="V", by=head)

    assert token not in device.token_hash
    assert queries.device(token) == device and queries.device("x") is None


def test_the_seed_of_an_authenticator_is_sealed(make_user):
    user, seed = make_user(), generate_totp_secret()

    TOTP.activate(user, seed)

    kept = Authenticator.objects.get(user=user)
    assert seed not in str(kept.data)
    assert TOTP(kept).validate_code(format_hotp_value(hotp_value(seed, int(time.time()) // 30)))
    assert queries.has_second_factor(user)


def test_a_colleague_takes_over_with_name_and_pin(make_user, head):
    _device, token = actions.enroll_device("1号窗口", by=head)
    clerk = make_user("林阿玲")
    actions.set_pin(clerk, "271828", by=clerk)

    assert "271828" not in clerk.pin_hash
    assert actions.change_shift(token, "271828", who=clerk) == clerk
    assert Event.objects.get(name="device.shift_changed").by == clerk


def test_wrong_pins_make_this_desk_wait_longer_each_time(make_user, head):
    device, token = actions.enroll_device("1号窗口", by=head)
    clerk = make_user("林阿玲")
    actions.set_pin(clerk, "271828", by=clerk)
    start = now()

    for _ in range(3):
        with pytest.raises(actions.WrongPin):
            actions.change_shift(token, "314159", who=clerk)
    with pytest.raises(actions.WaitABit):
        actions.change_shift(token, "271828", who=clerk)
    with moved_to(start + timedelta(seconds=35)), pytest.raises(actions.WrongPin):
        actions.change_shift(token, "314159", who=clerk)
    with moved_to(start + timedelta(seconds=70)), pytest.raises(actions.WaitABit):
        actions.change_shift(token, "271828", who=clerk)
    _other, second_desk = actions.enroll_device("2号窗口", by=head)
    assert actions.change_shift(second_desk, "271828", who=clerk) == clerk
    with moved_to(start + timedelta(seconds=120)):
        assert actions.change_shift(token, "271828", who=clerk) == clerk
    device.refresh_from_db()
    assert (device.wrong_tries, device.wait_until) == (0, None)


def test_a_lost_computer_is_no_desk_any_more(make_user, head):
    device, token = actions.enroll_device("1号窗口", by=head)
    clerk = make_user("林阿玲")
    actions.set_pin(clerk, "271828", by=clerk)

    actions.end_device(device, by=head)

    with pytest.raises(actions.DeviceUnknown):
        actions.change_shift(token, "271828", who=clerk)


@pytest.mark.parametrize("pin", ["", "12345", "1234567", "123456", "987654", "111111", "121212", "800229", "abcdef"])
def test_pins_everybody_would_try_are_refused(head, pin):
    with pytest.raises(actions.WeakPin):
        actions.set_pin(head, pin, by=head)
    head.refresh_from_db()
    assert head.pin_hash == ""


def test_the_operators_words_are_kept_and_changed(make_user):
    admin = make_user()

    actions.set_setting("hotline", "0598-0000000", by=admin)
    actions.set_setting("hotline", "0598-1111111", by=admin)

    assert queries.settings() == {"hotline": "0598-1111111"}
    assert queries.setting("licence", "没填") == "没填"
    assert Event.objects.filter(name="setting.set", by=admin).count() == 2
