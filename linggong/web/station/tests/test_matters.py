"""Dispatching, verifying employers, checking papers, wages, cases and the head's page."""

import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

import linggong.accounts.queries as people
import linggong.cases.actions as case_actions
import linggong.cases.queries as cases
import linggong.employers.actions as employer_actions
import linggong.engagements.actions as deal_actions
import linggong.engagements.queries as deals
import linggong.payments.actions as payment_actions
import linggong.payments.queries as payments
import linggong.workers.actions as worker_actions
from linggong import make
from linggong.cases.models import Case
from linggong.core import clock
from linggong.reference.models import Certificate
from linggong.venues.models import OnCall, Staff
from linggong.venues.queries import reach_of
from linggong.web.station.tests.conftest import sign_in

pytestmark = pytest.mark.django_db


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), "white").save(out, "JPEG")
    return out.getvalue()


def cost(client, url: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


@pytest.fixture
def mediator(db):
    return make.staff("mediator", name="李调解")


# --- dispatching ---------------------------------------------------------------------------------------------


def test_fitting_people_stand_beside_the_work_and_one_press_sends_them(window, clerk):
    posting, worker = make.posting(), make.worker(name="刘合适")
    page = window.get(f"/desk/dispatch/{posting.code}/").text
    assert "刘合适" in page and posting.title in window.get("/desk/dispatch/").text

    said = {"worker": worker.code, "how": "call", "key": "s"}
    for _turn in range(2):
        answer = window.post(f"/desk/dispatch/{posting.code}/send/", said)

    deal = deals.of_worker(worker).get()
    assert deal.state == "confirmed" and deal.code in answer.url
    assert people.assisted_for(worker.user).get(act="dispatch").consent_how == "recorded_call"
    assert "刘合适" in window.get(f"/desk/dispatch/{posting.code}/print/").text


def test_somebody_called_by_message_answers_themselves(window):
    posting, worker = make.posting(), make.worker()

    window.post(f"/desk/dispatch/{posting.code}/call/", {"worker": worker.code, "key": "s"})

    assert deals.of_worker(worker).get().state == "offered"


@pytest.mark.row("SX-37")
def test_dispatch_refuses_an_employer_whose_papers_nobody_saw(window):
    posting, worker = make.posting(), make.worker()
    employer_actions.suspend(posting.employer, because="材料是假的", by=make.supervisor())

    answer = window.post(f"/desk/dispatch/{posting.code}/send/", {"worker": worker.code, "how": "call", "key": "s"})

    assert answer.status_code == 409
    assert not deals.of_worker(worker).exists()


def test_the_dispatch_list_costs_the_same_for_two_rows_as_for_nine(window):
    boss = make.employer()
    for _n in range(2):
        make.posting(employer_=boss)
    few = cost(window, "/desk/dispatch/")
    for _n in range(7):
        make.posting(employer_=boss)
    assert cost(window, "/desk/dispatch/") == few


def test_the_number_to_ring_is_opened_on_the_page_and_the_look_is_written_down(window):
    posting, worker = make.posting(), make.worker(name="刘合适")
    number = people.export_of(worker.user)["person"]["phone"]
    url = f"/desk/dispatch/{posting.code}/"
    assert number not in window.get(url).text

    shown = window.post(f"{url}number/", {"worker": worker.code, "posting": posting.code})

    assert f'href="tel:{number}"' in shown.text and shown["Cache-Control"] == "no-store"
    look = people.looks_at(worker.user).get()
    assert look.what == "phone" and posting.title in look.reason
    assert number not in window.get(url).text


def test_for_somebody_without_a_phone_the_person_who_takes_the_call_is_named(window):
    family = make.user(name="王家里")
    worker = make.worker(name="林没手机", with_phone=False, contact_via="relative", contact_user=family)
    posting = make.posting()
    url = f"/desk/dispatch/{posting.code}/"
    page = window.get(url).text
    assert "家里人接电话" in page and "发消息叫他" not in page

    shown = window.post(f"{url}number/", {"worker": worker.code, "posting": posting.code}).text

    assert "家里人 王家里" in shown and people.export_of(family)["person"]["phone"] in shown
    assert people.looks_at(family).get().what == "phone"


def test_the_call_list_opens_a_number_only_of_somebody_within_reach(window):
    posting, worker = make.posting(), make.worker()
    far = make.worker(division=next(d for d in make.reference.children("330200") if d.lat))

    near = window.post("/desk/calls/number/", {"worker": worker.code, "posting": posting.code})
    away = window.post("/desk/calls/number/", {"worker": far.code, "posting": posting.code})

    assert (near.status_code, away.status_code) == (200, 404)
    assert people.looks_at(worker.user).count() == 1 and not people.looks_at(far.user).exists()


# --- papers --------------------------------------------------------------------------------------------------


def test_a_certificate_is_looked_at_checked_and_the_look_is_on_record(window):
    worker = make.worker()
    kind = Certificate.objects.order_by("code").first()
    holding = worker_actions.upload_certificate(worker, certificate=kind, photo=photo(), by=worker.user)
    assert kind.name in window.get("/desk/papers/").text

    picture = window.get(f"/papers/{holding.photo}")

    assert picture["Content-Type"] == "image/jpeg" and picture["Cache-Control"] == "no-store"
    assert people.looks_at(worker.user).get().reason == f"核对{kind.name}"
    window.post(f"/desk/papers/{holding.code}/check/", {"key": "c"})
    holding.refresh_from_db()
    assert holding.state == "checked"


def test_photos_have_no_other_door(window, client):
    assert window.get("/papers/certificates/0123.jpg").status_code == 404
    assert window.get("/papers/../../etc/passwd").status_code == 404
    assert client.get("/papers/certificates/0123.jpg").status_code == 302


def test_a_card_goes_back_with_a_reason_or_out(window):
    worker = make.worker()
    card = worker_actions.save_card(
        worker,
        trades=[make.kitchen()],
        pay_fen=18000,
        pay_unit="DAY",
        area=make.county(),
        text="手脚快",
        by=worker.user,
    )
    worker_actions.submit_card(card, by=worker.user)

    assert window.post(f"/desk/cards/{card.code}/return/", {"because": "", "key": "a"}).status_code == 422
    window.post(f"/desk/cards/{card.code}/approve/", {"key": "b"})

    card.refresh_from_db()
    assert card.state == "visible"


# --- employers -----------------------------------------------------------------------------------------------


def test_papers_pass_or_go_back_with_a_reason(reviewing):
    boss = make.employer(state="prelim_checked")
    employer_actions.submit(boss, by=make.lived.owner_of(boss))
    assert boss.name in reviewing.get("/desk/employers/").text

    assert reviewing.post(f"/desk/employers/{boss.code}/return/", {"because": "", "key": "a"}).status_code == 422
    reviewing.post(f"/desk/employers/{boss.code}/return/", {"because": "执照照片不清楚", "key": "b"})
    boss.refresh_from_db()
    assert boss.state == "prelim_checked"

    reviewing.post(f"/desk/employers/{boss.code}/verify/", {"key": "c"})
    boss.refresh_from_db()
    assert boss.state == "verified"


# --- wages and cases -----------------------------------------------------------------------------------------


def test_where_a_wage_is_and_asking_for_it(window, mediator):
    with clock.moved_to(clock.now()):
        deal = make.engagement(upto="confirmed_done")
        wage = payments.by_ref(deals.ref(make.attendance(deal)))
        page = window.get(f"/desk/wages/{deal.worker.user.code}/").text
        assert "等老板确认" in page or "线下付" in page

        assert window.post(f"/desk/wages/{wage.code}/ask/", {"facts": "", "key": "a"}).status_code == 422
        answer = window.post(f"/desk/wages/{wage.code}/ask/", {"facts": "说好今天给", "key": "b"})

        case = Case.objects.get(kind="arrears")
        assert answer.url == f"/desk/cases/{case.code}/"
        assert (case.owner, case.filed_by) == (mediator, deal.worker.user)
        assert "说好今天给" in window.get(answer.url).text


def test_a_case_is_taken_noted_answered_closed_and_opened_again(mediator, later):
    with clock.moved_to(clock.now()):
        deal = make.engagement(upto="paid")
        deal_actions.rate(deal, "worker", stars=1, by=deal.worker.user)
        later()
        case, client = Case.objects.get(), sign_in(mediator)
        url = f"/desk/cases/{case.code}/"
        assert "差评跟进" in client.get("/desk/cases/?tab=mine").text

        client.post(f"{url}take/", {"key": "1"})
        client.post(f"{url}note/", {"text": "打电话问了两边", "key": "2"})
        assert client.post(f"{url}close/", {"key": "3"}).status_code in (409, 422)
        client.post(f"{url}answer/", {"text": "老板道了歉", "key": "4"})
        client.post(f"{url}close/", {"key": "5"})

        case.refresh_from_db()
        assert (case.state, case.answer) == ("closed", "老板道了歉")
        assert "打电话问了两边" in client.get(url).text
        client.post(f"{url}reopen/", {"text": "又来了", "key": "6"})
        case.refresh_from_db()
        assert case.state == "accepted"


def test_a_disputed_wage_is_decided_by_two(mediator, later, clerk):
    with clock.moved_to(clock.now()):
        deal = make.engagement(upto="work_done", pay_unit="HOUR", pay_fen=2500)
        row = make.attendance(deal)
        deal_actions.confirm(row, minutes=360, by=make.lived.owner_of(deal.employer))
        later()
        case = Case.objects.get(kind="dispute")
        url, first, second = f"/desk/cases/{case.code}/", sign_in(mediator), sign_in(clerk)

        assert second.post(f"{url}decide/", {"key": "0"}).status_code == 409
        first.post(f"{url}propose/", {"yuan": "160", "text": "一人让一步", "key": "1"})
        refused = first.post(f"{url}decide/", {"key": "2"})
        assert refused.status_code == 409 and "不能自己批" in refused.text

        second.post(f"{url}decide/", {"key": "3"})

        row.refresh_from_db()
        case.refresh_from_db()
        assert (row.state, row.pay_fen) == ("pay_due", 16000)
        assert case.outcome == {"pay_fen": 16000, "by": mediator.code, "second": clerk.code, "decided": True}


def test_a_call_ends_with_what_the_worker_said(window, later, clerk):
    with clock.moved_to(clock.now()):
        deal = make.engagement(upto="confirmed_done")
        wage = payments.by_ref(deals.ref(make.attendance(deal)))
        payment_actions.declare_paid(wage, how="cash", by=make.lived.owner_of(deal.employer))
        moment = wage.due_at + timedelta(hours=25)
        clock.set_now(moment)
        payment_actions.note_silent(payments.by_code(wage.code), moment=moment)
        later()
        case = Case.objects.get(kind="call")
        assert "电话里怎么说" in window.get(f"/desk/cases/{case.code}/").text

        window.post(f"/desk/cases/{case.code}/got-it/", {"key": "1"})

        wage = payments.by_code(wage.code)
        assert (wage.state, wage.acknowledged_how) == ("acknowledged", "call")
        case.refresh_from_db()
        assert case.state == "answered"


def test_a_row_of_the_list_names_who_it_is_about_and_is_not_new_for_ever(mediator, later):
    with clock.moved_to(clock.now()):
        deal = make.engagement(upto="paid")
        deal_actions.rate(deal, "worker", stars=1, by=deal.worker.user)
        later()
        case = case_actions.file(
            "arrears", about=deal, facts="没给钱", by=deal.worker.user, deal=deals.ref(deal),
            division_code=deal.posting.division_id,
        )  # fmt: skip
        client = sign_in(mediator)
        fresh = client.get("/desk/cases/").text
        clock.set_now(case.due_at + timedelta(hours=2))
        old = client.get("/desk/cases/").text

    assert deal.worker.user.name in fresh and "刚收到" in fresh and "还没动手" not in fresh
    assert "还没动手" in old and "刚收到" not in old


def test_a_case_nobody_filed_still_names_the_worker_and_the_employer(window):
    deal, idle = make.engagement(), make.worker(name="闲五天")
    where = deal.posting.division_id
    case_actions.file("bad_rating", about=deal, facts="2 星", by=None, deal=deals.ref(deal), division_code=where)
    case_actions.file("no_work", about=idle, facts="五天没人叫", by=None, division_code=where, owner_role="head")

    page = window.get("/desk/cases/").text

    assert f"{deal.worker.user.name}、{deal.employer.name}" in page and "闲五天" in page


def test_cases_elsewhere_are_not_found(window, mediator):
    far = next(d for d in make.reference.children("330200") if d.lat)
    case = case_actions.file("report", about=make.posting(), facts="收押金", by=make.user(), division_code=far.code)

    assert window.get(f"/desk/cases/{case.code}/").status_code == 404
    assert list(cases.open_within(reach_of(mediator))) == []


# --- the head's page -----------------------------------------------------------------------------------------


def test_the_head_adds_and_ends_colleagues_and_puts_a_reviewer_on_call(head, reviewer):
    client, newcomer = sign_in(head), make.user(name="何新来")
    number = people.export_of(newcomer)["person"]["phone"]

    unknown = client.post("/desk/venue/staff/add/", {"phone": make.phone(), "duty": "clerk", "key": "a"})
    assert unknown.status_code == 422 and "还没登记" in unknown.text
    client.post("/desk/venue/staff/add/", {"phone": number, "duty": "clerk", "key": "b"})
    assert Staff.objects.filter(user=newcomer, duty="clerk", ended_at=None).exists()
    client.post("/desk/venue/staff/end/", {"who": newcomer.code, "duty": "clerk"})
    assert not Staff.objects.filter(user=newcomer, ended_at=None).exists()

    day = (clock.today() + timedelta(days=1)).isoformat()
    said = {"who": reviewer.code, "day": day, "start": "20:00", "end": "08:00", "rank": "1", "key": "c"}
    client.post("/desk/venue/duty/add/", said)
    row = OnCall.objects.get()
    assert (row.ends_at - row.starts_at) == timedelta(hours=12)
    assert "陈审核" in client.get("/desk/venue/").text
    client.post(f"/desk/venue/duty/{row.pk}/drop/")
    assert not OnCall.objects.exists()


def test_hours_are_changed_day_by_day(head):
    client, said = sign_in(head), {"key": "h"}
    for n in range(6):
        said |= {f"o{n}": "05:30", f"c{n}": "18:00"}

    client.post("/desk/venue/hours/change/", said)

    venue = make.venue()
    venue.refresh_from_db()
    assert venue.hours == [["05:30", "18:00"]] * 6 + [None]


@pytest.mark.parametrize(
    "url", ["/desk/", "/desk/people/", "/desk/post/", "/desk/papers/", "/desk/wages/", "/desk/cases/"]
)
def test_every_page_of_the_window_stands_empty(window, url):
    page = window.get(url)

    assert page.status_code == 200
    assert page.text.count("<h1") == 1
