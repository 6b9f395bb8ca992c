"""What all station pages share: which duty opens what, the rail with its counts, the person at the window."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

import linggong.accounts.queries as accounts
import linggong.cases.queries as cases
import linggong.employers.queries as employers
import linggong.engagements.queries as deals
import linggong.postings.queries as postings
import linggong.workers.queries as workers
from linggong.accounts.models import User
from linggong.core.asking import Count, Question, ask_all, first
from linggong.core.once import once
from linggong.employers.models import Employer
from linggong.engagements.models import Engagement
from linggong.postings.models import Posting
from linggong.web import navigation
from linggong.web.place import ask_with_operator
from linggong.workers.models import Worker

PAGE = 10
MET_KEY = "station_met"  # who stood at this window in this session, by an exact number
MET_MOST = 60
REASON_LONGEST = 120

WINDOW = frozenset({"clerk", "head", "officer"})
REVIEW = frozenset({"reviewer", "head"})
WAGES = WINDOW | {"mediator"}
HEAD = frozenset({"head"})
ANY = WINDOW | REVIEW | WAGES
_OPENS = {
    "/desk/": WINDOW,
    "/desk/post/": WINDOW,
    "/desk/dispatch/": WINDOW,
    "/desk/calls/": WINDOW,
    "/desk/digest/": WINDOW,
    "/review/": REVIEW,
    "/desk/employers/": REVIEW,
    "/desk/wages/": WAGES,
    "/desk/cases/": ANY,
    "/desk/papers/": WINDOW | REVIEW,
    "/desk/venue/": HEAD,
}

View = Callable[..., HttpResponse]


def only(duties: frozenset[str]) -> Callable[[View], View]:
    """The page exists for these duties; for everybody else at a station it does not."""

    def behind(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not duties & set(request.duties):
                raise Http404
            return view(request, *args, **kwargs)

        return guarded

    return behind


def show(request: HttpRequest, template: str, facts: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A page of the station with its rail."""
    return render(request, f"station/{template}", {**facts, "rail": _rail(request)}, status=status)


def _rail(request: HttpRequest) -> list[dict[str, Any]]:
    entries = [e for e in navigation.rail("station", request.path) if _OPENS[e["url"]] & set(request.duties)]
    if not hasattr(request, "_badges"):
        ask(request)
    for entry in entries:
        entry["badge"] = request._badges.get(entry["url"]) or ""
    return entries


def ask(request: HttpRequest, *questions: Question[Any]) -> list[Any]:
    """The answers, and in the same trip the numbers of the rail and the words of the operator."""
    waiting = {"/desk/cases/": Count(cases.open_within(request.reach).filter(owner=request.user))}
    if REVIEW & set(request.duties):
        waiting["/review/"] = Count(postings.review_queue(request.reach))
    counts = Question(list(waiting.values()), lambda *numbers: dict(zip(waiting, numbers, strict=True)))
    *answers, request._badges = ask_with_operator(request, *questions, counts)
    return answers


def once_for(request: HttpRequest, terms: Any, do: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """`do` for the first send of this form by this person; the same answer for every later one."""
    said = "".join(char for char in request.POST.get("key", "")[:40] if char.isalnum())
    return once(f"{request.user.code}:{said or uuid.uuid4().hex}", terms, do)


def start_of(request: HttpRequest) -> int:
    """Where a list goes on, from `?from=`; nonsense begins at the top."""
    said = request.GET.get("from", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 6 else 0


def cut(rows: Any, request: HttpRequest) -> tuple[list[Any], str]:
    """Ten rows from where the list goes on, and the address of the next ten or ""."""
    start = start_of(request)
    return _cut(list(rows[start : start + PAGE + 1]), request)


def cut_question(rows: QuerySet[Any], request: HttpRequest) -> Question[tuple[list[Any], str]]:
    """`cut`, to be asked together with other things."""
    start = start_of(request)
    return Question([rows[start : start + PAGE + 1]], lambda found: _cut(found, request))


def _cut(found: list[Any], request: HttpRequest) -> tuple[list[Any], str]:
    if len(found) <= PAGE:
        return found, ""
    query = request.GET.copy()
    query["from"] = str(start_of(request) + PAGE)
    return found[:PAGE], f"{request.path}?{query.urlencode()}"


def text_of(request: HttpRequest, name: str, longest: int = REASON_LONGEST) -> str:
    """A line somebody typed, without what cannot be seen."""
    return " ".join(request.POST.get(name, "").replace("\x00", "").split())[:longest]


# --- whose rows ------------------------------------------------------------------------------------------------


def met(request: HttpRequest, user: User) -> None:
    """The person stood here and gave a number of theirs: this session may open their record."""
    known = [code for code in request.session.get(MET_KEY, []) if code != user.code]
    request.session[MET_KEY] = [*known, user.code][-MET_MOST:]


def person(request: HttpRequest, code: str) -> tuple[User, Worker | None]:
    """Somebody within reach: by home, by a deal here, as an employer here, or because they stand at this window."""
    user = accounts.by_code(code)
    if user is None or not may_see(request, user):
        raise Http404
    return user, workers.of_user(user)


def may_see(request: HttpRequest, user: User) -> bool:
    """Whether this member of staff may open the record (decision 19)."""
    if user.code in request.session.get(MET_KEY, []):
        return True
    worker = workers.of_user(user)
    if worker is not None and (
        request.reach.covers_division(worker.division_id)
        or deals.of_worker(worker).filter(posting__in=postings.within(request.reach).order_by()).exists()
    ):
        return True
    return any(request.reach.covers_division(e.division_id) for e in employers.of_user(user))


def worker_of(request: HttpRequest, code: str) -> Worker:
    """The same, and a worker."""
    worker = person(request, code)[1]
    if worker is None:
        raise Http404
    return worker


def deal_of(request: HttpRequest, worker: Worker, code: str) -> Engagement:
    """A deal of that worker."""
    deal = deals.by_code(code)
    if deal is None or deal.worker_id != worker.pk:
        raise Http404
    return deal


def posting_of(request: HttpRequest, code: str) -> Posting:
    """A posting within reach."""
    (posting,) = ask_all(posting_question(request, code))
    if posting is None:
        raise Http404
    return posting


def posting_question(request: HttpRequest, code: str) -> Question[Posting | None]:
    """A posting within reach or None, to be asked together with other things."""
    return first(postings.within(request.reach).filter(code=code).select_related("venue", "posted_by").order_by("pk"))


def employer_of(request: HttpRequest, code: str) -> Employer:
    """An employer within reach."""
    employer = employers.by_code(code)
    if employer is None or not request.reach.covers_division(employer.division_id):
        raise Http404
    return employer


def role_words(request: HttpRequest) -> str:
    """What the person whose data is opened reads about who opened it: never a name."""
    place = request.venue.name if request.venue else ""
    return f"{place}工作人员" if place else "工作人员"
