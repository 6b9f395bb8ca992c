"""Automatic calls through Alibaba Cloud Dyvmsapi (API version 2017-05-25), signed as acs.py signs.

Documented by the provider: IvrCall (a template read aloud, one reply for each key), QueryCallDetailByCallId, the pushes
VoiceCallReport (status 300000: a key was pressed) and VoiceReport (how the call ended). IvrCall has no idempotency key
and a call is only found again by its CallId: after a lost answer nothing is dialled again, the report is waited for.
"""

import hashlib
import hmac
import json
from typing import Any

from django.conf import settings

from linggong.accounts import ids, queries
from linggong.accounts.gateways import acs
from linggong.accounts.messages import SPOKEN
from linggong.accounts.models import Call
from linggong.core import outside
from linggong.core.sealed import unseal

IVR = "11000000300005"
"""The product number of interactive calls, which the look-up asks for."""
PLAY_TIMES = "2"
KEY_WAIT_MS = "8000"

# What the provider says → what it means here. Everything else is final and kept as the provider said it.
REJECTIONS = {
    "isv.BUSINESS_LIMIT_CONTROL": "number_limit",
    "isv.MOBILE_NUMBER_ILLEGAL": "bad_number",
    "isv.COMPLAINT_REJECT": "complained",
    "isv.BLACK_KEY_CONTROL_LIMIT": "forbidden_words",
    "isv.PARAM_LENGTH_LIMIT": "too_long",
    "isv.TTS_TEMPLATE_ILLEGAL": "no_template",
    "isv.TEMPLATE_ILLEGAL": "no_template",
    "isv.TEMPLATE_MISSING_PARAMETERS": "no_template",
}
# The operator must act, or the hour is wrong: the call waits as long as it is of use.
TROUBLES = frozenset(
    {
        "isv.AMOUNT_NOT_ENOUGH", "isv.OUT_OF_SERVICE", "isv.ACCOUNT_ABNORMAL", "isv.ACCOUNT_NOT_EXISTS",
        "isv.PRODUCT_UN_SUBSCRIPT", "isv.PRODUCT_UNSUBSCRIBE", "isv.DISPLAY_NUMBER_ILLEGAL", "isv.BILLID_NOT_EXIST",
        "isv.VOICE_CALL_PERIOD_ERROR", "isp.SYSTEM_ERROR", "isp.GATEWAY_ERROR", "isp.RAM_PERMISSION_DENY",
        "InvalidAccessKeyId.NotFound", "SignatureDoesNotMatch", "SignatureNonceUsed", "InvalidTimeStamp.Expired",
    }
)  # fmt: skip


class Rejected(Exception):
    """The provider will not place this call, today or ever."""


def place(call: Call) -> str:
    """Have one call placed and return its number (CallId).

    Raises Rejected (final), acs.NotAnswered (it may be ringing: never place it again), outside.NotReached (it is not).
    """
    phone = unseal(call, "phone_sealed")
    if settings.VOICE_PROVIDER != "pretend" and ids.is_demo_phone(phone):
        raise Rejected("demo_number")
    texts = templates_of(call.template)
    if not all(texts.values()):
        raise Rejected("no_template")
    params = {
        "CalledShowNumber": settings.VOICE_SHOW_NUMBER,
        "CalledNumber": phone,
        "StartCode": texts.pop("ask"),
        "StartTtsParams": unseal(call, "params_sealed"),
        "PlayTimes": PLAY_TIMES,
        "Timeout": KEY_WAIT_MS,
        "OutId": call.code,
    }
    for number, (key, text) in enumerate(texts.items(), start=1):
        params |= {f"MenuKeyMap.{number}.Key": key, f"MenuKeyMap.{number}.Code": text}
    said = _call("IvrCall", params)
    answer = str(said.get("Code", ""))
    if answer == "OK":
        return str(said.get("CallId", ""))
    if answer in TROUBLES or answer.startswith("Throttling"):
        raise outside.NotReached(answer)
    raise Rejected(REJECTIONS.get(answer, answer or "no_answer"))


def look_up(call: Call) -> str:
    """The status code a placed call ended with; "" while the provider has no record of it. Raises NotReached."""
    assert call.placed_at is not None
    moment = str(int(call.placed_at.timestamp() * 1000))
    said = _call("QueryCallDetailByCallId", {"CallId": call.provider_ref, "ProdId": IVR, "QueryDate": moment})
    if said.get("Code") != "OK":
        raise outside.NotReached(str(said.get("Code", "")))
    try:
        detail = json.loads(said.get("Data") or "{}")
    except (TypeError, ValueError):
        raise outside.NotReached("no JSON in Data") from None
    return str(detail.get("state", "")) if isinstance(detail, dict) else ""


def templates_of(key: str) -> dict[str, str]:
    """The provider's numbers of what a call says, from the setting "voice_templates": ask, and one for each key.

    The pretend takes any. A number that is missing is "".
    """
    known = queries.setting("voice_templates", {}).get(key, {})
    made_up = settings.VOICE_PROVIDER == "pretend"
    parts = ("ask", *SPOKEN[key].replies)
    return {part: known.get(part, f"TTS_{key}_{part}" if made_up else "") for part in parts}


def callback_token() -> str:
    """The unguessable part of the address the provider pushes to: its pushes carry no signature.

    The operator enters SITE_URL + /hear/calls/<token>/ at the provider, for both kinds of push.
    """
    return hmac.new(settings.VOICE_ACCESS_KEY_SECRET.encode(), b"call-callbacks", hashlib.sha256).hexdigest()[:32]


def is_ours(token: str) -> bool:
    """Is this the token of our callback address?"""
    return settings.VOICE_PROVIDER != "off" and hmac.compare_digest(token.encode(), callback_token().encode())


def _call(action: str, params: dict[str, str]) -> dict[str, Any]:
    return acs.call(
        action, params, base_url=settings.VOICE_BASE_URL, app_name="voice",
        pretend=settings.VOICE_PROVIDER == "pretend", key_id=settings.VOICE_ACCESS_KEY_ID,
        key_secret=settings.VOICE_ACCESS_KEY_SECRET,
    )  # fmt: skip
