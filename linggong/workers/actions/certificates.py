"""Certificates: handed in with a photo, looked at by a person, good until their last day (FJ-16)."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linggong.accounts import actions as accounts
from linggong.core.clock import now, today
from linggong.core.codes import new_code
from linggong.core.reasons import plain
from linggong.core.refusals import Refused
from linggong.core.sealed import seal
from linggong.core.uploads import keep_image
from linggong.reference.models import Certificate
from linggong.workers.models import Holding, Worker


class UnknownCertificate(Refused):
    """No such certificate in the list."""

    message = _("没有这种证件，请从列表里选")
    status = 422


class NoPhoto(Refused):
    """A certificate handed in from a phone needs its photo; at a counter staff see the paper."""

    message = _("请拍一张证件照片，四个角都要拍到")
    status = 422


class BadDates(Refused):
    """The dates contradict each other."""

    message = _("有效期不对：结束日期要在开始日期之后")
    status = 422


class Outdated(Refused):
    """The last day has passed."""

    message = _("这个证已经过期了，请换了新证再传")
    status = 422


class OwnCertificate(Refused):
    """Nobody checks their own paper."""

    message = _("不能核对自己的证件，请让同事来核对")


@transaction.atomic
def upload_certificate(
    worker: Worker, *, certificate: Certificate | str, photo: bytes = b"", number: str = "", issuer: str = "",
    valid_from: date | None = None, valid_to: date | None = None, by: Any, acting_for: Any = None,
) -> Holding:  # fmt: skip
    """Hand in a certificate. The number is sealed; the photo is kept small and without what the camera wrote.

    An earlier upload of the same kind that nobody has looked at yet is put aside. `valid_to` is the last good day.
    Raises UnknownCertificate, NoPhoto, BadDates, Outdated, core.uploads.BadPhoto.
    """
    kind = certificate if isinstance(certificate, Certificate) else _certificate(certificate)
    if not photo and acting_for is None:
        raise NoPhoto(fields={"photo": str(NoPhoto.message)})
    _check_dates(valid_from, valid_to)
    number = "".join(number.split())
    if len(number) > 40 or len(issuer) > 80:
        raise UnknownCertificate(_("证号或发证机关写得太长了，照着证件写就行"))
    path = keep_image(photo, "certificates") if photo else ""
    for older in worker.holdings.filter(state=Holding.State.UPLOADED, certificate=kind):
        older.move(Holding.State.REJECTED, by=by, acting_for=acting_for, reason=str(_("换了新照片")))
    code = new_code()
    return Holding.begin(
        by=by, acting_for=acting_for, worker=worker, certificate=kind, code=code, photo=path,
        number_sealed=seal(Holding(code=code), "number_sealed", number), number_tail4=number[-4:],
        issuer=issuer.strip(), valid_from=valid_from, valid_to=valid_to, uploaded_at=now(),
    )  # fmt: skip


@transaction.atomic
def check_certificate(holding: Holding, *, valid_to: date | None = None, by: Any) -> None:
    """A member of staff compared the paper and it is good; `valid_to` where the worker left it out.

    An older certificate of the same kind stays as it is: both count until their own last day.
    Raises OwnCertificate, BadDates, Outdated, Moved.
    """
    if by is not None and by.pk == holding.worker.user_id:
        raise OwnCertificate
    last_day = valid_to or holding.valid_to
    _check_dates(holding.valid_from, last_day)
    holding.move(Holding.State.CHECKED, by=by, valid_to=last_day, checked_by=by, checked_at=now(), reason="")
    _tell(holding, _("你的{name}核对好了，可以接要这个证的活"), kind="certificate_checked")


@transaction.atomic
def reject_certificate(holding: Holding, *, because: str, by: Any) -> None:
    """It cannot be used, or turned out wrong later; the worker is told why. Raises Moved, NoReason."""
    reason = plain(because)
    holding.move(Holding.State.REJECTED, by=by, checked_by=by, checked_at=now(), reason=reason)
    words = _("你的{name}没通过：{reason}。改好再传一次就行")
    _tell(holding, words, kind="certificate_rejected", reason=reason)


@transaction.atomic
def expire_certificate(holding: Holding, *, by: Any = None) -> None:
    """The last day has passed: write down what the date already decided, and tell the worker. Raises Moved."""
    holding.move(Holding.State.EXPIRED, by=by)
    _tell(holding, _("你的{name}过期了，换了新证传上来就能接着用"), kind="certificate_expired")


@transaction.atomic
def remind_of_expiry(holding: Holding, *, by: Any = None) -> bool:
    """Tell the worker once that the certificate ends soon. Returns whether anybody was told."""
    mine = Holding.objects.filter(pk=holding.pk, state=Holding.State.CHECKED, reminded_at=None)
    if mine.update(reminded_at=now()) != 1:
        return False
    words = _("你的{name}{month}月{day}日到期，记得提前换证")
    day = holding.valid_to
    _tell(holding, words, kind="certificate_ends_soon", month=day.month, day=day.day)
    return True


def _certificate(code: str) -> Certificate:
    found = Certificate.objects.filter(pk=code).first()
    if found is None:
        raise UnknownCertificate(fields={"certificate": str(UnknownCertificate.message)})
    return found


def _check_dates(valid_from: date | None, valid_to: date | None) -> None:
    if valid_from and valid_to and valid_to < valid_from:
        raise BadDates(fields={"valid_to": str(BadDates.message)})
    if valid_to and valid_to < today():
        raise Outdated(fields={"valid_to": str(Outdated.message)})


def _tell(holding: Holding, words: Any, *, kind: str, **facts: Any) -> None:
    text = words.format(name=holding.certificate.name, **facts)
    accounts.tell(holding.worker.user, text, kind=kind, about=holding)
