"""The guards: every view of a desk is wrapped when its routes are mounted, so none inside can forget who is asking.

A guard answers *who*: it puts `request.desk` and the person's standing on the request. *Which* rows they may see is the
query's business (another's row is 404), *whether* a step is allowed the action's.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from urllib.parse import quote, urlsplit

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, URLPattern, URLResolver, resolve
from django.utils.http import url_has_allowed_host_and_scheme

import linggong.employers.queries as employers
import linggong.venues.queries as venues
import linggong.workers.queries as workers
from linggong.accounts.models import Role

View = Callable[..., HttpResponse]
Guard = Callable[[HttpRequest], HttpResponse | None]

EMPLOYER_KEY = "employer_code"  # in the session: which employer this person acts for on this device
VENUE_KEY = "venue_code"
# Open to who was brought in with a list and has not been asked yet: calling for help, seeing and erasing their data.
BEFORE_CONSENT = ("/sos/", "/me/data/")


def guarded(patterns: Sequence[URLPattern | URLResolver], guard: Guard) -> list[URLPattern | URLResolver]:
    """Wrap each view of a desk's routes with its guard."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = _behind(guard, pattern.callback)
    return list(patterns)


def _behind(guard: Guard, view: View) -> View:
    @wraps(view)
    def guarded_view(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return guard(request) or view(request, *args, **kwargs)

    # The guard decides about signing in, so Django's own middleware stays out of the way here and nowhere else.
    return login_not_required(guarded_view)


def public(request: HttpRequest) -> HttpResponse | None:
    """Anybody. `request.worker` is the worker who is signed in, or None.

    Who still owes their consent is nobody here: the public pages are theirs, an act leads through /join/ to the question.
    """
    request.desk = "public"
    request.worker = workers.of_user(request.user) if request.user.is_authenticated else None
    if request.worker is not None and not _before_consent(request) and workers.owes_consent(request.worker):
        request.worker = None
    return None


def worker(request: HttpRequest) -> HttpResponse | None:
    """Somebody signed in and registered as a worker: `request.worker`."""
    request.desk = "worker"
    if not request.user.is_authenticated:
        return _sign_in(request)
    request.worker = workers.of_user(request.user)
    if request.worker is None:
        return redirect(f"/join/?next={quote(request.path)}")
    if not _before_consent(request) and workers.owes_consent(request.worker):
        return redirect(f"/join/agree/?next={quote(page_of(request))}")
    return None


def employer(request: HttpRequest) -> HttpResponse | None:
    """Somebody signed in who may act for an employer: `request.employer`; the device remembers which of several.

    Registering an employer is on this desk too, for people who have none: those views live under /e/verify/.
    """
    request.desk = "employer"
    if not request.user.is_authenticated:
        return _sign_in(request)
    mine = employers.of_user(request.user)
    chosen = request.session.get(EMPLOYER_KEY)
    request.employer = next((e for e in mine if e.code == chosen), mine[0] if mine else None)
    request.employers = mine
    if request.employer is None and not request.path.startswith("/e/verify/"):
        return redirect("/e/verify/")
    return None


def station(request: HttpRequest) -> HttpResponse | None:
    """Staff of a venue, reviewers and village officers: `request.reach`, `request.duties`, `request.venue` of `.venues`.

    All of it is read again for every request, by one query: whoever lost a duty a moment ago stands outside.
    """
    request.desk = "station"
    if not request.user.is_authenticated:
        return _sign_in(request)
    standing = venues.standing_of(request.user)
    request.reach, request.venues, request.duties = standing.reach, standing.venues, standing.duties
    chosen = request.session.get(VENUE_KEY)
    request.venue = next((v for v in request.venues if v.code == chosen), next(iter(request.venues), None))
    if not request.duties:
        raise Http404
    return None


def bureau(request: HttpRequest) -> HttpResponse | None:
    """The labour bureau: supervisors, auditors, administrators. `request.reach` bounds everything they see."""
    request.desk = "bureau"
    if not request.user.is_authenticated:
        return _sign_in(request)
    standing = venues.standing_of(request.user)
    request.roles = standing.roles & {Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN}
    if not request.roles:
        raise Http404
    request.reach = standing.reach
    return None


def _before_consent(request: HttpRequest) -> bool:
    return request.path.startswith(BEFORE_CONSENT)


def page_of(request: HttpRequest) -> str:
    """The page somebody stands on. An act is no page: then it is the one above it that the form came from.

    There the form is filled again with what was typed: the browser kept it until we take it (forms.js).
    """
    if request.method in ("GET", "HEAD") and not request.htmx:
        return request.get_full_path()
    came_from = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    parts = urlsplit(came_from)
    ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()})
    if ours and parts.path != request.path and request.path.startswith(parts.path):
        return f"{parts.path}?{parts.query}" if parts.query else parts.path
    if request.htmx and ours:
        return parts.path
    above = request.path.rstrip("/")
    while "/" in above[1:]:
        above = above.rsplit("/", 1)[0]
        if _is_address(f"{above}/"):
            return f"{above}/"
    return "/"


def _is_address(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def _sign_in(request: HttpRequest) -> HttpResponse:
    unsent = "" if request.method in ("GET", "HEAD") else "&unsent=1"
    door = f"/sign-in/?next={quote(page_of(request))}{unsent}"
    if not request.htmx:
        return redirect(door)
    # A fragment must not be replaced by the sign-in page: the browser goes there whole, drafts stay on the device.
    response = HttpResponse(status=204)
    response["HX-Redirect"] = door
    return response
