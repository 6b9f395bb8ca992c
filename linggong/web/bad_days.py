"""The page for a write that the disk or the database would not take: in words, with the form kept in it.

It asks nothing of the database and nothing of the session. What was typed stands in the page itself, so that one press
sends the same form again, with the same key: nothing is lost and nothing happens twice.
"""

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from linggong.core.storage import Trouble, trouble_of

logger = logging.getLogger(__name__)

SAID = {
    Trouble.FULL: (507, _("盘满了，没有存上"), _("你填的还在，过一会儿再试；一直不行就告诉站里")),
    Trouble.BUSY: (503, _("这会儿太忙，没有存上"), _("你填的还在，过一会儿再交一次")),
    Trouble.SHUT: (503, _("系统存不进东西，没有存上"), _("你填的还在，告诉站里，修好了再交一次")),
}
LOOKING = {
    Trouble.FULL: (507, _("盘满了，这一页现在打不开"), _("过一会儿再看")),
    Trouble.BUSY: (503, _("这会儿太忙，这一页没打开"), _("过一会儿再看")),
    Trouble.SHUT: (503, _("系统这会儿读不出来"), _("过一会儿再看，还不行就告诉站里")),
}
NOT_SENT_AGAIN = {"csrfmiddlewaretoken"}
WAIT_SECONDS = "30"


def bad_day(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """The answer when this error is the disk or the database; None when it is anything else."""
    trouble = trouble_of(error)
    if trouble is None:
        return None
    logger.error("%s %s: the storage is %s: %s", request.method, request.path, trouble, error)
    acting = request.method not in ("GET", "HEAD")
    status, what, next_step = (SAID if acting else LOOKING)[trouble]
    if request.headers.get("HX-Request") == "true":  # the form still stands on the page; offline.js shows the words
        response = HttpResponse(f"{what}。{next_step}。", content_type="text/plain; charset=utf-8", status=status)
    else:
        typed = [
            (name, value) for name, values in request.POST.lists() for value in values if name not in NOT_SENT_AGAIN
        ]
        facts = {
            "what": what, "next_step": next_step, "action": request.get_full_path(), "acting": acting,
            "typed": typed if acting else [], "photos": acting and request.content_type == "multipart/form-data",
        }  # fmt: skip
        response = render(request, "503.html", facts, status=status)
    response["Cache-Control"] = "no-store"
    response["Retry-After"] = WAIT_SECONDS
    return response
