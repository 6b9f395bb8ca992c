"""What an employer said and answered before there is a posting: kept in the session until nothing is missing."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from linggong.employers.models import Employer
from linggong.postings.sentence import LONGEST_TEXT
from linggong.web.posting_sheet import facts_of, hear, shifts_on

KEY = "post_sheet"
QUESTIONS = (
    ("work", _("要干什么活，几个人？"), ("trade", "headcount")),
    ("when", _("哪天干，几点到几点？"), ("date", "start_time", "end_time")),
    ("pay", _("给多少钱，怎么算？"), ("pay", "pay_unit")),
    ("place", _("在哪里干？"), ("place",)),
)
"""One question at a time; each asks only for what nobody said yet. Eight entries in all (GX-07)."""
SHORTER = {
    ("trade",): _("要干什么活？"), ("headcount",): _("要几个人？"), ("date",): _("哪天干？"), ("end_time",): _("干到几点？"),
    ("start_time",): _("几点开始？"), ("start_time", "end_time"): _("几点到几点？"), ("date", "start_time"): _("哪天几点开始？"),
    ("pay",): _("给多少钱？"), ("pay_unit",): _("工钱怎么算？"),
}  # fmt: skip
"""The question when only these of its entries are missing."""
REQUIRED = tuple(name for _key, _words, names in QUESTIONS for name in names)
KEPT = {
    "trade": "trade", "headcount": "places", "date": "days", "start_time": "start", "end_time": "end", "pay": "pay_fen",
    "pay_unit": "pay_unit", "place": "address",
}  # fmt: skip


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
                return key, SHORTER.get(tuple(asked), words), asked
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


def read(text: str, employer: Employer, moment: datetime) -> Sheet:
    """Understand one sentence for this employer."""
    text = text.replace("\x00", "")
    return Sheet(text[:LONGEST_TEXT], facts_of(hear(text, employer, moment), employer))
