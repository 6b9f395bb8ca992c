"""大字版: chosen once, kept on the device for a year and, for people who are signed in, in their profile."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

import linggong.accounts.actions as accounts
from linggong.accounts.ids import age_on
from linggong.core.clock import today
from linggong.web.context import MODE_COOKIE
from linggong.web.public.doorway import safe_next

YEAR_SECONDS = 365 * 24 * 3600
ASK_FROM_AGE = 55


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """`mode` is normal or elder; anything else is taken for normal."""
    large = request.POST.get("mode") == "elder"
    if request.user.is_authenticated and request.user.large_print != large:
        accounts.choose_print(request.user, large, by=request.user)
    response = redirect(safe_next(request) or "/")
    response.set_cookie(
        MODE_COOKIE, "elder" if large else "normal", max_age=YEAR_SECONDS, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    return response


@require_safe
def ask(request: HttpRequest) -> HttpResponse:
    """The question alone, for a page that loads it: nothing (204) when it was answered or need not be asked."""
    if not must_ask(request):
        return HttpResponse(status=204)
    return render(request, "public/doors/mode_ask.html", {"next": safe_next(request) or "/"})


def must_ask(request: HttpRequest) -> bool:
    """From 55 on, once: neither the device nor the person has chosen yet."""
    user = request.user
    if not user.is_authenticated or user.large_print is not None or MODE_COOKIE in request.COOKIES:
        return False
    return user.birth_on is not None and age_on(user.birth_on, today()) >= ASK_FROM_AGE
