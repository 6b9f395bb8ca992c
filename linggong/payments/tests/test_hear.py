"""What the bank says: signed or nothing, and harmless in any order, any number of times."""

import json
import random
from dataclasses import replace
from datetime import timedelta

import pytest

import linggong.ledger.queries as book
from linggong.core import clock
from linggong.core.models import Event
from linggong.payments import actions, background, queries
from linggong.payments.gateways import wage_account
from linggong.payments.gateways.wage_account import DRIFT_SECONDS, NOTIFY_PATH, Forged, Said
from linggong.payments.models import Funding, Heard

pytestmark = pytest.mark.django_db

TOLD = {"kind": "order", "no": "X", "state": "paid", "fen": 100, "provider_ref": "ZH1", "message_id": "m1"}


def signed(told=None, *, use="callback", path=NOTIFY_PATH, shift=0, body=None):
    """A callback as the bank signs it, or a little differently."""
    raw = body if body is not None else json.dumps(told or TOLD).encode()
    stamp = str(int(clock.now().timestamp()) + shift)
    signature = wage_account._signature(use, "POST", path, stamp, "n1", raw)
    return {"X-Wage-Timestamp": stamp, "X-Wage-Nonce": "n1", "X-Wage-Signature": signature}, raw


def test_a_signed_callback_is_read():
    assert wage_account.read_callback(*signed()) == Said("order", "X", "paid", 100, "ZH1", "m1")


def test_the_signature_is_the_documented_one(settings):
    """A vector computed by hand from docs/protocols/wage_account.md, so that another program can be checked by it."""
    settings.WAGE_ACCOUNT_KEY = "secret"

    got = wage_account._signature("request", "POST", "/orders", "1700000000", "00ff", b'{"no":"A"}')

    assert got == "1566e5a2010d826f705dcc33f89f0b4b31c4d2e98f75485db033c5d628687d09"


def test_nothing_forged_is_read():
    headers, raw = signed()
    other = wage_account._signature("callback", "POST", NOTIFY_PATH, headers["X-Wage-Timestamp"], "n2", raw)
    forged = [
        (headers, raw.replace(b"100", b"900")),
        (headers, raw + b" "),
        (headers, b""),
        ({**headers, "X-Wage-Nonce": "n2"}, raw),
        ({**headers, "X-Wage-Nonce": ""}, raw),
        ({**headers, "X-Wage-Signature": other}, raw),
        ({**headers, "X-Wage-Signature": headers["X-Wage-Signature"].upper()}, raw),
        ({**headers, "X-Wage-Signature": headers["X-Wage-Signature"][:-1]}, raw),
        ({**headers, "X-Wage-Signature": "签名"}, raw),
        ({**headers, "X-Wage-Signature": ""}, raw),
        ({**headers, "X-Wage-Timestamp": str(int(headers["X-Wage-Timestamp"]) + 1)}, raw),
        ({**headers, "X-Wage-Timestamp": "١٢٣"}, raw),
        ({**headers, "X-Wage-Timestamp": "nan"}, raw),
        ({}, raw),
        signed(use="request"),
        signed(path="/hear/insurer/"),
        signed(shift=-DRIFT_SECONDS - 1),
        signed(shift=DRIFT_SECONDS + 1),
        signed(body=b"[]"),
        signed(body=b"<html>"),
        signed(body=b'{"kind": "order"}'),
        signed({**TOLD, "pad": "x" * wage_account.BODY_MAX}),
    ]
    for number, (given, body) in enumerate(forged):
        with pytest.raises(Forged):
            wage_account.read_callback(given, body)
            pytest.fail(f"forgery {number} was read")


@pytest.mark.parametrize("kind", ["order", "payout", "refund", "wallet"])
def test_a_number_that_is_not_ours_is_no_news(kind):
    assert background.hear(Said(kind, "NOBODY", "succeeded", 1, "R", "m")) is (kind == "order")
    assert not background.hear(Said("order", "NOBODY", "paid", 1, "R", "m"))
    assert not Heard.objects.exists()


@pytest.mark.parametrize("fen", [0, -1, 35_999, 36_001, 10**15])
def test_no_wrong_sum_funds_anything(fund, fen, clean):
    funding = fund()

    actions.hear_funding(funding, provider_ref="ZH1", fen=fen, message_id="m")
    actions.hear_funding(funding, provider_ref="ZH1", fen=fen, message_id="n")

    assert funding.state == "created"
    assert queries.stored_for("posting:P7") == 0
    assert Event.objects.filter(name__endswith=".mismatch").count() == 1
    assert clean()


def test_the_right_payment_told_later_with_another_sum_is_shown_to_a_person(funded, clean):
    funding = funded()

    actions.hear_funding(funding, provider_ref=funding.provider_ref, fen=1, message_id="m")

    assert queries.stored_for("posting:P7") == 36_000
    assert Event.objects.get(name__endswith=".mismatch").data["why"] == "other_sum"
    assert clean()


def test_one_wrong_word_at_a_time_changes_nothing(funded, opened, confirm, bank, later, clean):
    """Threat 6: each field of a true message, wrong once."""
    funded()
    wage = confirm(opened(custody="supervised"))
    bank.turn("silent", True)
    later()
    payout = queries.payouts_of(wage).get()
    true = Said("payout", payout.code, "succeeded", 18_000, payout.provider_ref, "m")
    before = book.rebuild()

    for number, wrong in enumerate(
        (replace(true, kind="refund"), replace(true, no="OTHER"), replace(true, outcome="success"),
         replace(true, fen=18_001), replace(true, provider_ref="DF-other"))
    ):  # fmt: skip
        background.hear(replace(wrong, message_id=f"w{number}"))

    wage.refresh_from_db()
    assert wage.state == "release_requested"
    assert book.rebuild() == before
    background.hear(true)
    wage.refresh_from_db()
    assert wage.state == "arrived", "and the true one still counts"
    assert clean()


@pytest.mark.parametrize("seed", range(6))
def test_chaos_of_callbacks_ends_where_order_would_have_ended(seed, fund, opened, confirm, bank, later, clean):
    """Duplicated, shuffled, a fifth dropped, some forged, some with a wrong sum: every payment once (M6, M11, M14)."""
    dice = random.Random(seed)
    fundings = [fund(20_000, ref=f"posting:C{n}", key=f"c{n}") for n in range(4)]
    later()
    for funding in fundings:
        bank.turn("pay_twice", dice.random() < 0.3)
        bank.turn("wrong_amount", dice.random() < 0.3)
        bank.pay(funding.code)
    bank.turn("pay_twice", False)
    bank.turn("wrong_amount", False)
    wages = [opened(5_000, custody="supervised", posting=f.ref) for f in fundings for _ in range(2)]

    for _ in range(3):
        _shaken(bank, dice)
        bank.answers()
        background.ask_about_all()
        for wage in wages:
            wage.refresh_from_db()
            if wage.state == "funded" and dice.random() < 0.8:
                bank.turn("payout_fails", dice.random() < 0.3)
                confirm(wage, 5_000)
            later()
    bank.turn("payout_fails", False)
    for hours in (1, 3, 12, 48):
        with clock.moved_to(clock.now() + timedelta(hours=hours)):
            background.pay_again()
            later()
            background.send_again()
            background.ask_about_open()
            bank.answers()

    assert Funding.objects.exclude(state="funded").count() == 0
    for wage in wages:
        wage.refresh_from_db()
        assert wage.state in ("funded", "arrived")
    for funding in fundings:
        mine = [w for w in wages if w.posting_ref == funding.ref]
        paid = sum(w.net_fen for w in mine if w.state == "arrived")
        assert bank.balance(funding.ref[8:]) == 20_000 - paid
        assert queries.stored_for(funding.ref) == 20_000 - 5_000 * len(mine)
    assert clean()


def _shaken(bank, dice):
    """Shuffle what waits to be delivered, double some, lose a fifth, forge copies of a few."""
    db = bank.db()
    rows = [tuple(row)[1:5] for row in bank.waiting_callbacks()]
    db.execute("DELETE FROM callback WHERE done_at IS NULL")
    shaken = [row for row in rows for _ in range(dice.choice((0, 1, 1, 2, 4)))]
    shaken += [(path, body, '{"X-Pretend-Forged": "1"}', due) for path, body, _headers, due in rows]
    dice.shuffle(shaken)
    for row in shaken:
        db.execute("INSERT INTO callback (path, body, headers, due_at) VALUES (?, ?, ?, ?)", row)
