"""Where providers call us: delivery reports and replies, automatic calls, the bank, the insurer.

Nobody is signed in here, so the signature (or, for text messages, the unguessable address) says who speaks. Every
message may come late, twice or never; what is heard is idempotent below.
"""

import json
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

import linggong.accounts.actions as accounts
import linggong.insurance.background as insurance
import linggong.payments.background as payments
from linggong.accounts.gateways import sms, voice
from linggong.core.refusals import Refused
from linggong.insurance.gateways import insurer
from linggong.payments.gateways import wage_account

BODY_MAX = 64 * 1024


class _TooBig(Exception):
    """More than any provider has to say."""


@csrf_exempt
@require_POST
def sms_reports(request: HttpRequest, token: str) -> HttpResponse:
    """Did the messages arrive?"""
    return _hear(request, sms.is_ours(token), accounts.hear_reports)


@csrf_exempt
@require_POST
def sms_replies(request: HttpRequest, token: str) -> HttpResponse:
    """What people answered."""
    return _hear(request, sms.is_ours(token), accounts.hear_replies)


@csrf_exempt
@require_POST
def calls(request: HttpRequest, token: str) -> HttpResponse:
    """Which key was pressed during a call, and how it ended."""
    return _hear(request, voice.is_ours(token), accounts.hear_calls)


@csrf_exempt
@require_POST
def wages(request: HttpRequest) -> HttpResponse:
    """The bank tells of a payment, a payout or a refund; a number that is not ours is taken and ignored."""
    try:
        said = wage_account.read_callback(request.headers, _body(request))
        payments.hear(said)
    except _TooBig:
        return _no(413)
    except Refused as refusal:
        return _no(refusal.status)
    return JsonResponse({"heard": True})


@csrf_exempt
@require_POST
def cover(request: HttpRequest) -> HttpResponse:
    """The insurer tells of an order."""
    try:
        insurance.hear_callback(request.path, _body(request), request.headers)
    except _TooBig:
        return _no(413)
    except insurer.BadCallback:
        return _no(401)
    except Refused as refusal:
        return _no(refusal.status)
    return JsonResponse({"heard": True})


def _hear(request: HttpRequest, ours: bool, hear: Callable[[Any], int]) -> HttpResponse:
    if not ours:
        raise Http404
    try:
        hear(json.loads(_body(request)))
    except _TooBig:
        return _no(413)
    except (ValueError, RecursionError):
        return _no(400)
    except Refused as refusal:
        return _no(refusal.status)
    # The answer the provider is documented to wait for; anything else makes it push again.
    return JsonResponse({"code": 0, "msg": "成功"}, json_dumps_params={"ensure_ascii": False})


def _body(request: HttpRequest) -> bytes:
    said = request.headers.get("Content-Length", "0")
    if said.isdigit() and int(said) > BODY_MAX:
        raise _TooBig
    body = request.read(BODY_MAX + 1)
    if len(body) > BODY_MAX:
        raise _TooBig
    return body


def _no(status: int) -> HttpResponse:
    return JsonResponse({"heard": False}, status=status)
