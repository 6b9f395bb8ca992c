"""Pages for what went wrong: what happened, what still holds, what to do next."""

import logging
import secrets
import sys

from django.shortcuts import render
from django.utils.translation import gettext as _

from linggong.web.bad_days import bad_day
from linggong.web.desk import page_of
from linggong.web.navigation import desk_of

logger = logging.getLogger(__name__)


def bad_request(request, exception=None):
    """400."""
    return _page(request, 400, _("这个请求没看懂"), _("返回上一页再试一次"))


def forbidden(request, exception=None):
    """403."""
    return _page(request, 403, _("这一页不归你看"), _("换个身份登录，或者返回首页"))


def not_found(request, exception=None):
    """404: also for rows of other people; whether they exist is nobody's business."""
    return _page(request, 404, _("没找到这一页"), _("可能已经撤了。返回首页接着看"))


def server_error(request):
    """500: a case number, so that the person on the phone can find the log line. A full disk has a page of its own."""
    if (known := bad_day(request, sys.exc_info()[1])) is not None:
        return known
    number = secrets.token_hex(4)
    logger.error("server error, case number %s", number)
    return _page(request, 500, _("我们这边出错了"), _("你填的没有丢，过一会儿再试"), number=number)


def csrf_failure(request, reason=""):
    """The form's token was stale: nothing was taken, and nothing is lost."""
    if not hasattr(request, "desk"):
        request.desk = desk_of(request.path)  # refused before any guard was asked: still the bar of their own desk
    return _page(
        request, 403, _("这一页放久了，没有交上去"), _("返回那一页，看看填的还在不在，再点一次"), template="csrf.html",
        back=page_of(request),
    )  # fmt: skip


def _page(request, status, what, next_step, *, number="", template=None, back=""):
    known = {403, 404, 409, 500}
    name = template or (f"{status}.html" if status in known else "404.html")
    facts = {"what": what, "next_step": next_step, "number": number, "back": back}
    return render(request, name, facts, status=status)
