"""WeChat: whose it is, one message for each permission, a text message where WeChat will not; never both."""

import os
import subprocess
import sys
from datetime import timedelta

import httpx
import pytest
from django.conf import settings
from django.test import override_settings

from linggong.accounts import actions, background, queries
from linggong.accounts.gateways import wechat
from linggong.accounts.models import Sms, WechatGrant, WechatMessage
from linggong.core import outside
from linggong.core.clock import at, moved_to, now, today
from linggong.pretend.wechat import openid_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider():
    return outside.in_process("wechat")


@pytest.fixture
def linked(make_user, provider, midday, later):
    """Somebody whose WeChat is tied, with so many messages allowed there."""

    def link(grants=1, who="陈阿妹的微信"):
        user = make_user()
        it_is_now()
        actions.ask_wechat(user, provider.code_for(who), by=user)
        later()
        for scene in range(1, grants + 1):
            actions.allow_wechat(user, scene=scene, openid=provider.allow(who, scene), by=user)
        return user

    return link


def it_is_now():
    """A pretend knows the platform's clock from the last request it heard."""
    with outside.client("http://127.0.0.1:0", "wechat") as http:
        http.get("/health")


def wish(user, text="有了：搬砖，200 元/天"):
    return actions.tell(user, text, kind="wish", about=user, sms="notice")


def after(minutes):
    return moved_to(now() + timedelta(minutes=minutes))


# --- whose it is ----------------------------------------------------------------------------------------------


def test_a_code_is_exchanged_for_whoever_tapped_and_sealed(linked, provider):
    user = linked()

    link = queries.wechat_of(user)
    assert (link.state, link.code_sealed) == ("linked", "")
    assert openid_of("陈阿妹的微信") not in link.openid_sealed
    assert queries.export_of(user)["wechat"][0]["openid"] == openid_of("陈阿妹的微信")


def test_a_code_is_good_once(make_user, provider, midday, later):
    it_is_now()
    user, code = make_user(), provider.code_for("甲")
    actions.ask_wechat(user, code, by=user)
    later()
    actions.ask_wechat(user, code, by=user)
    later()

    link = queries.wechat_of(user)
    assert (link.state, link.failure) == ("failed", "40163")


def test_one_wechat_belongs_to_one_account(linked):
    linked(who="一家人的微信")

    second = linked(grants=0, who="一家人的微信")

    link = queries.wechat_of(second)
    assert (link.state, link.failure, link.openid_sealed) == ("failed", "taken", "")


def test_untied_it_is_forgotten_and_can_be_tied_elsewhere(linked):
    first = linked(who="手机换了人")
    actions.forget_wechat(queries.wechat_of(first), by=first)

    second = linked(grants=0, who="手机换了人")

    old = queries.wechat_of(first)
    assert (old.state, old.openid_sealed, old.openid_hash) == ("ended", "", "")
    assert queries.wechat_of(second).state == "linked"


def test_a_wrong_secret_ties_nobody(make_user, provider, midday, later):
    user = make_user()
    with override_settings(WECHAT_APP_SECRET="somebody else's"):
        actions.ask_wechat(user, provider.code_for("甲"), by=user)
        later()
        with after(6):
            background.wechat_goes_on()

    assert (queries.wechat_of(user).state, queries.wechat_of(user).failure) == ("failed", "no_answer")


def test_permission_is_only_taken_from_the_wechat_that_is_tied(linked, provider):
    user = linked(grants=0)

    with pytest.raises(actions.NoWechat):
        actions.allow_wechat(user, scene=1, openid=openid_of("别人"), by=user)

    assert not WechatGrant.objects.exists()


def test_the_same_scene_twice_counts_once_and_five_are_the_most(linked):
    user = linked(grants=5)
    link = queries.wechat_of(user)

    actions.allow_wechat(user, scene=5, openid=openid_of("陈阿妹的微信"), by=user)

    assert queries.wechat_grants(link).count() == 5
    with pytest.raises(actions.EnoughGrants):
        actions.free_scene(link)


# --- which way a message goes ---------------------------------------------------------------------------------


def test_a_wish_goes_by_wechat_where_one_is_allowed_and_costs_no_text(linked, provider, later):
    user = linked()

    notice = wish(user)
    later()

    (message,) = provider.messages()
    assert (message["content"], message["openid"]) == ("有了：搬砖，200 元/天", openid_of("陈阿妹的微信"))
    assert message["url"].endswith(f"/messages/{notice.pk}/")
    assert WechatMessage.objects.get().state == "sent"
    assert not Sms.objects.exists()
    assert queries.unread_count(user) == 1


def test_a_permission_is_spent_by_one_message_and_the_next_goes_as_text(linked, provider, later):
    user = linked(grants=1)

    wish(user, "第一个")
    wish(user, "第二个")
    later()

    assert [m["content"] for m in provider.messages()] == ["第一个"]
    assert Sms.objects.count() == 1
    assert not queries.wechat_grants(queries.wechat_of(user)).exists()


def test_news_of_a_deal_stays_with_text_messages(linked, provider, later):
    user = linked()

    actions.tell(user, "明早的活取消了", kind="cancelled", about=user, sms="cancelled")
    later()

    assert provider.messages() == []
    assert Sms.objects.get().template == "cancelled"


def test_without_wechat_everything_is_as_before(make_user, midday, later):
    user = make_user()

    wish(user)
    later()

    assert (Sms.objects.get().state, WechatMessage.objects.count()) == ("sent", 0)


def test_where_the_channel_is_off_a_permission_stays_and_a_text_goes(linked, provider, later):
    user = linked()

    with override_settings(WECHAT_PROVIDER="off"):
        wish(user)
        later()

    assert Sms.objects.count() == 1 and provider.messages() == []
    assert queries.wechat_grants(queries.wechat_of(user)).count() == 1


def test_who_stopped_texts_still_gets_what_they_allowed_in_wechat_and_nothing_more(linked, provider, later):
    user = linked(grants=1)
    actions.consent(user, "sms", how="tap", by=user)
    actions.withdraw(user, "sms", by=user)

    wish(user, "第一个")
    wish(user, "第二个")
    later()

    assert [m["content"] for m in provider.messages()] == ["第一个"]
    assert not Sms.objects.exists()
    assert queries.unread_count(user) == 2


def test_nobody_is_woken_for_a_wish(linked, provider, later):
    user = linked()
    with moved_to(at(today(), 23)):
        wish(user)
        later()
        background.wechat_goes_on()
        assert provider.messages() == []

    with moved_to(at(today() + timedelta(days=1), 9)):
        background.wechat_goes_on()

    assert len(provider.messages()) == 1


# --- what WeChat says -----------------------------------------------------------------------------------------


def test_one_token_serves_many_messages(linked, provider, later):
    user = linked(grants=3)
    for number in range(3):
        wish(user, f"第 {number} 个")
    later()
    first = wechat.token()

    with after(60):
        assert wechat.token() == first
    with after(119):
        assert wechat.token() != first
    assert len(provider.messages()) == 3


@pytest.mark.parametrize("how", ["forgotten", "expired"])
def test_an_old_token_is_fetched_anew_and_the_message_goes(linked, provider, later, how):
    user = linked()
    wechat.token()
    if how == "forgotten":  # 40001: somebody fetched another by force
        provider.db().execute("DELETE FROM token")
    else:  # 42001, and the usual request gives the same one again
        provider.turn("expired", True)

    wish(user)
    later()

    assert len(provider.messages()) == 1
    assert WechatMessage.objects.get().attempts == 1


def test_a_wrong_secret_sends_a_text_in_the_end(linked, provider, later):
    user = linked()
    wechat._token.update(value="", until=None)
    with override_settings(WECHAT_APP_SECRET="wrong"):
        wish(user)
        for minutes in (0, 2, 4, 6, 8, 10):
            with after(minutes):
                later()
                background.wechat_goes_on()
                later()

    assert (WechatMessage.objects.get().state, Sms.objects.count()) == ("failed", 1)
    assert provider.messages() == []


def test_who_refuses_in_wechat_gets_a_text_and_the_permission_is_gone(linked, provider, later):
    user = linked()
    provider.turn("refused", True)

    wish(user)
    later()

    message = WechatMessage.objects.get()
    assert (message.state, message.failure) == ("failed", "refused")
    assert Sms.objects.get().about_code == user.code
    assert not queries.wechat_grants(queries.wechat_of(user)).exists()


def test_what_wechat_does_not_read_goes_as_text_and_the_permission_stays(linked, provider, later):
    user = linked()
    provider.turn("bad_params", True)

    wish(user)
    later()

    assert (WechatMessage.objects.get().failure, Sms.objects.count()) == ("bad_params", 1)
    assert queries.wechat_grants(queries.wechat_of(user)).count() == 1


def test_a_busy_wechat_is_tried_again(linked, provider, later):
    user = linked()
    provider.turn("busy", True)
    wish(user)
    later()
    assert WechatMessage.objects.get().failure == "-1"
    provider.turn("busy", False)

    with after(2):
        background.wechat_goes_on()

    assert (len(provider.messages()), Sms.objects.count()) == (1, 0)


def test_a_lost_answer_brings_one_message_and_no_text(linked, provider, later):
    user = linked()
    provider.turn("lost", True)
    wechat._token.update(value=_good_token(provider), until=now() + timedelta(hours=1))
    wish(user)
    later()
    provider.turn("lost", False)

    with after(2):
        background.wechat_goes_on()
        later()

    assert (len(provider.messages()), Sms.objects.count()) == (1, 0)
    assert WechatMessage.objects.get().state == "sent"


def _good_token(provider):
    provider.turn("lost", False)
    wechat._token.update(value="", until=None)
    value = wechat.token()
    provider.turn("lost", True)
    return value


def test_after_untying_what_still_waits_goes_as_text(linked, provider, later):
    user = linked()
    wish(user)
    actions.forget_wechat(queries.wechat_of(user), by=user)
    later()

    assert (provider.messages(), Sms.objects.count()) == ([], 1)


def test_no_secret_of_ours_is_written_down_when_nobody_answers(linked, provider, later):
    user = linked()
    provider.turn("down", True)

    wish(user)
    later()

    assert WechatMessage.objects.get().failure == "HTTP 503"


def test_the_account_and_its_wechat_end_together(linked, provider):
    user = linked()
    request = actions.request_deletion(user, by=user)

    with moved_to(now() + timedelta(days=8)):
        actions.erase(request, blocked_by="", by=None)

    link = queries.wechat_of(user)
    assert (link.state, link.openid_sealed) == ("ended", "")


# --- over real HTTP -------------------------------------------------------------------------------------------


def test_tied_allowed_and_sent_over_http(tmp_path, make_user, midday, later):
    process = subprocess.Popen(
        [sys.executable, "-m", "linggong.pretend.serve", "wechat", "--port", "0", "--dir", str(tmp_path)],
        stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR, env=os.environ,
    )  # fmt: skip
    try:
        base = f"http://127.0.0.1:{process.stdout.readline().split()[1]}"
        pages = {"WECHAT_OPEN_URL": base, "WECHAT_ALLOW_URL": base}
        with (
            override_settings(PRETEND_IN_PROCESS=False, WECHAT_BASE_URL=base, **pages),
            httpx.Client(trust_env=False, headers={"Accept": "text/html"}) as phone,
        ):
            user = make_user()
            with outside.client(base, "wechat") as platform:
                platform.get("/health")
            page = phone.get(wechat.authorize_url("s1", "http://here/back/"))
            assert "模拟服务 不是真的" in page.text
            back = phone.post(
                f"{base}/connect/go", data={"redirect_uri": "http://here/back/", "state": "s1", "who": "甲"}
            ).headers["Location"]
            actions.ask_wechat(user, httpx.URL(back).params["code"], by=user)
            later()
            form = {"redirect_url": "http://here/ok/", "scene": "1", "template_id": settings.WECHAT_TEMPLATE_ID}
            assert phone.get(wechat.allow_url("s2", 1, "http://here/ok/")).status_code == 200
            ok = phone.post(f"{base}/mp/go", data={**form, "reserved": "s2", "who": "甲", "tap": "允许"})
            said = httpx.URL(ok.headers["Location"]).params
            assert (said["action"], said["reserved"], said["scene"]) == ("confirm", "s2", "1")
            actions.allow_wechat(user, scene=1, openid=said["openid"], by=user)
            wechat._token.update(value="old", until=now() + timedelta(hours=1))
            wish(user, "<b>有了</b>")
            later()
            shown = phone.get(base).text
    finally:
        process.terminate()
        process.wait(timeout=10)

    assert "&lt;b&gt;有了&lt;/b&gt;" in shown and "<b>有了</b>" not in shown
    assert (WechatMessage.objects.get().state, Sms.objects.count()) == ("sent", 0)
