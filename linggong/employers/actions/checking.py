"""Checking: papers are shown and looked at, every half year again; an employer is stopped and let go on."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linggong.accounts import actions as accounts
from linggong.core.clock import now
from linggong.core.journal import record
from linggong.core.reasons import plain
from linggong.core.refusals import Refused
from linggong.core.states import Moved
from linggong.core.uploads import keep_image
from linggong.employers import queries
from linggong.employers.models import Employer, Paper, Verification

RECHECK_GRACE = timedelta(days=14)


class UnknownPaper(Refused):
    """No such kind of paper."""

    message = _("没有这种材料，请从列表里选")
    status = 422


class PaperMissing(Refused):
    """Something this kind of employer must show is not there yet. `kinds` says which."""

    message = _("材料还没齐")
    status = 422

    def __init__(self, message: Any = None, *, kinds: tuple[str, ...] = (), **kwargs: Any) -> None:
        self.kinds = kinds
        super().__init__(message, **kwargs)


class NobodyToCall(Refused):
    """No member has a phone: workers could not reach the employer."""

    message = _("还没有联系人电话，请先登记一个能打通的手机号")
    status = 422


class OwnPapers(Refused):
    """Nobody checks the papers of their own firm."""

    message = _("不能审自己这家的材料，请让同事来审")


@transaction.atomic
def show_paper(
    employer: Employer, kind: str, *, number: str = "", photo: bytes | str = b"", by: Any,
    acting_for: Any = None,
) -> Paper:  # fmt: skip
    """Keep that a paper was shown. By staff: they saw it. By a member: it waits to be looked at.

    `photo` is the bytes of a picture, or the path of one kept already. Of an ID number only the last four stay:
    the number itself belongs sealed with the person. Raises UnknownPaper, core.uploads.BadPhoto.
    """
    if kind not in dict(Paper._meta.get_field("kind").choices):
        raise UnknownPaper
    number = " ".join(number.split())[:40]
    if kind == "agent_id" and number:
        number = f"****{number[-4:]}"
    path = keep_image(photo, "papers") if isinstance(photo, bytes) and photo else photo or ""
    mine = queries.is_member(employer, by)
    paper = Paper.objects.create(
        employer=employer, kind=kind, number=number, photo=path, seen_by=None if mine else by, at=now()
    )
    record("employer.paper_shown", employer, by=by, acting_for=acting_for, kind=kind)
    return paper


@transaction.atomic
def prelim_check(employer: Employer, *, by: Any, acting_for: Any = None) -> None:
    """First check at the window (decision 9): a contact with a phone, and a licence, plate or ID that staff saw.

    Then at most 5 people and 3 days a posting, labelled 刚登记.
    Raises OwnPapers, NobodyToCall, PaperMissing, Moved.
    """
    _refuse_own(employer, by)
    _refuse_mute(employer)
    if not queries.was_seen(employer):
        raise PaperMissing(_("请看一样：营业执照、车牌照片或身份证"), kinds=("licence", "plate", "agent_id"))
    if employer.kind in queries.PERSONS:
        _refuse_missing([kind for kind in queries.papers_missing(employer) if kind == "person_id"])
    employer.move(Verification.PRELIM_CHECKED, by=by, acting_for=acting_for, prelim_at=now())


@transaction.atomic
def submit(employer: Employer, *, by: Any, acting_for: Any = None) -> None:
    """Hand in the papers of this kind of employer for review. Raises PaperMissing, NobodyToCall, Moved."""
    _refuse_mute(employer)
    _refuse_missing(queries.papers_missing(employer, agent=acting_for or by))
    employer.move(Verification.SUBMITTED, by=by, acting_for=acting_for)


@transaction.atomic
def verify(employer: Employer, *, by: Any) -> None:
    """Staff looked at the papers and they are right: VERIFIED, for `employer_reverify_months` from now.

    Also the way back from DUE_RECHECK and LAPSED. Raises OwnPapers, PaperMissing, Moved.
    """
    if employer.state == Verification.SUSPENDED:
        raise Moved  # a stopped employer comes back through `lift`, with a reason
    _refuse_own(employer, by)
    _refuse_missing(queries.papers_missing(employer))
    employer.move(Verification.VERIFIED, by=by, verified_at=now(), recheck_by=None)
    _tell(employer, _("材料核实过了，可以放心发活"), kind="employer_verified")


@transaction.atomic
def return_papers(employer: Employer, *, because: str, by: Any) -> None:
    """The papers need a change; the employer is told which, and is again what it was before. Raises Moved, NoReason."""
    if employer.state != Verification.SUBMITTED:
        raise Moved
    reason = plain(because)
    back = Verification.PRELIM_CHECKED if employer.prelim_at else Verification.NEW
    employer.move(back, by=by, because=reason)
    _tell(employer, _("材料要改一下：{reason}").format(reason=reason), kind="employer_returned")


@transaction.atomic
def suspend(employer: Employer, *, because: str, by: Any) -> None:
    """A supervisor stops the employer; open postings pause (heard by the floor above). Raises Moved, NoReason."""
    reason = plain(because)
    employer.move(Verification.SUSPENDED, by=by, because=reason)
    text = _("账号停用了：{reason}。觉得不对，可以到窗口或人社部门申诉").format(reason=reason)
    _tell(employer, text, kind="employer_suspended")


@transaction.atomic
def lift(employer: Employer, *, because: str, by: Any) -> None:
    """The suspension ends; the employer is again what it was known as. Raises Moved, NoReason."""
    if employer.state != Verification.SUSPENDED:
        raise Moved
    back = Verification.PRELIM_CHECKED if employer.prelim_at else Verification.NEW
    if employer.verified_at:
        back = Verification.VERIFIED
    employer.move(back, by=by, because=plain(because))
    _tell(employer, _("账号恢复了，可以接着发活"), kind="employer_lifted")


@transaction.atomic
def ban(employer: Employer, *, because: str, by: Any) -> None:
    """A suspended employer is shut out; its code or person stays taken, so it cannot come back as new."""
    reason = plain(because)
    employer.move(Verification.BANNED, by=by, because=reason)
    text = _("账号禁用了：{reason}。有异议可以向人社部门反映").format(reason=reason)
    _tell(employer, text, kind="employer_banned")


@transaction.atomic
def ask_recheck(employer: Employer, *, by: Any = None) -> None:
    """The half year is over: DUE_RECHECK, and fourteen days to show the papers again. Raises Moved."""
    deadline = now() + RECHECK_GRACE
    employer.move(Verification.DUE_RECHECK, by=by, recheck_by=deadline)
    _tell(employer, _("材料满半年该复核了，14 天内再核一次就行，不影响现在发的活"), kind="employer_due")


@transaction.atomic
def lapse(employer: Employer, *, by: Any = None) -> None:
    """Nobody came within fourteen days: LAPSED. Hearing "employer.lapsed", postings pause. Raises Moved."""
    employer.move(Verification.LAPSED, by=by)
    _tell(employer, _("材料复核过期了，发的活先停一下。补交材料，核实后马上恢复"), kind="employer_lapsed")


@transaction.atomic
def forget_photo(paper: Paper, *, by: Any = None) -> str:
    """An ID was checked: its picture is needed no more (PIPL art. 6). Returns the path to erase after commit."""
    path = paper.photo
    if Paper.objects.filter(pk=paper.pk, photo=path).exclude(photo="").update(photo="") != 1:
        return ""
    record("employer.photo_forgotten", paper.employer, by=by, kind=paper.kind)
    return path


def _refuse_own(employer: Employer, by: Any) -> None:
    if queries.is_member(employer, by):
        raise OwnPapers


def _refuse_mute(employer: Employer) -> None:
    if not employer.members.filter(ended_at=None, user__phone_hash__isnull=False).exists():
        raise NobodyToCall


def _refuse_missing(kinds: list[str]) -> None:
    if kinds:
        what = "、".join(queries.paper_words(kinds))
        raise PaperMissing(_("材料还没齐，还差：{what}").format(what=what), kinds=tuple(kinds))


def _tell(employer: Employer, text: Any, *, kind: str) -> None:
    for member in queries.members_of(employer):
        accounts.tell(member.user, str(text), kind=kind, about=employer)
