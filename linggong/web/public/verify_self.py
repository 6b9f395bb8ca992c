"""Proving who one is (FJ-14), later and freely: by social-security card, by name and ID number, or at a counter."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

import linggong.accounts.actions as actions
import linggong.accounts.queries as accounts
import linggong.venues.queries as venues
import linggong.workers.actions as joining
import linggong.workers.queries as workers
from linggong.accounts.actions.identity import REASONS, BadCard
from linggong.accounts.consents import current
from linggong.accounts.models import Consent, IdentityCheck, User
from linggong.core.refusals import Refused
from linggong.web.place import place_of
from linggong.web.public.doorway import safe_next, with_next
from linggong.workers.models import Verification

PURPOSES = {IdentityCheck.Method.SS_CARD: "ss_card", IdentityCheck.Method.PROVIDER: "identity"}


class VerifyForm(forms.Form):
    """Which way, the numbers it needs, and the consent of that way alone."""

    method = forms.ChoiceField(
        choices=[(method, method) for method in PURPOSES],
        error_messages={"required": _("选一种核的办法"), "invalid_choice": _("选一种核的办法")},
    )  # fmt: skip
    id_number = forms.CharField(
        label=_("身份证号"), max_length=40, required=False, help_text=_("加密存着，老板看不到"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-private": True}),
        error_messages={"max_length": _("身份证号是 18 位，这里太长了")},
    )  # fmt: skip
    card_number = forms.CharField(
        label=_("社保卡号"), max_length=40, required=False, help_text=_("卡正面的号；用身份证核不用填"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-private": True}),
        error_messages={"max_length": _("社保卡号太长了，请看卡正面")},
    )  # fmt: skip
    agree_ss_card = forms.BooleanField(label=_("同意用社保卡核对"), required=False)
    agree_identity = forms.BooleanField(label=_("同意核对身份证"), required=False)

    def clean(self) -> dict[str, Any]:
        """The consent that belongs to the chosen way, and no other."""
        facts = super().clean()
        method = facts.get("method")
        if method and not facts.get(f"agree_{PURPOSES[method]}"):
            self.add_error(f"agree_{PURPOSES[method]}", _("同意才能拿去核。不同意可以到窗口看证，一样管用"))
        return facts


@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Where the proof stands; the ways to give it."""
    if not request.user.is_authenticated:
        return redirect(with_next("/sign-in/", "/join/verify/"))
    form = VerifyForm(request.POST or None, initial={"method": IdentityCheck.Method.SS_CARD})
    if request.method == "GET":
        return _page(request, form)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        _ask(request.user, form.cleaned_data)
    except actions.TooYoung as refusal:
        form.add_error("id_number", str(refusal))
        return _page(request, form, status=refusal.status)
    except BadCard as refusal:
        form.add_error("card_number", str(refusal))
        return _page(request, form, status=refusal.status)
    except (actions.BadId, actions.IdTaken, actions.NoIdNumber) as refusal:
        form.add_error("id_number", str(refusal))
        return _page(request, form, status=refusal.status)
    except actions.StillChecking:
        return redirect("/join/verify/")  # pressed twice: it is under way
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, form, status=refusal.status)
    return redirect(with_next("/join/verify/", safe_next(request)))


def _ask(user: User, facts: dict[str, Any]) -> None:
    if facts["id_number"] and not user.id_hash:
        actions.set_id(user, facts["id_number"], by=user)
    worker = workers.of_user(user)
    if worker is not None and worker.state == Verification.LIGHT and user.birth_on is not None:
        joining.prelim_check(worker, by=user)
    method = facts["method"]
    card = facts["card_number"] if method == IdentityCheck.Method.SS_CARD else ""
    actions.consent(user, PURPOSES[method], how=Consent.How.TAP, by=user)
    actions.check_identity(user, method=method, card_number=card, by=user)


def _page(request: HttpRequest, form: VerifyForm, status: int = 200) -> HttpResponse:
    user = request.user
    last = accounts.latest_check(user)
    place = place_of(request)
    chosen = form["method"].value()
    ways = [
        {"value": IdentityCheck.Method.SS_CARD, "title": _("用社保卡"), "text": _("姓名、身份证号、社保卡号一起核")},
        {"value": IdentityCheck.Method.PROVIDER, "title": _("用身份证"), "text": _("没有社保卡，用姓名和身份证号核")},
    ]  # fmt: skip
    facts = {
        "form": form, "standing": accounts.identity_of(user), "last": last,
        "why": REASONS.get(last.reason, "") if last else "", "ways": [{**w, "on": w["value"] == chosen} for w in ways],
        "has_id": bool(user.id_hash), "masked_id": user.masked_id, "next": safe_next(request),
        "texts": {purpose: current(purpose) for purpose in PURPOSES.values()},
        "venues": venues.nearest(place.lat, place.lng, limit=2),
    }  # fmt: skip
    template = (
        "public/doors/verify.html#standing" if request.htmx and request.method == "GET" else "public/doors/verify.html"
    )
    return render(request, template, facts, status=status)
