"""Prices: pure arithmetic over product data, on every boundary."""

import json
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linggong.insurance import actions, premium

CHINA = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 11, 24, 8, tzinfo=CHINA)
SHIPPED = {row["code"]: row for row in json.loads(actions.PRODUCTS_FILE.read_text(encoding="utf-8"))}
NAMES = ("unit", "premiums", "sums", "trade_classes", "premium_low_fen", "premium_high_fen", "subsidy_fen", "effective")


@dataclass(frozen=True)
class Tables:
    """A product's tables, without a database."""

    unit: str
    premiums: list[Any]
    sums: list[Any]
    trade_classes: dict[str, Any] = field(default_factory=dict)
    premium_low_fen: int = 0
    premium_high_fen: int = 10_000
    subsidy_fen: int = 0
    effective: str = "IMMEDIATE"


def shipped(code):
    return Tables(**{name: SHIPPED[code][name] for name in NAMES})


def price(tables, *, hours=8.0, minutes=None, age=40, trade_class=3, trade="x", starts_at=START, on=date(2026, 11, 23)):
    length = timedelta(minutes=minutes) if minutes is not None else timedelta(hours=hours)
    return premium.price(
        tables,
        trade_code=trade,
        trade_class=trade_class,
        age=age,
        starts_at=starts_at,
        ends_at=starts_at + length,
        on=on,
    )


@pytest.mark.row("FJ-43a")
@pytest.mark.parametrize(
    ("minutes", "fen"),
    [(1, 500), (240, 500), (241, 600), (480, 600), (481, 700), (720, 700)],
)
def test_the_band_of_hours_includes_its_last_minute(minutes, fen):
    assert price(shipped("SANMING_LIKE"), minutes=minutes).premium_fen == fen


@pytest.mark.row("FJ-43a")
def test_work_longer_than_the_longest_band_is_refused_with_the_hours():
    quote = price(shipped("SANMING_LIKE"), minutes=721)

    assert not quote.insurable
    assert "12 小时" in quote.reason


@pytest.mark.row("FJ-43a")
def test_the_quote_table_is_data_other_tables_give_other_prices():
    bands = [{"class": 3, "hours_up_to": 2, "fen": 111}, {"class": 3, "hours_up_to": None, "fen": 222}]
    tables = Tables(unit="ORDER", premiums=bands, sums=[{"age_from": 16, "age_to": 60, "fen": 5_000_000}])

    assert [price(tables, minutes=m).premium_fen for m in (120, 121, 100_000)] == [111, 222, 222]


@pytest.mark.row("FJ-43c")
@given(
    trade_class=st.integers(1, 6), minutes=st.integers(1, 720), age=st.integers(16, 70),
)  # fmt: skip
def test_every_premium_per_order_lies_between_four_and_twelve_yuan(trade_class, minutes, age):
    quote = price(shipped("SANMING_LIKE"), trade_class=trade_class, minutes=minutes, age=age)

    assert quote.insurable
    assert 400 <= quote.premium_fen <= 1200
    assert quote.sum_fen > 0


@pytest.mark.row("FJ-43c")
def test_the_class_comes_from_the_trade_and_a_higher_one_never_costs_less():
    for hours in (4, 8, 12):
        row = [price(shipped("SANMING_LIKE"), trade_class=c, hours=hours).premium_fen for c in range(1, 7)]
        assert row == sorted(row)
    assert [price(shipped("SANMING_LIKE"), trade_class=c).premium_fen for c in range(1, 7)] == [
        400, 500, 600, 800, 1000, 1200,
    ]  # fmt: skip


@pytest.mark.row("FJ-43c")
def test_the_insurers_own_class_of_a_trade_wins_and_its_null_means_no():
    tables = replace(shipped("SANMING_LIKE"), trade_classes={"porter": 5, "roofer": None})

    assert price(tables, trade="porter", trade_class=2).premium_fen == 1000
    assert not price(tables, trade="roofer", trade_class=2).insurable


@pytest.mark.row("FJ-43d")
def test_a_trade_without_a_class_is_not_insurable_under_any_sample():
    for code in SHIPPED:
        quote = price(shipped(code), trade_class=None)
        assert not quote.insurable
        assert quote.premium_fen == quote.sum_fen == 0
        assert "保不了" in quote.reason


@pytest.mark.row("FJ-43e")
@pytest.mark.parametrize(
    ("age", "wan"),
    [(16, 20), (17, 20), (18, 100), (50, 100), (51, 60), (60, 60), (61, 30), (65, 30), (66, 10), (70, 10)],
)
def test_the_sum_follows_the_age_band_to_its_last_year(age, wan):
    assert price(shipped("SANMING_LIKE"), age=age).sum_fen == wan * 1_000_000


@pytest.mark.row("FJ-43e")
@pytest.mark.parametrize(
    ("age", "words"), [(71, "71 岁以上这份保险保不了"), (15, "15 岁以下这份保险保不了"), (None, "核对身份证")]
)
def test_an_age_outside_every_band_is_refused_in_words(age, words):
    quote = price(shipped("SANMING_LIKE"), age=age)

    assert not quote.insurable
    assert words in quote.reason


@pytest.mark.row("NB-18")
def test_next_day_cover_refuses_work_of_today_and_takes_the_first_minute_of_tomorrow():
    tables = shipped("NINGBO_LIKE")
    today, midnight = date(2026, 11, 24), datetime(2026, 11, 25, tzinfo=CHINA)

    refused = price(tables, starts_at=START, on=today)
    taken = price(tables, starts_at=midnight, on=today)

    assert not refused.insurable
    assert "第二天零点才生效" in refused.reason
    assert taken.insurable


@pytest.mark.row("NB-18")
def test_a_day_product_costs_per_calendar_day_less_the_subsidy():
    night = datetime(2026, 11, 25, 22, tzinfo=CHINA)

    one = price(shipped("NINGBO_LIKE"), starts_at=night, hours=2)
    two = price(shipped("NINGBO_LIKE"), starts_at=night, hours=3)

    assert (one.premium_fen, one.subsidy_fen) == (30, 30)
    assert (two.premium_fen, two.subsidy_fen) == (60, 60)


def test_the_free_project_costs_nothing_and_insures_a_fixed_sum():
    quotes = [price(shipped("NANPING_LIKE"), trade_class=c, age=a) for c in (1, 6) for a in (16, 65)]

    assert {(q.premium_fen, q.sum_fen) for q in quotes} == {(0, 10_000_000)}


@pytest.mark.parametrize(
    "change",
    [
        {"premiums": [{"class": 1, "hours_up_to": 8, "fen": 1201}]},
        {"premiums": [{"class": 7, "hours_up_to": 8, "fen": 500}]},
        {"premiums": [{"class": 1, "hours_up_to": 0, "fen": 500}]},
        {"premiums": []},
        {"sums": []},
        {"sums": [{"age_from": 16, "age_to": 60, "fen": 1}, {"age_from": 60, "age_to": 70, "fen": 1}]},
        {"sums": [{"age_from": 60, "age_to": 16, "fen": 1}]},
        {"subsidy_fen": 401},
    ],
)
def test_tables_nobody_could_be_quoted_from_are_refused(change):
    premium.check(shipped("SANMING_LIKE"))

    with pytest.raises(premium.BadTariff):
        premium.check(replace(shipped("SANMING_LIKE"), **change))
