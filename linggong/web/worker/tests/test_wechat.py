"""微信提醒 under 我: off to WeChat and back, allowed one by one, gone with one tap."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import override_settings

import linggong.accounts.queries as people
from linggong import make
from linggong.core import outside
from linggong.matching.background import call_who_wished
from linggong.pretend.wechat import openid_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def provider(morning):
    """WeChat, which knows the platform's clock from the last request it heard."""
    with outside.client("http://127.0.0.1:0", "wechat") as http:
        http.get("/health")
    yield outside.in_process("wechat")
    outside.reset()


def asked(answer) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.url).query).items()}


def bind(client, provider, who="甲"):
    state = asked(client.get("/me/wechat/bind/"))["state"]
    answer = client.get("/me/wechat/back/", {"code": provider.code_for(who), "state": state})
    make.settle_down()
    return answer


def allow(client, provider, who="甲"):
    sent = asked(client.get("/me/wechat/allow/"))
    openid = provider.allow(who, int(sent["scene"]))
    back = {"openid": openid, "action": "confirm", "scene": sent["scene"], "reserved": sent["reserved"]}
    return client.get("/me/wechat/allowed/", back)


@pytest.mark.row("FJ-19")
def test_tied_and_allowed_the_next_wish_comes_by_wechat(browser_of, provider, morning):
    worker = make.worker()
    client = browser_of(worker)
    assert "/me/wechat/" in client.get("/me/").text
    assert "绑上微信" in client.get("/me/wechat/").text

    assert bind(client, provider).url == "/me/wechat/"
    assert "还能发 0 条" in client.get("/me/wechat/").text
    assert allow(client, provider).url == "/me/wechat/?done=allowed"
    assert "还能发 1 条" in client.get("/me/wechat/").text
    client.post("/me/wishes/keep/", {"group": "food"})
    make.posting()
    call_who_wished()
    make.settle_down()

    assert [m["openid"] for m in provider.messages()] == [openid_of("甲")]
    assert "还能发 0 条" in client.get("/me/wechat/").text


def test_while_wechat_has_not_answered_the_page_says_so(browser_of, provider, morning):
    worker = make.worker()
    client = browser_of(worker)
    state = asked(client.get("/me/wechat/bind/"))["state"]

    client.get("/me/wechat/back/", {"code": provider.code_for("甲"), "state": state})

    assert "等微信回话" in client.get("/me/wechat/").text


@pytest.mark.parametrize("state", ["", "guessed"])
def test_nobody_ties_a_strangers_wechat_by_a_copied_address(browser_of, provider, morning, state):
    worker = make.worker()
    client = browser_of(worker)
    client.get("/me/wechat/bind/")

    answer = client.get("/me/wechat/back/", {"code": provider.code_for("骗子"), "state": state})

    assert answer.status_code == 409
    assert people.wechat_of(worker.user) is None


def test_an_answer_of_wechat_is_good_once(browser_of, provider, morning):
    worker = make.worker()
    client = browser_of(worker)
    bind(client, provider)
    sent = asked(client.get("/me/wechat/allow/"))
    back = {"openid": openid_of("甲"), "action": "confirm", "scene": sent["scene"], "reserved": sent["reserved"]}

    first, second = client.get("/me/wechat/allowed/", back), client.get("/me/wechat/allowed/", back)

    assert (first.status_code, second.status_code) == (302, 409)
    assert people.wechat_grants(people.wechat_of(worker.user)).count() == 1


def test_who_says_no_in_wechat_has_allowed_nothing(browser_of, provider, morning):
    worker = make.worker()
    client = browser_of(worker)
    bind(client, provider)
    sent = asked(client.get("/me/wechat/allow/"))

    client.get("/me/wechat/allowed/", {"action": "cancel", "scene": sent["scene"], "reserved": sent["reserved"]})

    assert "还能发 0 条" in client.get("/me/wechat/").text


def test_a_sixth_is_refused_in_words(browser_of, provider, morning):
    client = browser_of(make.worker())
    bind(client, provider)
    for _ in range(5):
        allow(client, provider)

    answer = client.get("/me/wechat/allow/")

    assert answer.status_code == 409 and "已经允许了 5 条" in answer.content.decode()


def test_untied_with_one_tap(browser_of, provider, morning):
    worker = make.worker()
    client = browser_of(worker)
    bind(client, provider)

    client.post("/me/wechat/unbind/")

    assert people.wechat_of(worker.user).state == "ended"
    assert "还没绑微信" in client.get("/me/wechat/").text


def test_a_wechat_of_another_account_is_said_in_words(browser_of, provider, morning):
    bind(browser_of(make.worker()), provider, "一家人")
    client = browser_of(make.worker())

    bind(client, provider, "一家人")

    assert "绑在别的账号上" in client.get("/me/wechat/").text


@override_settings(WECHAT_PROVIDER="off")
def test_where_it_is_off_there_is_no_page_and_no_way_to_it(browser_of, morning):
    client = browser_of(make.worker())

    assert "/me/wechat/" not in client.get("/me/").text
    assert client.get("/me/wechat/").status_code == 404
