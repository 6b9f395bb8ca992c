"""发到群里: what is out, as a short text and a poster for a group; the link leads to the public page."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

import linggong.postings.queries as posted
from linggong.core.clock import now
from linggong.postings.models import Posting, Shift, State
from linggong.web import posters
from linggong.web.employer.standing import my_posting

OUT = frozenset({State.PUBLISHED, State.FULL})


@require_GET
def share(request: HttpRequest, code: str) -> HttpResponse:
    """`/e/jobs/<code>/share/`: the words to paste, the picture to keep."""
    posting, shifts = _out(request, code)
    facts = {
        "posting": posting, "text": posters.group_text(posting, shifts), "link": posters.link(posting),
        "picture": posters.font_path() is not None,
    }  # fmt: skip
    return render(request, "employer/share.html", facts)


@require_GET
def poster(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """`/e/jobs/<code>/share/poster.<kind>`: svg or png."""
    posting, shifts = _out(request, code)
    if kind == "svg":
        return HttpResponse(posters.svg(posting, shifts), content_type="image/svg+xml; charset=utf-8")
    drawn = posters.png(posting, shifts) if kind == "png" else None
    if drawn is None:
        raise Http404
    answer = HttpResponse(drawn, content_type="image/png")
    answer["Content-Disposition"] = f'inline; filename="{posting.code}.png"'
    return answer


def _out(request: HttpRequest, code: str) -> tuple[Posting, list[Shift]]:
    """Only what anybody may read is passed on."""
    posting = my_posting(request, code)
    shifts = posted.shifts_to_come(posting, now())
    if posting.state not in OUT or not shifts:
        raise Http404
    return posting, shifts
