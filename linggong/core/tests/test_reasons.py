"""Reasons that people type are kept for good: one line, and nobody's number in them."""

import pytest

from linggong.core.reasons import NoReason, plain


def test_a_reason_is_one_clean_line():
    assert plain("  照片\n 看不清  ") == "照片 看不清"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n ",
        "长" * 121,
        "打13805981234",
        "打１３８ 0598 1234",
        "350499197502030018",
        "138-0598-1234",
        "0598-8223344",
        "138-0123 4567",
        "138 0123-4567",
        "138 — 0123 ~ 4567",
    ],
)
def test_none_too_long_or_with_a_number_is_refused(text):
    with pytest.raises(NoReason):
        plain(text)


@pytest.mark.parametrize(
    "text",
    [
        "工钱欠了 3600 元没付",
        "2026年11月23日没到岗",
        "说好 8:00 到 18:00",
        "2026-11-23 和 2026.11.24 没来",
        "8.00-18.00 没到",
        "说好 4000-5000 一个月，只给 180、200、220",
        "11.23 到 11.30",
    ],
)
def test_sums_days_and_times_may_stand(text):
    assert plain(text) == text
