"""Where providers call: only signed, only small, any number of times."""

import json

import pytest
from django.db import connections

from linggong import make
from linggong.accounts.gateways import sms
from linggong.accounts.models import Sms, SmsReply
from linggong.core import outside
from linggong.core.clock import moved_to, now

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def worlds(monkeypatch):
    """Empty pretend providers; their callbacks come in through WSGI, which must not close the test's own connection."""
    monkeypatch.setattr(connections["default"], "close_if_unusable_or_obsolete", lambda: None)
    outside.reset()
    yield
    outside.reset()


def push(client, path: str, data: object, **headers: str):
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return client.post(path, body, content_type="application/json", headers=headers)


def test_delivery_reports_of_the_pretend_find_their_way(client, later):
    phone = make.phone()
    client.post("/sign-in/", {"phone": phone})
    later()
    with moved_to(now() + make.timedelta(seconds=90)):
        assert outside.pump() == 1
        assert outside.pump() == 0
    assert Sms.objects.get().state == Sms.State.DELIVERED


def test_replies_are_heard_once(client):
    path = f"/hear/sms-replies/{sms.callback_token()}/"
    up = [{"phone_number": make.phone(), "content": "1", "sequence_id": "s1", "send_time": "x"}]
    assert push(client, path, up).json()["code"] == 0
    assert push(client, path, up).json()["code"] == 0
    assert SmsReply.objects.count() == 1


@pytest.mark.parametrize("body", [b"", b"{", b'{"a":1}', b"[1]", b"\xff\xfe", b"[" * 20_000])
def test_nonsense_is_refused_quietly(client, body):
    for kind in ("sms-reports", "sms-replies"):
        assert push(client, f"/hear/{kind}/{sms.callback_token()}/", body).status_code in (400, 422)
    for path in ("/hear/wages/", "/hear/insurer/"):
        assert push(client, path, body).status_code == 401


def test_a_wrong_address_does_not_exist(client):
    assert push(client, "/hear/sms-reports/guessed/", []).status_code == 404


def test_more_than_64_kib_is_too_much(client):
    big = b"[" + b" " * (64 * 1024) + b"]"
    for path in (f"/hear/sms-reports/{sms.callback_token()}/", "/hear/wages/", "/hear/insurer/"):
        assert push(client, path, big).status_code == 413


def test_only_post_is_answered(client):
    for path in ("/hear/wages/", "/hear/insurer/"):
        assert client.get(path).status_code == 405


def test_the_banks_message_about_a_number_that_is_not_ours_is_taken(client):
    bank = outside.in_process("wages")
    bank._tell("/hear/wages/", "payout", "NOTOURS", "succeeded", 100, "DF1")
    assert outside.pump() == 1


def test_a_forged_message_of_the_bank_is_not(client):
    bank = outside.in_process("wages")
    bank.turn("forged", True)
    bank._tell("/hear/wages/", "payout", "NOTOURS", "succeeded", 100, "DF1")
    assert outside.pump() == 0
