"""From an empty system to a county's market (decision 38): three pages and a look at them, then the doors open.

Open only while there is no administrator, and only to who can read the server's console: the word printed there comes
first. The one key "set-up" lets exactly one browser through, whatever race; that browser is then signed in as the first
administrator, for text messages are still off at that moment.
"""

import hashlib
import re
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

import linggong.accounts.actions as actions
import linggong.accounts.queries as accounts
import linggong.reference.queries as reference
import linggong.venues.actions as venues
from linggong.accounts import ids
from linggong.accounts.actions.people import clean_name
from linggong.accounts.models import Role
from linggong.core.once import KeyReused, once
from linggong.core.refusals import Refused
from linggong.reference.models import Division, Level
from linggong.venues.hours import every_day
from linggong.venues.models import Duty, Kind
from linggong.web.public import console_secret
from linggong.web.public.doorway import address_of, browser_of, let_in

DRAFT_KEY = "set_up"
SHOWN_KEY = "set_up_shown"  # the fingerprint of the console's word that this browser has shown
SETTINGS = ("market_name", "hotline", "supervision_phone", "licence_line", "filings")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_PHONE = re.compile(r"[0-9][0-9\- ]{2,18}[0-9]")


class Closed(Refused):
    """Somebody else was faster, or it was done long ago."""

    message = _("已经开过门了。请用管理员的手机号或登录码登录")


def _word(label: Any, most: int, *, needed: str = "", hint: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, max_length=most, required=bool(needed), help_text=hint,
        error_messages={"required": needed, "max_length": _("太长了，最多 {n} 个字").format(n=most)},
    )  # fmt: skip


class CountyForm(forms.Form):
    """Whose market this is, and who is rung."""

    county = _word(_("哪个县（市、区）"), 40, needed=_("写县名，比如：三元区"), hint=_("写名字，比如：三元区"))
    market_name = _word(_("市场叫什么"), 40, needed=_("给市场起个名"), hint=_("比如：三元区零工市场"))
    hotline = _word(_("帮忙电话"), 20, hint=_("工友点“帮忙”就打这个。没有就先空着，页面上就不写电话"))
    supervision_phone = _word(_("投诉监督电话"), 20)
    licence_line = _word(_("人力资源服务许可证"), 80, hint=_("照证上写，印在每页底下"))
    filings = _word(_("网站备案号"), 80)

    def clean_county(self) -> str:
        """The code of the county that is meant; several of one name are offered by their full name."""
        said = self.cleaned_data["county"]
        found = [p for p in reference.find_place(said, limit=12) if p.level == Level.COUNTY]
        exact = [p for p in found if said in (p.name, p.short_name)] or found
        if said.isdigit():
            exact = list(Division.objects.filter(code=said, level=Level.COUNTY))
        if not exact:
            raise forms.ValidationError(_("没找到这个县。写全名，比如：三元区、三明市三元区"))
        if len(exact) > 1:
            names = "、".join(reference.full_name(p.code) for p in exact[:6])
            raise forms.ValidationError(_("有几个同名的，前面加上市：{names}").format(names=names))
        return exact[0].code

    def clean_hotline(self) -> str:
        """A number one can dial."""
        return _dialable(self.cleaned_data["hotline"])

    def clean_supervision_phone(self) -> str:
        """The same."""
        return _dialable(self.cleaned_data["supervision_phone"])


class VenueForm(forms.Form):
    """The first place where people can walk in."""

    name = _word(_("网点名称"), 60, needed=_("写网点的名字"), hint=_("比如：三元区零工市场"))
    address = _word(_("地址"), 120, needed=_("写到门牌，工友找得到"))
    opens = _word(_("几点开门"), 5, needed=_("写几点开门，比如 06:00"), hint=_("比如 06:00"))
    closes = _word(_("几点关门"), 5, needed=_("写几点关门，比如 18:00"), hint=_("比如 18:00"))
    phone = _word(_("网点电话"), 20)

    def clean_opens(self) -> str:
        """HH:MM."""
        return _clock(self.cleaned_data["opens"])

    def clean_closes(self) -> str:
        """HH:MM."""
        return _clock(self.cleaned_data["closes"])

    def clean_phone(self) -> str:
        """A number one can dial."""
        return _dialable(self.cleaned_data["phone"])

    def clean(self) -> dict[str, Any]:
        """A day that has hours."""
        facts = super().clean()
        if facts.get("opens") and facts.get("opens") == facts.get("closes"):
            self.add_error("closes", _("关门和开门是同一个点，请改一个"))
        return facts


class PeopleForm(forms.Form):
    """The first administrator and two members of staff; each with a phone of their own."""

    admin_name = _word(_("管理员姓名"), 40, needed=_("管理员姓名没填"))
    admin_phone = _word(_("管理员手机号"), 40, needed=_("管理员手机号没填"))
    head_name = _word(_("站长姓名"), 40, needed=_("站长姓名没填"), hint=_("站长也是第二个批规定的人"))
    head_phone = _word(_("站长手机号"), 40, needed=_("站长手机号没填"))
    clerk_name = _word(_("窗口人员姓名"), 40, needed=_("窗口人员姓名没填"), hint=_("登记人、派活，也审活"))
    clerk_phone = _word(_("窗口人员手机号"), 40, needed=_("窗口人员手机号没填"))

    def clean(self) -> dict[str, Any]:
        """Names and numbers well formed, and three different people."""
        facts = super().clean()
        for who in ("admin", "head", "clerk"):
            for field, read in (("name", clean_name), ("phone", ids.valid_phone)):
                if value := facts.get(f"{who}_{field}"):
                    try:
                        facts[f"{who}_{field}"] = read(value)
                    except Refused as refusal:
                        self.add_error(f"{who}_{field}", str(refusal))
        phones = [facts.get(f"{who}_phone") for who in ("admin", "head", "clerk")]
        for at, who in ((1, "head"), (2, "clerk")):
            if phones[at] and phones[at] in phones[:at]:
                self.add_error(f"{who}_phone", _("和上面的人是同一个号，每人写自己的"))
        return facts


class SecretForm(forms.Form):
    """The word from the console."""

    secret = _word(
        _("开门口令"),
        60,
        needed=_("开门口令没填，在服务器的黑窗口里"),
        hint=_("4 组字母和数字，比如 ABCD-EFGH-JKMN-PQRS"),
    )


class WrongSecret(Refused):
    """Not what the console shows."""

    message = _("口令不对。请对着服务器上打印的那一行再填一遍")
    status = 403


STEPS = (
    ("county", CountyForm, _("哪个县的市场")),
    ("venue", VenueForm, _("第一个网点")),
    ("people", PeopleForm, _("谁来管")),
)


@require_http_methods(["GET", "POST"])
def secret(request: HttpRequest) -> HttpResponse:
    """`/set-up/key/`: the printed link brings the word along; typed it does as well. Every try is counted."""
    if not is_open():
        return _closed(request)
    said = request.POST.get("secret", "") if request.method == "POST" else request.GET.get("k", "")
    form = SecretForm({"secret": said}) if said or request.method == "POST" else SecretForm()
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                _try_secret(request, form.cleaned_data["secret"])
                return redirect("/set-up/")
            except Refused as refusal:
                form.add_error("secret", str(refusal))
                status = refusal.status
    facts = {"form": form, "printed": console_secret.exists()}
    return render(request, "public/doors/set_up_secret.html", facts, status=status)


@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest, step: str = "county") -> HttpResponse:
    """One of the three pages; each is kept in this browser until the doors open."""
    if (response := _not_open(request)) is not None:
        return response
    at = next((i for i, row in enumerate(STEPS) if row[0] == step), None)
    if at is None:
        raise Http404
    _key, form_class, title = STEPS[at]
    draft = dict(request.session.get(DRAFT_KEY, {}))
    before = dict(draft.get(step, {}))
    if "county" in before:
        before["county"] = reference.full_name(before["county"])  # as people say it, not its number
    form = form_class(request.POST) if request.method == "POST" else form_class(initial=before)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            draft[step] = form.cleaned_data
            request.session[DRAFT_KEY] = draft
            return redirect("/set-up/check/" if at + 1 == len(STEPS) else f"/set-up/{STEPS[at + 1][0]}/")
        status = 422
    facts = {
        "form": form, "title": title, "action": f"/set-up/{step}/", "at": at + 1, "of": len(STEPS) + 1,
        "back": f"/set-up/{STEPS[at - 1][0]}/" if at else "", "step": step,
    }  # fmt: skip
    return render(request, "public/doors/set_up.html", facts, status=status)


@require_http_methods(["GET", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Everything on one page, and the button that opens the market."""
    if (response := _not_open(request)) is not None:
        return response
    draft = request.session.get(DRAFT_KEY, {})
    if (missing := next((key for key, *_rest in STEPS if key not in draft), None)) is not None:
        return redirect(f"/set-up/{missing}/")
    wrong, status = "", 200
    if request.method == "POST":
        try:
            opened = once("set-up", draft, lambda: _open(draft))
        except KeyReused:  # another browser opened the doors with other answers a moment ago
            wrong, status = str(Closed.message), Closed.status
        except Refused as refusal:
            wrong, status = str(refusal), refusal.status
        else:
            console_secret.forget()
            let_in(request, accounts.by_code(opened["admin"]))
            for key in (DRAFT_KEY, SHOWN_KEY):
                request.session.pop(key, None)
            return redirect("/set-up/")
    facts = {
        "rows": _answers(draft),
        "at": len(STEPS) + 1,
        "of": len(STEPS) + 1,
        "back": "/set-up/people/",
        "wrong": wrong,
    }
    return render(request, "public/doors/set_up_check.html", facts, status=status)


def is_open() -> bool:
    """Is there nobody yet who administers this system?"""
    return not accounts.holders_of(Role.ADMIN).exists()


def _not_open(request: HttpRequest) -> HttpResponse | None:
    """Before there is an administrator, the console's word comes first."""
    if not is_open():
        return _closed(request)
    shown = request.session.get(SHOWN_KEY, "")
    if console_secret.exists() and shown == _digest(console_secret.current()):
        return None
    return redirect("/set-up/key/")


def _try_secret(request: HttpRequest, said: str) -> None:
    """Let this browser in. Raises TooManyTries, WrongSecret."""
    actions.count_console_try(bound_to=browser_of(request), address=address_of(request))
    if not console_secret.is_it(said):
        raise WrongSecret
    request.session[SHOWN_KEY] = _digest(console_secret.current())


def _digest(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()


def _closed(request: HttpRequest) -> HttpResponse:
    """Once there is an administrator, they find the list of what is still off here; others find nothing."""
    if not request.user.is_authenticated:
        return redirect("/sign-in/?next=/set-up/")
    if not accounts.grants_of(request.user).filter(role=Role.ADMIN).exists():
        raise Http404
    return redirect("/set-up/more/")


def _open(draft: dict[str, Any]) -> dict[str, Any]:
    """Inside one transaction: the words of the operator, the venue, three people and what they may do."""
    if not is_open():
        raise Closed
    county, venue, people = draft["county"], draft["venue"], draft["people"]
    who = {
        key: actions.find_or_make_person(name=people[f"{key}_name"], phone=people[f"{key}_phone"], by=None)
        for key in ("admin", "head", "clerk")
    }
    admin = who["admin"]
    actions.grant(admin, Role.ADMIN, division_code=county["county"], by=None)
    actions.set_setting("division_code", county["county"], by=admin)
    for key in SETTINGS:
        actions.set_setting(key, county[key], by=admin)
    market = venues.open_venue(
        kind=Kind.MARKET, name=venue["name"], division=reference.division(county["county"]), address=venue["address"],
        hours=every_day(venue["opens"], venue["closes"]), phone=venue["phone"], by=admin,
    )  # fmt: skip
    for person, duties in ((who["head"], (Duty.HEAD,)), (who["clerk"], (Duty.CLERK, Duty.REVIEWER))):
        for duty in duties:
            venues.add_staff(market, person, duty, by=admin)
    return {"admin": admin.code}


def _answers(draft: dict[str, Any]) -> list[dict[str, Any]]:
    county, venue, people = draft["county"], draft["venue"], draft["people"]

    def row(label: Any, value: str, step: str, detail: str = "") -> dict[str, Any]:
        return {"label": label, "value": value, "detail": detail, "change_url": f"/set-up/{step}/"}

    hours = f"{venue['opens']}–{venue['closes']}"
    return [
        row(_("地方"), reference.full_name(county["county"]), "county"),
        row(_("市场"), county["market_name"], "county"),
        row(_("电话"), county["hotline"], "county", county["supervision_phone"]),
        row(_("网点"), venue["name"], "venue", f"{venue['address']}，{hours}"),
        row(_("管理员"), people["admin_name"], "people", people["admin_phone"]),
        row(_("站长"), people["head_name"], "people", people["head_phone"]),
        row(_("窗口"), people["clerk_name"], "people", people["clerk_phone"]),
    ]


def _clock(said: str) -> str:
    text = said.replace("：", ":").strip()
    text = f"0{text}" if len(text) == 4 else text
    if not _TIME.fullmatch(text):
        raise forms.ValidationError(_("写成 06:00 这样"))
    return text


def _dialable(said: str) -> str:
    text = said.strip()
    if text and not (text.isascii() and _PHONE.fullmatch(text)):
        raise forms.ValidationError(_("电话只写数字，比如 0598-1234567"))
    return text
