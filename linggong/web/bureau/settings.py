"""A5: the operator's own words, what is connected, what is stuck. Limits of the law are not here but among the rules."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

import linggong.accounts.actions as accounts
import linggong.matching.queries as matching
import linggong.oversight.queries as oversight
from linggong.accounts.models import Sms
from linggong.accounts.queries import settings as words_of_operator
from linggong.core.journal import retry
from linggong.web.bureau import frame
from linggong.web.bureau.frame import ADMINISTER
from linggong.web.checklist import checklist


def _line(label: str, most: int, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, max_length=most, required=False, help_text=help_text,
        error_messages={"max_length": _("太长了，最多 {n} 个字").format(n=most)},
    )  # fmt: skip


class WordsForm(forms.Form):
    """What every page says about who runs the market."""

    market_name = _line(_("市场叫什么"), 40)
    hotline = _line(_("帮忙电话"), 20, _("工友点“帮忙”就打这个"))
    supervision_phone = _line(_("投诉监督电话"), 20)
    licence_line = _line(_("人力资源服务许可证"), 80, _("照证上写，印在每页底下"))
    filings = _line(_("网站备案号"), 80)

    def clean_hotline(self) -> str:
        """A number one can dial."""
        return _dialable(self.cleaned_data["hotline"])

    def clean_supervision_phone(self) -> str:
        """The same."""
        return _dialable(self.cleaned_data["supervision_phone"])


def _dialable(said: str) -> str:
    if said and not (said.isascii() and said.replace("-", "").replace(" ", "").isdigit()):
        raise forms.ValidationError(_("电话只写数字，比如 0598-1234567"))
    return said


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """`/bureau/settings/`."""
    return _page(request, WordsForm(initial=words_of_operator()))


def _page(request: HttpRequest, form: WordsForm, *, status: int = 200) -> HttpResponse:
    health = oversight.health()
    facts = {
        "form": form, "lines": checklist(request.user), "health": health, "may_write": frame.may(request, ADMINISTER),
        "engine": [_index(row) for row in matching.index_reports()] if settings.ENGINE else None,
        "sms": [(Sms.State(state).label, n) for state, n in health["sms"].items() if n],
    }  # fmt: skip
    return render(request, "bureau/settings.html", facts, status=status)


def _index(report: Any) -> dict[str, Any]:
    """How one process's memory of people and work does; wrong or late: the database matches meanwhile."""
    late = report.behind_ms > matching.BEHIND_MS
    words = _("{people} 人，{work} 个活；核对 {checked} 条，差 {drift} 条").format(
        people=report.workers, work=report.postings, checked=report.checked, drift=report.drift
    )
    return {"ok": not (late or report.drift), "words": words, "late": late, "process": report.process}


@require_POST
@frame.only(ADMINISTER)
def save(request: HttpRequest) -> HttpResponse:
    """保存."""
    form = WordsForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    before = words_of_operator()
    for key, value in form.cleaned_data.items():
        if before.get(key, "") != value:
            accounts.set_setting(key, value, by=request.user)
    return redirect("/bureau/settings/")


@require_POST
@frame.only(ADMINISTER)
def try_again(request: HttpRequest, pk: int) -> HttpResponse:
    """再试: a delivery that gave up runs again with the next round."""
    if not retry(pk):
        raise Http404
    return redirect("/bureau/settings/")
