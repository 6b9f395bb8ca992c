"""A person's WeChat: tied by their own tap there, untied by a tap here; each message allowed one by one."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from linggong.accounts import queries
from linggong.accounts.models import User, WechatGrant, WechatLink
from linggong.core.clock import now
from linggong.core.codes import new_code
from linggong.core.journal import record
from linggong.core.refusals import Refused
from linggong.core.sealed import fingerprint, seal

GRANTS_MOST = 5
_S = WechatLink.State


class NoWechat(Refused):
    """Messages were allowed in WeChat, but no WeChat is tied, or another one allowed them."""

    message = _("先把你的微信绑上，再点允许")


class EnoughGrants(Refused):
    """WeChat keeps one open permission per scene, and we use five scenes."""

    message = _("已经允许了 5 条，用掉一条再加")


@transaction.atomic
def ask_wechat(user: User, code: str, *, by: User) -> WechatLink:
    """WeChat sent the person back with a code: background exchanges it. What was tied before is untied."""
    for old in WechatLink.objects.filter(user=user, state__in=[_S.ASKED, _S.LINKED]):
        forget_wechat(old, by=by)
    row = WechatLink(code=new_code())
    return WechatLink.begin(
        by=by, code=row.code, user=user, code_sealed=seal(row, "code_sealed", code[:200]), asked_at=now()
    )


@transaction.atomic
def wechat_answered(link: WechatLink, *, openid: str = "", because: str = "") -> None:
    """WeChat said who it is, or that it will not. One WeChat belongs to one account. Once more changes nothing."""
    link.refresh_from_db()
    if link.state != _S.ASKED:
        return
    if openid:
        known = _known(openid)
        try:
            with transaction.atomic():
                link.move(
                    _S.LINKED, by=None, answered_at=now(), code_sealed="", openid_hash=known,
                    openid_sealed=seal(link, "openid_sealed", openid),
                )  # fmt: skip
            return
        except IntegrityError:
            link.refresh_from_db()
            because = "taken"
    link.move(_S.FAILED, by=None, because=because, failure=because[:40], answered_at=now(), code_sealed="")


@transaction.atomic
def forget_wechat(link: WechatLink, *, by: User | None) -> None:
    """解绑: no message goes there any more and the number WeChat gave is erased. Idempotent."""
    if link.state in (_S.ASKED, _S.LINKED):
        link.move(_S.ENDED, by=by, ended_at=now())
    WechatLink.objects.filter(pk=link.pk).update(code_sealed="", openid_sealed="", openid_hash="")


@transaction.atomic
def allow_wechat(user: User, *, scene: int, openid: str, by: User) -> WechatGrant:
    """The person allowed one message in WeChat. The same scene twice counts once, as WeChat counts it.

    Raises NoWechat, EnoughGrants.
    """
    link = queries.wechat_of(user)
    if link is None or link.state != _S.LINKED or link.openid_hash != _known(openid):
        raise NoWechat
    if not 1 <= scene <= GRANTS_MOST:
        raise EnoughGrants
    grant, made = WechatGrant.objects.get_or_create(
        link=link, scene=scene, spent_at=None, defaults={"granted_at": now()}
    )
    if made:
        record("wechatlink.allowed", link, by=by, scene=scene)
    return grant


def _known(openid: str) -> str:
    return fingerprint("openid", openid.encode().hex())  # WeChat tells apart what differs in case alone


def free_scene(link: WechatLink) -> int:
    """The scene under which the next message may be allowed. Raises EnoughGrants."""
    used = set(queries.wechat_grants(link).values_list("scene", flat=True))
    for scene in range(1, GRANTS_MOST + 1):
        if scene not in used:
            return scene
    raise EnoughGrants
