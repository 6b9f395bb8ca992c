"""A3: who looked at whose data and why, what was done to a row, and whether the record itself still holds.

There is no button here that changes or removes anything: the tables refuse it too.
"""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

import linggong.accounts.queries as accounts
import linggong.oversight.queries as oversight
from linggong.core.asking import Count as HowMany
from linggong.core.asking import Question, first
from linggong.core.clock import now
from linggong.core.models import Event, Link
from linggong.core.queries import broken_chain
from linggong.oversight.models import ChainCheck, Head
from linggong.web.bureau import frame
from linggong.web.bureau.event_words import NOUNS, said
from linggong.web.place import ask_with_operator, operator_of

WEEK = timedelta(days=7)
HEADS = 7
WALKED_NOW = 2_000  # links; a page answers at once, the whole chain is walked by the clock


@require_safe
def looks(request: HttpRequest) -> HttpResponse:
    """`/bureau/audit/`: looks within reach, the busiest viewers of the week, the state of the chain."""
    rows, more = frame.cut(oversight.looks_within(request.reach), request)
    last, unsealed, heads, busiest = ask_with_operator(
        request, first(Link.objects.select_related("event").order_by("-sequence")),
        Question([HowMany(Event.objects.filter(link=None))], int),
        Question([Head.objects.order_by("-day")[:HEADS]], list),
        oversight.busiest_question(request.reach, now() - WEEK),
    )  # fmt: skip
    facts = {
        "rows": rows, "more_url": more, "busiest": busiest, "last": last, "unsealed": unsealed, "heads": heads,
        "budget": operator_of(request).get("look_budget") or accounts.LOOKS_PER_DAY,
    }  # fmt: skip
    return render(request, "bureau/audit.html", facts)


@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """`/bureau/audit/verify/`: the last links walked now, and what the nightly walk over all of them found."""
    broken = list(broken_chain(last=WALKED_NOW))
    facts = {
        "broken": broken[:50], "last": Link.objects.order_by("-sequence").first(), "moment": now(),
        "walked": WALKED_NOW, "whole": ChainCheck.objects.order_by("-pk").first(),
    }  # fmt: skip
    facts["count"] = len(broken) or (facts["whole"].faults if facts["whole"] else 0)
    return render(request, "bureau/verify.html", facts)


@require_safe
def events(request: HttpRequest) -> HttpResponse:
    """`/bureau/audit/events/?noun=&q=`: what happened, by kind and number of the record or the name of who did it."""
    noun, asked = request.GET.get("noun", "")[:20], frame.asked(request)
    rows = oversight.events_within(request.reach)
    if noun in NOUNS:
        rows = rows.filter(name__startswith=f"{noun}.")
    if asked:
        rows = (
            rows.filter(subject_id=int(asked))
            if asked.isascii() and asked.isdigit() and len(asked) < 18
            else rows.filter(by__name=asked)
        )
    shown, more = frame.cut(rows, request)
    facts = {
        "rows": [(event, said(event), event.by.name if event.by else _("系统")) for event in shown], "more_url": more,
        "noun": noun, "asked": asked, "nouns": list(NOUNS.items()),
    }  # fmt: skip
    return render(request, "bureau/events.html", facts)
