"""Signing in and out, large print, the demo page: what a stranger can and cannot learn at the door."""

import json
import re
from datetime import timedelta

import pytest
from django.test import Client

import linggong.accounts.actions as accounts
from linggong import make
from linggong.accounts.actions.people import clear_phone
from linggong.accounts.models import LoginCode
from linggong.core import clock, outside
from linggong.core.clock import moved_to, now

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def worlds():
    """Empty pretend providers for every test."""
    outside.reset()
    yield
    outside.reset()


def code_for(phone: str) -> str:
    return outside.in_process("sms").messages(phone)[0]["params"]["code"]


def without_keys(response) -> str:
    """A page without what differs on every page anyway, and without the number that was typed."""
    text = re.sub(r'value="[^"]{32,64}"', "", response.content.decode())
    return re.sub(r'<b class="num">\d{4}</b>', "", text)


def test_a_known_person_signs_in_by_code_and_comes_back_to_where_they_were(client, later):
    person = make.worker().user
    phone = clear_phone(person)
    asked = client.post("/sign-in/", {"phone": phone, "next": "/shifts/"})
    assert asked.url == "/sign-in/check/?next=%2Fshifts%2F"
    later()
    before = client.session.session_key
    done = client.post("/sign-in/check/", {"code": code_for(phone), "next": "/shifts/"})

    assert done.url == "/shifts/"
    assert client.session["_auth_user_id"] == str(person.pk)
    assert client.session.session_key != before


def test_known_and_unknown_numbers_get_the_same_answers(client, later):
    known, unknown = clear_phone(make.worker().user), make.phone()
    told = []
    for phone in (known, unknown):
        client.cookies.clear()
        first = client.post("/sign-in/", {"phone": phone})
        page = client.get("/sign-in/check/")
        wrong = client.post("/sign-in/check/", {"code": "000000"})
        again = client.post("/sign-in/", {"phone": phone})
        told.append(
            (first.status_code, first.url, without_keys(page), wrong.status_code, without_keys(wrong), again.url)
        )
    assert told[0] == told[1]


def test_an_unknown_number_goes_on_to_joining_with_the_phone_shown(client, later):
    phone = make.phone()
    client.post("/sign-in/", {"phone": phone})
    later()
    done = client.post("/sign-in/check/", {"code": code_for(phone)})
    assert done.url == "/join/"
    assert client.get("/join/").url == "/join/who/"
    assert phone not in str(dict(client.session)), "the number is sealed in the session"


@pytest.mark.parametrize(
    ("phone", "words"),
    [
        ("", "手机号没填"), ("1386012", "少了 4 位"), ("138601234567890", "多了 4 位"), ("abc", "不像手机号"),
        ("1" * 10_000, "太长了"), ("12345678901", "不像手机号"), ("😀", "不像手机号"), ("1\x0038", ""),
        ("<script>x</script>", "不像手机号"),
    ],
)  # fmt: skip
def test_a_wrong_number_is_explained_and_kept(client, phone, words):
    said = client.post("/sign-in/", {"phone": phone})
    assert said.status_code == 422
    assert words in said.content.decode()
    assert "<script>x" not in said.content.decode()


def test_a_wrong_code_is_explained_kept_and_counted(client, later):
    phone = make.phone()
    client.post("/sign-in/", {"phone": phone})
    later()
    right = code_for(phone)
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(5):
        said = client.post("/sign-in/check/", {"code": wrong})
        assert said.status_code == 422
        assert f'value="{wrong}"' in said.content.decode()
    said = client.post("/sign-in/check/", {"code": right})
    assert said.status_code == 429
    assert "错的次数太多了" in said.content.decode()


def test_an_old_code_is_explained(client, later):
    phone = make.phone()
    client.post("/sign-in/", {"phone": phone})
    later()
    with moved_to(now() + timedelta(minutes=6)):
        said = client.post("/sign-in/check/", {"code": code_for(phone)})
    assert said.status_code == 422
    assert "过期了" in said.content.decode()


def test_pressing_twice_sends_one_message(client):
    phone = make.phone()
    urls = {client.post("/sign-in/", {"phone": phone}).url for _ in range(3)}
    assert urls == {"/sign-in/check/"}
    assert LoginCode.objects.count() == 1


def test_asking_too_often_is_said_in_words(client):
    phone = make.phone()
    client.post("/sign-in/", {"phone": phone})
    client.cookies.clear()
    said = client.post("/sign-in/", {"phone": phone})
    assert said.status_code == 429
    assert "要得太勤了" in said.content.decode()
    assert phone in said.content.decode()


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "/a\nb"]
)
def test_nobody_is_sent_to_a_foreign_page(client, later, wanted):
    phone = clear_phone(make.worker().user)
    client.post("/sign-in/", {"phone": phone, "next": wanted})
    later()
    done = client.post("/sign-in/check/", {"code": code_for(phone), "next": wanted})
    assert done.url == "/"


def test_a_printed_slip_signs_in_once_and_needs_no_phone(client):
    worker = make.worker(with_phone=False)
    digits = accounts.print_code(worker.user, by=make.clerk())
    said = client.post("/sign-in/code/", {"code": "12345678"})
    assert said.status_code == 422
    assert "不对" in said.content.decode()

    assert client.post("/sign-in/code/", {"code": f"{digits[:4]} {digits[4:]}"}).url == "/"
    client.post("/sign-out/")
    assert client.post("/sign-in/code/", {"code": digits}).status_code == 422


def test_without_messages_the_page_shows_the_way_to_the_counter(client, settings):
    settings.SMS_PROVIDER = "off"
    said = client.post("/sign-in/", {"phone": make.phone()})
    assert said.status_code == 409
    assert "窗口打一张" in said.content.decode()


def test_after_a_long_absence_the_card_is_asked_for(client, later):
    person = make.worker().user
    phone = clear_phone(person)
    with moved_to(now() + timedelta(days=61)):
        client.post("/sign-in/", {"phone": phone})
        later()
        assert client.post("/sign-in/check/", {"code": code_for(phone)}).url == "/sign-in/prove/"
        assert "_auth_user_id" not in client.session
        assert client.post("/sign-in/prove/", {"tail": "0000"}).status_code == 422
        assert client.post("/sign-in/prove/", {"tail": person.id_tail4}).url == "/"


def test_signing_out_forgets_who_it_was(client):
    client.force_login(make.worker().user)
    assert client.get("/sign-out/").status_code == 405
    client.post("/sign-out/")
    assert "_auth_user_id" not in client.session


def test_large_print_is_kept_on_the_device_and_by_the_person(client):
    person = make.user()
    client.force_login(person)
    done = client.post("/mode/", {"mode": "elder", "next": "/stations/"})
    assert done.url == "/stations/"
    assert client.cookies["mode"].value == "elder"
    assert client.cookies["mode"]["max-age"] == 365 * 24 * 3600
    person.refresh_from_db()
    assert person.large_print is True
    client.post("/mode/", {"mode": "nonsense"})
    person.refresh_from_db()
    assert person.large_print is False


def test_larger_words_are_offered_once_from_55_on(client):
    old, young = make.user(born=make.date(1960, 1, 1)), make.user(born=make.date(1990, 1, 1))
    client.force_login(young)
    assert client.get("/mode/ask/").status_code == 204
    client.force_login(old)
    assert "要大字" in client.get("/mode/ask/").content.decode()
    client.post("/mode/", {"mode": "elder"})
    assert client.get("/mode/ask/").status_code == 204


@pytest.fixture
def demo(settings, tmp_path):
    """A demo city with a worker and a clerk."""
    settings.DEMO, settings.DATA_DIR = True, tmp_path
    worker, clerk, silent = make.worker().user, make.clerk(), make.worker(with_phone=False).user
    codes = {"worker": worker.code, "clerk": clerk.code, "worker_no_phone": silent.code}
    (tmp_path / "demo.json").write_text(json.dumps({"people": codes}))
    return worker, clerk, silent


def test_in_the_demo_one_press_makes_you_that_person(client, demo):
    worker, clerk, _silent = demo
    page = client.get("/demo/").content.decode()
    assert worker.name in page
    assert "演示数据" in page, "the frame says that this is a demo"
    assert client.post("/demo/enter/worker/").url == "/"
    assert client.session["_auth_user_id"] == str(worker.pk)
    client.post("/demo/enter/worker_no_phone/")
    assert client.session["_auth_user_id"] == str(clerk.pk), "who has no phone is seen from the counter"
    assert client.post("/demo/enter/nobody/").status_code == 404
    assert client.post("/demo/enter/admin/").status_code == 404


def test_outside_the_demo_there_is_no_such_page(client, demo, settings):
    settings.DEMO = False
    assert client.get("/demo/").status_code == 404
    assert client.post("/demo/enter/worker/").status_code == 404
    assert "_auth_user_id" not in client.session


def test_the_table_for_the_terminal_names_every_role(demo):
    from linggong.web import demo_people

    lines = demo_people.table("http://127.0.0.1:8000")
    assert len(lines) == len(demo_people.PEOPLE) + 1
    assert lines[-1].endswith("/demo/")
    assert demo[0].name in lines[0]


def test_an_act_after_the_session_ended_is_told_at_the_door(client):
    door = client.post("/e/post/read/", {"text": "明天要2个帮厨", "key": "k"})
    told = client.get(door.url).text

    assert "登录过期了，刚才那一下没交上去" in told and "data-draft-any" in told
    assert "登录过期了" not in client.get(client.get("/e/post/").url).text, "who only came to look lost nothing"


def test_a_stale_form_leads_back_to_its_page_on_its_own_desk():
    strict = Client(enforce_csrf_checks=True)

    page = strict.post("/e/post/read/", {"text": "明天要2个帮厨"}, HTTP_REFERER="http://testserver/e/post/")

    assert page.status_code == 403
    assert 'href="/e/post/"' in page.text and "返回那一页" in page.text
    assert 'href="/e/money/"' in page.text and 'href="/wages/"' not in page.text


def test_in_the_demo_the_whole_citys_clock_goes_forward_one_press_at_a_time(
    client, demo, settings, tmp_path, monkeypatch
):
    monkeypatch.setattr(clock, "LOOK_EVERY", 0)
    with clock.moved_to(clock.at(clock.today(), 9, 30)):
        clock.follow(tmp_path / "clock")
        try:
            assert "9:30" in client.get("/demo/").content.decode()
            for to, reads in (("hour", "10:30"), ("evening", "18:10"), ("morning", "7:50")):
                client.post(f"/demo/clock/{to}/")
                assert f" {reads}" in client.get("/demo/?moved").content.decode()
            assert client.post("/demo/clock/yesterday/").status_code == 404
            settings.DEMO = False
            assert client.post("/demo/clock/hour/").status_code == 404
        finally:
            clock.follow(None)
