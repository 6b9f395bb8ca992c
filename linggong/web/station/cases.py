"""What has to be put right: due first, taken by a name, answered to the person, decided by two."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.views.decorators.http import require_GET, require_POST

import linggong.accounts.queries as accounts
import linggong.cases.actions as actions
import linggong.cases.queries as cases
import linggong.engagements.actions as settling
import linggong.engagements.queries as deals
import linggong.payments.actions as payments
import linggong.payments.queries as paid
import linggong.postings.queries as postings
import linggong.workers.queries as workers
from linggong.cases.models import Case, State
from linggong.core.clock import now
from linggong.core.money import BadAmount, parse_yuan, yuan
from linggong.core.refusals import Refused
from linggong.engagements.models import Attendance, Stage
from linggong.payments.models import Settlement
from linggong.web.station import frame
from linggong.web.station.frame import ANY, only
from linggong.web.station.review import left_words

WRITTEN = 1000
S = Settlement.State


class NeedsASecond(Refused):
    """A decision about money is agreed to by somebody else than who proposed it."""

    message = __("钱数要两个人点头：提的人不能自己批，请另一位同事来批")


class NoProposal(Refused):
    """Nothing to agree to."""

    message = __("还没有人提方案，先写一个钱数和理由")


@require_GET
@only(ANY)
def listed(request: HttpRequest) -> HttpResponse:
    """`/desk/cases/`: the most urgent first; `?tab=` mine, open or done."""
    tab = request.GET.get("tab", "open")
    rows = cases.within(request.reach)
    wanted = {"mine": rows.filter(owner=request.user, state__in=cases.OPEN), "done": rows.filter(state=State.CLOSED)}
    shown, more = frame.cut(wanted.get(tab, rows.filter(state__in=cases.OPEN)), request)
    moment = now()
    names = _names(shown)
    facts = {
        "title": _("要办的"),
        "more_url": more,
        "rows": [
            {
                "case": case,
                "who": case.filed_by.name if case.filed_by else names.get(case.about_code, ""),
                "state": _state_words(case, moment),
                "left": left_words(case.due_at, moment),
                "late": case.due_at < moment and case.state in cases.OPEN,
            }
            for case in shown
        ],
        "views": [
            {"label": words, "url": f"/desk/cases/?tab={name}", "on": tab == name}
            for name, words in (("open", _("都在办")), ("mine", _("我的")), ("done", _("办完了")))
        ],
    }
    return frame.show(request, "cases.html", facts)


def _names(shown: list[Case]) -> dict[str, str]:
    """Who a case is about where nobody filed it: the worker, and the employer of the deal."""

    def codes(kind: str) -> set[str]:
        return {case.about_code for case in shown if case.filed_by is None and case.about_type == kind}

    names = {worker.code: worker.user.name for worker in workers.by_codes(codes("workers.worker"))}
    for deal in deals.by_codes(codes("engagements.engagement")):
        names[deal.code] = _("{worker}、{employer}").format(worker=deal.worker.user.name, employer=deal.employer.name)
    return names


def _state_words(case: Case, moment: datetime) -> str:
    """刚收到 is said only while it is new: past its time nobody has begun."""
    late = case.due_at < moment and case.state == State.FILED
    return _("还没动手") if late else case.get_state_display()


def _case(request: HttpRequest, code: str) -> Case:
    case = cases.by_code(code)
    if case is None or not (request.reach.covers_division(case.division_code) or case.owner_id == request.user.pk):
        raise Http404
    return case


@require_GET
@only(ANY)
def one(request: HttpRequest, code: str) -> HttpResponse:
    """`/desk/cases/<code>/`."""
    return _page(request, _case(request, code))


def _page(request: HttpRequest, case: Case, *, refusal: Refused | None = None, status: int = 200) -> HttpResponse:
    lived, deal = _about(case)
    wage = paid.by_ref(deals.ref(lived)) if lived else None
    proposed = case.outcome if case.outcome.get("by") and "decided" not in case.outcome else {}
    proposer = accounts.by_code(proposed["by"]) if proposed else None
    moment = now()
    facts = {
        "title": case.get_kind_display(),
        "case": case,
        "steps": list(case.steps.select_related("by").order_by("at", "pk")),
        "lived": lived,
        "deal": deal,
        "wage": wage,
        "where": paid.where(wage, moment) if wage else None,
        "refusal": refusal,
        "left": left_words(case.due_at, moment),
        "late": case.due_at < moment,
        "open": case.state in (State.FILED, State.ACCEPTED),
        "disputed": lived is not None and lived.state == Stage.QUANTITY_DISPUTED,
        "proposed": proposed,
        "proposer": proposer,
        "mine_proposed": proposer == request.user,
        "silent": wage is not None and wage.state == S.EMPLOYER_DECLARED_PAID,
        "low": (lived.pay_fen or 0) - lived.disputed_fen if lived else 0,
        "written": request.POST.get("text", "")[:WRITTEN],
        "about": postings.by_code(case.about_code) if case.about_type == "postings.posting" else None,
        "person": workers.by_code(case.about_code) if case.about_type == "workers.worker" else None,
        "seen": deal is not None and frame.may_see(request, deal.worker.user),
    }
    return frame.show(request, "case.html", facts, status=status)


def _about(case: Case) -> tuple[Attendance | None, Any]:
    if case.about_type == "engagements.attendance":
        lived = deals.attendance_by_code(case.about_code)
        return lived, lived.engagement if lived else None
    if case.about_type == "engagements.engagement":
        return None, deals.by_code(case.about_code)
    return None, None


@require_POST
@only(ANY)
def act(request: HttpRequest, code: str, verb: str) -> HttpResponse:
    """One step of a case."""
    case = _case(request, code)
    text, by = frame.text_of(request, "text", WRITTEN), request.user
    verbs: dict[str, Callable[[], Any]] = {
        "take": lambda: actions.take(case, by=by),
        "note": lambda: actions.note(case, text, by=by),
        "answer": lambda: actions.answer(case, text, by=by, outcome=case.outcome),
        "close": lambda: actions.close(case, by=by),
        "reopen": lambda: actions.reopen(case, because=text, by=by),
        "propose": lambda: _propose(request, case, text),
        "decide": lambda: _decide(request, case),
        "got-it": lambda: _called(request, case, got=True),
        "not-got": lambda: _called(request, case, got=False),
        "no-reply": lambda: actions.note(case, _("打了电话，没打通"), by=by),
    }
    if verb not in verbs:
        raise Http404

    def do() -> dict[str, Any]:
        verbs[verb]()
        return {}

    try:
        frame.once_for(request, [verb, case.code, text], do)
    except Refused as refusal:
        return _page(request, _case(request, code), refusal=refusal, status=refusal.status)
    return redirect(f"/desk/cases/{case.code}/")


def _propose(request: HttpRequest, case: Case, text: str) -> None:
    try:
        fen = parse_yuan(request.POST.get("yuan", "")[:20])
    except BadAmount as bad:
        raise NoProposal(str(bad)) from bad
    if not text:
        raise NoProposal
    words = _("提的方案：付 {sum} 元。{why}").format(sum=yuan(fen), why=text)
    actions.propose(case, pay_fen=fen, text=words, by=request.user)


def _decide(request: HttpRequest, case: Case) -> None:
    """The second person agrees: the disputed part is settled, and both sides hear it (M13)."""
    lived, _deal = _about(case)
    if lived is None or "pay_fen" not in case.outcome:
        raise NoProposal
    proposer = accounts.by_code(case.outcome.get("by", ""))
    if proposer is None or proposer == request.user:
        raise NeedsASecond
    fen = int(case.outcome["pay_fen"])
    settling.resolve(lived, pay_fen=fen, by=proposer, second=request.user)
    words = _("两个人商量定了：这一班工钱一共 {sum} 元").format(sum=yuan(fen))
    outcome = {"pay_fen": fen, "by": proposer.code, "second": request.user.code, "decided": True}
    actions.answer(case, words, by=request.user, outcome=outcome)


def _called(request: HttpRequest, case: Case, *, got: bool) -> None:
    """The worker said on the phone whether the money is there."""
    lived, deal = _about(case)
    wage = paid.by_ref(deals.ref(lived)) if lived else None
    if wage is None or deal is None:
        raise Http404
    person = deal.worker.user
    if got:
        payments.acknowledge(wage, how="call", by=request.user, acting_for=person)
        actions.answer(case, _("电话问过，本人说收到了"), by=request.user, outcome=case.outcome)
    else:
        payments.deny(wage, by=request.user, acting_for=person)
        actions.answer(case, _("电话问过，本人说没收到，已经转去要工钱"), by=request.user, outcome=case.outcome)
