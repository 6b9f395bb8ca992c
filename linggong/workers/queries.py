"""Questions about workers: who is it, what may they do, when are they taken, what do others say."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from django.db.models import Prefetch, Q, QuerySet, Sum
from django.utils.translation import gettext as _

import linggong.accounts.queries as accounts
from linggong.accounts import ids
from linggong.core.asking import Question, ask, first
from linggong.core.clock import now
from linggong.core.points import Counted, counting
from linggong.core.sealed import unseal
from linggong.reference import queries as reference
from linggong.reference.models import PayUnit, Trade
from linggong.workers import record
from linggong.workers.models import Card, Holding, Point, Quarter, Recognition, Verification, Worker, WorkerTrade
from linggong.workers.quarters import floor

CARDS_MAX = 60
IMPORTED = "import"  # the source of workers from the bureau's Excel
CHECKED_ENOUGH = frozenset({Verification.PRELIM_CHECKED, Verification.VERIFIED})


class Reach(Protocol):
    """What a member of staff may see: whole divisions, or the country."""

    divisions: Sequence[str]
    national: bool


# --- who -----------------------------------------------------------------------------------------------


def of_user(user: Any) -> Worker | None:
    """The person as a worker, if they ever registered as one."""
    return ask(of_user_question(user))


def of_user_question(user: Any) -> Question[Worker | None]:
    """`of_user`, to be asked together with other things."""
    return first(Worker.objects.select_related("user", "division").filter(user=user).order_by("pk"))


def owes_consent(worker: Worker) -> bool:
    """Came in with the bureau's Excel and was never asked: the first page of theirs asks (PIPL arts. 13-14)."""
    return worker.source == IMPORTED and not accounts.was_asked(worker.user, "service")


def by_code(code: str) -> Worker | None:
    """The worker behind a public code, e.g. from a scanned card."""
    return Worker.objects.select_related("user", "division").filter(code=code).first()


def by_codes(codes: Iterable[str]) -> list[Worker]:
    """The workers behind these public codes, with their names."""
    return list(Worker.objects.select_related("user").filter(code__in=codes))


def within(reach: Reach) -> QuerySet[Worker]:
    """The workers a member of staff may see: home inside one of the divisions. Nothing for an empty reach."""
    workers = Worker.objects.select_related("user", "division").order_by("pk")
    if reach.national:
        return workers
    inside = Q(pk__in=[])
    for code in reach.divisions:
        inside |= Q(division__path__startswith=reference.path_of(code))
    return workers.filter(inside)


def trades_of(worker: Worker) -> QuerySet[WorkerTrade]:
    """The worker's trades, the most practised first."""
    return worker.trades.select_related("trade").order_by("-times", "trade_id")


def is_checked(worker: Worker) -> bool:
    """At least PRELIM_CHECKED and not suspended: a deal may be confirmed (SX-37)."""
    return worker.state in CHECKED_ENOUGH


def age_on(worker: Worker, day: date) -> int | None:
    """Whole years on `day`; None while no ID was checked."""
    born = worker.user.birth_on
    return None if born is None else ids.age_on(born, day)


def export_of(worker: Worker) -> dict[str, Any]:
    """The worker's own archive as plain JSON (SX-19; PIPL art. 45): all of it, numbers in clear, for its owner only."""
    card = card_of(worker)
    return {
        "worker": {
            "code": worker.code,
            "state": worker.get_state_display(),
            "area": worker.division.name,
            "home_point": [worker.lat, worker.lng] if worker.lat is not None else None,
            "reach_m": worker.reach_m,
            "free_parts": worker.free_parts,
            "pay_floor_fen": worker.pay_floor_fen,
            "contact_via": worker.get_contact_via_display(),
            "literacy_help": worker.literacy_help,
            "dialect": worker.dialect,
            "tools": worker.tools,
            "taking_work": worker.taking_work,
            "registered_at": worker.registered_at.isoformat(),
        },
        "trades": [
            {"trade": t.trade.name, "times": t.times, "years": t.years, "skilled": t.skilled} for t in trades_of(worker)
        ],
        "certificates": [
            {
                "name": h.certificate.name,
                "number": unseal(h, "number_sealed"),
                "issuer": h.issuer,
                "valid_to": h.valid_to.isoformat() if h.valid_to else "",
                "state": h.get_state_display(),
            }
            for h in holdings_of(worker)
        ],
        "card": {"state": card.get_state_display(), "text": card.text, "times": card.times} if card else None,
        "record": [
            {"at": row.at.isoformat(), "words": row.words, "points": row.points, "counts": row.counts}
            for row in record_of(worker)
        ],
        "recognitions": [
            {"at": r.at.isoformat(), "state": r.get_state_display(), "cause": r.cause} for r in recognitions_of(worker)
        ],
    }


# --- papers --------------------------------------------------------------------------------------------


def holdings_of(worker: Worker) -> QuerySet[Holding]:
    """Every certificate the worker handed in, newest first."""
    return worker.holdings.select_related("certificate").order_by("-pk")


def holding_by_code(code: str) -> Holding | None:
    """One holding by its public code."""
    return Holding.objects.select_related("worker__user", "certificate").filter(code=code).first()


def to_check(reach: Reach) -> QuerySet[Holding]:
    """Uploaded certificates waiting for staff of this reach, the longest waiting first."""
    waiting = Holding.objects.filter(state=Holding.State.UPLOADED, worker__in=within(reach).order_by())
    return waiting.select_related("worker__user", "certificate").order_by("uploaded_at", "pk")


def valid_on(day: date) -> Q:
    """Holdings that count on `day`: checked, begun, not past their last day, whatever the sweep wrote."""
    return (
        Q(state=Holding.State.CHECKED)
        & (Q(valid_to=None) | Q(valid_to__gte=day))
        & (Q(valid_from=None) | Q(valid_from__lte=day))
    )


def holds(worker: Worker, certificate_code: str, on: date) -> bool:
    """Whether the worker has a checked certificate of this code, valid on the day (FJ-16)."""
    return worker.holdings.filter(valid_on(on), certificate_id=certificate_code).exists()


def missing_certificates(worker: Worker, codes: Iterable[str], on: date) -> list[str]:
    """Which of `codes` the worker does not hold on that day, in the order given."""
    asked = list(codes)
    if not asked:
        return []
    held = set(worker.holdings.filter(valid_on(on), certificate__in=asked).values_list("certificate_id", flat=True))
    return [code for code in asked if code not in held]


# --- hours ---------------------------------------------------------------------------------------------


def busy(worker: Worker, starts_at: datetime, ends_at: datetime) -> list[str]:
    """Who holds any quarter in [starts_at, ends_at): refs, the earliest first."""
    rows = Quarter.objects.filter(worker=worker, starts_at__gte=floor(starts_at), starts_at__lt=ends_at)
    return list(dict.fromkeys(rows.order_by("starts_at").values_list("ref", flat=True)))


def busy_workers(workers: Iterable[Worker], starts_at: datetime, ends_at: datetime) -> set[int]:
    """Keys of those workers who are taken at any time in [starts_at, ends_at): one query for many."""
    rows = Quarter.objects.filter(worker__in=workers, starts_at__gte=floor(starts_at), starts_at__lt=ends_at)
    return set(rows.values_list("worker_id", flat=True))


# --- record --------------------------------------------------------------------------------------------


def recognition(worker: Worker) -> str:
    """normal, candidate, recognised or suspended."""
    latest = latest_recognition(worker)
    return latest.state if latest else "normal"


def latest_recognition(worker: Worker) -> Recognition | None:
    """The row that says where the recognition stands, with its cause."""
    return worker.recognitions.order_by("-pk").first()


def recognitions_of(worker: Worker) -> QuerySet[Recognition]:
    """When it was given or lost, and why; newest first."""
    return worker.recognitions.order_by("-pk")


@dataclass(frozen=True)
class RecordRow:
    """One event of one's own record, as the worker reads it on 我的口碑."""

    pk: int
    words: str
    points: int
    cause: str
    at: datetime
    counts_until: datetime
    counts: bool
    corrected: bool


def record_of(worker: Worker) -> list[RecordRow]:
    """The worker's own record, newest first: every event, its points and until when it counts.

    For the worker and for staff who handle an appeal; never for an employer (FJ-22b).
    """
    moment = now()
    rows = list(worker.points.order_by("-at", "-pk")[:200])
    live = {p.pk for p in counting(rows, moment)}
    return [
        RecordRow(
            pk=p.pk, words=str(record.POINTS[p.kind].words), points=p.points, cause=p.cause, at=p.at,
            counts_until=p.counts_until, counts=p.pk in live, corrected=p.corrected_at is not None,
        )
        for p in rows
    ]  # fmt: skip


def standing(worker: Worker) -> dict[str, Any]:
    """What an employer may read: recognition, work done, no-shows, reasons in words. No sum (FJ-22b)."""
    return standings([worker])[worker.pk]


def standings(workers: Iterable[Worker]) -> dict[int, dict[str, Any]]:
    """`standing` for many workers in one query, by worker key."""
    return ask(standings_question(workers))


class Standings(dict[int, dict[str, Any]]):
    """Standings by worker key; whom nothing was ever written about has a clean one."""

    def __missing__(self, key: int) -> dict[str, Any]:
        return _standing([], now(), 0, "normal")


def standings_question(workers: Iterable[Worker]) -> Question[dict[int, dict[str, Any]]]:
    """`standings`, to be asked together with other things; a queryset of workers is not read itself."""
    moment = now()
    keys = workers.order_by().values("pk") if isinstance(workers, QuerySet) else [w.pk for w in workers]

    def answer(
        found: list[Point], sums: list[tuple[int, int]], states: list[tuple[int, str]]
    ) -> dict[int, dict[str, Any]]:
        points: dict[int, list[Counted]] = defaultdict(list)
        for point in found:
            points[point.worker_id].append(point)
        done, state = dict(sums), dict(states)  # the latest row of each worker wins
        met = {*points, *done, *state}
        return Standings(
            {key: _standing(points[key], moment, done.get(key, 0), state.get(key, "normal")) for key in met}
        )

    seen = Point.objects.filter(worker__in=keys, kind__in=("five_star", "praised", "no_show"), corrected_at=None)
    worked = WorkerTrade.objects.filter(worker__in=keys).values("worker").annotate(all=Sum("times"))
    given = Recognition.objects.filter(worker__in=keys).order_by("pk")
    return Question([seen, worked.values_list("worker", "all"), given.values_list("worker_id", "state")], answer)


def _standing(points: list[Counted], moment: datetime, worked: int, state: str) -> dict[str, Any]:
    recognised = state == "recognised"
    return {
        "recognised": recognised,
        "label": _("优秀零工") if recognised else "",
        "worked": worked,
        "no_shows": sum(p.kind == "no_show" for p in counting(points, moment)),
        "reasons": record.words_for_others(points, moment, times_worked=worked),
    }


# --- cards ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CardRow:
    """A 找活卡 as everybody may read it. There is no field for name, phone, age, sex or papers (FJ-15)."""

    code: str
    trades: tuple[str, ...]
    pay_fen: int
    pay_unit: str
    times: str
    area: str
    text: str
    recognised: bool
    reasons: tuple[str, ...]
    changed_at: datetime


def visible_cards(
    *, division_code: str = "", trades: Iterable[Trade | str] = (), limit: int = CARDS_MAX
) -> list[CardRow]:
    """Cards that are out now, newest first, inside a division and for any of these trades.

    Six queries whatever the length. A suspended worker and one who takes no work have no card out.
    """
    cards = _cards_out()
    if division_code:
        cards = cards.filter(area__path__startswith=reference.path_of(division_code))
    codes = [t.pk if isinstance(t, Trade) else t for t in trades]
    if codes:
        cards = cards.filter(pk__in=Card.trades.through.objects.filter(trade__in=codes).values("card"))
    by_name = Prefetch("trades", Trade.objects.order_by("-popularity", "code"))
    found = list(
        cards.select_related("worker", "area").prefetch_related(by_name)
        .order_by("-changed_at", "-pk")[: min(limit, CARDS_MAX)]
    )  # fmt: skip
    said = standings([card.worker for card in found])
    return [_row(card, said[card.worker_id]) for card in found]


def _row(card: Card, said: dict[str, Any]) -> CardRow:
    return CardRow(
        code=card.code,
        trades=tuple(trade.name for trade in card.trades.all()),
        pay_fen=card.pay_fen,
        pay_unit=str(PayUnit(card.pay_unit).label),
        times=card.times,
        area=card.area.name,
        text=card.text,
        recognised=said["recognised"],
        reasons=tuple(said["reasons"]),
        changed_at=card.changed_at,
    )


def card_of(worker: Worker) -> Card | None:
    """The worker's own card, in whatever state."""
    return Card.objects.select_related("area").filter(worker=worker).first()


def visible_card(code: str) -> Card | None:
    """The card behind a public code while it is out, with its worker: for floors that pass a question on."""
    return _cards_out().select_related("worker__user", "area").filter(code=code).first()


def _cards_out() -> QuerySet[Card]:
    out = Card.objects.filter(state=Card.State.VISIBLE, worker__taking_work=True)
    return out.exclude(worker__state=Verification.SUSPENDED)


def cards_to_review(reach: Reach) -> QuerySet[Card]:
    """Cards waiting for staff of this reach, the longest waiting first."""
    waiting = Card.objects.filter(state=Card.State.REVIEWING, worker__in=within(reach).order_by())
    return waiting.select_related("worker__user", "area").order_by("changed_at", "pk")
