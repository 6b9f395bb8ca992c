"""One 手机号 page for signing in and signing up, with the same answer; a code by message, or printed at the counter.

The codes leave through the worker: nothing here waits for them.
"""

import re
import unicodedata
from typing import Any

from django import forms
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

import linggong.accounts.actions as actions
import linggong.accounts.queries as accounts
from linggong.accounts import ids
from linggong.accounts.models import User
from linggong.core.clock import now
from linggong.core.refusals import Refused
from linggong.web.place import HERE_COOKIE
from linggong.web.public.doorway import (
    Hidden,
    address_of,
    browser_of,
    finish,
    home_of,
    pretend_phone_url,
    safe_next,
    with_next,
)

ASKED_AT_KEY = "door_asked_at"
PROVED_AT_KEY = "door_proved_at"
PROVE_KEY = "door_prove"
AGAIN_SECONDS = 60
PROVED_SECONDS = 60 * 60

BOX = {"inputmode": "numeric", "autocomplete": "one-time-code", "enterkeyhint": "done"}


class PhoneForm(forms.Form):
    """The one thing everybody has to say."""

    phone = forms.CharField(
        label=_("手机号"), max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel", "enterkeyhint": "next"}),
        error_messages={"required": _("手机号没填，一共 11 位"), "max_length": _("写得太长了，手机号是 11 位")},
    )  # fmt: skip

    def clean_phone(self) -> str:
        """What is wrong is said with the number of digits."""
        text = self.cleaned_data["phone"]
        try:
            return ids.valid_phone(text)
        except ids.BadPhone as bad:
            digits = len(re.findall(r"[0-9]", unicodedata.normalize("NFKC", text)))
            if 0 < digits < 11:
                raise forms.ValidationError(_("少了 {n} 位，手机号是 11 位").format(n=11 - digits)) from bad
            if digits > 13:
                raise forms.ValidationError(_("多了 {n} 位，手机号是 11 位").format(n=digits - 11)) from bad
            raise forms.ValidationError(str(bad)) from bad


class CodeForm(forms.Form):
    """Six digits of a message, or eight of a printed slip."""

    code = forms.CharField(
        label=_("验证码"), max_length=20, widget=forms.TextInput(attrs=BOX),
        error_messages={"required": _("验证码没填"), "max_length": _("验证码只有几位数字，这里太长了")},
    )  # fmt: skip

    def clean_code(self) -> str:
        """Digits only; full-width ones and spaces are forgiven."""
        code = re.sub(r"\s", "", unicodedata.normalize("NFKC", self.cleaned_data["code"]))
        if not (code.isascii() and code.isdigit()):
            raise forms.ValidationError(_("验证码全是数字，请再看一遍"))
        return code


class TailForm(forms.Form):
    """The last four characters of the ID card."""

    tail = forms.CharField(
        label=_("身份证最后 4 位"), max_length=8, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("最后 4 位没填"), "max_length": _("只要最后 4 位")},
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for the phone; whether anybody has it changes nothing in the answer."""
    going_to = safe_next(request)
    if request.method == "GET":
        if request.user.is_authenticated:
            return render(request, "public/doors/signed_in.html", {"to": going_to or home_of(request.user)})
        return _phone_page(request, PhoneForm(), going_to)
    form = PhoneForm(request.POST)
    if not form.is_valid():
        return _phone_page(request, form, going_to, status=422)
    phone = form.cleaned_data["phone"]
    if not _asked_just_now(request, phone):
        try:
            ask(request, phone)
        except Refused as refusal:
            return _phone_page(request, form, going_to, refusal=refusal, status=refusal.status)
    return redirect(with_next("/sign-in/check/", going_to))


def ask(request: HttpRequest, phone: str) -> None:
    """Have a code sent, and remember in this browser for whom. Raises what ask_code raises."""
    actions.ask_code(phone, bound_to=browser_of(request), address=address_of(request))
    Hidden(request, "sign_in", "phone").put(phone)
    request.session[ASKED_AT_KEY] = now().timestamp()


@require_http_methods(["GET", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """The page for the six digits."""
    going_to = safe_next(request)
    phone = Hidden(request, "sign_in", "phone").get()
    if not phone:
        return redirect(with_next("/sign-in/", going_to))
    if request.method == "GET":
        return _code_page(request, CodeForm(), phone, going_to)
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _code_page(request, form, phone, going_to, status=422)
    try:
        user = actions.check_code(phone, form.cleaned_data["code"], bound_to=browser_of(request))
    except Refused as refusal:
        form.add_error("code", str(refusal))
        return _code_page(request, form, phone, going_to, status=refusal.status)
    if user is None:
        Hidden(request, "sign_in", "proved").put(phone)
        request.session[PROVED_AT_KEY] = now().timestamp()
        return redirect(with_next("/join/", "" if going_to.startswith("/join/") else going_to))
    if accounts.must_prove(user, now()):
        request.session[PROVE_KEY] = user.code
        return redirect(with_next("/sign-in/prove/", going_to))
    return finish(request, user, going_to)


@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """One more code to the same phone."""
    going_to = safe_next(request)
    phone = Hidden(request, "sign_in", "phone").get()
    if not phone:
        return redirect(with_next("/sign-in/", going_to))
    if not _asked_just_now(request, phone, seconds=5):
        try:
            ask(request, phone)
        except Refused as refusal:
            return _code_page(request, CodeForm(), phone, going_to, refusal=refusal, status=refusal.status)
    return redirect(with_next("/sign-in/check/", going_to))


@require_http_methods(["GET", "POST"])
def printed(request: HttpRequest) -> HttpResponse:
    """A slip from the counter: eight digits, no phone needed."""
    going_to = safe_next(request)
    form = CodeForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                user = actions.check_printed_code(
                    form.cleaned_data["code"], bound_to=browser_of(request), address=address_of(request)
                )
                return finish(request, user, going_to)
            except Refused as refusal:
                form.add_error("code", str(refusal))
                status = refusal.status
    return render(request, "public/doors/printed.html", {"form": form, "next": going_to}, status=status)


@require_http_methods(["GET", "POST"])
def prove(request: HttpRequest) -> HttpResponse:
    """After a long absence the number may be somebody else's by now: ask for the end of the ID number."""
    going_to = safe_next(request)
    user = accounts.by_code(request.session.get(PROVE_KEY, ""))
    if user is None:
        return redirect(with_next("/sign-in/", going_to))
    form = TailForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.prove(user, form.cleaned_data["tail"])
                return finish(request, user, going_to)
            except Refused as refusal:
                form.add_error("tail", str(refusal))
                status = refusal.status
    return render(request, "public/doors/prove.html", {"form": form, "next": going_to}, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Out, and the device forgets where the person stood."""
    from linggong.web.public.staff_sign_in import DEVICE_COOKIE

    logout(request)
    known = accounts.device(request.COOKIES.get(DEVICE_COOKIE, ""))
    response = redirect("/staff/shift/" if known else "/")
    response.delete_cookie(HERE_COOKIE, samesite="Lax")
    return response


def proved_phone(request: HttpRequest) -> str:
    """The phone somebody unknown has just shown to be theirs, for an hour; else ""."""
    at = request.session.get(PROVED_AT_KEY, 0)
    if not 0 <= now().timestamp() - at < PROVED_SECONDS:
        return ""
    return Hidden(request, "sign_in", "proved").get()


def _asked_just_now(request: HttpRequest, phone: str, seconds: int = AGAIN_SECONDS) -> bool:
    """The same phone pressed twice: one message is on its way already."""
    at = request.session.get(ASKED_AT_KEY, 0)
    return Hidden(request, "sign_in", "phone").get() == phone and 0 <= now().timestamp() - at < seconds


def _phone_page(
    request: HttpRequest, form: forms.Form, going_to: str, *, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    facts: dict[str, Any] = {
        "form": form, "next": going_to, "refusal": refusal, "pretend_phone": pretend_phone_url(),
        "staying": going_to.startswith("/e/"), "unsent": bool(going_to) and request.GET.get("unsent") == "1",
    }  # fmt: skip
    return render(request, "public/doors/sign_in.html", facts, status=status)


def _code_page(
    request: HttpRequest, form: forms.Form, phone: str, going_to: str, *, refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    facts = {
        "form": form, "tail": phone[-4:], "next": going_to, "refusal": refusal, "pretend_phone": pretend_phone_url(),
    }  # fmt: skip
    return render(request, "public/doors/check.html", facts, status=status)


def person_of(request: HttpRequest) -> User | None:
    """Who is signed in."""
    return request.user if request.user.is_authenticated else None
