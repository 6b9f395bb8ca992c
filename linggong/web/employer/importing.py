"""E15: many postings from one sheet. First a look at every row, then what is right goes out; wrong rows come back."""

from typing import Any

from django import forms
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as __
from django.views.decorators.http import require_GET, require_POST

import linggong.employers.queries as known
import linggong.postings.actions as postings
from linggong.core.clock import now
from linggong.core.refusals import Refused
from linggong.postings.actions.drafting import read as read_facts
from linggong.postings.models import State
from linggong.web.employer import shift_sheet
from linggong.web.employer.standing import once_for
from linggong.web.people_sheet import BadSheet

KEPT = "shift_sheet"


class SheetForm(forms.Form):
    """The file."""

    sheet = forms.FileField(
        label=__("Excel 表"), help_text=shift_sheet.COLUMNS_IN_WORDS, error_messages={"required": __("选一个 Excel 文件（.xlsx）")},
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )  # fmt: skip


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """`/e/import/`: the file, and what was read of the last one."""
    return _page(request)


def _page(
    request: HttpRequest, *, form: SheetForm | None = None, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    rows = _rows(request)
    facts = {
        "form": form or SheetForm(), "rows": rows, "right": sum(not row["wrong"] for row in rows), "refusal": refusal,
        "wrong": sum(bool(row["wrong"]) for row in rows), "out": sum(row.get("state") == State.PUBLISHED for row in rows),
        "waiting": sum(row.get("state") == State.REVIEWING for row in rows), "done": any("state" in row for row in rows),
        "committed": known.has_committed(request.employer),
    }  # fmt: skip
    return render(request, "employer/import.html", facts, status=status)


def _rows(request: HttpRequest) -> list[dict[str, Any]]:
    kept = request.session.get(KEPT) or {}
    return kept.get("rows", []) if kept.get("employer") == request.employer.code else []


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """看看对不对: every row checked as if it were posted, nothing written."""
    form = SheetForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    try:
        rows = shift_sheet.read(form.cleaned_data["sheet"].read(), request.employer)
    except BadSheet as bad:
        form.add_error("sheet", str(bad))
        return _page(request, form=form, status=422)
    moment = now()
    for row in rows:
        if not row["wrong"]:
            try:
                read_facts(request.employer, shift_sheet.facts(row["facts"]), moment)
            except Refused as refusal:
                row["wrong"] = str(refusal)
    request.session[KEPT] = {"employer": request.employer.code, "rows": rows}
    return redirect("employer:import")


@require_POST
def publish(request: HttpRequest) -> HttpResponse:
    """发布没问题的: each row its own posting; one that is refused stays behind with its reason."""
    rows = _rows(request)
    if not rows:
        return redirect("employer:import")
    if not known.has_committed(request.employer):
        return redirect("employer:promise_text")

    def do() -> dict[str, Any]:
        return {"rows": [_publish(request, row) for row in rows]}

    try:
        done = once_for(request, ["import", [row["facts"] for row in rows]], do)
    except Refused as refusal:
        return _page(request, refusal=refusal, status=refusal.status)
    request.session[KEPT] = {"employer": request.employer.code, "rows": done["rows"]}
    return redirect("employer:import")


def _publish(request: HttpRequest, row: dict[str, Any]) -> dict[str, Any]:
    if row["wrong"] or row.get("code"):
        return row
    try:
        with transaction.atomic():  # a row that may not go out leaves no draft behind
            facts = shift_sheet.facts(row["facts"])
            posting = postings.draft(request.employer, facts, source="IMPORT", by=request.user)
            postings.submit(posting, by=request.user)
    except Refused as refusal:
        return row | {"wrong": str(refusal)}
    return row | {"code": posting.code, "state": posting.state, "words": str(posting.get_state_display())}


@require_GET
def errors(request: HttpRequest) -> HttpResponse:
    """`/e/import/errors.csv`: the rows to put right."""
    rows = [row for row in _rows(request) if row["wrong"]]
    if not rows:
        raise Http404
    answer = HttpResponse(shift_sheet.errors_csv(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="errors.csv"'
    return answer
