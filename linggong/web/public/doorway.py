"""What all doors share: who this browser is, where somebody was going, and letting them in.

A session that is not signed in yet may carry a phone number and, while somebody registers, an ID number. Both are
sealed there: the session table is read by more eyes than the people's table.
"""

import secrets
from types import SimpleNamespace
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth import login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

import linggong.accounts.queries as accounts
import linggong.employers.queries as employers
import linggong.venues.queries as venues
import linggong.workers.queries as workers
from linggong.accounts.models import Role, User
from linggong.core.clock import now
from linggong.core.sealed import CannotOpen, seal, unseal

BROWSER_KEY = "door"
SECOND_KEY = "door_second"  # who passed the code and still owes the second factor
SECOND_AT_KEY = "second_at"  # when the second factor was last shown in this session
SECOND_FRESH_SECONDS = 10 * 60
NEXT_MAX = 300
BUREAU = {Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN}


def browser_of(request: HttpRequest) -> str:
    """A name for this browser session, which codes are bound to. It outlives the change of the session key."""
    if BROWSER_KEY not in request.session:
        request.session[BROWSER_KEY] = secrets.token_hex(16)
    return request.session[BROWSER_KEY]


def address_of(request: HttpRequest) -> str:
    """The network address of the visitor, behind as many proxies as the operator trusts; "" when unknown."""
    try:
        return get_adapter(request).get_client_ip(request)
    except PermissionDenied:
        return ""


def safe_next(request: HttpRequest, given: str | None = None) -> str:
    """Where somebody was going, when that is a page of ours; else ""."""
    wanted = given if given is not None else (request.POST.get("next") or request.GET.get("next") or "")
    if not wanted.startswith("/") or len(wanted) > NEXT_MAX or not wanted.isprintable():
        return ""
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else ""


def with_next(path: str, going_to: str) -> str:
    """The address of a door, remembering where somebody was going."""
    return f"{path}?{urlencode({'next': going_to})}" if going_to else path


def home_of(user: User) -> str:
    """Where somebody lands who was going nowhere in particular."""
    if venues.duties_of(user):
        return "/desk/"
    if {grant.role for grant in accounts.grants_of(user)} & BUREAU:
        return "/bureau/"
    if workers.of_user(user) is not None:
        return "/"
    return "/e/" if employers.of_user(user) else "/join/"


def is_staff(user: User) -> bool:
    """Does somebody work at a venue, review, go round the villages, or sit at the bureau?"""
    if venues.duties_of(user):
        return True
    return bool({grant.role for grant in accounts.grants_of(user)} & BUREAU)


def let_in(request: HttpRequest, user: User) -> None:
    """Sign somebody in. The session gets a new key, and nothing of another person stays in it."""
    login(request, user)
    for key in [key for key in request.session.keys() if key.startswith("door_")]:  # noqa: SIM118
        del request.session[key]


def finish(request: HttpRequest, user: User, going_to: str = "") -> HttpResponseRedirect:
    """The code was right: in, or first to the second factor, or to the question that only the person can answer."""
    if accounts.has_second_factor(user):
        request.session[SECOND_KEY] = user.code
        return redirect(with_next("/staff/second/", going_to))
    let_in(request, user)
    return after_sign_in(user, going_to)


def after_sign_in(user: User, going_to: str) -> HttpResponseRedirect:
    """Where they were going; first the consents of who came in with a list and was never asked."""
    worker = workers.of_user(user)
    if worker is not None and workers.owes_consent(worker):
        return redirect(with_next("/join/agree/", going_to or home_of(user)))
    return redirect(going_to or home_of(user))


def has_second_lately(request: HttpRequest) -> bool:
    """Was the second factor shown in this session in the last minutes? Asked before risky acts."""
    at = request.session.get(SECOND_AT_KEY, 0)
    return 0 <= now().timestamp() - at < SECOND_FRESH_SECONDS


def is_page(path: str) -> bool:
    """Does an address of ours lead to a page?"""
    try:
        resolve(path.split("?")[0])
    except Resolver404:
        return False
    return True


def pretend_phone_url() -> str:
    """The labelled page with the pretend text messages, in the demo only."""
    return settings.SMS_BASE_URL if settings.DEMO and settings.SMS_PROVIDER == "pretend" else ""


def no_store(response: HttpResponse) -> HttpResponse:
    """Codes and recovery keys are shown once and kept in no cache."""
    response["Cache-Control"] = "no-store"
    return response


class Hidden:
    """A value sealed into this browser's session, e.g. Hidden(request, "join", "id_number")."""

    def __init__(self, request: HttpRequest, place: str, name: str) -> None:
        self._session, self._key = request.session, f"door_{place}_{name}"
        self._row: Any = SimpleNamespace(
            _meta=SimpleNamespace(db_table=f"session_{place}"), code=browser_of(request), box=""
        )

    def put(self, clear: str) -> None:
        """Keep it; "" forgets it."""
        self._session[self._key] = seal(self._row, "box", clear)

    def get(self) -> str:
        """What was kept, or ""."""
        self._row.box = self._session.get(self._key, "")
        try:
            return unseal(self._row, "box")
        except CannotOpen:  # the key was changed meanwhile: ask again
            return ""
