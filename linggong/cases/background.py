"""Cases that open by themselves, because somebody was silent, late, hurt or badly rated."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

import linggong.engagements.queries as deals
import linggong.payments.queries as payments
import linggong.postings.queries as posted
from linggong.cases import actions
from linggong.core.journal import on
from linggong.core.models import Event
from linggong.core.money import yuan
from linggong.engagements.models import Attendance, Message, Rating
from linggong.payments.models import Settlement


@on("attendance.disputed")
def figures_differ(event: Event) -> None:
    """The two sides count differently."""
    _about_attendance(event, "dispute", event.data.get("facts", ""), claim_fen=event.data.get("disputed_fen", 0))


@on("attendance.arrears")
def wage_is_late(event: Event) -> None:
    """The due time passed."""
    _about_attendance(event, "arrears", _("到时间没付工钱"))


@on("attendance.contested")
def no_show_contested(event: Event) -> None:
    """The worker says they were there."""
    _about_attendance(event, "no_show", event.data.get("facts") or _("工友说他到了"))


@on("attendance.not_as_told")
def other_than_promised(event: Event) -> None:
    """On arrival the work, place or pay was not what was said (U05)."""
    _about_attendance(event, "mismatch", _("到了现场，工友说和说好的不一样"))


@on("attendance.hurt")
def somebody_is_hurt(event: Event) -> None:
    """An accident: the first call is due within two hours."""
    _about_attendance(event, "accident", event.data.get("facts") or _("有人受伤"))


@on("message.reported")
def wrong_message(event: Event) -> None:
    """A message of the other side was found wrong: a person reads what was said."""
    message = Message.objects.select_related("engagement__posting").get(pk=event.subject_id)
    deal = message.engagement
    facts = _("举报的消息（{side}写的）：{text}").format(side=message.get_side_display(), text=message.text)
    actions.file(
        "report", about=message, facts=facts, by=event.by, deal=deals.ref(deal),
        division_code=deal.posting.division_id,
    )  # fmt: skip


@on("rating.serious")
def bad_rating(event: Event) -> None:
    """Two stars or fewer, or a word about wages, safety or insults (FJ-24)."""
    rating = Rating.objects.select_related("engagement__posting").get(pk=event.subject_id)
    deal = rating.engagement
    side = _("工友给老板") if rating.side == "worker" else _("老板给工友")
    facts = _("{side} {stars} 星").format(side=side, stars=rating.stars)
    actions.file(
        "bad_rating", about=deal, facts=f"{facts} {rating.text}".strip(), by=None, deal=deals.ref(deal),
        division_code=deal.posting.division_id,
    )  # fmt: skip


@on("settlement.overdue")
def what_nobody_disputes_is_late(event: Event) -> None:
    """While a part is in dispute the rest is owed all the same: late, it is asked for like any other wage."""
    settlement = Settlement.objects.get(pk=event.subject_id)
    if settlement.disputed_fen and settlement.net_fen > settlement.disputed_fen:
        fen = settlement.net_fen - settlement.disputed_fen
        words = _("没有争议的 {fen} 元到时间没付")
        _about_settlement(event, "arrears", words, owner_role="mediator", fen=fen)


@on("settlement.denied")
def not_received(event: Event) -> None:
    """The employer says paid, the worker says no."""
    _about_settlement(event, "arrears", _("老板说付了，工友说没收到 {fen} 元"), owner_role="mediator")


@on("settlement.silent")
def nobody_answers(event: Event) -> None:
    """The employer says paid and the worker is silent: somebody calls (decision 4)."""
    _about_settlement(event, "call", _("老板说付了 {fen} 元，工友没回话，打电话问一下"), owner_role="clerk")


MISMATCHES = {
    "no_sum": __("没说多少钱"), "other_sum": __("钱数不一样"), "wrong_sum": __("付的钱数不对"),
    "payment_of_another": __("是别人的单号"), "other_number": __("单号不一样"),
    "failed_after_success": __("先说成了，又说没成"), "success_after_failure": __("先说没成，又说成了"),
}  # fmt: skip


@on("funding.mismatch", "payout.mismatch", "refund.mismatch")
def money_does_not_fit(event: Event) -> None:
    """What the custodian says and what was agreed differ: somebody owns it until it is explained (M6)."""
    row, ref = payments.row_of(event)
    if row is None:
        return
    kind, _colon, code = ref.partition(":")
    attendance = deals.attendance_by_code(code) if kind == "attendance" else None
    posting = attendance.engagement.posting if attendance else posted.by_code(code)
    fen = int(event.data.get("fen") or 0)
    facts = _("托管机构报的和我们记的对不上：{why}，{fen} 元，对方单号 {number}").format(
        why=MISMATCHES.get(str(event.data.get("why")), event.data.get("why")), fen=yuan(fen),
        number=event.data.get("provider_ref") or "-",
    )  # fmt: skip
    actions.file(
        "money", about=row, facts=facts, by=None, owner_role="head", claim_fen=fen,
        division_code=posting.division_id if posting else "",
        deal=deals.ref(attendance.engagement) if attendance else "",
    )  # fmt: skip


def _about_attendance(event: Event, kind: str, facts: str, *, claim_fen: int = 0) -> None:
    attendance = Attendance.objects.select_related("engagement__posting", "engagement__worker__user").get(
        pk=event.subject_id
    )
    deal = attendance.engagement
    actions.file(
        kind, about=attendance, facts=facts or _("没写"), by=None, acting_for=deal.worker.user, deal=deals.ref(deal),
        division_code=deal.posting.division_id, claim_fen=claim_fen or attendance.pay_fen or 0,
    )  # fmt: skip


def _about_settlement(event: Event, kind: str, words: str, *, owner_role: str, fen: int | None = None) -> None:
    """`fen`: what is asked for; None: the whole wage."""
    settlement = Settlement.objects.select_related("worker__user").get(pk=event.subject_id)
    attendance = deals.attendance_by_code(settlement.ref.removeprefix("attendance:"))
    if attendance is None:
        return
    fen = settlement.net_fen if fen is None else fen
    actions.file(
        kind, about=attendance, facts=words.format(fen=yuan(fen)), by=None,
        acting_for=settlement.worker.user, deal=settlement.deal, claim_fen=fen,
        division_code=attendance.engagement.posting.division_id, owner_role=owner_role,
    )  # fmt: skip
