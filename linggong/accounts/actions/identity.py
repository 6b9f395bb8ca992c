"""Proving who somebody is: UNVERIFIED → PENDING → VERIFIED or FAILED, by interface, card or counter."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from linggong.accounts import queries
from linggong.accounts.actions.telling import tell
from linggong.accounts.models import IdentityCheck, User
from linggong.core.clock import now
from linggong.core.codes import new_code
from linggong.core.refusals import Refused
from linggong.core.sealed import seal

CHECKS_PER_DAY_MAX = 5
GIVE_UP_AFTER = timedelta(minutes=30)

REASONS = {
    "mismatch": _("姓名和身份证号对不上，请看看有没有写错，或者带身份证到服务站窗口"),
    "not_found": _("核验机构查不到这个号，请带身份证到服务站窗口看证"),
    "busy": _("核验系统一直没有回音，请过一会儿再试，或者带身份证到服务站窗口看证"),
    "off": _("网上核验还没有开通，请带身份证到服务站窗口看证"),
}


class NoIdNumber(Refused):
    """Nothing to check yet."""

    message = _("先填身份证号，再核验")
    status = 422


class BadCard(Refused):
    """Not a social-security card number."""

    message = _("社保卡号不对，请看卡正面，一般是 9 位数字或和身份证号一样")
    status = 422


class StillChecking(Refused):
    """One check at a time."""

    message = _("正在核验，等一下就有结果")


class TooManyChecks(Refused):
    """The interface is no place to try out numbers."""

    message = _("今天核验次数太多了，明天再试，或者带身份证到服务站窗口")


class NotYourself(Refused):
    """Staff cannot vouch for themselves."""

    message = _("不能给自己看证，请换一位同事")


@transaction.atomic
def check_identity(user: User, *, method: str, card_number: str = "", by: User | None) -> IdentityCheck:
    """Ask the provider whether name and ID number (and card number) belong together; the answer comes later.

    An already verified person gets their verified check back. Raises NoIdNumber, BadCard, StillChecking,
    TooManyChecks (five a day). `card_number` is kept sealed until the answer and then only its last four.
    """
    if (verified := queries.verified_check(user)) is not None:
        return verified
    if not user.id_hash or not user.name:
        raise NoIdNumber
    card_number = "".join(card_number.split()).upper()
    if method == IdentityCheck.Method.SS_CARD and not (card_number.isalnum() and 9 <= len(card_number) <= 19):
        raise BadCard
    moment = now()
    recent = IdentityCheck.objects.filter(user=user, asked_at__gt=moment - timedelta(days=1))
    if recent.exclude(method=IdentityCheck.Method.COUNTER).count() >= CHECKS_PER_DAY_MAX:
        raise TooManyChecks
    row = IdentityCheck(code=new_code())
    try:
        with transaction.atomic():
            return IdentityCheck.begin(
                by=by or user, acting_for=user if by not in (None, user) else None,
                code=row.code, user=user, method=method, asked_at=moment,
                card_sealed=seal(row, "card_sealed", card_number), card_tail4=card_number[-4:],
            )  # fmt: skip
    except IntegrityError as error:
        raise StillChecking from error


@transaction.atomic
def check_at_counter(user: User, *, by: User) -> IdentityCheck:
    """Staff held the ID card in their hands and the face fits: verified, without any interface.

    A check still under way at the provider is left to its own answer. Raises NoIdNumber, NotYourself.
    """
    if by == user:
        raise NotYourself
    if not user.id_hash:
        raise NoIdNumber
    if (verified := queries.verified_check(user)) is not None:
        return verified
    return IdentityCheck.begin(
        by=by, acting_for=user, user=user, method=IdentityCheck.Method.COUNTER,
        state=IdentityCheck.State.VERIFIED, checked_by=by, asked_at=now(), answered_at=now(),
    )  # fmt: skip


@transaction.atomic
def answer_identity(check: IdentityCheck, *, outcome: str, token: str = "", by: User | None) -> None:
    """Write down the provider's answer: "match", or a key of REASONS. A second answer changes nothing."""
    check.refresh_from_db()
    if check.state != IdentityCheck.State.PENDING:
        return
    facts = {"answered_at": now(), "token": token[:80], "card_sealed": ""}
    if outcome == "match":
        check.move(IdentityCheck.State.VERIFIED, by=by, **facts)
        tell(check.user, _("身份核验通过了"), kind="identity")
        return
    check.move(IdentityCheck.State.FAILED, by=by, because=outcome, reason=outcome, **facts)
    tell(check.user, REASONS[outcome], kind="identity")


@transaction.atomic
def give_up_identity(*, by: User | None) -> int:
    """Close checks the provider has not answered for half an hour, and show the way to the counter."""
    silent = IdentityCheck.objects.filter(
        state=IdentityCheck.State.PENDING, asked_at__lte=now() - GIVE_UP_AFTER
    ).select_related("user")[:500]
    for check in silent:
        answer_identity(check, outcome="busy", by=by)
    return len(silent)
