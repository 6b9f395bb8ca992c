"""Lists for the bureau in a constant number of questions: broken chains, the rows behind a figure, where people lack."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

import linggong.engagements.queries as deals
import linggong.postings.queries as posted
from linggong.agreements.models import Agreement
from linggong.cases.models import Case
from linggong.core.asking import Question, ask
from linggong.core.clock import at, now
from linggong.core.models import Event
from linggong.engagements.models import Attendance, Engagement, Stage
from linggong.insurance.models import Policy
from linggong.oversight.queries import JOINED, PUBLISHED, within
from linggong.payments.models import Settlement
from linggong.postings.models import Posting, Review
from linggong.reference.models import Division
from linggong.venues.queries import Reach

LOOKED_AT = 200

# Which events of a day stand behind which figure.
OF_DEALS = {"joined": (JOINED,)}
OF_SHIFTS = {
    "present": ("attendance.checked_in",),
    "done": ("attendance.completion_confirmed", "attendance.auto_confirmed"),
    "paid": ("attendance.paid",),
    "no_shows": ("attendance.no_show_worker",),
}
STANDING = {"at_work": (Stage.CHECKED_IN, Stage.IN_PROGRESS), "arrears": (Stage.ARREARS,)}


@dataclass
class Alert:
    """A deal whose chain misses links, by the names of the missing rings."""

    deal: Engagement
    missing: list[str] = field(default_factory=list)


def alerts(reach: Reach) -> list[Alert]:
    """The last bound deals that miss a link. Says the same as `queries.chain`, but in few questions.

    What a list cannot afford, the hashes of each agreement, stays with the page of the deal and the nightly audit.
    """
    rows = list(within(reach).filter(confirmed_at__isnull=False)[:LOOKED_AT])
    return ask(alerts_question(rows))


def alerts_question(rows: list[Engagement]) -> Question[list[Alert]]:
    """`alerts` among these deals, to be asked together with other things."""
    refs = {deals.ref(deal): deal.pk for deal in rows}
    keys, postings = [deal.pk for deal in rows], {deal.posting_id for deal in rows}
    looked = Review.objects.filter(posting__in=postings)
    looked = looked.filter(Q(decision=Review.Decision.APPROVED) | Q(kind=Review.Kind.AFTER))
    fast = Event.objects.filter(
        name="posting.fast_passed", subject_type=Posting._meta.label_lower, subject_id__in=postings
    )
    effective = Agreement.objects.filter(ref__in=refs, effective_at__isnull=False)
    lived = Attendance.objects.filter(engagement__in=keys).select_related("shift").order_by("shift__starts_at", "pk")
    covered = Policy.objects.filter(deal__in=refs).exclude(policy_number="").exclude(state=Policy.State.CANCELLED)
    late = Case.objects.filter(deal__in=refs, state__in=["filed", "accepted"], due_at__lt=now())

    def answer(
        looked: list[int], fast: list[int], effective: list[str], lived: list[Attendance], covered: list[str],
        wages: list[Settlement], late: list[str],
    ) -> list[Alert]:  # fmt: skip
        found = {deal.pk: Alert(deal) for deal in rows}
        reviewed = {*looked, *fast}
        for deal in rows:
            if deal.posting_id not in reviewed:
                found[deal.pk].missing.append(_("审核"))
        for ref in refs.keys() - set(effective):
            found[refs[ref]].missing.append(_("用工约定"))
        _look_at_shifts(found, lived, set(covered), {row.ref: row for row in wages})
        for ref in set(late):
            found[refs[ref]].missing.append(_("有意见超时没办"))
        return [alert for alert in found.values() if alert.missing]

    return Question(
        [
            looked.values_list("posting_id", flat=True), fast.values_list("subject_id", flat=True),
            effective.values_list("ref", flat=True), lived, covered.values_list("ref", flat=True),
            Settlement.objects.filter(deal__in=refs).only("ref", "state", "due_at"),
            late.values_list("deal", flat=True),
        ],
        answer,
    )  # fmt: skip


def _look_at_shifts(
    found: dict[int, Alert], lived: list[Attendance], covered: set[str], wages: dict[str, Settlement]
) -> None:
    moment = now()
    for row in lived:
        missing, ref = found[row.engagement_id].missing, deals.ref(row)
        day = f"{row.shift.starts_at:%m-%d}"
        off = row.state in (Stage.CANCELLED, Stage.CALLED_OFF)
        if not off and ref not in covered and row.uncovered_accepted_at is None:
            missing.append(_("保险 {day}").format(day=day))
        if row.state == Stage.EXPECTED and row.shift.ends_at <= moment:
            missing.append(_("到岗"))
        wage = wages.get(ref)
        late = wage is not None and wage.due_at is not None and wage.due_at <= moment
        if row.pay_fen and (wage is None or (late and wage.state not in ("arrived", "acknowledged"))):
            missing.append(_("工钱"))


def behind(figure: str, day: date, reach: Reach) -> QuerySet:
    """The deals or shifts that a figure counted on `day`; KeyError for a figure that has no such list."""
    if figure in STANDING:
        rows = Attendance.objects.filter(reach.q("engagement__posting__division"), state__in=STANDING[figure])
        return _with_people(rows)
    names = OF_DEALS.get(figure) or OF_SHIFTS[figure]
    happened = Event.objects.filter(name__in=names, at__gte=at(day, 0), at__lt=at(day, 24)).values("subject_id")
    if figure in OF_DEALS:
        return within(reach).filter(pk__in=happened)
    return _with_people(Attendance.objects.filter(reach.q("engagement__posting__division"), pk__in=happened))


def _with_people(rows: QuerySet[Attendance]) -> QuerySet[Attendance]:
    return rows.select_related(
        "shift", "engagement__employer", "engagement__posting__trade", "engagement__worker__user"
    ).order_by("-id")


def published_on(day: date, reach: Reach) -> QuerySet[Posting]:
    """Postings that went up for the first time on `day`."""
    before = Event.objects.filter(name=PUBLISHED, at__lt=at(day, 0)).values("subject_id")
    happened = Event.objects.filter(name=PUBLISHED, at__gte=at(day, 0), at__lt=at(day, 24)).values("subject_id")
    rows = Posting.objects.filter(reach.q("division"), pk__in=happened).exclude(pk__in=before)
    return rows.select_related("employer", "division", "trade").order_by("-id")


@dataclass(frozen=True)
class Lack:
    """How many places are open in a county; `lat`, `lng` are those of its seat, or None."""

    code: str
    name: str
    places: int
    lat: float | None
    lng: float | None


def lacking(reach: Reach) -> list[Lack]:
    """Where people lack now, most first; counties beside one that lacks, and inside the reach, are in it with 0."""
    moment = now()
    counts: dict[str, int] = {}
    rows = posted.listed(moment).filter(reach.q("division")).order_by()
    for row in posted.with_room(rows, moment)[:2000]:
        code = row.division_id[:6]
        counts[code] = counts.get(code, 0) + (row.places_left or 0)
    cities = {code[:4] + "00" for code in counts}
    counties = Division.objects.filter(Q(parent__in=cities) & reach.own_q() | Q(code__in=counts))
    found = [
        Lack(code, name, counts.get(code, 0), lat, lng)
        for code, name, lat, lng in counties.values_list("code", "short_name", "lat", "lng")
    ]
    return sorted(found, key=lambda lack: (-lack.places, lack.code))


def lacking_trades(reach: Reach) -> list[tuple[str, int]]:
    """Which work lacks people now: open places by trade, most first, six at most."""
    moment = now()
    rows = posted.listed(moment).filter(reach.q("division")).select_related("trade").order_by()
    counts: dict[str, int] = {}
    for row in posted.with_room(rows, moment)[:2000]:
        counts[row.trade.name] = counts.get(row.trade.name, 0) + (row.places_left or 0)
    return sorted(counts.items(), key=lambda kv: (-kv[1], kv[0]))[:6]
