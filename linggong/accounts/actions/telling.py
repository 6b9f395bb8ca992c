"""Telling a person something: a row in the inbox, and where wanted a text message beside it."""

from typing import Any

from django.conf import settings
from django.db import transaction

from linggong.accounts import queries
from linggong.accounts.actions.texting import text as send_text
from linggong.accounts.messages import shorten, template
from linggong.accounts.models import Notice, User
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
    and is not sent at all to people without a phone or who do not want messages.
    """
    words = str(text)[:300]
    about_type, about_code = (about._meta.label_lower, about.code) if about is not None else ("", "")
    notice = Notice.objects.create(
        user=user, kind=kind, text=words, about_type=about_type, about_code=about_code, at=now()
    )
    if not sms or not user.phone_hash or settings.SMS_PROVIDER == "off":
        return notice
    is_urgent = template(sms).urgent if urgent is None else urgent
    if is_urgent or queries.wants_sms(user):
        send_text(
            unseal(user, "phone_sealed"), sms, params or {"what": shorten(words)},
            urgent=is_urgent, about_type=about_type, about_code=about_code,
        )  # fmt: skip
    return notice


@transaction.atomic
def read_notice(notice: Notice, *, by: User) -> None:
    """The person opened it. Reading it again changes nothing."""
    Notice.objects.filter(pk=notice.pk, user=by, read_at=None).update(read_at=now())


@transaction.atomic
def read_all(user: User, *, by: User) -> int:
    """Mark the whole inbox as read."""
    return Notice.objects.filter(user=user, read_at=None).update(read_at=now())
