"""Where to look: choose a street or town, or say once where one stands. Both work without the other (FJ-19)."""

from typing import Any

from django import forms
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

import linggong.reference.queries as reference
from linggong.reference.models import Division, Level
from linggong.web import place as places
from linggong.web.place import operator_of, place_of

HOME = "350400"
DEPTHS = (Level.PROVINCE, Level.CITY, Level.COUNTY)


class Choice(forms.Form):
    """One street or town."""

    code = forms.RegexField(r"^\d{6}(\d{3}(\d{3})?)?$")


class Position(forms.Form):
    """Where the device says it stands."""

    lat = forms.FloatField(min_value=-90, max_value=90)
    lng = forms.FloatField(min_value=-180, max_value=180)


class Words(forms.Form):
    """A name typed instead of walked to."""

    q = forms.CharField(label=gettext_lazy("街道、乡镇或县"), max_length=30, required=False)


@require_GET
def places_page(request: HttpRequest) -> HttpResponse:
    """`/place/`: the counties of the market, then the streets and towns of one, or what a name finds."""
    inside = _division(request.GET.get("in", ""))
    top = _market(request)
    words = Words(request.GET)
    text = words.cleaned_data["q"].strip() if words.is_valid() else ""
    shown = inside or top
    rows = reference.find_place(text, limit=12) if len(text) > 1 else reference.children(shown.code)
    facts = {
        "now": place_of(request),
        "inside": inside if inside is not None and inside.code != top.code else None,
        "parent": _above(inside),
        "rows": [_row(row, found=bool(text)) for row in rows],
        "text": text,
        "refused": request.GET.get("refused") == "1",
        "next": _next(request.GET.get("next", "")),
    }
    return render(request, "public/place.html", facts)


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """`/place/choose/`: remember it on this device, and forget a position given before."""
    form = Choice(request.POST)
    if not form.is_valid():
        return redirect("/place/")
    try:
        places.choose(request, form.cleaned_data["code"])
    except ObjectDoesNotExist:
        return redirect("/place/")
    response = redirect(_next(request.POST.get("next", "")))
    response.delete_cookie(places.HERE_COOKIE)
    return response


@require_POST
def here(request: HttpRequest) -> HttpResponse:
    """`/place/here/`: a position, once. It travels in the body and stays on the device, rounded to about 500 m."""
    form = Position(request.POST)
    if not form.is_valid():
        return redirect("/place/?refused=1")
    response = redirect(_next(request.POST.get("next", "")))
    places.stand_here(response, form.cleaned_data["lat"], form.cleaned_data["lng"])
    return response


def _market(request: HttpRequest) -> Division:
    """The city or county that the operator serves."""
    code = operator_of(request).get("division_code") or HOME
    division = _division(code) or _division(HOME)
    assert division is not None  # HOME is in every set of divisions we ship
    return division


def _division(code: str) -> Division | None:
    if not (code.isascii() and code.isdigit()) or len(code) > 12:
        return None
    try:
        return reference.division(code)
    except ObjectDoesNotExist:
        return None


def _above(inside: Division | None) -> str:
    return f"/place/?in={inside.parent_id}" if inside is not None and inside.parent_id else ""


def _row(division: Division, *, found: bool) -> dict[str, Any]:
    """A county opens, a street or town is chosen; a name that was found says where it lies."""
    return {
        "code": division.code, "name": division.name, "about": division.about,
        "where": reference.full_name(division.parent_id) if found and division.parent_id else "",
        "open_url": f"/place/?in={division.code}" if division.level in DEPTHS else "",
    }  # fmt: skip


def _next(url: str) -> str:
    """Back to where one came from, never off this site."""
    return url if url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None) else "/"
