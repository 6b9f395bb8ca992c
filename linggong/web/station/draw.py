"""摇号 at the window: who is here takes a number, the draw is held once. The page exists where the venue switched it on."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.views.decorators.http import require_GET, require_POST

import linggong.accounts.queries as accounts
import linggong.matching.actions as actions
import linggong.workers.queries as workers
from linggong.accounts import ids
from linggong.core.clock import today
from linggong.core.refusals import Refused
from linggong.matching import draws
from linggong.venues.models import Venue
from linggong.web.station import frame
from linggong.web.station.frame import WINDOW, only


class WhoForm(forms.Form):
    """Somebody who stands at the window, by an exact number of theirs."""

    who = forms.CharField(
        label=__("手机号或身份证号"), max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "text", "autocomplete": "off"}),
        error_messages={"required": __("手机号或身份证号没填"), "max_length": __("号码太长了，再看一下")},
    )  # fmt: skip

    def clean_who(self) -> str:
        """Whoever takes a number is registered for work."""
        said = self.cleaned_data["who"].strip().upper()
        try:
            user = accounts.by_id_number(said) if ids.valid_id(said) else accounts.by_phone(ids.valid_phone(said))
        except ids.BadPhone:
            raise forms.ValidationError(_("号码不对，手机号 11 位，身份证号 18 位")) from None
        self.worker = workers.of_user(user) if user is not None else None
        if self.worker is None:
            raise forms.ValidationError(_("这个号还没登记找活，先到“登记”里登记"))
        return said


def _mine(request: HttpRequest) -> Venue:
    if request.venue is None or not request.venue.by_draw:
        raise Http404
    return request.venue


@require_GET
@only(WINDOW)
def home(request: HttpRequest) -> HttpResponse:
    """`/desk/draw/`: the numbers of this morning, then their order."""
    return _page(request, _mine(request))


def _page(
    request: HttpRequest, venue: Venue, *, form: WhoForm | None = None, refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    draw = draws.of_day(venue, today())
    rows = draws.tickets(draw) if draw else []
    if draw is not None and draw.drawn_at is not None:
        rows.sort(key=lambda row: draw.order.index(row.number))
    facts: dict[str, Any] = {
        "title": _("摇号"), "venue": venue, "draw": draw, "rows": rows, "form": form or WhoForm(), "refusal": refusal,
    }  # fmt: skip
    return frame.show(request, "draw.html", facts, status=status)


@require_POST
@only(WINDOW)
def take(request: HttpRequest) -> HttpResponse:
    """拿号."""
    venue, form = _mine(request), WhoForm(request.POST)
    if not form.is_valid():
        return _page(request, venue, form=form, status=422)
    return _do(request, venue, lambda draw: actions.take_ticket(draw, form.worker, by=request.user))


@require_POST
@only(WINDOW)
def hold(request: HttpRequest) -> HttpResponse:
    """开摇."""
    return _do(request, _mine(request), lambda draw: actions.hold_draw(draw, by=request.user))


def _do(request: HttpRequest, venue: Venue, verb: Any) -> HttpResponse:
    try:
        draw = draws.of_day(venue, today())
        if draw is None:
            raise actions.NoDraw
        verb(draw)
    except Refused as refusal:
        return _page(request, venue, refusal=refusal, status=refusal.status)
    return redirect("/desk/draw/")
