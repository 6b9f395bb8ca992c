"""The insurer over HTTP: order cover, ask about an order, cancel it. Protocol: docs/protocols/insurer.md.

Every request and every answer is JSON signed with HMAC-SHA256. The order number is the policy's `code`, so an
order sent twice is one order. No answer is not a no: NotReached means "unknown, ask again".
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
from django.conf import settings

from linggong.core import outside, sealed
from linggong.core.clock import local, now
from linggong.core.outside import NotReached
from linggong.insurance.models import Policy

TOLERANCE = timedelta(minutes=5)


class BadCallback(Exception):
    """A message claims to be the insurer's and is not, or is too old to be believed."""


@dataclass(frozen=True)
class Answer:
    """What the insurer says about one order. `state`: bound, refused, waiting, cancelled or unknown."""

    order: str
    state: str
    policy_number: str = ""
    cover_from: datetime | None = None
    reason: str = ""


def is_on() -> bool:
    """Is there an insurer to talk to? When off, policies are entered by hand."""
    return settings.INSURER_PROVIDER != "off"


def order(policy: Policy) -> Answer:
    """Order the cover. Repeating it is harmless. Raises NotReached when the outcome is unknown."""
    return _call("POST", "/orders", _facts(policy), policy.code)


def look(policy: Policy) -> Answer:
    """Ask what became of the order; state "unknown" when the insurer never heard of it. Raises NotReached."""
    return _call("GET", f"/orders/{policy.code}", None, policy.code)


def cancel(policy: Policy) -> Answer:
    """Take the order back, even one the insurer has not received yet. Repeating it is harmless. Raises NotReached."""
    return _call("POST", f"/orders/{policy.code}/cancel", {"order": policy.code}, policy.code)


def read_callback(path: str, body: bytes, headers: Any) -> Answer:
    """Open a message the insurer sent to us at `path`. Raises BadCallback."""
    sent = headers.get("X-Timestamp", "")
    if not hmac.compare_digest(headers.get("X-Signature", ""), signature("POST", path, sent, body)):
        raise BadCallback("signature")
    if not sent.isdigit() or abs(now().timestamp() - int(sent)) > TOLERANCE.total_seconds():
        raise BadCallback("time")
    try:
        return _read(json.loads(body))
    except (ValueError, KeyError, TypeError) as error:
        raise BadCallback("content") from error


def signature(method: str, path: str, sent: str, body: bytes) -> str:
    """HMAC-SHA256 over method, path, the sender's time and the digest of the body, as hex."""
    text = "\n".join([method, path, sent, hashlib.sha256(body).hexdigest()])
    return hmac.new(settings.INSURER_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def _facts(policy: Policy) -> dict[str, Any]:
    """What the insurer needs to cover this person, and nothing else (PIPL art. 6: minimum scope)."""
    user = policy.worker.user
    return {
        "order": policy.code,
        "product": policy.product.code,
        "version": policy.product.version,
        "risk_class": policy.risk_class,
        "starts_at": local(policy.starts_at).isoformat(),
        "ends_at": local(policy.ends_at).isoformat(),
        "premium_fen": policy.premium_fen,
        "subsidy_fen": policy.subsidy_fen,
        "sum_fen": policy.sum_fen,
        "insured": {"name": user.name, "id_number": sealed.unseal(user, "id_sealed")},
    }


def _call(method: str, path: str, facts: dict[str, Any] | None, code: str) -> Answer:
    body = b"" if facts is None else json.dumps(facts, ensure_ascii=False, sort_keys=True).encode()
    sent = str(int(now().timestamp()))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "X-Timestamp": sent,
        "X-Signature": signature(method, path, sent, body),
    }
    try:
        with outside.client(settings.INSURER_BASE_URL, "insurer") as http:
            heard = http.request(method, path, content=body, headers=headers)
    except httpx.HTTPError as error:
        raise NotReached(str(error)) from error
    return _opened(heard, method, path, code)


def _opened(heard: httpx.Response, method: str, path: str, code: str) -> Answer:
    """Believe only an answer that is signed and about our order; anything else leaves the outcome unknown."""
    expected = signature(f"{method} {heard.status_code}", path, heard.headers.get("X-Timestamp", ""), heard.content)
    if not hmac.compare_digest(heard.headers.get("X-Signature", ""), expected):
        raise NotReached(f"HTTP {heard.status_code}, not signed by the insurer")
    if heard.status_code >= 500:
        raise NotReached(f"HTTP {heard.status_code}")
    try:
        answer = _read(heard.json())
    except (ValueError, KeyError, TypeError) as error:
        raise NotReached("the answer makes no sense") from error
    if answer.order != code:
        raise NotReached("the answer is about another order")
    return answer


def _read(data: dict[str, Any]) -> Answer:
    if data["state"] not in ("bound", "refused", "waiting", "cancelled", "unknown"):
        raise ValueError(data["state"])
    if data["state"] == "bound" and not data["policy_number"]:
        raise ValueError("bound without a number")
    cover_from = data.get("cover_from")
    return Answer(
        order=data["order"], state=data["state"], policy_number=str(data.get("policy_number", "")),
        cover_from=datetime.fromisoformat(cover_from) if cover_from else None, reason=str(data.get("reason", "")),
    )  # fmt: skip
