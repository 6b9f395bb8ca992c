"""E12: what is stored, paid, said to be paid, owed and coming back; and the wage ledger the law asks for."""

import csv
import io
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

import linggong.payments.queries as payments
from linggong.core.asking import Question
from linggong.core.clock import now, today
from linggong.payments.models import Refund, Settlement
from linggong.web.employer.standing import PAGE, my_settlement, start_of
from linggong.web.place import ask_with_operator

S = Settlement.State
REFUNDS_MOST = 500
FORMULA = ("=", "+", "-", "@", "\t", "\r")
KINDS = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@require_GET
def money(request: HttpRequest) -> HttpResponse:
    """`/e/money/`."""
    start, moment = start_of(request), now()
    wages = payments.of_employer(request.employer)
    refunds = list(payments.refunds_of(request.employer)[:REFUNDS_MOST])
    (fundings,) = ask_with_operator(request, Question([payments.fundings_of(request.employer)[:5]], list))
    page = list(wages.exclude(state=S.CANCELLED)[start : start + PAGE + 1])
    shown = {
        "sums": _sums(request, refunds), "rows": [_row(row, moment) for row in page[:PAGE]], "months": _months(),
        "fundings": [
            {"url": f"/e/funding/{row.code}/", "title": _("存工钱"), "detail": row.get_state_display(), "fen": row.wages_fen}
            for row in fundings
        ],
        "refunds": [{"title": _("退回给你"), "detail": row.get_state_display(), "fen": row.fen} for row in refunds[:5]],
        "more_url": f"?from={start + PAGE}" if len(page) > PAGE else "",
    }  # fmt: skip
    return render(request, "employer/money.html#more" if request.htmx and start else "employer/money.html", shown)


def _sums(request: HttpRequest, refunds: list[Refund]) -> list[dict[str, Any]]:
    """Each sum in words of its own; what a worker has not confirmed is never called paid."""
    held = Q(state__in=[S.FUNDED])
    owed = Q(state__in=[S.CREATED, S.FAILED, S.WORKER_DENIED], confirmed_at__isnull=False)
    told = payments.of_employer(request.employer).order_by().aggregate(
        stored=Sum("held_fen", filter=held), paid=Sum("net_fen", filter=Q(state__in=payments.PAID)),
        said=Sum("net_fen", filter=Q(state=S.EMPLOYER_DECLARED_PAID)), owed=Sum("net_fen", filter=owed), n=Count("pk"),
    )  # fmt: skip
    back = sum(row.fen for row in refunds)
    words = (("owed", _("还要付")), ("said", _("你说付了，等工友点")), ("stored", _("存好的")), ("paid", _("到账了")))
    return [{"label": label, "fen": told[name] or 0} for name, label in words] + (
        [{"label": _("退回的"), "fen": back}] if back else []
    )


def _row(row: Settlement, moment: Any) -> dict[str, Any]:
    words, tone, _deadline = _where(row, moment)
    fen = row.net_fen or row.share_fen
    return {"url": f"/e/money/{row.code}/", "title": f"{row.worker.user.called}，{row.title}", "fen": fen,
            "detail": f"{row.work_on.month}月{row.work_on.day}日", "by": row.due_at if row.state in (S.CREATED, S.WORKER_DENIED) else None,
            "state": {"text": words, "tone": tone}}  # fmt: skip


def _where(row: Settlement, moment: datetime) -> tuple[str, str, str]:
    """Where a wage is, as the employer reads it: words, tone, date. What is confirmed and not paid waits for them."""
    words, tone, _action, deadline = payments.where(row, moment)
    if row.state == S.CREATED and row.confirmed_at is not None:
        late = row.due_at is not None and row.due_at <= moment
        return _("过了时间，还没付") if late else _("等你付"), "danger" if late else "warn", deadline
    return words, tone, deadline


@require_GET
def wage(request: HttpRequest, code: str) -> HttpResponse:
    """`/e/money/<code>/`: one wage, how it was reckoned, where it is."""
    row = my_settlement(request, code)
    words, tone, deadline = _where(row, now())
    rows = [{"label": _("应付"), "fen": row.gross_fen}]
    rows += [{"label": _("代扣"), "fen": row.gross_fen - row.net_fen}] if row.gross_fen != row.net_fen else []
    shown = {
        "wage": row, "words": words, "tone": tone, "deadline": deadline, "rows": rows,
        "total": {"label": _("实付"), "fen": row.net_fen}, "payouts": payments.payouts_of(row),
        "to_pay": row.state in (S.CREATED, S.WORKER_DENIED) and row.confirmed_at is not None and row.net_fen > 0,
    }  # fmt: skip
    return render(request, "employer/wage.html", shown)


def _months() -> list[dict[str, str]]:
    first = today().replace(day=1)
    told = []
    for _turn in range(3):
        told.append({"value": f"{first:%Y-%m}", "label": _("{y}年{m}月").format(y=first.year, m=first.month)})
        first = (first - timedelta(days=1)).replace(day=1)
    return told


@require_GET
def ledger(request: HttpRequest, kind: str) -> HttpResponse:
    """工资支付台账 of a month, with exactly the columns of 保障农民工工资支付条例 art. 15; ID and phone stay masked."""
    if kind not in KINDS:
        raise Http404
    try:
        first = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        raise Http404 from None
    end = (first + timedelta(days=32)).replace(day=1)
    rows = payments.wage_ledger(request.employer, first, end)
    table = [
        list(payments.COLUMNS.values()),
        *[[_safe(getattr(row, name)) for name in payments.COLUMNS] for row in rows],
    ]
    response = HttpResponse(_csv(table) if kind == "csv" else _xlsx(table), content_type=KINDS[kind])
    response["Content-Disposition"] = f'attachment; filename="wages-{first:%Y-%m}.{kind}"'
    return response


def _safe(text: str) -> str:
    """A spreadsheet runs what begins like a formula: such text is kept as text."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _csv(table: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(table)
    return out.getvalue().encode("utf-8-sig")  # the mark lets spreadsheets read Chinese


def _xlsx(table: list[list[str]]) -> bytes:
    import openpyxl  # half a second that only who asks for a sheet should pay

    book = openpyxl.Workbook()
    sheet = book.active
    for row in table:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
