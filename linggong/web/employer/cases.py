"""E16: what a worker says, my side of it, and a yes that settles the difference."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as __
from django.views.decorators.http import require_GET, require_POST

import linggong.cases.actions as cases
import linggong.cases.queries as kept
import linggong.engagements.queries as lived
from linggong.cases.models import Case, State
from linggong.web.employer.standing import once_for

SHARED = frozenset({"dispute", "arrears", "no_show", "mismatch", "accident"})


class Side(forms.Form):
    """What the employer has to say."""

    text = forms.CharField(
        label=__("我这边的情况"), max_length=480, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": __("写一句你这边怎么回事"), "max_length": __("480 个字以内")},
    )  # fmt: skip


@require_GET
def case(request: HttpRequest, code: str) -> HttpResponse:
    """`/e/cases/<code>/`."""
    return _case(request, _mine(request, code), Side())


def _case(request: HttpRequest, row: Case, form: Side, *, status: int = 200) -> HttpResponse:
    mine = row.steps.filter(by=request.user).order_by("pk")
    shown = {"case": row, "form": form, "steps": mine, "open": row.state != State.CLOSED}
    return render(request, "employer/case.html", shown, status=status)


@require_POST
def tell(request: HttpRequest, code: str) -> HttpResponse:
    """我来说: a note the mediator reads."""
    row, form = _mine(request, code), Side(request.POST)
    if not form.is_valid():
        return _case(request, row, form, status=422)
    once_for(request, [row.code, form.cleaned_data["text"]], lambda: {
        "step": cases.note(row, form.cleaned_data["text"], by=request.user).pk})  # fmt: skip
    return redirect("employer:case", row.code)


@require_POST
def agree(request: HttpRequest, code: str) -> HttpResponse:
    """我同意: the worker's claim is right. Kept as a step, for the mediator who closes the case."""
    row = _mine(request, code)
    once_for(request, [row.code, "agree"], lambda: {
        "step": cases.note(row, str(__("雇主同意工友说的")), by=request.user).pk})  # fmt: skip
    return redirect("employer:case", row.code)


def _mine(request: HttpRequest, code: str) -> Case:
    """A case about a deal of this employer; reports and bad ratings stay between their author and the market."""
    row = kept.by_code(code)
    if row is None or row.kind not in SHARED:
        raise Http404
    deal = lived.by_code(row.deal.removeprefix("engagement:")) if row.deal else None
    if deal is None or deal.employer_id != request.employer.pk:
        raise Http404
    return row
