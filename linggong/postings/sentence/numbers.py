"""Numbers the way they are said: 12, 一百八, 两三百, 1.2万, 5毛, 8块5."""

import re

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2, "仨": 3}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_TENS = {"廿": 20, "卅": 30}

HAN = "零〇一二两俩仨三四五六七八九十百千万廿卅"
# 五一 in 周五一天 is no number, and 两百五一天 is 250 for one day.
_ONE_UNIT = "一[天个小班场吨斤件平米竿趟单月亩公车晚次台人位]"
NUMBER = (
    rf"(?:\d{{1,7}}(?:\.\d{{1,2}})?(?!\d)"
    rf"|(?<![{HAN}周期拜第初月])[{HAN}]{{1,9}}?(?=[^{HAN}]|$|{_ONE_UNIT}))"
)
RANGE = r"\s*(?:到|至|-|~|—|–|－|～|或)\s*"

# "一百六七", "两三百", "十七八个": two neighbouring digits name a span, not a number.
_SPAN = re.compile(r"^(.{0,6}?)([一二两三四五六七八九])([二三四五六七八九])([十百千万]{0,2})$")


def read(words: str) -> tuple[float, float] | None:
    """The number said in `words` as (low, high); both are equal when one number was said."""
    words = words.strip()
    if not words:
        return None
    if words[0].isdigit() and words.isascii():
        value = float(words)
        return value, value
    span = _SPAN.match(words)
    if span:
        head, first, second, unit = span.groups()
        low, high = _spell(head + first + unit), _spell(head + second + unit)
        return (low, high) if low is not None and high is not None and low < high else None
    value = _spell(words)
    return None if value is None else (value, value)


def count(words: str) -> int | None:
    """A whole number of people, days or things; the low end of a span."""
    found = read(words)
    return None if found is None or found[0] < 1 or found[0] > 9999 else int(found[0])


def _spell(words: str) -> float | None:
    """Chinese numerals, with the unit left off at the end as people do: 一百八 = 180, 一万五 = 15000."""
    total = section = digit = 0
    unit = 1
    digits_in_a_row = 0
    for char in words:
        if char in _DIGITS:
            digits_in_a_row += 1
            if digits_in_a_row > 1 and digit:
                return None
            digit = _DIGITS[char]
            if digit == 0:
                unit = 1
            continue
        digits_in_a_row = 0
        if char in _UNITS:
            unit = _UNITS[char]
            section += (digit or 1) * unit
        elif char == "万":
            unit = 10000
            total += (section + digit or 1) * unit
            section = 0
        elif char in _TENS:
            unit = 10
            section += _TENS[char]
        else:
            return None
        digit = 0
    if digit and unit >= 100:
        digit = digit * unit // 10
    return float(total + section + digit)
