"""When: clock times and spells of work, dates, how many days, until when."""

import calendar
import re
from datetime import date, datetime, time, timedelta

from linggong.postings.sentence import numbers
from linggong.postings.sentence.reading import Mark, Pad

_N = r"(?:\d{1,2}(?!\d)|[一二两三四五六七八九十]{1,3})"
_PART = (
    r"(?:今晚上?|明晚上?|后晚|今早|明早上?|凌晨|清早|清晨|大早|一早|早上|早晨|早|上午|中午|下午|傍晚"
    r"|晚上|晚|夜里|半夜|夜班|晚班)"
)
_MINUTES = (
    r"(?::(?P<{0}m>\d{{2}})|[点时](?:(?P<{0}h>半)|(?P<{0}q>[一三])刻"
    r"|(?P<{0}n>\d{{1,2}}(?!\d)|[一二三四五]?十[一二三四五六七八九]?)分?)?(?:钟|整)?)"
)


def _clock(name: str, *, bare: bool = False) -> str:
    minutes = _MINUTES.format(name)
    return rf"(?P<{name}p>{_PART})?\s*(?P<{name}c>{_N}){minutes}{'?' if bare else ''}"


_TO = r"\s*(?:(?:(?:开始|起|上班|开工|集合|到岗|上车)\s*[,，、]?\s*)?(?:一?直?干?做?忙?上?到|至)|-|~)\s*"
_NEXT = r"(?:(?:第二|次|隔|转|明|后)[天日]?\s*(?=凌晨|清早|清晨|早))?"  # 今晚10点到明天早上6点: one night
_RANGES = (
    re.compile(_clock("a") + _TO + _NEXT + _clock("b", bare=True) + r"(?!\s*[人个名元块号月天])"),
    re.compile(_clock("a", bare=True) + _TO + _clock("b")),
    re.compile(
        rf"(?P<ap>{_PART})\s*(?P<ac>{_N})" + _TO + rf"(?P<bp>{_PART})?\s*(?P<bc>{_N})(?![\d.人个名元块号月天%岁年])"
    ),
    re.compile(
        rf"(?P<ap>早上?|朝)(?P<ac>{_N})点?(?P<ah>半)?[到至]?(?P<bp>晚上?)(?P<bc>{_N})(?:点(?P<bh>半)?)?(?![\d人个名元块])"
    ),
)
_POINT = re.compile(_clock("a"))
_HOURS = re.compile(
    r"(?:干|做|上|共|约|大概|工作|每天|一天|每日|每班)?\s*(?P<n>\d{1,2}(?:\.5)?(?!\d)|[一二两三四五六七八九十]{1,2}|半)"
    r"(?P<h>个半)?\s*(?:来|多)?个?(?:小时|钟头|钟(?!点))(?P<h2>半)?(?!工)"
)
_HALF_DAY = re.compile(r"(?:干|做)?半天")
_BREAK = re.compile(
    r"(?:中午|中间|中途|当中)?(?:休息|歇|午休)\s*(?P<n>\d{1,3}|[一二两三]|半)\s*个?(?P<h>半)?(?P<u>小时|钟头|分钟|钟)(?P<h2>半)?"
)
_PART_ALONE = re.compile(rf"{_PART}(?!.?(?:管|包|吃|有|供|饭|餐|顿|盒))")


def read_clock(pad: Pad) -> None:
    """Start and end of the day's work, spell by spell."""
    spells: list[tuple[int, int, int, int]] = []
    for pattern in _RANGES:
        while len(spells) < 6 and (found := pattern.search(pad.left)) is not None:
            spell = _spell_of(pad, found)
            if spell is None:
                pad.claim(found.start(), found.end(), None)
                continue
            spells.append((found.start(), found.end(), *spell))
            _keep_day_word(pad, found)
    if spells:
        spells.sort()
        pairs = tuple((_time(start), _time(end)) for _, _, start, end in spells)
        pad.facts |= {
            "spells": pairs,
            "start_time": pairs[0][0],
            "end_time": pairs[-1][1],
            "overnight": spells[-1][3] >= 24 * 60,
            "hours": round(sum(end - start for _, _, start, end in spells) / 60, 2),
        }
    elif (found := _POINT.search(pad.left)) is not None:
        minute = _minute_of(pad, found, "a")
        if minute is not None:
            _keep_day_word(pad, found)
            pad.facts["start_time"] = _time(minute)
    if re.search(r"通宵|夜班|凌晨", pad.said):
        pad.note("NIGHT")


def read_break(pad: Pad) -> None:
    """中午休息一小时: before the clock, for its length is no length of work and its hour no rate."""
    found = pad.take(_BREAK, "break")
    if found is None:
        return
    value = 0.5 if found["n"] == "半" else (numbers.read(found["n"]) or (0, 0))[0]
    value += 0.5 if (found["h"] and found["n"] != "半") or found["h2"] else 0
    minutes = round(value * (1 if found["u"] == "分钟" else 60))
    if 0 < minutes <= 240:
        pad.facts["break_minutes"] = minutes


def read_hours(pad: Pad) -> None:
    """How long a day's work is; with a start it also gives the end."""
    found = _HOURS.search(pad.left)
    if found is None:
        if pad.take(_HALF_DAY, "hours"):
            pad.note("HALF_DAY")
        return
    value = 0.5 if found["n"] == "半" else (numbers.read(found["n"]) or (0, 0))[0]
    value += 0.5 if found["h"] or found["h2"] else 0
    if not 0 < value <= 24:
        return
    pad.claim(found.start(), found.end(), "hours")
    pad.facts.setdefault("hours", value)
    start = pad.facts.get("start_time")
    if start is not None and "end_time" not in pad.facts:
        end = start.hour * 60 + start.minute + round(value * 60)
        pad.facts |= {"end_time": _time(end), "overnight": end >= 24 * 60}


def _keep_day_word(pad: Pad, found: re.Match) -> None:
    """Cross out the clock but leave 今, 明 and 后 standing for the reader of dates."""
    start = found.start()
    if pad.left[start] in "今明后":
        start += 1
    pad.claim(start, found.end(), "time")


def _spell_of(pad: Pad, found: re.Match) -> tuple[int, int] | None:
    start = _minute_of(pad, found, "a", other="b")
    end_clock = _raw(found, "b")
    if start is None or end_clock is None:
        return None
    part = _part(found, "b")
    if part:
        end = _of_part(end_clock, part)
        if end <= start:
            end += 24 * 60
    else:
        end = next((end_clock + step for step in (0, 720, 1440) if end_clock + step > start), None)
        if end is None:
            return None
    return (start, end) if end - start <= 18 * 60 else None


def _minute_of(pad: Pad, found: re.Match, name: str, other: str = "") -> int | None:
    raw = _raw(found, name)
    if raw is None:
        return None
    part = _part(found, name) or _part_before(pad, found.start())
    if part:
        return _of_part(raw, part)
    if raw < 5 * 60 and raw >= 60:
        # Nobody says 两点 for the small hours without 凌晨.
        return raw + 720
    return raw


def _raw(found: re.Match, name: str) -> int | None:
    groups = found.groupdict()
    hour = numbers.read(groups[name + "c"])
    if hour is None or hour[0] > 24 or hour[0] != hour[1]:
        return None
    minute = 0
    if groups.get(name + "m"):
        minute = int(groups[name + "m"])
    elif groups.get(name + "h"):
        minute = 30
    elif groups.get(name + "q"):
        minute = 15 if groups[name + "q"] == "一" else 45
    elif groups.get(name + "n"):
        minute = int((numbers.read(groups[name + "n"]) or (99, 99))[0])
    return None if minute > 59 else int(hour[0]) * 60 + minute


def _part(found: re.Match, name: str) -> str:
    return found.groupdict().get(name + "p") or ""


def _part_before(pad: Pad, end: int) -> str:
    """The last part of the day named earlier: 晚上夜市帮忙,6点到12点."""
    last = ""
    for found in _PART_ALONE.finditer(pad.left, max(0, end - 40), end):
        last = found[0]
    return last


def _of_part(raw: int, part: str) -> int:
    hour = raw // 60
    if hour > 12:
        return raw
    if "凌晨" in part or "半夜" in part:
        return raw - 720 if hour == 12 else raw
    if "中午" in part:
        return raw + 720 if hour <= 4 else raw
    if "下午" in part or "傍晚" in part:
        return raw + 720 if hour < 12 else raw
    if "晚" in part or "夜" in part:
        if hour == 12 or hour < 4:
            return raw + 720 if hour == 12 else raw + 1440
        return raw + 720
    return raw


def _time(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


# --- dates ---------------------------------------------------------------------------------------------------

_WEEKDAY = {c: n for n, c in enumerate("一二三四五六")} | {"日": 6, "天": 6, "末": 5}
_DATE = re.compile(
    r"(?P<rel>昨[天日儿]|前天|大后天|后天|后日|后(?=[早晚\x00])|明后(?:两|2)?天|明天|明日|明儿|明(?=[早晚\x00])|今天|今日|今儿|今(?=[早晚\x00])|当晚|(?:现在|马上|立刻)(?=就?(?:来|要|过来|开始|到岗|上班)))"
    r"|(?P<next>下下|下个?|这个?|本|每)?(?:周|星期|礼拜)(?P<wd>[一二三四五六日天末])(?P<wd2>[日天]|[二三四五六日]{1,5}(?![天个小班次场百千十块元人名位号点楼]))?(?!边)"
    r"|(?P<off>双休日)"
    r"|(?P<m>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月份?(?P<d>3[01]|[12]\d|0?[1-9]|三十一?|二?十[一二三四五六七八九]?|[一二三四五六七八九])[号日]?(?!\d)"
    r"|(?<![\d.])(?P<m2>1[0-2]|0?[1-9])[./](?P<d2>3[01]|[12]\d|0?[1-9])(?:号|日)?(?![\d.元块米吨万%:])"
    r"|(?<![\d.月路街巷弄道村楼区座栋幢])(?P<d3>3[01]|[12]\d|[1-9])[号日](?![线楼门院厂馆码库车])"
    r"|(?P<eom>(?:这个|本)?月底|月末)"
)
_UNTIL = re.compile(r"(?:到|至|截止到?|-|~)\s*$")
_LINK = re.compile(r"^[\s,、，和跟及与\x00]{0,2}$")
_TO_DATE = re.compile(r"^\s*(?:开始)?(?:到|至|-|~)\s*$")
_COUNT = re.compile(
    r"(?:一共|共|大概|大约|约|干|做|上|连续|要|顶班|活)?\s*(?P<n>\d{1,3}(?!\d)|[二两三四五六七八九十]{1,4}|十来|(?<=干)一|(?<=做)一|(?<=就)一|一(?=个?(?:星期|礼拜)))\s*"
    r"(?:来|多)?(?P<u>天(?!内|后|前|包|休|管|一|气|结|算)|晚(?!上)|个?夜晚?(?!班)|个?(?:星期|礼拜|周))"
)
_MONTHS = re.compile(r"(?:连续|连着)?(?:干|做|上班?)(?:满|够)?\s*(?P<n>半|[1-3一两二三])个月(?!\d)")
_VAGUE = re.compile(
    r"(?:\d{1,2}|[一二三四五六七八九十]{1,2})?月(?:初|中旬|上旬|下旬|中)|初[一二三四五六七八九十]|正月|腊月|端午|中秋|国庆|(?<![百千两三四五六七八九])五一(?![天个])|元旦|春节|清明|十一"
)


def read_dates(pad: Pad) -> None:
    """First day, last day, and every single day when they can be told."""
    today = pad.at.date()
    listed: list[date] = []
    weekdays: set[int] = set()
    until = last_end = None
    for found in _DATE.finditer(pad.left):
        day, extra = _date_of(found, today, after=listed[-1] if listed else None)
        if day is None:
            continue
        before = pad.left[max(0, found.start() - 4) : found.start()]
        gap = pad.left[last_end : found.start()] if last_end is not None else None
        if gap is not None and listed and _TO_DATE.match(gap):
            if day < listed[-1] and found["wd"]:
                day += timedelta(days=7)
            listed += _run(listed[-1] + timedelta(days=1), day)
        elif _UNTIL.search(before) or (found["eom"] and listed):
            until = day
        elif not listed or (gap is not None and _LINK.match(gap)):
            listed += [day, *extra]
        else:
            continue
        if found["wd"] and (found["next"] or "") == "每":
            weekdays.add(day.weekday())
        pad.marks.append(Mark(found.start(), found.end(), "date"))
        last_end = found.end()
    _cross_out(pad)
    if listed and all(m.field != "date" or pad.said[m.start : m.end][:1] in "周星礼每这本" for m in pad.marks):
        weekdays |= {day.weekday() for day in listed} if len(listed) > 1 else set()
    number = _read_count(pad)
    _settle(pad, sorted(set(listed)), until, number, weekdays)
    if (vague := pad.take(_VAGUE, None)) is not None:
        pad.note("DATE_VAGUE:" + vague[0])


def _cross_out(pad: Pad) -> None:
    for mark in [m for m in pad.marks if m.field == "date"]:
        pad.left = pad.left[: mark.start] + "\x00" * (mark.end - mark.start) + pad.left[mark.end :]


def _settle(pad: Pad, listed: list[date], until: date | None, number: int | None, weekdays: set[int]) -> None:
    first = listed[0] if listed else None
    if first and until and until >= first:
        listed = [*listed, *_run(listed[-1] + timedelta(days=1), until)]
    elif first and number and len(listed) == 1:
        listed = _run(first, first + timedelta(days=number - 1))
    if first and first < pad.at.date():
        pad.note("DATE_PAST")
    pad.facts |= {
        "starts_on": first,
        "ends_on": until or (listed[-1] if len(listed) > 1 else None),
        "days": tuple(listed),
        "day_count": number,
        "weekdays": tuple(sorted(weekdays)),
    }


def _read_count(pad: Pad) -> int | None:
    found = pad.take(_MONTHS, "days")
    if found is not None:
        return 15 if found["n"] == "半" else 30 * (numbers.count(found["n"]) or 1)
    found = pad.take(_COUNT, "days")
    if found is None:
        return None
    number = numbers.count(found["n"].replace("来", ""))
    if number and re.search(r"星期|礼拜|周", found["u"]):
        number *= 7
    return number


def _run(first: date, last: date) -> list[date]:
    length = min((last - first).days, 365)
    return [first + timedelta(days=step) for step in range(length + 1)]


def _date_of(found: re.Match, today: date, after: date | None) -> tuple[date | None, list[date]]:
    if found["rel"]:
        word = found["rel"]
        if word[0] in "昨前":  # over, and said so: the posting is refused with the reason
            return today - timedelta(days=1 if word[0] == "昨" else 2), []
        if word.startswith("明后"):
            return today + timedelta(days=1), [today + timedelta(days=2)]
        step = 3 if word.startswith("大") else 2 if word.startswith("后") else 1 if word.startswith("明") else 0
        return today + timedelta(days=step), []
    if found["wd"] or found["off"]:
        return _weekday(found, today)
    if found["eom"]:
        return today.replace(day=calendar.monthrange(today.year, today.month)[1]), []
    if found["d3"]:
        return _day_of_month(int(found["d3"]), after or today), []
    month = numbers.count((found["m"] or found["m2"]).lstrip("0"))
    day = numbers.count((found["d"] or found["d2"]).lstrip("0"))
    try:
        when = date(today.year, month or 0, day or 0)
        if (today - when).days > 180:
            when = when.replace(year=today.year + 1)
    except ValueError:
        return None, []
    return when, []


def _weekday(found: re.Match, today: date) -> tuple[date, list[date]]:
    weeks = {"下": 1, "下个": 1, "下下": 2}.get(found["next"] or "")

    def on(target: int) -> date:
        if weeks:
            return today + timedelta(days=target - today.weekday() + 7 * weeks)
        return today + timedelta(days=(target - today.weekday()) % 7)

    first = on(_WEEKDAY[found["wd"] or "末"])
    if found["off"] or found["wd"] == "末" or (found["wd2"] or "") in ("日", "天"):
        return first, [first + timedelta(days=1)]
    # 周一三五: each its own next one. Not in order, 周五二楼, it is something else.
    named = [_WEEKDAY[word] for word in found["wd"] + (found["wd2"] or "")]
    return first, [on(target) for target in named[1:]] if named == sorted(set(named)) else []


def _day_of_month(day: int, today: date) -> date | None:
    year, month = today.year, today.month
    for _ in range(3):
        if day <= calendar.monthrange(year, month)[1] and date(year, month, day) >= today:
            return date(year, month, day)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return None


def place_in_time(pad: Pad) -> None:
    """Put the first day and the clock together into one start and one end."""
    day, start, end = (pad.facts.get(name) for name in ("starts_on", "start_time", "end_time"))
    if day is None or start is None:
        return
    pad.facts["starts_at"] = datetime.combine(day, start, tzinfo=pad.at.tzinfo)
    if day == pad.at.date() and pad.facts["starts_at"] < pad.at:
        days = pad.facts.get("days") or ()
        if len(days) > 1 and pad.facts.get("weekdays"):
            # 每周二四六 said on a Tuesday after its hour begins on Thursday.
            pad.facts |= {"starts_on": days[1], "days": days[1:]}
            return place_in_time(pad)
        pad.note("TIME_PAST")
    if end is not None:
        last = day + timedelta(days=1) if pad.facts.get("overnight") else day
        pad.facts["ends_at"] = datetime.combine(last, end, tzinfo=pad.at.tzinfo)
