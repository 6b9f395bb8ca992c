"""What comes with the job: meals, lodging, transport, tools, insurance, quantity of work."""

import re

from linggong.postings.sentence import numbers
from linggong.postings.sentence.numbers import NUMBER
from linggong.postings.sentence.reading import Mark, Pad

_MEALS = (
    ("NONE", r"不(?:管|包|供|含)(?:饭|吃|餐)|不包吃住|自带(?:饭|午饭|干粮)|吃饭?自理|饭自理"),
    ("ALL", r"[管包](?:三|3)[餐顿]|(?:三|3)餐(?:都管|全包)?|一日三餐|一天三顿"),
    ("TWO", r"[管包供](?:两|二|2)[餐顿]饭?|(?:两|2)顿饭|[管包]中晚(?:饭|餐)|[管包]早中(?:饭|餐)"),
    (
        "ONE",
        r"[管包供含](?:一|1)?[顿餐份]?(?:中|午|早|晚)[饭餐]|[管包供含](?:一|1)[顿餐](?:盒?饭)?|[管包供含](?:一|1)?份?盒饭|有盒饭|盒饭|工作餐|"
        r"中午(?:管|包|有|供)(?:顿)?(?:饭|吃|餐)|(?:管|包|有)(?:夜宵|宵夜)|管顿饭",
    ),
    (
        "ALL",
        r"包吃|管吃|管饭|包饭|供饭|包餐|管餐|吃住(?:都有|全包|都管|免费|管|包)|(?:免费)?提供吃住|有饭吃|含餐",
    ),
)
_LODGING = (
    (False, r"不(?:包|管|提供)(?:吃)?(?:住|宿)|住宿?自理|自己?解决住宿"),
    (
        True,
        r"[包管]吃?住|吃住(?:都有|全包|都管|免费|\x00)|(?:免费)?(?:提供|有)(?:吃住|住宿|宿舍)|包宿舍|免费住宿",
    ),
)
_TRANSPORT = (
    ("NONE", r"不(?:管|包)接送|车费自理|自行前往|自己(?:过来|来)"),
    ("PICKUP", r"车接车送|专?车接送|[包管有]接送|接送上下班|有车(?:接送?|去)|(?:厂|班|大巴)车接送?|有班车"),
    (
        "FARE",
        r"车费(?:报销|我出|我们?出|可报)|报销?(?:车费|路费|来回)|(?:包|管|补)(?:车费|路费)|路费(?:报销|我出|我们?出)",
    ),
)
_TOOLS = (
    (
        "EMPLOYER",
        r"工具(?:我们?|厂里|工地|这边)?(?:有|出|提供|都有|备好|齐全)|提供(?:工具|手套|设备)|不用带工具",
    ),
    (
        "WORKER",
        r"自[带备](?!饭|午|干粮|酒)[\u4e00-\u9fff]{0,2}(?:工具|手套|电动车|家伙|设备|电焊机|车|三轮)|带(?:好|上)?(?:工具|家伙)|工具自备|带料",
    ),
)
_INSURED = (
    (False, r"(?:没有?|无|不[买上交])(?:社保|保险|工伤险)"),
    (
        True,
        r"保险(?:我们?|公司|厂里|老板)?(?:买|出|有|交)|[买上有缴交](?:了)?(?:社保|保险|工伤险?|意外险?)|五险一金|五险|缴社保",
    ),
)
_LISTS = (
    ("meals", _MEALS),
    ("lodging", _LODGING),
    ("transport", _TRANSPORT),
    ("tools", _TOOLS),
    ("insured", _INSURED),
)
_COMPILED = tuple((name, tuple((value, re.compile(words)) for value, words in options)) for name, options in _LISTS)

_QUANTITY = re.compile(
    rf"(?P<n>{NUMBER})\s*(?P<more>来|多)?\s*(?P<u>公斤|kg|千克|吨|斤|平方米|平方|平米|平(?!台)|㎡|亩|米(?!高)|竿|车|箱|件|台(?!阶)|桶|趟|间|套|单(?!位)|块(?=[砖瓦板石])|根|棵|袋)"
)
_QUANTITY_UNITS = {
    "公斤": "KG",
    "kg": "KG",
    "千克": "KG",
    "吨": "TONNE",
    "斤": "JIN",
    "平方米": "SQM",
    "平方": "SQM",
    "平米": "SQM",
    "平": "SQM",
    "㎡": "SQM",
    "亩": "MU",
    "米": "METRE",
    "竿": "RACK",
    "车": "TRIP",
    "趟": "TRIP",
    "单": "ORDER",
}


def read_extras(pad: Pad) -> None:
    """Each benefit once; what is refused (不管饭) is said too, and is not the same as silence."""
    for name, options in _COMPILED:
        for value, pattern in options:
            found = pattern.search(pad.left)
            if found is None:
                continue
            pad.facts[name] = value
            pad.marks.append(Mark(found.start(), found.end(), name))
            break
    for mark in [m for m in pad.marks if m.field in pad.facts and m.field in dict(_LISTS)]:
        pad.left = pad.left[: mark.start] + "\x00" * (mark.end - mark.start) + pad.left[mark.end :]


def read_quantity(pad: Pad) -> None:
    """How much work there is: 30吨, 90平. The unit that is paid is preferred over any other."""
    best = None
    for found in _QUANTITY.finditer(pad.left):
        value = numbers.read(found["n"])
        if value is None or value[0] <= 0:
            continue
        unit = _QUANTITY_UNITS.get(found["u"], "PIECE")
        if best is None or (unit == pad.facts.get("pay_unit") and best[1] != unit):
            best = (value[0], unit, found)
    if best:
        pad.facts |= {"quantity": best[0], "quantity_unit": best[1]}
        pad.claim(best[2].start(), best[2].end(), "quantity")
