"""Pay: how much, for what, and when it is paid out."""

import re

from linggong.postings.sentence import numbers
from linggong.postings.sentence.numbers import NUMBER, RANGE
from linggong.postings.sentence.reading import Pad

_UNITS = {
    "HOUR": r"个?小时|个?钟头|个?钟(?!头)|时(?![间薪])|h(?![a-z])|课时|节课",
    "DAY": r"天|日(?![结常期用])|个?工(?![资价作人地厂])",
    "MONTH": r"个?月(?![饼嫂结初底中子])|26天",
    "SHIFT": r"个?班(?!车)|场|餐|顿|个?晚上?|个?夜班?",
    "TONNE": r"吨|t(?![a-z])",
    "KG": r"公斤|千克|kg",
    "JIN": r"市?斤",
    "SQM": r"平方米|平方|平米|平(?!台)|㎡|m2",
    "METRE": r"延?米|公尺",
    "MU": r"亩",
    "RACK": r"竿|杆",
    "TRIP": r"趟|车(?!间|位)",
    "ORDER": r"单(?!位|间|休)|票|次(?!日|月)",
    "PERSON": r"个?人(?!工)|位",
    "PIECE": r"件|只|双|套|台|间|桶|罐|箱|份|棵|株|根|幅|条|盘|块|张|户|个(?![人小钟月班工半多])",
}
_UNIT = "(?:26天|" + "|".join(f"(?P<u_{code}>{words})" for code, words in _UNITS.items()) + ")"
_COUNTED = r"(?:[天斤件吨平米竿趟单亩根棵只箱套袋块]|个?小时|公斤)"
_TAIL_STOPS = numbers.HAN + "天个小时件斤吨公千平米竿杆趟车单月班场亩套箱晚h/次餐顿位人名间台只双罐桶份户"


def _money(name: str) -> str:
    """One amount under the group names name, name+k (scale), name+s (coin), name+t (what follows the coin)."""
    return (
        rf"(?P<{name}>{NUMBER})[来多]?\s*(?P<{name}k>万|w(?![a-z])|千|k(?![a-z]))?"
        rf"\s*(?:(?P<{name}s>块钱|块|元|圆|毛钱?|角|分钱|张)"
        rf"(?P<{name}t>半(?![天个小日])|[1-9一二三四五六七八九](?:(?![\d.{_TAIL_STOPS}])|(?=[一每/]{_COUNTED})))?)?"
    )


_MONEYS = r"[¥￥]?" + _money("a") + r"(?:" + RANGE + _money("b") + r")?"
_NOT_MEASURE = (
    r"(?![\d.:%]|[号点周月日米吨斤公平箱顿餐班趟单台层楼路年分亩件套车]|cm|kg|\s*(?:个|名|位|人|岁|小时|钟头|天))"
)

_AFTER = re.compile(
    _MONEYS
    + r"(?:(?<=[\d块元钱毛kw])\s*|)(?:左右|上下|起|多|保底)?(?:(?<=[\d块元钱毛kw])\s*|)"
    + r"(?:/|每|一|按|1(?=[天个小时月])|(?<=元)(?=[天时件斤吨]))\s*"
    + _UNIT
)
_BEFORE = re.compile(
    r"(?<![\d十])(?:一|每|1)\s*"
    + _UNIT
    + rf"(?:[^\W\d_{numbers.HAN}给]{{0,2}})"
    + r"\s*(?:工资|价格|大概|大约|差不多|能有|给|是|算|为|有|=|:)?\s*"
    + _MONEYS
    + _NOT_MEASURE
)
_NAMED = re.compile(
    r"(?P<name>日薪|日工资|时薪|小时工资|月薪|月工资|工价|底薪|保底|日结|一天|点工)\s*(?:是|为|给|:)?\s*"
    + _MONEYS
    + _NOT_MEASURE
)
_NAMED_UNIT = re.compile(r"按(?P<name>天|日|小时|个?工)(?:算|计|结)?\s*[,，:]?\s*" + _MONEYS + _NOT_MEASURE)
# 月嫂 are paid for 26 days as one month; a hundred jin is a usual measure of wood, fruit and grain.
_CARE_MONTH = re.compile(r"(?<!\d)26天\s*[,，]?\s*给?\s*" + _MONEYS + _NOT_MEASURE)
_HUNDRED_JIN = (
    re.compile(r"(?:每|按)?(?:一百|100|百)斤\s*(?:给|是|算|:)?\s*" + _MONEYS + _NOT_MEASURE),
    re.compile(_MONEYS + r"(?<=[块元钱])\s*(?:/|每|一)?(?:一百|100|百)斤"),
)
_NAMES = {
    "天": "DAY",
    "日": "DAY",
    "工": "DAY",
    "个工": "DAY",
    "小时": "HOUR",
    "日薪": "DAY",
    "日工资": "DAY",
    "日结": "DAY",
    "一天": "DAY",
    "工价": "DAY",
    "点工": "DAY",
    "时薪": "HOUR",
    "小时工资": "HOUR",
    "月薪": "MONTH",
    "月工资": "MONTH",
    "底薪": "MONTH",
    "保底": "MONTH",
}
_FIXED = (
    re.compile(r"包了\s*" + _MONEYS + _NOT_MEASURE),
    re.compile(r"(?:一共|总共|总价|包干|一口价|全包|打包价?|共计?)\s*(?:给|是|:)?\s*" + _MONEYS + _NOT_MEASURE),
    re.compile(_MONEYS + r"\s*(?:包了|包干|一口价|全包|总价|一次性|搞定|干完)"),
    re.compile(r"(?:小时|钟头|个钟|半天|\x00)\s*,?\s*给\s*" + _MONEYS + _NOT_MEASURE),
    re.compile(
        r"(?<![一每\d])(?:\d{1,2}|[两二三四五六七八半])个?(?:小时|钟头|钟)\s*"
        + _MONEYS
        + r"(?<=[块元钱])"
        + _NOT_MEASURE
    ),
    re.compile(r"半天\s*[,，、]?\s*" + _MONEYS + _NOT_MEASURE),
    re.compile(
        r"(?<![一每\d])(?:\d{1,2}|[两二三四五六七八半])个?(?:小时|钟头|钟)(?P<a>\d{2,4})(?=[,，。;；!\s\x00]|$)"
    ),
)
_BARE = (
    re.compile(r"(?:给|工资|工钱|薪资|待遇|价格|单价|报酬)\s*(?:是|为|:)?\s*" + _MONEYS + _NOT_MEASURE),
    re.compile(_MONEYS),
    re.compile(r"(?<=[工傅])(?P<a>\d{3,4})(?![\d个名人位天岁号点.])"),
    re.compile(
        r"(?:^|(?<=[\s,，。;；、\x00]))(?P<a>\d{2,5}|[一二两三四五六七八九]百[一二三四五六七八九]?)(?=$|[\s,，。;；、]|包|管)"
    ),
)
_OTHER_MONEY = re.compile(
    r"(?:押金|定金|保证金|费用?|返费|返|补贴?|餐补|饭补|房补|车补|津贴|提成|奖励?|奖金|罚款?|扣款?|垫付?|日入|日赚|月入|返佣|佣金|另加|加班|"
    r"身高|保额|门票|票价|满|欠)\s*(?:是|为|:|[一每]天)?\s*$"
)
_PLAUSIBLE_YUAN = {
    "HOUR": (8, 100),
    "DAY": (60, 1500),
    "SHIFT": (50, 1500),
    "MONTH": (1000, 30000),
    "JIN": (0, 50),
    "KG": (0, 100),
    "TONNE": (3, 500),
    "SQM": (1, 300),
    "METRE": (1, 300),
    "MU": (20, 800),
    "PIECE": (0, 500),
    "TRIP": (10, 1000),
    "ORDER": (1, 1000),
    "RACK": (0, 20),
    "FIXED": (20, 50000),
}
_NEGOTIABLE = re.compile(
    r"面议|面谈|价格(?:好|可)?商量|工资(?:好|可)?(?:商量|说|谈)|价钱(?:好|可)?(?:商量|说)|报价|价格可?谈|可议价?|价位?好说"
)

_CYCLES = (
    ("DAILY", r"日结|天天结|当日结|当天(?:结|付|发)|一天一结|每天结|天结"),
    ("WEEKLY", r"周结|一周一结|每周结|按周结"),
    ("HALF_MONTH", r"半月结|半个月结|15天一结|十五天一结"),
    (
        "ON_COMPLETION",
        r"干完现结|现结|干完(?:就|活)?(?:立马|马上)?结账?|做完(?:就)?结|完工(?:就)?结|完事(?:就)?结|现付|现金结|活完结",
    ),
    (
        "MONTHLY",
        r"月结|按月结?|次月(?:\d{1,2}[号日])?(?:发|结|付)?|每月\d{1,2}[号日]发?(?:工资|薪)?|下月\d{1,2}[号日](?:发|结)?(?:工资)?|(?<![到至])(?:每个?|到)?月(?:底|末)(?:一起|再|统一)?(?:结|发|付|给)(?:账|清|工资|工钱|钱)?|\d{1,2}[号日]发(?:工资|薪)",
    ),
)
_WITHIN = re.compile(
    r"(?:工资|钱)?(?:干完|做完|完工)后?(?P<n>\d{1,2}|[一二两三四五六七八九十]{1,2})[天日]内?(?:结|付|发|给|打卡|打钱|到账|转账)(?:清)?"
)
_HELD = re.compile(r"压(?P<n>\d{1,2}|[一二两三四五六七八九十]{1,3}|半个?)(?P<u>天|个?月|周|个?星期)(?:工资)?")


def read_cycle(pad: Pad) -> None:
    """When the money comes: 日结, 干完现结, 干完三天内, 压三天."""
    if (found := pad.take(_WITHIN, "pay_cycle")) is not None:
        pad.facts |= {"pay_cycle": "ON_COMPLETION", "pay_within_days": numbers.count(found["n"])}
    for code, words in _CYCLES:
        found = re.search(words, pad.left)
        if found is None:
            continue
        # 日结200 is a rate as well: its words are left for the reader of pay.
        if code != "DAILY" or not re.match(r"\s*\d", pad.left[found.end() :]):
            pad.claim(found.start(), found.end(), "pay_cycle")
        pad.facts.setdefault("pay_cycle", code)
    if (found := pad.take(_HELD, "pay_cycle")) is not None:
        pad.note("WAGES_HELD:" + found[0])


_NOTHING = re.compile(r"(?<![\d.])0+(?:\.0+)?\s*[元块]")


def read_pay(pad: Pad) -> None:
    """The rate and its unit. What is fee, bonus, deposit or allowance is not pay."""
    offers: list[tuple[int, int, int, int, str | None]] = []
    for pattern in (*_HUNDRED_JIN, _CARE_MONTH, _AFTER, _BEFORE, _NAMED, _NAMED_UNIT, *_FIXED):
        for found in pattern.finditer(pad.left):
            sums = _sums(found)
            if sums is None or _is_other(pad, found):
                continue
            if pattern in _HUNDRED_JIN:
                if any(fen % 100 for fen in sums):
                    continue  # a fraction of a fen for one jin: better asked than rounded
                sums = (sums[0] // 100, sums[1] // 100)
            unit = "JIN" if pattern in _HUNDRED_JIN else "FIXED" if pattern in _FIXED else _unit_of(found)
            start = found.start("a") if pattern in _FIXED[3:] else found.start()
            offers.append((start, found.end(), *sums, unit))
        if offers:
            break
    if not offers:
        offers = _bare(pad)
    offers.sort()
    for start, end, *_ in offers:
        pad.claim(start, end, None)
    if offers:
        start, end, low, high, unit = offers[0]
        if unit == "PERSON":
            unit = None
            pad.note("PER_PERSON")
        pad.claim(start, end, "pay")
        pad.facts |= {"pay_fen": low, "pay_high_fen": high if high > low else None, "pay_unit": unit}
        if len({unit for *_, unit in offers}) > 1:
            pad.note("SEVERAL_RATES")
    if not offers and _NOTHING.search(pad.left):
        pad.note("PAY_ZERO")
    if pad.take(_NEGOTIABLE, None if offers else "pay") is not None:
        pad.facts["pay_negotiable"] = True
    if re.search(r"计件|多劳多得|按件", pad.said):
        pad.note("PIECEWORK")


def assume_unit(pad: Pad, default: str) -> None:
    """An amount without a unit is read in the unit usual in the trade, if that makes a likely wage."""
    if pad.facts.get("pay_fen") is None or pad.facts.get("pay_unit"):
        return
    if default == "HOUR" and "HALF_DAY" in pad.notes:
        default = "FIXED"
    if "PER_PERSON" in pad.notes and default not in ("DAY", "SHIFT"):
        return
    low, high = _PLAUSIBLE_YUAN.get(default, (1, 0))
    if low <= pad.facts["pay_fen"] / 100 <= high:
        pad.facts |= {"pay_unit": default, "pay_unit_assumed": True}


def _bare(pad: Pad) -> list[tuple[int, int, int, int, str | None]]:
    for pattern in _BARE:
        for found in pattern.finditer(pad.left):
            if pattern is _BARE[1] and (not found["as"] or found["as"] == "张"):
                continue
            sums = _sums(found)
            if sums is None or _is_other(pad, found):
                continue
            return [(found.start("a"), found.end(), *sums, None)]
    return []


def _is_other(pad: Pad, found: re.Match) -> bool:
    """Whether a fee, bonus, deposit or allowance is named just before the sum: that is no pay."""
    places = (found.start(), found.start("a"))
    return any(_OTHER_MONEY.search(pad.left[max(0, place - 8) : place]) for place in places)


def _unit_of(found: re.Match) -> str | None:
    groups = found.groupdict()
    if groups.get("name"):
        return _NAMES[groups["name"]]
    if "26天" in found[0]:
        return "MONTH"
    code = next((code for code in _UNITS if groups.get("u_" + code)), None)
    return code


def _sums(found: re.Match) -> tuple[int, int] | None:
    """Low and high in fen; the low end borrows scale and coin from the high end: 1-2万, 5-8毛."""
    groups = found.groupdict()
    low, high = numbers.read(groups["a"]), numbers.read(groups["b"]) if groups.get("b") else None
    if low is None:
        return None
    if high is None:
        fens = [_fen(value, groups.get("ak"), groups.get("as"), groups.get("at")) for value in low]
    else:
        fens = [
            _fen(
                low[0],
                groups.get("ak") or groups.get("bk"),
                groups.get("as") or groups.get("bs"),
                groups.get("at"),
            ),
            _fen(high[1], groups.get("bk"), groups.get("bs"), groups.get("bt")),
        ]
    if not 0 < fens[0] <= fens[-1] <= 100_000_000:
        return None
    return fens[0], fens[-1]


def _fen(value: float, scale: str | None, coin: str | None, tail: str | None) -> int:
    value *= {"万": 10000, "w": 10000, "千": 1000, "k": 1000}.get(scale or "", 1)
    coin = coin or "元"
    worth = 10 if coin[0] in "毛角" else 1 if coin[0] == "分" else 10000 if coin == "张" else 100
    extra = 0.0
    if tail:
        extra = 0.5 if tail == "半" else ((numbers.read(tail) or (0, 0))[0] / 10)
    return round((value + extra) * worth)
