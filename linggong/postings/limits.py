"""The figures of a posting against the law: pay, hours, ages, risk."""

import re

from linggong.postings.facts import Limits, PostingFacts
from linggong.postings.findings import BLOCK, FLAG, HINT, Finding, Notice
from linggong.postings.forms import check_form

ENTERTAINMENT_VENUES = frozenset({"ENTERTAINMENT", "BAR", "INTERNET_CAFE", "KTV"})
# What the licence calls such a house (domain G-03). 酒吧街 8 号的面馆 is none, and neither is 网吧 cleaned by a firm.
_VENUE_WORDS = (
    ("KTV", re.compile(r"ktv|歌厅|量贩|练歌房", re.IGNORECASE)),
    ("BAR", re.compile(r"酒吧(?![街路巷一])|清吧|酒廊|夜店|迪厅|迪吧")),
    ("INTERNET_CAFE", re.compile(r"网吧|网咖|上网服务|电竞馆")),
    ("ENTERTAINMENT", re.compile(r"夜总会|歌舞厅|舞厅|游艺厅|电玩城|娱乐城|娱乐会所|洗浴会所")),
)

_HOURS = "《劳动法》第三十六条、第四十一条"
_SAFETY = "《安全生产法》第四十四条、第四十五条"
_MINIMUM = "《劳动合同法》第七十二条；《劳动法》第四十八条"
_SUM = re.compile(r"\d+\s*(?:元|块|/|一[天个小单件斤吨平])")

NOTICES = {
    "NO_PAY": Notice(
        FLAG,
        "pay",
        "没有写工钱。只写面议不行，请写一个数。",
        "《人力资源市场暂行条例》第二十四条；《劳动合同法》第八条",
    ),
    "BELOW_MIN": Notice(
        FLAG,
        "pay",
        "折合{period} {pay} 元{rest}，低于当地最低工资 {floor} 元。",
        _MINIMUM,
        "{period} {floor} 元",
    ),
    "OVER_HOURS": Notice(FLAG, "shifts", "{period} {hours:g} 小时太长，请安排休息，或多招人轮班。", _HOURS),
    "LONG_SHIFT": Notice(HINT, "shifts", "一天 {hours:g} 小时，超过 8 小时的部分要写明含加班。", _HOURS),
    "NIGHT": Notice(HINT, "shifts", "有夜里的活，请写明怎么回家、有没有夜班补贴。", "《劳动合同法》第八条"),
    "CHILD": Notice(
        BLOCK,
        "age_low",
        "任何单位都不能招用不满16周岁的人。",
        "《禁止使用童工规定》第二条",
        "16",
    ),
    "YOUTH_HAZARD": Notice(FLAG, "age_low", "这个活不能招不满18周岁的人。", "《劳动法》第六十四条", "18"),
    "YOUTH_VENUE": Notice(
        FLAG,
        "age_low",
        "这类场所不能招不满18周岁的人。",
        "《未成年人保护法》第六十一条",
        "18",
    ),
    "AGE_CAP": Notice(
        HINT, "age_high", "年龄上限是必要的吗？没有理由可以不写。", "平台提示：没有正当理由不写年龄上限", ""
    ),
    "SITE_AGE": Notice(
        HINT,
        "age_high",
        "本地规定这类活不超过 {age} 周岁，请写上。",
        "本地关于施工现场用工年龄的规定",
        "{age}",
    ),
    "HIGH_RISK": Notice(FLAG, "trade", "高风险的活要有人工审核，请写明保险和防护。", _SAFETY),
    "HAZARD": Notice(HINT, "hazards", "请写明防护用品和安全交底：{names}。", _SAFETY),
    "CERT_REQUIRED": Notice(
        HINT,
        "requirements",
        "这个活必须持证：{names}。没有证的人报不了名。",
        "《安全生产法》第三十条",
        "需持{names}",
    ),
    "MINOR_CONTACT": Notice(
        HINT,
        "trade",
        "要和孩子打交道的活，用人一方要先查有没有侵害未成年人的记录。",
        "《未成年人保护法》第六十二条",
    ),
    "REPOST_NO_SOURCE": Notice(
        FLAG,
        "repost_source",
        "转发的招工要写明从哪里来的。",
        "人力资源社会保障部等五部门关于规范网络招聘的通知",
    ),
}


def venue_kind(name: str) -> str:
    """What kind of house the employer's name says it is, "" for an ordinary one."""
    return next((kind for kind, words in _VENUE_WORDS if words.search(name)), "")


def check_limits(facts: PostingFacts, limits: Limits) -> list[Finding]:
    """Findings that come from figures, not from words."""
    found: list[Finding] = []
    for check in (_pay, _hours, _ages, _risk, _source, check_form):
        found += check(facts, limits)
    return found


def _say(code: str, severity: str = "", **figures: object) -> Finding:
    return NOTICES[code].found(code, severity, **figures)


def _pay(facts: PostingFacts, limits: Limits) -> list[Finding]:
    if facts.pay_fen is None:
        said = any(_SUM.search(text) for _name, text in facts.texts())
        return [] if said else [_say("NO_PAY")]
    floor, rate = limits.min_hourly_wage_fen, facts.hourly_fen()
    if floor is not None and rate is not None and rate[0] < floor:
        severity = BLOCK if rate[1] else FLAG
        rest = facts.break_words()
        return [_say("BELOW_MIN", severity, period="每小时", pay=_yuan(rate[0]), rest=rest, floor=_yuan(floor))]
    floor = limits.min_monthly_wage_fen
    full = min(facts.hours_by_day().values(), default=0) >= limits.daily_hours_normal
    if facts.pay_unit == "MONTH" and floor is not None and full and facts.pay_fen < floor:
        return [_say("BELOW_MIN", period="每月", pay=_yuan(facts.pay_fen), rest="", floor=_yuan(floor))]
    return []


def _yuan(fen: int) -> str:
    return f"{fen / 100:.2f}".rstrip("0").rstrip(".")


def _hours(facts: PostingFacts, limits: Limits) -> list[Finding]:
    found = []
    day, week = max(facts.hours_by_day().values(), default=0), facts.longest_week()
    if day > limits.daily_hours_longest:
        found.append(_say("OVER_HOURS", period="一天", hours=day))
    elif day > limits.daily_hours_normal:
        found.append(_say("LONG_SHIFT", hours=day))
    if week > limits.weekly_hours_longest:
        found.append(_say("OVER_HOURS", period="一周", hours=week))
    if any(shift.at_night for shift in facts.shifts):
        found.append(_say("NIGHT"))
    return found


def _ages(facts: PostingFacts, limits: Limits) -> list[Finding]:
    found = []
    low, high = facts.age_low, facts.age_high
    if low is not None and low < 16:
        found.append(_say("CHILD"))
    elif low is not None and low < 18:
        if _barred_to_youth(facts, limits):
            found.append(_say("YOUTH_HAZARD"))
        if facts.venue_kind in ENTERTAINMENT_VENUES:
            found.append(_say("YOUTH_VENUE"))
    if high is not None and not facts.reasons - {"STATE_PROHIBITED_FOR_WOMEN"}:
        found.append(_say("AGE_CAP"))
    ceilings = [
        age
        for age, applies in ((limits.site_age_max, facts.building_site), (limits.hazard_age_max, facts.dangerous))
        if age is not None and applies
    ]
    if ceilings and (high is None or high > min(ceilings)):
        found.append(_say("SITE_AGE", age=min(ceilings)))
    return found


def _barred_to_youth(facts: PostingFacts, limits: Limits) -> bool:
    return not facts.insurable or (facts.risk_class or 0) >= limits.youth_risk_class or facts.dangerous


def _risk(facts: PostingFacts, limits: Limits) -> list[Finding]:
    found = []
    if not facts.insurable or (facts.risk_class or 0) >= limits.high_risk_class:
        found.append(_say("HIGH_RISK"))
    if facts.hazards:
        found.append(_say("HAZARD", names="、".join(facts.hazards)))
    lacking = [name for name in facts.certificates_required if name not in facts.certificates_stated]
    if lacking:
        found.append(_say("CERT_REQUIRED", names="、".join(lacking)))
    if facts.minor_contact:
        found.append(_say("MINOR_CONTACT"))
    return found


def _source(facts: PostingFacts, limits: Limits) -> list[Finding]:
    return [_say("REPOST_NO_SOURCE")] if facts.repost and not facts.repost_source.strip() else []
