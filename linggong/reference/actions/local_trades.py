"""Trades that only one region knows (采茶工, 编烟工 …), added by that region."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linggong.core.codes import new_code
from linggong.core.journal import record
from linggong.core.refusals import Refused
from linggong.reference.groups import BY_CODE, HAZARDS
from linggong.reference.models import Division, PayUnit, ReferenceVersion, Synonym, Trade
from linggong.reference.queries import covers


class BadTrade(Refused):
    """The trade cannot be added as it stands; `fields` says which part."""

    message = _("这个工种还填得不对，请看标红的地方")
    status = 422


class TradeExists(Refused):
    """The name or one of the words already means a trade there."""

    message = _("这里已经有这个叫法的工种了，直接选它就行")


@transaction.atomic
def add_local_trade(
    *,
    name: str,
    group: str,
    pay_unit: str,
    division_code: str,
    risk_class: int | None,
    words: Sequence[str] = (),
    hazards: Sequence[str] = (),
    outdoor: bool = False,
    seated: bool = False,
    sector: str = "地方特色",
    by: Any,
) -> Trade:
    """Add a trade for a division and everything inside it; `words` are what people there call it.

    `risk_class` is 1–6 for the insurer's table, None when it cannot be insured. Raises BadTrade, TradeExists.
    That `by` administers the division is settled at the door, not here.
    """
    name, words = name.strip(), [word.strip() for word in words if word.strip()]
    wrong = _wrong(name, group, pay_unit, division_code, risk_class, hazards)
    if wrong:
        raise BadTrade(fields=wrong)
    _refuse_known({name, *words}, division_code)
    trade = Trade.objects.create(
        code=f"R{new_code()}", name=name, sector=sector, group=group, pictogram=BY_CODE[group].pictogram,
        pay_unit=pay_unit, risk_class=risk_class, hazards=list(hazards), outdoor=outdoor, seated=seated,
        local=True, division_code=division_code,
    )  # fmt: skip
    Synonym.objects.bulk_create([Synonym(trade=trade, word=word) for word in dict.fromkeys(words) if word != name])
    # A new token: every process reads the trades again.
    table, _made = ReferenceVersion.objects.update_or_create(name="trades", defaults={"token": new_code()})
    record("trade.added", table, by=by, trade=trade.code, division_code=division_code)
    return trade


def _wrong(
    name: str, group: str, pay_unit: str, division_code: str, risk_class: int | None, hazards: Sequence[str]
) -> dict[str, str]:
    wrong = {}
    if not 2 <= len(name) <= 20:
        wrong["name"] = str(_("名称写 2 到 20 个字"))
    if group not in BY_CODE:
        wrong["group"] = str(_("请选一个大类"))
    if pay_unit not in PayUnit.values:
        wrong["pay_unit"] = str(_("请选怎么算钱"))
    if risk_class is not None and risk_class not in range(1, 7):
        wrong["risk_class"] = str(_("风险等级是 1 到 6，或者不能投保"))
    if not set(hazards) <= set(HAZARDS):
        wrong["hazards"] = str(_("请从列出的风险里选"))
    if not Division.objects.filter(code=division_code).exists():
        wrong["division_code"] = str(_("没有这个地区"))
    return wrong


def _refuse_known(words: set[str], division_code: str) -> None:
    """Common trades and those of this division, of one above it or inside it; far regions may share a word."""
    named = Trade.objects.filter(name__in=words).values_list("division_code", flat=True)
    called = Synonym.objects.filter(word__in=words).values_list("trade__division_code", flat=True)
    for owner in {*named, *called}:
        if not owner or covers(owner, division_code) or covers(division_code, owner):
            raise TradeExists
