"""A1: who holds which role and who works where. Only an administrator gives and takes; auditors and the bureau read."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

import linggong.accounts.actions as actions
import linggong.accounts.queries as accounts
from linggong.accounts.ids import valid_phone
from linggong.accounts.models import Grant, Role
from linggong.core.refusals import Refused
from linggong.reference.models import Division
from linggong.venues.models import Staff
from linggong.web.bureau import frame
from linggong.web.bureau.frame import ADMINISTER


class NotOwn(Refused):
    """Nobody gives a role to themselves: who runs the system must not become who rules it (FJ-03)."""

    message = _("不能给自己加角色，请另一位管理员来加")
    status = 403


class GrantForm(forms.Form):
    """A role for somebody who has an account."""

    phone = forms.CharField(
        label=_("手机号"), max_length=20, help_text=_("对方先在窗口登记过"),
        error_messages={"required": _("手机号没填，一共 11 位"), "max_length": _("手机号是 11 位")},
    )  # fmt: skip
    role = forms.ChoiceField(label=_("做什么"), choices=Role.choices)
    division_code = forms.CharField(label=_("管哪里"), max_length=12, help_text=_("行政区划代码，比如 350404"),
                                    error_messages={"required": _("写行政区划代码，比如 350404")})  # fmt: skip


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """`/bureau/people/`."""
    return _page(request)


def _page(
    request: HttpRequest, *, form: GrantForm | None = None, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    grants = Grant.objects.filter(request.reach.q_codes(), ended_at=None).select_related("user", "granted_by")
    rows, more = frame.cut(grants.order_by("role", "pk"), request)
    names = dict(Division.objects.filter(code__in={row.division_code for row in rows}).values_list("code", "name"))
    for row in rows:
        row.place = names.get(row.division_code, row.division_code)
    staff = Staff.objects.filter(request.reach.q_venues(), ended_at=None, venue__closed_on=None)
    staff_rows, staff_more = frame.cut(
        staff.select_related("user", "venue").order_by("venue__name", "pk"), request, name="staff_from"
    )
    facts = {
        "rows": rows, "more_url": more, "form": form or GrantForm(), "refusal": refusal,
        "may_write": frame.may(request, ADMINISTER),
        "staff": staff_rows, "staff_more": staff_more,
    }  # fmt: skip
    return render(request, "bureau/people.html", facts, status=status)


@require_POST
@frame.only(ADMINISTER)
def grant(request: HttpRequest) -> HttpResponse:
    """给角色."""
    form = GrantForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    facts = form.cleaned_data
    try:
        user = accounts.by_phone(valid_phone(facts["phone"]))
        if user is None:
            form.add_error("phone", _("这个号还没登记，先到窗口登记"))
        elif not request.reach.covers_division(facts["division_code"]):
            form.add_error("division_code", _("只能给自己辖区里的角色"))
        elif not Division.objects.filter(code=facts["division_code"]).exists():
            form.add_error("division_code", _("没有这个地区"))
        elif user == request.user:
            raise NotOwn
        else:
            actions.grant(user, facts["role"], division_code=facts["division_code"], by=request.user)
            return redirect("/bureau/people/")
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, form=form, status=refusal.status)
    return _page(request, form=form, status=422)


@require_POST
@frame.only(ADMINISTER)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """收回."""
    row = Grant.objects.filter(request.reach.q_codes(), pk=pk).first()
    if row is None:
        raise Http404
    actions.end_grant(row, by=request.user)
    return redirect("/bureau/people/")
