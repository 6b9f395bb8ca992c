"""What an employer said and answered before there is a posting: kept in the session until nothing is missing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

import linggong.reference.queries as reference
from linggong.employers.models import Employer
from linggong.postings import entry
from linggong.postings.sentence import LONGEST_TEXT, Understood, understand
from linggong.postings.sentence.reading import plain
from linggong.reference.models import Certificate

KEY = "post_sheet"
QUESTIONS = (
    ("work", _("要干什么活，几个人？"), ("trade", "headcount")),
    ("when", _("哪天干，几点到几点？"), ("date", "start_time", "end_time")),
    ("pay", _("给多少钱，怎么算？"), ("pay", "pay_unit")),
    ("place", _("在哪里干？"), ("place",)),
)
"""One question at a time; each asks only for what nobody said yet. Eight entries in all (GX-07)."""
REQUIRED = tuple(name for _key, _words, names in QUESTIONS for name in names)
KEPT = {
    "trade": "trade", "headcount": "places", "date": "days", "start_time": "start", "end_time": "end", "pay": "pay_fen",
    "pay_unit": "pay_unit", "place": "address",
}  # fmt: skip
TRANSPORT = {"PICKUP": _("有车接送"), "FARE": _("报销车费")}
TOOLS = {"EMPLOYER": _("工具老板出"), "WORKER": _("工具自己带")}
_OWN_WORDS = frozenset({"sex", "contact", "phone"})  # left in the text: understood, but no field of a posting
_CLAUSES = ",，。;；、!！?？\n"
_FILLER = re.compile("一共|总共|大概|左右|每天|昨天|今天|明天|[要招找请需人个的到在名位活干做去来起连从共]")


@dataclass
class Sheet:
    """`text` as typed, and `said`: the entries so far as plain data."""

    text: str = ""
    said: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, request: HttpRequest) -> "Sheet":
        """The sheet on this device."""
        row = request.session.get(KEY) or {}
        return cls(str(row.get("text", "")), dict(row.get("said", {})))

    def keep(self, request: HttpRequest) -> None:
        """Remember it on the server."""
        request.session[KEY] = {"text": self.text, "said": self.said}

    def missing(self, employer: Employer) -> list[str]:
        """What has to be asked, in the order of the questions. An employer's own address answers for the place."""
        have = dict(self.said)
        if employer.address:
            have.setdefault("address", employer.address)
        return [name for name in REQUIRED if have.get(KEPT[name]) in (None, "", [])]

    def question(self, employer: Employer) -> tuple[str, Any, list[str]] | None:
        """The next question: its key, its words, and the entries it asks for."""
        lacking = self.missing(employer)
        for key, words, names in QUESTIONS:
            if asked := [name for name in names if name in lacking]:
                return key, words, asked
        return None

    def facts(self) -> dict[str, Any]:
        """The facts for `postings.draft`; without the shifts while days or hours are missing."""
        facts = dict(self.said)
        days = [date.fromisoformat(day) for day in facts.pop("days", [])]
        start, end = facts.pop("start", ""), facts.pop("end", "")
        pause = facts.pop("break_minutes", 0)
        if days and start and end:
            facts["shifts"] = shifts_on(days, time.fromisoformat(start), time.fromisoformat(end), pause)
        return facts


def shifts_on(days: list[date], start: time, end: time, pause: int) -> list[dict]:
    """The same hours on each day, in market time."""
    return entry.spread(days, start, end, zone=timezone.get_default_timezone(), break_minutes=pause)


def read(text: str, employer: Employer, moment: datetime) -> Sheet:
    """Understand one sentence for this employer."""
    text = text.replace("\x00", "")
    heard = hear(text, employer, moment)
    said: dict[str, Any] = {"trade": heard.trade_code, "places": heard.headcount, "pay_fen": heard.pay_fen,
                            "pay_unit": heard.pay_unit, "days": [day.isoformat() for day in heard.days]}  # fmt: skip
    said |= _hours(heard) | _extras(heard) | _where(heard, employer)
    if heard.trade_word and heard.trade_code:
        said["title"] = heard.trade_word[:40]
    if words := own_words(heard):
        said["content"] = words
    return Sheet(text[:LONGEST_TEXT], {name: value for name, value in said.items() if value not in (None, "", [])})


def hear(text: str, employer: Employer, moment: datetime) -> Understood:
    """The sentence as understood at a moment, with the words of the place."""
    county = reference.county_of(employer.division_id) or employer.division_id
    return understand(
        text, at=moment, trades=reference.trade_words(employer.division_id), places=reference.place_words(county[:4])
    )


def pieces(heard: Understood) -> list[dict[str, str]]:
    """The sentence cut where words were understood, for the underlines."""
    cut, at = [], 0
    for mark in heard.marks:
        cut += [
            {"text": heard.text[at : mark.start], "mark": ""},
            {"text": heard.text[mark.start : mark.end], "mark": "seen"},
        ]
        at = mark.end
    cut.append({"text": heard.text[at:LONGEST_TEXT], "mark": ""})
    return [piece for piece in cut if piece["text"]]


def own_words(heard: Understood) -> str:
    """What was said and fits no field: the worker should read it, and screening must."""
    text, kept, at = heard.text[:LONGEST_TEXT], [], 0
    taken = [(mark.start, mark.end) for mark in heard.marks if mark.field not in _OWN_WORDS]
    for end in [place for place, char in enumerate(text) if char in _CLAUSES] + [len(text)]:
        clause = "".join(
            char for place, char in enumerate(text[at:end], at) if not any(a <= place < b for a, b in taken)
        )
        clause = " ".join(clause.split())
        # Beside a field a stray word says nothing; a clause of its own does.
        least = 3 if any(at <= a < end for a, _b in taken) else 2
        bare = [char for char in _FILLER.sub("", plain(clause)) if char.isalnum()]
        if len(bare) >= least or _says_sex(heard, clause):
            kept.append(clause)
        at = end + 1
    return "，".join(kept)[:600]


def _says_sex(heard: Understood, clause: str) -> bool:
    return any(word and word in clause for word in heard.sex_words)


def _hours(heard: Understood) -> dict[str, Any]:
    """Two spells on one day are one shift with the time between as its break."""
    if not heard.spells:
        start, end = heard.start_time, heard.end_time
        if start and not end and heard.hours:
            end = (datetime.combine(date.min, start) + timedelta(hours=heard.hours)).time()
        return {"start": _clock(start), "end": _clock(end)}
    start, end = heard.spells[0][0], heard.spells[-1][1]
    gaps = zip(heard.spells, heard.spells[1:], strict=False)
    return {"start": _clock(start), "end": _clock(end), "break_minutes": sum(_minutes(a[1], b[0]) for a, b in gaps)}


def _minutes(first: time, last: time) -> int:
    return max((last.hour - first.hour) * 60 + last.minute - first.minute, 0)


def _clock(at: time | None) -> str:
    return f"{at:%H:%M}" if at else ""


def _extras(heard: Understood) -> dict[str, Any]:
    quantity = heard.quantity if heard.quantity_unit in (None, heard.pay_unit) else None
    within = {"pay_within_hours": heard.pay_within_days * 24} if heard.pay_within_days else {}
    return within | {
        "quantity": None if quantity is None else str(round(quantity, 2)),
        "meals": heard.meals, "lodging": heard.lodging or None, "pay_cycle": heard.pay_cycle,
        "transport": str(TRANSPORT.get(heard.transport or "", "")), "tools": str(TOOLS.get(heard.tools or "", "")),
        "age_low": heard.age_low, "age_high": heard.age_high, "requirements": _papers(heard.certificates),
    }  # fmt: skip


def _papers(names: tuple[str, ...]) -> list[Mapping[str, Any]]:
    """A named certificate is a hard condition; a word for it that the tables do not know stays a wish in words."""
    codes = dict(Certificate.objects.filter(name__in=names).values_list("name", "code")) if names else {}
    return [
        {"text": str(_("有{name}")).format(name=n), "hard": n in codes, "certificate": codes.get(n, "")} for n in names
    ]


def _where(heard: Understood, employer: Employer) -> dict[str, Any]:
    """A place that was named: its words, and the town it lies in when the name tells."""
    if not heard.place_text:
        return {}
    county = reference.county_of(employer.division_id) or employer.division_id
    found = reference.find_place(heard.place_text, county, limit=1)
    return {"address": heard.place_text[:120], "division": found[0].code if found else employer.division_id}
