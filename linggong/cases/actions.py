"""The life of a case: filed, taken, answered, closed. Every one has an owner and a due time from its first moment."""

from datetime import timedelta

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

import linggong.accounts.actions as accounts
from linggong.accounts.models import User
from linggong.cases import queries
from linggong.cases.models import Case, State, Step
from linggong.core.clock import now
from linggong.core.journal import record
from linggong.core.refusals import Refused

DUE_HOURS = {
    "dispute": 24, "arrears": 24, "bad_rating": 24, "no_show": 24, "mismatch": 24, "report": 24, "call": 4, "accident": 2, "money": 4,
    "no_work": 24,
}  # fmt: skip


class NoAnswer(Refused):
    """A case is closed only with an answer to the person who filed it."""

    message = _("先写给当事人的回话，再办结")
    status = 422


class NoFacts(Refused):
    """An empty complaint helps nobody."""

    message = _("写一句发生了什么，我们才好去问")
    status = 422


@transaction.atomic
def file(
    kind: str, *, about: models.Model, facts: str, by: User | None, deal: str = "", division_code: str,
    claim_fen: int = 0, owner_role: str = "mediator", acting_for: User | None = None,
) -> Case:  # fmt: skip
    """Open a case about a row, or return the one that is open about it already (idempotent per kind and row).

    The owner is the person of the county with that duty who has the fewest open cases; where there is none the
    head of the nearest venue, and failing that the county's supervisor role alone. Due by the kind: 24 h, accidents 2 h.
    """
    if not facts.strip():
        raise NoFacts
    moment = now()
    owner = queries.who_takes(division_code, owner_role)
    try:
        with transaction.atomic():
            case = Case.begin(
                by=by, acting_for=acting_for, kind=kind, about_type=about._meta.label_lower, about_code=about.code,
                deal=deal, division_code=division_code, filed_by=acting_for or by, facts=facts.strip()[:2000],
                claim_fen=claim_fen, owner=owner, owner_role=owner_role, filed_at=moment,
                due_at=moment + timedelta(hours=DUE_HOURS[kind]),
            )  # fmt: skip
    except IntegrityError:
        return queries.open_about(kind, about)
    if owner is not None:
        text = _("新的一件：{what}，{hours} 小时内要回话").format(what=case.get_kind_display(), hours=DUE_HOURS[kind])
        accounts.tell(owner, text, kind="case", about=case)
    return case


@transaction.atomic
def take(case: Case, *, by: User) -> None:
    """A person takes the case on; it carries their name from now on."""
    case.move(State.ACCEPTED, by=by, owner=by)
    _tell_filer(case, _("你说的事有人在办了"))


@transaction.atomic
def note(case: Case, text: str, *, by: User) -> Step:
    """Write down one thing done: a call, a talk, a document."""
    if not text.strip():
        raise NoFacts
    step = Step.objects.create(case=case, by=by, at=now(), text=text.strip()[:500])
    record("case.step", case, by=by)
    return step


@transaction.atomic
def propose(case: Case, *, pay_fen: int, text: str, by: User) -> Step:
    """One person writes down what they would decide, in fen; it holds only once a second one has agreed (M13)."""
    if case.state in (State.ANSWERED, State.CLOSED) or pay_fen < 0 or not text.strip():
        raise NoFacts
    case.outcome = {"pay_fen": pay_fen, "by": by.code}
    case.save(update_fields=["outcome"])
    return note(case, text, by=by)


@transaction.atomic
def answer(case: Case, text: str, *, by: User | None, outcome: dict | None = None) -> None:
    """Tell the person who filed it what was found and done (first-asked duty, 保障农民工工资支付条例 art. 10)."""
    if not text.strip():
        raise NoAnswer
    case.move(State.ANSWERED, by=by, answer=text.strip()[:2000], outcome=outcome or {})
    _tell_filer(case, _("回话：{text}").format(text=text.strip()[:200]))


@transaction.atomic
def close(case: Case, *, by: User | None) -> None:
    """End it. Only after an answer."""
    if not case.answer:
        raise NoAnswer
    case.move(State.CLOSED, by=by, closed_at=now())


@transaction.atomic
def reopen(case: Case, *, because: str, by: User) -> None:
    """It is not over after all."""
    case.move(State.ACCEPTED, by=by, because=because[:200], closed_at=None)


def _tell_filer(case: Case, text: str) -> None:
    if case.filed_by is not None:
        accounts.tell(case.filed_by, text, kind="case", about=case)
