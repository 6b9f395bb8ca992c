"""Money is a whole number of fen. These are the few sums that are easy to get wrong."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from django.utils.translation import gettext_lazy as _

from linggong.core.refusals import Refused

LONGEST = 40  # characters of an amount that are looked at
FEN_MAX = 1_000_000_000  # ten million yuan: above any wage, below any overflow


class BadAmount(Refused):
    """The text is not an amount of money between 0.01 yuan and ten million."""

    message = _("金额没看懂。写数字就行，比如 180 或 12.5，最多两位小数")
    status = 422


class TooLittle(BadAmount):
    """Nothing, or less than nothing."""

    message = _("金额要大于 0，写给多少钱，比如 180")


class TooMuchMoney(BadAmount):
    """More than FEN_MAX."""

    message = _("金额太大了，最多一千万元。看看是不是多写了几个 0")


def share_out(total_fen: int, weights: Sequence[int]) -> list[int]:
    """Split `total_fen` in proportion to `weights`; the parts sum exactly to the whole.

    Largest remainder, ties to the earlier part, so the same input always gives the same parts.
    Weights are whole numbers ≥ 0 with at least one above 0; a negative total splits as its mirror.
    """
    if not weights or any(w < 0 for w in weights) or not any(weights):
        raise ValueError("weights must be whole numbers, at least one above zero")
    if total_fen < 0:
        return [-part for part in share_out(-total_fen, weights)]
    whole = sum(weights)
    parts = [total_fen * w // whole for w in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total_fen * weights[i] % whole), i))
    for i in by_remainder[: total_fen - sum(parts)]:
        parts[i] += 1
    return parts


def multiply(rate_fen: int, quantity: Decimal) -> int:
    """`rate_fen` × `quantity`, rounded half up to a whole fen, once, at the end."""
    return int((Decimal(rate_fen) * quantity).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def parse_yuan(text: str) -> int:
    """Read "180", "12.5" or full-width "１８０" as fen. Raises BadAmount, for a number out of bounds its own."""
    cleaned = "".join(text.split()).replace(",", "").replace("，", "").removesuffix("元").removeprefix("¥")
    if not cleaned or len(cleaned) > LONGEST or "e" in cleaned.lower():
        raise BadAmount
    try:
        fen = Decimal(cleaned) * 100
    except InvalidOperation as error:
        raise BadAmount from error
    if not fen.is_finite():
        raise BadAmount
    if fen <= 0:
        raise TooLittle
    if fen > FEN_MAX:
        raise TooMuchMoney
    if fen != fen.to_integral_value():
        raise BadAmount
    return int(fen)


def yuan(fen: int) -> str:
    """`18000` → "180", `1250` → "12.50"."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{fen // 100}" if fen % 100 == 0 else f"{sign}{fen // 100}.{fen % 100:02d}"
