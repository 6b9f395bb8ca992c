"""W15: 有意见 about money, one question per page: what → how much → say → check → 交给调解员. Saved at every step."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

import linggong.cases.actions as cases
import linggong.engagements.actions as living
import linggong.payments.queries as wages
from linggong.core.money import parse_yuan
from linggong.core.once import once
from linggong.core.refusals import Refused
from linggong.engagements.models import Attendance, Stage
from linggong.payments.models import Settlement
from linggong.web.templatetags.parts import date_words, yuan
from linggong.web.worker import rows

WHAT = {
    "unpaid": gettext_lazy("到时间没付"),
    "less": gettext_lazy("付少了，数不对"),
    "deducted": gettext_lazy("乱扣钱"),
    "extra": gettext_lazy("加班没算"),
    "other": gettext_lazy("别的"),
}
SAID_MOST = 500


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """`/help/money/`: which wage is it about."""
    mine = wages.of_worker(request.worker).exclude(state__in=[Settlement.State.CANCELLED, Settlement.State.REFUNDED])[
        :20
    ]
    found = [
        {
            "url": f"/help/money/{s.code}/",
            "title": s.employer.name,
            "detail": f"{date_words(s.work_on)}，{s.title}",
            "fen": s.net_fen or s.share_fen,
        }
        for s in mine
    ]
    return render(request, "worker/pick_wage.html", {"title": _("哪一笔工钱"), "back": "/wages/", "rows": found})


@require_GET
def step(request: HttpRequest, code: str, name: str = "what") -> HttpResponse:
    """One question of four; what was said before is kept in the session, so coming back goes on where it was."""
    settlement, attendance = _about(request, code)
    said = _saved(request, settlement)
    if name == "check" and "what" not in said:
        return redirect(f"/help/money/{settlement.code}/")
    return _step(request, settlement, attendance, name, said)


@require_POST
def keep(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Keep the answer and ask the next."""
    settlement, attendance = _about(request, code)
    said = _saved(request, settlement)
    given = request.POST.get("answer", "").replace("\x00", "").strip()
    try:
        said[name] = _read(name, given)
    except (Refused, ValueError) as wrong:
        return _step(
            request, settlement, attendance, name, said | {f"{name}_typed": given[:60]}, wrong=str(wrong), status=422
        )
    request.session[_key(settlement)] = said
    following = {"what": "amount", "amount": "say", "say": "check"}[name]
    return redirect(f"/help/money/{settlement.code}/{following}/")


@require_POST
def file(request: HttpRequest, code: str) -> HttpResponse:
    """交给调解员: figures before confirmation freeze only the difference; anything else opens a case."""
    settlement, attendance = _about(request, code)
    said = _saved(request, settlement)
    if "what" not in said:
        return redirect(f"/help/money/{settlement.code}/")
    facts = f"{WHAT[said['what']]}。{said.get('say', '')}".strip()

    def do() -> dict[str, Any]:
        if attendance.state in (Stage.WORK_DONE, Stage.ENDED_EARLY) and said.get("amount"):
            living.dispute(attendance, claimed_fen=said["amount"], facts=facts, by=request.user)
            return {"page": f"/shifts/at/{attendance.code}/?done=filed"}
        case = cases.file(
            "arrears" if said["what"] == "unpaid" else "dispute",
            about=attendance,
            facts=facts,
            by=request.user,
            deal=settlement.deal,
            division_code=attendance.engagement.posting.division_id,
            claim_fen=said.get("amount") or 0,
        )
        return {"page": f"/me/cases/{case.code}/?done=filed"}

    key = f"{request.user.code}:dispute:{rows.key_of(request)}"
    try:
        page = once(key, {"wage": settlement.code}, do)["page"]
    except Refused as refusal:
        return _step(request, settlement, attendance, "check", said, wrong=str(refusal), status=refusal.status)
    return redirect(page)


# --- the inside ----------------------------------------------------------------------------------------------


def _about(request: HttpRequest, code: str) -> tuple[Settlement, Attendance]:
    """The wage by its own code, or by that of the lived shift."""
    settlement = wages.by_code(code) or wages.by_ref(f"attendance:{code}")
    if settlement is None or settlement.worker_id != request.worker.pk:
        raise Http404
    return settlement, rows.own_attendance(request, settlement.ref.removeprefix("attendance:"))


def _key(settlement: Settlement) -> str:
    return f"dispute:{settlement.code}"


def _saved(request: HttpRequest, settlement: Settlement) -> dict[str, Any]:
    return dict(request.session.get(_key(settlement), {}))


def _read(name: str, given: str) -> Any:
    if name == "what":
        if given not in WHAT:
            raise Refused(_("点一个，是什么事"))
        return given
    if name == "amount":
        return parse_yuan(given) if given else 0
    if name == "say":
        if len(given) > SAID_MOST:
            raise Refused(_("{n} 个字以内，捡要紧的说").format(n=SAID_MOST))
        return given
    raise Http404


def _step(
    request: HttpRequest,
    settlement: Settlement,
    attendance: Attendance,
    name: str,
    said: dict[str, Any],
    *,
    wrong: str = "",
    status: int = 200,
) -> HttpResponse:
    order = ["what", "amount", "say", "check"]
    if name not in order:
        raise Http404
    number = order.index(name)
    here = f"/help/money/{settlement.code}/"
    facts = {
        "title": _("有意见"),
        "back": f"{here}{order[number - 1]}/" if number else f"/wages/{settlement.code}/",
        "wrong": wrong,
        "step": name,
        "progress": _("第 {n} 步，共 4 步").format(n=number + 1),
        "wage": settlement,
        "action": f"{here}{name}/keep/",
        "options": [{"value": k, "title": w, "on": said.get("what") == k} for k, w in WHAT.items()],
        "typed": said.get(f"{name}_typed")
        or (yuan(said["amount"]).replace(",", "") if name == "amount" and said.get("amount") else said.get(name, "")),
        "file_url": f"{here}file/",
        "refusal": None,
        "answers": [
            {
                "icon": "cash",
                "label": _("哪笔"),
                "value": f"{settlement.employer.name}，{date_words(settlement.work_on)}",
            },
            {
                "icon": "help-circle",
                "label": _("什么事"),
                "value": WHAT.get(said.get("what", ""), ""),
                "change_url": here,
            },
            {
                "icon": "coin",
                "label": _("该多少"),
                "value": _("{n} 元").format(n=yuan(said["amount"])) if said.get("amount") else _("没写"),
                "change_url": f"{here}amount/",
            },
            {
                "icon": "message-dots",
                "label": _("你说"),
                "value": said.get("say") or _("没写"),
                "change_url": f"{here}say/",
            },
        ],
    }
    return render(request, "worker/dispute.html", facts, status=status)
