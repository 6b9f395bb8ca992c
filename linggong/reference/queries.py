"""Questions about what the state publishes: places, trades, rules in force, days."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Q, QuerySet

from linggong.core.asking import Question, ask, known
from linggong.reference import geo
from linggong.reference.models import (
    Certificate,
    Division,
    Holiday,
    Level,
    ReferenceVersion,
    RegionRule,
    Synonym,
    Trade,
    TradeCertificate,
)
from linggong.reference.rule_keys import RULE_KEYS

# ---- rules -----------------------------------------------------------------------------------------------


def rule(key: str, *, division_code: str = "", on: date) -> Any | None:
    """The value in force at a place on a day, or None: nobody approved one, so it does not act."""
    row = rule_row(key, division_code=division_code, on=on)
    return None if row is None else row.value


def rule_row(key: str, *, division_code: str = "", on: date) -> RegionRule | None:
    """The approved rule in force: the deepest division wins, then the latest start."""
    RULE_KEYS[key]  # a key nobody declared is a slip of the pen, not an absent rule
    if (held := _held.get()) is not None:
        if not held:
            held.append(Rules(RegionRule.objects.filter(approved_at__isnull=False)))
        if held[0].places is None or held[0].places.issuperset(codes_above(division_code)):
            return held[0].row(key, division_code=division_code, on=on)
    return max(_in_force(division_code, on).filter(key=key), key=_strength, default=None)


def rules_in_force(*, division_code: str = "", on: date) -> dict[str, Any]:
    """Every value in force at a place on a day by key, in one question; what does not act is not in it."""
    return {row.key: row.value for row in sorted(_in_force(division_code, on), key=_strength)}


class Rules:
    """The approved rules of some places, read once: `rule` and `setting` answer from them for any day."""

    def __init__(self, rows: Iterable[RegionRule], places: Iterable[str] | None = None) -> None:
        """`places`: the codes these are all rules of; None: of the whole country."""
        self.places = None if places is None else frozenset(places)
        self._of_key: dict[str, list[RegionRule]] = defaultdict(list)
        for row in sorted(rows, key=_strength, reverse=True):
            self._of_key[row.key].append(row)

    def rule(self, key: str, *, division_code: str = "", on: date) -> Any | None:
        """As `rule` of this module, for one of the places these rules were read for."""
        RULE_KEYS[key]
        row = self.row(key, division_code=division_code, on=on)
        return None if row is None else row.value

    def row(self, key: str, *, division_code: str = "", on: date) -> RegionRule | None:
        """As `rule_row` of this module, for one of the places these rules were read for."""
        above = codes_above(division_code)
        for row in self._of_key.get(key, ()):
            if row.division_code in above and row.valid_from <= on and (row.valid_to is None or row.valid_to >= on):
                return row
        return None

    def setting(self, key: str, *, division_code: str = "", on: date) -> Any:
        """As `setting` of this module."""
        value = self.rule(key, division_code=division_code, on=on)
        return default(key) if value is None else value


_held: "ContextVar[list[Rules] | None]" = ContextVar("held_rules", default=None)


@contextmanager
def rules_held(rules: Rules | None = None) -> Iterator[None]:
    """Inside, every rule is answered from one reading: for work that asks tens of thousands of times.

    `rules` are those of some places that were read already; about any other place the database is asked.

    `rules_changed` makes the next question read again, so what this process approves acts at once; what another
    process approves is seen after the block.
    """
    token = _held.set([] if rules is None else [rules])
    try:
        yield
    finally:
        _held.reset(token)


def rules_at(division_code: str) -> Rules:
    """Everything approved for a place and what stands above it: one reading, for `rules_held`."""
    above = codes_above(division_code)
    return Rules(RegionRule.objects.filter(division_code__in=above, approved_at__isnull=False), above)


def rules_changed() -> None:
    """A rule was approved or withdrawn here."""
    if (held := _held.get()) is not None:
        held.clear()


def rules_question(division_codes: Iterable[str]) -> Question[Rules]:
    """Everything approved for these places and what stands above them."""
    above = {step for code in division_codes for step in codes_above(code)}
    rows = RegionRule.objects.filter(division_code__in=sorted(above), approved_at__isnull=False)
    return Question(
        [rows.only("key", "value", "division_code", "valid_from", "valid_to")], lambda found: Rules(found, above)
    )


def _in_force(division_code: str, on: date) -> QuerySet[RegionRule]:
    """Approved rules of the place and of everything above it whose dates hold the day."""
    return RegionRule.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=on),
        division_code__in=codes_above(division_code),
        valid_from__lte=on,
        approved_at__isnull=False,
    )


def _strength(row: RegionRule) -> tuple[int, date, int]:
    return len(path_of(row.division_code)), row.valid_from, row.pk


def default(key: str) -> Any:
    """The documented default of a setting; None for a law."""
    return RULE_KEYS[key].default


def setting(key: str, *, division_code: str = "", on: date) -> Any:
    """The region's value, else the default."""
    value = rule(key, division_code=division_code, on=on)
    return default(key) if value is None else value


def rules_of(division_code: str) -> list[RegionRule]:
    """Every rule entered for a place and what lies inside it, newest first: the bureau's page."""
    rows = RegionRule.objects.select_related("entered_by", "approved_by")
    if division_code:
        rows = rows.filter(Q(division_code="") | inside(division_code, on="division_code"))
    return list(rows.order_by("key", "division_code", "-valid_from"))


def waiting_rules(division_code: str = "") -> list[RegionRule]:
    """Entered by one person and waiting for the second."""
    return [r for r in rules_of(division_code) if r.approved_at is None and r.entered_by_id is not None]


# ---- divisions -------------------------------------------------------------------------------------------


def path_of(code: str) -> str:
    """The digits every division inside begins with: 330000 → 33, 330200 → 3302, 330205 stays. "" stays ""."""
    if len(code) != 6:
        return code
    if code.endswith("0000"):
        return code[:2]
    return code[:4] if code.endswith("00") else code


def codes_above(code: str) -> list[str]:
    """The codes that may stand above `code`, itself and "" (the whole country) included; some may not exist."""
    path = path_of(code)
    steps = [path[:2] + "0000", path[:4] + "00", path[:6], path[:9], path]
    lengths = (2, 4, 6, 9, 12)
    return ["", *(step for step, least in zip(steps, lengths, strict=True) if len(path) >= least)]


def covers(above: str, code: str) -> bool:
    """Whether `code` lies in the division `above` or is it; "" covers the whole country."""
    return path_of(code).startswith(path_of(above))


def inside(code: str, *, on: str = "path") -> Q:
    """The condition "in this division or below it" on a column of paths or of codes, e.g. on="division__path".

    A range and not LIKE, so that both databases walk the index.
    """
    path = path_of(code)
    if not path:
        return Q()
    return Q(**{f"{on}__gte": path, f"{on}__lt": str(int(path) + 1)})


def division(code: str) -> Division:
    """One division. Raises Division.DoesNotExist."""
    return Division.objects.get(code=code)


def children(code: str) -> list[Division]:
    """The divisions one step below, in the order of their codes; "" gives the provinces."""
    return list(Division.objects.filter(parent_id=code or None).order_by("code"))


def ancestors(code: str) -> list[Division]:
    """Province first, then down to the division itself."""
    return list(Division.objects.filter(code__in=codes_above(code)).order_by("level"))


def full_name(code: str) -> str:
    """浙江省宁波市江北区洪塘街道."""
    return "".join(place.name for place in ancestors(code))


def county_of(code: str) -> str:
    """The county-level code a division lies in; a division above the counties is its own answer."""
    return code[:6]


def near(
    lat: float,
    lng: float,
    *,
    level: int = Level.TOWN,
    limit: int = 8,
    radii_m: Sequence[int] = (10_000, 30_000, 100_000),
) -> list[Division]:
    """The divisions of a level whose own point lies nearest, nearest first; none beyond the last of `radii_m`.

    Those whose point only stands for their county are left out, unless nothing else is near.
    """
    for radius_m in radii_m:
        tall, wide = geo.box_degrees(lat, radius_m)
        boxed = Division.objects.filter(
            level=level, lat__range=(lat - tall, lat + tall), lng__range=(lng - wide, lng + wide)
        )
        found = list(boxed.filter(about=False)) or list(boxed)
        if found:
            found.sort(key=lambda place: (geo.distance_m(lat, lng, place.lat, place.lng), place.code))
            return found[:limit]
    return []


def find_place(text: str, within: str = "", *, limit: int = 8) -> list[Division]:
    """Divisions meant by `text`: a name, its beginning, pinyin or initials; filler after the name is forgiven.

    洪塘这边 finds 洪塘街道, 海曙南门 finds 南门街道 inside 海曙区. The best match comes first; of equals, the higher
    level. Nothing shorter than two letters. Without `within` villages are left out.
    """
    said = "".join(text.split()).lower()
    places = Division.objects.filter(inside(within)) if within else Division.objects.filter(level__lte=Level.TOWN)
    if said.isascii():
        return _by_pinyin(places, said, limit) if len(said) > 1 else []
    for length in range(len(said), 1, -1):
        found = _named(places, said[:length], limit)
        if found:
            deeper = said[length:].lstrip("省市县区镇乡")
            return (find_place(deeper, found[0].code, limit=limit) if len(deeper) > 1 else []) or found
    return []


def _named(places: QuerySet[Division], part: str, limit: int) -> list[Division]:
    """Those called exactly so, then those whose name begins so."""
    found = list(places.filter(Q(name=part) | Q(short_name=part)).order_by("level", "code")[:limit])
    if len(found) < limit:
        seen = {place.code for place in found}
        begins = places.filter(Q(name__startswith=part) | Q(short_name__startswith=part))
        more = begins.order_by("level", "code")[: limit * 2]
        found += [place for place in more if place.code not in seen][: limit - len(found)]
    return found


def _by_pinyin(places: QuerySet[Division], said: str, limit: int) -> list[Division]:
    """`pinyin` is kept with spaces between syllables; people type it without."""
    letters = said[0]
    rows = places.filter(Q(initials__startswith=said) | Q(pinyin__startswith=letters)).order_by("level", "code")
    hits = [p for p in rows.iterator() if p.initials.startswith(said) or p.pinyin.replace(" ", "").startswith(said)]
    hits.sort(key=lambda p: (p.initials != said, p.level, p.code))
    return hits[:limit]


def place_words(within: str) -> frozenset[str]:
    """Names of counties, townships and villages inside a division, long and short: what the sentence reader knows."""
    rows = Division.objects.filter(inside(within), level__gte=Level.COUNTY).values_list("name", "short_name")
    return frozenset(word for row in rows for word in row if len(word) > 1)


# ---- trades ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TradeWords:
    """One trade with every word for it, as the sentence reader takes it."""

    trade_code: str
    name: str
    synonyms: tuple[str, ...]
    default_unit: str


def trades(division_code: str | None = None) -> list[Trade]:
    """Every trade, the popular first; with a division, only its own local trades besides the common ones."""
    every = _trades(_token("trades"))
    if division_code is None:
        return list(every)
    return [t for t in every if not t.division_code or covers(t.division_code, division_code)]


def trade_words(division_code: str | None = None) -> list[TradeWords]:
    """The words for every trade."""
    words = _words(_token("trades"))
    return [
        TradeWords(t.code, t.name, words.get(t.code, ()), t.pay_unit) for t in trades(division_code)
    ]  # fmt: skip


def find_trades(text: str, *, division_code: str | None = None, limit: int = 12) -> list[Trade]:
    """Trades meant by what somebody typed: the exact word, then its beginning, then anywhere, then the reverse."""
    said = "".join(text.split())
    if not said:
        return trades(division_code)[:limit]
    return _meant(said, trades(division_code), _words(_token("trades")))[:limit]


def find_trades_of(texts: Sequence[str], *, limit: int = 12) -> list[list[Trade]]:
    """The same for several words at the price of one."""
    token = _token("trades")
    every, words = _trades(token), _words(token)
    return [_meant("".join(text.split()), every, words)[:limit] for text in texts]


def _meant(said: str, every: Iterable[Trade], words: Mapping[str, tuple[str, ...]]) -> list[Trade]:
    ranked = []
    for place, trade in enumerate(every):
        rank = min(_closeness(said, word) for word in (trade.name, *words.get(trade.code, ())))
        if rank < 9:
            ranked.append((rank, place, trade))
    return [trade for _, _, trade in sorted(ranked, key=lambda row: row[:2])]


def _closeness(said: str, word: str) -> int:
    if said == word:
        return 0
    if word.startswith(said):
        return 1
    if said in word:
        return 2
    return 3 if len(word) > 1 and word in said else 9


def hard_certificates(trade: Trade) -> list[str]:
    """Codes of the certificates without which nobody may take such work."""
    return _hard(_token("trades")).get(trade.pk, [])


def certificate_names(codes: Sequence[str]) -> list[str]:
    """What these certificates are called, in the order of their codes; nothing is read when there are none."""
    return ask(certificate_names_question(codes)) if codes else []


def certificate_names_question(codes: Sequence[str]) -> Question[list[str]]:
    """As `certificate_names`, for asking together with others."""
    if not codes:
        return known([])
    return Question([Certificate.objects.filter(pk__in=codes).order_by("pk").values_list("name", flat=True)], list)


def _trades_now() -> tuple[Trade, ...]:
    return tuple(Trade.objects.order_by("-popularity", "code"))


def _words_now() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for code, word in Synonym.objects.order_by("pk").values_list("trade_id", "word"):
        found[code] = (*found.get(code, ()), word)
    return found


def _hard_now() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    rows = TradeCertificate.objects.filter(hard=True).order_by("certificate_id")
    for code, certificate in rows.values_list("trade_id", "certificate_id"):
        found.setdefault(code, []).append(certificate)
    return found


# ---- days ------------------------------------------------------------------------------------------------


def is_holiday(day: date) -> bool:
    """A day off by notice: a festival or a day moved to it. A plain Saturday is none."""
    return _days(_token("holidays")).get(day, (False, False))[0]


def is_statutory(day: date) -> bool:
    """One of the days on which work earns triple pay (劳动法 art. 44)."""
    return _days(_token("holidays")).get(day, (False, False))[1]


def is_workday(day: date) -> bool:
    """Monday to Friday except days off, and the make-up workdays."""
    known = _days(_token("holidays")).get(day)
    return day.weekday() < 5 if known is None else not known[0]


def previous_workday(day: date) -> date:
    """`day` itself when it is a workday, else the last one before it: a pay day moves earlier, never later."""
    while not is_workday(day):
        day -= timedelta(days=1)
    return day


def _days_now() -> dict[date, tuple[bool, bool]]:
    return {day: (off, statutory) for day, off, statutory in Holiday.objects.values_list("day", "off", "statutory")}


# ---- what is kept in the process -------------------------------------------------------------------------


def _token(name: str) -> str:
    """Changes with every write, in every process, and goes back when the write was rolled back."""
    return ReferenceVersion.objects.filter(name=name).values_list("token", flat=True).first() or ""


def _kept(read: Callable[[], Any]) -> Callable[[str], Any]:
    """Keep what `read` found for as long as the token stays the same."""
    return lru_cache(maxsize=2)(lambda token: read())


_trades = _kept(_trades_now)
_words = _kept(_words_now)
_hard = _kept(_hard_now)
_days = _kept(_days_now)


def versions() -> Iterable[ReferenceVersion]:
    """What was loaded and when."""
    return ReferenceVersion.objects.order_by("name")
