"""Staff: roles and their reach, the shared desk computer, the operator's own words."""

import hashlib
import itertools
import secrets
from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linggong.accounts import queries
from linggong.accounts.models import Device, Grant, Setting, User
from linggong.core.clock import now
from linggong.core.journal import record
from linggong.core.refusals import Refused

PIN_DIGITS = 6
FREE_TRIES = 3
WAIT_SECONDS_MAX = 900


class SecondFactorNeeded(Refused):
    """A risky act without an authenticator."""

    message = _("这一步要先绑定动态口令，请到“我的”里绑定后再来")
    status = 403


class WeakPin(Refused):
    """A PIN that anybody would try first."""

    message = _("换班密码要 6 位数字，不能全一样，也不能是连着的数或生日")
    status = 422


class WrongPin(Refused):
    """Not this person's PIN."""

    message = _("换班密码不对，请再试一次")
    status = 422


class WaitABit(Refused):
    """After wrong PINs the desk takes none for a while; other ways to sign in stay open."""

    message = _("错了好几次，请等一会儿再试，或者用手机验证码登录")
    status = 429


class DeviceUnknown(Refused):
    """The computer was never enrolled, or no longer is."""

    message = _("这台电脑没有登记，请用手机验证码登录，或请站长登记这台电脑")
    status = 403


class AlreadyGranted(Refused):
    """They have it."""

    message = _("这个人已经有这个角色了")


@transaction.atomic
def grant(user: User, role: str, *, division_code: str, by: User | None) -> Grant:
    """Give a role inside a division and everything below; `by` None only at set-up and in the demo.

    Raises AlreadyGranted.
    """
    if Grant.objects.filter(user=user, role=role, division_code=division_code, ended_at=None).exists():
        raise AlreadyGranted
    row = Grant.objects.create(user=user, role=role, division_code=division_code, granted_by=by, granted_at=now())
    record("grant.given", row, by=by, acting_for=user, role=role, division_code=division_code)
    return row


@transaction.atomic
def end_grant(row: Grant, *, by: User) -> None:
    """Take a role back. Once more changes nothing."""
    if Grant.objects.filter(pk=row.pk, ended_at=None).update(ended_at=now()):
        row.refresh_from_db()
        record("grant.ended", row, by=by, acting_for=row.user, role=row.role)


@transaction.atomic
def set_pin(user: User, pin: str, *, by: User) -> None:
    """Set the personal PIN for changing shift on an enrolled desk. Raises WeakPin."""
    if not _is_strong(pin, user):
        raise WeakPin
    user.pin_hash = make_password(pin)
    user.save(update_fields=["pin_hash"])
    record("user.pin_set", user, by=by)


@transaction.atomic
def enroll_device(label: str, *, venue_code: str = "", by: User) -> tuple[Device, str]:
    """Make this computer a known desk. Returns the row and its token, in clear this one time, for a cookie.

    Raises SecondFactorNeeded: whoever vouches for a computer has an authenticator.
    """
    if not queries.has_second_factor(by):
        raise SecondFactorNeeded
    token = secrets.token_urlsafe(32)
    device = Device.objects.create(
        token_hash=_token_hash(token), label=label.strip()[:40] or str(_("窗口电脑")),
        venue_code=venue_code, enrolled_by=by, enrolled_at=now(),
    )  # fmt: skip
    record("device.enrolled", device, by=by)
    return device, token


@transaction.atomic
def end_device(device: Device, *, by: User) -> None:
    """The computer is sold or lost. Once more changes nothing."""
    if Device.objects.filter(pk=device.pk, ended_at=None).update(ended_at=now()):
        record("device.ended", device, by=by)


def change_shift(device_token: str, pin: str, *, who: User) -> User:
    """The next colleague takes over the desk: they tap their name and type their PIN. Returns them.

    Raises DeviceUnknown, WrongPin, WaitABit: from the third wrong PIN on a desk the wait doubles, up to a
    quarter of an hour; only this desk waits, the person can still sign in with a code.
    Call it outside a transaction: a wrong try must stay counted.
    """
    device = queries.device(device_token)
    if device is None:
        raise DeviceUnknown
    if device.wait_until and device.wait_until > now():
        raise WaitABit
    if not (who.is_active and who.pin_hash and check_password(pin, who.pin_hash)):
        _count_wrong(device)
        raise WrongPin
    _welcome(device, who)
    return who


@transaction.atomic
def set_setting(key: str, value: Any, *, by: User | None) -> Setting:
    """Enter a word of the operator about itself: county, hotline, licence … `value` is JSON data."""
    row, _made = Setting.objects.update_or_create(key=key, defaults={"value": value, "set_by": by, "set_at": now()})
    if by is not None:
        record("setting.set", by, by=by, key=key)
    return row


@transaction.atomic
def _count_wrong(device: Device) -> None:
    device = Device.objects.select_for_update().get(pk=device.pk)
    device.wrong_tries += 1
    if device.wrong_tries >= FREE_TRIES:
        seconds = min(30 * 2 ** (device.wrong_tries - FREE_TRIES), WAIT_SECONDS_MAX)
        device.wait_until = now() + timedelta(seconds=seconds)
    device.save(update_fields=["wrong_tries", "wait_until"])


@transaction.atomic
def _welcome(device: Device, who: User) -> None:
    Device.objects.filter(pk=device.pk).update(wrong_tries=0, wait_until=None)
    record("device.shift_changed", device, by=who)


def _is_strong(pin: str, user: User) -> bool:
    if len(pin) != PIN_DIGITS or not (pin.isascii() and pin.isdigit()) or len(set(pin)) < 3:
        return False
    steps = {int(b) - int(a) for a, b in itertools.pairwise(pin)}
    born = user.birth_on.strftime("%Y%m%d") if user.birth_on else ""
    return len(steps) > 1 and not (born and pin in (born[2:], born[:6]))


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
