"""The life of one text message: written, claimed, handed over, reported; and what people answer."""

import json
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from linggong.accounts import queries
from linggong.accounts.messages import template
from linggong.accounts.models import Consent, Sms, SmsReply
from linggong.core.clock import now
from linggong.core.codes import new_code
from linggong.core.journal import record
from linggong.core.refusals import Refused
from linggong.core.sealed import fingerprint, seal

LEASE = timedelta(minutes=1)
PAYLOAD_ROWS_MAX = 500
STOP_WORDS = frozenset({"T", "TD", "退订", "N"})


class BadReport(Refused):
    """Not what the provider is documented to push."""

    message = _("回执格式不对")
    status = 422


@transaction.atomic
def text(
    phone: str, key: str, params: dict[str, str], *, urgent: bool | None = None,
    about_type: str = "", about_code: str = "",
) -> Sms:  # fmt: skip
    """Put one text message on its way; background hands it to the provider. Number and values are sealed."""
    words = template(key)
    moment = now()
    row = Sms(code=new_code())
    return Sms.begin(
        by=None, code=row.code, template=key[:40], phone_hash=fingerprint("phone", phone),
        phone_sealed=seal(row, "phone_sealed", phone),
        params_sealed=seal(row, "params_sealed", json.dumps(params, ensure_ascii=False, default=str)),
        urgent=words.urgent if urgent is None else urgent, created_at=moment,
        useful_until=moment + timedelta(minutes=words.useful_minutes),
        about_type=about_type, about_code=about_code,
    )  # fmt: skip


@transaction.atomic
def claim_sms(sms: Sms) -> bool:
    """Take a waiting message for one attempt; False when somebody else has it, or it is no longer waiting.

    After this `sms.attempts` > 1 means: an earlier attempt may have reached the provider. Ask before sending.
    """
    moment = now()
    mine = Sms.objects.filter(pk=sms.pk, state=Sms.State.WAITING).filter(
        Q(lease_until=None) | Q(lease_until__lte=moment)
    )
    if mine.update(attempts=F("attempts") + 1, lease_until=moment + LEASE) != 1:
        return False
    sms.refresh_from_db()
    return True


@transaction.atomic
def release_sms(sms: Sms, *, because: str) -> None:
    """The attempt ended without a clear answer: another may follow."""
    Sms.objects.filter(pk=sms.pk, state=Sms.State.WAITING).update(lease_until=None, failure=because[:80])


@transaction.atomic
def sms_sent(sms: Sms, *, provider_ref: str) -> None:
    """The provider has it. What was in it is erased (decision 23). Once more changes nothing."""
    sms.refresh_from_db()
    if sms.state == Sms.State.WAITING:
        sms.move(
            Sms.State.SENT, by=None, sent_at=now(), provider_ref=provider_ref[:64], lease_until=None,
            failure="", **_erased(),
        )  # fmt: skip


@transaction.atomic
def sms_failed(sms: Sms, *, because: str) -> None:
    """The provider refuses it for good."""
    sms.refresh_from_db()
    if sms.state == Sms.State.WAITING:
        sms.move(Sms.State.FAILED, by=None, because=because, failure=because[:80], lease_until=None, **_erased())


@transaction.atomic
def expire_sms() -> int:
    """Drop messages that are of no use any more, e.g. a code after five minutes without a provider."""
    stale = list(Sms.objects.filter(state=Sms.State.WAITING, useful_until__lte=now()).order_by("pk")[:500])
    for sms in stale:
        sms.move(Sms.State.EXPIRED, by=None, lease_until=None, **_erased())
    return len(stale)


@transaction.atomic
def hear_reports(payload: Any) -> int:
    """Take the provider's delivery reports (SmsReport push: a JSON list). Returns how many changed something.

    Late, repeated, unknown and early reports are all fine: early means before we wrote down that we sent it.
    Raises BadReport.
    """
    heard = 0
    for report in payload_rows(payload):
        code = str(report.get("out_id", ""))
        sms = Sms.objects.filter(code=code).first() if code else None
        if sms is None or sms.state not in (Sms.State.WAITING, Sms.State.SENT):
            continue
        if sms.state == Sms.State.WAITING:
            sms_sent(sms, provider_ref=str(report.get("biz_id", "")))
        if report.get("success") in (True, "true"):
            sms.move(Sms.State.DELIVERED, by=None)
        else:
            why = str(report.get("err_code", ""))[:80]
            sms.move(Sms.State.FAILED, by=None, because=why, failure=why)
        heard += 1
    return heard


@transaction.atomic
def hear_replies(payload: Any) -> int:
    """Take what people answered (SmsUp push: a JSON list). Returns how many were new.

    Each answer is kept once (by the provider's sequence number) beside the row our last message to that number
    was about, and heard upstairs as "smsreply.heard". TD and 退订 withdraw the consent to messages.
    Raises BadReport.
    """
    new = 0
    for row in payload_rows(payload):
        reply = _keep_reply(row)
        if reply is None:
            continue
        new += 1
        record("smsreply.heard", reply, by=reply.user)
        if reply.user and reply.text.strip().upper() in STOP_WORDS:
            _stop(reply)
    return new


def _keep_reply(row: dict[str, Any]) -> SmsReply | None:
    reference, phone = str(row.get("sequence_id", "")), str(row.get("phone_number", ""))
    if not reference or not phone:
        raise BadReport
    phone_hash = fingerprint("phone", phone.removeprefix("+86").removeprefix("86") if len(phone) > 11 else phone)
    asked = Sms.objects.filter(phone_hash=phone_hash).exclude(about_code="").order_by("-created_at", "-pk").first()
    if SmsReply.objects.filter(provider_ref=reference).exists():
        return None
    try:
        with transaction.atomic():
            return SmsReply.objects.create(
                phone_hash=phone_hash, user=queries.by_phone_hash(phone_hash), at=now(),
                text=str(row.get("content", ""))[:200], provider_ref=reference[:64],
                about_type=asked.about_type if asked else "", about_code=asked.about_code if asked else "",
            )  # fmt: skip
    except IntegrityError:
        return None  # the same push, at the same moment, in another process


def _stop(reply: SmsReply) -> None:
    from linggong.accounts.actions.people import consent, withdraw

    # Somebody who never said yes or no has now said no: without a row to withdraw there is nothing to remember.
    if not withdraw(reply.user, "sms", by=reply.user):
        consent(reply.user, "sms", how=Consent.How.TAP, by=reply.user)
        withdraw(reply.user, "sms", by=reply.user)


def payload_rows(payload: Any) -> list[dict[str, Any]]:
    """The rows of one push of the provider. Raises BadReport."""
    if not isinstance(payload, list) or len(payload) > PAYLOAD_ROWS_MAX:
        raise BadReport
    if not all(isinstance(row, dict) for row in payload):
        raise BadReport
    return payload


def _erased() -> dict[str, str]:
    return {"params_sealed": "", "phone_sealed": ""}
