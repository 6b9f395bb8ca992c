"""The terms of a deal in words: fills the lines of a template. Pure: no tables, no clock, no language switch.

An agreement is Chinese whatever language the page around it speaks, so nothing here is translated.
"""

import string
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from linggong.core.clock import local
from linggong.core.money import yuan

UNITS = {
    "HOUR": "小时", "DAY": "天", "SHIFT": "班", "FIXED": "整活", "MONTH": "月", "PIECE": "件", "JIN": "斤",
    "KG": "公斤", "TONNE": "吨", "SQM": "平方米", "METRE": "米", "MU": "亩", "RACK": "竿", "TRIP": "趟", "ORDER": "单",
}  # fmt: skip
TIMED = frozenset({"HOUR", "DAY", "SHIFT", "FIXED", "MONTH"})
PAID_BY = {
    "OFFLINE": "{hirer}直接付给{worker}，不经过平台", "MERCHANT": "{hirer}用自己的商户号付给{worker}",
    "SUPERVISED": "从银行的工资专户付给{worker}", "LICENSED": "由持牌机构保管，确认后付给{worker}",
}  # fmt: skip
HAZARDS = {
    "HEIGHT": "登高", "ELECTRIC": "用电", "HOT_WORK": "动火", "CONFINED": "进狭小密闭的地方", "CHEMICAL": "碰化学品",
    "TRAFFIC": "路上车多", "LIFTING": "搬重物", "HEAT": "高温", "ANIMAL": "碰牲口", "BLADE": "用刀和机器",
}  # fmt: skip
PLACES = (
    "title", "content", "place", "time", "pay", "due", "paid_by", "insurance", "extras", "needs", "hazards", "call_off",
)  # fmt: skip
MEALS = {"ONE": "管一顿饭", "TWO": "管两顿饭", "ALL": "管吃"}


class Line(NamedTuple):
    """One line of the front page; without a label it is one of the numbered points."""

    label: str
    words: str


class Clause(NamedTuple):
    """One clause of the full text, with the law it stands on."""

    title: str
    words: str
    source: str


class UnknownPlace(ValueError):
    """A template names a fact that no terms have: a mistake in the template."""


def lines(plain: Sequence[Mapping[str, str]], terms: Mapping[str, Any]) -> list[Line]:
    """The front page of these terms, in plain words."""
    known = facts(terms, hirer="雇主", worker="工友")
    return [Line(row["label"], fill(row["text"], known)) for row in plain]


def clauses(rows: Sequence[Mapping[str, str]], terms: Mapping[str, Any]) -> list[Clause]:
    """The full text of these terms."""
    known = facts(terms, hirer="甲方", worker="乙方")
    return [Clause(row["title"], fill(row["text"], known), row.get("source", "")) for row in rows]


def check(rows: Sequence[Mapping[str, str]]) -> None:
    """Refuse a template that names a fact no terms have. Raises UnknownPlace."""
    known = dict.fromkeys(PLACES, "")
    for row in rows:
        fill(row["text"], known)


def fill(text: str, known: Mapping[str, str]) -> str:
    """Put facts into the places of one line. Only `{name}`: a fact cannot smuggle in a place of its own."""
    out = []
    for words, name, _spec, _conversion in string.Formatter().parse(text):
        out.append(words)
        if name is not None:
            if name not in known:
                raise UnknownPlace(name)
            out.append(known[name])
    return "".join(out)


def facts(terms: Mapping[str, Any], *, hirer: str, worker: str) -> dict[str, str]:
    """Every fact a template may name, in words that stand alone; `hirer` and `worker` are what the two are called."""
    paid_by = PAID_BY.get(str(terms.get("custody", "")).upper(), PAID_BY["OFFLINE"])
    return {
        "title": str(terms["title"]),
        "content": _stop(terms.get("content") or terms["title"]),
        "place": _place(terms),
        "time": "；".join(shift_lines(terms)),
        "pay": _pay(terms),
        "due": _due(terms),
        "paid_by": paid_by.format(hirer=hirer, worker=worker),
        "insurance": _insurance(terms, hirer, worker),
        "extras": _extras(terms),
        "needs": _needs(terms),
        "hazards": _hazards(terms),
        "call_off": _call_off(terms, hirer, worker),
    }


def shift_lines(terms: Mapping[str, Any], limit: int = 8) -> list[str]:
    """The shifts, one line each: "11月23日 5:30 到 13:30，中间歇 30 分钟"; a long row of equal days is one line."""
    rows = list(terms["shifts"])
    if len(rows) > limit and len({_hours(row) for row in rows}) == 1:
        first, last = (local(datetime.fromisoformat(row["starts_at"])) for row in (rows[0], rows[-1]))
        days = "、".join(_day(local(datetime.fromisoformat(row["starts_at"]))) for row in rows[1:-1])
        return [f"{_day(first)}、{days}、{_day(last)}，共 {len(rows)} 班，每班 {_hours(rows[0])}"]
    return [f"{_day(local(datetime.fromisoformat(row['starts_at'])))} {_hours(row)}" for row in rows]


def _day(moment: datetime) -> str:
    return f"{moment.month}月{moment.day}日"


def _hours(row: Mapping[str, Any]) -> str:
    starts, ends = (local(datetime.fromisoformat(row[name])) for name in ("starts_at", "ends_at"))
    next_day = "第二天 " if ends.date() > starts.date() and ends - starts < timedelta(hours=24) else ""
    rest = f"，中间歇 {row['break_minutes']} 分钟" if row.get("break_minutes") else ""
    return f"{starts.hour}:{starts:%M} 到 {next_day}{ends.hour}:{ends:%M}{rest}"


def _place(terms: Mapping[str, Any]) -> str:
    meeting = f"，在{terms['meeting_point']}集合" if terms.get("meeting_point") else ""
    return f"{_stop(terms.get('address') or '雇主指定的地方')}{meeting}"


def _pay(terms: Mapping[str, Any]) -> str:
    unit = terms["pay_unit"]
    said = f"{yuan(terms['pay_fen'])} 元/{UNITS[unit]}"
    if unit == "FIXED":
        said = f"整个活 {yuan(terms['pay_fen'])} 元"
    elif unit not in TIMED:
        whole = f"，一共大约 {terms['quantity']} {UNITS[unit]}" if terms.get("quantity") else ""
        said += f"，按双方确认的数量算{whole}"
    note = f"，{_stop(terms['pay_note'])}" if terms.get("pay_note") else ""
    return said + note


def _due(terms: Mapping[str, Any]) -> str:
    hours = terms.get("pay_within_hours") or 24
    return {
        "ON_COMPLETION": f"全部干完并确认后 {hours} 小时内付清",
        "WEEKLY": "每周付一次，最晚当周星期日付清",
        "HALF_MONTH": "半个月付一次，最晚当月 15 日和月底付清",
        "MONTHLY": "每月付一次，最晚当月最后一天付清",
    }.get(terms.get("pay_cycle", "DAILY"), f"每班干完并确认后 {hours} 小时内付清")


def _insurance(terms: Mapping[str, Any], hirer: str, worker: str) -> str:
    if terms.get("insured") and terms.get("uncovered"):
        return f"今天没保险，原因：{_stop(terms['uncovered'])}。{worker}知道了再决定去不去"
    if terms.get("insured"):
        bought = f"{hirer}给{worker}买意外险，保费{hirer}出，保多少看保单"
        return f"{bought}；没有买成的，开工前告诉{worker}，{worker}可以不去"
    why = _stop(terms.get("uninsured_reason") or "没有写")
    return f"这次没有保险，原因：{why}。{worker}知道了再决定去不去"


def _extras(terms: Mapping[str, Any]) -> str:
    said = [MEALS.get(terms.get("meals", "NONE"), "不管饭"), "管住" if terms.get("lodging") else "不管住"]
    if terms.get("transport"):
        said.append(f"路上：{_stop(terms['transport'])}")
    if terms.get("tools"):
        said.append(f"工具：{_stop(terms['tools'])}")
    return "，".join(said)


def _needs(terms: Mapping[str, Any]) -> str:
    asked = [row["text"] if isinstance(row, Mapping) else str(row) for row in terms.get("requirements", [])]
    asked += [f"要有{name}" for name in terms.get("certificate_names", [])]
    return "、".join(_stop(text) for text in asked if text) or "没有特别的条件"


def _hazards(terms: Mapping[str, Any]) -> str:
    known = [HAZARDS[code] for code in terms.get("hazards", []) if code in HAZARDS]
    return f"这次活里要当心的：{'、'.join(known)}。" if known else ""


def _call_off(terms: Mapping[str, Any], hirer: str, worker: str) -> str:
    minutes = terms.get("call_off_minutes") or 0
    before = f"开工前 {_length(minutes)}以上" if minutes else "开工前"
    said = f"因为天气等原因干不成的，{hirer}{before}告诉{worker}"
    if terms.get("wasted_trip_fen"):
        said += f"；说晚了让{worker}白跑一趟，补 {yuan(terms['wasted_trip_fen'])} 元"
    return said


def _length(minutes: int) -> str:
    return f"{minutes // 60} 小时" if minutes % 60 == 0 else f"{minutes} 分钟"


def _stop(text: object) -> str:
    """Without the full stop the person typed: the sentence around it brings its own."""
    return str(text).strip().rstrip("。.；;，,")
