"""Fen are whole, shares sum to the whole, and text that is not money is refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linggong.core.money import BadAmount, multiply, parse_yuan, share_out, yuan


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**6), min_size=1).filter(any))
def test_parts_always_sum_to_the_whole(total, weights):
    parts = share_out(total, weights)

    assert sum(parts) == total
    assert all((part == 0) if w == 0 else True for part, w in zip(parts, weights, strict=True) if total == 0)


@given(st.integers(0, 10**9), st.integers(1, 50))
def test_equal_shares_differ_by_at_most_one_fen(total, people):
    parts = share_out(total, [1] * people)

    assert max(parts) - min(parts) <= 1


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("180", 18000),
        ("12.5", 1250),
        ("１８０", 18000),
        (" 1,200.00 元", 120000),
        ("0.01", 1),
        ("¥9.99", 999),
    ],
)
def test_amounts_people_type_are_read(text, fen):
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(
    "text", ["", "一百", "-5", "0", "1e9", "NaN", "inf", "12.345", "10000000.01", "9" * 30, "<b>1</b>", "💰"]
)
def test_what_is_no_amount_is_refused_in_words(text):
    with pytest.raises(BadAmount) as no:
        parse_yuan(text)

    assert "金额" in str(no.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [("0", "大于 0"), ("-5", "大于 0"), ("99999999", "太大了"), ("9" * 30, "太大了"), ("一百", "没看懂")],
)
def test_nothing_too_much_and_nonsense_are_told_apart(text, words):
    with pytest.raises(BadAmount, match=words):
        parse_yuan(text)


def test_yuan_shows_cents_only_when_there_are_any():
    assert [yuan(18000), yuan(1250), yuan(5), yuan(-100)] == ["180", "12.50", "0.05", "-1"]


def test_a_rate_times_a_quantity_is_rounded_once():
    assert multiply(1200, Decimal("7.5")) == 9000
    assert multiply(333, Decimal("0.5")) == 167
