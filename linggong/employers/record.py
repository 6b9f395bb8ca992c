"""The employer's record: which events count, how much, for how long, and what they open. Published as it stands.

Pure. Points are explainable sums of listed events; every event expires after twelve months; a wrong one is corrected
within five working days. One upheld complaint suspends 诚信企业 and the fast pass at once (FJ-22a, FJ-23).
"""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linggong.core.points import Bar, Counted, Ladder, Rule, times

POINTS: dict[str, Rule] = {
    "paid_on_time": Rule(2, gettext_lazy("按说好的时间付了工钱")),
    "confirmed_quickly": Rule(1, gettext_lazy("干完当天就确认了")),
    "insured": Rule(1, gettext_lazy("给干活的人买了保险")),
    "five_star": Rule(1, gettext_lazy("工友给了五颗星")),
    "cancelled_late": Rule(-3, gettext_lazy("快开工了才说不要人")),
    "wasted_trip": Rule(-8, gettext_lazy("人到了没活干，白跑一趟")),
    "late_pay": Rule(-6, gettext_lazy("工钱付晚了")),
    "untrue_posting": Rule(-8, gettext_lazy("活和说的不一样，查实了")),
    "upheld_complaint": Rule(-20, gettext_lazy("被投诉，查实了")),
}

LADDER = Ladder(
    candidate=Bar(points=10, at_least={"paid_on_time": 5}),
    recognised=Bar(
        points=30,
        at_least={"paid_on_time": 12},
        none_of=frozenset({"late_pay", "untrue_posting", "upheld_complaint"}),
    ),
    suspending=frozenset({"upheld_complaint"}),
)

BENEFITS = (
    gettext_lazy("发的活标着“诚信企业”"),
    gettext_lazy("机器查过没问题就先发出去，不用等人工审（免审快办），事后抽查至少一成"),
    gettext_lazy("窗口派人时先排"),
)

RULES_IN_WORDS = (
    gettext_lazy("每件事算一年，满一年就不再算，好的坏的都一样"),
    gettext_lazy("一年里按时付 5 次工钱、满 10 分，成为候选"),
    gettext_lazy("一年里按时付 12 次工钱、满 30 分、没有付晚、没有虚假招工、没有查实的投诉，就是诚信企业"),
    gettext_lazy("被投诉并查实，诚信企业和免审快办马上暂停，一次就停"),
    gettext_lazy("记错了可以申诉，5 个工作日内改过来"),
)

CAUSES = {
    "bar_reached": gettext_lazy("达到公布的条件"),
    "below_bar": gettext_lazy("近一年不再满足公布的条件"),
    "suspension_over": gettext_lazy("暂停的原因已经过去"),
    **{kind: rule.words for kind, rule in POINTS.items()},
}


def words_for_others(points: Sequence[Counted], moment: datetime) -> list[str]:
    """What a worker may read about this employer: how wages were paid, how people were treated. No sum."""
    paid, late = times(points, "paid_on_time", moment), times(points, "late_pay", moment)
    said = []
    if paid:
        said.append(_("近一年 {n} 次按时付工钱").format(n=paid))
    if late:
        said.append(_("近一年 {n} 次付晚了").format(n=late))
    elif paid:
        said.append(_("近一年没有付晚"))
    if wasted := times(points, "wasted_trip", moment):
        said.append(_("近一年 {n} 次让人白跑").format(n=wasted))
    if cancelled := times(points, "cancelled_late", moment):
        said.append(_("近一年 {n} 次临时取消").format(n=cancelled))
    if upheld := times(points, "upheld_complaint", moment):
        said.append(_("近一年 {n} 次投诉查实").format(n=upheld))
    return said or [_("刚来，还没有用工记录")]
