"""E13: an employer registers itself, one question a page, and shows its papers."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.views.decorators.http import require_GET, require_POST

import linggong.employers.actions as employers
import linggong.employers.queries as known
import linggong.reference.queries as reference
from linggong.accounts import ids
from linggong.core.refusals import Refused
from linggong.core.uploads import BYTES_MAX
from linggong.employers.models import Kind, Verification
from linggong.web.desk import EMPLOYER_KEY
from linggong.web.employer.standing import once_for
from linggong.web.place import operator_of

DRAFT = "employer_draft"
KINDS = [
    (Kind.MERCHANT, __("小店、个体户"), __("有营业执照的店铺")), (Kind.ENTERPRISE, __("企业"), __("公司、工厂")),
    (Kind.HOUSEHOLD, __("家里请人"), __("打扫、看护、搬家，用身份证")), (Kind.FARM, __("农户"), __("种地、收菜，用身份证")),
    (Kind.COOP, __("合作社"), __("有营业执照的合作社")),
]  # fmt: skip
STEPS = ("kind", "name", "number", "place")
HANDED_IN = frozenset({Verification.NEW, Verification.PRELIM_CHECKED, Verification.LAPSED})


class KindStep(forms.Form):
    """What kind of employer."""

    kind = forms.ChoiceField(choices=[(kind, title) for kind, title, _text in KINDS], label=__("你是哪一种"),
                             error_messages={"required": __("选一种"), "invalid_choice": __("从这几种里选")})  # fmt: skip


class NameStep(forms.Form):
    """What it is called, and who answers the phone."""

    name = forms.CharField(
        max_length=80, label=__("叫什么"), error_messages={"required": __("名称要写"), "max_length": __("80 个字以内")}
    )
    contact_name = forms.CharField(
        max_length=40,
        label=__("联系人"),
        error_messages={"required": __("写谁来联系"), "max_length": __("40 个字以内")},
    )


class NumberStep(forms.Form):
    """The code on the licence. Persons have their ID with the account."""

    uscc = forms.CharField(
        max_length=24, required=False, label=__("统一社会信用代码"), help_text=__("营业执照上的 18 位。手边没有可以先空着"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}), error_messages={"max_length": __("一共 18 位")},
    )  # fmt: skip

    def clean_uscc(self) -> str:
        """Eighteen signs with a right check sign, or nothing yet."""
        code = "".join(self.cleaned_data["uscc"].split()).upper()
        if code and not ids.valid_uscc(code):
            raise forms.ValidationError(_("代码不对，照着营业执照写 18 位"))
        return code


class PlaceStep(forms.Form):
    """Where people are usually needed."""

    town = forms.ChoiceField(
        label=__("哪条街道、哪个乡镇"), error_messages={"required": __("选一个"), "invalid_choice": __("从列表里选")}
    )
    address = forms.CharField(max_length=120, label=__("地址"), help_text=__("多数活在这里干，发活时不用再写"),
                              error_messages={"required": __("写到门牌"), "max_length": __("120 个字以内")})  # fmt: skip

    def __init__(self, *args: Any, county: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["town"].choices = [("", _("选一个")), *[(town.code, town.name) for town in _towns(county)]]


def _towns(market: str) -> list[Any]:
    """The towns of the market: of its counties where it is a city."""
    here = reference.children(market)
    if here and len(here[0].code) > 6:
        return here
    return [town for county in here for town in reference.children(county.code)] or here


FORMS = {"kind": KindStep, "name": NameStep, "number": NumberStep, "place": PlaceStep}
TITLES = {"kind": __("你是哪一种"), "name": __("叫什么，谁联系"), "number": __("执照上的代码"), "place": __("在哪里")}


@require_GET
def status(request: HttpRequest) -> HttpResponse:
    """`/e/verify/`: where it stands, or the first question."""
    if request.employer is None or "new" in request.GET:
        return redirect("employer:verify_step", "kind")
    return _status(request)


def _status(request: HttpRequest, *, refusal: Refused | None = None, code: int = 200) -> HttpResponse:
    employer = request.employer
    missing = known.papers_missing(employer, agent=request.user)
    papers = [{"kind": kind, "label": label} for kind, label in zip(missing, known.paper_words(missing), strict=True)]
    shown = {
        "employer": employer, "papers": [p for p in papers if p["kind"] not in ("uscc", "person_id")],
        "numbers": [p for p in papers if p["kind"] in ("uscc", "person_id")], "shown_papers": known.papers_of(employer)[:10],
        "can_submit": employer.state in HANDED_IN and not missing, "refusal": refusal, "limits": known.limits(employer),
        "checked": known.is_checked(employer),
    }  # fmt: skip
    return render(request, "employer/verify.html", shown, status=code)


@require_GET
def step(request: HttpRequest, name: str) -> HttpResponse:
    """One question of the registration."""
    return _step(request, name, _form(request, name))


@require_POST
def answer(request: HttpRequest, name: str) -> HttpResponse:
    """Its answer; the last one registers."""
    form = _form(request, name, request.POST)
    if not form.is_valid():
        return _step(request, name, form, status=422)
    request.session[DRAFT] = {**request.session.get(DRAFT, {}), **form.cleaned_data}
    if name != STEPS[-1]:
        return redirect("employer:verify_step", _next(request, name))
    return _register(request, form)


def _register(request: HttpRequest, form: forms.Form) -> HttpResponse:
    told = request.session.get(DRAFT, {})
    for name in STEPS[:2]:
        if not FORMS[name](told).is_valid():
            return redirect("employer:verify_step", name)
    town = reference.division(told["town"])
    facts = {"kind": told["kind"], "name": told["name"], "contact_name": told["contact_name"], "uscc": told.get("uscc", ""),
             "address": told["address"], "lat": town.lat, "lng": town.lng}  # fmt: skip
    try:
        row = once_for(request, facts, lambda: {
            "code": employers.register(division=town, by=request.user, **facts).code})  # fmt: skip
    except Refused as refusal:
        return _step(request, "place", form, refusal=refusal, status=refusal.status)
    request.session.pop(DRAFT, None)
    request.session[EMPLOYER_KEY] = row["code"]
    return redirect("employer:verify")


def _form(request: HttpRequest, name: str, data: Any = None) -> forms.Form:
    if name not in FORMS:
        raise Http404
    start = request.session.get(DRAFT, {})
    if name == "place":
        return PlaceStep(data, initial=start, county=operator_of(request).get("division_code") or "350400")
    return FORMS[name](data, initial=start)


def _steps(request: HttpRequest) -> list[str]:
    alone = request.session.get(DRAFT, {}).get("kind") in known.PERSONS
    return [name for name in STEPS if not (alone and name == "number")]


def _next(request: HttpRequest, name: str) -> str:
    steps = _steps(request)
    return steps[min(steps.index(name) + 1, len(steps) - 1)] if name in steps else steps[-1]


def _step(
    request: HttpRequest, name: str, form: forms.Form, *, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    steps = _steps(request)
    number = steps.index(name) if name in steps else 0
    chosen = (form.data if form.is_bound else form.initial).get("kind") or Kind.MERCHANT
    shown = {
        "form": form, "name": name, "title": TITLES[name], "number": number + 1, "count": len(steps), "refusal": refusal,
        "back": f"/e/verify/{steps[number - 1]}/" if number else ("/e/verify/" if request.employer else "/"),
        "options": [{"value": kind, "title": title, "text": text, "on": kind == chosen} for kind, title, text in KINDS],
    }  # fmt: skip
    return render(request, "employer/verify_step.html", shown, status=status)


@require_POST
def show_paper(request: HttpRequest, kind: str) -> HttpResponse:
    """A photo of one paper; it waits to be looked at."""
    if request.employer is None:
        return redirect("employer:verify")
    photo = request.FILES.get("photo")
    try:
        # One byte more than allowed is enough to be refused, and no more is read.
        employers.show_paper(
            request.employer, kind, photo=photo.read(BYTES_MAX + 1) if photo else b"\x00", by=request.user
        )
    except Refused as refusal:
        return _status(request, refusal=refusal, code=refusal.status)
    return redirect("employer:verify")


@require_POST
def number(request: HttpRequest) -> HttpResponse:
    """The licence code, when it was left out before."""
    form = NumberStep(request.POST)
    if request.employer is None:
        return redirect("employer:verify")
    if not form.is_valid():
        return _status(request, refusal=Refused(form.errors["uscc"][0]), code=422)
    try:
        employers.change_details(request.employer, uscc=form.cleaned_data["uscc"], by=request.user)
    except Refused as refusal:
        return _status(request, refusal=refusal, code=refusal.status)
    return redirect("employer:verify")


@require_POST
def submit(request: HttpRequest) -> HttpResponse:
    """交上去审."""
    if request.employer is None:
        return redirect("employer:verify")
    try:
        employers.submit(request.employer, by=request.user)
    except Refused as refusal:
        return _status(request, refusal=refusal, code=refusal.status)
    return redirect("employer:verify")
