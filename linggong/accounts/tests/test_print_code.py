"""With SMS down a window signs people in by a printed one-time code."""

from datetime import timedelta

import pytest

from linggong.accounts import actions, queries
from linggong.accounts.models import LoginCode
from linggong.accounts.tests.conftest import id_number
from linggong.core import outside
from linggong.core.clock import moved_to, now

pytestmark = pytest.mark.django_db


def test_a_slip_signs_a_person_without_a_phone_in_while_sms_is_down(make_user):
    clerk = make_user("林站长")
    elder = actions.make_person(name="张大爷", id_number=id_number(), by=clerk)
    outside.in_process("sms").turn("down", True)

    slip = actions.print_code(elder, by=clerk)

    assert actions.check_printed_code(f"{slip[:4]} {slip[4:]}", bound_to="kiosk") == elder
    with pytest.raises(actions.WrongCode):
        actions.check_printed_code(slip, bound_to="kiosk")


def test_a_slip_is_written_down_as_assistance_and_told_to_the_person(make_user, midday, later):
    clerk, user = make_user("林站长"), make_user()

    slip = actions.print_code(user, by=clerk)
    later()

    done = queries.assisted_for(user).get()
    assert (done.acted_by, done.act) == (clerk, "print_code")
    assert slip not in done.receipt and slip not in queries.inbox(user).get().text
    assert slip not in LoginCode.objects.get().code_hash
    assert len(outside.in_process("sms").messages()) == 1


def test_a_slip_dies_after_a_quarter_of_an_hour_and_when_a_new_one_is_printed(make_user):
    clerk, user = make_user("林站长"), make_user()
    first = actions.print_code(user, by=clerk)
    second = actions.print_code(user, by=clerk)

    with pytest.raises(actions.WrongCode):
        actions.check_printed_code(first, bound_to="a")
    with moved_to(now() + timedelta(minutes=15, seconds=1)), pytest.raises(actions.CodeExpired):
        actions.check_printed_code(second, bound_to="a")


def test_slips_cannot_be_guessed(make_user):
    clerk, user = make_user("林站长"), make_user()
    slip = actions.print_code(user, by=clerk)
    wrong = "00000000" if slip != "00000000" else "11111111"

    for _ in range(5):
        with pytest.raises(actions.WrongCode):
            actions.check_printed_code(wrong, bound_to="attacker", address="203.0.113.9")
    with pytest.raises(actions.TooManyTries):
        actions.check_printed_code(slip, bound_to="attacker", address="203.0.113.9")
    for browser in range(29):
        with pytest.raises((actions.WrongCode, actions.TooManyTries)):
            actions.check_printed_code(wrong, bound_to=f"b{browser}", address="203.0.113.9")
    with pytest.raises(actions.TooManyTries):
        actions.check_printed_code(slip, bound_to="fresh", address="203.0.113.9")
