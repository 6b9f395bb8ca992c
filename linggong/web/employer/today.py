"""E8: the site today. The code to scan, who is in, who is late, and what to do about it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.views.decorators.http import require_GET, require_POST

import linggong.engagements.actions as deals
import linggong.engagements.queries as lived
import linggong.insurance.queries as covers
from linggong.core.clock import at, now, today
from linggong.core.refusals import Refused
from linggong.engagements import invited
from linggong.engagements.models import Attendance, Stage
from linggong.postings.models import Posting
from linggong.web.employer.filling import asked_again
from linggong.web.employer.standing import my_attendance, my_posting, once_for
from linggong.web.qr import qr_svg

OPENS_BEFORE = timedelta(minutes=60)
GRACE = timedelta(minutes=30)
IN = frozenset({Stage.CHECKED_IN, Stage.IN_PROGRESS})
DONE = frozenset({Stage.WORK_DONE, Stage.ENDED_EARLY})


class Why(forms.Form):
    """Why there is no cover today, or why work stops."""

    because = forms.CharField(
        label=__("原因"),
        max_length=80,
        error_messages={"required": __("写一句为什么，工友要看到"), "max_length": __("80 个字以内")},
    )


@require_GET
def day(request: HttpRequest) -> HttpResponse:
    """`/e/today/`: every site of today, its code, its people."""
    return _day(request)


def _day(request: HttpRequest, *, refusal: Refused | None = None, status: int = 200) -> HttpResponse:
    moment = now()
    rows = list(lived.of_day(request.employer, at(today(), 0), at(today(), 24)))
    refs = covers.covers_of(lived.ref(row) for row in rows)
    sites: dict[int, dict[str, Any]] = {}
    for row in rows:
        posting = row.engagement.posting
        site = sites.setdefault(posting.pk, {"posting": posting, "people": [], "in": 0, "open": False})
        site["people"].append(_person(row, moment, covered=refs.get(lived.ref(row)) is not None))
        site["in"] += row.state in IN | DONE
        site["open"] = site["open"] or (
            row.state == Stage.EXPECTED and row.shift.starts_at - OPENS_BEFORE <= moment < row.shift.ends_at
        )
    for site in sites.values():
        site["people"].sort(key=lambda one: one["order"])
        site["code"] = lived.current_site_code(site["posting"], moment)
    shown = {
        "sites": list(sites.values()),
        "refusal": refusal,
        "to_confirm": lived.waiting_for_confirmation(request.employer).count(),
    }
    return render(request, "employer/today.html#sites" if request.htmx else "employer/today.html", shown, status=status)


def _person(row: Attendance, moment: datetime, *, covered: bool) -> dict[str, Any]:
    state, shift = row.state, row.shift
    late = state == Stage.EXPECTED and shift.starts_at <= moment
    words = _("迟了，还没到") if late else row.get_state_display()
    tone = "warn" if late else "ok" if state in IN else "danger" if state == Stage.NO_SHOW_WORKER else ""
    open_now = shift.starts_at - OPENS_BEFORE <= moment < shift.ends_at
    return {
        "code": row.code, "called": row.engagement.worker.user.called, "shift": shift, "words": words, "tone": tone,
        "covered": covered, "uncovered": row.uncovered_reason, "other": row.as_told is False,
        "can_check_in": state == Stage.EXPECTED and open_now,
        "can_no_show": state == Stage.EXPECTED and moment >= shift.starts_at + GRACE,
        "order": 0 if late else 1 if state == Stage.EXPECTED else 2,
    }  # fmt: skip


@require_GET
def code_page(request: HttpRequest, code: str) -> HttpResponse:
    """The code large, for the gate. Changes every minute; asked again every 30 seconds."""
    posting = my_posting(request, code)
    six = lived.current_site_code(posting, now())
    shown = {"posting": posting, "six": six, "svg": qr_svg(_check_in_url(posting, six))}
    return render(request, "employer/site_code.html#code" if request.htmx else "employer/site_code.html", shown)


def _check_in_url(posting: Posting, six: str) -> str:
    return f"{settings.SITE_URL}/in/{posting.code}/{six}/"


@require_GET
def one(request: HttpRequest, code: str) -> HttpResponse:
    """`/e/today/<code>/`: one person's shift."""
    return show_one(request, my_attendance(request, code))


def show_one(
    request: HttpRequest, row: Attendance, *, refusal: Refused | None = None, form: Why | None = None, status: int = 200
) -> HttpResponse:
    """The page of one person's shift, with what stood in the way of the last tap."""
    moment = now()
    policy = covers.cover_of(lived.ref(row))
    shown = {
        "row": row, "person": _person(row, moment, covered=policy is not None), "ready": lived.readiness(row), "policy": policy,
        "form": form or Why(), "refusal": refusal, "upcoming": row.state == Stage.EXPECTED and row.shift.ends_at > moment,
        "at_work": row.state in IN, "rate": lived.to_rate(employer=request.employer).filter(pk=row.engagement_id).exists(),
        "to_confirm": row.state in DONE, "asked": asked_again(row, moment),
    }  # fmt: skip
    return render(request, "employer/attendance.html", shown, status=status)


def _act(
    request: HttpRequest, code: str, act: Any, *, done: frozenset = frozenset(), form: Why | None = None
) -> HttpResponse:
    row = my_attendance(request, code)
    try:
        if row.state not in done:  # pressed twice: it is so already
            act(row)
    except Refused as refusal:
        return show_one(request, my_attendance(request, code), refusal=refusal, form=form, status=refusal.status)
    return redirect("employer:attendance", row.code)


@require_POST
def check_in(request: HttpRequest, code: str) -> HttpResponse:
    """到了: the employer ticks the worker off."""
    return _act(request, code, lambda row: deals.check_in(row, how="boss", by=request.user), done=IN)


@require_POST
def no_show(request: HttpRequest, code: str) -> HttpResponse:
    """没到: the worker is told and may contest for 48 hours."""
    return _act(request, code, lambda row: deals.no_show(row, by=request.user), done=frozenset({Stage.NO_SHOW_WORKER}))


@require_POST
def uncovered(request: HttpRequest, code: str) -> HttpResponse:
    """今天没保险, with the reason the worker reads before deciding."""
    return _because(request, code, lambda row, why: deals.go_uncovered(row, because=why, by=request.user))


@require_POST
def stop(request: HttpRequest, code: str) -> HttpResponse:
    """提前收工: the hours so far are payable."""
    return _because(request, code, lambda row, why: deals.end_early(row, because=why, by=request.user))


def _because(request: HttpRequest, code: str, act: Any) -> HttpResponse:
    form = Why(request.POST)
    if not form.is_valid():
        return show_one(request, my_attendance(request, code), form=form, status=422)
    return _act(request, code, lambda row: act(row, form.cleaned_data["because"]), form=form)


@require_POST
def on_asked(request: HttpRequest, code: str, verb: str) -> HttpResponse:
    """他说来 · 打了没人接 · 放掉, of one person's shift."""
    row = my_attendance(request, code)
    asked = invited.confirmation_by_code(row.confirmation.code) if hasattr(row, "confirmation") else None
    acts: dict[str, Callable[[Any], Any]] = {
        "coming": lambda one: deals.say_coming(one, how="boss", by=request.user),
        "no-answer": lambda one: deals.call_failed(one, by=request.user),
        "release": lambda one: deals.release(one, by=request.user),
    }
    if asked is None or verb not in acts:
        return show_one(request, row, refusal=Refused(_("还没到再问一遍的时候")), status=409)
    try:
        once_for(request, [verb, asked.code], lambda: {"done": acts[verb](asked) is None})
    except Refused as refusal:
        return show_one(request, my_attendance(request, code), refusal=refusal, status=refusal.status)
    return redirect("employer:attendance", row.code)
