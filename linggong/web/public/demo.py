"""The labelled page where anybody may be anybody, in the demo city only. Elsewhere there is no such page."""

from datetime import datetime, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from linggong.core import clock, journal
from linggong.web import demo_people
from linggong.web.public.doorway import is_page, let_in, safe_next
from linggong.web.templatetags.parts import day

SERVICES = (
    ("SMS", _("手机短信"), _("验证码和提醒发到这里，还能替人回短信")),
    ("VOICE", _("语音电话"), _("自动打出去的电话，能替人接、按键")),
    ("WECHAT", _("微信"), _("发到微信的提醒")),
    ("WAGE_ACCOUNT", _("银行工资专户"), _("老板在这里付款")),
    ("IDENTITY", _("身份核验"), _("姓名和证件对不对得上")),
    ("INSURER", _("保险公司"), _("收到的保单")),
)


AHEAD = (("hour", _("拨快一小时")), ("morning", _("到{day} 7:50")), ("evening", _("到{day} 18:10")))
RUNS = 4  # rounds of what fell due by the jump, before the page answers; the worker process does the rest


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Who there is, and the pretend services beside them."""
    _only_in_the_demo()
    services = [
        {"name": name, "text": text, "url": getattr(settings, f"{key}_BASE_URL")}
        for key, name, text in SERVICES
        if getattr(settings, f"{key}_PROVIDER") == "pretend" and not settings.PRETEND_IN_PROCESS
    ]
    return render(request, "public/doors/demo.html", {
        "rows": demo_people.people(), "services": services, "ahead": _ahead(), "moment": clock.local(clock.now()),
        "moved": "moved" in request.GET,
    })  # fmt: skip


@require_POST
def enter(request: HttpRequest, role: str) -> HttpResponse:
    """One press, and the visitor is that person."""
    _only_in_the_demo()
    found = demo_people.who_enters(role)
    if found is None:
        raise Http404
    user, lands = found
    let_in(request, user)
    return redirect(safe_next(request) or (lands if is_page(lands) else "/"))


@require_POST
def put_forward(request: HttpRequest, to: str) -> HttpResponse:
    """The clock of the whole demo city goes ahead, never back: so that a shift can end while somebody looks on."""
    _only_in_the_demo()
    goals = _goals()
    if to not in goals:
        raise Http404
    clock.put_forward(goals[to])
    for _round in range(RUNS):
        journal.run_due_jobs()
        if not journal.deliver():
            break
    return redirect("/demo/?moved")


def _ahead() -> list[tuple[str, str]]:
    """Each button names the day it reaches, so that nobody presses for tomorrow and stands in today."""
    goals = _goals()
    return [(to, str(words).format(day=day(goals[to]))) for to, words in AHEAD]


def _goals() -> dict[str, datetime]:
    return {"hour": clock.now() + timedelta(hours=1), "morning": _next(7, 50), "evening": _next(18, 10)}


def _next(hour: int, minute: int) -> datetime:
    now, on = clock.now(), clock.today()
    moment = clock.at(on, hour, minute)
    return moment if moment > now else clock.at(on + timedelta(days=1), hour, minute)


def _only_in_the_demo() -> None:
    if not settings.DEMO:
        raise Http404
