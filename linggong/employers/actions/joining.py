"""Joining: an employer is entered, its people are named, its promise is given."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from linggong.accounts import ids
from linggong.core.clock import now
from linggong.core.journal import record
from linggong.core.refusals import Refused
from linggong.employers import commitment, queries
from linggong.employers.models import Commitment, Employer, Kind, Member, Verification
from linggong.reference.models import Division

CHANGEABLE = frozenset({"name", "contact_name", "division", "address", "lat", "lng", "uscc"})


class AlreadyRegistered(Refused):
    """There is an employer with this code, or this person is one."""

    message = _("这家已经登记过了。是自己人的话，请负责人把你加为经办人")


class BadUscc(Refused):
    """The code is not well formed (GB 32100)."""

    message = _("统一社会信用代码不对，请照着营业执照写 18 位")
    status = 422


class BadDetails(Refused):
    """A fact is missing or too long."""

    message = _("有一项没填对，请看一下再交")
    status = 422


class NotMember(Refused):
    """Somebody acts for an employer they do not belong to."""

    message = _("你不是这家的经办人，请让负责人先加上你")


class LastOwner(Refused):
    """An employer without an owner belongs to nobody."""

    message = _("这是最后一位负责人，先加一位新的负责人再撤")


class Settled(Refused):
    """The code of a verified employer stays as it was verified."""

    message = _("核实过的信用代码不能自己改，请带新执照到窗口办")


@transaction.atomic
def register(
    *, kind: str, name: str, contact_name: str, division: Division, uscc: str = "", person: Any = None,
    address: str = "", lat: float | None = None, lng: float | None = None, source: str = "self", by: Any,
    acting_for: Any = None,
) -> Employer:  # fmt: skip
    """Enter an employer, state NEW, with the person who registers it (or `acting_for`) as its owner.

    A household or farm is a person: `person`, else the owner. A firm may bring its code now or before its papers.
    Raises BadDetails, BadUscc, AlreadyRegistered.
    """
    owner = acting_for or by
    name, contact_name, address = (" ".join(text.split()) for text in (name, contact_name, address))
    _check_details(kind=kind, name=name, contact_name=contact_name, address=address)
    if kind in queries.PERSONS:
        person = person or owner
    moment = now()
    try:
        with transaction.atomic():
            employer = Employer.begin(
                by=by, acting_for=acting_for, kind=kind, name=name, contact_name=contact_name, division=division,
                uscc=_uscc(uscc), person=person, address=address, lat=lat, lng=lng, registered_at=moment,
                registered_by=by, source=source,
            )  # fmt: skip
    except IntegrityError as error:
        raise AlreadyRegistered from error
    if owner is not None:
        Member.objects.create(employer=employer, user=owner, owner=True, since=moment)
    return employer


@transaction.atomic
def change_details(employer: Employer, *, by: Any, acting_for: Any = None, **fields: Any) -> Employer:
    """Correct what was entered: any of CHANGEABLE. The event names the fields, not their values.

    Raises BadDetails, BadUscc, Settled, AlreadyRegistered.
    """
    if unknown := set(fields) - CHANGEABLE:
        raise TypeError(f"cannot be changed: {', '.join(sorted(unknown))}")
    for field in ("name", "contact_name", "address"):
        if field in fields:
            fields[field] = " ".join(fields[field].split())
    if "uscc" in fields:
        fields["uscc"] = _uscc(fields["uscc"])
        if employer.verified_at is not None and fields["uscc"] != employer.uscc:
            raise Settled(fields={"uscc": str(Settled.message)})
    _check_details(
        kind=employer.kind, name=fields.get("name", employer.name), address=fields.get("address", ""),
        contact_name=fields.get("contact_name", employer.contact_name),
    )  # fmt: skip
    for field, value in fields.items():
        setattr(employer, field, value)
    try:
        with transaction.atomic():
            employer.save(update_fields=list(fields))
    except IntegrityError as error:
        raise AlreadyRegistered from error
    record("employer.changed", employer, by=by, acting_for=acting_for, fields=sorted(fields))
    return employer


@transaction.atomic
def add_member(employer: Employer, user: Any, *, owner: bool = False, by: Any) -> Member:
    """Let a person act for the employer. Adding somebody who is in already gives that membership."""
    member, fresh = Member.objects.get_or_create(
        employer=employer, user=user, ended_at=None, defaults={"owner": owner, "since": now()}
    )
    if fresh:
        record("employer.member_added", employer, by=by, acting_for=user, owner=owner)
    return member


@transaction.atomic
def end_member(member: Member, *, by: Any) -> None:
    """The person no longer acts for the employer. Raises LastOwner; ending twice changes nothing."""
    others = Member.objects.filter(employer=member.employer, owner=True, ended_at=None).exclude(pk=member.pk)
    if member.owner and not others.exists():
        raise LastOwner
    if Member.objects.filter(pk=member.pk, ended_at=None).update(ended_at=now()):
        member.refresh_from_db()
        record("employer.member_ended", member.employer, by=by, acting_for=member.user)


@transaction.atomic
def accept_commitment(employer: Employer, *, by: Any, acting_for: Any = None) -> Commitment:
    """Give the promise in its present version, with its hash (GX-26). Accepting twice gives the first row again.

    `by` a member, or staff for the member `acting_for` who agreed at the counter. Raises NotMember.
    """
    giver = acting_for or by
    if not queries.is_member(employer, giver):
        raise NotMember
    text = commitment.current()
    promise, fresh = Commitment.objects.get_or_create(
        employer=employer, version=text.version,
        defaults={"text_hash": text.hash, "accepted_by": giver, "at": now()},
    )  # fmt: skip
    if fresh:
        record("employer.committed", employer, by=by, acting_for=acting_for, version=text.version)
    return promise


@transaction.atomic
def erase_person(user: Any, *, by: Any) -> list[str]:
    """Take a person who closed the account out of every employer (PIPL art. 47).

    Their memberships end. A household or farm that is this person is blanked and stopped; what a law keeps stays
    under its code. A firm left without anybody loses its contact name. Returns paths of photos to erase after
    commit; a second call finds nothing more.
    """
    left = [m.employer for m in Member.objects.filter(user=user, ended_at=None).select_related("employer")]
    Member.objects.filter(user=user, ended_at=None).update(ended_at=now())
    photos: list[str] = []
    for employer in left:
        own = employer.person_id is not None and employer.person == user
        if own:
            photos += [path for path in employer.papers.values_list("photo", flat=True) if path]
            employer.papers.update(number="", photo="")
            blank = {"name": str(_("已注销")), "contact_name": "", "address": "", "lat": None, "lng": None}
            Employer.objects.filter(pk=employer.pk).update(**blank)
            if Verification.SUSPENDED in Employer.MOVES[employer.state]:
                employer.move(Verification.SUSPENDED, by=by, because=str(_("本人注销")))
        elif not employer.members.filter(ended_at=None).exists():
            Employer.objects.filter(pk=employer.pk).update(contact_name="")
        record("employer.member_erased", employer, by=by)
    return photos


def _uscc(text: str | None) -> str | None:
    code = "".join((text or "").split()).upper()
    if not code:
        return None
    if not ids.valid_uscc(code):
        raise BadUscc(fields={"uscc": str(BadUscc.message)})
    return code


def _check_details(*, kind: str, name: str, contact_name: str, address: str) -> None:
    wrong: dict[str, str] = {}
    if kind not in Kind.values:
        wrong["kind"] = str(_("请选企业、个体商户、家庭、农户还是合作社"))
    if not 1 <= len(name) <= 80:
        wrong["name"] = str(_("名称要写，80 个字以内"))
    if not 1 <= len(contact_name) <= 40:
        wrong["contact_name"] = str(_("联系人要写，40 个字以内"))
    if len(address) > 120:
        wrong["address"] = str(_("地址写得太长了，120 个字以内"))
    if wrong:
        raise BadDetails(fields=wrong)
