"""Which product a division has, and what it says to this person."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

import linggong.reference.queries as reference
from linggong import make
from linggong.core.journal import Event
from linggong.insurance import actions, queries
from linggong.insurance.models import Product

pytestmark = pytest.mark.django_db
CHINA = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)


def shipped(code, **changes):
    row = next(r for r in actions.json.loads(actions.PRODUCTS_FILE.read_text(encoding="utf-8")) if r["code"] == code)
    return {**row, **changes}


def test_loading_twice_changes_nothing_and_releases_nothing():
    before = Product.objects.count()
    first, second = actions.load_products(), actions.load_products()

    assert (before + first, second) == (3, 0)
    assert not Product.objects.filter(approved=True).exists()
    assert all(Product.objects.values_list("sample", flat=True))


@pytest.mark.row("NB-18")
def test_a_version_on_file_never_changes_other_figures_need_another_version():
    actions.load_products()
    clerk = make.clerk()

    with pytest.raises(actions.VersionChanged):
        actions.enter_product(shipped("NINGBO_LIKE", subsidy_fen=10), sample=True, by=clerk)
    actions.enter_product(shipped("NINGBO_LIKE", version=2, subsidy_fen=10), by=clerk)

    assert list(Product.objects.filter(code="NINGBO_LIKE").order_by("version").values_list("subsidy_fen", flat=True)) == [
        30, 10,
    ]  # fmt: skip


def test_without_a_released_product_there_is_honestly_none(monday_morning):
    actions.load_products()

    assert queries.quote_for(make.kitchen(), 40, monday_morning, monday_morning + timedelta(hours=8), "350402") is None
    with pytest.raises(queries.NoProduct):
        queries.quote(
            trade=make.kitchen(), worker_age=40, starts_at=monday_morning, ends_at=monday_morning + timedelta(hours=8),
            division_code="350402",
        )  # fmt: skip


def test_the_clock_cannot_release_a_product():
    actions.load_products()

    with pytest.raises(actions.NeedsTwo):
        actions.approve_product(Product.objects.first(), by=None)

    assert not Product.objects.filter(approved=True).exists()


def test_the_most_local_product_wins_and_the_whole_country_is_the_rest():
    make.approved_products()

    chosen = {place: queries.product_for(place, MONDAY).code for place in ("350702", "330203", "350403", "110101")}

    assert chosen == {
        "350702": "NANPING_LIKE", "330203": "NINGBO_LIKE", "350403": "SANMING_LIKE", "110101": "SANMING_LIKE",
    }  # fmt: skip


def test_a_newer_version_prices_only_after_somebody_released_it():
    make.approved_products()
    boss = make.supervisor()
    newer = actions.enter_product(shipped("SANMING_LIKE", version=2, valid_from="2026-06-01"), by=boss)

    before = queries.product_for("350403", MONDAY).version
    actions.approve_product(newer, by=boss)

    assert (before, queries.product_for("350403", MONDAY).version) == (1, 2)
    assert queries.product_for("350403", date(2026, 5, 31)).version == 1
    assert Event.objects.filter(name="product.approved", subject_id=newer.pk).count() == 1


@pytest.mark.row("FJ-43e")
@pytest.mark.parametrize(
    ("starts_on", "age", "wan"),
    [(date(2026, 11, 24), 50, 100), (date(2026, 11, 25), 51, 60), (date(2026, 11, 26), 51, 60)],
)
def test_the_age_is_that_of_the_day_the_work_starts_not_of_the_day_of_asking(monday_morning, starts_on, age, wan):
    make.approved_products()
    worker = make.worker(born=date(1975, 11, 25))
    start = datetime(starts_on.year, starts_on.month, starts_on.day, 0, 0, tzinfo=CHINA)

    quote = queries.quote_for(
        make.kitchen(), queries.age_at_start(worker, start), start, start + timedelta(hours=8), make.county().code
    )

    assert (quote.age, quote.sum_fen) == (age, wan * 1_000_000)


@pytest.mark.row("FJ-43e")
def test_the_last_day_at_seventy_is_covered_and_the_birthday_is_not(monday_morning):
    make.approved_products()
    worker = make.worker(born=date(1955, 11, 25))
    eve, birthday = (datetime(2026, 11, day, 8, tzinfo=CHINA) for day in (24, 25))

    quotes = [
        queries.quote_for(
            make.kitchen(), queries.age_at_start(worker, start), start, start + timedelta(hours=8), make.county().code
        )
        for start in (eve, birthday)
    ]

    assert [quote.insurable for quote in quotes] == [True, False]
    assert "71 岁以上" in quotes[1].reason


@pytest.mark.row("FJ-43d")
def test_every_trade_on_file_is_priced_by_a_class_or_said_to_be_not_insurable(monday_morning):
    make.approved_products()
    start = monday_morning + timedelta(hours=2)

    for trade in reference.trades():
        quote = queries.quote_for(trade, 40, start, start + timedelta(hours=8), "350403")
        assert quote.insurable == (trade.risk_class in range(1, 7)), trade.code
        assert bool(quote.reason) != quote.insurable, trade.code


@pytest.mark.row("FJ-44c")
def test_courier_carpenter_and_electrician_are_covered_by_the_free_sample(monday_morning):
    make.approved_products()
    start = monday_morning + timedelta(hours=2)
    trades = [reference.find_trades(word)[0] for word in ("快递员", "木工", "电工")]

    quotes = [queries.quote_for(trade, 40, start, start + timedelta(hours=8), "350702") for trade in trades]

    assert [(q.insurable, q.premium_fen) for q in quotes] == [(True, 0)] * 3


def test_the_four_lines_say_what_how_much_deductible_and_phone():
    make.approved_products()
    product = Product.objects.get(code="SANMING_LIKE")

    lines = queries.four_lines(product, 60_000_000)

    assert [line.label for line in lines] == ["保什么", "保多少", "免赔", "电话"]
    assert lines[1].words == "最高 60 万元"
    assert all(line.words for line in queries.four_lines(product))
