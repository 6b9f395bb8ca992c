"""One signed call to Alibaba Cloud (V3 request signature, ACS3-HMAC-SHA256): what text messages and calls share."""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx
from django.conf import settings

from linggong.core import outside
from linggong.core.clock import now

VERSION = "2017-05-25"
ALGORITHM = "ACS3-HMAC-SHA256"
NOT_YET_THERE = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class NotAnswered(outside.NotReached):
    """The request may have arrived: what it asked for may be done. A plain NotReached says it never got there."""


def call(
    action: str, params: dict[str, str], *, base_url: str, app_name: str, pretend: bool,
    key_id: str = "", key_secret: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Ask for one action and return what was said, whatever its Code. Raises NotReached, NotAnswered."""
    if pretend and not settings.PRETEND_IN_PROCESS and not outside.is_loopback(base_url):
        raise outside.NotReached(f"the pretend has no address: start it, or set LINGGONG_{app_name.upper()}_URL")
    query = canonical_query(params)
    try:
        with outside.client(base_url, app_name) as http:
            request = http.build_request("POST", f"/?{query}")
            headers = signed_headers(
                action, query, host=request.headers["Host"], nonce=secrets.token_hex(16), moment=now(),
                key_id=key_id, key_secret=key_secret,
            )  # fmt: skip
            request.headers.update(headers)
            answer = http.send(request)
    except NOT_YET_THERE as error:
        # The text of the error may carry the address, and with it the number: the kind of error is enough.
        raise outside.NotReached(type(error).__name__) from None
    except httpx.HTTPError as error:
        raise NotAnswered(type(error).__name__) from None
    if answer.status_code == 503:  # nobody at work there: nothing was done
        raise outside.NotReached("HTTP 503")
    if answer.status_code >= 500:
        raise NotAnswered(f"HTTP {answer.status_code}")
    try:
        return dict(answer.json())
    except ValueError:
        raise NotAnswered("no JSON") from None


def canonical_query(params: dict[str, str]) -> str:
    """Sorted, RFC 3986 encoded: exactly the bytes that are signed and sent."""
    return "&".join(f"{_encode(name)}={_encode(value)}" for name, value in sorted(params.items()))


def signed_headers(
    action: str, query: str, *, host: str, nonce: str, moment: datetime, version: str = VERSION,
    key_id: str = "", key_secret: str = "",
) -> dict[str, str]:  # fmt: skip
    """The headers of one POST without a body, with the Authorization over all of them.

    Without a key of its own the key of the text messages signs: many operators have one account for both.
    """
    body_hash = hashlib.sha256(b"").hexdigest()
    headers = {
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": body_hash,
        "x-acs-date": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
    }
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    canonical = "\n".join(["POST", "/", query, lines, names, body_hash])
    to_sign = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    secret = (key_secret or settings.SMS_ACCESS_KEY_SECRET).encode()
    signature = hmac.new(secret, to_sign.encode(), hashlib.sha256).hexdigest()
    credential = key_id or settings.SMS_ACCESS_KEY_ID
    headers["Authorization"] = f"{ALGORITHM} Credential={credential},SignedHeaders={names},Signature={signature}"
    return headers


def _encode(text: str) -> str:
    return quote(text, safe="-_.~")
