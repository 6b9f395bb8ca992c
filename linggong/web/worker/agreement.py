"""W26: the agreement on one page in plain words, read aloud, with the full text and the signed paper behind it."""

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

import linggong.agreements.actions as agreeing
import linggong.agreements.queries as agreements
from linggong.agreements.models import Agreement
from linggong.web.links import page_for
from linggong.web.templatetags.parts import date_words, deadline
from linggong.web.worker import rows


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """`/me/agreements/`: every agreement, newest first."""
    shown = rows.ten(request, agreements.of_worker(request.worker))
    part = request.htmx and "upto" in request.GET
    found = [
        {
            "url": f"/agreements/{a.code}/",
            "title": a.employer.name,
            "detail": f"{date_words(a.made_at)}，{a.terms.get('title', '')}",
            "state": {
                "text": a.get_state_display(),
                "tone": "ok" if a.state == "effective" else "",
                "icon": "file-text",
            },
        }
        for a in (shown.fresh if part else shown.rows)
    ]
    return render(
        request,
        "worker/agreements.html#list" if part else "worker/agreements.html",
        {
            "title": _("用工约定"),
            "back": "/me/",
            "rows": found,
            "more_url": shown.more_url,
        },
    )


@require_GET
def page(request: HttpRequest, code: str) -> HttpResponse:
    """`/agreements/<code>/`."""
    row = _own(request, code)
    return render(
        request,
        "worker/agreement.html",
        {
            "title": row.template.title,
            "back": page_for("engagements.engagement", row.ref.removeprefix("engagement:"), "worker")
            or "/me/agreements/",
            "agreement": row,
            "lines": agreements.front(row),
            "clauses": agreements.full_text(row),
            "asked": request.GET.get("done") == "asked",
            "yeses": [
                {
                    "icon": "check",
                    "label": date_words(yes.at),
                    "value": _("{who}：{how}").format(who=yes.name, how=yes.how),
                    "detail": f"{deadline(yes.at)}{_('，{who}在场').format(who=yes.witness) if yes.witness else ''}",
                }
                for yes in agreements.acceptances(row)
            ],
        },
    )


@require_POST
def want_paper(request: HttpRequest, code: str) -> HttpResponse:
    """要一份能存的: the signed PDF is made next."""
    row = _own(request, code)
    agreeing.want_pdf(row, by=request.user)
    return redirect(f"/agreements/{row.code}/?done=asked")


@require_GET
def paper(request: HttpRequest, code: str) -> HttpResponse:
    """The signed PDF, to the two sides alone."""
    row = _own(request, code)
    path = agreements.pdf_path(row)
    if not row.pdf or not path.exists():
        raise Http404
    response = FileResponse(path.open("rb"), as_attachment=True, filename=f"{row.template.title}-{row.code}.pdf")
    response["Cache-Control"] = "private, no-store"
    return response


def _own(request: HttpRequest, code: str) -> Agreement:
    try:
        row: Any = agreements.by_code(code)
    except Agreement.DoesNotExist as gone:
        raise Http404 from gone
    if row.worker_id != request.worker.pk:
        raise Http404
    return row
