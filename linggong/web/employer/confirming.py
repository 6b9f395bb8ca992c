"""E9: what was done, person by person; then, where wages are paid by hand, that they were paid."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.views.decorators.http import require_GET, require_POST

import linggong.engagements.actions as deals
import linggong.engagements.queries as lived
import linggong.payments.actions as payments
import linggong.payments.queries as paid
from linggong.core.clock import now
from linggong.core.refusals import Refused
from linggong.engagements.actions.completion import wage_of
from linggong.engagements.models import Attendance, Stage
from linggong.payments.models import Settlement
from linggong.postings import pay
from linggong.reference.models import COUNTED_UNITS, PayUnit
from linggong.reference.queries import previous_workday
from linggong.web.employer import fields
from linggong.web.employer.said import said
from linggong.web.employer.standing import PAGE, my_attendance, my_settlement, once_for, start_of

WAITING = frozenset({Stage.WORK_DONE, Stage.ENDED_EARLY})
HOW = [("wechat", __("微信")), ("cash", __("现金")), ("bank", __("银行卡"))]


class Figures(forms.Form):
    """What the employer says was done."""

    hours = forms.DecimalField(
        label=__("干了几小时"), min_value=0, max_value=24, decimal_places=2, max_digits=5, required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={name: __("写几小时，比如 8 或 7.5") for name in ("invalid", "min_value", "max_value", "max_decimal_places", "max_digits")},
    )  # fmt: skip
    quantity = forms.DecimalField(
        label=__("数量"), min_value=Decimal("0.01"), max_value=1_000_000, decimal_places=2, max_digits=9, required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={name: __("写数量，比如 7.5") for name in ("invalid", "min_value", "max_value", "max_decimal_places", "max_digits")},
    )  # fmt: skip
    extra = fields.YuanField(label=__("另外加多少，元"), required=False)

    def __init__(self, row: Attendance, data: Any = None) -> None:
        self.row, self.counted = row, row.engagement.terms.get("pay_unit") in COUNTED_UNITS
        hours = None if row.minutes is None else Decimal(row.minutes) / 60
        start = {"hours": hours.quantize(Decimal("0.01")).normalize() if hours else None, "quantity": row.quantity}
        super().__init__(
            data,
            initial={name: f"{value:f}" for name, value in start.items() if value is not None},
            auto_id=f"id_{row.code}_%s",
        )
        del self.fields["hours" if self.counted else "quantity"]
        if self.counted:
            self.fields["quantity"].required = True
            self.fields["quantity"].error_messages["required"] = _("写数量，比如 7.5")

    def figures(self) -> dict[str, Any]:
        """The arguments of `confirm`; untouched hours stay to the minute."""
        said = self.cleaned_data
        told: dict[str, Any] = {"extra_fen": said.get("extra") or 0}
        if self.counted:
            return told | {"quantity": said["quantity"]}
        if "hours" in self.changed_data and said.get("hours") is not None:
            told["minutes"] = int(said["hours"] * 60)
        return told


@require_GET
def confirm_page(request: HttpRequest) -> HttpResponse:
    """`/e/confirm/`: everybody who finished and waits."""
    return _page(request)


def _page(
    request: HttpRequest, *, refusal: Refused | None = None, form: Figures | None = None, status: int = 200
) -> HttpResponse:
    start = start_of(request)
    waiting = lived.waiting_for_confirmation(request.employer)
    page = list(waiting[start : start + PAGE + 1])
    rows = [_row(row, form if form is not None and form.row.pk == row.pk else None) for row in page[:PAGE]]
    shown = {"rows": rows, "total": sum(row["fen"] for row in rows), "refusal": refusal, "to_pay": _to_pay(request),
             "all_same": [row["code"] for row in rows if not row["counted"] or row["quantity"]],
             "more_url": f"?from={start + PAGE}" if len(page) > PAGE else ""}  # fmt: skip
    return render(request, "employer/confirm.html", shown, status=status)


def _to_pay(request: HttpRequest) -> int:
    return _owed(request).count()


def _row(row: Attendance, form: Figures | None) -> dict[str, Any]:
    terms = row.engagement.terms
    moment = now()
    due = pay.due_at(terms, moment, previous_workday=previous_workday)
    counted = terms.get("pay_unit") in COUNTED_UNITS
    return {
        "code": row.code, "called": row.engagement.worker.user.called, "title": row.engagement.posting.title, "shift": row.shift,
        "counted": counted, "quantity": row.quantity, "unit": PayUnit(terms["pay_unit"]).label, "minutes": row.minutes,
        "hours": f"{(row.minutes or 0) // 60} 小时" + (f" {(row.minutes or 0) % 60} 分" if (row.minutes or 0) % 60 else ""),
        "fen": wage_of(row, minutes=row.minutes, quantity=row.quantity), "due": due, "silent_at": row.confirm_due_at,
        "form": form or Figures(row), "open": form is not None,
    }  # fmt: skip


@require_POST
def confirm(request: HttpRequest, code: str) -> HttpResponse:
    """One person: the same or more settles it; less leaves only the difference to be asked about."""
    row = my_attendance(request, code)
    form = Figures(row, request.POST)
    if row.state not in WAITING:
        return redirect("employer:confirm")
    if not form.is_valid():
        return _page(request, form=form, status=422)
    try:
        once_for(request, ["confirm", row.code, form.figures()], lambda: _confirm(row, form.figures(), request))
    except Refused as refusal:
        return _page(request, refusal=refusal, form=form, status=refusal.status)
    return redirect(f"/e/confirm/?did={row.code}" if row.state != Stage.QUANTITY_DISPUTED else f"/e/today/{row.code}/")


def _confirm(row: Attendance, figures: dict[str, Any], request: HttpRequest) -> dict[str, str]:
    deals.confirm(row, by=request.user, **figures)
    return {"code": row.code}


@require_POST
def confirm_all(request: HttpRequest) -> HttpResponse:
    """都对: everybody ticked, each an action of its own, on the workers' own figures."""
    failed: Refused | None = None
    for code in request.POST.getlist("rows")[:PAGE]:
        row = my_attendance(request, code.replace("\x00", "")[:12])
        if row.state not in WAITING:
            continue
        try:
            deals.confirm(row, by=request.user)
        except Refused as refusal:
            failed = refusal
    if failed is not None:
        return _page(request, refusal=failed, status=failed.status)
    return redirect("employer:pay")


# --- paid by hand --------------------------------------------------------------------------------------------


def _owed(request: HttpRequest) -> Any:
    state = Settlement.State
    rows = paid.of_employer(request.employer).filter(confirmed_at__isnull=False, net_fen__gt=0)
    # What was never held is paid by hand too, beside what the custodian paid.
    by_hand = Q(state__in=[state.CREATED, state.WORKER_DENIED]) | Q(state=state.PARTLY_RELEASED, short_fen__gt=0)
    return rows.filter(by_hand).order_by("due_at", "pk")


@require_GET
def pay_page(request: HttpRequest) -> HttpResponse:
    """`/e/pay/`: confirmed and to be paid by hand, the first due first."""
    return _pay(request)


def _owed_row(row: Settlement, moment: datetime) -> dict[str, Any]:
    return {
        "code": row.code,
        "called": row.worker.user.called,
        "title": row.title,
        "work_on": row.work_on,
        "fen": row.short_fen or row.net_fen - row.disputed_fen,
        "due": row.due_at,
        "late": row.due_at is not None and row.due_at < moment,
        "denied": row.state == "denied",
    }


def _pay(request: HttpRequest, *, refusal: Refused | None = None, status: int = 200) -> HttpResponse:
    start, moment = start_of(request), now()
    page = list(_owed(request)[start : start + PAGE + 1])
    rows = [_owed_row(row, moment) for row in page[:PAGE]]
    shown = {
        "rows": rows,
        "how": HOW,
        "refusal": refusal,
        "did": _paid(request),
        "more_url": f"?from={start + PAGE}" if len(page) > PAGE else "",
    }
    return render(request, "employer/pay.html", shown, status=status)


def _paid(request: HttpRequest) -> dict[str, Any] | None:
    """What the last 付了 did, with a link to rate whom it went to."""
    told = said(request)
    if told is None or not (code := request.GET.get("wage", "")[:12]):
        return told
    row = my_settlement(request, code)
    work = lived.attendance_by_code(row.ref.removeprefix("attendance:"))
    if work is None or not lived.ratable(work.engagement) or work.engagement.ratings.filter(side="employer").exists():
        return told
    who = row.worker.user.called
    return told | {
        "href": f"/e/rate/{work.engagement.code}/",
        "text": _("等{who}点“我收到了”。点这里评一下").format(who=who),
    }


@require_POST
def declare(request: HttpRequest, code: str) -> HttpResponse:
    """付了: the employer's word. The worker answers 我收到了 or 没收到."""
    row = my_settlement(request, code)
    try:
        if row.state not in (Settlement.State.EMPLOYER_DECLARED_PAID, Settlement.State.WORKER_ACKNOWLEDGED):
            payments.declare_paid(row, how=request.POST.get("how", ""), by=request.user)
    except Refused as refusal:
        return _pay(request, refusal=refusal, status=refusal.status)
    return redirect(f"{reverse('employer:pay')}?did=paid&wage={row.code}")
