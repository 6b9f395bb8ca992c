"""The life of one automatic call: asked for, placed once, answered by a key, reported."""

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q

from linggong.accounts.actions.texting import LEASE, payload_rows
from linggong.accounts.messages import ENDINGS, KEY_PRESSED, NOT_OVER, SPOKEN
from linggong.accounts.models import Call, User
from linggong.core.clock import now
from linggong.core.codes import new_code
from linggong.core.journal import record
from linggong.core.sealed import seal, unseal

_S = Call.State


@transaction.atomic
def ring(user: User, key: str, params: dict[str, str], *, about: Any) -> Call | None:
    """Put one call on its way; background has it placed. Whether this is an hour to ring, the caller has decided.

    None where calls are off, the person has no phone, or one was made about `about` before: nobody is rung twice.
    """
    if settings.VOICE_PROVIDER == "off" or not user.phone_hash:
        return None
    spoken, moment = SPOKEN[key], now()
    row = Call(code=new_code())
    try:
        with transaction.atomic():
            return Call.begin(
                by=None, code=row.code, user=user, template=key, created_at=moment,
                phone_sealed=seal(row, "phone_sealed", unseal(user, "phone_sealed")),
                params_sealed=seal(row, "params_sealed", json.dumps(params, ensure_ascii=False)),
                useful_until=moment + timedelta(minutes=spoken.useful_minutes),
                about_type=about._meta.label_lower, about_code=about.code,
            )  # fmt: skip
    except IntegrityError:
        return None


@transaction.atomic
def claim_call(call: Call) -> bool:
    """Take a waiting call for one attempt, or a placed one to ask about; False when somebody else has it.

    Waiting and `call.attempts` > 1 after this means: an earlier attempt may have arrived. Then it is not placed again.
    """
    moment = now()
    mine = Call.objects.filter(pk=call.pk, state__in=[_S.WAITING, _S.PLACED]).filter(
        Q(lease_until=None) | Q(lease_until__lte=moment)
    )
    if mine.update(attempts=F("attempts") + 1, lease_until=moment + LEASE) != 1:
        return False
    call.refresh_from_db()
    return True


@transaction.atomic
def release_call(call: Call, *, because: str) -> None:
    """The attempt never got there, so it does not count: another may follow."""
    Call.objects.filter(pk=call.pk).update(lease_until=None, attempts=F("attempts") - 1, failure=because[:80])


@transaction.atomic
def call_placed(call: Call, *, provider_ref: str) -> None:
    """The provider has it, or may have it (`provider_ref` ""): it is never placed again. What was in it is erased."""
    call.refresh_from_db()
    if call.state == _S.WAITING:
        call.move(
            _S.PLACED,
            by=None,
            placed_at=now(),
            provider_ref=provider_ref[:64],
            lease_until=None,
            failure="",
            **_erased(),
        )


@transaction.atomic
def call_rejected(call: Call, *, because: str) -> None:
    """The provider refuses it for good: it never rang, which is nobody's silence."""
    call.refresh_from_db()
    if call.state == _S.WAITING:
        call.move(_S.FAILED, by=None, because=because, failure=because[:80], lease_until=None, **_erased())


@transaction.atomic
def call_unknown(call: Call) -> None:
    """No report and no record came: nobody can say whether it rang. A person has to call."""
    call.refresh_from_db()
    if call.state == _S.PLACED:
        call.move(_S.UNKNOWN, by=None, lease_until=None)


@transaction.atomic
def expire_calls() -> int:
    """Drop calls that would come too late, e.g. because nobody answered at the provider."""
    stale = list(Call.objects.filter(state=_S.WAITING, useful_until__lte=now()).order_by("pk")[:500])
    for call in stale:
        call.move(_S.EXPIRED, by=None, lease_until=None, **_erased())
    return len(stale)


@transaction.atomic
def end_call(call: Call, status_code: str) -> bool:
    """How it ended, by the provider's status code. False where it had ended before or has not ended yet."""
    call.refresh_from_db()
    if call.state not in (_S.PLACED, _S.UNKNOWN) or not status_code or status_code in NOT_OVER:
        return False
    state, outcome = ENDINGS.get(status_code, (_S.FAILED.value, ""))
    call.move(
        state, by=None, because=outcome or status_code, outcome=outcome, ended_at=now(), lease_until=None,
        failure="" if outcome else status_code[:80],
    )  # fmt: skip
    return True


@transaction.atomic
def hear_calls(payload: Any) -> int:
    """Take the provider's pushes (VoiceCallReport and VoiceReport: JSON lists). Returns how many changed something.

    Late, repeated, unknown and early reports are all fine. The first key counts; it is heard upstairs as "call.pressed".
    Raises BadReport.
    """
    heard = 0
    for report in payload_rows(payload):
        code = str(report.get("out_id", ""))
        call = Call.objects.select_related("user").filter(code=code).first() if code else None
        if call is None:
            continue
        if call.state == _S.WAITING:
            call_placed(call, provider_ref=str(report.get("call_id", "")))
        status = str(report.get("status_code", ""))
        if status == KEY_PRESSED:
            heard += _press(call, str(report.get("dtmf", ""))[:1])
        else:
            heard += end_call(call, status)
    return heard


def _press(call: Call, key: str) -> bool:
    if key not in SPOKEN[call.template].replies:
        return False
    open_ = Call.objects.filter(pk=call.pk, pressed="", state__in=[_S.PLACED, _S.UNKNOWN, _S.ANSWERED])
    if open_.update(pressed=key) != 1:
        return False
    call.pressed = key
    record("call.pressed", call, by=call.user, key=key)
    return True


def _erased() -> dict[str, str]:
    return {"params_sealed": "", "phone_sealed": ""}
