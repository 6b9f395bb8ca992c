"""What somebody looks for, read from the address: every filter is a GET parameter, so a search can be shared.

Anything that cannot be understood is left out, never an error: addresses are typed, cut off and passed on.
"""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

import linggong.postings.queries as postings
import linggong.reference.queries as reference
from linggong.postings import by_words
from linggong.postings.models import Daypart
from linggong.postings.queries import Filters
from linggong.reference import groups, travel
from linggong.reference.models import PayUnit
from linggong.web.place import Place
from linggong.web.templatetags.parts import date_words, day, yuan

PAGE = 10
FAR_MOST = 2_000  # how deep the list can be walked
NEAR_M = 10_000
AREA_M = 30_000
PAY_MOST_FEN = 1_000_000
TEXT_MOST = 60
ORDERS = ("fit", "near", "soon", "pay")
YES = "1"

# How far: kilometres as the crow flies, or the circles of 15 minutes on foot and an hour by bicycle or bus.
CIRCLES = {
    "1": 1_000, "3": 3_000, "5": 5_000, "10": 10_000, "20": 20_000, "30": 30_000, "60": 60_000,
    "15min": travel.QUARTER_M, "1h": travel.HOUR_M,
}  # fmt: skip
SUITS = {
    "OLDER": gettext_lazy("年纪大的也行"),
    "DIFFICULTY": gettext_lazy("就业困难的"),
    "DISABLED": gettext_lazy("残疾人能干"),
    "HOMEBOUND": gettext_lazy("离不开家的"),
}
# Words beside the trade that people type into the same box.
SAID = {
    "今天": ("day", "today"), "明天": ("day", "tomorrow"), "管饭": ("meals", YES), "包吃": ("meals", YES),
    "管住": ("lodging", YES), "包住": ("lodging", YES), "半天": ("half", YES), "坐着": ("seated", YES),
    "晚上": ("part", Daypart.EVENING), "夜班": ("part", Daypart.NIGHT), "白天": ("part", Daypart.DAY),
}  # fmt: skip
FILLERS = ("我想", "想找", "想干", "找个", "附近", "的活", "干活", "有没有", "吗", "，", "。", "？", "?")


@dataclass(frozen=True)
class Wish:
    """One search. Field names are the parameters of the address; "" means: does not matter."""

    q: str = ""
    trade: str = ""
    group: str = ""
    day: str = ""
    part: str = ""
    within: str = ""
    pay: str = ""
    unit: str = ""
    meals: str = ""
    lodging: str = ""
    transport: str = ""
    seated: str = ""
    half: str = ""
    suits: str = ""
    funded: str = ""
    order: str = ""
    view: str = ""
    on: str = ""
    start: str = ""

    @classmethod
    def read(cls, said: QueryDict) -> "Wish":
        """From the address. Words in `q` that mean a day or a condition set it, unless it is set already."""
        given = {field.name: _clean(said.get(field.name, "")) for field in fields(cls)}
        wish = cls(
            q=given["q"],
            trade=given["trade"],
            group=given["group"] if given["group"] in groups.BY_CODE else "",
            day=given["day"] if _is_day(given["day"]) else "",
            part=given["part"] if given["part"] in Daypart.values else "",
            within=given["within"] if given["within"] in CIRCLES else "",
            pay=given["pay"] if _fen(given["pay"]) else "",
            unit=given["unit"] if given["unit"] in PayUnit.values else "",
            suits=given["suits"] if given["suits"] in SUITS else "",
            order=given["order"] if given["order"] in ORDERS else "",
            view="map" if given["view"] == "map" else "",
            on=given["on"] if given["on"].isalnum() else "",
            start=given["start"] if given["start"].isdecimal() and int(given["start"][:5]) <= FAR_MOST else "",
            **{name: YES for name in ("meals", "lodging", "transport", "seated", "half", "funded") if given[name]},
        )
        return wish.heard()

    def heard(self) -> "Wish":
        """With what the words of the box say about day and conditions: they move from the box to where they belong."""
        found, left = {}, self.q
        for word, (name, value) in SAID.items():
            if word in left:
                left = left.replace(word, "")
                if not getattr(self, name):
                    found[name] = value
        return replace(self, q=left.strip(), **found) if left != self.q else self

    @property
    def offset(self) -> int:
        """How many were seen already."""
        return int(self.start) if self.start else 0

    @property
    def trade_word(self) -> str:
        """What is left of the box without the words that everybody puts around a trade."""
        left = self.q
        for word in FILLERS:
            left = left.replace(word, "")
        return left.strip()

    def filters(self, place: Place, moment: datetime) -> Filters:
        """As `postings` and `matching` take them. Without a circle, a county is the whole of it."""
        return Filters(
            trades=(self.trade,) if self.trade else (),
            terms=by_words.terms_of(self.trade_word) if self.trade_word else (),
            best_first=not self.order,
            group=self.group,
            day=postings.when_filter(self.day, moment) if self.day else None,
            dayparts=(self.part,) if self.part else (),
            pay_low_fen=_fen(self.pay),
            meals=bool(self.meals),
            lodging=bool(self.lodging),
            transport=bool(self.transport),
            seated=bool(self.seated),
            half_day=bool(self.half),
            suitable_for=self.suits,
            funded=bool(self.funded),
            unit=self.unit,
            division=place.code if place.is_area and not self.within else "",
        )

    def reach_m(self, place: Place, usual_m: int | None = None) -> int:
        """How far to look; `usual_m` is what the worker said."""
        if self.within:
            return CIRCLES[self.within]
        if place.is_area:
            return AREA_M
        return usual_m or NEAR_M

    def url(self, path: str = "/", **changes: str) -> str:
        """The address of this search with some of it changed. A change goes back to the beginning of the list."""
        wish = replace(self, **{"start": "", "on": "", **changes})
        said = {field.name: getattr(wish, field.name) for field in fields(wish)}
        query = urlencode({name: value for name, value in said.items() if value})
        return f"{path}?{query}" if query else path

    def kept(self) -> list[tuple[str, str]]:
        """The conditions as fields of a form: what would be looked for again, not how it was shown."""
        return [
            (field.name, getattr(self, field.name)) for field in fields(self)
            if getattr(self, field.name) and field.name not in ("order", "view", "on", "start")
        ]  # fmt: skip

    def without(self, **changes: str) -> "Wish":
        """A copy with some of it changed, e.g. what a widening step lets go."""
        return replace(self, start="", on="", **changes)

    def said(self, moment: datetime) -> list[str]:
        """The conditions in words, for the sentence of an empty list."""
        words = []
        if self.within:
            words.append(circle_words(self.within))
        if self.day and (on := postings.when_filter(self.day, moment)):
            words.append(day(on) if self.day in ("today", "tomorrow") else date_words(on))
        if self.part:
            words.append(str(Daypart(self.part).label))
        named = [trade.name for trade in reference.trades() if trade.code == self.trade] if self.trade else []
        if self.trade_word:
            words.append(_("“%(word)s”") % {"word": self.trade_word[:12]})
        words += named
        if self.group and not named and not self.trade_word:
            words.append(str(groups.group(self.group).word))
        if self.pay:
            words.append(_("%(yuan)s 元以上") % {"yuan": yuan(_fen(self.pay))})
        if self.unit:
            words.append(_("按%(unit)s算钱") % {"unit": PayUnit(self.unit).label})
        names = {
            "meals": _("管饭"), "lodging": _("管住"), "transport": _("接送"), "seated": _("坐着干"), "half": _("半天"),
            "funded": _("工钱已存好"),
        }  # fmt: skip
        return words + [word for name, word in names.items() if getattr(self, name)]


def circle_words(within: str) -> str:
    """A circle as people say it."""
    return {"15min": _("走路 15 分钟内"), "1h": _("1 小时内到得了")}.get(within) or _("%(n)s 公里内") % {"n": within}


def _clean(text: str) -> str:
    return "".join(c for c in str(text) if c.isprintable())[:TEXT_MOST].strip()


def _is_day(word: str) -> bool:
    if word in ("today", "tomorrow"):
        return True
    try:
        date.fromisoformat(word)
    except ValueError:
        return False
    return True


def _fen(yuan_text: str) -> int | None:
    """Whole yuan as typed, in fen; None for nothing, nonsense or more than anybody pays for a shift."""
    if not (yuan_text.isascii() and yuan_text.isdecimal()) or len(yuan_text) > 6:
        return None
    fen = int(yuan_text) * 100
    return fen if 0 < fen <= PAY_MOST_FEN else None
