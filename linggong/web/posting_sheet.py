"""What both desks that write postings share: one sentence heard, cut for the underlines, turned into facts; the findings.

The employer's own desk asks for what is missing one question at a time, the window shows one form: those stay theirs.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

import linggong.reference.queries as reference
from linggong.core.money import yuan
from linggong.employers.models import Employer
from linggong.postings import contacts, entry, screened, screening
from linggong.postings.models import Posting, State
from linggong.postings.screening import Finding
from linggong.postings.sentence import LONGEST_TEXT, Understood, understand
from linggong.postings.sentence.reading import plain
from linggong.reference import groups
from linggong.reference.models import Certificate

EDITABLE = frozenset({State.DRAFT, State.RETURNED, State.REJECTED_AUTO})
MEALS = [("NONE", __("不管饭")), ("ONE", __("管一顿")), ("TWO", __("管两顿")), ("ALL", __("管吃"))]
TRANSPORT = {"PICKUP": __("有车接送"), "FARE": __("报销车费")}
TOOLS = {"EMPLOYER": __("工具老板出"), "WORKER": __("工具自己带")}
QUARTER = 15  # minutes: what a start and an end are counted in
TONES = {screening.BLOCK: "danger", screening.FLAG: "warn"}
_RANK = {screening.BLOCK: 0, screening.FLAG: 1, screening.HINT: 2}
_OWN_WORDS = frozenset({"sex"})  # left in the text: understood, but no field of a posting
_CLAUSES = ",，。;；、!！?？\n"
_SEX_ALONE = re.compile(
    "^[要招找请]?([女男])$"
)  # what is left of 要2个女服务员: said whole, so that it is seen and screened
_FILLER = re.compile("一共|总共|大概|左右|每天|昨天|今天|明天|[要招找请需人个的到在名位活干做去来起连从共]")
_CALL_ME = re.compile("(?:加我?|打我?|联系我?|咨询)?(?:微信|电话|手机|号码)?(?:联系|咨询|同号)?$")


# --- one sentence --------------------------------------------------------------------------------------------


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


def facts_of(heard: Understood, employer: Employer) -> dict[str, Any]:
    """Everything said, as plain data by the names of `postings.draft`; days, start and end stay apart."""
    said: dict[str, Any] = {"trade": heard.trade_code, "places": heard.headcount, "pay_fen": heard.pay_fen,
                            "pay_unit": heard.pay_unit, "days": [day.isoformat() for day in heard.days]}  # fmt: skip
    said |= hours_of(heard) | extras_of(heard) | _where(heard, employer)
    if heard.trade_word and heard.trade_code:
        said["title"] = heard.trade_word[:40]
    if words := own_words(heard):
        said["content"] = words
    said["contact_name"] = heard.contact_word[:20]
    return {name: value for name, value in said.items() if value not in (None, "", [])}


def own_words(heard: Understood) -> str:
    """What was said and fits no field: the worker should read it, and screening must. Never a telephone number."""
    text, kept, at = heard.text[:LONGEST_TEXT], [], 0
    taken = [(mark.start, mark.end) for mark in heard.marks if mark.field not in _OWN_WORDS]
    numbers = contacts.spans(text)
    taken += numbers
    breaks = [place for place, char in enumerate(text) if char in _CLAUSES]
    for end in [*breaks, len(text)]:
        clause = "".join(
            char for place, char in enumerate(text[at:end], at) if not any(a <= place < b for a, b in taken)
        )
        clause = " ".join(clause.split())
        if any(at <= a < end for a, _b in numbers):
            clause = _CALL_ME.sub("", clause).strip(" :：")
        # Beside a field a stray word says nothing; a clause of its own does.
        least = 3 if any(at <= a < end for a, _b in taken) else 2
        bare = [char for char in _FILLER.sub("", plain(clause)) if char.isalnum()]
        if len(bare) >= least or _says_sex(heard, clause):
            kept.append(_SEX_ALONE.sub("要\\1的", clause))
        at = end + 1
    return "，".join(kept)[:600]


def _says_sex(heard: Understood, clause: str) -> bool:
    return any(word and word in clause for word in heard.sex_words)


def hours_of(heard: Understood) -> dict[str, Any]:
    """Start and end on the quarter, an earlier start and a later end, so that nobody works unpaid minutes.

    Two spells on one day are one shift with the time between as its break.
    """
    if not heard.spells:
        start, end = heard.start_time, heard.end_time
        if start and not end and heard.hours:
            end = (datetime.combine(date.min, start) + timedelta(hours=heard.hours)).time()
        return {"start": _clock(start), "end": _clock(end, up=True), "break_minutes": heard.break_minutes}
    start, end = heard.spells[0][0], heard.spells[-1][1]
    gaps = sum(_minutes(a[1], b[0]) for a, b in zip(heard.spells, heard.spells[1:], strict=False))
    return {"start": _clock(start), "end": _clock(end, up=True), "break_minutes": gaps or heard.break_minutes or 0}


def _minutes(first: time, last: time) -> int:
    return max((last.hour - first.hour) * 60 + last.minute - first.minute, 0)


def _clock(at: time | None, *, up: bool = False) -> str:
    if at is None:
        return ""
    minutes = at.hour * 60 + at.minute
    minutes = (-(-minutes // QUARTER) if up else minutes // QUARTER) * QUARTER
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def rounded(heard: Understood) -> str:
    """What to tell when an hour in the sentence was not on the quarter; else ""."""
    said = [t for t in (heard.start_time, heard.end_time, *chain.from_iterable(heard.spells)) if t]
    off = [f"{t:%-H:%M}" for t in dict.fromkeys(said) if t.minute % QUARTER]
    return _("时间按一刻钟记，{said}往宽里算").format(said="、".join(off)) if off else ""


def asked_because(heard: Understood, names: Sequence[str]) -> str:
    """Why something is asked again that the sentence does speak of; else ""."""
    return _("工钱不能是 0 元。") if "PAY_ZERO" in heard.notes and "pay" in names else ""


def on_the_quarter(at: time) -> None:
    """For a field of a form: an hour off the quarter is not changed behind anybody's back. Raises ValidationError."""
    if at.minute % QUARTER:
        low = at.minute // QUARTER * QUARTER
        after = f"{(at.hour + (low == 45)) % 24}:{(low + QUARTER) % 60:02d}"
        words = _("时间按一刻钟写，写 {low} 或 {high}").format(low=f"{at.hour}:{low:02d}", high=after)
        raise ValidationError(words)


def extras_of(heard: Understood) -> dict[str, Any]:
    """What comes with the work."""
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


def shifts_on(days: list[date], start: time, end: time, pause: int) -> list[dict]:
    """The same hours on each day, in market time."""
    return entry.spread(days, start, end, zone=timezone.get_default_timezone(), break_minutes=pause)


def trade_choices() -> list[tuple[str, Any]]:
    """Every trade, by group, below an empty first choice."""
    rows: dict[str, list] = {}
    for trade in reference.trades():
        rows.setdefault(str(groups.group(trade.group).word), []).append((trade.code, trade.name))
    return [("", __("选一种活")), *rows.items()]


def hourly_words(posting: Posting, shifts: Sequence[Any]) -> str:
    """一小时约 20 元, with the break that was taken off; "" where that is the wage itself or cannot be told."""
    found = screened.by_the_hour(posting, shifts)
    return _("一小时约 {sum} 元{pause}").format(sum=yuan(found[0]), pause=found[1]) if found else ""


# --- what screening says -------------------------------------------------------------------------------------


def notices(posting: Posting, found: Sequence[Finding]) -> list[dict[str, Any]]:
    """What screening found, blocks first: the words marked, the law, and a lawful wording to take in one tap."""
    told = []
    for finding in sorted(found, key=lambda f: _RANK[f.severity]):
        text = text_of(posting, finding.field) if finding.spans else ""
        offer = screening.rewrite(text, [finding]) if text and finding.rewrite is not None else ""
        told.append({
            "tone": TONES.get(finding.severity, "info"),
            "icon": "info-circle" if finding.severity == screening.HINT else "alert-triangle",
            "severity": finding.severity, "message": finding.message, "basis": finding.basis, "field": finding.field,
            "code": finding.code, "pieces": marked(text, finding.spans), "offer": offer if offer != text else "",
            "erase": bool(text) and finding.rewrite is not None and not offer,
        })  # fmt: skip
    return told


def text_of(posting: Posting, name: str) -> str:
    """A field of free text as screening reads it."""
    if name == "requirements":
        return "；".join(row["text"] for row in posting.requirements)
    said_text = getattr(posting, name, "")
    return said_text if isinstance(said_text, str) else ""


def marked(text: str, spans: Sequence[tuple[int, int]]) -> list[dict[str, str]]:
    """The text cut where words are marked."""
    cut, at = [], 0
    for start, end in sorted(spans):
        if start < at:
            continue
        cut += [{"text": text[at:start], "mark": ""}, {"text": text[start:end], "mark": "bad"}]
        at = end
    cut.append({"text": text[at:], "mark": ""})
    return [piece for piece in cut if piece["text"]]
