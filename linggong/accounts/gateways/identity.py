"""Asking an identity provider whether name, ID number and card belong together.

There is no common standard between the providers of the provinces; this is the interface an adapter on their
side is written against: signed JSON over HTTP, repeatable by key.

    POST /checks  {"key", "name", "id_number", "card_number"}
    X-Timestamp: seconds since 1970    X-Signature: hex HMAC-SHA256 of "<timestamp>\\n/checks\\n<sha256 of body>"
    200 {"result": "match" | "mismatch" | "not_found", "token": …}    429, 5xx: busy, ask again with the same key
"""

import hashlib
import hmac
import json
from dataclasses import dataclass

import httpx
from django.conf import settings

from linggong.accounts.models import IdentityCheck
from linggong.core import outside
from linggong.core.clock import now
from linggong.core.sealed import unseal

PATH = "/checks"
RESULTS = frozenset({"match", "mismatch", "not_found"})


@dataclass(frozen=True)
class Answer:
    """What the provider said: "match", "mismatch" or "not_found", and its proof."""

    outcome: str
    token: str


def ask(check: IdentityCheck) -> Answer:
    """Ask about one check. The same check gets the same answer however often it is asked.

    Raises outside.NotReached when the provider is busy or silent.
    """
    facts = {
        "key": check.code,
        "name": check.user.name,
        "id_number": unseal(check.user, "id_sealed"),
        "card_number": unseal(check, "card_sealed"),
    }
    body = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    stamp = str(int(now().timestamp()))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "X-Timestamp": stamp,
        "X-Signature": sign(settings.IDENTITY_KEY, stamp, body),
    }
    try:
        with outside.client(settings.IDENTITY_BASE_URL, "identity") as http:
            answer = http.post(PATH, content=body, headers=headers)
    except httpx.HTTPError as error:
        raise outside.NotReached(type(error).__name__) from None
    if answer.status_code != 200:
        raise outside.NotReached(f"HTTP {answer.status_code}")
    said = answer.json()
    if said.get("result") not in RESULTS:
        raise outside.NotReached("an answer nobody agreed on")
    return Answer(said["result"], str(said.get("token", "")))


def sign(key: str, stamp: str, body: bytes) -> str:
    """The signature of one request."""
    text = f"{stamp}\n{PATH}\n{hashlib.sha256(body).hexdigest()}"
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()
