"""The bureau's questions: one deal as a chain with what is missing, and figures from events alone."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

import linggong.accounts.queries as accounts
import linggong.agreements.queries as agreements
import linggong.cases.queries as cases
import linggong.employers.queries as employers
import linggong.engagements.queries as deals
import linggong.insurance.queries as insurance
import linggong.payments.queries as payments
import linggong.postings.queries as posted
import linggong.workers.queries as people
from linggong.accounts.models import Grant, Look, User
from linggong.cases.models import Case
from linggong.core.asking import Question, ask
from linggong.core.clock import at, local, now
from linggong.core.models import Event
from linggong.core.queries import broken_chain, broken_jobs, stuck, timeline
from linggong.employers.models import Employer, Member
from linggong.engagements.models import BINDING, LIVE, Attendance, Engagement, Stage
from linggong.ledger import queries as ledger
from linggong.payments import wage_audit
from linggong.postings.models import LIVE as POSTED
from linggong.postings.models import Posting
from linggong.venues.models import Staff
from linggong.venues.queries import Reach
from linggong.workers.models import Worker

JOINED = "engagement.confirmed"
PUBLISHED = "posting.published"


@dataclass(frozen=True)
class Ring:
    """One link of the chain: what it is, whether it is there, what it says, and why it may rightly be absent."""

    name: str
    there: bool
    words: str
    at: datetime | None = None
    needed: bool = True

    @property
    def missing(self) -> bool:
        return self.needed and not self.there


@dataclass(frozen=True)
class Chain:
    """One engagement from post to rating, as a regulator reads it (FJ-42)."""

    deal: Engagement
    rings: list[Ring]
    events: list[Event]

    @property
    def missing(self) -> list[Ring]:
        return [ring for ring in self.rings if ring.missing]


def chain(deal: Engagement) -> Chain:
    """Post → review → agreement → policy → attendance → pay → rating → case, with the missing links listed."""
    lived = list(deals.attendances(engagement=deal))
    rings = [
        _posted(deal), _reviewed(deal), _agreed(deal), *_covered(deal, lived), *_attended(deal, lived),
        *_paid(deal, lived), _rated(deal, lived), _in_a_case(deal),
    ]  # fmt: skip
    settlements = list(payments.of_deal(deals.ref(deal)))
    rows = [deal.posting, deal, *lived, *settlements, *insurance.of_deal(deals.ref(deal)), *deal.ratings.all()]
    if (agreement := agreements.latest(deals.ref(deal))) is not None:
        rows.append(agreement)
    rows += list(cases.of_deal(deals.ref(deal)))
    return Chain(deal, rings, list(timeline(*rows)))


def _posted(deal: Engagement) -> Ring:
    posting = deal.posting
    return Ring(_("发活"), True, f"{posting.employer.name} · {posting.title}", posting.submitted_at)


def _reviewed(deal: Engagement) -> Ring:
    looks = [r for r in posted.reviews_of(deal.posting) if r.decision == "approved"]
    if looks:
        by = looks[0].decided_by.name if looks[0].decided_by else ""
        return Ring(_("审核"), True, _("{who} 放行").format(who=by), looks[0].decided_at)
    fast = Event.objects.filter(
        name="posting.fast_passed", subject_type=deal.posting._meta.label_lower, subject_id=deal.posting_id
    ).first()
    if fast is not None:
        return Ring(_("审核"), True, _("快车道，机器查过没有问题"), fast.at)
    waiting = any(r.kind == "after" for r in posted.reviews_of(deal.posting))
    return Ring(_("审核"), waiting, _("先发后审") if waiting else _("没有审核记录"), None)


def _agreed(deal: Engagement) -> Ring:
    agreement = agreements.latest(deals.ref(deal))
    bound = deal.confirmed_at is not None
    if agreement is None or agreement.effective_at is None:
        return Ring(_("用工约定"), False, _("没有生效的约定") if bound else _("还没定下"), None, needed=bound)
    broken = agreements.tampered(agreement)
    words = _("生效，校验 {mark}").format(mark=agreements.mark(agreement)) if not broken else "；".join(broken)
    return Ring(_("用工约定"), not broken, words, agreement.effective_at)


def _covered(deal: Engagement, lived: list[Attendance]) -> Iterator[Ring]:
    for attendance in lived:
        if attendance.state in (Stage.CANCELLED, Stage.CALLED_OFF):
            continue
        policy = insurance.cover_of(deals.ref(attendance))
        name = _("保险 {day}").format(day=f"{attendance.shift.starts_at:%m-%d}")
        if policy is not None and policy.policy_number:
            yield Ring(name, True, f"{policy.product.name} {policy.policy_number}", policy.bound_at)
        elif attendance.uncovered_accepted_at is not None:
            yield Ring(name, False, attendance.uncovered_reason, attendance.uncovered_accepted_at, needed=False)
        else:
            yield Ring(name, False, _("没有保单，也没有写明原因"), None)


def _attended(deal: Engagement, lived: list[Attendance]) -> Iterator[Ring]:
    moment = now()
    for attendance in lived:
        came = attendance.checked_in_at is not None
        accounted = came or attendance.state not in (Stage.EXPECTED,)
        over = attendance.shift.ends_at <= moment
        words = attendance.get_state_display()
        yield Ring(_("到岗"), accounted, words, attendance.checked_in_at or attendance.claimed_at, needed=over)


def _paid(deal: Engagement, lived: list[Attendance]) -> Iterator[Ring]:
    for attendance in lived:
        if not attendance.pay_fen:
            continue
        settlement = payments.by_ref(deals.ref(attendance))
        if settlement is None:
            yield Ring(_("工钱"), False, _("没有结算记录"), None)
            continue
        done = settlement.state in ("arrived", "acknowledged")
        late = settlement.due_at is not None and settlement.due_at <= now()
        yield Ring(_("工钱"), done, settlement.get_state_display(), settlement.paid_at, needed=late)


def _rated(deal: Engagement, lived: list[Attendance]) -> Ring:
    said = list(deal.ratings.all())
    words = "，".join(f"{r.get_side_display()} {r.stars} 星" for r in said) or _("还没有评价")
    return Ring(_("评价"), bool(said), words, said[0].at if said else None, needed=False)


def _in_a_case(deal: Engagement) -> Ring:
    found = list(cases.of_deal(deals.ref(deal)))
    words = "，".join(f"{c.get_kind_display()} {c.get_state_display()}" for c in found) or _("没有")
    late = any(c.state in ("filed", "accepted") and c.due_at < now() for c in found)
    return Ring(_("有意见"), not late, words, found[0].filed_at if found else None, needed=late)


def within(reach: Reach) -> QuerySet[Engagement]:
    """Deals inside the reach, newest first."""
    rows = Engagement.objects.filter(reach.q("posting__division"))
    return rows.select_related("posting__trade", "employer", "worker__user").order_by("-id")


@dataclass(frozen=True)
class Figures:
    """The figures of one day, all counted from events of that day (PR-04): nothing is typed in."""

    day: date
    published: int = 0
    places: int = 0
    joined: int = 0
    filled_percent: int = 0
    minutes_to_first: int | None = None
    present: int = 0
    done: int = 0
    paid: int = 0
    paid_fen: int = 0
    no_shows: int = 0
    by_hour: list[int] = field(default_factory=list)
    by_trade: list[tuple[str, int]] = field(default_factory=list)


def figures(day: date, reach: Reach) -> Figures:
    """What happened on `day` inside the reach. The same past day always gives the same figures."""
    start, end = at(day, 0), at(day, 24)
    mine = _postings(reach)
    published = _once(_events(PUBLISHED, start, end), mine)
    joined = _of_deals(JOINED, start, end, reach)
    waits = _minutes_to_first(set(published), end)
    places = sum(_places(set(published)).values())
    filled = len([d for d in joined if d["posting_id"] in published])
    paid = _of_attendances(["attendance.paid"], start, end, reach)
    return Figures(
        day=day, published=len(published), places=places, joined=len(joined),
        filled_percent=min(100, round(100 * filled / places)) if places else 0,
        minutes_to_first=round(median(waits)) if waits else None,
        present=len(_of_attendances(["attendance.checked_in"], start, end, reach)),
        done=len(_of_attendances(["attendance.completion_confirmed", "attendance.auto_confirmed"], start, end, reach)),
        paid=len(paid), paid_fen=sum(row["pay_fen"] or 0 for row in paid),
        no_shows=len(_of_attendances(["attendance.no_show_worker"], start, end, reach)),
        by_hour=_by_hour(joined), by_trade=_by_trade(joined),
    )  # fmt: skip


def today(reach: Reach) -> dict[str, Any]:
    """What the wall shows beside the day's figures: open now, waiting, late."""
    moment = now()
    open_now = posted.listed(moment).filter(reach.q("division"))
    return {
        "open": open_now.count(),
        "open_places": sum(p.places_left or 0 for p in posted.with_room(open_now, moment)[:2000]),
        "in_review": posted.review_queue(reach).count(),
        "at_work": Attendance.objects.filter(
            reach.q("engagement__posting__division"), state__in=[Stage.CHECKED_IN, Stage.IN_PROGRESS]
        ).count(),
        "expected": Attendance.objects.filter(
            reach.q("engagement__posting__division"), state=Stage.EXPECTED, engagement__state__in=BINDING,
            shift__starts_at__lt=at(moment.date() + timedelta(days=1), 0),
        ).count(),
        "arrears": Attendance.objects.filter(
            reach.q("engagement__posting__division"), state=Stage.ARREARS
        ).aggregate(n=Count("id"), fen=Sum("pay_fen")),
        "late_cases": cases.open_within(reach).filter(due_at__lt=moment).count(),
        "open_cases": cases.open_within(reach).count(),
    }  # fmt: skip


def health() -> dict[str, Any]:
    """What is stuck: deliveries that gave up, jobs that fail, texts that do not arrive."""
    day = now() - timedelta(days=1)
    return {"stuck": list(stuck()[:50]), "jobs": list(broken_jobs()), "sms": accounts.sms_trouble(day)}


def audit() -> Iterator[str]:
    """Every broken invariant in the house, as a sentence with the offending row. Empty when all is well."""
    yield from ledger.audit()
    yield from wage_audit.audit()
    yield from posted.audit(now())
    yield from deals.audit()
    yield from cases.audit()
    yield from insurance.broken(now())
    yield from agreements.audit()
    for words in broken_chain():
        yield f"E1: {words}"


def _events(name: str, start: datetime, end: datetime) -> QuerySet[Event]:
    return Event.objects.filter(name=name, at__gte=start, at__lt=end).order_by("at", "pk")


def _postings(reach: Reach) -> QuerySet[Posting]:
    return Posting.objects.filter(reach.q("division"))


def _once(events: QuerySet[Event], mine: QuerySet[Posting]) -> dict[int, datetime]:
    """Postings published for the first time on the day."""
    first: dict[int, datetime] = {}
    for pk, moment in events.values_list("subject_id", "at"):
        first.setdefault(pk, moment)
    earlier = set(
        Event.objects.filter(name=PUBLISHED, subject_id__in=first, at__lt=min(first.values(), default=now()))
        .values_list("subject_id", flat=True)
    )  # fmt: skip
    inside = set(mine.filter(pk__in=first).values_list("pk", flat=True))
    return {pk: moment for pk, moment in first.items() if pk in inside and pk not in earlier}


def _places(postings: set[int]) -> dict[int, int]:
    rows = Posting.objects.filter(pk__in=postings).annotate(n=Sum("shifts__places")).values_list("pk", "n")
    return {pk: n or 0 for pk, n in rows}


def _minutes_to_first(postings: set[int], end: datetime) -> list[float]:
    """Minutes from first publishing to the first confirmed worker, for each posting that found one before `end`."""
    deal_posting = dict(Engagement.objects.filter(posting_id__in=postings).values_list("pk", "posting_id"))
    joined: dict[int, datetime] = {}
    rows = Event.objects.filter(name=JOINED, subject_id__in=deal_posting, at__lt=end).order_by("at", "pk")
    for pk, moment in rows.values_list("subject_id", "at"):
        joined.setdefault(deal_posting[pk], moment)
    out: dict[int, datetime] = {}
    for pk, moment in (
        Event.objects.filter(name=PUBLISHED, subject_id__in=joined).order_by("at", "pk").values_list("subject_id", "at")
    ):
        out.setdefault(pk, moment)
    return [max(0.0, (joined[pk] - out[pk]).total_seconds() / 60) for pk in joined if pk in out]


def _of_deals(name: str, start: datetime, end: datetime, reach: Reach) -> list[dict[str, Any]]:
    moments = dict(_events(name, start, end).values_list("subject_id", "at"))
    rows = Engagement.objects.filter(reach.q("posting__division"), pk__in=moments)
    found = rows.values("pk", "posting_id", "posting__trade__name")
    return [{**row, "at": moments[row["pk"]]} for row in found.order_by("pk")]


def _of_attendances(names: list[str], start: datetime, end: datetime, reach: Reach) -> list[dict[str, Any]]:
    happened = Event.objects.filter(name__in=names, at__gte=start, at__lt=end).values("subject_id")
    rows = Attendance.objects.filter(Q(pk__in=happened), reach.q("engagement__posting__division"))
    return list(rows.values("pk", "pay_fen").order_by("pk"))


def late_wages(last: date, reach: Reach, *, days: int = 7) -> list[tuple[date, int]]:
    """How many wages ran past their time on each of the `days` up to `last`, oldest first."""
    first = last - timedelta(days=days - 1)
    mine = Attendance.objects.filter(reach.q("engagement__posting__division")).values("pk")
    happened = Event.objects.filter(name="attendance.arrears", at__gte=at(first, 0), at__lt=at(last, 24))
    counts = Counter(
        local(moment).date() for moment in happened.filter(subject_id__in=mine).values_list("at", flat=True)
    )
    return [(day, counts[day]) for day in (first + timedelta(days=n) for n in range(days))]


def _by_hour(joined: list[dict[str, Any]]) -> list[int]:
    counts = [0] * 24
    for row in joined:
        counts[local(row["at"]).hour] += 1
    return counts


def _by_trade(joined: list[dict[str, Any]]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for row in joined:
        counts[row["posting__trade__name"]] = counts.get(row["posting__trade__name"], 0) + 1
    return sorted(counts.items(), key=lambda kv: (-kv[1], kv[0]))[:8]


# --- whose account may go, who looked at whom ----------------------------------------------------------------


def still_open(user: User) -> str:
    """What a person has to finish before their account can be erased, in words; "" when nothing is open."""
    worker, firms = people.of_user(user), employers.of_user(user)
    told = []
    mine = Q(worker=worker) if worker is not None else Q(pk__in=[])
    theirs = mine | Q(employer__in=firms)
    if (n := Engagement.objects.filter(theirs, state__in=LIVE).count()) > 0:
        told.append(_("{n} 个定下或等回话的活").format(n=n))
    if (n := payments.unfinished(worker, firms).count()) > 0:
        told.append(_("{n} 笔没结清的工钱").format(n=n))
    if (n := cases.open_of(user).count()) > 0:
        told.append(_("{n} 件在办的事").format(n=n))
    if (n := Posting.objects.filter(employer__in=firms, state__in=[*POSTED, "reviewing"]).count()) > 0:
        told.append(_("{n} 个在招的活").format(n=n))
    return "、".join(told)


def looks_within(reach: Reach) -> QuerySet[Look]:
    """Looks at people who live or hire within reach, and looks by those who work within it, newest first."""
    rows = Look.objects.select_related("subject", "viewer").order_by("-at", "-pk")
    if reach.national:
        return rows
    return rows.filter(Q(subject__in=_people_of(reach)) | Q(viewer__in=_staff_of(reach)))


def busiest_within(reach: Reach, since: datetime) -> list[tuple[User, int]]:
    """Who looked most since then among the looks within reach, at most 20."""
    return ask(busiest_question(reach, since))


def busiest_question(reach: Reach, since: datetime) -> Question[list[tuple[User, int]]]:
    """`busiest_within`, to be asked together with other things."""
    looked = looks_within(reach).filter(at__gte=since).order_by()
    top = looked.values("viewer").annotate(n=Count("pk")).order_by("-n", "viewer").values_list("viewer", "n")[:20]
    viewers = User.objects.filter(pk__in=looked.values("viewer"))

    def named(top: list[tuple[int, int]], viewers: list[User]) -> list[tuple[User, int]]:
        known = {viewer.pk: viewer for viewer in viewers}
        return [(known[key], n) for key, n in top]

    return Question([top, viewers], named)


def events_within(reach: Reach) -> QuerySet[Event]:
    """What happened to rows within reach, and what those did who work or live within it, newest first."""
    rows = Event.objects.select_related("by", "acting_for", "link").order_by("-pk")
    if reach.national:
        return rows
    known = {
        "postings.posting": Posting.objects.filter(reach.q("division")),
        "employers.employer": Employer.objects.filter(reach.q("division")),
        "workers.worker": Worker.objects.filter(reach.q("division")),
        "engagements.engagement": Engagement.objects.filter(reach.q("posting__division")),
        "engagements.attendance": Attendance.objects.filter(reach.q("engagement__posting__division")),
        "cases.case": Case.objects.filter(reach.q_codes()),
    }
    within = Q(by__in=_staff_of(reach)) | Q(acting_for__in=_people_of(reach)) | Q(by__in=_people_of(reach))
    for kind, subjects in known.items():
        within |= Q(subject_type=kind, subject_id__in=subjects.values("pk"))
    return rows.filter(within)


def _people_of(reach: Reach) -> QuerySet[User]:
    workers = Worker.objects.filter(reach.q("division")).values("user")
    members = Member.objects.filter(reach.q("employer__division"), ended_at=None).values("user")
    return User.objects.filter(Q(pk__in=workers) | Q(pk__in=members)).values("pk")


def _staff_of(reach: Reach) -> QuerySet[User]:
    granted = Grant.objects.filter(reach.q_codes()).values("user")
    employed = Staff.objects.filter(reach.q_venues()).values("user")
    return User.objects.filter(Q(pk__in=granted) | Q(pk__in=employed)).values("pk")
