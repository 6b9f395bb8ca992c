"""The wage ledger an employer must keep for three years (书面工资支付台账).

保障农民工工资支付条例 (State Council Order 724, in force 2020-05-01) art. 15: the ledger shall contain the employer's
name, the pay period and date, the paid worker's name, ID number and contact, working time, items and sums due,
items and sums withheld or deducted, the sum actually paid, and proof of the bank payment or a signature.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from linggong.core.clock import local
from linggong.core.money import yuan
from linggong.employers.models import Employer
from linggong.payments.models import Payout, Settlement
from linggong.reference.models import PayUnit

COLUMNS: dict[str, str] = {
    "employer": "用人单位名称",
    "period": "支付周期",
    "paid_on": "支付日期",
    "worker": "支付对象姓名",
    "id_number": "身份证号码",
    "contact": "联系方式",
    "working_time": "工作时间",
    "items_due": "应发工资项目及数额",
    "deductions": "代扣代缴扣除项目和数额",
    "net_paid": "实发工资数额",
    "proof": "银行代发工资凭证或签字",
}
CYCLES = {"HOURLY": "按小时", "DAILY": "按天", "WEEKLY": "按周", "MONTHLY": "按月", "ON_COMPLETION": "干完结"}
DEDUCTIONS = {"income_tax": "个人所得税", "social_insurance": "个人社会保险费", "court_order": "法院判决代扣"}
HOW = {"wechat": "微信", "cash": "现金", "bank": "银行卡", "account": "工资专户"}
SIGNED = {"tap": "本人确认收到", "stub": "窗口回条签字", "call": "电话核实收到"}
DENIED_WORDS = "工友说没收到"
_PAID = (Settlement.State.ARRIVED, Settlement.State.WORKER_ACKNOWLEDGED)


@dataclass(frozen=True)
class WageRow:
    """One wage: exactly the columns of art. 15, as text, in their order."""

    employer: str
    period: str
    paid_on: str
    worker: str
    id_number: str
    contact: str
    working_time: str
    items_due: str
    deductions: str
    net_paid: str
    proof: str


def wage_ledger(
    employer: Employer, start: date, end: date, *, opened: Mapping[int, Mapping[str, str]] | None = None
) -> list[WageRow]:
    """The ledger of `employer` for work in [start, end), by day.

    ID number and phone are masked, except for workers in `opened` ({worker pk: {"id_number", "phone"}}): the
    caller opened those through accounts.actions.look_at, which writes who looked.
    """
    owed = Settlement.objects.filter(employer=employer, work_on__gte=start, work_on__lt=end, gross_fen__gt=0)
    gone = (Settlement.State.CANCELLED, Settlement.State.REFUNDED)
    rows = owed.exclude(state__in=gone).select_related("worker__user").prefetch_related("payouts")
    seen = opened or {}
    return [_row(employer, s, seen.get(s.worker_id, {})) for s in rows.order_by("work_on", "pk")]


def _row(employer: Employer, settlement: Settlement, seen: Mapping[str, str]) -> WageRow:
    user = settlement.worker.user
    paid = settlement.state in _PAID
    return WageRow(
        employer=employer.name,
        period=_period(settlement),
        paid_on=local(settlement.paid_at).date().isoformat() if settlement.paid_at else "",
        worker=user.name,
        id_number=seen.get("id_number") or _masked(user.id_tail4, 18),
        contact=seen.get("phone") or _masked(user.phone_tail4, 11) or "无手机",
        working_time=_working_time(settlement),
        items_due=_items(settlement),
        deductions=_deductions(settlement),
        net_paid=yuan(settlement.net_fen if paid else _arrived(settlement)),
        proof=_proof(settlement),
    )


def _masked(tail4: str, length: int) -> str:
    return "*" * (length - 4) + tail4 if tail4 else ""


def _period(settlement: Settlement) -> str:
    cycle = CYCLES.get(str(settlement.work.get("pay_cycle", "")), "按天")
    return f"{settlement.work_on.isoformat()}（{cycle}）"


def _working_time(settlement: Settlement) -> str:
    work, said = settlement.work, settlement.work_on.isoformat()
    if work.get("starts_at") and work.get("ends_at"):
        said += f" {_clock(work['starts_at'])}–{_clock(work['ends_at'])}"
    if minutes := work.get("minutes"):
        said += f"，{int(minutes) // 60} 小时" + (f" {int(minutes) % 60} 分" if int(minutes) % 60 else "")
    return said


def _clock(text: Any) -> str:
    """ "2026-11-24T07:30:00+08:00" → "07:30"; a bare "07:30" stays."""
    return str(text).partition("T")[2][:5] or str(text)


def _items(settlement: Settlement) -> str:
    """Each item due with its sum; the last one makes the items the whole."""
    named = [(str(i["name"]), int(i["fen"])) for i in settlement.work.get("items", [])]
    rest = settlement.gross_fen - sum(fen for _name, fen in named)
    work = settlement.work
    if rest:
        base = _("工钱")
        if work.get("rate_fen") and work.get("unit"):
            unit = PayUnit(work["unit"]).label
            count = f" × {work['quantity']} {unit}" if work.get("quantity") else ""
            base = f"{base}（{yuan(int(work['rate_fen']))} 元/{unit}{count}）"
        named.insert(0, (base, rest))
    return "；".join(f"{name} {yuan(fen)} 元" for name, fen in named) + f"；合计 {yuan(settlement.gross_fen)} 元"


def _deductions(settlement: Settlement) -> str:
    lines = settlement.deductions
    return "；".join(f"{DEDUCTIONS[line['reason']]} {yuan(line['fen'])} 元" for line in lines) or "无"


def _arrived(settlement: Settlement) -> int:
    return sum(p.fen for p in settlement.payouts.all() if p.state == Payout.State.SUCCEEDED)


def _proof(settlement: Settlement) -> str:
    slips = [p.provider_ref for p in settlement.payouts.all() if p.state == Payout.State.SUCCEEDED]
    said = [f"银行流水 {slip}" for slip in slips]
    if settlement.state == Settlement.State.WORKER_ACKNOWLEDGED:
        said.append(f"{HOW.get(settlement.paid_how, '')}{SIGNED[settlement.acknowledged_how]}")
    if settlement.state == Settlement.State.EMPLOYER_DECLARED_PAID:
        said.append("用人单位说已付，工友还没确认")
    if settlement.state == Settlement.State.WORKER_DENIED:
        said.append(DENIED_WORDS)
    return "；".join(said) or "还没付"
