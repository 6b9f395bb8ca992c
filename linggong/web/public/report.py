"""Something is wrong with a posting: anybody may say so, signed in or not (U04)."""

import hashlib

from django import forms
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

import linggong.cases.actions as cases
from linggong.core.clock import now
from linggong.core.once import once
from linggong.core.refusals import Refused
from linggong.postings.models import Posting
from linggong.web.public.jobs import head, shown

WHAT = (
    ("fee", gettext_lazy("要先交钱")),
    ("fake", gettext_lazy("活是假的")),
    ("pay", gettext_lazy("工钱和说的不一样")),
    ("unsafe", gettext_lazy("不安全")),
    ("unfair", gettext_lazy("挑男女、挑老家")),
    ("papers", gettext_lazy("要扣身份证")),
    ("other", gettext_lazy("别的")),
)
PER_HOUR = 10  # from one address; a person who sees more than that should ring


class TooManyReports(Refused):
    """One address reported very often within the hour."""

    message = gettext_lazy("这一个小时说了很多次了，先打个电话，我们马上看")
    status = 429


class Report(forms.Form):
    """What is wrong, and a sentence if one likes."""

    key = forms.CharField(max_length=40, widget=forms.HiddenInput, required=False)
    what = forms.ChoiceField(
        label=gettext_lazy("哪里不对劲"), choices=WHAT, widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("点一样，哪里不对劲"), "invalid_choice": gettext_lazy("点下面的一样")},
    )  # fmt: skip
    text = forms.CharField(
        label=gettext_lazy("说一句怎么回事"), required=False, max_length=500,
        widget=forms.Textarea(attrs={"rows": "4", "class": "input"}),
        error_messages={"max_length": gettext_lazy("太长了，500 个字以内")},
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, code: str) -> HttpResponse:
    """`/jobs/<code>/report/`: a station looks within a day."""
    row = shown(code)
    form = Report(request.POST if request.method == "POST" else None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            _file(request, row, form.cleaned_data)
        except Refused as said:
            refusal = said
        else:
            return redirect(f"/jobs/{row.code}/reported/")
    status = refusal.status if refusal else 422 if form.errors else 200
    return render(
        request, "public/report.html", {"job": head(row, []), "form": form, "refusal": refusal}, status=status
    )


@require_http_methods(["GET"])
def reported(request: HttpRequest, code: str) -> HttpResponse:
    """`/jobs/<code>/reported/`: what happens now."""
    return render(request, "public/reported.html", {"job": head(shown(code), [])})


def _file(request: HttpRequest, row: Posting, said: dict) -> None:
    by = request.user if request.user.is_authenticated else None
    facts = "：".join(part for part in (str(dict(WHAT)[said["what"]]), said["text"].strip()) if part)
    who = by.code if by is not None else "anybody"
    terms = {"job": row.code, "facts": facts}

    def do() -> dict:
        _not_too_often(request)
        case = cases.file("report", about=row, facts=facts, by=by, division_code=row.division_id, owner_role="reviewer")
        if case.facts != facts:  # somebody said something before: ours joins it
            cases.note(case, facts, by=by)
        return {"case": case.code}

    if said["key"]:
        once(f"{who}:{said['key']}", terms, do)
    else:
        do()


def _not_too_often(request: HttpRequest) -> None:
    address = hashlib.sha256(request.META.get("REMOTE_ADDR", "").encode()).hexdigest()[:16]
    key = f"report:{address}:{now():%Y%m%d%H}"
    cache.add(key, 0, 3600)
    if cache.incr(key) > PER_HOUR:
        raise TooManyReports(_("这一个小时说了很多次了，先打个电话，我们马上看"))
