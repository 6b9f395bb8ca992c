"""What all pages of the bureau share: which role opens what, lists in tens, a typed line."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

import linggong.engagements.queries as deals
from linggong.accounts.models import Role
from linggong.engagements.models import Engagement

PAGE = 10
LONGEST = 120

SUPERVISE = frozenset({Role.SUPERVISOR})
ADMINISTER = frozenset({Role.ADMIN})

View = Callable[..., HttpResponse]


def only(roles: frozenset[str]) -> Callable[[View], View]:
    """The act exists for these roles; for everybody else of the bureau it does not (FJ-03: who runs it, who rules it)."""

    def behind(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not roles & request.roles:
                raise Http404
            return view(request, *args, **kwargs)

        return guarded

    return behind


def may(request: HttpRequest, roles: frozenset[str]) -> bool:
    """Whether a page should offer the act at all."""
    return bool(roles & request.roles)


def cut(rows: Any, request: HttpRequest, *, name: str = "from") -> tuple[list[Any], str]:
    """Ten rows from `?from=` (a second list on a page has a `name` of its own), and the address of the next ten or ""."""
    said = request.GET.get(name, "")
    start = int(said) if said.isascii() and said.isdigit() and len(said) < 6 else 0
    found = list(rows[start : start + PAGE + 1])
    if len(found) <= PAGE:
        return found, ""
    query = request.GET.copy()
    query[name] = str(start + PAGE)
    return found[:PAGE], f"{request.path}?{query.urlencode()}"


def typed(request: HttpRequest, name: str, longest: int = LONGEST) -> str:
    """A line somebody typed, without what cannot be seen."""
    return " ".join(request.POST.get(name, "").replace("\x00", "").split())[:longest]


def asked(request: HttpRequest, name: str = "q") -> str:
    """A word somebody searches for."""
    return request.GET.get(name, "").replace("\x00", "").strip()[:60]


def deal_of(request: HttpRequest, code: str) -> Engagement:
    """A deal within reach; another's is 404."""
    deal = deals.by_code(code)
    if deal is None or not request.reach.covers_division(deal.posting.division_id):
        raise Http404
    return deal
