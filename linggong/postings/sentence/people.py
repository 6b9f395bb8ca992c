"""Who: how many, age, sex, certificates, whom to call."""

import re

from linggong.postings.sentence import numbers
from linggong.postings.sentence.numbers import NUMBER
from linggong.postings.sentence.reading import Pad

_PHONE = re.compile(r"(?<!\d)1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(?:\(?0[1-9]\d{1,2}\)?[ -]?[2-8]\d{6,7}|[48]00[ -]?\d{3,4}[ -]?\d{3,4})(?!\d)")
_NAME = r"[\u4e00-\u9fff]"
_CONTACTS = (
    re.compile(
        rf"(?:联系人|联系|电话|找)\s*:?\s*"
        rf"(?P<who>{_NAME}(?:师傅|老板|经理|主任|队长|村长|先生|女士|姐|哥|工(?![人作地])|总|姨|叔))"
    ),
    re.compile(rf"联系人\s*:?\s*(?P<who>{_NAME}{{1,3}})(?=[\s,，。\d\x00]|$)"),
    re.compile(rf"(?:^|[\s,，。;；!])(?P<who>{_NAME}{{1,4}})\s*(?=\x00)"),
)
_ROLE = (
    r"(?:小工|大工|师傅|工人|工(?![资价作地厂])|人(?![间均员])|阿姨|大姐|大哥|男的|女的|男生|女生|男|女|学生|员"
    r"|手(?!机)|熟练|熟手|厨|兼职|服务|保安)"
)
_WORDS = r"[\u4e00-\u9fff]{0,6}?"
_CLASS = r"(?:个(?!小时|钟|月|星期|礼拜|工(?!人)|班|半|点)|名|位)"
_HEADS = (
    re.compile(rf"(?P<n>{NUMBER})(?:个|名|位)?男(?:的|工|生)?[、,和]?(?P<women>{NUMBER})(?:个|名|位)?女"),
    re.compile(rf"(?:要|招|招聘|找|来|需要?|缺|雇|请)\s*(?P<n>{NUMBER})个工(?![作厂地资])"),
    re.compile(rf"(?P<n>{NUMBER})\s*(?P<more>来|多|几)?{_CLASS}\s*(?P<about>左右|上下)"),
    re.compile(rf"(?P<n>{NUMBER})(?:\s*[-到~至]\s*(?P<n2>{NUMBER}))?\s*(?P<more>来|多|几)?(?P<class>名|位)(?!置)"),
    re.compile(
        rf"(?<![\d块元/])(?P<n>{NUMBER})(?:\s*[-到~至]\s*(?P<n2>{NUMBER}))?\s*(?P<more>来|多|几)?人(?![间寝住一均员/份])"
    ),
    re.compile(rf"(?P<n>{NUMBER})(?:\s*[-到~至]\s*(?P<n2>{NUMBER}))?\s*(?P<more>来|多)?{_CLASS}\s*{_WORDS}{_ROLE}"),
    re.compile(
        rf"(?P<n>{NUMBER})(?:\s*[-到~至]\s*(?P<n2>{NUMBER}))?\s*(?P<more>来|多)?{_CLASS}(?=\s*(?:$|[,，。;；!\s\x00]))"
    ),
    re.compile(rf"(?:要|招|招聘|找|来|需要?|缺|雇|请)\s*(?P<n>{NUMBER})\s*(?P<more>来|多)?{_CLASS}"),
    re.compile(
        r"(?:招|找|缺|要|请|雇|来)(?P<one>个)(?![\u4e00-\u9fff]{0,2}(?:活|孩子|小孩|娃|地方|厂|小时|钟|月|星期))"
    ),
    re.compile(r"(?P<n>俩|仨)(?:人|个)?|(?P<pair>一对(?:夫妻|两口子|夫妇)|夫妻工?一对)"),
    re.compile(rf"(?:要|招|招聘|找|需要?|缺)\s*(?P<n>{NUMBER})\s*(?=[\u4e00-\u9fff]{{0,6}}{_ROLE})"),
)
_AGES = (
    re.compile(r"(?P<a>[1-7]\d)(?:周?岁)?\s*(?:-|到|至|~)\s*(?P<b>[1-7]\d)(?:周?岁|(?=[\s,，。;；]|$))"),
    re.compile(
        r"(?:年龄)?(?P<b>[1-7]\d|[二三四五六]十[一二三四五六七八九]?)(?:周?岁)?(?:以下|以内|之内|内)|(?:不超过?|不大于|小于)(?P<b2>[1-7]\d)(?:周?岁)"
    ),
    re.compile(r"(?:年龄)?(?:年?满)?(?P<a>[1-7]\d|十[六八])周?岁?(?:以上|起)|年?满(?P<a2>[1-7]\d|十[六八])周?岁"),
)
_HEIGHT = re.compile(r"身高\s*\d{1,3}(?:\.\d{1,2})?(?:cm|公分|米)?(?:以上|左右)?")
_WOMEN = re.compile(
    r"(?:只要|限|要|仅限)女(?:的|工|生|性)?|女工(?:优先)?|女(?:的|生|性)(?:优先)?|女士|限女|(?<=[个名位\x00])女(?![儿婿装鞋厕浴])"
)
_MEN = re.compile(
    r"(?:只要|限|要|仅限)男(?:的|工|生|性)?|男工(?:优先)?|男(?:的|生|性)(?:优先)?|限男|(?<=[个名位\x00])男(?![孩装鞋厕浴])"
)
_ANY = re.compile(r"男女(?:都行|均可|不限|都可以?|都要|皆可)|不限男女|性别不限|不限性别|[男女]的也[行可要](?:以)?")
_ALONE = re.compile(r"(?:^|[,，。;；\s])(?P<s>[男女])(?=$|[,，。;；\s])")
_CERTIFICATES = (
    ("健康证", "健康证"),
    ("电工证", "电工证"),
    ("焊工证", "焊工证"),
    ("保安员?证", "保安员证"),
    ("叉车证", "叉车证"),
    ("高空(?:作业)?证|高处作业证|登高证", "高处作业证"),
    ("驾驶?[证照]|驾照", "驾驶证"),
    ("(?<![a-z])[abc][12](?:证|照|驾照)", "驾驶证"),
    ("救生员?证", "救生员证"),
    ("厨师证", "厨师证"),
    ("特种作业(?:操作)?证", "特种作业操作证"),
    ("安全员证", "安全员证"),
    ("教师资格证|教师证", "教师资格证"),
    ("月嫂证|母婴护理证", "母婴护理证"),
    ("育婴师?证", "育婴师证"),
    ("护理(?:员)?证", "养老护理员证"),
    ("(?:要|必须|需要?|须)有?(?:证|上岗证|操作证)|有证(?:的|优先)?|持证(?:上岗)?|证件?必须", "证"),
)
_CERTIFICATE = tuple((re.compile(f"(?:{words})"), name) for words, name in _CERTIFICATES)


def read_phone(pad: Pad) -> None:
    """The telephone number first: no other reader may see its digits."""
    if (found := pad.take(_PHONE, "contact")) is not None:
        pad.facts["contact_phone"] = re.sub(r"\D", "", found[0])
        while pad.take(_PHONE, None):
            pass
    elif (found := pad.take(_LANDLINE, "contact")) is not None:
        pad.facts["contact_phone"] = re.sub(r"\D", "", found[0])


def read_contact(pad: Pad) -> None:
    """Whom to call, as named next to 联系 or just before the number."""
    for pattern in _CONTACTS:
        for found in pattern.finditer(pad.left):
            if pattern is _CONTACTS[-1] and not _phone_follows(pad, found.end()):
                continue
            if re.search(r"电话|联系|微信|手机", found["who"]):
                continue
            pad.facts["contact_word"] = found["who"]
            pad.claim(found.start("who"), found.end("who"), "contact")
            return


def _phone_follows(pad: Pad, end: int) -> bool:
    return _PHONE.match(pad.said[end : end + 15].strip()) is not None


def read_age(pad: Pad) -> None:
    pad.take(_HEIGHT, None)
    for pattern in _AGES:
        found = pattern.search(pad.left)
        if found is None:
            continue
        groups = found.groupdict()
        low, high = groups.get("a") or groups.get("a2"), groups.get("b") or groups.get("b2")
        if low:
            pad.facts.setdefault("age_low", numbers.count(low))
        if high:
            pad.facts.setdefault("age_high", numbers.count(high))
        pad.claim(found.start(), found.end(), "age")


def read_headcount(pad: Pad) -> None:
    for pattern in _HEADS:
        found = pattern.search(pad.left)
        while found is not None:
            number = _heads(found)
            if number is not None:
                pad.facts |= {"headcount": number, "headcount_about": _about(found)}
                end = found.end("one") if "one" in found.groupdict() and found["one"] else _count_end(found)
                pad.claim(found.start(), end, "headcount")
                return
            found = pattern.search(pad.left, found.end())


def _heads(found: re.Match) -> int | None:
    groups = found.groupdict()
    if groups.get("one"):
        return 1
    if groups.get("pair"):
        return 2
    if groups.get("women"):
        men, women = numbers.count(groups["n"]), numbers.count(groups["women"])
        return men + women if men and women else None
    return numbers.count({"俩": "二", "仨": "三"}.get(groups["n"], groups["n"]))


def _about(found: re.Match) -> bool:
    groups = found.groupdict()
    low_high = numbers.read(groups["n"]) if groups.get("n") else None
    return bool(
        groups.get("about") or groups.get("more") or groups.get("n2") or (low_high and low_high[0] < low_high[1])
    )


def _count_end(found: re.Match) -> int:
    """Underline the number and its counting word, not the trade behind it."""
    end = (
        found.end("n2")
        if found.groupdict().get("n2")
        else found.end("n")
        if found.groupdict().get("n")
        else found.end()
    )
    tail = re.match(r"\s*[来多几]?(?:个|名|位|人)?(?:左右|上下)?", found.string[end : found.end()])
    return end + (tail.end() if tail else 0)


def read_sex(pad: Pad) -> None:
    """Words about sex, as said. Whether they are allowed is for the screening."""
    if (found := _ANY.search(pad.left)) is not None:
        pad.facts |= {"sex": "ANY", "sex_words": (found[0],)}
        return
    women, men = _WOMEN.search(pad.left), _MEN.search(pad.left)
    if women and men:
        return
    found = women or men
    if found is None:
        found = _ALONE.search(pad.left)
        if found is None:
            return
    pad.facts |= {"sex": "F" if "女" in found[0] else "M", "sex_words": (found[0].strip(" ,，。;；"),)}


def read_certificates(pad: Pad) -> None:
    names: list[str] = []
    for pattern, name in _CERTIFICATE:
        found = pattern.search(pad.left)
        if found is None or re.search(
            r"(?:不用|不要|不需要?|无需|没)\s*$", pad.left[max(0, found.start() - 4) : found.start()]
        ):
            continue
        pad.claim(found.start(), found.end(), "certificate")
        if name == "证" and names:
            continue
        if name not in names:
            names.append(name)
    pad.facts["certificates"] = tuple(names)
