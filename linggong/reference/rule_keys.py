"""Every limit and setting a region can publish: what it is, its unit, and the default where it is no law.

A law has no default: until a region's rule was entered and approved by a second person, it does not act.
Sources of the laws stand with the rules themselves; here stands only what the value must look like.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class BadValue(ValueError):
    """The value is not what this key asks for."""


def whole(low: int, high: int) -> Callable[[Any], Any]:
    """A whole number between `low` and `high`."""

    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise BadValue(_("要填 {low} 到 {high} 的整数").format(low=low, high=high))
        return value

    return check


def number(low: float, high: float) -> Callable[[Any], Any]:
    """A number between `low` and `high`, fractions allowed."""

    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise BadValue(_("要填 {low} 到 {high} 的数").format(low=low, high=high))
        return value

    return check


def words(value: Any) -> list[str]:
    """A list of short texts."""
    if not isinstance(value, list) or not all(isinstance(word, str) and 0 < len(word) <= 60 for word in value):
        raise BadValue(_("要填一串词，每个不超过 60 个字"))
    return value


def text(value: Any) -> str:
    """One short text."""
    if not isinstance(value, str) or not 0 < len(value) <= 60:
        raise BadValue(_("要填不超过 60 个字的词"))
    return value


def table(value: Any) -> list[dict[str, Any]]:
    """A list of records, each with a name."""
    if not isinstance(value, list) or not all(isinstance(row, dict) and row.get("name") for row in value):
        raise BadValue(_("要填一张表，每行有名称"))
    return value


def word_list(value: Any) -> list[dict[str, Any]]:
    """A list of {"name", "words": [...]}, with "message" (why it is flagged) where the name does not say it."""
    for row in table(value):
        words(row.get("words"))
        if not row["words"] or not isinstance(row.get("message", ""), str) or len(row.get("message", "")) > 120:
            raise BadValue(_("每行要有名称、一串词，原因不超过 120 个字"))
    return value


def hours(value: Any) -> list[str]:
    """Two times of day, "21:00" and "07:00"; the window may run over midnight."""
    if not isinstance(value, list) or len(value) != 2 or not all(_is_time(part) for part in value):
        raise BadValue(_("要填两个钟点，比如 21:00 和 07:00"))
    return value


def time_of_day(value: Any) -> str:
    """One time of day, "18:00"."""
    if not _is_time(value):
        raise BadValue(_("要填一个钟点，比如 18:00"))
    return value


def allowance(value: Any) -> dict[str, Any]:
    """Money and what it is for: {"fen": 1200, "per": "day"}; `months` says when it is due."""
    if not isinstance(value, dict) or value.get("per") not in ("day", "month"):
        raise BadValue(_("要写明按天还是按月"))
    whole(1, 10_000_000)(value.get("fen"))
    months = value.get("months", [])
    if not isinstance(months, list) or not all(isinstance(m, int) and 1 <= m <= 12 for m in months):
        raise BadValue(_("月份要填 1 到 12"))
    return value


def accept_shares(value: Any) -> dict[str, int]:
    """Of a hundred people asked, how many say yes, for each wave."""
    names = {"again", "liked", "near", "wider", "everyone"}
    if not isinstance(value, dict) or set(value) != names:
        raise BadValue(_("要写全五批各有百分之几答应"))
    return {name: whole(1, 100)(percent) for name, percent in value.items()}


def bands(value: Any) -> list[int]:
    """Two numbers of hours before the start, the larger first: [12, 2]."""
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(h, int) for h in value):
        raise BadValue(_("要填两个小时数，比如 12 和 2"))
    if not 0 < value[1] < value[0] <= 72:
        raise BadValue(_("前一个要比后一个大，最多 72 小时"))
    return value


def cancel_costs(value: Any) -> dict[str, int]:
    """What falling out counts on the record, the same for both sides: 0 or less, by how late it was said."""
    if not isinstance(value, dict) or set(value) != {"early", "middle", "late", "absent"}:
        raise BadValue(_("要写全四档：早说、晚说、快开工才说、没到"))
    return {name: whole(-20, 0)(points) for name, points in value.items()}


MATCH_PARTS = ("way", "skill", "experience", "past", "reliability", "pay", "waiting")
"""What a list of work or of people is ordered by; `matching.score` says how each is counted."""


def match_weights(value: Any) -> dict[str, Any]:
    """{"version": "2026.2", "components": [{"name", "most", "word", "rule"}, …]}: the most points of each part."""
    rows = value.get("components") if isinstance(value, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadValue(_("要写版本号和每一项最多几分"))
    text(value.get("version"))
    if len(value["version"]) > 20 or set(value) - {"version", "published_on", "components"}:
        raise BadValue(_("只写版本号和各项，版本号不超过 20 个字"))
    if sorted(str(row.get("name")) for row in rows) != sorted(MATCH_PARTS):
        raise BadValue(_("每一项都要写一次：{names}").format(names="、".join(MATCH_PARTS)))
    for row in rows:
        whole(0, 1000)(row.get("most"))
        text(row.get("word"))
        if set(row) != {"name", "most", "word", "rule"} or not isinstance(row["rule"], str) or len(row["rule"]) > 120:
            raise BadValue(_("每一项要有名称、最多几分、怎么叫、怎么算"))
    return value


def _is_time(part: Any) -> bool:
    if not isinstance(part, str) or len(part) != 5 or part[2] != ":":
        return False
    hour, minute = part[:2], part[3:]
    return hour.isdigit() and minute.isdigit() and int(hour) < 24 and int(minute) < 60


@dataclass(frozen=True)
class RuleKey:
    """One key: its unit, its words on the bureau's page, how a value is checked, the default (None: a law, off)."""

    key: str
    unit: str
    what: str | Promise
    check: Callable[[Any], Any]
    default: Any = None

    @property
    def is_law(self) -> bool:
        """Without an approved rule it does not act."""
        return self.default is None


_AGES = whole(16, 100)
_FEN = whole(100, 10_000_000)

_ALL = (
    # Wages and working time
    RuleKey("min_hourly_wage", "fen", _("小时最低工资"), _FEN),
    RuleKey("min_monthly_wage", "fen", _("月最低工资"), _FEN),
    RuleKey("heat_allowance", "fen", _("高温津贴"), allowance),
    RuleKey("heat_stop_temp", "celsius", _("停止室外作业的气温"), whole(30, 50)),
    RuleKey("part_time_daily_hours", "hours", _("非全日制每天平均工时上限"), number(1, 24)),
    RuleKey("part_time_weekly_hours", "hours", _("非全日制每周工时上限"), number(1, 168)),
    RuleKey("part_time_pay_days", "days", _("非全日制结算周期上限"), whole(1, 60)),
    # Age
    RuleKey("site_age_max_male", "years", _("工地用工男性年龄上限"), _AGES),
    RuleKey("site_age_max_female", "years", _("工地用工女性年龄上限"), _AGES),
    RuleKey("hazard_age_max_male", "years", _("高处井下等危险作业男性年龄上限"), _AGES),
    RuleKey("hazard_age_max_female", "years", _("高处井下等危险作业女性年龄上限"), _AGES),
    # Policies of a region
    RuleKey("hardship_categories", "", _("就业困难人员类别"), words),
    RuleKey("subsidy_rules", "", _("补贴政策"), table),
    RuleKey("agency_licence_required_scope", "", _("需要人力资源服务许可的主体"), words, ["AGENCY"]),
    RuleKey("insurance_product", "", _("本地默认保险产品"), text),
    RuleKey("insurance_products", "", _("本地可选保险产品"), words),
    RuleKey("posting_word_rules", "", _("本地敏感用语"), word_list),
    RuleKey("holiday_calendar", "", _("节假日历"), text, "CN"),
    # How the platform works here: each has a default
    RuleKey("employer_reverify_months", "months", _("用工方重新核验间隔"), whole(1, 6), 6),
    RuleKey("employer_lapse_days", "days", _("重新核验宽限期"), whole(1, 60), 14),
    RuleKey("review_sla_fast_lane", "minutes", _("快速通道审核时限"), whole(1, 600), 15),
    RuleKey("review_sla_normal", "minutes", _("普通审核时限"), whole(1, 4320), 240),
    RuleKey("fast_pass_sample_rate", "percent", _("免审岗位抽查比例"), whole(1, 100), 10),
    RuleKey("copied_text_days", "days", _("多少天内和别家写得一样算照抄"), whole(1, 365), 30),
    RuleKey("phone_employers_most", "", _("一个电话最多给几家发活不用核实"), whole(1, 20), 2),
    RuleKey("wish_days", "days", _("有了叫我，留几天"), whole(1, 90), 14),
    RuleKey("wasted_trip_percent", "percent", _("说晚了建议补一班工钱的百分之几"), whole(0, 100), 30),
    RuleKey("quiet_hours", "", _("短信免打扰时段"), hours, ["21:30", "05:00"]),
    RuleKey("digest_time", "", _("每天几点出用工信息"), time_of_day, "18:00"),
    RuleKey("digest_reach_m", "metres", _("用工信息收多远的活"), whole(500, 60_000), 10_000),
    RuleKey("auto_confirm_hours", "hours", _("老板不答复，多久算确认"), whole(1, 168), 24),
    RuleKey("offer_answer_hours", "hours", _("邀请多久没答复算不去"), number(0.25, 72), 2),
    RuleKey("rating_window_days", "days", _("评价期限"), whole(1, 60), 7),
    RuleKey("site_radius_m", "metres", _("到岗打卡范围"), whole(50, 5000), 300),
    RuleKey("map_rounding", "metres", _("地图上位置模糊到"), whole(100, 5000), 500),
    RuleKey("walk_speed", "metres_per_minute", _("步行速度"), whole(30, 120), 70),
    RuleKey("travel_buffer_minutes", "minutes", _("两个活之间留的路上时间"), whole(0, 240), 0),
    RuleKey("travel_speed", "metres_per_minute", _("赶路速度，快开工的活只给赶得到的人看"), whole(50, 1500), 400),
    # Invitations, confirmation and falling out (published on the rules page)
    RuleKey(
        "invite_accept_percent",
        "",
        _("每一批叫人，100 个里有几个会来"),
        accept_shares,
        {"again": 50, "liked": 40, "near": 25, "wider": 15, "everyone": 8},
    ),
    RuleKey("invite_wave_percent", "percent", _("一批等多久，占离开工时间的百分之几"), whole(1, 50), 10),
    RuleKey("invite_near_m", "metres", _("多近算就近"), whole(500, 30_000), 3_000),
    RuleKey("invite_per_day", "", _("一个人一天最多叫几次"), whole(1, 20), 3),
    RuleKey("newcomer_share", "percent", _("留给第一回来的人百分之几的位子，0 是不留"), whole(0, 50), 0),
    RuleKey("newcomer_hold_hours", "hours", _("给第一回来的人留位子，留到开工前几小时"), whole(1, 72), 12),
    RuleKey("invite_within_hours", "hours", _("开工前多久还没招满就自动叫人"), whole(1, 72), 24),
    RuleKey("round_minutes", "minutes", _("多久把人和活统一排一遍，隔多少分钟"), whole(2, 240), 10),
    RuleKey("round_people", "", _("统一排的时候，一片最多多少人"), whole(100, 1_000_000), 200_000),
    RuleKey("confirm_minutes", "minutes", _("开工前多久再问一遍来不来"), whole(30, 240), 90),
    RuleKey("cancel_bands", "hours", _("取消分早晚的两个小时数"), bands, [12, 2]),
    RuleKey(
        "cancel_points",
        "",
        _("取消和没到记几分，两边一样"),
        cancel_costs,
        {"early": 0, "middle": 0, "late": -3, "absent": -8},
    ),
    RuleKey("undo_minutes", "minutes", _("取消后多久能反悔"), whole(1, 60), 5),
    RuleKey("party_most", "", _("一起报名最多几个人"), whole(2, 20), 6),
    RuleKey("party_answer_hours", "hours", _("一起报名，等大家回话多久"), number(0.25, 72), 12),
    RuleKey("party_leave_minutes", "minutes", _("同去的人有一位不去了，别人多久内退出不记口碑"), whole(10, 1440), 120),
    RuleKey("released_trip_fen", "fen", _("位子放掉了人还是来了，最少补多少"), _FEN, 2_000),
    # How lists are ordered; without a rule the weights shipped with the product act
    RuleKey("match_weights", "", _("排序各项最多几分"), match_weights),
    # Reach of a posting, metres, by kind of work (domestic, shop, factory or site, farm with transport)
    RuleKey("reach_home_m", "metres", _("家政活默认范围"), whole(500, 200_000), 3_000),
    RuleKey("reach_shop_m", "metres", _("门店餐饮活默认范围"), whole(500, 200_000), 5_000),
    RuleKey("reach_site_m", "metres", _("工厂工地活默认范围"), whole(500, 200_000), 10_000),
    RuleKey("reach_farm_m", "metres", _("农活默认范围（有车接）"), whole(500, 200_000), 30_000),
    # Retention (months unless said otherwise)
    RuleKey("retention_service_months", "months", _("服务台账保存"), whole(24, 360), 36),
    RuleKey("retention_recruitment_months", "months", _("招聘信息与记录保存"), whole(36, 360), 36),
    RuleKey("retention_wages_months", "months", _("工资台账保存"), whole(36, 360), 36),
    RuleKey("retention_transaction_months", "months", _("交易记录保存"), whole(36, 360), 36),
    RuleKey("retention_log_months", "months", _("网络日志保存"), whole(6, 360), 6),
    RuleKey("retention_applications_days", "days", _("没成的报名保存"), whole(1, 365), 90),
    RuleKey("retention_call_audio_days", "days", _("通话录音保存"), whole(0, 365), 90),
)
RULE_KEYS: dict[str, RuleKey] = {key.key: key for key in _ALL}
