"""One sentence from an employer fills the posting form: 明天早上8点要2个帮厨,180一天,管饭."""

from collections.abc import Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from linggong.postings.sentence import extras, pay, people, places, times, trades
from linggong.postings.sentence.reading import (
    LONGEST_TEXT,
    QUESTIONS,
    REQUIRED,
    Mark,
    Pad,
    TradeWord,
    Understood,
)

__all__ = ["LONGEST_TEXT", "QUESTIONS", "REQUIRED", "Mark", "TradeWord", "Understood", "understand"]

CHINA = ZoneInfo("Asia/Shanghai")


def understand(
    text: str, *, at: datetime, trades: Sequence[TradeWord], places: Collection[str] = frozenset()
) -> Understood:
    """Read one posting out of `text`, said at the moment `at`; what was not said stays empty.

    `places` are division names worth recognising without an ending (慈溪, 芗城). Never raises on any text;
    only the first LONGEST_TEXT characters are read. Money is in fen; times are China's.
    """
    pad = Pad(text=text, at=at.astimezone(CHINA) if at.tzinfo else at.replace(tzinfo=CHINA))
    trade = _read_all(pad, trades, places)
    if trade is not None:
        pay.assume_unit(pad, trade.default_unit)
    times.place_in_time(pad)
    return Understood(
        text=text, notes=tuple(pad.notes), marks=_apart(pad.said, pad.marks), missing=_missing(pad.facts), **pad.facts
    )


def _read_all(pad: Pad, words: Sequence[TradeWord], names: Collection[str]) -> TradeWord | None:
    """The order matters: each reader crosses out what a later one would misread."""
    trade = trades.read_trade(pad, words)
    people.read_phone(pad)
    people.read_age(pad)
    pay.read_cycle(pad)
    times.read_break(pad)
    times.read_clock(pad)
    pay.read_pay(pad)
    times.read_hours(pad)
    times.read_dates(pad)
    extras.read_extras(pad)
    people.read_headcount(pad)
    people.read_sex(pad)
    people.read_certificates(pad)
    extras.read_quantity(pad)
    people.read_contact(pad)
    trades.cross_out_trades(pad, words)
    places.read_place(pad, names)
    return trade


def _missing(facts: dict) -> tuple[str, ...]:
    said = {
        "trade": facts.get("trade_code"),
        "headcount": facts.get("headcount"),
        "date": facts.get("starts_on"),
        "start_time": facts.get("start_time"),
        "end_time": facts.get("end_time"),
        "pay": facts.get("pay_fen"),
        "pay_unit": facts.get("pay_unit"),
        "place": facts.get("place_text"),
    }
    return tuple(name for name in REQUIRED if said[name] in (None, ""))


def _apart(said: str, marks: list[Mark]) -> tuple[Mark, ...]:
    """Marks in reading order without blanks at their ends, none upon another: the longer one stays."""
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark.start - mark.end, mark.start)):
        words = said[mark.start : mark.end]
        start = mark.start + len(words) - len(words.lstrip())
        end = start + len(words.strip())
        if start < end and all(end <= other.start or start >= other.end for other in kept):
            kept.append(Mark(start, end, mark.field))
    return tuple(sorted(kept, key=lambda mark: mark.start))
