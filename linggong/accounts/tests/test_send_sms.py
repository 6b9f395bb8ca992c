"""Text messages on their way: signed, never sent twice for one event, reported late, early and twice."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings

from linggong.accounts import actions, background, queries
from linggong.accounts.actions.texting import text
from linggong.accounts.gateways import acs
from linggong.accounts.gateways import sms as gateway
from linggong.accounts.models import Sms, SmsReply
from linggong.accounts.tests.conftest import phone_number
from linggong.core import outside
from linggong.core.clock import at, moved_to, now, today
from linggong.core.models import Delivery, Event
from linggong.core.sealed import unseal

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider():
    return outside.in_process("sms")


def heard(provider) -> list[list[dict]]:
    """The pushes waiting at the provider, as the web layer would receive them."""
    import json

    return [json.loads(row["body"]) for row in provider.waiting_callbacks()]


def test_the_signature_is_the_one_the_provider_publishes():
    # The fixed example of the provider's page on V3 signatures.
    query = acs.canonical_query(
        {"ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", "RegionId": "cn-shanghai"}
    )

    headers = acs.signed_headers(
        "RunInstances", query, host="ecs.cn-shanghai.aliyuncs.com", nonce="3156853299f313e23d1673dc12e1703d",
        moment=datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC), version="2014-05-26",
        key_id="YourAccessKeyId", key_secret="YourAccessKeySecret",
    )  # fmt: skip

    assert headers["Authorization"].endswith(
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_the_provider_refuses_a_wrong_key_and_nothing_is_sent(provider, midday, later):
    with override_settings(SMS_ACCESS_KEY_SECRET="somebody else's"):
        text(phone_number(), "code", {"code": "123456"})
        later()

    assert provider.messages() == []
    sms = Sms.objects.get()
    assert (sms.state, sms.failure) == ("waiting", "SignatureDoesNotMatch")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda h: h.pop("Authorization"), "IncompleteSignature"),
        (lambda h: h.update({"x-acs-date": "2020-01-01T00:00:00Z"}), "SignatureDoesNotMatch"),
        (lambda h: h.update({"x-acs-extra": "unsigned"}), "IncompleteSignature"),
        (lambda h: h.update({"x-acs-content-sha256": "0" * 64}), "SignatureDoesNotMatch"),
        (lambda h: h.update({"Authorization": h["Authorization"][:-1] + "x"}), "IncompleteSignature"),
    ],
)
def test_the_pretend_checks_every_byte(provider, change, code):
    query = acs.canonical_query({"PhoneNumbers": "13800138000"})
    headers = acs.signed_headers("SendSms", query, host="sms.pretend", nonce="n1", moment=now())
    change(headers)

    with outside.client("http://127.0.0.1:0", "sms") as http:
        answer = http.post(f"/?{query}", headers=headers)

    assert answer.status_code == 400
    assert answer.json()["Code"] == code


def test_a_signed_request_cannot_be_played_again(provider):
    query = acs.canonical_query({"PhoneNumbers": "138"})
    headers = acs.signed_headers("SendSms", query, host="sms.pretend", nonce="n1", moment=now())

    with outside.client("http://127.0.0.1:0", "sms") as http:
        first = http.post(f"/?{query}", headers=headers).json()["Code"]
        second = http.post(f"/?{query}", headers=headers).json()["Code"]
        changed = http.post(f"/?{query}9", headers=headers).json()["Code"]

    assert (first, second, changed) == ("isv.MOBILE_NUMBER_ILLEGAL", "SignatureNonceUsed", "SignatureDoesNotMatch")


def test_a_message_is_sent_and_reported(make_user, provider, midday, later):
    user = make_user()

    actions.tell(user, "明天8点的活定下了", kind="deal", about=user, sms="confirmed")
    later()
    assert Sms.objects.get().state == "sent"
    for report in heard(provider):
        actions.hear_reports(report)

    assert provider.messages()[0]["params"] == {"what": "明天8点的活定下了"}
    assert Sms.objects.get().state == "delivered"
    assert [e.name for e in Event.objects.filter(subject_type="accounts.sms").order_by("pk")] == [
        "sms.waiting", "sms.sent", "sms.delivered",
    ]  # fmt: skip


def test_a_lost_answer_is_asked_about_and_not_sent_again(provider, midday, later):
    provider.turn("lost", True)
    text(phone_number(), "code", {"code": "123456"})
    later()
    assert Sms.objects.get().state == "waiting"
    provider.turn("lost", False)

    with moved_to(now() + timedelta(seconds=90)):
        later()

    assert Sms.objects.get().state == "sent"
    assert len(provider.messages()) == 1


def test_a_crash_between_sending_and_writing_it_down_sends_nothing_twice(provider, midday, later):
    sms = text(phone_number(), "code", {"code": "123456"})
    actions.claim_sms(sms)
    gateway.send(sms)  # and here the process is killed

    later()
    assert Sms.objects.get().state == "waiting"  # its lease still stands
    with moved_to(now() + timedelta(seconds=90)):
        background.send_waiting_sms()

    assert Sms.objects.get().state == "sent"
    assert len(provider.messages()) == 1


def test_a_provider_that_was_down_gets_the_message_later(provider, midday, later):
    provider.turn("down", True)
    text(phone_number(), "code", {"code": "123456"})
    later()
    assert Delivery.objects.filter(done_at=None, attempts=1).count() == 1
    provider.turn("down", False)

    with moved_to(now() + timedelta(seconds=10)):
        later()

    assert Sms.objects.get().state == "sent"


def test_a_code_nobody_could_send_expires_with_what_was_in_it(provider, midday, later):
    provider.turn("down", True)
    text(phone_number(), "code", {"code": "123456"})
    later()

    with moved_to(now() + timedelta(minutes=6)):
        background.send_waiting_sms()
        later()

    sms = Sms.objects.get()
    assert (sms.state, sms.params_sealed) == ("expired", "")
    assert provider.messages() == []


def test_a_number_that_had_too_many_is_a_final_no(provider, midday, later):
    provider.turn("limit", True)
    text(phone_number(), "code", {"code": "123456"})
    later()

    sms = Sms.objects.get()
    assert (sms.state, sms.failure, sms.params_sealed) == ("failed", "number_limit", "")


def test_an_account_without_money_keeps_the_message_waiting(provider, midday, later):
    provider.turn("no_money", True)
    text(phone_number(), "notice", {"what": "有新活"})
    later()

    assert (Sms.objects.get().state, Sms.objects.get().failure) == ("waiting", "isv.AMOUNT_NOT_ENOUGH")


@override_settings(SMS_PROVIDER="aliyun")
def test_the_real_client_never_writes_to_a_demo_number(provider, midday, later):
    text(phone_number(), "code", {"code": "123456"})
    later()

    assert (Sms.objects.get().state, Sms.objects.get().failure) == ("failed", "demo_number")
    assert provider.messages() == []


@override_settings(SMS_PROVIDER="aliyun")
def test_the_real_client_uses_the_registered_template_numbers(provider, midday, later):
    actions.set_setting("sms_templates", {"code": "SMS_1001", "notice": "SMS_1002"}, by=None)
    text("13800138000", "code", {"code": "123456"})
    text("13800138000", "confirmed", {"what": "定下了"})
    later()

    assert {m["template"] for m in provider.messages()} == {"SMS_1001", "SMS_1002"}


def test_nobody_is_woken_for_what_can_wait(make_user, provider, later):
    user = make_user()
    with moved_to(at(today(), 23)):
        actions.tell(user, "有人给你评价了", kind="rating", sms="notice")
        actions.tell(user, "明早的活取消了", kind="deal", sms="called_off")
        later()
        background.send_waiting_sms()
        assert [m["params"]["what"] for m in provider.messages()] == ["明早的活取消了"]

    with moved_to(at(today() + timedelta(days=1), 5, 1)):
        background.send_waiting_sms()

    assert {m["params"]["what"] for m in provider.messages()} == {"明早的活取消了", "有人给你评价了"}


def test_somebody_without_a_phone_is_told_in_the_inbox(make_user, midday):
    clerk = make_user("林站长")
    elder = actions.make_person(name="张大爷", by=clerk)

    actions.tell(elder, "活定下了", kind="deal", sms="confirmed")

    assert queries.unread_count(elder) == 1
    assert not Sms.objects.exists()


def test_reports_come_twice_late_and_about_strangers(provider, midday, later):
    provider.turn("twice", True)
    sms = text(phone_number(), "code", {"code": "123456"})
    later()

    assert [actions.hear_reports(report) for report in heard(provider)] == [1, 0]
    assert actions.hear_reports([{"out_id": "UNKNOWN", "success": True}, {"biz_id": "x"}]) == 0
    late = [{"out_id": sms.code, "success": False, "err_code": "MK:0001"}]
    assert actions.hear_reports(late) == 0
    assert Sms.objects.get().state == "delivered"
    assert Event.objects.filter(name="sms.delivered").count() == 1


def test_a_report_may_overtake_our_own_writing(provider, midday):
    sms = text(phone_number(), "code", {"code": "123456"})
    actions.claim_sms(sms)
    reference = gateway.send(sms)

    assert actions.hear_reports(heard(provider)[0]) == 1
    actions.sms_sent(sms, provider_ref=reference)

    done = Sms.objects.get()
    assert (done.state, done.provider_ref, done.params_sealed) == ("delivered", reference, "")


def test_a_phone_that_is_off_is_a_failure_with_its_reason(provider, midday, later):
    provider.turn("undelivered", True)
    text(phone_number(), "notice", {"what": "有新活"})
    later()
    actions.hear_reports(heard(provider)[0])

    assert (Sms.objects.get().state, Sms.objects.get().failure) == ("failed", "MK:0001")


@pytest.mark.parametrize("payload", [None, {}, "x", [1], [[]], [{}] * 501])
def test_nonsense_instead_of_reports_is_refused(payload):
    with pytest.raises(actions.BadReport):
        actions.hear_reports(payload)
    with pytest.raises(actions.BadReport):
        actions.hear_replies(payload)


def test_a_reply_is_kept_once_beside_what_it_answers(make_user, provider, midday, later):
    user, deal = make_user(), make_user("老板娘")
    actions.tell(user, "工钱付了", kind="paid", about=deal, sms="paid")
    later()
    provider.turn("twice", True)

    provider.reply(unseal(user, "phone_sealed"), "1")
    replies = [push for push in heard(provider) if "sequence_id" in push[0]]

    assert [actions.hear_replies(push) for push in replies] == [1, 0]
    reply = SmsReply.objects.get()
    assert (reply.user, reply.text, reply.about_code) == (user, "1", deal.code)
    assert Event.objects.get(name="smsreply.heard").by == user


def test_td_stops_messages_that_are_not_urgent(make_user, provider, midday, later):
    user = make_user()
    provider.reply(unseal(user, "phone_sealed"), "TD")
    actions.hear_replies(heard(provider)[0])

    actions.tell(user, "有新活", kind="news", sms="notice")
    actions.tell(user, "明早的活取消了", kind="deal", sms="called_off")
    later()

    assert [m["params"]["what"] for m in provider.messages()] == ["明早的活取消了"]
    assert queries.unread_count(user) == 2


def test_callback_addresses_cannot_be_guessed(provider):
    assert gateway.is_ours(gateway.callback_token())
    assert not gateway.is_ours("") and not gateway.is_ours("0" * 32)
    text(phone_number(), "code", {"code": "1"})
    sms = Sms.objects.get()
    actions.claim_sms(sms)
    gateway.send(sms)
    assert provider.waiting_callbacks()[0]["path"] == f"/hear/sms-reports/{gateway.callback_token()}/"


def test_the_labelled_page_shows_the_code_and_escapes_everything(provider, midday, later):
    text(phone_number(), "code", {"code": "424242"})
    text(phone_number(), "notice", {"what": "<script>alert(1)</script>"})
    later()

    with outside.client("http://127.0.0.1:0", "sms") as http:
        page = http.get("/", headers={"Accept": "text/html"}).text

    assert "模拟服务 不是真的" in page and "<code>424242</code>" in page
    assert "<script>" not in page
