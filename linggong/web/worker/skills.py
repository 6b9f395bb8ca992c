"""W18 and the 找活卡: what I can do, my papers with their photos, my own advert, where and for how much I work."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

import linggong.accounts.actions as accounts
import linggong.reference.queries as reference
import linggong.workers.actions as working
import linggong.workers.queries as workers
from linggong.core.clock import today
from linggong.core.money import parse_yuan
from linggong.core.once import once
from linggong.core.refusals import Refused
from linggong.core.uploads import open_image
from linggong.reference.models import Certificate, PayUnit
from linggong.web.hours import CALL_FROM, hour_of, said_of
from linggong.web.templatetags.parts import date_words, yuan
from linggong.web.worker import rows
from linggong.workers.models import Card, Holding

MENU = 24
SOON = timedelta(days=30)
TONES = {
    "checked": ("ok", "shield-check"),
    "uploaded": ("warn", "hourglass"),
    "rejected": ("danger", "alert-triangle"),
    "expired": ("danger", "calendar-off"),
}
CARD_TONES = {"visible": "ok", "reviewing": "warn", "returned": "danger"}
PARTS = (
    ("dawn", gettext_lazy("清早")),
    ("day", gettext_lazy("白天")),
    ("evening", gettext_lazy("晚上")),
    ("night", gettext_lazy("夜里")),
)
REACH = (
    (3_000, gettext_lazy("3 公里，走路骑车")),
    (10_000, gettext_lazy("10 公里")),
    (30_000, gettext_lazy("30 公里，坐车")),
    (100_000, gettext_lazy("更远，管住也行")),
)


class Paper(forms.Form):
    """A certificate with its photo."""

    certificate = forms.ChoiceField(
        label=gettext_lazy("什么证"),
        error_messages={
            "required": gettext_lazy("选一下是什么证"),
            "invalid_choice": gettext_lazy("没有这种证，从列表里选"),
        },
    )
    photo = forms.FileField(
        label=gettext_lazy("照片"),
        help_text=gettext_lazy("四个角都拍到，字看得清，最多 5 兆"),
        widget=forms.FileInput(attrs={"accept": "image/*"}),
        error_messages={
            "required": gettext_lazy("拍一张证件照片，四个角都要拍到"),
            "empty": gettext_lazy("这张照片是空的，重新拍一张"),
        },
    )
    number = forms.CharField(
        required=False,
        max_length=40,
        label=gettext_lazy("证号"),
        error_messages={"max_length": gettext_lazy("证号最多 40 个字")},
    )
    issuer = forms.CharField(
        required=False,
        max_length=80,
        label=gettext_lazy("谁发的"),
        error_messages={"max_length": gettext_lazy("80 个字以内")},
    )
    valid_to = forms.DateField(
        required=False,
        label=gettext_lazy("哪天到期"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": gettext_lazy("日期这样写：2027-03-15")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Certificate.objects.order_by("family", "name").values_list("code", "name")
        self.fields["certificate"].choices = [("", _("选一个")), *known]


class CardForm(forms.Form):
    """What a 找活卡 says: nothing that names a person."""

    trades = forms.MultipleChoiceField(
        label=gettext_lazy("找什么活"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("至少点一样")},
    )
    pay = forms.CharField(
        max_length=12,
        label=gettext_lazy("想要多少钱"),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={
            "required": gettext_lazy("写个数，比如 180"),
            "max_length": gettext_lazy("写个数就行，比如 180"),
        },
    )
    pay_unit = forms.ChoiceField(
        choices=[("DAY", gettext_lazy("一天")), ("HOUR", gettext_lazy("一小时")), ("PIECE", gettext_lazy("一件"))],
        label=gettext_lazy("怎么算"),
    )
    times = forms.CharField(
        required=False,
        max_length=60,
        label=gettext_lazy("什么时候能干"),
        error_messages={"max_length": gettext_lazy("60 个字以内")},
    )
    text = forms.CharField(
        required=False,
        max_length=200,
        label=gettext_lazy("说两句"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("干过什么，带什么工具。不写姓名电话，老板想找你，要先问你"),
        error_messages={"max_length": gettext_lazy("200 个字以内")},
    )

    def __init__(self, *args: Any, worker: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["trades"].choices = [(t.trade_id, t.trade.name) for t in workers.trades_of(worker)]

    def clean_pay(self) -> int:
        """Yuan as typed, into fen."""
        try:
            return parse_yuan(self.cleaned_data["pay"])
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


INVITES = (("day", gettext_lazy("白天叫我")), ("any", gettext_lazy("半夜也能叫")), ("off", gettext_lazy("别叫我")))


class Profile(forms.Form):
    """Where, when and for how much somebody works."""

    division = forms.ChoiceField(
        label=gettext_lazy("住哪一片"), error_messages={"invalid_choice": gettext_lazy("从列表里选")}
    )
    reach_m = forms.TypedChoiceField(
        coerce=int, choices=REACH, label=gettext_lazy("能去多远"), error_messages={"required": gettext_lazy("选一个")}
    )
    free_parts = forms.MultipleChoiceField(
        required=False, choices=PARTS, label=gettext_lazy("什么时候能干"), widget=forms.CheckboxSelectMultiple
    )
    pay_floor = forms.CharField(
        required=False,
        max_length=12,
        label=gettext_lazy("一天最少多少钱"),
        help_text=gettext_lazy("低于这个数不推给你，老板看不到"),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    tools = forms.CharField(
        required=False,
        max_length=80,
        label=gettext_lazy("自己有什么工具"),
        error_messages={"max_length": gettext_lazy("80 个字以内")},
    )
    call_from = forms.ChoiceField(
        required=False, choices=CALL_FROM, label=gettext_lazy("早上几点能叫你"),
        help_text=gettext_lazy("这个点以前不打电话，不发叫人的短信"),
    )  # fmt: skip
    invites = forms.ChoiceField(
        required=False, choices=INVITES, label=gettext_lazy("老板缺人时叫我"), help_text=gettext_lazy("一天最多几次，不去不记口碑"),
        error_messages={"invalid_choice": gettext_lazy("从列表里选")},
    )  # fmt: skip
    taking_work = forms.BooleanField(required=False, label=gettext_lazy("现在接活"))

    def __init__(self, *args: Any, worker: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here = worker.division
        near = reference.children(here.parent_id) if here.parent_id else []
        self.fields["division"].choices = [
            (d.code, d.name) for d in {here.code: here, **{d.code: d for d in near}}.values()
        ]
        if worker.reach_m not in dict(REACH):
            self.fields["reach_m"].choices = [(worker.reach_m, _("{n} 公里").format(n=worker.reach_m // 1000)), *REACH]

    def clean_pay_floor(self) -> int | None:
        """Yuan as typed, into fen; nothing is no wish."""
        try:
            return parse_yuan(self.cleaned_data["pay_floor"]) if self.cleaned_data["pay_floor"] else None
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


# --- trades and papers ---------------------------------------------------------------------------------------


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """`/me/skills/`."""
    return _page(request, Paper())


@require_POST
def save_trades(request: HttpRequest) -> HttpResponse:
    """会干的活 as ticked. A trade with work behind it stays, ticked or not."""
    chosen = [t for t in reference.trades() if t.code in request.POST.getlist("trades")]
    try:
        working.change_profile(request.worker, trades=chosen, by=request.user)
    except Refused as refusal:
        return _page(request, Paper(), refusal=refusal, status=refusal.status)
    return redirect("/me/skills/?done=saved")


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Hand in a certificate; staff look at it."""
    form = Paper(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=422)
    said, photo = form.cleaned_data, form.cleaned_data["photo"]

    def do() -> dict[str, Any]:
        accounts.consent(request.user, "photo", how="tap", by=request.user)
        row = working.upload_certificate(
            request.worker,
            certificate=said["certificate"],
            photo=photo.read(),
            number=said["number"],
            issuer=said["issuer"],
            valid_to=said["valid_to"],
            by=request.user,
        )
        return {"holding": row.code}

    try:
        once(f"{request.user.code}:paper:{rows.key_of(request)}", {"certificate": said["certificate"]}, do)
    except Refused as refusal:
        for field, words in refusal.fields.items():
            form.add_error(field if field in form.fields else None, words)
        return _page(request, form, refusal=None if refusal.fields else refusal, status=refusal.status)
    return redirect("/me/skills/?done=paper")


@require_GET
def photo(request: HttpRequest, code: str) -> HttpResponse:
    """The worker's own photo of a certificate, for their eyes."""
    row = workers.holding_by_code(code)
    if row is None or row.worker_id != request.worker.pk or not row.photo:
        raise Http404
    try:
        data = open_image(row.photo)
    except FileNotFoundError as gone:
        raise Http404 from gone
    response = HttpResponse(data, content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    return response


def _page(request: HttpRequest, form: Paper, *, refusal: Refused | None = None, status: int = 200) -> HttpResponse:
    own = list(workers.trades_of(request.worker))
    mine = {t.trade_id: t for t in own}
    menu = [t.trade for t in own] + [t for t in reference.trades()[:MENU] if t.code not in mine]
    said = rows.said(request)
    if request.GET.get("done") == "paper":
        said = {"tone": "ok", "lead": _("传上去了。"), "text": _("工作人员核对好告诉你，一般一个工作日。")}
    return render(
        request,
        "worker/skills.html",
        {
            "title": _("会干的和证件"),
            "back": "/me/",
            "refusal": refusal,
            "said": said,
            "form": form,
            "mine": [{"name": t.trade.name, "times": t.times, "skilled": t.skilled} for t in own],
            "picks": [
                {"value": t.code, "label": t.name, "on": t.code in mine, **rows.picture_of_trade(t)} for t in menu
            ],
            "papers": [_paper(row) for row in workers.holdings_of(request.worker)],
        },
        status=status,
    )


def _paper(row: Holding) -> dict[str, Any]:
    tone, icon = TONES[row.state]
    ends = _("{day} 到期").format(day=date_words(row.valid_to)) if row.valid_to else _("长期")
    soon = row.state == "checked" and row.valid_to is not None and row.valid_to - today() <= SOON
    return {
        "title": row.certificate.name,
        "detail": f"{ends}{_('，尾号 {n}').format(n=row.number_tail4) if row.number_tail4 else ''}",
        "photo": f"/me/skills/photo/{row.code}/" if row.photo else "",
        "reason": row.reason,
        "soon": _("快到期了，到{who}换新证再传").format(who=row.certificate.issuer or _("发证的地方")) if soon else "",
        "state": {"text": row.get_state_display(), "tone": tone, "icon": icon},
    }


# --- the card ------------------------------------------------------------------------------------------------


@require_GET
def card(request: HttpRequest) -> HttpResponse:
    """`/me/card/`: my own advert, and one tap to put it away."""
    row = workers.card_of(request.worker)
    return _card(request, _card_form(request, row), row)


@require_POST
def save_card(request: HttpRequest) -> HttpResponse:
    """Write it and ask for it to be released."""
    form = CardForm(request.POST, worker=request.worker)
    row = workers.card_of(request.worker)
    if not form.is_valid():
        return _card(request, form, row, status=422)
    said = form.cleaned_data

    def do() -> dict[str, Any]:
        accounts.consent(request.user, "card_public", how="tap", by=request.user)
        chosen = [t for t in reference.trades() if t.code in said["trades"]]
        saved = working.save_card(
            request.worker,
            trades=chosen,
            pay_fen=said["pay"],
            pay_unit=said["pay_unit"],
            area=request.worker.division,
            times=said["times"],
            text=said["text"],
            by=request.user,
        )
        saved.refresh_from_db()
        if saved.state != Card.State.REVIEWING:
            working.submit_card(saved, by=request.user)
        return {}

    try:
        once(f"{request.user.code}:card:{rows.key_of(request)}", said, do)
    except Refused as refusal:
        for field, words in refusal.fields.items():
            form.add_error({"pay_fen": "pay"}.get(field, field), words)
        return _card(request, form, row, refusal=None if refusal.fields else refusal, status=refusal.status)
    return redirect("/me/card/?done=card")


@require_POST
def hide_card(request: HttpRequest) -> HttpResponse:
    """收起来: at once, without asking why."""
    row = workers.card_of(request.worker)
    if row is None:
        raise Http404
    working.hide_card(row, by=request.user)
    return redirect("/me/card/?done=hidden")


def _card_form(request: HttpRequest, row: Card | None) -> CardForm:
    kept = {}
    if row is not None:
        kept = {
            "trades": [t.pk for t in row.trades.all()],
            "pay": yuan(row.pay_fen).replace(",", ""),
            "pay_unit": row.pay_unit,
            "times": row.times,
            "text": row.text,
        }
    return CardForm(initial=kept, worker=request.worker)


def _card(
    request: HttpRequest, form: CardForm, row: Card | None, *, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    said = {
        "card": {"tone": "ok", "lead": _("交上去了。"), "text": _("工作人员看过就发出去。想收起来随时点一下。")},
        "hidden": {"tone": "ok", "lead": _("收起来了。"), "text": _("现在谁也看不到。想再发，改一下交上来就行。")},
    }
    return render(
        request,
        "worker/card.html",
        {
            "title": _("找活卡"),
            "back": "/me/",
            "form": form,
            "card": row,
            "refusal": refusal,
            "said": said.get(request.GET.get("done", "")),
            "state": {"text": row.get_state_display(), "tone": CARD_TONES.get(row.state, "")} if row else None,
            "shows": _shows(row),
            "can_hide": row is not None and row.state != Card.State.HIDDEN,
        },
        status=status,
    )


def _shows(row: Card | None) -> list[dict[str, Any]]:
    if row is None:
        return []
    return [
        {"icon": "briefcase", "label": _("找什么"), "value": "、".join(t.name for t in row.trades.all())},
        {"icon": "cash", "label": _("工钱"), "value": f"{yuan(row.pay_fen)} {_('元')}/{PayUnit(row.pay_unit).label}"},
        {"icon": "map-pin", "label": _("在哪"), "value": row.area.name},
        {"icon": "clock", "label": _("时间"), "value": row.times or _("都行")},
        {"icon": "message-dots", "label": _("说两句"), "value": row.text or _("没写")},
    ]


# --- where and for how much ----------------------------------------------------------------------------------


@require_GET
def profile(request: HttpRequest) -> HttpResponse:
    """`/me/profile/`."""
    worker = request.worker
    kept = {
        "division": worker.division_id,
        "reach_m": worker.reach_m,
        "free_parts": worker.free_parts,
        "tools": worker.tools,
        "pay_floor": yuan(worker.pay_floor_fen).replace(",", "") if worker.pay_floor_fen else "",
        "taking_work": worker.taking_work,
        "call_from": said_of(worker.call_from),
        "invites": worker.invites,
    }
    return _profile(request, Profile(initial=kept, worker=worker))


@require_POST
def save_profile(request: HttpRequest) -> HttpResponse:
    """改好了."""
    form = Profile(request.POST, worker=request.worker)
    if not form.is_valid():
        return _profile(request, form, status=422)
    said = dict(form.cleaned_data)
    fields: dict[str, Any] = {k: said[k] for k in ("reach_m", "free_parts", "tools", "taking_work")} | {
        "pay_floor_fen": said["pay_floor"],
    }
    fields["invites"] = said["invites"] or request.worker.invites
    if "call_from" in request.POST:
        fields["call_from"] = hour_of(said["call_from"])
    if said["division"] != request.worker.division_id:
        place = reference.division(said["division"])
        fields |= {"division": place, "lat": place.lat, "lng": place.lng}
    try:
        working.change_profile(request.worker, by=request.user, **fields)
    except Refused as refusal:
        for field, words in refusal.fields.items():
            form.add_error({"pay_floor_fen": "pay_floor"}.get(field, field), words)
        return _profile(request, form, refusal=None if refusal.fields else refusal, status=refusal.status)
    return redirect("/me/profile/?done=saved")


def _profile(request: HttpRequest, form: Profile, *, refusal: Refused | None = None, status: int = 200) -> HttpResponse:
    return render(
        request,
        "worker/form.html",
        {
            "title": _("在哪干、多少钱"),
            "back": "/me/",
            "form": form,
            "action": "/me/profile/save/",
            "label": _("记下"),
            "refusal": refusal,
            "said": rows.said(request),
            "draft": "profile",
            "note": {"lead": _("老板看不到这些。"), "text": _("只用来给你找合适的活。"), "icon": "shield-check"},
        },
        status=status,
    )
