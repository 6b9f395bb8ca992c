"""One-time subscription messages of a WeChat official account, and whose WeChat it is (web authorization, snsapi_base).

Documented by the provider: /cgi-bin/stable_token, /sns/oauth2/access_token, /cgi-bin/message/template/subscribe, and the
two pages the browser opens, /connect/oauth2/authorize and /mp/subscribemsg. The stable token is the same for everybody
who asks while it is good, so each process keeps its own copy and nobody has to share one. A permission carries one
message: the same one sent twice is refused the second time (43101), which makes another try after a lost answer safe.
"""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from linggong.accounts.messages import WECHAT_TEXT_MAX, WECHAT_TITLE_MAX
from linggong.accounts.models import WechatLink, WechatMessage
from linggong.core import outside
from linggong.core.clock import now
from linggong.core.sealed import unseal

TOKEN_IS_OLD = frozenset({40001, 40014, 42001})
REFUSED = 43101
REJECTIONS = {REFUSED: "refused", 47003: "bad_params", 40003: "bad_openid", 40037: "no_template"}
TROUBLES = frozenset({-1, 45009, 45011, 50001, 40125, 40013, 40164, 48001})
KEYS_MOST = 3  # our own copy, the one of everybody, one by force
RENEW_BEFORE = timedelta(minutes=5)

_token: dict[str, Any] = {"value": "", "until": None}


class Rejected(Exception):
    """WeChat will not take this: the reason in our word, or WeChat's number."""


def authorize_url(state: str, back: str) -> str:
    """The page on which WeChat asks nothing and sends the person back to `back` with a code."""
    asked = {
        "appid": settings.WECHAT_APP_ID, "redirect_uri": back, "response_type": "code", "scope": "snsapi_base",
        "state": state,
    }  # fmt: skip
    return f"{settings.WECHAT_OPEN_URL}/connect/oauth2/authorize?{urlencode(asked)}#wechat_redirect"


def allow_url(state: str, scene: int, back: str) -> str:
    """The page on which the person allows one message, or not, and goes back to `back`."""
    asked = {
        "action": "get_confirm", "appid": settings.WECHAT_APP_ID, "scene": scene,
        "template_id": settings.WECHAT_TEMPLATE_ID, "redirect_url": back, "reserved": state,
    }  # fmt: skip
    return f"{settings.WECHAT_ALLOW_URL}/mp/subscribemsg?{urlencode(asked)}#wechat_redirect"


def who(link: WechatLink) -> str:
    """Exchange the code for the person's openid. Raises Rejected (the code is used or old), outside.NotReached."""
    query = {
        "appid": settings.WECHAT_APP_ID, "secret": settings.WECHAT_APP_SECRET,
        "code": unseal(link, "code_sealed"), "grant_type": "authorization_code",
    }  # fmt: skip
    said = _ask("GET", "/sns/oauth2/access_token", query)
    if openid := str(said.get("openid", "")):
        return openid
    raise _no(said)


def send(message: WechatMessage) -> None:
    """Hand one message over. Raises Rejected (final), outside.NotReached (unknown or passing)."""
    notice, link = message.notice, message.grant.link
    body = {
        "touser": unseal(link, "openid_sealed"),
        "template_id": settings.WECHAT_TEMPLATE_ID,
        "url": f"{settings.SITE_URL}/messages/{notice.pk}/",
        "scene": str(message.grant.scene),
        "title": _("零工市场叫你")[:WECHAT_TITLE_MAX],
        "data": {"content": {"value": notice.text[:WECHAT_TEXT_MAX]}},
    }
    key = token()
    for _again in range(KEYS_MOST):
        said = _with_token(body, key)
        if said.get("errcode") not in TOKEN_IS_OLD:
            break
        key = token(instead_of=key)
    else:
        raise outside.NotReached(f"token {said['errcode']}")
    if said.get("errcode", 0) != 0:
        raise _no(said)


def token(*, instead_of: str = "") -> str:
    """The key to every call, kept until shortly before it ends. `instead_of`: WeChat calls that one old; get another."""
    moment: datetime = now()
    if not instead_of and _token["value"] and _token["until"] > moment:
        return str(_token["value"])
    said = _fetch(force=False)
    if instead_of and said.get("access_token") == instead_of:
        said = _fetch(force=True)
    if not said.get("access_token"):
        raise outside.NotReached(f"token {said.get('errcode', '')}")
    life = max(timedelta(0), timedelta(seconds=int(said.get("expires_in", 0))) - RENEW_BEFORE)
    _token.update(value=str(said["access_token"]), until=moment + life)
    return str(_token["value"])


def _fetch(*, force: bool) -> dict[str, Any]:
    asked = {
        "grant_type": "client_credential", "appid": settings.WECHAT_APP_ID, "secret": settings.WECHAT_APP_SECRET,
        "force_refresh": force,
    }  # fmt: skip
    return _ask("POST", "/cgi-bin/stable_token", {}, asked)


def _with_token(body: dict[str, Any], key: str) -> dict[str, Any]:
    return _ask("POST", "/cgi-bin/message/template/subscribe", {"access_token": key}, body)


def _no(said: dict[str, Any]) -> Exception:
    number = said.get("errcode")
    if number in TROUBLES:
        return outside.NotReached(str(number))
    return Rejected(REJECTIONS.get(number, str(number or "no_answer")))


def _ask(method: str, path: str, query: dict[str, str], body: dict[str, Any] | None = None) -> dict[str, Any]:
    over_http = settings.WECHAT_PROVIDER == "pretend" and not settings.PRETEND_IN_PROCESS
    if over_http and not outside.is_loopback(settings.WECHAT_BASE_URL):
        raise outside.NotReached("the pretend has no address: start it, or set LINGGONG_WECHAT_URL")
    try:
        with outside.client(settings.WECHAT_BASE_URL, "wechat") as http:
            answer = http.request(method, path, params=query, json=body)
    except httpx.HTTPError as error:
        # The address carries secrets: the kind of error is enough.
        raise outside.NotReached(type(error).__name__) from None
    if answer.status_code >= 500:
        raise outside.NotReached(f"HTTP {answer.status_code}")
    try:
        return dict(answer.json())
    except ValueError:
        raise outside.NotReached("no JSON") from None
