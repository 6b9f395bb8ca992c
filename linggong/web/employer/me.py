"""我: which employer, the record in words, who else acts for it, messages."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.views.decorators.http import require_GET, require_POST

import linggong.accounts.actions as telling
import linggong.accounts.queries as accounts
import linggong.employers.actions as employers
import linggong.employers.queries as known
import linggong.workers.queries as workers
from linggong.accounts.ids import valid_phone
from linggong.core.asking import Question
from linggong.core.refusals import Refused
from linggong.employers import commitment, record
from linggong.web.employer.standing import PAGE, start_of
from linggong.web.links import page_of
from linggong.web.place import ask_with_operator


class Colleague(forms.Form):
    """Somebody to act for the employer, by phone."""

    phone = forms.CharField(
        label=__("手机号"), max_length=20, widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=__("对方先用这个号登录过"), error_messages={"required": __("手机号没填，一共 11 位"), "max_length": __("手机号是 11 位")},
    )  # fmt: skip


@require_GET
def me(request: HttpRequest) -> HttpResponse:
    """`/e/me/`."""
    return _me(request)


def _me(
    request: HttpRequest, *, refusal: Refused | None = None, form: Colleague | None = None, status: int = 200
) -> HttpResponse:
    employer = request.employer
    members, unread, worker, standings, committed = ask_with_operator(
        request,
        Question([known.members_of(employer)], list),
        accounts.unread_question(request.user),
        workers.of_user_question(request.user),
        known.standings_question([employer]),
        known.committed_question(employer),
    )
    shown = {
        "employer": employer, "employers": request.employers, "members": members, "form": form or Colleague(), "refusal": refusal,
        "owner": any(m.user_id == request.user.pk and m.owner for m in members), "unread": unread,
        "worker": worker, "standing": standings[employer.pk], "committed": committed,
    }  # fmt: skip
    return render(request, "employer/me.html", shown, status=status)


@require_GET
def my_record(request: HttpRequest) -> HttpResponse:
    """`/e/record/`: E17, what it is made of and what it opens."""
    latest = known.latest_recognition(request.employer)
    shown = {
        "standing": known.standing(request.employer), "rows": known.record_of(request.employer)[:30], "rules": record.RULES_IN_WORDS,
        "benefits": record.BENEFITS, "state": latest.state if latest else "normal", "latest": latest,
    }  # fmt: skip
    return render(request, "employer/record.html", shown)


@require_GET
def promise(request: HttpRequest) -> HttpResponse:
    """`/e/promise/`: what was promised, in full."""
    given = known.commitments_of(request.employer).first()
    return render(request, "employer/promise.html", {"text": commitment.current(), "given": given, "posting": None})


@require_POST
def accept_promise(request: HttpRequest) -> HttpResponse:
    """我承诺, without a posting waiting."""
    employers.accept_commitment(request.employer, by=request.user)
    return redirect("employer:promise_text")


@require_POST
def add_member(request: HttpRequest) -> HttpResponse:
    """Only an owner names others."""
    form = Colleague(request.POST)
    if not _owns(request):
        raise Http404
    if not form.is_valid():
        return _me(request, form=form, status=422)
    try:
        user = accounts.by_phone(valid_phone(form.cleaned_data["phone"]))
    except ValueError as error:
        form.add_error("phone", str(error) or _("手机号是 11 位"))
        return _me(request, form=form, status=422)
    except Refused as refusal:
        form.add_error("phone", str(refusal))
        return _me(request, form=form, status=422)
    if user is None:
        form.add_error("phone", _("这个号还没登录过，请对方先登录一次"))
        return _me(request, form=form, status=422)
    employers.add_member(request.employer, user, by=request.user)
    return redirect("employer:me")


@require_POST
def end_member(request: HttpRequest) -> HttpResponse:
    """The person no longer acts for this employer."""
    if not _owns(request):
        raise Http404
    said = request.POST.get("member", "")
    member = next((m for m in known.members_of(request.employer) if m.user.code == said), None)
    if member is None:
        raise Http404
    try:
        employers.end_member(member, by=request.user)
    except Refused as refusal:
        return _me(request, refusal=refusal, status=refusal.status)
    return redirect("employer:me")


def _owns(request: HttpRequest) -> bool:
    return any(m.owner and m.user_id == request.user.pk for m in known.members_of(request.employer))


@require_GET
def messages(request: HttpRequest) -> HttpResponse:
    """`/e/messages/`."""
    start = start_of(request)
    page = list(accounts.inbox(request.user)[start : start + PAGE + 1])
    rows = [{"text": n.text, "at": n.at, "new": n.read_at is None, "url": page_of(n, "employer")} for n in page[:PAGE]]
    shown = {
        "rows": rows,
        "unread": any(row["new"] for row in rows),
        "more_url": f"?from={start + PAGE}" if len(page) > PAGE else "",
    }
    return render(request, "employer/messages.html#more" if request.htmx and start else "employer/messages.html", shown)


@require_POST
def read_messages(request: HttpRequest) -> HttpResponse:
    """都看过了."""
    telling.read_all(request.user, by=request.user)
    return redirect("employer:messages")
