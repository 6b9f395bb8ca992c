"""Telephone numbers and chat accounts in free text: found, so that they never reach what the public reads. Pure.

Whoever is bound to come reaches the other side through the platform; a number in a public text is an open door for
swindlers and for whoever collects numbers (domain V-05).
"""

import re

from linggong.postings.sentence.reading import plain

_GAP = r"[ \-.·*]?"
_MOBILE = rf"1{_GAP}[3-9]" + rf"(?:{_GAP}\d){{9}}"
_SPOKEN = r"[一幺][三四五六七八九][零〇一幺二三四五六七八九]{9}"
_LANDLINE = r"\(?0[1-9]\d{1,2}\)?[ \-]?[2-8]\d{6,7}"
_SERVICE = r"[48]00[ \-]?\d{3,4}[ \-]?\d{3,4}"
_SPOKEN_DIGITS = str.maketrans("零〇一幺二三四五六七八九", "001123456789")
_CHAT = (
    r"(?:(?:加|联系|咨询)?(?:微信号?|v信|薇信|威信|vx|wx|加v|qq号?|扣扣)(?:同号)?\s*(?:是|为|:)?\s*"
    r"(?=[a-z0-9_\-]*\d)[a-z][a-z0-9_\-]{4,19}|(?:qq号?|扣扣|q群|qq群)\s*(?:是|为|:)?\s*[1-9]\d{4,11})"
)
_CONTACT = re.compile(
    rf"(?<![\d.])(?:\+?86{_GAP})?(?:{_MOBILE})(?![\d.])|{_SPOKEN}|(?<!\d)(?:{_LANDLINE})(?!\d)|(?<!\d)(?:{_SERVICE})(?!\d)"
    rf"|{_CHAT}"
)
_LEAD = re.compile(
    r"(?:(?:有意者?|请|可|直接)?(?:打|拨|加|致电|来电|联系|咨询)?(?:我的?)?(?:联系)?"
    r"(?:电话|手机号?|微信号?|微电|号码|热线|v信|vx|wx)?(?:同号)?\s*(?:是|为|:)?\s*)$"
)


def spans(text: str) -> list[tuple[int, int]]:
    """Where numbers and accounts stand, in reading order, counted in the text as typed."""
    return [found.span() for found in _CONTACT.finditer(plain(text))]


def without(text: str) -> str:
    """The text less every number and account, and less the 联系电话 that led to it."""
    read, kept, at = plain(text), [], 0
    for start, end in spans(text):
        before = read[at:start]
        lead = _LEAD.search(before)
        kept.append(text[at : at + (lead.start() if lead else len(before))].rstrip(" :："))
        at = end
    kept.append(text[at:])
    return "".join(kept).strip(" \n,，、;；") if len(kept) > 1 else text


def first(text: str) -> str:
    """The first number or account of the text, bare: 13800138000 however it was spaced; "" when there is none."""
    found = spans(text)
    if not found:
        return ""
    bare = re.sub(r"[^0-9a-z一幺三四五六七八九零〇二]", "", plain(text[found[0][0] : found[0][1]]))
    return bare.translate(_SPOKEN_DIGITS).removeprefix("86") if len(bare) > 11 else bare.translate(_SPOKEN_DIGITS)
