"""Questions about employers: who is it, may they post, what did they show and promise, how do they treat people."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linggong.accounts.models import IdentityCheck
from linggong.core.asking import Count, Question, ask
from linggong.core.clock import now
from linggong.core.points import Counted, counting
from linggong.core.points import times as count_of
from linggong.core.refusals import Refused
from linggong.employers import commitment, record
from linggong.employers.models import Commitment, Employer, Kind, Member, Paper, Point, Recognition, Verification
from linggong.reference import queries as reference

PRELIM_PEOPLE = 5  # decision 9
PRELIM_DAYS = 3
PERSONS = frozenset({Kind.HOUSEHOLD, Kind.FARM})


class MayNotPost(Refused):
    """The employer is not known well enough, or was stopped, and may not publish now."""

    message = gettext_lazy("现在还不能发活，请先把登记办完")


class Reach(Protocol):
    """What a member of staff may see: whole divisions, or the country."""

    divisions: Sequence[str]
    national: bool


@dataclass(frozen=True)
class Limits:
    """How much one posting may ask for; None is no limit."""

    people: int | None
    days: int | None


# --- who -----------------------------------------------------------------------------------------------------------


def of_user(user: Any) -> list[Employer]:
    """The employers this person may act for, the oldest first."""
    return list(acted_for(user))


def acted_for(user: Any) -> QuerySet[Employer]:
    """`of_user` as a queryset."""
    mine = Member.objects.filter(user=user, ended_at=None).values("employer")
    return Employer.objects.select_related("division").filter(pk__in=mine).order_by("pk")


def by_code(code: str) -> Employer | None:
    """The employer behind a public code."""
    return Employer.objects.select_related("division", "person").filter(code=code).first()


def by_uscc(uscc: str) -> Employer | None:
    """The employer with this unified social credit code."""
    return Employer.objects.select_related("division").filter(uscc=uscc.strip().upper()).first()


def of_person(user: Any) -> Employer | None:
    """The household or farm that is this person."""
    return Employer.objects.select_related("division").filter(person=user).first()


def is_member(employer: Employer, user: Any) -> bool:
    """Whether the person may act for the employer now."""
    return user is not None and employer.members.filter(user=user, ended_at=None).exists()


def members_of(employer: Employer) -> QuerySet[Member]:
    """Who may act for the employer now, the owner first."""
    return employer.members.filter(ended_at=None).select_related("user").order_by("-owner", "pk")


def within(reach: Reach) -> QuerySet[Employer]:
    """The employers a member of staff may see: seated inside one of the divisions. Nothing for an empty reach."""
    employers = Employer.objects.select_related("division").order_by("pk")
    if reach.national:
        return employers
    inside = Q(pk__in=[])
    for code in reach.divisions:
        inside |= Q(division__path__startswith=reference.path_of(code))
    return employers.filter(inside)


def to_verify(reach: Reach) -> QuerySet[Employer]:
    """Employers whose papers wait for staff of this reach, the longest known first; those due for a recheck too."""
    waiting = (Verification.SUBMITTED, Verification.DUE_RECHECK)
    return within(reach).filter(state__in=waiting).order_by("recheck_by", "registered_at", "pk")


# --- papers and permission -----------------------------------------------------------------------------------------


def papers_of(employer: Employer) -> QuerySet[Paper]:
    """Every paper shown, newest first."""
    return employer.papers.select_related("seen_by").order_by("-pk")


def papers_missing(employer: Employer, *, agent: Any = None) -> list[str]:
    """Which papers this kind of employer has yet to show, as Paper kinds; "uscc" and "person_id" are numbers.

    A firm, shop or co-operative: licence and code, the agent's ID, and an authorisation unless the agent is the
    owner (人力资源市场暂行条例 art. 26). A household: the person's ID, and the address confirmed when the work is
    there. A farm: the person's ID.
    """
    shown = set(employer.papers.values_list("kind", flat=True))
    missing = []
    if employer.kind in PERSONS:
        if employer.person is None or employer.person.id_hash is None:
            missing.append("person_id")
        if not (_is_identified(employer.person) or "agent_id" in shown):
            missing.append("agent_id")
        if employer.kind == Kind.HOUSEHOLD and employer.address and "address" not in shown:
            missing.append("address")
        return missing
    if not employer.uscc:
        missing.append("uscc")
    missing += [kind for kind in ("licence", "agent_id") if kind not in shown]
    owner = employer.members.filter(ended_at=None, owner=True)
    if agent is not None:
        owner = owner.filter(user=agent)
    if "authorisation" not in shown and not owner.exists():
        missing.append("authorisation")
    return missing


def paper_words(kinds: Iterable[str]) -> list[str]:
    """`papers_missing` in words."""
    words = {
        **dict(Paper._meta.get_field("kind").choices),
        "uscc": gettext_lazy("统一社会信用代码"),
        "person_id": gettext_lazy("身份证号"),
    }
    return [str(words[kind]) for kind in kinds]


def was_seen(employer: Employer) -> bool:
    """Whether staff saw a licence, a plate or an ID, or the person's identity stands: enough for a first check."""
    seen = employer.papers.filter(kind__in=("licence", "plate", "agent_id"), seen_by__isnull=False)
    return seen.exists() or _is_identified(employer.person)


def is_checked(employer: Employer) -> bool:
    """At least PRELIM_CHECKED and not stopped: a deal may be confirmed (SX-37)."""
    if employer.state == Verification.SUBMITTED:
        return employer.prelim_at is not None
    return employer.state in (Verification.PRELIM_CHECKED, Verification.VERIFIED, Verification.DUE_RECHECK)


def is_new(employer: Employer) -> bool:
    """Labelled 刚登记: checked at the window, papers still to come (decision 9)."""
    return is_checked(employer) and employer.state in (Verification.PRELIM_CHECKED, Verification.SUBMITTED)


def may_post(employer: Employer) -> None:
    """Returns when the employer may publish now. Raises MayNotPost, which says what to do."""
    if is_checked(employer):
        return
    said = {
        Verification.NEW: _("还没核对过材料，先到窗口看一下证件（一分钟），或在这里交齐材料"),
        Verification.SUBMITTED: _("材料正在审，审完马上就能发。着急的话带证件到窗口"),
        Verification.LAPSED: _("材料复核过期了。补交材料，核实后就能接着发"),
        Verification.SUSPENDED: _("账号停用期间不能发活，请联系窗口处理"),
        Verification.BANNED: _("账号已禁用，不能发活。有异议请到人社部门反映"),
    }
    raise MayNotPost(said[Verification(employer.state)])


def limits(employer: Employer) -> Limits:
    """How many people and days one posting may ask for: 5 and 3 for 刚登记 (decision 9), else no limit."""
    if employer.state in (Verification.VERIFIED, Verification.DUE_RECHECK):
        return Limits(people=None, days=None)
    return Limits(people=PRELIM_PEOPLE, days=PRELIM_DAYS)


def has_committed(employer: Employer) -> bool:
    """Whether the promise in its present version was accepted; a newer version asks again (GX-26)."""
    return ask(committed_question(employer))


def committed_question(employer: Employer) -> Question[bool]:
    """`has_committed`, to be asked together with other things."""
    return Question([Count(Commitment.objects.filter(employer=employer, version=commitment.VERSION))], bool)


def commitments_of(employer: Employer) -> QuerySet[Commitment]:
    """Every version accepted, the latest first."""
    return employer.commitments.select_related("accepted_by").order_by("-version")


def _is_identified(user: Any) -> bool:
    return user is not None and user.identity_checks.filter(state=IdentityCheck.State.VERIFIED).exists()


# --- record --------------------------------------------------------------------------------------------------------


def recognition(employer: Employer) -> str:
    """normal, candidate, recognised or suspended."""
    latest = latest_recognition(employer)
    return latest.state if latest else "normal"


def latest_recognition(employer: Employer) -> Recognition | None:
    """The row that says where the recognition stands, with its cause."""
    return employer.recognitions.order_by("-pk").first()


def recognitions_of(employer: Employer) -> QuerySet[Recognition]:
    """When it was given, suspended or lost, and why; newest first."""
    return employer.recognitions.select_related("by").order_by("-pk")


def is_trusted(employer: Employer) -> bool:
    """Fast pass (免审快办, FJ-23): RECOGNISED and VERIFIED, and no upheld complaint counts at this moment.

    The complaint is looked up itself, so the privilege is gone with it, however the recognition row stands.
    """
    if employer.state != Verification.VERIFIED or recognition(employer) != "recognised":
        return False
    bad = employer.points.filter(kind__in=record.LADDER.suspending, corrected_at=None, counts_until__gt=now())
    return not bad.exists()


@dataclass(frozen=True)
class RecordRow:
    """One event of one's own record, as the employer reads it."""

    pk: int
    words: str
    points: int
    cause: str
    at: datetime
    counts_until: datetime
    counts: bool
    corrected: bool


def record_of(employer: Employer) -> list[RecordRow]:
    """The employer's own record, newest first. For its members and for staff; workers read `standing`."""
    moment = now()
    rows = list(employer.points.order_by("-at", "-pk")[:200])
    live = {p.pk for p in counting(rows, moment)}
    return [
        RecordRow(
            pk=p.pk, words=str(record.POINTS[p.kind].words), points=p.points, cause=p.cause, at=p.at,
            counts_until=p.counts_until, counts=p.pk in live, corrected=p.corrected_at is not None,
        )
        for p in rows
    ]  # fmt: skip


def standing(employer: Employer) -> dict[str, Any]:
    """What a worker may read: recognition, 刚登记, wages paid in time and late, reasons in words. No sum."""
    return standings([employer])[employer.pk]


def standings(employers: Iterable[Employer]) -> dict[int, dict[str, Any]]:
    """`standing` for many employers in one query, by employer key."""
    return ask(standings_question(employers))


def standings_question(employers: Iterable[Employer]) -> Question[dict[int, dict[str, Any]]]:
    """`standings`, to be asked together with other things."""
    moment = now()
    rows = list(employers)

    def answer(found: list[Point], states: list[tuple[int, str]]) -> dict[int, dict[str, Any]]:
        points: dict[int, list[Counted]] = defaultdict(list)
        for point in found:
            points[point.employer_id].append(point)
        state = dict(states)  # the latest row of each employer wins
        return {e.pk: _standing(e, points[e.pk], moment, state.get(e.pk, "normal")) for e in rows}

    given = Recognition.objects.filter(employer__in=rows).order_by("pk")
    counted = Point.objects.filter(employer__in=rows, corrected_at=None, counts_until__gt=moment)
    return Question([counted, given.values_list("employer_id", "state")], answer)


def _standing(employer: Employer, points: list[Counted], moment: datetime, state: str) -> dict[str, Any]:
    recognised, fresh = state == "recognised", is_new(employer)
    return {
        "recognised": recognised,
        "new": fresh,
        "label": _("诚信企业") if recognised else _("刚登记") if fresh else "",
        "paid_on_time": count_of(points, "paid_on_time", moment),
        "late_pay": count_of(points, "late_pay", moment),
        "reasons": record.words_for_others(points, moment),
    }
