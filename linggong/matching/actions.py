"""Ties (who liked, blocked or worked with whom), decisions, wishes, draws and rounds."""

import os
import secrets
import socket
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, Max, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

import linggong.accounts.actions as accounts
import linggong.reference.queries as reference
from linggong.accounts.models import User
from linggong.core.clock import local, now
from linggong.core.codes import new_code
from linggong.core.journal import record
from linggong.core.once import terms_hash
from linggong.core.refusals import Refused
from linggong.core.sealed import seal, unseal
from linggong.employers.models import Employer
from linggong.matching import replaying, turns, weighing, wishing
from linggong.matching.candidates import Candidates
from linggong.matching.live import watching
from linggong.matching.models import (
    Changed,
    Decision,
    Draw,
    IndexReport,
    Proposal,
    Round,
    RoundPart,
    Ticket,
    Tie,
    Wish,
    WishHit,
)
from linggong.matching.proposing import Proposed
from linggong.postings.models import Posting
from linggong.postings.queries import Filters
from linggong.reference.models import Division
from linggong.venues.models import Venue
from linggong.workers.models import Worker

LIKED, TOGETHER = "liked", "together"
BLOCKED_WORKER, BLOCKED_EMPLOYER = "blocked_worker", "blocked_employer"


@transaction.atomic
def like(worker: Worker, employer: Employer, *, by: User | None) -> Tie:
    """The employer would take this worker again. Idempotent; lifts the employer's own block."""
    _cut(worker, employer, BLOCKED_WORKER, by=by)
    return _tie(worker, employer, LIKED, by=by)


@transaction.atomic
def unlike(worker: Worker, employer: Employer, *, by: User | None) -> None:
    """The employer takes it back. Idempotent."""
    _cut(worker, employer, LIKED, by=by)


@transaction.atomic
def block(worker: Worker, employer: Employer, *, side: str, by: User | None) -> Tie:
    """One side (`side`: "worker" or "employer") does not want the other again; the other is not told. Idempotent."""
    if side == "employer":
        _cut(worker, employer, LIKED, by=by)
    return _tie(worker, employer, _block_of(side), by=by)


@transaction.atomic
def unblock(worker: Worker, employer: Employer, *, side: str, by: User | None) -> None:
    """The same side thinks better of it. Idempotent."""
    _cut(worker, employer, _block_of(side), by=by)


@transaction.atomic
def worked_together(worker: Worker, employer: Employer, *, by: User | None = None) -> Tie:
    """One more shift done and confirmed between the two. Counts each call: the caller calls once per shift."""
    tie, new = Tie.objects.get_or_create(worker=worker, employer=employer, kind=TOGETHER, defaults={"at": now()})
    if not new:
        Tie.objects.filter(pk=tie.pk).update(times=F("times") + 1, at=now())
        tie.refresh_from_db()
    return tie


@transaction.atomic
def decided(
    found: Candidates, posting: Posting, *, purpose: str, chosen: Worker | None = None, by: User | None
) -> Decision:  # fmt: skip
    """Keep the list that somebody (or the clock, `by` None) acted on, so that it can be taken again bit for bit.

    `found` is what `queries.for_posting` gave, as it was shown; `chosen` whom it was about, if about one. The event
    carries the code of the decision. Call it in the transaction of the offer, the dispatch or the wave.
    """
    rows = [(one.worker.pk, one.pair) for one in found if one.pair is not None]
    inputs = replaying.inputs_of(
        rows, found.weights, order=found.order, version=posting.version, at=found.moment.isoformat(),
        source=found.source,
    )  # fmt: skip
    outcome = replaying.outcome_of(inputs)
    decision = Decision.objects.create(
        posting=posting, purpose=purpose, at=now(), by=by, weights_version=found.weights.version, inputs=inputs,
        outcome=outcome, digest=replaying.digest_of(inputs, outcome),
    )  # fmt: skip
    place = next((n for n, row in enumerate(outcome, start=1) if chosen is not None and row[0] == chosen.pk), None)
    record("decision.kept", decision, by=by, code=decision.code, purpose=purpose, posting=posting.code, place=place)
    return decision


@transaction.atomic
def report_index(
    *, process: str, built_at: datetime | None, workers: int, postings: int, behind_ms: int, checked: int, drift: int
) -> None:
    """A process says how its live index does. One row per process; not an event, it changes every minute."""
    facts = {
        "at": now(), "built_at": built_at, "workers": workers, "postings": postings, "behind_ms": behind_ms,
        "checked": checked, "drift": drift,
    }  # fmt: skip
    IndexReport.objects.update_or_create(process=process, defaults=facts)


@transaction.atomic
def let_go() -> dict[str, int]:
    """Throw away what is no longer needed: decisions past their time, rounds nothing stands on, old notes and reports."""
    moment = now()
    months = reference.setting("retention_log_months", on=local(moment).date())
    decisions = Decision.objects.filter(at__lt=moment - timedelta(days=31 * months)).delete()[0]
    kept = Decision.objects.filter(part__round=OuterRef("pk"))
    rounds = Round.objects.filter(~Exists(kept), at__lt=moment - KEEP_ROUNDS).delete()[0]
    last = Changed.objects.aggregate(last=Max("pk"))["last"] or 0
    notes = Changed.objects.filter(pk__lte=last - watching.KEEP).delete()[0]
    reports = IndexReport.objects.filter(at__lt=moment - timedelta(hours=1)).delete()[0]
    return {"decisions": decisions, "rounds": rounds, "notes": notes, "reports": reports}


def _tie(worker: Worker, employer: Employer, kind: str, *, by: User | None) -> Tie:
    tie, new = Tie.objects.get_or_create(worker=worker, employer=employer, kind=kind, defaults={"at": now()})
    if new:
        record(f"tie.{kind}", tie, by=by)
    return tie


def _cut(worker: Worker, employer: Employer, kind: str, *, by: User | None) -> None:
    for tie in Tie.objects.filter(worker=worker, employer=employer, kind=kind):
        record(f"tie.{kind}_ended", tie, by=by)
        tie.delete()


def _block_of(side: str) -> str:
    if side not in ("worker", "employer"):
        raise ValueError(side)
    return BLOCKED_EMPLOYER if side == "worker" else BLOCKED_WORKER


# --- 有了叫我 ------------------------------------------------------------------------------------------------


class WishedEnough(Refused):
    """More wishes than anybody can mean."""

    message = __("已经记了 5 样，到“我的”里去掉一样再加")


@transaction.atomic
def wish(
    worker: Worker, *, filters: Filters, words: str, division: Division | None, reach_m: int, by: User | None
) -> Wish:
    """Remember what was looked for and not found. The same wish again is the same row, kept longer.

    What is out already is not told: the person has just seen the list. Raises WishedEnough.
    """
    moment, data = now(), wishing.as_data(filters)
    until = moment + timedelta(days=wishing.days(worker, local(moment).date()))
    for row in wishing.open_of(worker):
        if row.filters == data and row.division == division:
            Wish.objects.filter(pk=row.pk).update(until=until, reach_m=reach_m)
            return row
    if wishing.open_of(worker).count() >= wishing.OPEN_MOST:
        raise WishedEnough
    row = Wish.objects.create(
        worker=worker, filters=data, words=words[:80], division=division, reach_m=reach_m, made_at=moment, until=until,
        looked_at=moment,
    )  # fmt: skip
    record("wish.made", row, by=by)
    _seen(row, wishing.fitting(row, moment), moment)
    return row


@transaction.atomic
def end_wish(row: Wish, *, by: User | None, why: str = "tapped") -> None:
    """不用叫了, or its days are over. Idempotent."""
    if Wish.objects.filter(pk=row.pk, ended_at=None).update(ended_at=now(), why_ended=why):
        record("wish.ended", row, by=by, why=why)


@transaction.atomic
def look_for(row: Wish) -> int:
    """Look once and tell once: one message for all that came since the last look. Returns how many were new."""
    moment = now()
    if row.until <= moment:
        end_wish(row, by=None, why="over")
        return 0
    if Wish.objects.filter(pk=row.pk, looked_at=row.looked_at, ended_at=None).update(looked_at=moment) != 1:
        return 0  # another worker looks
    found = wishing.fitting(row, moment)
    if not found:
        return 0
    _seen(row, found, moment)
    first = found[0]
    text = _("有了：{what}，{pay}").format(what=first.title, pay=wishing.pay_words(first))
    if len(found) > 1:
        text = _("{text}，一共 {n} 个").format(text=text, n=len(found))
    accounts.tell(row.worker.user, text, kind="wish", about=first, sms="notice")
    record("wish.told", row, by=None, postings=[posting.code for posting in found])
    return len(found)


def _seen(row: Wish, found: list[Posting], moment: datetime) -> None:
    WishHit.objects.bulk_create([WishHit(wish=row, posting=posting, at=moment) for posting in found])


# --- 摇号 ------------------------------------------------------------------------------------------------------


class NoDraw(Refused):
    """Nothing was committed to for this morning."""

    message = __("今天没有摇号：头天晚上公布了封存码，第二天早上才能摇")


class DrawnAlready(Refused):
    """The order stands; nobody can be added."""

    message = __("今天的号已经摇过了，没拿号的排在后面，不用再拿")


@transaction.atomic
def commit_draw(venue: Venue, day: date, *, by: User | None = None) -> Draw:
    """Choose the seed of a morning and publish its hash. Once for a venue and day, whoever asks how often."""
    found = Draw.objects.filter(venue=venue, day=day).first()
    if found is not None:
        return found
    seed = secrets.token_hex(32)
    row = Draw(venue=venue, day=day, commitment=turns.commitment_of(seed), committed_at=now(), code=new_code())
    row.seed_sealed = seal(row, "seed_sealed", seed)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return Draw.objects.get(venue=venue, day=day)
    record("draw.committed", row, by=by, venue=venue.code, day=day.isoformat(), commitment=row.commitment)
    return row


@transaction.atomic
def take_ticket(draw: Draw, worker: Worker, *, by: User | None) -> Ticket:
    """The next number for a worker; who has one keeps it. Raises DrawnAlready."""
    if Draw.objects.filter(pk=draw.pk, drawn_at=None).update(tickets=F("tickets") + 1) != 1:
        raise DrawnAlready
    held = Ticket.objects.filter(draw=draw, worker=worker).first()
    if held is not None:  # the row of the draw is claimed: nobody else takes a number now
        Draw.objects.filter(pk=draw.pk).update(tickets=F("tickets") - 1)
        return held
    draw.refresh_from_db()
    ticket = Ticket.objects.create(draw=draw, worker=worker, number=draw.tickets, at=now())
    record("draw.ticket", draw, by=by, number=ticket.number)
    return ticket


@transaction.atomic
def hold_draw(draw: Draw, *, by: User | None) -> Draw:
    """开摇: close the list, open the seed, publish the order. Raises DrawnAlready.

    Whoever holds it chooses nothing: the seed was fixed the evening before, the numbers came in the order of asking.
    """
    if Draw.objects.filter(pk=draw.pk, drawn_at=None).update(tickets=F("tickets")) != 1:
        raise DrawnAlready
    draw.refresh_from_db()
    draw.seed = unseal(draw, "seed_sealed")
    draw.order, draw.drawn_at = turns.drawn(draw.seed, range(1, draw.tickets + 1)), now()
    draw.save(update_fields=["seed", "order", "drawn_at"])
    record("draw.held", draw, by=by, seed=draw.seed, tickets=draw.tickets)
    return draw


# --- 统一撮合 ---------------------------------------------------------------------------------------------------

PART_LEASE = timedelta(minutes=2)
"""So long a part belongs to whoever took it; a worker that died with it is not waited for any longer."""
ROUND_LONGEST = timedelta(minutes=30)
KEEP_ROUNDS = timedelta(days=1)
ONE_WRITE = 2000


@transaction.atomic
def begin_round(*, seed: int | None = None) -> Round | None:
    """Cut the land and owe each part to the task queue: `roundpart.waiting` is heard by whichever worker is free.

    None where one runs, or there is nothing to give. One that was never solved whole in half an hour is given up: what
    its parts brought out was out wholly, the rest of it never was.
    """
    from linggong.matching import cutting  # only where rounds are held

    moment = now()
    on = local(moment).date()
    for stuck in Round.objects.filter(state=Round.State.RUNNING, at__lte=moment - ROUND_LONGEST):
        stuck.move(Round.State.DROPPED, by=None, ended_at=moment)
    if Round.objects.filter(state=Round.State.RUNNING).exists():
        return None
    parts = cutting.cut(moment, people_most=reference.setting("round_people", on=on))
    if not parts:
        return None
    seed = secrets.randbelow(2**31) if seed is None else seed
    weights, _where = weighing.of_the_index(moment)
    made_of = [moment.isoformat(), seed, weights.version, weighing.most(weights), parts]
    try:
        with transaction.atomic():
            row = Round.begin(
                by=None, at=moment, seed=seed, weights_version=weights.version, digest=terms_hash(made_of),
                parts=len(parts),
            )  # fmt: skip
    except IntegrityError:
        return None  # another worker began one at this moment
    for number, counties in enumerate(parts):
        RoundPart.begin(by=None, round=row, number=number, counties=counties)
    return row


def solve_part(part: RoundPart, *, passed_over: Callable[..., Any] | None = None) -> bool:
    """Solve one part, unless it is done or somebody else holds it. Returns whether this call brought it out.

    `passed_over(counties)` gives the (worker, posting) keys that must not come out again. Three steps: the claim is a
    transaction, the solving none, and what came out is another. Idempotent: a part comes out once, whoever was slow.
    """
    from linggong.matching import solving  # loads the kernels: only where rounds are held

    mine = claim_part(part)
    if mine is None:
        return False
    began = time.monotonic()
    weights, _where = weighing.of_the_index(mine.round.at)
    inputs = solving.read(
        mine.counties, mine.round.at, weights, salt=solving.salt_of(mine.round.seed, mine.number),
        passed_over=passed_over,
    )  # fmt: skip
    solved = solving.solve(inputs)
    return bring_out(mine, inputs, solved, took_ms=int((time.monotonic() - began) * 1000))


@transaction.atomic
def claim_part(part: RoundPart) -> RoundPart | None:
    """Take a part for two minutes by compare-and-set. None: it is done, given up, or another worker's."""
    moment = now()
    free = RoundPart.objects.filter(
        Q(lease_until=None) | Q(lease_until__lte=moment), pk=part.pk, state=RoundPart.State.WAITING,
        claims=part.claims, round__state=Round.State.RUNNING,
    )  # fmt: skip
    process = f"{socket.gethostname()}:{os.getpid()}"
    if free.update(claims=part.claims + 1, lease_until=moment + PART_LEASE, process=process) != 1:
        return None
    return RoundPart.objects.select_related("round").get(pk=part.pk)


@transaction.atomic
def bring_out(part: RoundPart, inputs: Any, solved: Any, *, took_ms: int) -> bool:
    """All that came out of a part, with what it was made of, or nothing. The last part ends the round.

    Only the holder of the last claim may: one who was so slow that another took over finds its work thrown away.
    """
    last = RoundPart.objects.filter(pk=part.pk, claims=part.claims, state=RoundPart.State.WAITING)
    if last.update(lease_until=None) != 1:
        return False
    part.move(
        RoundPart.State.DONE, by=None, inputs=inputs.pack(), inputs_digest=inputs.digest, outcome_digest=solved.digest,
        pairs=len(inputs.posting), given=len(solved.rows), value=solved.value, bound=solved.bound, took_ms=took_ms,
    )  # fmt: skip
    Proposal.objects.bulk_create(
        [
            Proposal(part=part, posting_id=posting, worker_id=worker, points=points, day=day)
            for posting, worker, points, day in solved.rows
        ],
        batch_size=ONE_WRITE,
    )
    # counted on the round's row, which two last parts cannot both hold: one of them sees that all are done
    Round.objects.filter(pk=part.round_id).update(solved=F("solved") + 1)
    whole = Round.objects.get(pk=part.round_id)
    if whole.solved == whole.parts and whole.state == Round.State.RUNNING:
        whole.move(Round.State.DONE, by=None, ended_at=now())
    return True


@transaction.atomic
def acted_on_round(proposed: Proposed, posting: Posting) -> Decision:
    """Keep what a round decided about a posting, because a wave goes by it; call it in the transaction of the wave.

    The inputs of the part stay as long as the decision does.
    """
    part = proposed.part
    inputs = {
        "formula": replaying.ROUND, "order": "round", "posting_version": posting.version,
        "at": part.round.at.isoformat(), "round": part.round.code, "part": part.number, "seed": part.round.seed,
        "inputs_digest": part.inputs_digest, "outcome_digest": part.outcome_digest, "weights": {
            "version": part.round.weights_version, "most": []},
    }  # fmt: skip
    outcome = [[worker, points, []] for worker, points in proposed.here]
    decision = Decision.objects.create(
        posting=posting, purpose=Decision.Purpose.ROUND, at=now(), by=None, weights_version=part.round.weights_version,
        inputs=inputs, outcome=outcome, digest=replaying.digest_of(inputs, outcome), part=part,
    )  # fmt: skip
    record(
        "decision.kept", decision, by=None, code=decision.code, purpose=decision.purpose, posting=posting.code,
        place=None,
    )  # fmt: skip
    return decision
