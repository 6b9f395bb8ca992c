"""The question for people who came in with the bureau's list: they were written down, but nobody asked them (W7's last page).

Asked at their first sign-in, before anything else of theirs. Who says no can have everything about them erased.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

import linggong.accounts.actions as actions
import linggong.workers.queries as workers
from linggong.accounts.consents import current
from linggong.accounts.models import Consent
from linggong.web.public.doorway import home_of, safe_next, with_next

ASKED = ("service", "sms")


@require_http_methods(["GET", "POST"])
def agree(request: HttpRequest) -> HttpResponse:
    """`/join/agree/`: each consent for itself; nothing is ticked beforehand."""
    going_to = safe_next(request)
    if not request.user.is_authenticated:
        return redirect(with_next("/sign-in/", going_to))
    worker = workers.of_user(request.user)
    if worker is None or not workers.owes_consent(worker):
        return redirect(going_to or home_of(request.user))
    agreed = [purpose for purpose in ASKED if request.POST.get(f"agree_{purpose}")]
    facts: dict[str, Any] = {
        "worker": worker, "to": going_to,
        "texts": [{"text": current(purpose), "on": purpose in agreed} for purpose in ASKED],
    }  # fmt: skip
    if request.method == "GET":
        return render(request, "public/doors/join_agree.html", facts)
    if "service" not in agreed:
        facts["wrong"] = _("要记下这些才能帮你找活。同意就勾上；不同意，可以让我们把你的资料删掉")
        return render(request, "public/doors/join_agree.html", facts, status=422)
    for purpose in agreed:
        actions.consent(request.user, purpose, how=Consent.How.TAP, by=request.user)
    return redirect(going_to or home_of(request.user))
