"""The why that a person types. It goes into the journal for good, so it may not carry anybody's number."""

import re
import unicodedata

from django.utils.translation import gettext_lazy as _

from linggong.core.refusals import Refused

LENGTH_MAX = 120
_LONG_NUMBER = re.compile(r"\d(?:[\s\-]?\d){6,}")


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
    if _LONG_NUMBER.search(unicodedata.normalize("NFKC", text)):
        raise NoReason(_("原因里不要写电话、证件号这类号码，去掉再交"))
    return text
