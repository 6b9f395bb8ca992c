"""Staff at the door: a code and a second factor; on an enrolled desk, a quick change of shift by PIN (decision 31)."""

import re
import unicodedata
from typing import Any

from allauth.mfa.adapter import get_adapter as mfa
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, validate_totp_code
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import linggong.accounts.actions as actions
import linggong.accounts.queries as accounts
import linggong.venues.queries as venues
from linggong.accounts.models import Device, User
from linggong.core.clock import now
from linggong.core.refusals import Refused
from linggong.venues.models import Venue
from linggong.web.public.doorway import (
    SECOND_AT_KEY,
    SECOND_KEY,
    Hidden,
    after_sign_in,
    has_second_lately,
    home_of,
    is_staff,
    let_in,
    no_store,
    safe_next,
    with_next,
)
from linggong.web.public.sign_in import PhoneForm

DEVICE_COOKIE = "desk"
DEVICE_SECONDS = 365 * 24 * 3600
SHIFT_SECONDS = 12 * 3600  # on a shared computer nobody stays signed in overnight


class SecondForm(forms.Form):
    """Six digits from the authenticator app, or one of the recovery codes."""

    code = forms.CharField(
        label=_("动态口令"), max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": _("动态口令没填"), "max_length": _("动态口令是 6 位数字，备用码是 8 位")},
    )  # fmt: skip

    def clean_code(self) -> str:
        """Spaces and full-width digits are forgiven."""
        return re.sub(r"\s", "", unicodedata.normalize("NFKC", self.cleaned_data["code"]))


class PinForm(forms.Form):
    """A PIN of six digits."""

    pin = forms.CharField(
        label=_("换班密码"), max_length=12,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": _("换班密码没填，是 6 位数字"), "max_length": _("换班密码是 6 位数字")},
    )  # fmt: skip


class DeviceForm(forms.Form):
    """What to call this computer, and where it stands."""

    label = forms.CharField(
        label=_("这台电脑叫什么"), max_length=40, help_text=_("比如：2 号窗口"),
        error_messages={"required": _("给电脑起个名，比如 2 号窗口"), "max_length": _("名字太长了，40 个字以内")},
    )  # fmt: skip
    venue = forms.ChoiceField(label=_("放在哪个网点"), error_messages={"invalid_choice": _("没有这个网点，请重新选")})

    def __init__(self, *args: Any, places: list[Venue], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["venue"].choices = [(place.code, place.name) for place in places]


@require_safe
def staff(request: HttpRequest) -> HttpResponse:
    """The ways in for staff; signed in, what guards their own account."""
    if not request.user.is_authenticated:
        facts = {"form": PhoneForm(), "next": safe_next(request), "device": _device(request)}
        return render(request, "public/doors/staff.html", facts)
    user = _staff_or_404(request)
    facts = {
        "second": accounts.has_second_factor(user), "pin": bool(user.pin_hash), "device": _device(request),
        "home": home_of(user),
    }  # fmt: skip
    return render(request, "public/doors/staff_account.html", facts)


@require_http_methods(["GET", "POST"])
def second(request: HttpRequest) -> HttpResponse:
    """The second factor: after the code of somebody who has one, and again before a risky act."""
    going_to = safe_next(request)
    waiting = accounts.by_code(request.session.get(SECOND_KEY, ""))
    user = waiting or (request.user if request.user.is_authenticated else None)
    if user is None:
        return redirect(with_next("/staff/", going_to))
    if not accounts.has_second_factor(user):
        return redirect(with_next("/staff/second/enrol/", going_to))
    form = SecondForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _verify(user, form.cleaned_data["code"])
            except Refused as refusal:
                form.add_error("code", str(refusal))
                status = refusal.status
            else:
                if waiting is not None:
                    let_in(request, user)
                request.session[SECOND_AT_KEY] = now().timestamp()
                return after_sign_in(user, going_to)
    return render(request, "public/doors/second.html", {"form": form, "next": going_to}, status=status)


@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """Tie an authenticator app to the account: scan, type the first six digits, keep the recovery codes."""
    going_to = safe_next(request)
    if not request.user.is_authenticated:
        return redirect(with_next("/staff/", going_to))
    user = _staff_or_404(request)
    if accounts.has_second_factor(user):
        return redirect(going_to or "/staff/")
    kept = Hidden(request, "second", "secret")
    secret = kept.get()
    if not secret:
        secret = generate_totp_secret()
        kept.put(secret)
    form = SecondForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and validate_totp_code(secret, form.cleaned_data["code"]):
            TOTP.activate(user, secret)
            kept.put("")
            request.session[SECOND_AT_KEY] = now().timestamp()
            codes = RecoveryCodes.activate(user).get_unused_codes()
            return no_store(
                render(request, "public/doors/recovery.html", {"codes": codes, "to": going_to or "/staff/"})
            )
        if form.is_valid():
            form.add_error("code", _("和手机上的数字对不上。手机时间要准，等它换一个数再试"))
    facts = {"form": form, "next": going_to, "secret": _in_fours(secret), "svg": _qr(user, secret)}
    return no_store(render(request, "public/doors/enrol.html", facts, status=status))


@require_http_methods(["GET", "POST"])
def shift(request: HttpRequest) -> HttpResponse:
    """The next colleague takes over this desk: a tap on the name, six digits, done."""
    device = _device(request)
    colleagues = _colleagues(device) if device else []
    form = PinForm(request.POST or None)
    chosen, status = request.POST.get("who", ""), 200
    who = next((person for person in colleagues if person.code == chosen), None)
    if request.method == "POST":
        status, form = 422, PinForm(request.POST)
        form.is_valid()
        if device is None:
            form.add_error(None, str(actions.DeviceUnknown.message))
        elif who is None:
            form.add_error(None, _("先点自己的名字"))
        elif form.is_valid():
            try:
                actions.change_shift(request.COOKIES[DEVICE_COOKIE], form.cleaned_data["pin"], who=who)
            except Refused as refusal:
                form.add_error("pin", str(refusal))
                status = refusal.status
            else:
                let_in(request, who)
                request.session.set_expiry(SHIFT_SECONDS)
                return redirect(safe_next(request) or "/desk/")
    people = [{"value": person.code, "title": person.name, "on": person.code == chosen} for person in colleagues]
    facts = {"form": form, "device": device, "people": people, "next": safe_next(request)}
    return render(request, "public/doors/shift.html", facts, status=status)


@require_http_methods(["GET", "POST"])
def pin(request: HttpRequest) -> HttpResponse:
    """Set the PIN for changing shift."""
    if not request.user.is_authenticated:
        return redirect(with_next("/staff/", "/staff/pin/"))
    user = _staff_or_404(request)
    if accounts.has_second_factor(user) and not has_second_lately(request):
        return redirect(with_next("/staff/second/", "/staff/pin/"))
    form = PinForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.set_pin(user, form.cleaned_data["pin"], by=user)
                return redirect("/staff/")
            except Refused as refusal:
                form.add_error("pin", str(refusal))
                status = refusal.status
    return render(request, "public/doors/pin.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
def enrol_device(request: HttpRequest) -> HttpResponse:
    """Make this computer a known desk; whoever vouches for it has just shown a second factor."""
    if not request.user.is_authenticated:
        return redirect(with_next("/staff/", "/staff/device/"))
    user = _staff_or_404(request)
    if not has_second_lately(request):
        return redirect(with_next("/staff/second/", "/staff/device/"))
    form = DeviceForm(request.POST or None, places=venues.of_staff(user))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            _row, token = actions.enroll_device(
                form.cleaned_data["label"], venue_code=form.cleaned_data["venue"], by=user
            )
            response = redirect("/staff/")
            response.set_cookie(
                DEVICE_COOKIE, token, max_age=DEVICE_SECONDS, httponly=True, samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )  # fmt: skip
            return response
    return render(request, "public/doors/device.html", {"form": form, "device": _device(request)}, status=status)


@require_POST
def end_device(request: HttpRequest) -> HttpResponse:
    """This computer is no desk any more."""
    if not request.user.is_authenticated:
        return redirect("/staff/")
    user = _staff_or_404(request)
    device = _device(request)
    if device is not None and device.venue_code in {place.code for place in venues.of_staff(user)}:
        actions.end_device(device, by=user)
    response = redirect("/staff/")
    response.delete_cookie(DEVICE_COOKIE, samesite="Lax")
    return response


def _staff_or_404(request: HttpRequest) -> User:
    if not is_staff(request.user):
        raise Http404
    return request.user


def _device(request: HttpRequest) -> Device | None:
    return accounts.device(request.COOKIES.get(DEVICE_COOKIE, ""))


def _colleagues(device: Device) -> list[User]:
    """Who works where the computer stands and has set a PIN, each once."""
    try:
        place = venues.by_code(device.venue_code)
    except Venue.DoesNotExist:
        return []
    people = {row.user_id: row.user for row in venues.staff_of(place)}
    return [person for person in people.values() if person.pin_hash and person.is_active]


def _verify(user: User, code: str) -> None:
    """Raises actions.WrongCode, actions.TooManyTries."""
    try:
        forget_tries = check_rate_limit(user)
    except ValidationError as error:
        raise actions.TooManyTries(_("错的次数太多了，请过几分钟再试，或者用备用码")) from error
    for row in Authenticator.objects.filter(user=user):
        if row.type == Authenticator.Type.TOTP and TOTP(row).validate_code(code):
            break
        if row.type == Authenticator.Type.RECOVERY_CODES and RecoveryCodes(row).validate_code(code):
            break
    else:
        raise actions.WrongCode(_("动态口令不对。看一眼手机上现在的 6 位数，或者用一个备用码"))
    row.record_usage()
    forget_tries()


def _qr(user: User, secret: str) -> str:
    drawn = mfa().build_totp_svg(mfa().build_totp_url(user, secret))
    return mark_safe(drawn[drawn.index("<svg") :])


def _in_fours(secret: str) -> str:
    return " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
