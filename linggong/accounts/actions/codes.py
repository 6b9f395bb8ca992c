"""One-time codes: by text message, or printed at a counter when messages do not work.

Six digits, five minutes, five tries, one use, bound to the browser session that asked. Whether the phone is
known changes nothing in the answer. The limits are counted in the database, so they hold across processes.
"""

import hmac
import unicodedata
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from linggong.accounts import ids, queries
from linggong.accounts.actions.looking import assisted
from linggong.accounts.actions.tally import count_up
from linggong.accounts.actions.telling import tell
from linggong.accounts.actions.texting import text
from linggong.accounts.models import Consent, LoginCode, User
from linggong.core.clock import at, local, now, today
from linggong.core.codes import new_digits
from linggong.core.refusals import Refused
from linggong.core.sealed import fingerprint

LIFE = timedelta(minutes=5)
TRIES_MAX = 5
PRINTED_LIFE = timedelta(minutes=15)
PRINTED_DIGITS = 8  # printed codes name no phone, so a guess would try all of them at once: two digits more
PHONE_LIMITS = ((timedelta(minutes=1), 1), (timedelta(hours=1), 5), (timedelta(days=1), 10))
# A station's whole hall may stand behind one address.
ADDRESS_LIMITS = ((timedelta(hours=1), 60), (timedelta(days=1), 300))
EVERYBODY_LIMIT = (timedelta(minutes=10), 3000)
PRINTED_TRIES_PER_ADDRESS = 30


class TooOften(Refused):
    """Too many codes were asked for."""

    message = _("验证码要得太勤了，请过一会儿再要。急用就到服务站窗口打一张登录码")
    status = 429


class SmsOff(Refused):
    """No text messages here at all."""

    message = _("这里还没开通短信，请到服务站窗口打一张一次性登录码")


class WrongCode(Refused):
    """Not the code."""

    message = _("验证码不对，请再看一遍")
    status = 422


class CodeExpired(Refused):
    """The code is too old, used, or not for this browser."""

    message = _("验证码过期了，请重新要一个")
    status = 422


class TooManyTries(Refused):
    """Five wrong tries."""

    message = _("错的次数太多了，请重新要一个验证码")
    status = 429


@transaction.atomic
def ask_code(phone: str, *, bound_to: str, address: str = "") -> LoginCode:
    """Have a code sent to this phone, known or not. `bound_to` names the session, `address` the network address.

    Raises BadPhone, SmsOff, TooOften (per phone 1 a minute, 5 an hour, 10 a day; looser per address).
    """
    phone = ids.valid_phone(phone)
    if settings.SMS_PROVIDER == "off":
        raise SmsOff
    phone_hash = fingerprint("phone", phone)
    address_hash = fingerprint("address", address) if address else ""
    _mind_limits(phone_hash, address_hash)
    moment = now()
    digits = new_digits()
    row = LoginCode.objects.create(
        phone_hash=phone_hash, code_hash=_code_hash(phone_hash, bound_to, digits), bound_to=bound_to[:64],
        address_hash=address_hash, created_at=moment, expires_at=moment + LIFE,
    )  # fmt: skip
    text(phone, "code", {"code": digits})
    return row


def check_code(phone: str, code: str, *, bound_to: str) -> User | None:
    """Is this the code? Returns the person with this phone, or None when nobody is registered with it yet.

    Raises WrongCode, CodeExpired, TooManyTries. Call it outside a transaction: a wrong try must stay counted.
    """
    phone = ids.valid_phone(phone)
    phone_hash = fingerprint("phone", phone)
    row = (
        LoginCode.objects.filter(phone_hash=phone_hash, user=None, bound_to=bound_to[:64])
        .order_by("-created_at", "-pk")
        .first()
    )
    if row is None or row.used_at or row.expires_at <= now():
        raise CodeExpired
    _count_try(row)
    given = _code_hash(phone_hash, bound_to, "".join(code.split()))
    if not hmac.compare_digest(given, row.code_hash):
        raise WrongCode
    _use(row)
    return queries.by_phone(phone)


@transaction.atomic
def print_code(user: User, *, by: User, consent_how: str = Consent.How.SPOKEN) -> str:
    """A code to print on a slip for a person standing at the counter. Returned in clear once, kept as a hash.

    Good for 15 minutes and one use; an earlier slip dies. Written down as assistance, and told to the person.
    """
    moment = now()
    LoginCode.objects.filter(user=user, used_at=None).update(used_at=moment)
    digits = new_digits(PRINTED_DIGITS)
    LoginCode.objects.create(
        user=user, printed_by=by, code_hash=fingerprint("printed_code", digits),
        created_at=moment, expires_at=moment + PRINTED_LIFE,
    )  # fmt: skip
    words = _("{time} 窗口给你打了一张登录码，15 分钟内有效").format(time=local(moment).strftime("%H:%M"))
    assisted(acted_by=by, acting_for=user, act="print_code", about=user, consent_how=consent_how, receipt=words)
    tell(user, words, kind="security", sms="security")
    return digits


def check_printed_code(code: str, *, bound_to: str, address: str = "") -> User:
    """The person a printed slip belongs to. Spaces do not matter.

    Raises WrongCode, TooManyTries (5 per session and 30 per address in a quarter of an hour).
    Call it outside a transaction: a wrong try must stay counted.
    """
    _count_printed_try(bound_to, address)
    digits = "".join(code.split())
    row = (
        LoginCode.objects.filter(code_hash=fingerprint("printed_code", digits), used_at=None)
        .exclude(user=None)
        .select_related("user")
        .first()
    )
    if row is None:
        raise WrongCode
    if row.expires_at <= now():
        raise CodeExpired(_("这张登录码过期了，请窗口重新打一张"))
    _use(row)
    return row.user


def prove(user: User, id_tail4: str) -> None:
    """After a long silence the phone may have a new owner (二次号): who signs in also knows the card's last four.

    See queries.must_prove. Raises WrongCode, TooManyTries (five a day; then the counter helps).
    Call it outside a transaction: a wrong try must stay counted.
    """
    _count_proof(user)
    given = unicodedata.normalize("NFKC", id_tail4).strip().upper()
    if not hmac.compare_digest(given.encode(), user.id_tail4.encode()):
        raise WrongCode(_("和登记的身份证后四位不一样，请再看一遍证件"))


@transaction.atomic
def forget_old_codes() -> int:
    """Erase codes two days after they were made: the limits look back one day, nobody needs them longer."""
    gone, _ = LoginCode.objects.filter(created_at__lt=now() - timedelta(days=2)).delete()
    return gone


def _mind_limits(phone_hash: str, address_hash: str) -> None:
    # Counting first makes requests for the same phone wait for each other, so the look-back below is exact.
    count_up("code_phone", phone_hash, window_at=at(today(), 0))
    moment = now()
    rows = LoginCode.objects.filter(user=None)
    for span, most in PHONE_LIMITS:
        if rows.filter(phone_hash=phone_hash, created_at__gt=moment - span).count() >= most:
            raise TooOften
    for span, most in ADDRESS_LIMITS:
        if address_hash and rows.filter(address_hash=address_hash, created_at__gt=moment - span).count() >= most:
            raise TooOften
    span, most = EVERYBODY_LIMIT
    if rows.filter(created_at__gt=moment - span).count() >= most:
        raise TooOften


def count_console_try(*, bound_to: str, address: str = "") -> None:
    """One more try at the word that the server's console shows, counted before it is compared.

    Raises TooManyTries (5 per session and 30 per address in a quarter of an hour).
    Call it outside a transaction: a wrong try must stay counted.
    """
    if _tried("console_try", bound_to, address):
        raise TooManyTries(_("错的次数太多了，请过一刻钟再试"))


def _count_printed_try(bound_to: str, address: str) -> None:
    if _tried("printed_try", bound_to, address):
        raise TooManyTries(_("错的次数太多了，请过一刻钟再试，或者让窗口帮你看看"))


@transaction.atomic
def _tried(kind: str, bound_to: str, address: str) -> bool:
    """Counts one try for this session and this address; True when it is one too many."""
    moment = now()
    quarter = moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)
    mine = count_up(kind, fingerprint("session", bound_to), window_at=quarter)
    theirs = count_up(kind, fingerprint("address", address), window_at=quarter) if address else None
    return mine.count > TRIES_MAX or bool(theirs and theirs.count > PRINTED_TRIES_PER_ADDRESS)


@transaction.atomic
def _count_proof(user: User) -> None:
    tally = count_up("proof_try", fingerprint("proof", user.code), window_at=at(today(), 0))
    if tally.count > TRIES_MAX:
        raise TooManyTries(_("今天错的次数太多了，请带身份证到服务站窗口"))


@transaction.atomic
def _count_try(row: LoginCode) -> None:
    # Counted before the comparison: of many guesses sent at the same moment only five are ever compared.
    mine = LoginCode.objects.filter(pk=row.pk, used_at=None, tries__lt=TRIES_MAX)
    if mine.update(tries=F("tries") + 1) != 1:
        raise TooManyTries


@transaction.atomic
def _use(row: LoginCode) -> None:
    if LoginCode.objects.filter(pk=row.pk, used_at=None).update(used_at=now()) != 1:
        raise CodeExpired


def _code_hash(phone_hash: str, bound_to: str, digits: str) -> str:
    return fingerprint("login_code", f"{phone_hash}:{bound_to}:{digits}")
