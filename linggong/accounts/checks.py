"""Start-up refuses every pretend service where people's real data and money are (decision 25)."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, register

from linggong.core.outside import is_loopback

PROVIDERS = (
    ("SMS", "LINGGONG_SMS", "text messages"),
    ("VOICE", "LINGGONG_VOICE", "automatic calls"),
    ("WECHAT", "LINGGONG_WECHAT", "WeChat messages"),
    ("IDENTITY", "LINGGONG_IDENTITY", "identity checks"),
    ("WAGE_ACCOUNT", "LINGGONG_WAGE_ACCOUNT", "the wage account"),
    ("INSURER", "LINGGONG_INSURER", "the insurer"),
)


@register()
def no_pretends(app_configs: Any = None, **kwargs: Any) -> list[Error]:
    """In live mode a pretend provider, or a provider on the machine itself, is an error."""
    if settings.MODE != "live":
        return []
    errors = []
    for name, variable, what in PROVIDERS:
        provider, address = getattr(settings, f"{name}_PROVIDER"), getattr(settings, f"{name}_BASE_URL")
        if provider == "pretend":
            errors.append(
                Error(
                    f"{what}: the pretend service does not run in live mode",
                    hint=f"Set {variable} to a real provider, or to off.",
                    id="accounts.E001",
                )
            )
        elif provider != "off" and is_loopback(address):
            errors.append(
                Error(
                    f"{what}: {address} is this machine itself, as only a pretend service would be",
                    hint=f"Set {variable}_URL to the provider's address.",
                    id="accounts.E002",
                )
            )
    if settings.PRETEND_IN_PROCESS:
        errors.append(
            Error(
                "pretend services inside the process do not run in live mode",
                hint="Unset LINGGONG_PRETEND_IN_PROCESS.",
                id="accounts.E003",
            )
        )
    return errors
