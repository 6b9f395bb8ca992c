"""Joining through the doors: five things to enter, nothing made before the end."""

import re

import pytest

import linggong.accounts.queries as accounts
import linggong.engagements.queries as deals
import linggong.workers.queries as workers
from linggong import make
from linggong.accounts.models import Consent, User
from linggong.core import outside
from linggong.workers.models import Verification, Worker

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def worlds():
    """Empty pretend providers for every test."""
    outside.reset()
    yield
    outside.reset()


@pytest.fixture
def prove(client, later):
    """Show a phone to be one's own, by the code the pretend operator delivered."""

    def prove_phone(phone: str, next_: str = ""):
        client.post("/sign-in/", {"phone": phone, "next": next_})
        later()
        code = outside.in_process("sms").messages(phone)[0]["params"]["code"]
        return client.post("/sign-in/check/", {"code": code, "next": next_})

    return prove_phone


def answer(client, *, name="罗桂花", number=None, place=None, trades=None):
    """Walk the pages up to the last one."""
    number = make.id_number() if number is None else number
    facts = {"name": name, "id_number": number} if number else {"name": name, "later": "1"}
    client.post("/join/who/", facts)
    client.post("/join/area/", {"area": (place or make.county()).code})
    return client.post("/join/trades/", {"trades": trades or [make.kitchen().code]})


@pytest.mark.row("GX-08")
def test_a_new_worker_applies_for_a_job_after_at_most_five_entries(client, prove, monday_morning, later):
    unloading = next(
        t for t in make.reference.trades() if t.group == "load" and not make.reference.hard_certificates(t)
    )
    posting = make.posting(trade=unloading.code, title="货站卸货", content="卸货上架", pay_fen=22000)
    apply = f"/jobs/{posting.code}/apply/"
    prove(phone := make.phone(), apply)
    client.get("/join/", {"next": apply})
    entered = ["phone"]

    entered += [n for n in ("name", "id_number") if n in client.get("/join/who/").content.decode()]
    client.post("/join/who/", {"name": "罗桂花", "id_number": make.id_number()})
    entered += ["area"]
    client.post("/join/area/", {"area": make.county().code})
    page = client.get("/join/trades/").content.decode()
    assert re.search(rf'value="{unloading.code}" checked', page), "the trade of the job is ticked already"
    entered += ["trades"]
    client.post("/join/trades/", {"trades": [unloading.code]})
    done = client.post("/join/check/", {"key": "k1", "agree_service": "1"})

    assert len(entered) <= 5
    assert (done.status_code, done.url) == (302, apply)
    worker = workers.of_user(accounts.by_phone(phone))
    assert worker.state == Verification.PRELIM_CHECKED
    page = client.get(apply).content.decode()
    names = dict(re.findall(r'name="(key|seen)" value="([^"]+)"', page))
    went = client.post(f"{apply}go/", names)
    assert went.status_code == 302, went.content.decode()
    assert deals.of_worker(worker).exists()


def test_without_the_card_at_hand_one_joins_light_and_is_sent_to_the_counter(client, prove):
    make.venue()
    prove(phone := make.phone())
    answer(client, number="")
    done = client.post("/join/check/", {"key": "k1", "agree_service": "1"}, follow=True)

    assert workers.of_user(accounts.by_phone(phone)).state == Verification.LIGHT
    assert "还差看一眼证" in done.content.decode()
    assert "三元区零工市场" in done.content.decode()


def test_a_child_is_refused_and_leaves_nothing(client, prove):
    prove(make.phone())
    before = User.objects.count()
    said = client.post("/join/who/", {"name": "小明", "id_number": make.id_number(born=make.date(2014, 1, 1))})

    assert said.status_code == 409
    assert "不满 16 周岁" in said.content.decode()
    assert User.objects.count() == before
    assert not [key for key in client.session.keys() if key.startswith(("door_", "join"))]  # noqa: SIM118
    assert accounts.under_age_refused(make.now() - make.timedelta(days=1)) == 1
    assert client.get("/join/who/").status_code == 302, "the phone that was shown is forgotten too"


def test_pressing_twice_makes_one_person(client, prove):
    prove(make.phone())
    answer(client)
    first = client.post("/join/check/", {"key": "k1", "agree_service": "1"})
    second = client.post("/join/check/", {"key": "k1", "agree_service": "1"})

    assert first.url == second.url == "/join/done/"
    assert Worker.objects.count() == 1


def test_each_consent_is_its_own_and_the_free_one_may_be_left_out(client, prove):
    prove(phone := make.phone())
    answer(client)
    refused = client.post("/join/check/", {"key": "k1", "agree_sms": "1"})
    assert refused.status_code == 422
    assert "同意就勾上" in refused.content.decode()

    client.post("/join/check/", {"key": "k2", "agree_service": "1"})
    given = Consent.objects.filter(user=accounts.by_phone(phone))
    assert list(given.values_list("purpose", flat=True)) == ["service"]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"name": "", "id_number": ""}, "姓名没填"),
        ({"name": "罗桂花", "id_number": ""}, "到窗口验"),
        ({"name": "罗桂花", "id_number": "35049919740305"}, "少了 4 位"),
        ({"name": "罗桂花", "id_number": "350499197403050011"}, "身份证号不对"),
        ({"name": "😀😀", "id_number": ""}, "姓名请照身份证上写"),
        ({"name": "<script>alert(1)</script>", "id_number": ""}, "姓名请照身份证上写"),
        ({"name": "长" * 10_000, "id_number": ""}, "姓名太长了"),
        ({"name": "罗\x00花", "id_number": "1" * 10_000}, "太长了"),
    ],
)
def test_a_wrong_answer_is_explained_and_kept(client, prove, facts, words):
    prove(make.phone())
    said = client.post("/join/who/", facts)
    assert said.status_code == 422
    assert words in said.content.decode()
    assert "<script>alert" not in said.content.decode()


@pytest.mark.parametrize("area", ["", "999999", "abc", "350000", "1" * 300, "\x00", "３５０４０２"])
def test_a_place_nobody_knows_is_asked_again(client, prove, area):
    prove(make.phone())
    assert client.post("/join/area/", {"area": area}).status_code == 422


def test_places_and_trades_can_be_found_by_name(client, prove):
    prove(make.phone())
    assert "海曙区" in client.post("/join/area/", {"q": "海曙", "find": "1"}).content.decode()
    found = client.post("/join/trades/", {"q": "焊工", "find": "1", "trades": [make.kitchen().code]}).content.decode()
    assert "焊工" in found
    assert f'value="{make.kitchen().code}" checked' in found


def test_trades_are_between_one_and_twelve(client, prove):
    prove(make.phone())
    assert "点一样会干的" in client.post("/join/trades/", {"trades": ["nonsense"]}).content.decode()
    many = [trade.code for trade in make.reference.trades()[:13]]
    assert "最多 12 样" in client.post("/join/trades/", {"trades": many}).content.decode()


def test_a_session_that_ended_meanwhile_keeps_the_answers(client, prove):
    prove(make.phone())
    client.session.flush()
    client.cookies.clear()
    sent = client.post("/join/who/", {"name": "罗桂花", "id_number": make.id_number()})
    assert sent.url.startswith("/sign-in/")

    prove(make.phone(), "/join/who/")
    assert "罗桂花" in client.get("/join/who/").content.decode()


def test_the_id_number_is_not_readable_in_the_session(client, prove):
    prove(make.phone())
    number = make.id_number()
    answer(client, number=number)
    assert number not in str(dict(client.session))


def test_somebody_who_only_employs_answers_the_first_page_and_goes_on(client, prove):
    prove(phone := make.phone(), "/e/verify/")
    client.get("/join/", {"next": "/e/verify/"})
    client.post("/join/who/", {"name": "王小店", "id_number": make.id_number()})
    done = client.post("/join/check/", {"key": "k1", "agree_service": "1"})

    assert done.url == "/e/verify/"
    assert workers.of_user(accounts.by_phone(phone)) is None


def test_who_is_signed_in_already_is_not_asked_again(client):
    person = make.user()
    client.force_login(person)
    assert client.get("/join/").url == "/join/area/"
    client.post("/join/area/", {"area": make.county().code})
    client.post("/join/trades/", {"trades": [make.kitchen().code]})
    client.post("/join/check/", {"key": "k1", "agree_service": "1"})
    assert workers.of_user(person).state == Verification.PRELIM_CHECKED


def test_an_id_number_of_somebody_else_is_refused_in_words(client, prove):
    taken = make.id_number()
    make.accounts.make_person(name="陈阿妹", id_number=taken, by=None)
    prove(make.phone())
    answer(client, number=taken)
    said = client.post("/join/check/", {"key": "k1", "agree_service": "1"})
    assert said.status_code == 409
    assert "已经登记过" in said.content.decode()
    assert not Worker.objects.exists()


@pytest.mark.row("FJ-14")
def test_a_worker_proves_themselves_by_social_security_card(client, later):
    worker = make.worker(state="prelim_checked")
    client.force_login(worker.user)
    facts = {"method": "ss_card", "card_number": "A12345678", "agree_ss_card": "1"}
    assert client.post("/join/verify/", facts).status_code == 302
    assert "正在核" in client.get("/join/verify/").content.decode()
    later()

    assert "核过了，是本人" in client.get("/join/verify/").content.decode()
    worker.refresh_from_db()
    assert worker.state == Verification.VERIFIED
    check = accounts.verified_check(worker.user)
    assert check.token
    assert check.card_sealed == ""


@pytest.mark.row("FJ-14")
def test_a_card_that_does_not_fit_shows_the_way_to_the_counter(client, later):
    make.venue()
    worker = make.worker()
    client.force_login(worker.user)
    client.post("/join/verify/", {"method": "ss_card", "card_number": "A12340000", "agree_ss_card": "1"})
    later()
    page = client.get("/join/verify/").content.decode()
    assert "这次没核上" in page
    assert "窗口看证" in page


def test_no_card_goes_anywhere_without_the_consent_for_it(client):
    worker = make.worker()
    client.force_login(worker.user)
    said = client.post("/join/verify/", {"method": "ss_card", "card_number": "A12345678", "agree_identity": "1"})
    assert said.status_code == 422
    assert "同意才能拿去核" in said.content.decode()
    assert accounts.latest_check(worker.user) is None


def test_a_trade_nobody_knows_leaves_the_pictures_standing(client, prove):
    prove(make.phone())
    client.post("/join/who/", {"name": "罗桂花", "id_number": make.id_number()})
    client.post("/join/area/", {"area": make.county().code})

    page = client.post("/join/trades/", {"q": "炼丹", "find": "1"}).text

    assert "没找到这样活" in page and "选“普工”" not in page
    assert page.count('name="trades"') > 3


def test_no_township_is_chosen_for_them(client, prove):
    prove(make.phone())
    client.post("/join/who/", {"name": "罗桂花", "id_number": make.id_number()})

    page = client.get("/join/area/").text
    on = client.post("/join/area/", {})

    assert 'name="area"' in page and "checked" not in page.split("</fieldset>")[0].split("<fieldset")[1]
    assert on.status_code == 422 and "还没选地方" in on.text
