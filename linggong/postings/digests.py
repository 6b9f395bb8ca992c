"""每日用工信息: which communities are due, what was written for one, and how it is said in groups, on paper and aloud."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext as _

import linggong.reference.queries as reference
import linggong.venues.queries as venues
from linggong.core.clock import at as clock_at
from linggong.core.clock import local
from linggong.postings.models import Digest, Posting
from linggong.postings.queries import listed
from linggong.reference.models import Division

MESSAGE_MOST = 500  # letters in one message to a group (SX-17)
KEPT = timedelta(days=2)


def due(moment: datetime) -> list[Division]:
    """The communities whose hour has come today and that have no digest of the day yet."""
    today = local(moment).date()
    written = set(Digest.objects.filter(day=today, daily=True).values_list("division", flat=True))
    waiting = [code for code in venues.communities() if code not in written]
    hours: dict[str, time] = {}
    for code in waiting:
        county = reference.county_of(code)
        if county not in hours:
            hours[county] = time.fromisoformat(reference.setting("digest_time", division_code=county, on=today))
    due_codes = [
        code
        for code in waiting
        if clock_at(today, hours[reference.county_of(code)].hour, hours[reference.county_of(code)].minute) <= moment
    ]
    return list(Division.objects.filter(code__in=due_codes, lat__isnull=False).order_by("code"))


def latest(division_code: str, moment: datetime) -> Digest | None:
    """The last digest of a community, unless it is so old that it says nothing any more."""
    rows = Digest.objects.filter(division=division_code, at__gt=moment - KEPT, at__lte=moment)
    return rows.select_related("division", "told_by").order_by("-at").first()


def by_code(code: str) -> Digest | None:
    """One digest by its public code."""
    return Digest.objects.select_related("division", "told_by").filter(code=code).first()


def still_open(digest: Digest, moment: datetime) -> set[str]:
    """Codes of what can still be taken now: the paper is frozen, the page says what changed since."""
    codes = [item["code"] for item in digest.items]
    return set(listed(moment).filter(code__in=codes).values_list("code", flat=True))


def rows_of(postings: Iterable[Posting], hours: dict[str, str]) -> list[dict[str, Any]]:
    """The frozen lines: number, what, who, when, where, how many, how much."""
    return [
        {
            "n": number, "code": row.code, "title": row.title, "employer": row.employer.name,
            "when": hours[row.code], "where": row.address, "places": row.places_left,
            "pay": f"{_sum(row.pay_fen)}元/{row.get_pay_unit_display()}", "meals": row.meals != "NONE",
            "transport": bool(row.transport), "distance_m": row.distance_m,
        }
        for number, row in enumerate(postings, start=1)
    ]  # fmt: skip


# ---- how it is said ----------------------------------------------------------------------------------------


def group_messages(digest: Digest, url: str) -> list[str]:
    """For WeChat groups: messages of at most MESSAGE_MOST letters, each whole lines, the address at the end of each."""
    head, foot = _head(digest), _("报名点这里：{url}\n找活不花钱，谁让你先交钱都别给。").format(url=url)
    if not digest.items:
        return [f"{head}\n{_('现在没有在招的活，有了就发。')}\n{foot}"]
    return _packed([_line(item) for item in digest.items], head, foot)


def _packed(lines: Sequence[str], head: str, foot: str) -> list[str]:
    room = MESSAGE_MOST - len(foot) - len(head) - 2
    parts: list[list[str]] = [[]]
    used = 0
    for line in (line[:room] for line in lines):
        if parts[-1] and used + len(line) + 1 > room:
            parts.append([])
            used = 0
        parts[-1].append(line)
        used += len(line) + 1
    return ["\n".join([head, *part, foot]) for part in parts]


def voice(digest: Digest) -> str:
    """For a loudspeaker or the telephone: short sentences, no signs, numbers a voice can read."""
    month, day = digest.day.month, digest.day.day
    said = [_("{place}，{m}月{d}日的用工信息").format(place=digest.division.short_name, m=month, d=day)]
    if not digest.items:
        said.append(_("现在没有在招的活"))
    for item in digest.items:
        said.append(_("第{n}个，{title}，要{places}人").format(**item))
        said.append(_("{when}，在{where}").format(when=item["when"].replace("–", "到"), where=item["where"]))
        pay = item["pay"].replace("元/", "元一")
        said.append(pay + (_("，管饭") if item["meals"] else "") + (_("，接送") if item["transport"] else ""))
    said.append(_("想去的到站里报名，找活不花钱"))
    return "。".join(said) + "。"


def _head(digest: Digest) -> str:
    when = local(digest.at)
    return _("【{place} 用工信息】{m}月{d}日 {clock} 共 {n} 个活").format(
        place=digest.division.short_name, m=when.month, d=when.day, clock=f"{when:%H:%M}", n=len(digest.items)
    )


def _line(item: dict[str, Any]) -> str:
    more = [_("管饭")] * item["meals"] + [_("接送")] * item["transport"]
    tail = f"，{'，'.join(more)}" if more else ""
    words = _("{n}. {title} {pay}，{when}，要 {places} 人，{where}{tail}")
    return words.format(**(item | {"where": item["where"][:24]}), tail=tail)


def _sum(fen: int) -> str:
    whole, rest = divmod(fen, 100)
    return f"{whole}.{rest:02d}" if rest else str(whole)
