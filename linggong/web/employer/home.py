"""E1: what needs the employer today, who is coming, and the two ways to hire: once more, or anew."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

import linggong.accounts.queries as accounts
import linggong.employers.queries as employers
import linggong.engagements.queries as lived
import linggong.payments.queries as payments
import linggong.postings.queries as posted
from linggong.core.asking import Count, Question
from linggong.core.clock import at, now, today
from linggong.employers.models import Employer
from linggong.engagements.models import Engagement, Stage
from linggong.engagements.models import State as Deal
from linggong.payments.models import Settlement
from linggong.postings.models import Posting, State
from linggong.web.desk import EMPLOYER_KEY
from linggong.web.employer.posting import EXAMPLES
from linggong.web.employer.said import said
from linggong.web.place import ask_with_operator

LIKELY = 3
COMING = 10


OVER = (State.CLOSED, State.EXPIRED, State.STARTED)


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """`/e/`."""
    employer, moment = request.employer, now()
    coming = lived.of_day(employer, at(today(), 0), at(today(), 24) + timedelta(days=1))
    coming = [row for row in coming.filter(state=Stage.EXPECTED)[: COMING + 5] if row.shift.ends_at > moment]
    postings = list(posted.of_employer(employer)[:20])
    needs, unread = ask_with_operator(request, _needs(employer), accounts.unread_question(request.user))
    shown = {
        "needs": needs,
        "coming": coming[:COMING],
        "again": _again([p for p in postings if p.published_at is not None and p.state in OVER])[:LIKELY],
        "drafts": [p for p in postings if p.state == State.DRAFT][:LIKELY],
        "first_time": not postings, "example": EXAMPLES[0], "checked": employers.is_checked(employer),
        "unread": unread, "did": said(request),
    }  # fmt: skip
    return render(request, "employer/home.html", shown)


def _needs(employer: Employer) -> Question[list[dict]]:
    """Only what waits for the employer, the most pressing first."""
    wage = Settlement.State
    owed = payments.of_employer(employer).filter(
        state__in=[wage.CREATED, wage.WORKER_DENIED], confirmed_at__isnull=False, net_fen__gt=0
    )
    applied = Engagement.objects.filter(employer=employer, state=Deal.APPLIED).values_list("posting__code", flat=True)
    returned = posted.of_employer(employer).filter(state__in=[State.RETURNED, State.REJECTED_AUTO])
    return Question(
        [
            Count(lived.waiting_for_confirmation(employer)),
            Count(owed.filter(due_at__lt=now())),
            Count(owed),
            applied[:200],
            returned[:LIKELY],
        ],
        _told,
    )


def _told(done: int, late: int, owed: int, codes: list[str], returned: list[Posting]) -> list[dict]:
    told = [
        (done, _("{n} 个人干完了，等你确认"), "/e/confirm/", "circle-check", "warn"),
        (late, _("{n} 笔工钱过了时间，先付"), "/e/pay/", "cash", "danger"),
        (owed - late, _("{n} 笔工钱要付"), "/e/pay/", "cash", "warn"),
        (len(codes), _("{n} 个人报了名，等你挑"), f"/e/jobs/{codes[0]}/people/" if codes else "", "users", "info"),
    ]
    needs = [
        {"text": words.format(n=n), "url": url, "icon": icon, "tone": tone} for n, words, url, icon, tone in told if n
    ]
    needs += [
        {
            "text": _("“{title}”要改一下才能发").format(title=p.title),
            "url": f"/e/post/done/{p.code}/",
            "icon": "pencil",
            "tone": "warn",
        }
        for p in returned
    ]
    return needs


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Act for another of one's employers on this device."""
    wanted = request.POST.get("employer", "")
    if any(employer.code == wanted for employer in request.employers):
        request.session[EMPLOYER_KEY] = wanted
    return redirect("employer:home")


def _again(rows: list[Posting]) -> list[Posting]:
    """What was posted before, each kind of it once, the latest."""
    kinds: dict[tuple[object, ...], Posting] = {}
    for row in rows:
        kinds.setdefault((row.title, row.places, row.pay_fen, row.pay_unit), row)
    return list(kinds.values())
