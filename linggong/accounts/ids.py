"""Numbers that name people and firms: what is well formed, and what they say. Pure.

Sources: GB 11643-1999 (citizen identification number), GB 32100-2015 (unified social credit code), the number
segments the ministry of industry has given to mobile operators (工信部电信网码号资源使用, as of 2025).
"""

import re
import unicodedata
from datetime import date

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from linggong.core.refusals import Refused

# Demo people have numbers of a segment given to no operator: dialled, they reach nobody. The real sender refuses
# them, and so does `valid_phone` in live mode (decision 26).
DEMO_PREFIX = "154"
_SEGMENT = re.compile(r"1(3\d|4[5-9]|5[0-35-9]|6[2567]|7[0-8]|8\d|9[0-35-9])\d{8}")
_DEMO = re.compile(DEMO_PREFIX + r"\d{8}")

_ID = re.compile(r"[1-9]\d{16}[\dX]")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
# First digits of GB/T 2260 provinces; 81-83 residence permits for Hong Kong, Macao, Taiwan people; 9 foreigners'
# permanent residence cards, which carry the same check digit since 2023.
_PROVINCES = frozenset(
    region + place
    for region, places in (
        ("1", "12345"), ("2", "123"), ("3", "1234567"), ("4", "123456"),
        ("5", "01234"), ("6", "12345"), ("7", "1"), ("8", "123"),
    )
    for place in places
)  # fmt: skip

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_CHARACTERS = frozenset(_USCC_ALPHABET)


class BadPhone(Refused):
    """Not a mobile number of this country."""

    message = _("这不像手机号。请写 11 位，比如 138 开头的")
    status = 422


def valid_phone(text: str, *, demo: bool | None = None) -> str:
    """The number as 11 digits. Takes spaces, dashes, full-width digits, +86. Raises BadPhone.

    Numbers of the demo segment are good only where `demo` is true (default: everywhere but in live mode).
    """
    digits = re.sub(r"[\s\-()·.]", "", unicodedata.normalize("NFKC", text))
    digits = re.sub(r"^(\+86|0086)", "", digits)
    if not digits.isascii():
        raise BadPhone
    if demo is None:
        demo = settings.MODE != "live"
    if _SEGMENT.fullmatch(digits) or (demo and _DEMO.fullmatch(digits)):
        return digits
    raise BadPhone


def is_demo_phone(phone: str) -> bool:
    """Does this number belong to a demo person, so that nothing real may ever be sent to it?"""
    return phone.startswith(DEMO_PREFIX)


def clean_id(text: str) -> str:
    """An ID number as people write it, as the 18 characters of the card."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text)).upper()


def valid_id(number: str) -> bool:
    """Is this a well formed ID number: length, province, birth date, check character (GB 11643)?"""
    if not (number.isascii() and _ID.fullmatch(number)):
        return False
    if number[0] != "9" and number[:2] not in _PROVINCES:
        return False
    try:
        born = birth_of(number)
    except ValueError:
        return False
    return born.year >= 1900 and id_check(number[:17]) == number[17]


def id_check(first17: str) -> str:
    """The check character of the first 17 digits (ISO 7064 MOD 11-2)."""
    return _ID_CHECKS[sum(int(d) * w for d, w in zip(first17, _ID_WEIGHTS, strict=True)) % 11]


def birth_of(number: str) -> date:
    """The birth date an ID number carries. Raises ValueError when there is no such day."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def sex_of(number: str) -> str:
    """ "M" or "F", from the 17th digit."""
    return "M" if int(number[16]) % 2 else "F"


def age_on(birth_on: date, day: date) -> int:
    """Full years on `day`; a birthday counts from that day on, 29 February from 1 March."""
    return day.year - birth_on.year - ((day.month, day.day) < (birth_on.month, birth_on.day))


def valid_uscc(text: str) -> bool:
    """Is this a well formed unified social credit code: 18 characters and check (GB 32100)?"""
    if len(text) != 18 or not _USCC_CHARACTERS.issuperset(text):
        return False
    return uscc_check(text[:17]) == text[17]


def uscc_check(first17: str) -> str:
    """The check character of the first 17 (weights are powers of 3 modulo 31)."""
    total = sum(_USCC_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(first17))
    return _USCC_ALPHABET[-total % 31]
