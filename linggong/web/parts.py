"""The living catalogue at /parts/: every component with sample data, in the mode the address asks for.

`?mode=elder` is 大字版, `?base=desk|wall|print` shows the other bases. Tests and axe walk through it, and a
developer who builds a screen picks from it. The samples are invented; nothing here reads the database.
"""

import json
from datetime import timedelta
from functools import cache
from pathlib import Path

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe

from linggong.core import clock

SAMPLES = Path(__file__).with_name("parts_samples.json")
BASES = {
    "touch": "parts_catalogue.html",
    "desk": "parts_catalogue_desk.html",
    "wall": "parts_catalogue_wall.html",
    "print": "parts_catalogue_print.html",
}


class SampleForm(forms.Form):
    """One field of each kind."""

    phone = forms.CharField(
        label="手机号",
        help_text="派活、发工钱都靠它",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "手机号没填，一共 11 位"},
    )
    street = forms.ChoiceField(label="住哪条街道", choices=[("", "选一个"), ("east", "城东街道")], required=False)
    when = forms.MultipleChoiceField(
        label="什么时候能干",
        choices=[("day", "白天"), ("night", "晚上")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    agreed = forms.BooleanField(label="规矩已念给本人听，本人同意", required=False)


@login_not_required
def catalogue(request: HttpRequest) -> HttpResponse:
    """Every part, in both modes and on all four bases."""
    mode = "elder" if request.GET.get("mode") == "elder" else "normal"
    template = BASES.get(request.GET.get("base", "touch"), BASES["touch"])
    facts = samples()
    return render(request, template, {**facts, "page": {**facts["page"], "mode": mode}})


def samples() -> dict:
    """Invented data in the shapes the parts take; days are counted from today."""
    told = json.loads(_written())
    first = clock.at(clock.today() + timedelta(days=1), 7, 30)
    for job in told["jobs"]:
        job["starts_at"], job["ends_at"] = first, first + timedelta(hours=job["hours"])
    told["ledger"][0]["by"] = first + timedelta(hours=34.5)
    told["ticket"] = {**told["jobs"][0], "place_text": "恒丰纸箱厂"}
    told["shifts"] = [{"starts_at": first + timedelta(days=n), "mine": n in (2, 3), "full": n == 0} for n in range(10)]
    told["hexes"] = [
        {"name": name, "value": value, "level": 1 + (value >= 10) + (value >= 20), **hexagon(row, column)}
        for row, column, name, value in told["hexes"]
    ]
    told["form"] = SampleForm()
    told["bad_form"] = SampleForm({"phone": ""}, auto_id="bad_%s")
    told["qr_svg"] = mark_safe(_code())
    return told


def hexagon(row: int, column: int, size: int = 58) -> dict:
    """Middle and corners of one cell of a hexagon tile map, as `x`, `y`, `points` for parts/hex.html.

    Odd rows begin half a cell to the left. `size` is half the height of a cell in SVG units.
    """
    half_width = round(size * 0.866)
    x = half_width * (3 if row % 2 == 0 else 2) + column * 2 * half_width
    y = round(size * 1.2) + row * round(size * 1.5)
    tall, wide = size - 3, half_width - 3
    corners = (
        (0, -tall),
        (wide, -tall / 2),
        (wide, tall / 2),
        (0, tall),
        (-wide, tall / 2),
        (-wide, -tall / 2),
    )
    return {"x": x, "y": y, "points": " ".join(f"{x + dx:g},{y + dy:g}" for dx, dy in corners)}


@cache
def _written() -> str:
    return SAMPLES.read_text(encoding="utf-8")


def _code() -> str:
    """A stand-in for a code to scan, enough to judge its size and its quiet zone."""
    dark = ((x, y) for x in range(21) for y in range(21) if (x * 7 + y * 11 + x * y) % 3 == 0)
    squares = "".join(f"M{x} {y}h1v1h-1z" for x, y in dark)
    return f'<svg viewBox="0 0 21 21" aria-hidden="true"><path d="{squares}"/></svg>'
