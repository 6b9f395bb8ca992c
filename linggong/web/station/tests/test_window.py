"""Registering at the window, and sending somebody to work from it."""

import pytest

import linggong.accounts.queries as people
import linggong.engagements.queries as deals
import linggong.workers.queries as workers
from linggong import make
from linggong.accounts.models import Tally, User
from linggong.core.clock import today
from linggong.web.station.tests.conftest import sign_in
from linggong.workers.models import Worker

pytestmark = pytest.mark.django_db


def entry(**changes):
    town = make.reference.children(make.county().code)[0]
    said = {
        "key": "k1", "name": "刘桂芳", "id_number": make.id_number(), "contact_via": "self", "phone": make.phone(),
        "trades": [make.kitchen().code], "parts": ["day"], "division": town.code, "id_seen": "on", "agreed": "on",
    }  # fmt: skip
    return said | changes


@pytest.mark.row("FJ-09b")
@pytest.mark.row("SX-12a")
def test_one_screen_registers_checks_and_records_the_consent_and_who_did_it(window, clerk):
    answer = window.post("/desk/save/", entry())

    worker = Worker.objects.get()
    assert answer.url == f"/desk/?person={worker.user.code}"
    assert (worker.source, worker.registered_by, worker.state) == ("counter", clerk, "prelim_checked")
    assert people.is_verified(worker.user)
    consent = people.consents_of(worker.user).get(purpose="service")
    assert (consent.how, consent.witness) == ("spoken", clerk)
    assert people.assisted_for(worker.user).get(act="register").acted_by == clerk
    assert "刘桂芳" in window.get(answer.url).text


def test_somebody_without_a_phone_is_a_whole_person(window, clerk):
    window.post("/desk/save/", entry(contact_via="officer", phone=""))

    worker = Worker.objects.get()
    assert worker.user.phone_hash is None
    assert (worker.contact_via, worker.contact_user) == ("officer", clerk)


def test_a_relatives_phone_must_be_known(window):
    answer = window.post("/desk/save/", entry(contact_via="relative"))

    assert answer.status_code == 422
    assert "先给家里人登记" in answer.text
    assert not Worker.objects.exists()


def test_sent_twice_or_known_already_opens_the_person_and_makes_no_second_one(window):
    said = entry()
    first = window.post("/desk/save/", said)
    again = window.post("/desk/save/", said | {"key": "k2"})

    assert first.url.split("&")[0] == again.url.split("&")[0]
    assert Worker.objects.count() == 1
    assert "登记过了" in window.get(again.url).text


def test_under_sixteen_is_refused_and_nothing_is_stored(window):
    young = make.id_number(born=today().replace(year=today().year - 15))
    before = User.objects.count()

    answer = window.post("/desk/save/", entry(id_number=young))

    assert answer.status_code == 409
    assert "不满 16 周岁" in answer.text
    assert User.objects.count() == before
    assert Tally.objects.get(kind="under_age_refused").count == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "姓名没填"),
        ({"name": "😀" * 30}, "姓名请照身份证上写"),
        ({"name": "王" * 10000}, "姓名太长了"),
        ({"id_number": "110101199003070000"}, "身份证号不对"),
        ({"phone": "138"}, "不像手机号"),
        ({"trades": [], "other": ""}, "至少点一种"),
        ({"trades": [], "other": "<script>"}, "没有这种活"),
        ({"agreed": ""}, "先把规矩念给本人听"),
        ({"division": "999999"}, "从列表里选街道"),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_is_kept(window, changes, words):
    answer = window.post("/desk/save/", entry(**changes))

    assert answer.status_code == 422
    assert words in answer.text
    assert not Worker.objects.exists()


def test_offers_come_with_reasons_and_one_press_binds_with_a_receipt(window, clerk):
    posting = make.posting()
    worker = make.worker()

    page = window.get(f"/desk/?person={worker.user.code}")
    assert posting.title in page.text and "会干" in page.text

    said = {"posting": posting.code, "key": "d1"}
    first = window.post(f"/desk/people/{worker.user.code}/dispatch/", said)
    again = window.post(f"/desk/people/{worker.user.code}/dispatch/", said)

    deal = deals.of_worker(worker).get()
    assert first.url == again.url == f"/desk/?person={worker.user.code}&deal={deal.code}"
    assert (deal.state, deal.channel, deal.acted_by) == ("confirmed", "staff", clerk)
    assert people.has_consented(worker.user, "share_with_employer")
    assert people.assisted_for(worker.user).filter(act="dispatch").count() == 1
    page = window.get(first.url).text
    assert "这一个定好了" in page and "先取消那一个" not in page, "what was just given is not in the way"
    assert "派工条" in window.get(first.url).text
    slip = window.get(f"/desk/slips/{deal.code}/").text
    assert "收钱回条" in slip and posting.address in slip and "最晚" in slip


def test_where_the_employer_chooses_the_window_only_hands_it_in(window):
    posting = make.posting(way_in="apply")
    worker = make.worker()

    window.post(f"/desk/people/{worker.user.code}/dispatch/", {"posting": posting.code, "key": "d1"})

    assert deals.of_worker(worker).get().state == "applied"


@pytest.mark.row("SX-37")
def test_nobody_is_bound_before_both_sides_were_checked(window):
    posting = make.posting()
    unchecked = make.worker(state="light")

    answer = window.post(f"/desk/people/{unchecked.user.code}/dispatch/", {"posting": posting.code, "key": "d1"})

    assert answer.status_code == 409
    assert "核对身份证" in answer.text
    assert not deals.of_worker(unchecked).exists()

    window.post(f"/desk/people/{unchecked.user.code}/check-id/", {"key": "c1"})
    window.post(f"/desk/people/{unchecked.user.code}/dispatch/", {"posting": posting.code, "key": "d2"})
    assert deals.of_worker(unchecked).get().state == "confirmed"
    assert workers.is_checked(workers.of_user(unchecked.user))


def test_a_desk_shows_only_what_the_duty_allows(window, reviewing, client):
    assert window.get("/desk/").status_code == 200
    assert window.get("/review/").status_code == 404
    assert window.get("/desk/venue/").status_code == 404
    assert reviewing.get("/desk/").url == "/review/"
    assert reviewing.get("/desk/people/").status_code == 404
    assert sign_in(make.user()).get("/desk/").status_code == 404
    assert client.get("/desk/").url.startswith("/sign-in/")
