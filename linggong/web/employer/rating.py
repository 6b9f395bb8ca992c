"""E10: one person, three faces, a few words. Hidden until the worker spoke too."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as __
from django.views.decorators.http import require_GET, require_POST

import linggong.engagements.actions as deals
from linggong.core.refusals import Refused
from linggong.engagements.actions.rating import EMPLOYER_TAGS
from linggong.engagements.models import Engagement
from linggong.engagements.refusals import RatedAlready
from linggong.web.employer.standing import my_deal

FACES = [("5", __("好"), "mood-smile"), ("3", __("还行"), "mood-neutral"), ("2", __("不行"), "mood-sad")]


class Say(forms.Form):
    """A face, chips, and words if wanted."""

    stars = forms.ChoiceField(choices=[(value, word) for value, word, _icon in FACES], label=__("干得怎么样"),
                              error_messages={"required": __("点一个脸再交"), "invalid_choice": __("点一个脸再交")})  # fmt: skip
    tags = forms.MultipleChoiceField(choices=list(EMPLOYER_TAGS.items()), required=False, label=__("哪里好，哪里不好"))
    text = forms.CharField(
        max_length=200, required=False, label=__("想说的话"), error_messages={"max_length": __("200 个字以内")}
    )


@require_GET
def rate_page(request: HttpRequest, code: str) -> HttpResponse:
    """`/e/rate/<code>/`."""
    return _page(request, my_deal(request, code), Say())


@require_POST
def rate(request: HttpRequest, code: str) -> HttpResponse:
    """好了."""
    deal, form = my_deal(request, code), Say(request.POST)
    if not form.is_valid():
        return _page(request, deal, form, status=422)
    said = form.cleaned_data
    try:
        deals.rate(deal, "employer", stars=int(said["stars"]), tags=said["tags"], text=said["text"], by=request.user)
    except RatedAlready:
        pass  # sent twice: it is said
    except Refused as refusal:
        return _page(request, deal, form, refusal=refusal, status=refusal.status)
    return redirect(f"{reverse('employer:home')}?did=rated")


def _page(
    request: HttpRequest, deal: Engagement, form: Say, *, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    picked = form.data.getlist("tags") if form.is_bound else []
    shown = {
        "deal": deal, "form": form, "refusal": refusal, "faces": [{"value": v, "label": w, "icon": i} for v, w, i in FACES],
        "chosen": form.data.get("stars", "") if form.is_bound else "",
        "tags": [{"value": key, "label": word, "on": key in picked} for key, word in EMPLOYER_TAGS.items()],
    }  # fmt: skip
    return render(request, "employer/rate.html", shown, status=status)
