"""W16: three faces and four chips about the employer; it can be skipped."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

import linggong.engagements.actions as living
import linggong.engagements.queries as deals
from linggong.core.refusals import Refused
from linggong.engagements.actions.rating import WORKER_TAGS
from linggong.engagements.models import Engagement
from linggong.engagements.refusals import RatedAlready
from linggong.web.worker import rows

FACES = (
    ("5", gettext_lazy("好"), "mood-smile"),
    ("3", gettext_lazy("还行"), "mood-neutral"),
    ("1", gettext_lazy("不行"), "mood-sad"),
)
PRAISE, BLAME = tuple(WORKER_TAGS)[:4], tuple(WORKER_TAGS)[4:]


class Say(forms.Form):
    """A face, chips, a word if wanted."""

    stars = forms.ChoiceField(
        choices=[(value, word) for value, word, _icon in FACES],
        label=gettext_lazy("这个老板怎么样"),
        error_messages={"required": gettext_lazy("点一个脸再交"), "invalid_choice": gettext_lazy("点一个脸再交")},
    )
    tags = forms.MultipleChoiceField(
        choices=list(WORKER_TAGS.items()), required=False, label=gettext_lazy("哪里好，哪里不好")
    )
    text = forms.CharField(
        max_length=200,
        required=False,
        label=gettext_lazy("想说的话"),
        error_messages={"max_length": gettext_lazy("200 个字以内")},
    )


@require_GET
def page(request: HttpRequest, code: str) -> HttpResponse:
    """`/rate/<deal>/`."""
    deal = rows.own_deal(request, code)
    if deal.ratings.filter(side="worker").exists() or not deals.ratable(deal):
        return redirect(f"/shifts/{deal.code}/")
    return _page(request, deal, Say())


@require_POST
def rate(request: HttpRequest, code: str) -> HttpResponse:
    """好了."""
    deal, form = rows.own_deal(request, code), Say(request.POST)
    if not form.is_valid():
        return _page(request, deal, form, status=422)
    said = form.cleaned_data
    try:
        living.rate(deal, "worker", stars=int(said["stars"]), tags=said["tags"], text=said["text"], by=request.user)
    except RatedAlready:
        pass  # sent twice: it is said, and the page shows what
    except Refused as refusal:
        return _page(request, deal, form, refusal=refusal, status=refusal.status)
    return redirect(f"/shifts/{deal.code}/?done=rated")


def _page(
    request: HttpRequest, deal: Engagement, form: Say, *, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    picked = form.data.getlist("tags") if form.is_bound else []

    def chips(keys: tuple[str, ...]) -> list[dict[str, Any]]:
        return [{"value": key, "label": WORKER_TAGS[key], "on": key in picked} for key in keys]

    return render(
        request,
        "worker/rate.html",
        {
            "title": _("评老板"),
            "back": f"/shifts/{deal.code}/",
            "deal": deal,
            "form": form,
            "refusal": refusal,
            "faces": [
                {"value": v, "label": w, "icon": i, "on": form.data.get("stars") == v if form.is_bound else False}
                for v, w, i in FACES
            ],
            "praise": chips(PRAISE),
            "blame": chips(BLAME),
        },
        status=status,
    )
