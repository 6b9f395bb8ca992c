"""The figures of a posting against the law: pay, hours, ages, risk, and what each form of work allows."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from linggong.postings.findings import BLOCK, FLAG, HINT, Finding

PART_TIME, SEASONAL, TEMPORARY, TASK, PIECEWORK_HOME = (
    "PART_TIME",
    "SEASONAL",
    "TEMPORARY",
    "TASK",
    "PIECEWORK_HOME",
)
COUNTED_UNITS = frozenset({"PIECE", "JIN", "KG", "TONNE", "SQM", "METRE", "MU", "RACK", "TRIP", "ORDER"})
CYCLE_DAYS = {"DAILY": 1, "ON_COMPLETION": 1, "WEEKLY": 7, "HALF_MONTH": 15, "MONTHLY": 31}
"""The longest time between two pay days of a cycle, in days."""

ENTERTAINMENT_VENUES = frozenset({"ENTERTAINMENT", "BAR", "INTERNET_CAFE", "KTV"})

_LABOUR_36 = "《劳动法》第三十六条、第四十一条"
_PART_TIME_LAW = "《劳动合同法》第六十八条、第七十二条"
_WAGE_LAW = "《保障农民工工资支付条例》第十三条、第十四条"


@dataclass(frozen=True)
class Shift:
    """One stretch of work. `break_minutes` is None when nobody said whether there is a break."""

    start: datetime
    end: datetime
    break_minutes: int | None = None

    @property
    def hours(self) -> float:
        return max(0.0, (self.end - self.start).total_seconds() / 3600 - (self.break_minutes or 0) / 60)


@dataclass(frozen=True)
class PostingFacts:
    """A posting as screening needs it. Money in fen; unknown is None."""

    title: str = ""
    content: str = ""
    requirements: str = ""
    text: Mapping[str, str] = field(default_factory=dict)
    insurable: bool = True
    risk_class: int | None = None
    hazards: tuple[str, ...] = ()
    shifts: tuple[Shift, ...] = ()
    pay_fen: int | None = None
    pay_unit: str | None = None
    quantity: float | None = None
    pay_cycle: str | None = None
    pay_due_days: int | None = None
    headcount: int | None = None
    age_low: int | None = None
    age_high: int | None = None
    certificates_required: tuple[str, ...] = ()
    certificates_stated: tuple[str, ...] = ()
    minor_contact: bool = False
    building_site: bool = False
    employer_kind: str = ""
    venue_kind: str = ""
    employment_form: str = ""
    repost: bool = False
    repost_source: str = ""
    reasons: frozenset[str] = frozenset()

    def texts(self) -> list[tuple[str, str]]:
        """Every field of free text, in the order of the form."""
        fixed = [("title", self.title), ("content", self.content), ("requirements", self.requirements)]
        return [(name, text) for name, text in [*fixed, *self.text.items()] if text]


@dataclass(frozen=True)
class Limits:
    """What the region lays down; None switches a check off."""

    min_hourly_wage_fen: int | None = None
    min_monthly_wage_fen: int | None = None
    part_time_daily_hours: float = 4
    part_time_weekly_hours: float = 24
    part_time_pay_days: int = 15
    daily_hours_normal: float = 8
    daily_hours_longest: float = 11
    weekly_hours: float = 44
    days_without_rest: int = 6
    temporary_days: int | None = 30
    seasonal_days: int | None = 180
    site_age_max: int | None = None
    hazard_age_max: int | None = None
    high_risk_class: int = 5
    youth_risk_class: int = 4


def check_limits(facts: PostingFacts, limits: Limits) -> list[Finding]:
    """Findings that come from figures, not from words."""
    found: list[Finding] = []
    for check in (_pay, _hours, _night, _ages, _risk, _source, _form):
        found += check(facts, limits)
    return found


def hourly_fen(facts: PostingFacts) -> tuple[int, bool] | None:
    """(pay for one hour, certain). Certain is False when an unknown break was allowed for. None: cannot be told."""
    if facts.pay_fen is None:
        return None
    if facts.pay_unit == "HOUR":
        return facts.pay_fen, True
    lengths = [shift.hours for shift in facts.shifts if shift.hours > 0]
    if not lengths:
        return None
    certain = all(shift.break_minutes is not None for shift in facts.shifts)
    if facts.pay_unit in ("DAY", "SHIFT"):
        hours = min(_day_lengths(facts).values()) if facts.pay_unit == "DAY" else min(lengths)
    elif facts.pay_unit == "FIXED" and facts.headcount == 1:
        hours = sum(lengths)
        return round(facts.pay_fen / hours), certain
    else:
        return None
    if not certain:
        # Nobody said how long the break is; the longest usual one is taken off before anyone is accused.
        hours -= 2 if hours >= 10 else 1 if hours >= 6 else 0
    return round(facts.pay_fen / hours), certain


def _pay(facts: PostingFacts, limits: Limits) -> list[Finding]:
    if facts.pay_fen is None:
        if any(re.search(r"\d+\s*(?:元|块|/|一[天个小单件斤吨平])", text) for _name, text in facts.texts()):
            return []
        return [
            Finding(
                "NO_PAY",
                FLAG,
                "pay",
                "没有写工钱。只写面议不行,请写一个数。",
                "《人力资源市场暂行条例》第二十四条;《劳动合同法》第八条",
            )
        ]
    floor, rate = limits.min_hourly_wage_fen, hourly_fen(facts)
    if floor is not None and rate is not None and rate[0] < floor:
        message = f"折合每小时 {_yuan(rate[0])} 元,低于当地最低小时工资 {_yuan(floor)} 元。"
        return [
            Finding(
                "BELOW_MIN",
                BLOCK if rate[1] else FLAG,
                "pay",
                message,
                "《劳动合同法》第七十二条;《劳动法》第四十八条",
                rewrite=f"每小时 {_yuan(floor)} 元",
            )
        ]
    month = limits.min_monthly_wage_fen
    if (
        facts.pay_unit == "MONTH"
        and month is not None
        and facts.pay_fen < month
        and _full_days(facts, limits)
    ):
        message = f"每月 {_yuan(facts.pay_fen)} 元,低于当地最低月工资 {_yuan(month)} 元。"
        return [
            Finding(
                "BELOW_MIN", FLAG, "pay", message, "《劳动法》第四十八条", rewrite=f"每月 {_yuan(month)} 元"
            )
        ]
    return []


def _full_days(facts: PostingFacts, limits: Limits) -> bool:
    lengths = _day_lengths(facts)
    return bool(lengths) and min(lengths.values()) >= limits.daily_hours_normal


def _yuan(fen: int) -> str:
    return f"{fen / 100:.2f}".rstrip("0").rstrip(".")


def _day_lengths(facts: PostingFacts) -> dict[date, float]:
    """Hours of work by the day on which a shift begins."""
    lengths: dict[date, float] = defaultdict(float)
    for shift in facts.shifts:
        if shift.hours > 0:
            lengths[shift.start.date()] += shift.hours
    return dict(lengths)


def _week_lengths(facts: PostingFacts) -> dict[tuple[int, int], float]:
    lengths: dict[tuple[int, int], float] = defaultdict(float)
    for day, hours in _day_lengths(facts).items():
        lengths[day.isocalendar()[:2]] += hours
    return dict(lengths)


def _longest_run(facts: PostingFacts) -> int:
    """The most days of work in a row."""
    longest = run = 0
    last = None
    for day in sorted(_day_lengths(facts)):
        run = run + 1 if last is not None and day - last == timedelta(days=1) else 1
        longest, last = max(longest, run), day
    return longest


def _span_days(facts: PostingFacts) -> int:
    days = sorted(_day_lengths(facts))
    return (days[-1] - days[0]).days + 1 if days else 0


def _hours(facts: PostingFacts, limits: Limits) -> list[Finding]:
    lengths = _day_lengths(facts)
    if not lengths:
        return []
    found = []
    longest = max(lengths.values())
    if longest > limits.daily_hours_longest:
        found.append(
            Finding(
                "OVER_HOURS",
                FLAG,
                "shifts",
                f"一天 {longest:g} 小时太长,加班一天最多 3 小时。可以多招人轮班。",
                _LABOUR_36,
            )
        )
    elif longest > limits.daily_hours_normal:
        found.append(
            Finding(
                "LONG_SHIFT",
                HINT,
                "shifts",
                f"一天 {longest:g} 小时,超过 8 小时的部分要写明含加班。",
                _LABOUR_36,
            )
        )
    week = max(_week_lengths(facts).values())
    if week > limits.weekly_hours + 18:
        found.append(
            Finding(
                "OVER_HOURS", FLAG, "shifts", f"一周 {week:g} 小时太长,请安排休息或多招人轮班。", _LABOUR_36
            )
        )
    return found


def _night(facts: PostingFacts, limits: Limits) -> list[Finding]:
    if any(_touches_night(shift) for shift in facts.shifts):
        return [
            Finding(
                "NIGHT", HINT, "shifts", "有夜里的活,请写明怎么回家、有没有夜班补贴。", "《劳动合同法》第八条"
            )
        ]
    return []


def _touches_night(shift: Shift) -> bool:
    """Any minute between 22:00 and 06:00."""
    if shift.end <= shift.start:
        return False
    midnight = datetime.combine(shift.start.date(), time(0), tzinfo=shift.start.tzinfo)
    nights = [(midnight + timedelta(hours=h), midnight + timedelta(hours=h + 8)) for h in (-2, 22, 46)]
    return any(shift.start < end and begin < shift.end for begin, end in nights)


def _ages(facts: PostingFacts, limits: Limits) -> list[Finding]:
    found = []
    low, high = facts.age_low, facts.age_high
    if low is not None and low < 16:
        found.append(
            Finding(
                "CHILD",
                BLOCK,
                "age_low",
                "任何单位都不能招用不满16周岁的人。",
                "《禁止使用童工规定》第二条、第三条",
                rewrite="16",
            )
        )
    elif low is not None and low < 18:
        risky = (
            not facts.insurable or (facts.risk_class or 0) >= limits.youth_risk_class or bool(facts.hazards)
        )
        if risky:
            found.append(
                Finding(
                    "YOUTH_HAZARD",
                    FLAG,
                    "age_low",
                    "这个活不能招不满18周岁的人。",
                    "《劳动法》第六十四条",
                    rewrite="18",
                )
            )
        if facts.venue_kind in ENTERTAINMENT_VENUES:
            found.append(
                Finding(
                    "YOUTH_VENUE",
                    FLAG,
                    "age_low",
                    "这类场所不能招不满18周岁的人。",
                    "《未成年人保护法》第六十一条",
                    rewrite="18",
                )
            )
    if high is not None and not facts.reasons & {"SITE_AGE", "HAZARD_AGE"}:
        found.append(
            Finding(
                "AGE_CAP",
                HINT,
                "age_high",
                "年龄上限是必要的吗?没有理由可以不写。",
                "《劳动法》第三条",
                rewrite="",
            )
        )
    ceiling = min(
        (
            cap
            for cap in (
                limits.site_age_max if facts.building_site else None,
                limits.hazard_age_max if facts.hazards else None,
            )
            if cap is not None
        ),
        default=None,
    )
    if ceiling is not None and (high is None or high > ceiling):
        found.append(
            Finding(
                "SITE_AGE",
                HINT,
                "age_high",
                "本地规定这类活不超过 %d 周岁,请写上。" % ceiling,
                "本地关于施工现场用工年龄的规定",
                rewrite=str(ceiling),
            )
        )
    return found


def _risk(facts: PostingFacts, limits: Limits) -> list[Finding]:
    found = []
    if not facts.insurable or (facts.risk_class or 0) >= limits.high_risk_class:
        found.append(
            Finding(
                "HIGH_RISK",
                FLAG,
                "trade",
                "高风险的活,要有人工审核,并写明保险和防护。",
                "《安全生产法》第四十四条、第四十五条",
            )
        )
    if facts.hazards:
        found.append(
            Finding(
                "HAZARD",
                HINT,
                "hazards",
                "请写明防护用品和安全交底:{}。".format("、".join(facts.hazards)),
                "《安全生产法》第四十四条、第四十五条",
            )
        )
    lacking = [name for name in facts.certificates_required if name not in facts.certificates_stated]
    if lacking:
        found.append(
            Finding(
                "CERT_REQUIRED",
                HINT,
                "requirements",
                "这个活必须持证:{}。没有证的人报不了名。".format("、".join(lacking)),
                "《安全生产法》第三十条",
                rewrite="需持{}".format("、".join(lacking)),
            )
        )
    if facts.minor_contact:
        found.append(
            Finding(
                "MINOR_CONTACT",
                HINT,
                "trade",
                "要和孩子打交道的活,用人一方要先查有没有侵害未成年人的记录。",
                "《未成年人保护法》第六十二条",
            )
        )
    return found


def _source(facts: PostingFacts, limits: Limits) -> list[Finding]:
    if facts.repost and not facts.repost_source.strip():
        return [
            Finding(
                "REPOST_NO_SOURCE",
                FLAG,
                "repost_source",
                "转发的招工要写明从哪里来的。",
                "人力资源社会保障部等五部门关于规范网络招聘的通知",
            )
        ]
    return []


# --- the forms of work: each has its own checks -------------------------------------------------------------------


def _form(facts: PostingFacts, limits: Limits) -> list[Finding]:
    check = _FORMS.get(facts.employment_form)
    return check(facts, limits) if check else []


def _part_time(facts: PostingFacts, limits: Limits) -> list[Finding]:
    """At most 4 hours a day on average, 24 a week, paid at least every 15 days, no probation."""
    found = []
    lengths = _day_lengths(facts)
    if lengths and sum(lengths.values()) / len(lengths) > limits.part_time_daily_hours:
        found.append(
            Finding(
                "PART_TIME_DAY",
                FLAG,
                "shifts",
                f"非全日制平均每天不超过 {limits.part_time_daily_hours:g} 小时,可以改成临时性或季节性用工。",
                _PART_TIME_LAW,
            )
        )
    if lengths and max(_week_lengths(facts).values()) > limits.part_time_weekly_hours:
        found.append(
            Finding(
                "PART_TIME_WEEK",
                FLAG,
                "shifts",
                f"非全日制每周不超过 {limits.part_time_weekly_hours:g} 小时,可以改成临时性或季节性用工。",
                _PART_TIME_LAW,
            )
        )
    days = facts.pay_due_days if facts.pay_due_days is not None else CYCLE_DAYS.get(facts.pay_cycle or "", 0)
    if days > limits.part_time_pay_days:
        found.append(
            Finding(
                "PART_TIME_PAY",
                FLAG,
                "pay_cycle",
                "非全日制最长 %d 天要结一次工钱。" % limits.part_time_pay_days,
                _PART_TIME_LAW,
                rewrite="HALF_MONTH",
            )
        )
    found += [
        Finding(
            "PART_TIME_PROBATION",
            FLAG,
            name,
            "非全日制不能约定试用期。",
            "《劳动合同法》第七十条",
            spans=((hit.start(), hit.end()),),
            words=(hit[0],),
            rewrite="",
            rewrites=("",),
        )
        for name, text in facts.texts()
        for hit in re.finditer(r"(?<!无)(?<!没有)(?<!不设)试用期", text)
    ]
    return found


def _seasonal(facts: PostingFacts, limits: Limits) -> list[Finding]:
    """A season has an end, a day of rest each week, and monthly pay at the latest."""
    found = []
    if limits.seasonal_days is not None and _span_days(facts) > limits.seasonal_days:
        found.append(
            Finding(
                "SEASONAL_LONG",
                FLAG,
                "shifts",
                "季节性用工一般不超过 %d 天,时间更长请改签劳动合同。" % limits.seasonal_days,
                "《劳动合同法》第十条",
            )
        )
    if _longest_run(facts) > limits.days_without_rest:
        found.append(
            Finding(
                "SEASONAL_REST",
                FLAG,
                "shifts",
                "连着干 %d 天没有休息,每周至少休一天。" % _longest_run(facts),
                "《劳动法》第三十八条",
            )
        )
    if facts.pay_cycle == "ON_COMPLETION" and _span_days(facts) > 31:
        found.append(
            Finding(
                "SEASONAL_PAY",
                FLAG,
                "pay_cycle",
                "干一个月以上的活,工钱至少每月结一次,不能等干完才结。",
                _WAGE_LAW,
                rewrite="MONTHLY",
            )
        )
    return found


def _temporary(facts: PostingFacts, limits: Limits) -> list[Finding]:
    """A few days, paid when they are over."""
    found = []
    span = _span_days(facts)
    if limits.temporary_days is not None and span > limits.temporary_days:
        found.append(
            Finding(
                "TEMPORARY_LONG",
                FLAG,
                "shifts",
                "临时性用工一般不超过 %d 天,这么长请改成季节性用工或签劳动合同。" % limits.temporary_days,
                "《劳动合同法》第十条",
            )
        )
    if facts.pay_cycle == "MONTHLY" and 0 < span <= 15:
        found.append(
            Finding(
                "TEMPORARY_PAY",
                FLAG,
                "pay_cycle",
                "只干 %d 天,不能等到月底才结,请写日结或干完结。" % span,
                _WAGE_LAW,
                rewrite="ON_COMPLETION",
            )
        )
    return found


def _task(facts: PostingFacts, limits: Limits) -> list[Finding]:
    """A result for a price: the price is fixed or counted."""
    if facts.pay_unit in ("MONTH", "HOUR"):
        return [
            Finding(
                "TASK_PAY",
                HINT,
                "pay_unit",
                "按活包的,一般写一口价或按数量算;按时间算钱请改用工方式。",
                "《民法典》第七百七十条",
            )
        ]
    return []


def _piecework_home(facts: PostingFacts, limits: Limits) -> list[Finding]:
    """Taken home and counted by the piece; nobody sets the hours."""
    if facts.pay_unit and facts.pay_unit not in COUNTED_UNITS:
        return [
            Finding(
                "HOME_PAY",
                FLAG,
                "pay_unit",
                "拿回家做的活要按数量算钱。",
                "《劳动法》第三十七条",
                rewrite="PIECE",
            )
        ]
    return []


_FORMS = {
    PART_TIME: _part_time,
    SEASONAL: _seasonal,
    TEMPORARY: _temporary,
    TASK: _task,
    PIECEWORK_HOME: _piecework_home,
}
