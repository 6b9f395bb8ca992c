"""What is known of workers and postings before they are compared: read in few statements, for one or for many."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from django.db.models import QuerySet

import linggong.reference.queries as reference
from linggong.accounts import ids
from linggong.core.asking import Question, ask, ask_all, joined
from linggong.core.clock import local
from linggong.core.sealed import unseal
from linggong.employers.models import Employer, Member
from linggong.matching.limits import Known
from linggong.matching.models import Tie
from linggong.postings.models import Posting, Shift
from linggong.reference.models import Certificate
from linggong.workers.models import Holding, Quarter, Worker

HORIZON = timedelta(days=62)
DAY_MINUTES = 8 * 60


def fresh(posting: Posting) -> Posting:
    """The row as it is now, with the employer it has now: a page may be minutes old."""
    return ask(fresh_question(posting))


def fresh_question(posting: Posting) -> Question[Posting]:
    """`fresh`, to be asked together with other things."""
    return Question([Posting.objects.select_related("employer", "trade").filter(pk=posting.pk)], lambda rows: rows[0])


def of_worker(
    worker: Worker, rows: Sequence[Posting], moment: datetime, *, waived: Collection[str] = ()
) -> Question[Known]:
    """What the checks need of one worker before these postings, in one question."""
    day = local(moment).date()
    owned = Member.objects.filter(user=worker.user_id, ended_at=None)
    taken = Quarter.objects.filter(worker=worker, starts_at__gte=moment, starts_at__lt=moment + HORIZON * 4)
    ties = Tie.objects.filter(worker=worker).values_list("employer_id", "kind", "times")
    codes = {code for row in rows for code in row.certificates}
    places = {worker.division_id, *(row.division_id for row in rows)}

    def answer(
        ties: list, held: list, taken: list, member: list, own: list, names: list, rules: reference.Rules
    ) -> Known:
        blocks: dict[int, set[str]] = defaultdict(set)
        for employer_id, kind, _times in ties:
            blocks[employer_id].add(kind)
        named = dict(names)
        return Known(
            worker=worker,
            birth_on=worker.user.birth_on,
            holdings=by_worker(held).get(worker.pk, []),
            taken=taken,
            blocks=dict(blocks),
            together={employer_id: times for employer_id, kind, times in ties if kind == "together"},
            own_employers=frozenset(member) | frozenset(own),
            sex=cache(lambda: _sex(worker)),
            rule=rule_of(rules),
            certificate_name=lambda code: named.get(code, code),
            waived=frozenset(waived),
            buffer_minutes=rules.setting("travel_buffer_minutes", division_code=worker.division_id, on=day),
        )

    asked = (
        ties, holdings([worker.pk]), taken.order_by("starts_at").values_list("starts_at", "ref"),
        owned.values_list("employer_id", flat=True),
        Employer.objects.filter(person=worker.user_id).values_list("pk", flat=True),
        Certificate.objects.filter(pk__in=codes).values_list("pk", "name"),
    )  # fmt: skip
    return joined(answer, *(Question([rows], list) for rows in asked), reference.rules_question(places))


def holdings(keys: Collection[int]) -> QuerySet[Holding]:
    """Certificates that staff checked; whether they count on a day is asked later."""
    rows = Holding.objects.filter(worker__in=keys, state=Holding.State.CHECKED).order_by("pk")
    return rows.values_list("worker_id", "certificate_id", "valid_from", "valid_to")


def by_worker(held: Iterable[tuple[int, str, date | None, date | None]]) -> dict[int, list]:
    """Rows of `holdings` by the worker they are of."""
    found: dict[int, list[tuple[str, date | None, date | None]]] = defaultdict(list)
    for key, code, begins, ends in held:
        found[key].append((code, begins, ends))
    return found


def rule_of(rules: reference.Rules) -> Callable[[str, str, date], Any]:
    """The rules as the checks ask them, each looked up once."""
    return cache(lambda key, division_code, on: rules.rule(key, division_code=division_code, on=on))


def _sex(worker: Worker) -> str:
    """As the ID number says, opened by the rule alone and kept nowhere; "" without a number."""
    number = unseal(worker.user, "id_sealed")
    return ids.sex_of(number) if number else ""


def of_many(workers: Sequence[Worker], posting: Posting, moment: datetime) -> dict[int, Known]:
    """What the checks need of each worker, in a constant number of queries; hours were asked in SQL already."""
    keys = [worker.pk for worker in workers]
    tied = Tie.objects.filter(worker__in=keys, employer=posting.employer_id).values_list("worker_id", "kind")
    owned = Member.objects.filter(employer=posting.employer_id, ended_at=None).values_list("user_id", flat=True)
    rows, held, members, rules = ask_all(
        Question([tied], list), Question([holdings(keys)], by_worker), Question([owned], set),
        reference.rules_question({posting.division_id}),
    )  # fmt: skip
    ties: dict[int, set[str]] = defaultdict(set)
    for key, kind in rows:
        ties[key].add(kind)
    members.add(posting.employer.person_id)
    rule = rule_of(rules)
    return {
        worker.pk: Known(
            worker=worker, birth_on=worker.user.birth_on, holdings=held.get(worker.pk, []),
            blocks={posting.employer_id: ties[worker.pk]},
            own_employers=frozenset({posting.employer_id} if worker.user_id in members else ()),
            sex=_sex_of(worker), rule=rule,
        )
        for worker in workers
    }  # fmt: skip


def _sex_of(worker: Worker) -> Any:
    return cache(lambda: _sex(worker))


def shifts_of(rows: Iterable[Posting], moment: datetime) -> Question[dict[int, list[Shift]]]:
    """The shifts a worker could take of each posting: to come, standing, with room; all to come when none has room."""
    keys = [row.pk for row in rows]

    def answer(to_come: list[Shift]) -> dict[int, list[Shift]]:
        found: dict[int, list[Shift]] = {key: [] for key in keys}
        for shift in to_come:
            found[shift.posting_id].append(shift)
        return {key: [s for s in shifts if s.taken < s.places] or shifts for key, shifts in found.items()}

    to_come = Shift.objects.filter(posting__in=keys, starts_at__gt=moment, called_off_at=None)
    return Question([to_come.order_by("starts_at", "pk")], answer)


def wished(worker: Worker, posting: Posting) -> int | None:
    """The worker's wish per day of eight hours, for the length of this shift."""
    if not worker.pay_floor_fen:
        return None
    return worker.pay_floor_fen * min(posting.shift_minutes or DAY_MINUTES, DAY_MINUTES) // DAY_MINUTES
