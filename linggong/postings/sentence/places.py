"""Where: words that end like a place, or names the caller knows."""

import re
from collections.abc import Collection

from linggong.postings.sentence.reading import Mark, Pad

_TAIL = (
    "自治区|省|市区|市|新区|开发区|高新区|区|县城|县|镇|乡|街道|村委会?|村|社区|路口|大道|路|街|巷|广场|工业园|产业园|物流园|科技园|园区|园|小区|花园|公寓|大厦|写字楼|中心|"
    "幼儿园|小学|中学|大学|学院|学校|医院|大酒店|酒店|宾馆|饭店|饭庄|码头|市场|火车站|高铁站|汽车站|地铁站|车站|站|仓库|公园|山庄|农场|茶场|果园|基地|景区|工地|城|湾|桥头|桥|村口|"
    "门口|南门|北门|东门|西门"
)
_AFTER = (
    r"(?:[a-z]?\d{0,4}(?:号楼|号院|号库|号|区|栋|座|楼|期|库|门)){0,3}(?:村委)?"
    r"(?:门口|路口|南门|北门|东门|西门|对面|旁边|附近|这边|里面)?"
)
_PLACE = re.compile(rf"[\u4e00-\u9fffa-z0-9]{{0,14}}(?:{_TAIL}){_AFTER}")
_HERE = re.compile(
    r"(?P<p>[\u4e00-\u9fff]{2,6})(?:这边|附近|那边|一带)|(?:坐标|地点|地址|位置|地方|集合点)\s*(?:是|在|:)?\s*(?P<q>[\u4e00-\u9fffa-z0-9]{2,20})"
)
_LEAD = re.compile(
    r"^.*(?:招聘|招工|急招|需要|(?:地点|地址|位置|坐标)[是在:]?|集合|仓库在|就在|人在|在|去|从|找|招|缺)(?=.{2})|^(?:到|的|于|是|我们?|个)"
)
_GENERIC = re.compile(
    r"^(?:本|新|大|小|老|我们|一个|某|家里|附近的?|住)*(?:小区|景区|工地|仓库|市场|医院|学校|小学|中学|大学|酒店|饭店|宾馆|超市|夜市|菜市|城|农村|社区|乡|村|城市|区|市|路|街|站|园|桥|湾|果园|农场|基地|"
    r"地铁站|车站|中心|门口|公寓|幼儿园|广场|码头|园区|山区|厂区|库区|写字楼|茶园|菜园|街道|公园|走路|一路|马路|网站|进城|长城|上市|超市|门市|校园|家园|带路|修路|顺路|半路|线路|电路|水路|铁路|公路|套路|出路|动物园)(?:门口|附近|这边)?$"
)
_NO_PLACE = re.compile(r"走路|问路|扫马路|修路|站着|站岗|上市|住附近|有车|能干|不怕|以内|会.{0,3}电")


def read_place(pad: Pad, places: Collection[str]) -> None:
    """The place as said. Which division that is, is for the reference tables to say."""
    found = _known(pad, places)
    best: tuple[int, int] | None = None
    for hit in _PLACE.finditer(pad.left):
        start, end = _trim(pad.left, hit.start(), hit.end())
        words = pad.left[start:end]
        if len(words) < 2 or _GENERIC.match(words) or _NO_PLACE.search(words):
            continue
        if best is None or end - start > best[1] - best[0]:
            best = (start, end)
    if best is None:
        best = _nearby(pad)
    if found is not None and (best is None or not (best[0] <= found[0] and found[1] <= best[1])):
        best = found if best is None else _joined(found, best)
    if best is not None:
        pad.facts["place_text"] = pad.text[best[0] : best[1]].strip()
        pad.marks.append(Mark(best[0], best[1], "place"))


def _joined(found: tuple[int, int], best: tuple[int, int]) -> tuple[int, int]:
    """宁波北仑 next to 大碶街道 is one place; apart, the one with the ending counts."""
    if found[1] == best[0]:
        return found[0], best[1]
    return best


def _nearby(pad: Pad) -> tuple[int, int] | None:
    hit = _HERE.search(pad.left)
    if hit is None:
        return None
    name = "p" if hit["p"] else "q"
    return hit.start(name), hit.end(name)


def _trim(left: str, start: int, end: int) -> tuple[int, int]:
    lead = _LEAD.match(left[start:end])
    return (start + lead.end(), end) if lead else (start, end)


def _known(pad: Pad, places: Collection[str]) -> tuple[int, int] | None:
    """The longest known name; names side by side (漳州芗城) are one place."""
    if not places:
        return None
    left, spans, start = pad.left, [], 0
    while start < len(left):
        length = next((n for n in range(min(12, len(left) - start), 1, -1) if left[start : start + n] in places), 0)
        if length:
            if spans and spans[-1][1] == start:
                spans[-1] = (spans[-1][0], start + length)
            else:
                spans.append((start, start + length))
        start += length or 1
    return max(spans, key=lambda span: span[1] - span[0], default=None)
