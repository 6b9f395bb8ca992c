"""Who may own the account that receives wages: the employer or a licensed custodian, nobody else (decision 1).

非银行支付机构监督管理条例 (State Council Order 768, 2023) arts 2, 6: collecting other people's money and paying it
on is a licensed business. A platform that received wages into its own account would be doing it without a licence.
"""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error

LAWFUL_OWNERS = frozenset({"employer", "custodian"})


def owner_problem() -> str:
    """What is wrong with the configured owner of the wage account, or "" when nothing is."""
    if settings.WAGE_ACCOUNT_OWNER not in LAWFUL_OWNERS:
        return (
            "LINGGONG_WAGE_ACCOUNT_OWNER must be employer or custodian: the platform may not receive wages"
            f" (got {settings.WAGE_ACCOUNT_OWNER!r})"
        )
    if settings.WAGE_ACCOUNT_PROVIDER != "off" and not settings.WAGE_ACCOUNT_OWNER_NAME.strip():
        return "LINGGONG_WAGE_ACCOUNT_OWNER_NAME must name the legal owner of the receiving account"
    return ""


def wage_account_owner(*, app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """The same rule as a Django check, for `manage.py check`."""
    problem = owner_problem()
    return [Error(problem, id="payments.E001")] if problem else []
