"""What the last tap did, in words; named in the address, so a reload says it again and does nothing."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as __

SAID = {
    "discarded": ("info", __("不发了，草稿收掉了。"), __("工友看不到它，要用还能再发一次。")),
    "not_out": ("warn", __("这条没有发出去。"), __("它在别的窗口收掉了。还要招人，点“再发一次”。")),
    "paid": ("ok", __("记下了，你说付了。"), __("等工友点“我收到了”，这笔就到账。")),
    "rated": ("ok", __("评好了。"), __("两边都评了，或过 7 天，才互相看得到。")),
}


def said(request: HttpRequest) -> dict[str, Any] | None:
    """The note about the last tap, for employer/_said.html."""
    found = SAID.get(request.GET.get("did", ""))
    return {"tone": found[0], "lead": found[1], "text": found[2]} if found else None
