"""有了叫我: what I looked for and did not find. We call when such work comes, until its days are over or one tap."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

import linggong.matching.actions as matching
from linggong.core.clock import now
from linggong.core.refusals import Refused
from linggong.matching import wishing
from linggong.reference.models import Division
from linggong.web.place import place_of
from linggong.web.templatetags.parts import date_words
from linggong.web.wish import Wish
from linggong.web.worker import rows


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """`/me/wishes/`."""
    return _page(request)


def _page(request: HttpRequest, *, refusal: Refused | None = None, status: int = 200) -> HttpResponse:
    waiting = [
        {
            "code": row.code,
            "words": row.words,
            "until": _("留到 {day}").format(day=date_words(row.until)),
            "where": row.division.name if row.division else _("家附近"),
        }
        for row in wishing.open_of(request.worker).select_related("division")
    ]
    facts = {
        "title": _("有了叫我"), "back": "/me/", "waiting": waiting, "refusal": refusal, "said": rows.said(request),
    }  # fmt: skip
    return render(request, "worker/wishes.html", facts, status=status)


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """有了叫我, on the list that was empty: its conditions come along; a one-off position does not (FJ-19)."""
    wish, place, moment = Wish.read(request.POST), place_of(request), now()
    words = "，".join(wish.said(moment)) or str(_("附近的活"))
    try:
        matching.wish(
            request.worker, filters=wish.filters(place, moment), words=words, reach_m=wish.reach_m(place),
            division=Division.objects.filter(code=place.code or "-").first(), by=request.user,
        )  # fmt: skip
    except Refused as refusal:
        return _page(request, refusal=refusal, status=refusal.status)
    return redirect("/me/wishes/?done=wished")


@require_POST
def stop(request: HttpRequest, code: str) -> HttpResponse:
    """不用叫了."""
    row = wishing.of_worker(request.worker, code)
    if row is None:
        raise Http404
    matching.end_wish(row, by=request.user)
    return redirect("/me/wishes/?done=unwished")
