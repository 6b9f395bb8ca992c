"""早上几点能叫: the hours somebody may name, the same on every desk that asks."""

from datetime import time

from django.utils.translation import gettext_lazy as _

CALL_FROM = (
    ("", _("5 点以后都行")), ("04:00", _("4 点")), ("05:00", _("5 点")), ("06:00", _("6 点")), ("06:30", _("6 点半")),
    ("07:00", _("7 点")), ("07:30", _("7 点半")), ("08:00", _("8 点")), ("09:00", _("9 点")),
)  # fmt: skip


def hour_of(said: str) -> time | None:
    """The hour behind a choice; None where nothing, or nothing known, was chosen."""
    return time.fromisoformat(said) if said and said in dict(CALL_FROM) else None


def said_of(hour: time | None) -> str:
    """The choice behind an hour."""
    return f"{hour:%H:%M}" if hour is not None else ""
