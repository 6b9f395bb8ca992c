"""行情 in words: the middle pay of the last seven days here, or plainly that too few were hired to say."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

import linggong.reference.queries as reference
from linggong.core.clock import today
from linggong.core.money import yuan
from linggong.engagements import going_rate
from linggong.postings.models import Posting
from linggong.reference.models import PayUnit
from linggong.web import briefly

KEPT_SECONDS = 600.0


@dataclass(frozen=True)
class Said:
    """The sum in words, or 样本不足, and what it was taken from."""

    value: str
    detail: str
    enough: bool


def words(posting: Posting) -> Said:
    """What this trade went for in this town, counted like this posting's pay."""
    town, trade = going_rate.town_of(posting.division_id), posting.trade_id
    key = ("going rate", trade, town, posting.pay_unit, today())
    rate, place = briefly.kept(
        key,
        lambda: (
            going_rate.going_rate(trade, town, posting.pay_unit, before=today()), reference.division(town).short_name
        ),
        seconds=KEPT_SECONDS,
    )  # fmt: skip
    unit = PayUnit(posting.pay_unit).label
    said = {"place": place, "trade": posting.trade.name, "least": going_rate.LEAST, "n": rate.count, "unit": unit}
    if rate.median_fen is None:
        return Said(
            _("样本不足"), _("近 7 天{place}定下的{trade}（按{unit}）不到 {least} 份，说不准").format(**said), False
        )
    value = _("中间价 {sum} 元/{unit}").format(sum=yuan(rate.median_fen), unit=unit)
    return Said(value, _("近 7 天{place}定下的 {n} 份{trade}，一半高一半低").format(**said), True)
