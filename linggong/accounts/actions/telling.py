"""Telling a person something: a row in the inbox, and where wanted a WeChat or a text message beside it."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from linggong.accounts import queries
from linggong.accounts.actions.texting import LEASE
from linggong.accounts.actions.texting import text as send_text
from linggong.accounts.messages import BY_WECHAT, shorten, template
from linggong.accounts.models import Notice, User, WechatGrant, WechatLink, WechatMessage
from linggong.core.clock import now
from linggong.core.sealed import unseal


@transaction.atomic
def tell(
    user: User, text: Any, *, kind: str, about: Any = None, sms: str = "",
    params: dict[str, str] | None = None, urgent: bool | None = None,
) -> Notice:  # fmt: skip
    """Put `text` into somebody's inbox, in the transaction of what it tells about.

    `about` is any row with a `code`. `sms` is a template key of accounts/messages.py (any other key uses the
    general template); "" for the inbox only. A message that is not urgent waits while the quiet hours last,
    and is not sent at all to people without a phone or who do not want messages. Wishes and invitations go by
    WeChat instead, where the person tied theirs and has a message allowed there.
    """
    words = str(text)[:300]
    about_type, about_code = (about._meta.label_lower, about.code) if about is not None else ("", "")
    notice = Notice.objects.create(
        user=user, kind=kind, text=words, about_type=about_type, about_code=about_code, at=now()
    )
    if not sms:
        return notice
    is_urgent = template(sms).urgent if urgent is None else urgent
    if not (kind in BY_WECHAT and _by_wechat(notice, sms, is_urgent)):
        _by_sms(notice, sms, params, is_urgent)
    return notice


def _by_sms(notice: Notice, key: str, params: dict[str, str] | None, is_urgent: bool) -> None:
    user = notice.user
    if not user.phone_hash or settings.SMS_PROVIDER == "off":
        return
    if is_urgent or queries.wants_sms(user):
        send_text(
            unseal(user, "phone_sealed"), key, params or {"what": shorten(notice.text)},
            urgent=is_urgent, about_type=notice.about_type, about_code=notice.about_code,
        )  # fmt: skip


# --- by WeChat -----------------------------------------------------------------------------------------------


def _by_wechat(notice: Notice, key: str, is_urgent: bool) -> bool:
    """Spend one permission on this notice; False where there is none. Two notices never share one."""
    if settings.WECHAT_PROVIDER == "off":
        return False
    linked = {"link__user": notice.user_id, "link__state": WechatLink.State.LINKED}
    moment = now()
    for grant in WechatGrant.objects.filter(spent_at=None, **linked).order_by("pk"):
        if WechatGrant.objects.filter(pk=grant.pk, spent_at=None).update(spent_at=moment) == 1:
            useful = timedelta(minutes=template(key).useful_minutes)
            WechatMessage.begin(
                by=None, notice=notice, grant=grant, sms=key, urgent=is_urgent, created_at=moment,
                useful_until=moment + useful,
            )  # fmt: skip
            return True
    return False


@transaction.atomic
def claim_wechat(message: WechatMessage) -> bool:
    """Take a waiting message for one attempt; False when somebody else has it."""
    moment = now()
    mine = WechatMessage.objects.filter(pk=message.pk, state=WechatMessage.State.WAITING).filter(
        Q(lease_until=None) | Q(lease_until__lte=moment)
    )
    if mine.update(attempts=F("attempts") + 1, lease_until=moment + LEASE) != 1:
        return False
    message.refresh_from_db()
    return True


@transaction.atomic
def release_wechat(message: WechatMessage, *, because: str) -> None:
    """The attempt ended without a clear answer: another may follow."""
    WechatMessage.objects.filter(pk=message.pk, state=WechatMessage.State.WAITING).update(
        lease_until=None, failure=because[:80]
    )


@transaction.atomic
def wechat_sent(message: WechatMessage) -> None:
    """WeChat has it. Once more changes nothing."""
    message.refresh_from_db()
    if message.state == WechatMessage.State.WAITING:
        message.move(WechatMessage.State.SENT, by=None, sent_at=now(), lease_until=None, failure="")


@transaction.atomic
def wechat_failed(message: WechatMessage, *, because: str, unspent: bool = False) -> None:
    """WeChat will not take it: a text message goes in its place, unless it is of no use any more.

    `unspent`: WeChat did not count it, so the permission is there for the next message.
    """
    message.refresh_from_db()
    if message.state != WechatMessage.State.WAITING:
        return
    moment = now()
    message.move(WechatMessage.State.FAILED, by=None, because=because, failure=because[:80], lease_until=None)
    grant = message.grant
    taken = WechatGrant.objects.filter(link=grant.link_id, scene=grant.scene, spent_at=None).exists()
    if unspent and not taken:
        WechatGrant.objects.filter(pk=grant.pk).update(spent_at=None)
    if moment < message.useful_until:
        _by_sms(message.notice, message.sms, None, message.urgent)


@transaction.atomic
def read_notice(notice: Notice, *, by: User) -> None:
    """The person opened it. Reading it again changes nothing."""
    Notice.objects.filter(pk=notice.pk, user=by, read_at=None).update(read_at=now())


@transaction.atomic
def read_all(user: User, *, by: User) -> int:
    """Mark the whole inbox as read."""
    return Notice.objects.filter(user=user, read_at=None).update(read_at=now())
