"""Certificates and 找活卡 that wait for a look, and the one door to photos of papers: every look is written down."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.views.decorators.http import require_GET, require_POST

import linggong.accounts.actions as accounts
import linggong.employers.queries as employers
import linggong.workers.actions as actions
import linggong.workers.queries as workers
from linggong.accounts.models import User
from linggong.core.uploads import open_image
from linggong.employers.models import Paper
from linggong.web.station import frame
from linggong.web.station.frame import REVIEW, WINDOW, only
from linggong.workers.models import Card, Holding

SHOWN = 30


class Until(forms.Form):
    """The last good day, where the worker left it out."""

    valid_to = forms.DateField(
        label=__("有效到"), required=False, error_messages={"invalid": __("日期写成 2027-06-30 这样")}
    )


@require_GET
@only(WINDOW | REVIEW)
def waiting(request: HttpRequest) -> HttpResponse:
    """`/desk/papers/`: the longest waiting first."""
    holdings, more = frame.cut(workers.to_check(request.reach), request)
    cards = list(workers.cards_to_review(request.reach).prefetch_related("trades")[:SHOWN])
    facts = {"title": _("核证、审找活卡"), "holdings": holdings, "more_url": more, "cards": cards}
    return frame.show(request, "papers.html", facts)


@require_POST
@only(WINDOW | REVIEW)
def check(request: HttpRequest, code: str) -> HttpResponse:
    """核对过."""
    form = Until(request.POST)
    valid_to = form.cleaned_data["valid_to"] if form.is_valid() else None
    actions.check_certificate(_holding(request, code), valid_to=valid_to, by=request.user)
    return redirect("/desk/papers/")


@require_POST
@only(WINDOW | REVIEW)
def refuse(request: HttpRequest, code: str) -> HttpResponse:
    """不能用, with the reason the worker reads."""
    actions.reject_certificate(_holding(request, code), because=frame.text_of(request, "because"), by=request.user)
    return redirect("/desk/papers/")


@require_POST
@only(WINDOW | REVIEW)
def approve_card(request: HttpRequest, code: str) -> HttpResponse:
    """放行 a 找活卡."""
    actions.approve_card(_card(request, code), by=request.user)
    return redirect("/desk/papers/")


@require_POST
@only(WINDOW | REVIEW)
def return_card(request: HttpRequest, code: str) -> HttpResponse:
    """退回 a 找活卡."""
    actions.return_card(_card(request, code), because=frame.text_of(request, "because"), by=request.user)
    return redirect("/desk/papers/")


@require_GET
@only(WINDOW | REVIEW)
def photo(request: HttpRequest, path: str) -> HttpResponse:
    """`/papers/<path>`: a photo handed in; who looked, and for what, can be read by the person it belongs to."""
    subject, what, reason = _whose(request, path)
    try:
        picture = open_image(path)
    except FileNotFoundError as gone:
        raise Http404 from gone
    accounts.note_look(subject, what, by=request.user, role=frame.role_words(request), reason=reason)
    response = HttpResponse(picture, content_type="image/jpeg")
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _whose(request: HttpRequest, path: str) -> tuple[User, str, str]:
    holding = Holding.objects.select_related("worker__user", "certificate").filter(photo=path).first()
    if holding is not None and path and request.reach.covers_division(holding.worker.division_id):
        return holding.worker.user, _("证件照片"), _("核对{name}").format(name=holding.certificate.name)
    paper = Paper.objects.select_related("employer__person").filter(photo=path).first() if path else None
    if paper is None or not request.reach.covers_division(paper.employer.division_id):
        raise Http404
    owner: Any = paper.employer.person or next((m.user for m in employers.members_of(paper.employer)), None)
    if owner is None:
        raise Http404
    return owner, _("材料照片"), _("审雇主材料：{kind}").format(kind=paper.get_kind_display())


def _holding(request: HttpRequest, code: str) -> Holding:
    holding = workers.holding_by_code(code)
    if holding is None or not request.reach.covers_division(holding.worker.division_id):
        raise Http404
    return holding


def _card(request: HttpRequest, code: str) -> Card:
    card = Card.objects.select_related("worker__user", "area").filter(code=code).first()
    if card is None or not request.reach.covers_division(card.worker.division_id):
        raise Http404
    return card
