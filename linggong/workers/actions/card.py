"""The worker's own advert, 找活卡 (FJ-15): written, read by a person before it is out, hidden in one call."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linggong.accounts import actions as accounts
from linggong.core.clock import now
from linggong.core.reasons import plain
from linggong.core.refusals import Refused
from linggong.reference.models import Division, PayUnit, Trade
from linggong.workers.models import Card, Verification, Worker
from linggong.workers.screening import gives_away

TRADES_MAX = 6
PAY_MAX_FEN = 10_000_000


class BadCard(Refused):
    """A fact of the card is missing or out of bounds."""

    message = _("找活卡有一项没填对，请看一下再交")
    status = 422


class CardTells(Refused):
    """The text would tell strangers who the person is or how to reach them."""

    message = _("找活卡谁都能看，里面不要写电话、姓名、年龄这些。要联系的老板会在平台上问你")
    status = 422


class NoCard(Refused):
    """The worker may not have a card out now."""

    message = _("账号停用期间不能发找活卡，请先到窗口处理")


class OwnCard(Refused):
    """Nobody releases their own card."""

    message = _("不能审自己的找活卡，请让同事来审")


@transaction.atomic
def save_card(
    worker: Worker, *, trades: Iterable[Trade], pay_fen: int, pay_unit: str, area: Division, times: str = "",
    text: str = "", by: Any, acting_for: Any = None,
) -> Card:  # fmt: skip
    """Write or rewrite the card. A card that is out or in review goes back to review: what is out was read.

    `pay_fen` is per `pay_unit`. Raises BadCard, CardTells.
    """
    chosen = list(dict.fromkeys(trades))
    times, text = " ".join(times.split()), " ".join(text.split())
    _check(chosen, pay_fen, pay_unit, times, text)
    _screen(worker, times=times, text=text)
    facts = {
        "pay_fen": pay_fen, "pay_unit": pay_unit, "area": area, "times": times, "text": text,
        "changed_at": now(),
    }  # fmt: skip
    card = Card.objects.filter(worker=worker).first()
    if card is None:
        card = Card.begin(by=by, acting_for=acting_for, worker=worker, **facts)
    else:
        for name, value in facts.items():
            setattr(card, name, value)
        card.save(update_fields=list(facts))
    card.trades.set(chosen)
    if card.state == Card.State.VISIBLE:
        card.move(Card.State.REVIEWING, by=by, acting_for=acting_for)
    return card


@transaction.atomic
def submit_card(card: Card, *, by: Any, acting_for: Any = None) -> None:
    """Ask for the card to be released: REVIEWING. Raises NoCard, CardTells, Moved."""
    if card.worker.state == Verification.SUSPENDED:
        raise NoCard
    _screen(card.worker, times=card.times, text=card.text)
    card.move(Card.State.REVIEWING, by=by, acting_for=acting_for, reason="", changed_at=now())


@transaction.atomic
def approve_card(card: Card, *, by: Any) -> None:
    """A member of staff read it; it is out. Raises OwnCard, NoCard, Moved."""
    if by is not None and by.pk == card.worker.user_id:
        raise OwnCard
    if card.worker.state == Verification.SUSPENDED:
        raise NoCard
    card.move(Card.State.VISIBLE, by=by, reviewed_by=by, reason="", changed_at=now())
    accounts.tell(card.worker.user, _("你的找活卡发出去了，想收起来随时点一下"), kind="card_visible", about=card)


@transaction.atomic
def return_card(card: Card, *, because: str, by: Any) -> None:
    """It needs a change first; the worker is told which. Raises Moved, NoReason."""
    reason = plain(because)
    card.move(Card.State.RETURNED, by=by, reviewed_by=by, reason=reason)
    text = _("找活卡要改一下：{reason}").format(reason=reason)
    accounts.tell(card.worker.user, text, kind="card_returned", about=card)


@transaction.atomic
def hide_card(card: Card, *, by: Any, acting_for: Any = None) -> None:
    """Put the card away, at once and without asking why, from any state. Hiding a hidden card changes nothing."""
    if card.state != Card.State.HIDDEN:
        card.move(Card.State.HIDDEN, by=by, acting_for=acting_for)


def _check(trades: list[Trade], pay_fen: int, pay_unit: str, times: str, text: str) -> None:
    wrong: dict[str, str] = {}
    if not 1 <= len(trades) <= TRADES_MAX:
        wrong["trades"] = str(_("请选一到六种会干的活"))
    if not 0 < pay_fen <= PAY_MAX_FEN:
        wrong["pay_fen"] = str(_("想要的工钱没填对，写数字就行"))
    if pay_unit not in PayUnit.values:
        wrong["pay_unit"] = str(_("请选按小时、按天还是按件"))
    if len(times) > 60:
        wrong["times"] = str(_("时间写得太长了，60 个字以内"))
    if len(text) > 200:
        wrong["text"] = str(_("介绍写得太长了，200 个字以内"))
    if wrong:
        raise BadCard(fields=wrong)


def _screen(worker: Worker, **written: str) -> None:
    """Refuse, field by field and in words, what would tell strangers who this is."""
    told = {field: gives_away(text, name=worker.user.name) for field, text in written.items()}
    wrong = {
        field: str(_("谁都能看到这里，请去掉：{what}").format(what="、".join(what)))
        for field, what in told.items() if what
    }  # fmt: skip
    if wrong:
        raise CardTells(fields=wrong)
