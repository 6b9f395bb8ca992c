"""Closing an account: asked for, seven days to think, then erased (PIPL art. 47)."""

from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from linggong.accounts.actions.telling import tell
from linggong.accounts.actions.wechat import forget_wechat
from linggong.accounts.models import (
    Call,
    Consent,
    Deletion,
    Device,
    Grant,
    IdentityCheck,
    LoginCode,
    Notice,
    User,
    WechatLink,
)
from linggong.core.clock import local, now
from linggong.core.journal import record
from linggong.core.refusals import Refused

COOLING = timedelta(days=7)


class StillOpen(Refused):
    """Money or a dispute is open: erasing now would harm the person or somebody else."""

    message = _("还有没办完的事，办完才能注销")


@transaction.atomic
def request_deletion(user: User, *, by: User) -> Deletion:
    """Ask for the account to be closed. Asking again returns the same request."""
    if (open_one := Deletion.objects.filter(user=user, state=Deletion.State.REQUESTED).first()) is not None:
        return open_one
    moment = now()
    try:
        with transaction.atomic():
            row = Deletion.begin(
                by=by, acting_for=user if by != user else None, user=user, requested_at=moment,
                due_at=moment + COOLING,
            )  # fmt: skip
    except IntegrityError:
        return Deletion.objects.get(user=user, state=Deletion.State.REQUESTED)
    day = local(row.due_at)
    tell(
        user, _("收到你的注销申请，{month}月{day}日以后注销。改主意了，在那之前点“不注销了”").format(
            month=day.month, day=day.day
        ), kind="security", about=row, sms="security",
    )  # fmt: skip
    return row


@transaction.atomic
def withdraw_deletion(row: Deletion, *, by: User) -> None:
    """The person stays. Raises Moved when it is too late."""
    row.move(Deletion.State.WITHDRAWN, by=by)


@transaction.atomic
def erase(row: Deletion, *, blocked_by: str = "", by: User | None) -> None:
    """Erase name, phone, ID number, inbox and codes of a person whose seven days are over.

    The caller, who sees all floors, says in `blocked_by` what is still open (money, a dispute, a deal): then
    nothing is erased, the person is told what to finish, and StillOpen is not raised, for a sweep calls this.
    Raises StillOpen before the due time. What a law keeps stays under the person's code.
    """
    moment = now()
    if moment < row.due_at:
        raise StillOpen(_("还在七天考虑期里"))
    if blocked_by:
        if row.blocked_by != blocked_by[:120]:
            Deletion.objects.filter(pk=row.pk).update(blocked_by=blocked_by[:120])
            row.blocked_by = blocked_by[:120]
            tell(row.user, _("还不能注销：{what}").format(what=blocked_by), kind="security", about=row)
        return
    row.move(Deletion.State.ERASED, by=by, erased_at=moment, blocked_by="")
    user = row.user
    Notice.objects.filter(user=user).delete()
    LoginCode.objects.filter(user=user).delete()
    LoginCode.objects.filter(phone_hash=user.phone_hash or "-").delete()
    IdentityCheck.objects.filter(user=user).update(card_sealed="", card_tail4="", token="")
    Consent.objects.filter(user=user, withdrawn_at=None).update(withdrawn_at=moment)
    Grant.objects.filter(user=user, ended_at=None).update(ended_at=moment)
    Call.objects.filter(user=user).update(phone_sealed="", params_sealed="")
    for link in WechatLink.objects.filter(user=user):
        forget_wechat(link, by=by)
    Device.objects.filter(enrolled_by=user, ended_at=None).update(ended_at=moment)
    empty = {"name": "", "phone_sealed": "", "phone_tail4": "", "id_sealed": "", "id_tail4": "", "pin_hash": ""}
    gone = {**empty, "phone_hash": None, "id_hash": None, "birth_on": None, "is_active": False}
    User.objects.filter(pk=user.pk).update(**gone, password=make_password(None))  # ends every session
    user.refresh_from_db()
    record("user.erased", user, by=by)
