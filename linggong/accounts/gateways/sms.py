"""Text messages through Alibaba Cloud Dysmsapi (API version 2017-05-25), signed as acs.py signs.

Documented by the provider: SendSms, QuerySendDetails, the pushes SmsReport and SmsUp.
SendSms has no idempotency key: after a time-out the outcome is unknown, and QuerySendDetails is asked whether a
message with our OutId exists before anything is sent again.
"""

import hashlib
import hmac
from typing import Any

from django.conf import settings

from linggong.accounts import ids, queries
from linggong.accounts.gateways import acs
from linggong.accounts.messages import template
from linggong.accounts.models import Sms
from linggong.core import outside
from linggong.core.clock import local, now
from linggong.core.sealed import unseal

# What the provider says → what it means here. Everything else is final and kept as the provider said it.
REJECTIONS = {
    "isv.BUSINESS_LIMIT_CONTROL": "number_limit",
    "isv.DAY_LIMIT_CONTROL": "day_limit",
    "isv.MOBILE_NUMBER_ILLEGAL": "bad_number",
    "isv.MOBILE_COUNT_OVER_LIMIT": "bad_number",
    "isv.BLACK_KEY_CONTROL_LIMIT": "forbidden_words",
    "isv.PARAM_LENGTH_LIMIT": "too_long",
    "isv.SMS_TEMPLATE_ILLEGAL": "no_template",
    "isv.TEMPLATE_MISSING_PARAMETERS": "no_template",
}
# The operator must act (pay, renew, correct a key): the message waits, and the stuck delivery shows on the health page.
TROUBLES = frozenset(
    {
        "isv.AMOUNT_NOT_ENOUGH", "isv.OUT_OF_SERVICE", "isv.ACCOUNT_ABNORMAL", "isv.ACCOUNT_NOT_EXISTS",
        "isv.PRODUCT_UN_SUBSCRIPT", "isv.SMS_SIGNATURE_ILLEGAL", "isp.SYSTEM_ERROR", "isp.RAM_PERMISSION_DENY",
        "InvalidAccessKeyId.NotFound", "SignatureDoesNotMatch", "SignatureNonceUsed", "InvalidTimeStamp.Expired",
    }
)  # fmt: skip


class Rejected(Exception):
    """The provider will not send this message, today or ever."""


def send(sms: Sms) -> str:
    """Hand one message to the provider and return its number (BizId).

    Raises Rejected (final), outside.NotReached (unknown or passing: look_up before the next try).
    """
    phone = unseal(sms, "phone_sealed")
    if settings.SMS_PROVIDER != "pretend" and ids.is_demo_phone(phone):
        raise Rejected("demo_number")
    if not (template_code := template_code_of(sms.template)):
        raise Rejected("no_template")
    said = _call(
        "SendSms",
        {
            "PhoneNumbers": phone,
            "SignName": settings.SMS_SIGN_NAME,
            "TemplateCode": template_code,
            "TemplateParam": unseal(sms, "params_sealed"),
            "OutId": sms.code,
        },
    )
    answer = str(said.get("Code", ""))
    if answer == "OK":
        return str(said.get("BizId", ""))
    if answer in TROUBLES or answer.startswith("Throttling"):
        raise outside.NotReached(answer)
    raise Rejected(REJECTIONS.get(answer, answer or "no_answer"))


def look_up(sms: Sms) -> bool:
    """Did an earlier attempt reach the provider? Raises outside.NotReached when it cannot say."""
    days = {local(sms.created_at).strftime("%Y%m%d"), local(now()).strftime("%Y%m%d")}
    for day in sorted(days):
        said = _call(
            "QuerySendDetails",
            {
                "PhoneNumber": unseal(sms, "phone_sealed"), "SendDate": day, "PageSize": "50",
                "CurrentPage": "1",
            },
        )  # fmt: skip
        if said.get("Code") != "OK":
            raise outside.NotReached(str(said.get("Code", "")))
        rows = (said.get("SmsSendDetailDTOs") or {}).get("SmsSendDetailDTO") or []
        if any(row.get("OutId") == sms.code for row in rows):
            return True
    return False


def template_code_of(key: str) -> str:
    """The provider's number of our template, from the setting "sms_templates"; the pretend takes any."""
    known = queries.setting("sms_templates", {})
    registered = template(key).key
    if code := known.get(registered, "") or known.get("notice", "") * (registered != "code"):
        return code
    return f"SMS_{registered}" if settings.SMS_PROVIDER == "pretend" else ""


def callback_token() -> str:
    """The unguessable part of the addresses the provider pushes to: its pushes carry no signature.

    The operator enters SITE_URL + /hear/sms-reports/<token>/ and /hear/sms-replies/<token>/ at the provider.
    """
    return hmac.new(settings.SMS_ACCESS_KEY_SECRET.encode(), b"sms-callbacks", hashlib.sha256).hexdigest()[:32]


def is_ours(token: str) -> bool:
    """Is this the token of our callback addresses?"""
    return hmac.compare_digest(token.encode(), callback_token().encode())


def _call(action: str, params: dict[str, str]) -> dict[str, Any]:
    return acs.call(
        action, params, base_url=settings.SMS_BASE_URL, app_name="sms", pretend=settings.SMS_PROVIDER == "pretend"
    )
