"""Signing in with a code: the same answer for everybody, few tries, one use."""

import logging
from datetime import timedelta

import pytest
from django.test import override_settings

from linggong.accounts import actions, queries
from linggong.accounts.actions import codes
from linggong.accounts.models import LoginCode, Sms
from linggong.accounts.tests.conftest import id_number, phone_number
from linggong.core import outside
from linggong.core.clock import moved_to, now
from linggong.core.models import Event
from linggong.core.sealed import unseal

pytestmark = pytest.mark.django_db


def code_sent_to(phone: str) -> str:
    return outside.in_process("sms").messages(phone)[0]["params"]["code"]


def test_a_code_signs_a_known_person_in(make_user, later):
    user = make_user()
    phone = unseal(user, "phone_sealed")

    actions.ask_code(phone, bound_to="browser-1", address="10.0.0.1")
    later()

    assert actions.check_code(phone, code_sent_to(phone), bound_to="browser-1") == user


def test_an_unknown_phone_gets_the_same_answer_and_a_code(make_user, later):
    known, unknown = unseal(make_user(), "phone_sealed"), phone_number()

    answers = [actions.ask_code(phone, bound_to="browser-1") for phone in (known, unknown)]
    later()

    assert [type(answer) for answer in answers] == [LoginCode, LoginCode]
    assert actions.check_code(unknown, code_sent_to(unknown), bound_to="browser-1") is None


def test_a_code_works_once_and_only_in_the_browser_that_asked(later):
    phone = phone_number()
    actions.ask_code(phone, bound_to="browser-1")
    later()
    code = code_sent_to(phone)

    with pytest.raises(actions.CodeExpired):
        actions.check_code(phone, code, bound_to="browser-2")
    actions.check_code(phone, code, bound_to="browser-1")
    with pytest.raises(actions.CodeExpired):
        actions.check_code(phone, code, bound_to="browser-1")


def test_a_code_dies_after_five_minutes(later):
    phone = phone_number()
    actions.ask_code(phone, bound_to="b")
    later()

    with moved_to(now() + timedelta(minutes=5, seconds=1)), pytest.raises(actions.CodeExpired):
        actions.check_code(phone, code_sent_to(phone), bound_to="b")


def test_five_wrong_tries_kill_a_code(later):
    phone = phone_number()
    actions.ask_code(phone, bound_to="b")
    later()
    code = code_sent_to(phone)
    wrong = "000000" if code != "000000" else "111111"

    for _ in range(codes.TRIES_MAX):
        with pytest.raises(actions.WrongCode):
            actions.check_code(phone, wrong, bound_to="b")
    with pytest.raises(actions.TooManyTries):
        actions.check_code(phone, code, bound_to="b")


def test_a_newer_code_replaces_the_older_one(later):
    phone, start = phone_number(), now()
    actions.ask_code(phone, bound_to="b")
    later()
    first = code_sent_to(phone)
    with moved_to(start + timedelta(seconds=61)):
        actions.ask_code(phone, bound_to="b")
        later()
        second = code_sent_to(phone)

        if first != second:
            with pytest.raises(actions.WrongCode):
                actions.check_code(phone, first, bound_to="b")
        actions.check_code(phone, second, bound_to="b")


def test_one_a_minute_five_an_hour_ten_a_day():
    phone, start = phone_number(), now()
    asked = []
    for minute in range(0, 25 * 60, 2):
        with moved_to(start + timedelta(minutes=minute)):
            try:
                actions.ask_code(phone, bound_to="b")
            except actions.TooOften:
                continue
            asked.append(minute)

    assert len([m for m in asked if m < 60]) == 5
    assert len([m for m in asked if m < 24 * 60]) == 10
    with moved_to(start + timedelta(days=9)):
        actions.ask_code(phone, bound_to="b")
        with pytest.raises(actions.TooOften):
            actions.ask_code(phone, bound_to="b")


def test_one_address_cannot_ring_a_whole_town():
    with pytest.raises(actions.TooOften):
        for _ in range(100):
            actions.ask_code(phone_number(), bound_to="b", address="203.0.113.9")

    assert LoginCode.objects.count() == 60
    actions.ask_code(phone_number(), bound_to="b", address="203.0.113.10")


def test_the_code_is_nowhere_in_clear(caplog, later):
    phone = phone_number()
    with caplog.at_level(logging.DEBUG):
        row = actions.ask_code(phone, bound_to="b")
        waiting = Sms.objects.get()
        assert unseal(waiting, "params_sealed")
        later()
    code = code_sent_to(phone)

    sent = Sms.objects.get()
    assert (sent.state, sent.params_sealed, sent.phone_sealed) == ("sent", "", "")
    assert code not in caplog.text and phone not in caplog.text
    assert code not in row.code_hash
    assert not any(code in str(event.data) or phone in str(event.data) for event in Event.objects.all())


def test_after_two_silent_months_a_code_alone_is_not_enough(make_user):
    user, bare = make_user(id_number=id_number()), make_user()
    assert not queries.must_prove(user, now())

    with moved_to(now() + timedelta(days=60)):
        assert queries.must_prove(user, now()) and not queries.must_prove(bare, now())
        actions.prove(user, user.id_tail4.lower())
        for _ in range(4):
            with pytest.raises(actions.WrongCode):
                actions.prove(user, "????")
        with pytest.raises(actions.TooManyTries):
            actions.prove(user, user.id_tail4)


@override_settings(SMS_PROVIDER="off")
def test_without_sms_the_way_to_the_counter_is_shown():
    with pytest.raises(actions.SmsOff) as no:
        actions.ask_code(phone_number(), bound_to="b")

    assert "窗口" in str(no.value)
    assert not LoginCode.objects.exists()


def test_old_codes_are_erased(later):
    actions.ask_code(phone_number(), bound_to="b")

    assert actions.forget_old_codes() == 0
    with moved_to(now() + timedelta(days=2, minutes=1)):
        assert actions.forget_old_codes() == 1
