"""The why that a person types. It goes into the journal for good, so it may not carry anybody's number."""

import re
import unicodedata

from django.utils.translation import gettext_lazy as _

from linggong.core.refusals import Refused

LENGTH_MAX = 120
_LONG_NUMBER = re.compile(r"\d(?:[\s\-·._*]{0,3}\d){6,}")
# Digits that are no number to ring: days, clock times, and spans of two short figures (4000-5000).
_DAY = re.compile(r"(?:19|20)\d\d[-./]\d{1,2}[-./]\d{1,2}(?!\d)")
_CLOCK = re.compile(r"(?<!\d)[012]?\d[:.][0-5]\d(?!\d)")
_SPAN = re.compile(r"(?<!\d)(?<!\d[\s\-·._*])\d{1,5}-\d{1,5}(?![\s\-·._*]{0,3}\d)")


class NoReason(Refused):
    """The step needs a reason, and this is none."""

    message = _("请写一句原因，让对方看得懂")
    status = 422


def plain(because: str) -> str:
    """The reason as it may be kept: one line, 1 to 120 characters, no phone or ID number. Raises NoReason."""
    text = " ".join(because.split())
    if not text:
        raise NoReason(fields={"because": str(NoReason.message)})
    if len(text) > LENGTH_MAX:
        raise NoReason(_("原因太长了，120 个字以内"))
    if holds_number(text):
        raise NoReason(_("原因里不要写电话、证件号这类号码，去掉再交"))
    return text


def holds_number(text: str) -> bool:
    """Whether a phone, account or ID number stands in the text: seven digits or more, however they are spaced."""
    flat = re.sub(r"\s*[-—~]\s*", "-", unicodedata.normalize("NFKC", text))
    for harmless in (_DAY, _CLOCK, _SPAN):
        flat = harmless.sub("…", flat)
    return _LONG_NUMBER.search(flat) is not None
