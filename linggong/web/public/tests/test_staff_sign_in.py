"""Staff at the door: second factor, recovery codes, the shared desk."""

import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache

import linggong.accounts.actions as accounts
from linggong import make
from linggong.accounts.models import Device

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_limits_left_over():
    """Counters of tries live in the cache."""
    cache.clear()


def digits(secret: str) -> str:
    """What the app on the phone shows."""
    return format_hotp_value(hotp_value(secret.replace(" ", ""), int(time.time()) // 30))


def enrol(client, user) -> tuple[str, list[str]]:
    """Tie an app to the account: its secret, and the recovery codes."""
    client.force_login(user)
    secret = client.get("/staff/second/enrol/").context["secret"]
    done = client.post("/staff/second/enrol/", {"code": digits(secret)})
    assert done.status_code == 200
    return secret, done.context["codes"]


def come_in(client, user) -> object:
    """By a slip, as when messages are off."""
    return client.post("/sign-in/code/", {"code": accounts.print_code(user, by=make.clerk())})


def test_who_has_a_second_factor_is_not_in_before_showing_it(client):
    clerk = make.clerk()
    secret, _codes = enrol(client, clerk)
    client.logout()

    assert come_in(client, clerk).url == "/staff/second/"
    assert "_auth_user_id" not in client.session
    wrong = client.post("/staff/second/", {"code": "000000"})
    assert wrong.status_code == 422
    assert "动态口令不对" in wrong.content.decode()
    assert client.post("/staff/second/", {"code": digits(secret)}).url == "/desk/"
    assert client.session["_auth_user_id"] == str(clerk.pk)


def test_a_recovery_code_works_once(client):
    clerk = make.clerk()
    _secret, codes = enrol(client, clerk)
    for status in (302, 422):
        client.logout()
        come_in(client, clerk)
        assert client.post("/staff/second/", {"code": codes[0]}).status_code == status


def test_guessing_the_second_factor_is_stopped(client):
    clerk = make.clerk()
    enrol(client, clerk)
    client.logout()
    come_in(client, clerk)
    answers = [client.post("/staff/second/", {"code": f"{n:06d}"}).status_code for n in range(12)]
    assert answers[0] == 422
    assert answers[-1] == 429


def test_a_wrong_first_code_keeps_the_same_secret(client):
    client.force_login(make.clerk())
    secret = client.get("/staff/second/enrol/").context["secret"]
    said = client.post("/staff/second/enrol/", {"code": "12"})
    assert said.status_code == 422
    assert said.context["secret"] == secret


def test_a_desk_is_enrolled_only_right_after_the_second_factor(client):
    clerk = make.clerk()
    client.force_login(clerk)
    assert client.get("/staff/device/").url.startswith("/staff/second/")
    enrol(client, clerk)
    assert client.post("/staff/device/", {"label": "2 号窗口", "venue": make.venue().code}).url == "/staff/"
    assert client.cookies["desk"]["httponly"]
    assert Device.objects.get().label == "2 号窗口"
    assert client.post("/staff/device/", {"label": "", "venue": "zzz"}).status_code == 422


def test_the_next_colleague_takes_over_by_name_and_pin(client):
    first, second, stranger = make.clerk(), make.staff(name="王芳"), make.user(name="外人甲")
    enrol(client, first)
    client.post("/staff/device/", {"label": "2 号窗口", "venue": make.venue().code})
    for person in (second, stranger):
        accounts.set_pin(person, "270415", by=person)

    page = client.get("/staff/shift/").content.decode()
    assert "王芳" in page
    assert "外人甲" not in page
    assert client.post("/staff/shift/", {"who": stranger.code, "pin": "270415"}).status_code == 422
    assert client.post("/staff/shift/", {"who": second.code, "pin": "111222"}).status_code == 422
    assert client.post("/staff/shift/", {"who": second.code, "pin": "270415"}).url == "/desk/"
    assert client.session["_auth_user_id"] == str(second.pk)
    assert client.session.get_expiry_age() <= 12 * 3600


def test_wrong_pins_make_the_desk_wait(client):
    first, second = make.clerk(), make.staff(name="王芳")
    enrol(client, first)
    client.post("/staff/device/", {"label": "2 号窗口", "venue": make.venue().code})
    accounts.set_pin(second, "270415", by=second)
    said = [client.post("/staff/shift/", {"who": second.code, "pin": "999111"}) for _ in range(4)][-1]
    assert said.status_code == 429
    assert "等一会儿" in said.content.decode()


def test_a_computer_nobody_enrolled_takes_no_pin(client):
    person = make.clerk()
    accounts.set_pin(person, "270415", by=person)
    said = client.post("/staff/shift/", {"who": person.code, "pin": "270415"})
    assert said.status_code == 422
    assert "没有登记" in said.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_weak_pin_is_explained(client):
    client.force_login(make.clerk())
    for pin in ("123456", "111111", "12", "abcdef", "1" * 5000):
        assert client.post("/staff/pin/", {"pin": pin}).status_code == 422
    assert client.post("/staff/pin/", {"pin": "270415"}).url == "/staff/"


def test_none_of_this_exists_for_people_who_are_no_staff(client):
    client.force_login(make.worker().user)
    for path in ("/staff/", "/staff/second/enrol/", "/staff/pin/", "/staff/device/"):
        assert client.get(path).status_code == 404
