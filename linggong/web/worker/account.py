"""W13: where wages go: WeChat, a bank card, or cash at the counter. The number is sealed; the change waits a day."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

import linggong.accounts.actions as accounts
import linggong.accounts.queries as people
import linggong.payments.actions as paying
import linggong.payments.queries as wages
from linggong.core.clock import now
from linggong.core.once import once, terms_hash
from linggong.core.refusals import Refused
from linggong.payments.cards import is_card
from linggong.web.templatetags.parts import deadline
from linggong.web.worker import rows

KINDS = (
    ("wechat", gettext_lazy("微信"), gettext_lazy("进零钱，要用你自己实名的微信")),
    ("bank", gettext_lazy("银行卡"), gettext_lazy("要用你自己名字的卡，名字不一样到不了账")),
    ("counter", gettext_lazy("窗口领现金"), gettext_lazy("带身份证到服务站，当面点清，有回条")),
)


class Where(forms.Form):
    """One of three, and a card number for the second."""

    kind = forms.ChoiceField(
        choices=[(value, title) for value, title, _text in KINDS],
        label=gettext_lazy("收到哪里"),
        error_messages={"required": gettext_lazy("点一个，收到哪里"), "invalid_choice": gettext_lazy("三个里点一个")},
    )
    number = forms.CharField(
        required=False,
        max_length=30,
        label=gettext_lazy("卡号"),
        help_text=gettext_lazy("照卡面上的数字写，12 到 19 位"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"max_length": gettext_lazy("卡号最多 19 位，再看一眼卡面")},
    )
    bank = forms.CharField(
        required=False,
        max_length=40,
        label=gettext_lazy("哪家银行"),
        error_messages={"max_length": gettext_lazy("40 个字以内")},
    )

    def clean(self) -> dict[str, Any]:
        """A card needs its number."""
        said = super().clean()
        if said.get("kind") == "bank" and not said.get("number"):
            self.add_error("number", _("卡号没填，在卡的正面"))
        elif said.get("kind") == "bank" and not is_card(said["number"]):
            self.add_error("number", _("卡号没对上，再看一眼卡面，一共 12 到 19 位"))
        return said


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """`/wages/account/`."""
    return _page(request, Where())


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Look at it once more before it counts; the number goes nowhere yet."""
    form = Where(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    said = form.cleaned_data
    title = next(words for value, words, _text in KINDS if value == said["kind"])
    shown = [{"label": _("收到"), "text": title}]
    if said["kind"] == "bank":
        shown.append({"label": _("卡号"), "text": f"**** {''.join(said['number'].split())[-4:]}"})
        shown.append({"label": _("户名"), "text": request.user.name})
    first = wages.pay_account(request.worker, now()) is None
    return render(
        request,
        "worker/check.html",
        {
            "title": _("再看一下"),
            "back": "/wages/account/",
            "heading": _("工钱收到这里"),
            "rows": shown,
            "key": rows.fresh_key(),
            "note": {
                "lead": _("名字不一样到不了账。"),
                "text": _("不是你自己的，到窗口领现金。") if first else _("换地方 24 小时后算数，防别人动你的钱。"),
                "tone": "info",
            },
            "action": "/wages/account/choose/",
            "label": _("就收到这里"),
            "extra": {k: said[k] for k in ("kind", "number", "bank")},
            "cancel_url": "/wages/account/",
        },
    )


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """就收到这里."""
    form = Where(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    said = form.cleaned_data

    def do() -> dict[str, Any]:
        if said["kind"] == "bank":
            accounts.consent(request.user, "wage_account", how="tap", by=request.user)
        paying.choose_account(
            request.worker,
            kind=said["kind"],
            number=said["number"] if said["kind"] == "bank" else "",
            bank=said["bank"],
            by=request.user,
        )
        return {}

    try:
        once(f"{request.user.code}:account:{rows.key_of(request)}", {"said": terms_hash(said)}, do)
    except Refused as refusal:
        for field, words in refusal.fields.items():
            form.add_error(field, words)
        return _page(request, form, refusal=refusal, status=refusal.status)
    return redirect("/wages/account/?done=saved")


def _page(request: HttpRequest, form: Where, *, refusal: Refused | None = None, status: int = 200) -> HttpResponse:
    account = wages.pay_account(request.worker, now())
    chosen = form.data.get("kind") if form.is_bound else (account.kind if account else "wechat")
    return render(
        request,
        "worker/account.html",
        {
            "title": _("收到哪里"),
            "back": "/wages/",
            "form": form,
            "account": account,
            "refusal": refusal,
            "said": _said(request, account),
            "options": [{"value": v, "title": title, "text": text, "on": v == chosen} for v, title, text in KINDS],
            "verified": people.is_verified(request.user),
        },
        status=status,
    )


def _said(request: HttpRequest, account: Any) -> dict[str, Any] | None:
    if request.GET.get("done") != "saved" or account is None:
        return None
    text = (
        _("{when} 起收到新的地方。").format(when=deadline(account.ended_at))
        if account.ended_at
        else _("下一笔工钱就收到这里。")
    )
    return {"tone": "ok", "lead": _("记下了。"), "text": text}
