"""The trade menu: fifteen groups of work in two characters each, and the hazards a trade can carry."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Group:
    """One tile of the trade menu. `pictogram` is drawn as p-<pictogram>; `colour` names a pair of colour tokens."""

    code: str
    word: str | Promise
    pictogram: str
    colour: str


GROUPS: tuple[Group, ...] = (
    Group("load", _("搬运"), "load", "load"),
    Group("clean", _("保洁"), "clean", "clean"),
    Group("food", _("餐饮"), "food", "food"),
    Group("farm", _("农活"), "farm", "farm"),
    Group("build", _("工地"), "build", "build"),
    Group("factory", _("工厂"), "factory", "factory"),
    Group("care", _("照护"), "care", "care"),
    Group("fix", _("维修"), "fix", "fix"),
    Group("deliver", _("配送"), "deliver", "food"),
    Group("drive", _("开车"), "drive", "load"),
    Group("sell", _("卖货"), "sell", "care"),
    Group("guard", _("保安"), "guard", "fix"),
    Group("event", _("活动"), "event", "build"),
    Group("office", _("文员"), "office", "clean"),
    Group("other", _("其他"), "all", "fix"),
)
BY_CODE: dict[str, Group] = {group.code: group for group in GROUPS}

HAZARDS: dict[str, str | Promise] = {
    "HEIGHT": _("登高"),
    "ELECTRIC": _("用电"),
    "HOT_WORK": _("动火"),
    "CONFINED": _("进井进罐"),
    "CHEMICAL": _("化学品"),
    "TRAFFIC": _("上路"),
    "LIFTING": _("搬重物"),
    "HEAT": _("露天高温或炉火"),
    "ANIMAL": _("动物"),
    "BLADE": _("刀具机器"),
    "MINORS": _("接触未成年人"),
}
# The hazards that age limits for dangerous work look at; a kitchen knife or a summer's day is none of them.
DANGEROUS = frozenset({"HEIGHT", "ELECTRIC", "HOT_WORK", "CONFINED", "CHEMICAL"})


def dangerous(hazards: Iterable[str]) -> bool:
    """Whether one of these hazards is of the kind that law and regions bind to an age."""
    return not DANGEROUS.isdisjoint(hazards)


def group(code: str) -> Group:
    """The group, or the last one for a code nobody knows."""
    return BY_CODE.get(code, GROUPS[-1])
