"""The worker's record (口碑): which events count, how much, for how long, what they open. Published as is.

Pure. Points are explainable sums of listed events; every event expires after twelve months; a wrong one is
corrected within five working days. Employers never see the sum: they see the recognition, how much work was
done and how often somebody did not come.
"""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linggong.core.points import Bar, Counted, Ladder, Rule, times

POINTS: dict[str, Rule] = {
    "worked": Rule(2, gettext_lazy("干完一个活，老板确认了")),
    "on_time": Rule(1, gettext_lazy("按时到岗")),
    "five_star": Rule(1, gettext_lazy("老板给了五颗星")),
    "praised": Rule(1, gettext_lazy("老板夸了活干得好")),
    "stood_in": Rule(2, gettext_lazy("临时顶上别人空出来的活")),
    "late_cancel": Rule(-3, gettext_lazy("快开工了才说不去")),
    "left_early": Rule(-3, gettext_lazy("没说好就提前走了")),
    "no_show": Rule(-8, gettext_lazy("定下了没到岗，也没打招呼")),
    "upheld_complaint": Rule(-10, gettext_lazy("被投诉，查实了")),
}

LADDER = Ladder(
    candidate=Bar(points=10, at_least={"worked": 5}),
    recognised=Bar(points=30, at_least={"worked": 10}, none_of=frozenset({"no_show", "upheld_complaint"})),
    suspending=frozenset({"upheld_complaint"}),
)

BENEFITS = (
    gettext_lazy("找活卡和报名里标着“优秀零工”"),
    gettext_lazy("同样合适时，老板先看到你"),
    gettext_lazy("窗口派活时先问你"),
    gettext_lazy("技能培训班优先报名"),
)

RULES_IN_WORDS = (
    gettext_lazy("每件事算一年，满一年就不再算，好的坏的都一样"),
    gettext_lazy("一年里干完 5 个活、满 10 分，成为候选"),
    gettext_lazy("一年里干完 10 个活、满 30 分、没有不到岗、没有查实的投诉，就是优秀零工"),
    gettext_lazy("被投诉并查实，优秀零工马上暂停"),
    gettext_lazy("记错了可以申诉，5 个工作日内改过来"),
    gettext_lazy("老板只看得到你是不是优秀零工、干过多少活、几次没到岗，看不到分数"),
)

CAUSES = {
    "bar_reached": gettext_lazy("达到公布的条件"),
    "below_bar": gettext_lazy("近一年不再满足公布的条件"),
    "suspension_over": gettext_lazy("暂停的原因已经过去"),
    **{kind: rule.words for kind, rule in POINTS.items()},
}


def words_for_others(points: Sequence[Counted], moment: datetime, *, times_worked: int) -> list[str]:
    """What another person may read about this worker, without any sum: work done, praise, and no-shows."""
    said = []
    if times_worked:
        said.append(_("干完 {n} 个活").format(n=times_worked))
    if stars := times(points, "five_star", moment):
        said.append(_("近一年 {n} 次五颗星").format(n=stars))
    if praise := times(points, "praised", moment):
        said.append(_("近一年 {n} 次被老板夸").format(n=praise))
    missed = times(points, "no_show", moment)
    if missed:
        said.append(_("近一年 {n} 次没到岗").format(n=missed))
    elif times_worked:
        said.append(_("近一年没有不到岗"))
    return said or [_("第一回接活")]
