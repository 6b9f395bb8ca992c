"""Why not me: what stands between a worker and one job, each with what would change it, and what one change opens."""

from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

import linggong.matching.queries as matching
import linggong.postings.queries as postings
from linggong.core.clock import now
from linggong.matching.limits import Blocker
from linggong.web.public.jobs import head, shown

PROFILE, SKILLS = "/me/profile/", "/me/skills/"
DOORS = {
    "certificate": SKILLS, "not_of_trade": SKILLS, "not_taking": PROFILE, "no_place": PROFILE, "too_far": PROFILE,
    "busy": "/shifts/", "worker_not_checked": "/me/", "age_unknown": "/me/", "reach": PROFILE, "part": PROFILE,
}  # fmt: skip
"""Where each thing is changed."""


@require_GET
def why(request: HttpRequest, code: str) -> HttpResponse:
    """`/jobs/<code>/why/`: one tap from the job; only about the person who asks."""
    row = shown(code)
    if request.worker is None:
        door = "/join/" if request.user.is_authenticated else "/sign-in/"
        return redirect(f"{door}?next={quote(f'/jobs/{row.code}/why/')}")
    moment = now()
    found = matching.why_not(request.worker, row, moment)
    home = matching.home_of(request.worker)
    opened = matching.what_if(request.worker, home, moment) if home is not None else []
    facts = {
        "job": head(row, postings.shifts_to_come(row, moment)),
        "blockers": [_line(blocker) for blocker in found.blockers],
        "hints": [_line(blocker) for blocker in found.hints],
        "clear": found.nothing,
        "opened": [{"words": step.words, "href": DOORS.get(step.key.partition(":")[0], "")} for step in opened],
    }
    return render(request, "public/why.html", facts)


def _line(blocker: Blocker) -> dict[str, Any]:
    return {
        "subject": f"{blocker.word}：", "text": blocker.words, "change": blocker.change,
        "href": DOORS.get(blocker.code.partition(":")[0], ""), "label": _("去改"),
    }  # fmt: skip
