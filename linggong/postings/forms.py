"""What each form of work allows: part-time, seasonal, temporary, by the task, taken home by the piece."""

import re

from linggong.postings.facts import PART_TIME, PIECEWORK_HOME, SEASONAL, TASK, TEMPORARY, Limits, PostingFacts
from linggong.postings.findings import FLAG, HINT, Finding, Notice

COUNTED_UNITS = frozenset({"PIECE", "JIN", "KG", "TONNE", "SQM", "METRE", "MU", "RACK", "TRIP", "ORDER"})
CYCLE_DAYS = {"DAILY": 1, "ON_COMPLETION": 1, "WEEKLY": 7, "HALF_MONTH": 15, "MONTHLY": 31}
"""The longest time between two pay days of a cycle, in days."""

_PART_TIME_LAW = "《劳动合同法》第六十八条、第七十二条"
_WAGE_LAW = "《保障农民工工资支付条例》第十三条、第十四条"
_CONTRACT_LAW = "《劳动合同法》第十条"
_PROBATION = re.compile(r"(?<!无)(?<!没有)(?<!不设)(?<!不约定)试用期")

NOTICES = {
    "PART_TIME_DAY": Notice(
        FLAG,
        "shifts",
        "非全日制平均每天不超过 {most:g} 小时,可以改成临时性或季节性用工。",
        _PART_TIME_LAW,
    ),
    "PART_TIME_WEEK": Notice(
        FLAG,
        "shifts",
        "非全日制每周不超过 {most:g} 小时,可以改成临时性或季节性用工。",
        _PART_TIME_LAW,
    ),
    "PART_TIME_PAY": Notice(
        FLAG,
        "pay_cycle",
        "非全日制最长 {most} 天要结一次工钱。",
        _PART_TIME_LAW,
        "HALF_MONTH",
    ),
    "SEASONAL_LONG": Notice(
        FLAG,
        "shifts",
        "季节性用工一般不超过 {most} 天,时间更长请改签劳动合同。",
        _CONTRACT_LAW,
    ),
    "SEASONAL_REST": Notice(
        FLAG,
        "shifts",
        "连着干 {days} 天没有休息,每周至少休一天。",
        "《劳动法》第三十八条",
    ),
    "SEASONAL_PAY": Notice(
        FLAG,
        "pay_cycle",
        "干一个月以上的活,工钱至少每月结一次,不能等干完才结。",
        _WAGE_LAW,
        "MONTHLY",
    ),
    "TEMPORARY_LONG": Notice(
        FLAG,
        "shifts",
        "临时性用工一般不超过 {most} 天,这么长请改成季节性用工或签劳动合同。",
        _CONTRACT_LAW,
    ),
    "TEMPORARY_PAY": Notice(
        FLAG,
        "pay_cycle",
        "只干 {days} 天,不能等到月底才结,请写日结或干完结。",
        _WAGE_LAW,
        "ON_COMPLETION",
    ),
    "TASK_PAY": Notice(
        HINT,
        "pay_unit",
        "按活包的一般写一口价或按数量算;按时间算钱请改用工方式。",
        "《民法典》第七百七十条",
    ),
    "HOME_PAY": Notice(FLAG, "pay_unit", "拿回家做的活要按数量算钱。", "《劳动法》第三十七条", "PIECE"),
}


def check_form(facts: PostingFacts, limits: Limits) -> list[Finding]:
    """The checks of the posting's own form of work; no form, no check."""
    check = _CHECKS.get(facts.employment_form)
    return check(facts, limits) if check else []


def _say(code: str, **figures: object) -> Finding:
    return NOTICES[code].found(code, **figures)


def _part_time(facts: PostingFacts, limits: Limits) -> list[Finding]:
    """At most 4 hours a day on average and 24 a week, paid every 15 days, no probation."""
    found = []
    hours = facts.hours_by_day()
    if hours and sum(hours.values()) / len(hours) > limits.part_time_daily_hours:
        found.append(_say("PART_TIME_DAY", most=limits.part_time_daily_hours))
    if facts.longest_week() > limits.part_time_weekly_hours:
        found.append(_say("PART_TIME_WEEK", most=limits.part_time_weekly_hours))
    days = CYCLE_DAYS.get(facts.pay_cycle or "", 0) if facts.pay_due_days is None else facts.pay_due_days
    if days > limits.part_time_pay_days:
        found.append(_say("PART_TIME_PAY", most=limits.part_time_pay_days))
    return found + _probation(facts)


def _probation(facts: PostingFacts) -> list[Finding]:
    found = []
    for name, text in facts.texts():
        spans = tuple(hit.span() for hit in _PROBATION.finditer(text))
        if spans:
            found.append(
                Finding(
                    "PART_TIME_PROBATION",
                    FLAG,
                    name,
                    "非全日制不能约定试用期。",
                    "《劳动合同法》第七十条",
                    spans=spans,
                    words=("试用期",) * len(spans),
                    rewrite="",
                    rewrites=("",) * len(spans),
                )
            )
    return found


def _seasonal(facts: PostingFacts, limits: Limits) -> list[Finding]:
    """A season has an end, a day of rest each week, and pay every month at the latest."""
    found = []
    span = facts.days_from_first_to_last()
    if limits.seasonal_days is not None and span > limits.seasonal_days:
        found.append(_say("SEASONAL_LONG", most=limits.seasonal_days))
    if facts.days_in_a_row() > limits.days_without_rest:
        found.append(_say("SEASONAL_REST", days=facts.days_in_a_row()))
    if facts.pay_cycle == "ON_COMPLETION" and span > 31:
        found.append(_say("SEASONAL_PAY"))
    return found


def _temporary(facts: PostingFacts, limits: Limits) -> list[Finding]:
    """A few days, paid when they are over."""
    found = []
    span = facts.days_from_first_to_last()
    if limits.temporary_days is not None and span > limits.temporary_days:
        found.append(_say("TEMPORARY_LONG", most=limits.temporary_days))
    if facts.pay_cycle == "MONTHLY" and 0 < span <= 15:
        found.append(_say("TEMPORARY_PAY", days=span))
    return found


def _task(facts: PostingFacts, limits: Limits) -> list[Finding]:
    """A result for a price: the price is fixed or counted."""
    return [_say("TASK_PAY")] if facts.pay_unit in ("MONTH", "HOUR") else []


def _piecework_home(facts: PostingFacts, limits: Limits) -> list[Finding]:
    """Taken home and counted by the piece; nobody sets the hours."""
    return [_say("HOME_PAY")] if facts.pay_unit and facts.pay_unit not in COUNTED_UNITS else []


_CHECKS = {
    PART_TIME: _part_time,
    SEASONAL: _seasonal,
    TEMPORARY: _temporary,
    TASK: _task,
    PIECEWORK_HOME: _piecework_home,
}
