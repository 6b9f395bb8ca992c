"""微信提醒: tie one's WeChat to the account, allow messages there one by one, untie it with one tap."""

import hmac
import secrets
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.views.decorators.http import require_GET, require_POST

import linggong.accounts.actions as accounts
import linggong.accounts.queries as people
from linggong.accounts.gateways import wechat
from linggong.accounts.models import WechatLink
from linggong.core.refusals import Refused
from linggong.web.worker import rows

STATE_KEY = "wechat_state"  # comes back from WeChat unchanged: nobody ties a stranger's WeChat to this account
HOME = "/me/wechat/"
FAILURES = {"taken": __("这个微信绑在别的账号上。先在那个账号里解绑，或换个微信。")}


class NotFromHere(Refused):
    """What comes back from WeChat was not begun in this browser, or long ago."""

    message = __("这次没接上，请再点一次")
    status = 409


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """`/me/wechat/`."""
    return _page(request)


def _page(request: HttpRequest, *, refusal: Refused | None = None, status: int = 200) -> HttpResponse:
    _only_where_on()
    link = people.wechat_of(request.user)
    state = link.state if link is not None else ""
    left = people.wechat_grants(link).count() if link is not None else 0
    failure = FAILURES.get(link.failure, _("没绑上，请再点一次。")) if link and state == "failed" else ""
    facts = {
        "title": _("微信提醒"), "back": "/me/", "state": state, "left": left, "failure": failure,
        "more": left < accounts.GRANTS_MOST, "refusal": refusal, "said": rows.said(request),
    }  # fmt: skip
    return render(request, "worker/wechat.html", facts, status=status)


@require_GET
def bind(request: HttpRequest) -> HttpResponse:
    """绑上微信: off to WeChat's own page, which sends the browser back."""
    _only_where_on()
    return redirect(wechat.authorize_url(_new_state(request), f"{settings.SITE_URL}{HOME}back/"))


@require_GET
def bound(request: HttpRequest) -> HttpResponse:
    """Back from WeChat with a code, which background exchanges."""
    _only_where_on()
    if not _is_ours(request, "state") or not request.GET.get("code"):
        return _refused(request)
    accounts.ask_wechat(request.user, request.GET["code"], by=request.user)
    return redirect(HOME)


@require_GET
def allow(request: HttpRequest) -> HttpResponse:
    """允许一条: off to WeChat's own page, where the person says yes or no."""
    _only_where_on()
    link = people.wechat_of(request.user)
    if link is None or link.state != WechatLink.State.LINKED:
        return redirect(HOME)
    try:
        scene = accounts.free_scene(link)
    except Refused as refusal:
        return _page(request, refusal=refusal, status=refusal.status)
    return redirect(wechat.allow_url(_new_state(request), scene, f"{settings.SITE_URL}{HOME}allowed/"))


@require_GET
def allowed(request: HttpRequest) -> HttpResponse:
    """Back from WeChat with the answer. Whether it is true WeChat checks itself when the message is sent."""
    _only_where_on()
    said = request.GET
    if not _is_ours(request, "reserved"):
        return _refused(request)
    scene = said.get("scene", "")
    if said.get("action") != "confirm" or not (scene.isascii() and scene.isdigit() and len(scene) < 6):
        return redirect(HOME)
    try:
        accounts.allow_wechat(request.user, scene=int(scene), openid=said.get("openid", ""), by=request.user)
    except Refused as refusal:
        return _page(request, refusal=refusal, status=refusal.status)
    return redirect(f"{HOME}?done=allowed")


@require_POST
def unbind(request: HttpRequest) -> HttpResponse:
    """解绑. A second tap changes nothing."""
    _only_where_on()
    if (link := people.wechat_of(request.user)) is not None:
        accounts.forget_wechat(link, by=request.user)
    return redirect(f"{HOME}?done=unbound")


def _only_where_on() -> None:
    if settings.WECHAT_PROVIDER == "off":
        raise Http404


def _new_state(request: HttpRequest) -> str:
    request.session[STATE_KEY] = secrets.token_hex(16)
    return str(request.session[STATE_KEY])


def _is_ours(request: HttpRequest, name: str) -> bool:
    """Good once: a copied address ties nothing."""
    kept: Any = request.session.pop(STATE_KEY, "")
    return bool(kept) and hmac.compare_digest(kept.encode(), request.GET.get(name, "").encode())


def _refused(request: HttpRequest) -> HttpResponse:
    refusal = NotFromHere()
    return _page(request, refusal=refusal, status=refusal.status)
