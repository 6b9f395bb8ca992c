"""What was understood of a sentence, and the pad on which the readers cross out what they have read."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.utils.translation import gettext_lazy as _

# Everything a posting must say before it can go out, in the order in which the form asks.
REQUIRED = ("trade", "headcount", "date", "start_time", "end_time", "pay", "pay_unit", "place")

QUESTIONS = {
    "trade": _("要干什么活?"),
    "headcount": _("要几个人?"),
    "date": _("哪天干?"),
    "start_time": _("几点开始?"),
    "end_time": _("干到几点?"),
    "pay": _("给多少钱?"),
    "pay_unit": _("钱怎么算:一天、一小时、一件还是一口价?"),
    "place": _("在哪里干?"),
}

LONGEST_TEXT = 2_000
"""Characters read. A sentence is short; what follows is kept by the caller but not read."""

_GONE = "\x00"


@dataclass(frozen=True)
class TradeWord:
    """One trade of the reference tables, as the reader needs it."""

    trade_code: str
    name: str
    synonyms: tuple[str, ...] = ()
    default_unit: str = ""


@dataclass(frozen=True)
class Mark:
    """Characters start:end of the text as typed were understood as `field`."""

    start: int
    end: int
    field: str


@dataclass(frozen=True)
class Understood:
    """One posting as far as it was said. None, "" or () means: not said."""

    text: str = ""
    trade_code: str | None = None
    trade_word: str = ""
    headcount: int | None = None
    headcount_about: bool = False
    starts_on: date | None = None
    ends_on: date | None = None
    days: tuple[date, ...] = ()
    day_count: int | None = None
    weekdays: tuple[int, ...] = ()
    start_time: time | None = None
    end_time: time | None = None
    overnight: bool = False
    spells: tuple[tuple[time, time], ...] = ()
    hours: float | None = None
    break_minutes: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    pay_fen: int | None = None
    pay_high_fen: int | None = None
    pay_unit: str | None = None
    pay_unit_assumed: bool = False
    pay_negotiable: bool = False
    pay_cycle: str | None = None
    pay_within_days: int | None = None
    quantity: float | None = None
    quantity_unit: str | None = None
    meals: str | None = None
    lodging: bool | None = None
    transport: str | None = None
    tools: str | None = None
    insured: bool | None = None
    certificates: tuple[str, ...] = ()
    sex: str | None = None
    sex_words: tuple[str, ...] = ()
    age_low: int | None = None
    age_high: int | None = None
    place_text: str = ""
    contact_word: str = ""
    contact_phone: str = ""
    notes: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    missing: tuple[str, ...] = REQUIRED


@dataclass
class Pad:
    """The sentence being read: `said` never changes, `left` loses every stretch some reader has claimed."""

    text: str
    at: datetime
    said: str = ""
    left: str = ""
    facts: dict = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.said = self.left = plain(self.text[:LONGEST_TEXT])

    def claim(self, start: int, end: int, name: str | None) -> None:
        """Cross out start:end; with a name, remember it for the underline."""
        self.left = self.left[:start] + _GONE * (end - start) + self.left[end:]
        if name:
            self.marks.append(Mark(start, end, name))

    def take(self, pattern: re.Pattern, name: str | None) -> re.Match | None:
        """The first place where `pattern` still stands, crossed out."""
        found = pattern.search(self.left)
        if found:
            self.claim(found.start(), found.end(), name)
        return found

    def note(self, word: str) -> None:
        if word not in self.notes:
            self.notes.append(word)


def plain(text: str) -> str:
    """Full-width letters, digits and signs made half-width, one character for one: spans stay true."""
    return "".join(_narrow(char) for char in text)


def _narrow(char: str) -> str:
    code = ord(char)
    if char == _GONE:
        return " "
    if 0xFF01 <= code <= 0xFF5E:
        char = chr(code - 0xFEE0)
    elif code == 0x3000:
        return " "
    if char == "。":
        return "。"
    if char in "～〜":
        return "~"
    if char in "—–－―":
        return "-"
    if len(char.lower()) == 1:
        return char.lower()
    return char
