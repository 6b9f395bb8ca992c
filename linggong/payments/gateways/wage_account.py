"""The bank's wage account (工资专户): HMAC-signed JSON over HTTP, as docs/protocols/wage_account.md says.

Every call may be repeated: our numbers (the code of the funding, payout or refund) make the bank do it once.
`NotReached` means the outcome is unknown, never that it failed.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from linggong.core import outside
from linggong.core.clock import now
from linggong.core.outside import NotReached
from linggong.core.refusals import Refused
from linggong.core.sealed import unseal
from linggong.payments.addresses import code_of
from linggong.payments.models import Funding, PayAccount, Payout, Refund

APP = "wages"
NOTIFY_PATH = "/hear/wages/"
DRIFT_SECONDS = 300
BODY_MAX = 64 * 1024


class Forged(Refused):
    """The message is not signed by the bank, or is too old or too big. Nothing is done."""

    message = _("签名不对")
    status = 401


class Declined(Exception):
    """The bank said a definite no: nothing happened there, and nothing will. `code` is its word for why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Said:
    """One thing the bank says about one of our numbers, in an answer or in a callback."""

    kind: str  # "order", "payout", "refund"
    no: str
    outcome: str  # order: open, paid; payout: accepted, waiting, succeeded, failed; refund: the same, no waiting
    fen: int
    provider_ref: str = ""
    message_id: str = ""
    url: str = ""
    failure: str = ""


def order(funding: Funding) -> Said:
    """Ask for a page where the employer pays. Raises Declined, NotReached."""
    body = {
        "no": funding.code, "fen": funding.wages_fen + funding.premium_fen, "account": code_of(funding.ref),
        "owner": funding.owner_name, "payer": funding.employer.name,
        "return_url": f"{settings.SITE_URL}/e/money/", "notify_path": NOTIFY_PATH,
    }  # fmt: skip
    return _said("order", _call("POST", "/orders", body))


def pay(payout: Payout, account: PayAccount | None) -> Said:
    """Order one wage to one worker; without an account it is laid ready in cash. Raises Declined, NotReached."""
    settlement = payout.settlement
    payee = {"name": settlement.worker.user.name, "kind": "counter", "number": "", "bank": ""}
    if account is not None:
        payee |= {"kind": account.kind, "number": unseal(account, "number_sealed"), "bank": account.bank}
    body = {
        "no": payout.code, "fen": payout.fen, "account": code_of(settlement.posting_ref), "payee": payee,
        "purpose": f"工资 {settlement.title}"[:40], "notify_path": NOTIFY_PATH,
    }  # fmt: skip
    return _said("payout", _call("POST", "/payouts", body))


def refund(row: Refund) -> Said:
    """Order a payment, or a part of it, back to who paid it. Raises Declined, NotReached."""
    body = {
        "no": row.code, "fen": row.fen, "payment": row.payment, "account": code_of(row.funding.ref),
        "notify_path": NOTIFY_PATH,
    }  # fmt: skip
    return _said("refund", _call("POST", "/refunds", body))


def ask(kind: str, no: str) -> list[Said]:
    """What the bank knows about our number: empty when it never heard of it. Raises NotReached.

    An order can have been paid more than once: one answer for each payment.
    """
    try:
        found = _call("GET", f"/{kind}s/{no}", None)
    except Declined as declined:
        if declined.code == "unknown_number":
            return []
        raise
    if kind == "order":
        paid = found.get("payments", [])
        return [_said("order", {**found, "state": "paid", **payment}) for payment in paid]
    return [_said(kind, found)]


def read_callback(headers: Mapping[str, str], body: bytes) -> Said:
    """Check the bank's signature over the raw body, its age and its size; then read it. Raises Forged."""
    given = {name.lower(): value for name, value in headers.items()}
    stamp, nonce = given.get("x-wage-timestamp", ""), given.get("x-wage-nonce", "")
    if len(body) > BODY_MAX or not (stamp.isascii() and stamp.isdigit()) or not nonce:
        raise Forged
    if abs(now().timestamp() - int(stamp)) > DRIFT_SECONDS:
        raise Forged
    wanted = _signature("callback", "POST", NOTIFY_PATH, stamp, nonce, body)
    if not hmac.compare_digest(wanted.encode(), given.get("x-wage-signature", "").encode()):
        raise Forged
    try:
        told = json.loads(body)
        return _said(str(told["kind"]), told)
    except (ValueError, KeyError, TypeError) as error:
        raise Forged from error


def _call(method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode() if body is not None else b""
    stamp, nonce = str(int(now().timestamp())), secrets.token_hex(16)
    headers = {
        "Content-Type": "application/json", "X-Wage-Timestamp": stamp, "X-Wage-Nonce": nonce,
        "X-Wage-Signature": _signature("request", method, path, stamp, nonce, raw),
    }  # fmt: skip
    try:
        with outside.client(settings.WAGE_ACCOUNT_BASE_URL, APP) as http:
            answer = http.request(method, path, content=raw, headers=headers)
        told = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise NotReached(f"{method} {path}: {type(error).__name__}") from error
    if 200 <= answer.status_code < 300 and isinstance(told, dict):
        return told
    code = str(told.get("error", "")) if isinstance(told, dict) else ""
    if answer.status_code in (400, 404, 409, 422):
        raise Declined(code or f"http_{answer.status_code}")
    raise NotReached(f"{method} {path}: HTTP {answer.status_code} {code}")


def _said(kind: str, told: Mapping[str, Any]) -> Said:
    return Said(
        kind=kind, no=str(told["no"]), outcome=str(told["state"]), fen=int(told["fen"]),
        provider_ref=str(told.get("provider_ref", "")), message_id=str(told.get("message_id", "")),
        url=str(told.get("url", "")), failure=str(told.get("failure", "")),
    )  # fmt: skip


def _signature(use: str, method: str, path: str, stamp: str, nonce: str, body: bytes) -> str:
    """HMAC-SHA256, hex. A key of its own for each direction: a request replayed as a callback does not verify."""
    key = hmac.new(settings.WAGE_ACCOUNT_KEY.encode(), use.encode(), hashlib.sha256).digest()
    said = "\n".join([method, path, stamp, nonce, hashlib.sha256(body).hexdigest()])
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()
