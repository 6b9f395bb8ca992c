"""三明 (FJ-04): a household orders three hours of cleaning; cover by class and hours, wages held, released, rated, put right."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from linggong import make
from linggong.cases.models import Case
from linggong.core import clock, outside
from linggong.engagements import queries
from linggong.engagements.models import Attendance
from linggong.insurance import queries as covers
from linggong.payments import queries as paid
from linggong.payments.models import Funding
from linggong.postings.models import Posting

from .test_one_gig import _rate, _settled, _take, at, fine, until


@pytest.fixture(autouse=True)
def _world(monday_morning, worker):
    make.approved_rules()
    make.approved_products()


@pytest.mark.row("FJ-04")
def test_the_sanming_order(person):
    cleaning = next(t for t in make.reference.trades() if t.name == "开荒保洁")
    home = make.employer(kind="HOUSEHOLD", name="许先生家")
    owner = queries.owner_of(home)
    hand = make.worker(trades=(cleaning.code,), born=date(1974, 3, 5), name="江巧珍")
    start = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=8)
    posting = make.posting(
        employer_=home, trade=cleaning.code, title="新房打扫", content="三室一厅第一次打扫", places=1, starts_at=start,
        hours=3, pay_fen=5500, pay_unit="HOUR",
    )  # fmt: skip
    house, phone = person(user=owner), person(user=hand.user)

    fine(at(house, f"/e/jobs/{posting.code}/store/"))
    house.get_by_role("button", name="存").last.click()
    house.wait_for_url("**/e/funding/**")
    funding = Funding.objects.get(employer=home)
    until(house, lambda: bool(Funding.objects.get(pk=funding.pk).pay_url), True)
    outside.in_process("wages").pay(funding.code)  # the employer presses 付款 on the pretend bank's own page
    until(house, lambda: Posting.objects.get(pk=posting.pk).funded_at is not None, True)

    at(phone, "/")
    expect(phone.get_by_text("工钱已存好").locator("visible=true").first).to_be_visible()
    _take(phone)
    one = Attendance.objects.get(engagement__worker=hand)
    _settled(phone, one)
    policy = covers.cover_of(queries.ref(one))
    assert (policy.risk_class, policy.age, policy.sum_fen) == (3, 52, 60_000_000)
    assert 400 <= policy.premium_fen <= 1200 and policy.policy_number

    clock.set_now(one.shift.starts_at - timedelta(minutes=5))
    at(house, "/e/today/").get_by_role("button", name="到了").first.click()
    until(house, lambda: queries.attendance_by_code(one.code).state in ("checked_in", "in_progress"), True)
    clock.set_now(one.shift.ends_at + timedelta(minutes=1))
    at(phone, "/today/").get_by_role("button", name="收工").first.click()
    until(phone, lambda: queries.attendance_by_code(one.code).state, "work_done")
    at(house, "/e/confirm/").get_by_role("button", name="对，确认").first.click()

    until(house, lambda: paid.by_ref(queries.ref(one)).state, "arrived")
    fine(at(phone, "/wages/"))
    expect(phone.get_by_text("110").locator("visible=true").first).to_be_visible()

    _rate(house, f"/e/rate/{one.engagement.code}/")
    at(phone, f"/rate/{one.engagement.code}/").locator("input[name=stars]").first.check(force=True)
    phone.get_by_role("button", name="好了").click()
    until(phone, lambda: Case.objects.filter(kind="bad_rating").count(), 1)
    case = Case.objects.get(kind="bad_rating")
    assert case.owner_role and case.due_at - case.filed_at == timedelta(hours=24)
