"""Becoming a person here, and what one agreed to."""

import re
import unicodedata
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from linggong.accounts import ids, queries
from linggong.accounts.actions.tally import count_up
from linggong.accounts.consents import current
from linggong.accounts.models import Consent, User
from linggong.core.clock import at, now, today
from linggong.core.codes import new_code
from linggong.core.journal import record
from linggong.core.refusals import Refused
from linggong.core.sealed import fingerprint, seal, unseal

AGE_MIN = 16
_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]+(?:·[\u3400-\u9fff]+)*|[A-Za-z]+(?:[ .'\-][A-Za-z]+)*")


class PhoneTaken(Refused):
    """Somebody else has this number."""

    message = _("这个手机号已经有人用了。是你的号，就用验证码登录；不是，请换一个号")


class IdTaken(Refused):
    """Somebody else is registered with this ID number."""

    message = _("这个身份证号已经登记过。请用原来的手机号登录，换了号就到服务站窗口办")


class BadId(Refused):
    """Not a well formed ID number."""

    message = _("身份证号不对，请对着证件再看一遍，一共 18 位，最后一位可能是 X")
    status = 422


class BadName(Refused):
    """Not a name as it stands on a card."""

    message = _("姓名请照身份证上写，不用加称呼和符号")
    status = 422


class TooYoung(Refused):
    """Under sixteen: no employer may take them on (Labour Law art. 15; 禁止使用童工规定 art. 2)."""

    message = _("不满 16 周岁不能在这里登记。我们什么都没有存")


class IdFixed(Refused):
    """The number was checked already, or another one is on file."""

    message = _("身份证号已经登记好了，改不了。真写错了，请带身份证到服务站窗口更正")


class NameDiffers(Refused):
    """The number is known under another name."""

    message = _("姓名和登记过的不一样，请核对证件")


class WitnessNeeded(Refused):
    """A consent given aloud counts only with a member of staff as witness."""

    message = _("口头同意要有一位工作人员当面见证")


def make_person(*, name: str, phone: str = "", id_number: str = "", by: User | None) -> User:
    """Make the one row of a natural person. `by` None: they register themselves.

    Raises BadName, ids.BadPhone, BadId, PhoneTaken, IdTaken, and TooYoung for under sixteen: then nothing is
    stored but one more in a count of the day. Call it outside a transaction, or that count goes with it.
    """
    name = clean_name(name)
    phone = ids.valid_phone(phone) if phone else ""
    id_number, birth_on = _read_id(id_number)
    return _make(name, phone, id_number, birth_on, by)


def find_or_make_person(*, name: str, phone: str = "", id_number: str = "", by: User | None) -> User:
    """The person with this ID number, or this phone, or a new one: for the counter and for bulk entry.

    A known person gets the missing phone or ID number added. Raises NameDiffers, PhoneTaken (the phone belongs
    to a person with another ID number) and what make_person raises.
    """
    name = clean_name(name)
    phone = ids.valid_phone(phone) if phone else ""
    number, birth_on = _read_id(id_number)
    with transaction.atomic():
        known = (queries.by_id_number(number) if number else None) or (queries.by_phone(phone) if phone else None)
        if known is not None:
            return _complete(known, name, phone, number, birth_on, by)
    return _make(name, phone, number, birth_on, by)


def set_id(user: User, id_number: str, *, by: User | None) -> None:
    """Put the ID number of a person on file: sealed, with birth date. The same number again changes nothing.

    Raises BadId, TooYoung, IdTaken, IdFixed (another number is on file).
    """
    number, birth_on = _read_id(id_number)
    if not number:
        raise BadId
    _set_id(user, number, birth_on, by)


@transaction.atomic
def change_phone(user: User, phone: str, *, by: User | None) -> None:
    """Give a person another number. The old one is told at once (a takeover must not be silent), and every
    session ends: see sign_out_everywhere.

    The caller has had a code checked on the new number, or seen the ID card. Raises BadPhone, PhoneTaken.
    """
    from linggong.accounts.actions.telling import tell

    phone = ids.valid_phone(phone)
    if user.phone_hash == fingerprint("phone", phone):
        return
    if user.phone_hash:
        tell(
            user, _("你的账号换了手机号，以后用尾号 {tail} 登录").format(tail=phone[-4:]),
            kind="security", sms="security",
        )  # fmt: skip
    _save(user, PhoneTaken, **_phone_fields(user, phone))
    record("user.phone_changed", user, by=by or user, acting_for=_other(user, by))
    if by is not None:
        sign_out_everywhere(user, by=by)


@transaction.atomic
def correct_name(user: User, name: str, *, by: User) -> None:
    """Correct the name (PIPL art. 46). Oneself only before the ID was verified; after that, at the counter.

    Raises BadName, IdFixed.
    """
    name = clean_name(name)
    if name == user.name:
        return
    if by == user and queries.is_verified(user):
        raise IdFixed(_("姓名已经核对过身份证。改名请带身份证到服务站窗口"))
    _save(user, IdTaken, name=name)
    record("user.name_corrected", user, by=by, acting_for=_other(user, by))


@transaction.atomic
def sign_out_everywhere(user: User, *, by: User) -> None:
    """End every session of a person, on every device: after a lost phone, or when they ask.

    Sessions are tied to the password, which nobody here has: a new unusable one ends them all. For the session
    that asks, the web layer calls update_session_auth_hash.
    """
    user.set_unusable_password()
    _save(user, IdTaken, password=user.password)
    record("user.signed_out", user, by=by, acting_for=_other(user, by))


@transaction.atomic
def choose_print(user: User, large: bool, *, by: User) -> None:
    """大字版, on or off."""
    _save(user, IdTaken, large_print=large)


@transaction.atomic
def choose_language(user: User, language: str, *, by: User) -> None:
    """The language this person is messaged in."""
    _save(user, IdTaken, language=language[:10])


@transaction.atomic
def consent(user: User, purpose: str, *, how: str, by: User, witness: User | None = None) -> Consent:
    """Agree to the current text of `purpose`. Agreeing again to the same version changes nothing.

    Raises WitnessNeeded for a spoken consent without staff present; KeyError for a purpose without a text.
    """
    text = current(purpose)
    if how == Consent.How.SPOKEN and witness is None:
        witness = by if by != user else None
        if witness is None:
            raise WitnessNeeded
    live = Consent.objects.filter(user=user, purpose=purpose, version=text.version, withdrawn_at=None).first()
    if live is not None:
        return live
    # An older version no longer counts once the new one is agreed to; both stay on file.
    Consent.objects.filter(user=user, purpose=purpose, withdrawn_at=None).update(withdrawn_at=now())
    given = Consent.objects.create(
        user=user, purpose=purpose, version=text.version, text_hash=text.digest, how=how,
        witness=witness, given_at=now(),
    )  # fmt: skip
    record("consent.given", given, by=by, acting_for=_other(user, by), purpose=purpose, version=text.version)
    return given


@transaction.atomic
def withdraw(user: User, purpose: str, *, by: User) -> int:
    """Take a consent back, in one tap (PIPL art. 15). Returns how many were live; none is no error."""
    current(purpose)
    live = list(Consent.objects.filter(user=user, purpose=purpose, withdrawn_at=None))
    for given in live:
        given.withdrawn_at = now()
        given.save(update_fields=["withdrawn_at"])
        record("consent.withdrawn", given, by=by, acting_for=_other(user, by), purpose=purpose)
    return len(live)


def clean_name(name: str) -> str:
    """The name as on the card: Chinese characters with ·, or Latin letters; 2 to 40 characters. Raises BadName."""
    name = unicodedata.normalize("NFKC", name).strip().replace("•", "·").replace("・", "·")
    if not 2 <= len(name) <= 40 or not _NAME.fullmatch(name):
        raise BadName
    return name


def _read_id(id_number: str) -> tuple[str, date | None]:
    number = ids.clean_id(id_number)
    if not number:
        return "", None
    if not ids.valid_id(number) or ids.birth_of(number) > today():
        raise BadId
    birth_on = ids.birth_of(number)
    if ids.age_on(birth_on, today()) < AGE_MIN:
        _count_under_age()
        raise TooYoung
    return number, birth_on


@transaction.atomic
def _count_under_age() -> None:
    tally = count_up("under_age_refused", "", window_at=at(today(), 0))
    record("accounts.under_age_refused", tally, by=None)


@transaction.atomic
def _make(name: str, phone: str, number: str, birth_on: date | None, by: User | None) -> User:
    user = User(code=new_code(), name=name, created_at=now())
    user.set_unusable_password()
    fields = {**(_phone_fields(user, phone) if phone else {}), **(_id_fields(user, number, birth_on) if number else {})}
    for column, value in fields.items():
        setattr(user, column, value)
    try:
        user.save(force_insert=True)
    except IntegrityError as error:  # the unique columns know who was first; asking before would only ask twice
        raise (PhoneTaken if "phone" in str(error) else IdTaken) from error
    record("user.made", user, by=by or user, acting_for=_other(user, by))
    return user


def _complete(user: User, name: str, phone: str, number: str, birth_on: date | None, by: User | None) -> User:
    if number and user.id_hash and user.id_hash != fingerprint("id", number):
        raise PhoneTaken  # the phone is known, the card says it is another person
    if user.name and user.name != name:
        raise NameDiffers
    if number and not user.id_hash:
        _set_id(user, number, birth_on, by)
    if phone and not user.phone_hash:
        if queries.by_phone(phone):
            raise PhoneTaken
        _save(user, PhoneTaken, **_phone_fields(user, phone))
        record("user.phone_changed", user, by=by or user, acting_for=_other(user, by))
    if not user.name:
        _save(user, IdTaken, name=name)
    return user


@transaction.atomic
def _set_id(user: User, number: str, birth_on: date | None, by: User | None) -> None:
    given = fingerprint("id", number)
    if user.id_hash == given:
        return
    if user.id_hash:
        raise IdFixed
    if queries.by_id_number(number):
        raise IdTaken
    _save(user, IdTaken, **_id_fields(user, number, birth_on))
    record("user.id_set", user, by=by or user, acting_for=_other(user, by))


def _phone_fields(user: User, phone: str) -> dict[str, Any]:
    return {
        "phone_sealed": seal(user, "phone_sealed", phone),
        "phone_hash": fingerprint("phone", phone),
        "phone_tail4": phone[-4:],
    }


def _id_fields(user: User, number: str, birth_on: date | None) -> dict[str, Any]:
    return {
        "id_sealed": seal(user, "id_sealed", number),
        "id_hash": fingerprint("id", number),
        "id_tail4": number[-4:],
        "birth_on": birth_on,
    }


def _save(user: User, taken: type[Refused], **fields: Any) -> None:
    for column, value in fields.items():
        setattr(user, column, value)
    try:
        with transaction.atomic():
            user.save(update_fields=list(fields))
    except IntegrityError as error:
        raise taken from error


def _other(user: User, by: User | None) -> User | None:
    return user if by is not None and by != user else None


def clear_phone(user: User) -> str:
    """The number in clear, for our own messages to it; never for a page."""
    return unseal(user, "phone_sealed")
