"""A person's record: masked, opened with a reason, acted for with a receipt."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import linggong.accounts.queries as people
import linggong.engagements.queries as deals
import linggong.payments.queries as payments
from linggong import make
from linggong.cases.models import Case
from linggong.core import clock

pytestmark = pytest.mark.django_db


def far_away():
    return next(d for d in make.reference.children("330200") if d.lat)


def test_numbers_are_masked_and_opening_one_leaves_a_row_the_person_can_read(window):
    worker = make.worker()
    page = window.get(f"/desk/people/{worker.user.code}/")
    number = people.export_of(worker.user)["person"]["phone"]
    assert number not in page.text and number[-4:] in page.text

    refused = window.post(f"/desk/people/{worker.user.code}/look/", {"what": "phone", "reason": ""})
    assert refused.status_code == 422 and "写明原因" in refused.text and number not in refused.text

    opened = window.post(f"/desk/people/{worker.user.code}/look/", {"what": "phone", "reason": "明早的活改了时间"})
    assert number in opened.text
    assert opened["Cache-Control"] == "no-store"
    look = people.looks_at(worker.user).get()
    assert (look.what, look.reason) == ("phone", "明早的活改了时间")
    assert "明早的活改了时间" in window.get(f"/desk/people/{worker.user.code}/").text


def test_the_search_finds_by_exact_number_anywhere_and_by_name_only_within_reach(window):
    near, far = make.worker(name="刘近水"), make.worker(name="刘远山", division=far_away())

    assert "刘近水" in window.post("/desk/people/find/", {"q": "刘近水"}).text
    assert far.user.code not in window.post("/desk/people/find/", {"q": "刘远山"}).text
    assert window.get(f"/desk/people/{far.user.code}/").status_code == 404

    number = people.export_of(far.user)["person"]["phone"]
    found = window.post("/desk/people/find/", {"q": number})
    assert found.url == f"/desk/people/{far.user.code}/"
    assert window.get(found.url).status_code == 200
    assert window.get(f"/desk/people/{near.user.code}/").status_code == 200
    assert window.get("/desk/people/nonsense12/").status_code == 404


def test_a_sign_in_code_is_printed_once_and_never_for_staff(window, clerk):
    worker = make.worker()

    slip = window.post(f"/desk/people/{worker.user.code}/print-code/", {"key": "p"})

    assert "登录码" in slip.text and slip["Cache-Control"] == "no-store"
    assert people.assisted_for(worker.user).get(act="print_code").acted_by == clerk
    assert window.post(f"/desk/people/{make.reviewer().code}/print-code/", {"key": "p"}).status_code == 404


def test_area_and_trades_are_changed_for_them(window):
    worker = make.worker()
    other = next(t for t in make.reference.trades() if t.code != make.kitchen().code)
    said = {"trades": [other.code], "parts": ["night"], "division": worker.division_id, "key": "c"}

    answer = window.post(f"/desk/people/{worker.user.code}/profile/change/", said)

    assert answer.status_code == 302
    worker.refresh_from_db()
    assert worker.free_parts == ["night"]
    assert [row.trade_id for row in worker.trades.all()] == [other.code]


def test_staff_check_somebody_in_with_a_reason_and_out_again(window):
    deal = make.engagement(upto="confirmed")
    row, code = make.attendance(deal), deal.worker.user.code
    with clock.moved_to(row.shift.starts_at - timedelta(minutes=10)):
        none = window.post(
            f"/desk/people/{code}/shifts/{row.code}/check-in/", {"because": "", "agreed": "1", "key": "a"}
        )
        assert none.status_code == 422

        window.post(
            f"/desk/people/{code}/shifts/{row.code}/check-in/", {"because": "手机没电", "agreed": "1", "key": "b"}
        )
        row.refresh_from_db()
        assert (row.state, row.checked_in_how) == ("checked_in", "staff")
        assert "手机没电" in people.assisted_for(deal.worker.user).get(act="check-in").receipt
    with clock.moved_to(row.shift.ends_at):
        window.post(f"/desk/people/{code}/shifts/{row.code}/check-out/", {"agreed": "1", "key": "c"})
    row.refresh_from_db()
    assert row.state == "work_done"


def test_a_stub_handed_in_acknowledges_the_wage_once(window):
    with clock.moved_to(clock.now()):
        deal = make.engagement(upto="confirmed_done")
        row = make.attendance(deal)
        url = f"/desk/people/{deal.worker.user.code}/shifts/{row.code}/received/"

        for _turn in range(2):
            assert window.post(url, {"agreed": "1", "key": "stub"}).status_code == 302

        wage = payments.by_ref(deals.ref(row))
        assert (wage.state, wage.acknowledged_how) == ("acknowledged", "stub")
        assert people.assisted_for(deal.worker.user).filter(act="received").count() == 1


def test_cancelling_for_somebody_needs_a_reason(window):
    deal = make.engagement(upto="confirmed")
    url = f"/desk/people/{deal.worker.user.code}/deals/{deal.code}/cancel/"

    assert window.post(url, {"because": " ", "agreed": "1", "key": "a"}).status_code == 422
    assert window.post(url, {"because": "家里有事", "agreed": "1", "key": "b"}).status_code == 302
    deal.refresh_from_db()
    assert deal.state == "cancelled_by_worker"


def test_acting_for_somebody_needs_their_yes_and_ends_with_a_receipt_to_print(window, clerk):
    deal = make.engagement(upto="confirmed")
    person = f"/desk/people/{deal.worker.user.code}/"
    url = f"{person}deals/{deal.code}/cancel/"

    unheard = window.post(url, {"because": "家里有事", "key": "a"})

    assert unheard.status_code == 422 and "本人点头" in unheard.text and 'value="家里有事"' in unheard.text
    deal.refresh_from_db()
    assert deal.state == "confirmed" and not people.assisted_for(deal.worker.user).filter(act="cancel").exists()

    done = window.get(window.post(url, {"because": "家里有事", "agreed": "1", "key": "b"}).url)

    row = people.assisted_for(deal.worker.user).get(act="cancel")
    slip = f"{person}receipts/{row.code}/"
    assert row.consent_how == "spoken" and slip in done.text and slip in window.get(person).text
    paper = window.get(slip).text
    assert "代办条" in paper and row.receipt in paper and row.code in paper and clerk.name in paper
    assert window.get(f"/desk/people/{make.worker().user.code}/receipts/{row.code}/").status_code == 404


def test_who_looked_is_told_in_chinese(window):
    worker = make.worker()
    window.post(f"/desk/people/{worker.user.code}/look/", {"what": "phone", "reason": "改时间"})

    page = window.get(f"/desk/people/{worker.user.code}/").text

    assert "，电话号码，改时间" in page and "，phone，" not in page


@pytest.mark.row("FJ-24")
def test_a_bad_rating_given_at_the_window_opens_a_case_with_an_owner_and_a_day(window, later):
    with clock.moved_to(clock.now()):
        mediator = make.staff("mediator", name="李调解")
        deal = make.engagement(upto="paid")
        window.post(
            f"/desk/people/{deal.worker.user.code}/deals/{deal.code}/rate/",
            {"stars": "1", "tags": ["wage"], "agreed": "1", "key": "r"},
        )
        at = clock.now()
        later()

        case = Case.objects.get(kind="bad_rating")
        assert case.owner == mediator
        assert (case.filed_at - at).total_seconds() < 60
        assert (case.due_at - case.filed_at).total_seconds() == 24 * 3600


def test_anothers_deal_is_not_found_under_this_person(window):
    deal, other = make.engagement(), make.worker()

    assert window.get(f"/desk/people/{other.user.code}/deals/{deal.code}/").status_code == 404
    url = f"/desk/people/{other.user.code}/shifts/{make.attendance(deal).code}/check-out/"
    assert window.post(url, {"key": "x"}).status_code == 404


def test_a_record_costs_the_same_for_two_deals_as_for_eight(window):
    worker, boss = make.worker(), make.employer()

    def cost():
        with CaptureQueriesContext(connection) as seen:
            window.get(f"/desk/people/{worker.user.code}/")
        return len(seen)

    for n in (1, 2):
        make.engagement(worker_=worker, employer_=boss, starts_at=clock.at(clock.today() + timedelta(days=n), 8))
    few = cost()
    for n in range(3, 9):
        make.engagement(worker_=worker, employer_=boss, starts_at=clock.at(clock.today() + timedelta(days=n), 8))
    assert cost() == few
