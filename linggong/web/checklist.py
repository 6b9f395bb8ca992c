"""What of this market works and what is off, in words: shown after the doors opened and among the bureau's settings."""

from datetime import date
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

import linggong.accounts.queries as accounts
import linggong.insurance.queries as insurance
import linggong.reference.queries as reference
import linggong.venues.queries as venues
from linggong.accounts.models import Role, User
from linggong.core.clock import now, today
from linggong.reference.models import RegionRule


def rules_are_here() -> bool:
    """May the administrator still adopt rules while setting up? Once somebody supervises, they rule at the bureau."""
    return not accounts.holders_of(Role.SUPERVISOR).exists()


def _acts(rule: RegionRule, day: date) -> bool:
    return bool(rule.approved_at) and rule.valid_from <= day and (rule.valid_to is None or rule.valid_to >= day)


def checklist(user: User) -> list[dict[str, Any]]:
    """Each line: does it work, in words, and where it is turned on."""
    county, day = accounts.setting("division_code", ""), today()
    words = accounts.settings()

    def line(on: bool, yes: Any, no: Any, url: str = "") -> dict[str, Any]:
        return {"on": on, "words": yes if on else no, "url": "" if on else url}

    floor = reference.rule("min_hourly_wage", division_code=county, on=day)
    if not county:  # a market set up without one county: some place's minimum acts there
        floor = next((r for r in reference.rules_of("") if r.key == "min_hourly_wage" and _acts(r, day)), None)
    insured = settings.INSURER_PROVIDER != "off" and bool(insurance.active_products(county, day))
    return [
        line(bool(words.get("hotline")), _("帮忙电话填好了"), _("帮忙电话没填，工友找不到人"), "/bureau/settings/"),
        line(
            bool(words.get("supervision_phone")),
            _("监督电话填好了"),
            _("监督电话没填，页脚不显示"),
            "/bureau/settings/",
        ),
        line(bool(words.get("licence_line")), _("许可证填好了"), _("许可证没填，页脚不显示"), "/bureau/settings/"),
        line(
            floor is not None,
            _("工价检查开着"),
            _("工价检查没开：没有批准的最低工资"),
            "/set-up/rules/" if rules_are_here() else "/bureau/rules/",
        ),
        line(insured, _("保险开着"), _("保险没开：没有保险公司，或没有批准的产品")),
        line(settings.WAGE_ACCOUNT_PROVIDER != "off", _("可以存工钱"), _("没有存工钱的机构：工钱线下付")),
        line(settings.SMS_PROVIDER != "off", _("短信开着"), _("短信没开：用窗口打印的码登录")),
        line(settings.VOICE_PROVIDER != "off", _("自动电话开着"), _("自动电话没开：短信没人回，由人打电话")),
        line(settings.WECHAT_PROVIDER != "off", _("微信提醒开着"), _("微信提醒没开：提醒发短信和站内消息")),
        line(settings.IDENTITY_PROVIDER != "off", _("网上核身份开着"), _("网上核身份没开：到窗口看证")),
        line(
            bool(venues.reviewers_on_call(county, now())),
            _("现在有人值班审活"),
            _("现在没人值班审活：下班后的活要等到上班"),
        ),
        line(accounts.has_second_factor(user), _("你绑了动态口令"), _("你还没绑动态口令"), "/staff/second/enrol/"),
    ]
