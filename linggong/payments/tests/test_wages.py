"""What is said about wages: where each is, the month, the ledger the law asks for, and what is never charged."""

import dataclasses
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

import linggong.ledger.queries as book
from linggong.core import clock
from linggong.core.journal import _reactions
from linggong.ledger.chart import CHART
from linggong.payments import actions, queries
from linggong.payments.checks import LAWFUL_OWNERS, owner_problem, wage_account_owner
from linggong.payments.models import Funding, Settlement
from linggong.payments.prices import PRICE_FEN

pytestmark = pytest.mark.django_db


# --- the words on the screen ---------------------------------------------------------------------------------


def test_each_step_of_a_held_wage_has_its_words(funded, opened, confirm, bank, later, monday_morning):
    funded()
    wage, moment = opened(custody="supervised"), clock.now()
    assert queries.where(wage, moment)[:3] == ("已存好", "ok", None)
    assert queries.where(wage, moment, finished=True).words == "等老板确认"
    assert queries.where(wage, moment + timedelta(days=1)).words == "等老板确认"

    confirm(wage, hours=60)
    assert queries.where(wage, moment) == ("在路上", "info", None, "最晚 11月25日 18:00")
    later()
    bank.answers()
    wage.refresh_from_db()
    assert queries.where(wage, moment) == ("到账了", "ok", None, "11月23日")


@pytest.mark.parametrize("custody", ["offline", "merchant"])
def test_already_stored_is_never_said_where_nobody_holds_the_money(custody, opened, confirm, boss):
    wage, moment = opened(custody=custody), clock.now()
    said = [queries.where(wage, moment).words]
    confirm(wage)
    said.append(queries.where(wage, moment).words)
    actions.declare_paid(wage, how="cash", by=boss)
    said.append(queries.where(wage, moment).words)

    assert said == ["等干完", "老板认了，等他付", "老板说付了"]
    assert not queries.is_stored(wage)


def test_already_stored_is_not_said_before_the_money_is_there(fund, opened):
    fund()
    wage = opened(custody="supervised")

    assert queries.where(wage, clock.now()).words == "等干完"
    assert not queries.is_stored(wage)


def test_today_is_promised_only_while_it_is_certain(funded, opened, confirm, monday_morning):
    funded()
    sure = confirm(opened(custody="supervised"), hours=12)
    assert queries.where(sure, clock.now()).deadline == "当天到账，最晚 11月23日 18:00"

    by_hand = confirm(opened(), hours=12)
    assert queries.where(by_hand, clock.now()).deadline == "最晚 11月23日 18:00"
    tomorrow = confirm(opened(custody="supervised"), hours=30)
    assert queries.where(tomorrow, clock.now()).deadline == "最晚 11月24日 12:00"
    assert "当天" not in queries.where(sure, sure.due_at).deadline


def test_every_state_has_words(opened, monday_morning):
    wage = opened()
    for state in Settlement.State.values:
        wage.state = state
        said = queries.where(wage, clock.now())
        assert said.words
        assert said.tone in ("ok", "warn", "danger", "info", "")


def test_the_month_counts_only_what_arrived_in_it(opened, confirm, worker, monday_morning):
    who = worker()
    for fen in (18_000, 7_000):
        actions.acknowledge(confirm(opened(who=who), fen), how="tap", by=who.user)
    confirm(opened(who=who), 99_999)
    with clock.moved_to(clock.now() + timedelta(days=10)):
        actions.acknowledge(confirm(opened(who=who), 1), how="tap", by=who.user)

    assert queries.month_total(who, monday_morning.date()) == 25_000


# --- the ledger of the law ---------------------------------------------------------------------------------------

# 保障农民工工资支付条例 art. 15, item by item, in its own words.
REQUIRED = [
    "用人单位名称", "支付周期", "支付日期", "支付对象姓名", "身份证号码", "联系方式", "工作时间", "应发工资项目及数额",
    "代扣代缴扣除项目和数额", "实发工资数额", "银行代发工资凭证或签字",
]  # fmt: skip


@pytest.fixture
def month(monday_morning):
    day = monday_morning.date()
    return day.replace(day=1), day.replace(day=1) + timedelta(days=30)


@pytest.mark.row("GX-27c")
def test_the_wage_ledger_has_every_column_the_law_asks_for_and_all_are_filled(opened, confirm, employer, boss, month):
    wage = opened(20_000)
    actions.deduct(wage, fen=300, reason="income_tax", signed_at=clock.now(), by=boss)
    work = {
        "starts_at": "2026-11-23T08:00:00+08:00", "ends_at": "2026-11-23T17:00:00+08:00", "minutes": 510,
        "unit": "DAY", "rate_fen": 18_000, "pay_cycle": "DAILY", "items": [{"name": "高温补贴", "fen": 2_000}],
    }  # fmt: skip
    confirm(wage, 20_000, work=work)
    actions.declare_paid(wage, how="cash", by=boss)
    actions.acknowledge(wage, how="stub", by=boss, acting_for=wage.worker.user)

    [row] = queries.wage_ledger(employer, *month)

    assert list(queries.COLUMNS.values()) == REQUIRED
    assert list(queries.COLUMNS) == [f.name for f in dataclasses.fields(row)]
    assert all(dataclasses.asdict(row).values())
    assert row.employer == "沙县小馆"
    assert row.period == "2026-11-23（按天）"
    assert row.paid_on == "2026-11-23"
    assert row.worker == "陈阿水"
    assert row.working_time == "2026-11-23 08:00–17:00，8 小时 30 分"
    assert row.items_due == "工钱（180 元/天） 180 元；高温补贴 20 元；合计 200 元"
    assert row.deductions == "个人所得税 3 元"
    assert row.net_paid == "197"
    assert row.proof == "现金窗口回条签字"


@pytest.mark.row("GX-27c")
def test_id_and_phone_are_masked_until_somebody_opened_them_on_record(opened, confirm, employer, month):
    wage = confirm(opened())
    [masked] = queries.wage_ledger(employer, *month)
    assert masked.id_number == "*" * 14 + wage.worker.user.id_tail4
    assert masked.contact == "*" * 7 + wage.worker.user.phone_tail4

    opened_values = {wage.worker_id: {"id_number": "350499198005201234", "phone": "13800000000"}}
    [clear] = queries.wage_ledger(employer, *month, opened=opened_values)
    assert (clear.id_number, clear.contact) == ("350499198005201234", "13800000000")


def test_the_ledger_says_what_is_not_paid_and_leaves_out_what_never_was(opened, confirm, employer, boss, month):
    confirm(opened())
    denied = confirm(opened())
    actions.declare_paid(denied, how="cash", by=boss)
    actions.deny(denied, by=denied.worker.user)
    actions.cancel_settlement(opened(), by=boss)

    rows = queries.wage_ledger(employer, *month)

    assert [(r.net_paid, r.proof) for r in rows] == [("0", "还没付"), ("0", "工友说没收到")]
    assert queries.wage_ledger(employer, month[1], month[1] + timedelta(days=9)) == []


def test_a_bank_payment_is_proven_by_its_number(funded, opened, confirm, bank, later, employer, month):
    funded()
    wage = confirm(opened(custody="supervised"))
    later()
    bank.answers()

    [row] = queries.wage_ledger(employer, *month)

    assert row.proof == f"银行流水 {queries.payouts_of(wage).get().provider_ref}"
    assert row.net_paid == "180"


# --- no purse, no price, no owner but the lawful ----------------------------------------------------------------


@pytest.mark.row("FJ-20")
def test_no_wallet():
    """No table keeps what a person "has", and no account of the book is named after a person (M-02)."""
    words = ("wallet", "balance", "purse", "deposit", "withdrawal", "钱包", "余额", "提现")
    named = [
        f"{m._meta.label}.{f.name}" for m in apps.get_models() if m.__module__.startswith("linggong.")
        for f in m._meta.get_fields() if any(word in f"{m.__name__} {f.name}".lower() for word in words)
    ]  # fmt: skip

    assert named == []
    assert {row.prefix for row in CHART}.isdisjoint({"worker", "employer", "user", "platform", "fee", "income"})


@pytest.mark.row("FJ-20")
def test_when_all_is_paid_and_returned_nothing_is_left_in_the_book(funded, opened, confirm, boss, bank, later, clean):
    funded(40_000)
    confirm(opened(custody="supervised"))
    later()
    bank.answers()
    actions.refund_rest("posting:P7", by=boss)
    later()
    bank.answers()

    left = {address: fen for address, fen in book.rebuild().items() if fen}
    assert left == {"gateway:wage_account": -40_000, "paid_out": 18_000, "refunded": 22_000}
    assert bank.balance("P7") == 0
    assert clean()


# Every sum of money in the database, and from whom to whom it goes. None goes to the platform.
SUMS = {
    "ledger.Account.sum_fen", "ledger.Entry.fen",
    "payments.Funding.wages_fen", "payments.Funding.premium_fen", "payments.Funding.refunded_fen",
    "payments.Settlement.share_fen", "payments.Settlement.held_fen", "payments.Settlement.gross_fen",
    "payments.Settlement.net_fen", "payments.Settlement.disputed_fen", "payments.Settlement.short_fen",
    "payments.Payout.fen", "payments.Refund.fen",
}  # fmt: skip


@pytest.mark.row("GX-06")
def test_no_service_has_a_price_and_no_code_can_set_one():
    assert set(PRICE_FEN.values()) == {0}
    assert {"posting", "ranking", "contact", "registration"} <= set(PRICE_FEN)

    for service in PRICE_FEN:
        with pytest.raises(TypeError):
            PRICE_FEN[service] = 1


@pytest.mark.row("GX-06")
def test_there_is_no_column_and_no_setting_that_could_hold_a_price():
    from linggong import settings

    words = ("price", "fee", "charge", "commission", "tariff", "subscription")
    models = [m for m in apps.get_models() if m.__module__.startswith("linggong.")]
    columns = [f"{m._meta.label}.{f.name}" for m in models for f in m._meta.get_fields()]

    def is_price(name):
        return any(word in name.lower().replace("_", " ").split() for word in words)

    assert [c for c in columns if is_price(c.rpartition(".")[2])] == []
    assert [name for name in dir(settings) if is_price(name)] == []
    here = {c for c in columns if c.split(".")[0] in ("ledger", "payments") and c.endswith("fen")}
    assert here == SUMS, "a new sum: say who pays it to whom"


@pytest.mark.row("GX-06")
def test_a_worker_gets_every_fen_and_an_employer_pays_no_fen_more(funded, opened, confirm, bank, later):
    funded(18_000)
    confirm(opened(custody="supervised"))
    later()
    bank.answers()

    assert book.balance("paid_out") == 18_000 == -book.balance("gateway:wage_account")


def test_the_platform_as_owner_of_the_wage_account_is_refused_at_start_up(settings):
    config = apps.get_app_config("payments")
    assert owner_problem() == ""
    assert wage_account_owner() == []

    for owner in ("platform", "operator", "linggong", "", "PLATFORM"):
        settings.WAGE_ACCOUNT_OWNER = owner
        assert [e.id for e in wage_account_owner()] == ["payments.E001"]
        with pytest.raises(ImproperlyConfigured, match="platform"):
            config.ready()
    assert sorted(LAWFUL_OWNERS) == ["custodian", "employer"]


def test_the_owner_must_have_a_name(settings):
    settings.WAGE_ACCOUNT_OWNER_NAME = " "

    assert "name the legal owner" in owner_problem()


def test_the_database_refuses_the_platform_as_owner(fund):
    from django.db import IntegrityError, connection, transaction

    funding = fund()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE payments_funding SET owner_kind = 'platform' WHERE id = %s", [funding.pk])
    assert Funding.objects.get().owner_kind != "platform"


def test_what_happens_by_itself_is_known():
    mine = {path.rpartition(".")[2] for path in _reactions if path.startswith("linggong.payments.")}

    assert mine == {"ask_for_pay_page", "send_payout", "send_refund"}
