"""W8: today. Where it stands, one circle to press, the facts, and a way out when something is wrong."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

import linggong.engagements.actions as living
import linggong.engagements.queries as deals
from linggong.core.clock import at, now, today
from linggong.core.once import once
from linggong.core.refusals import Refused
from linggong.engagements.actions.attendance import OPENS_BEFORE, minutes_worked, pressed
from linggong.engagements.models import Attendance, Stage, State
from linggong.postings import pay
from linggong.postings.pay import WHOLE_UNITS
from linggong.reference.geo import distance_m
from linggong.reference.models import COUNTED_UNITS, PayUnit
from linggong.web.place import place_of
from linggong.web.templatetags.parts import clock, day, distance, span, yuan
from linggong.web.worker import gate, rows

STEPS = (gettext_lazy("定下"), gettext_lazy("打卡"), gettext_lazy("干活"), gettext_lazy("确认"), gettext_lazy("到账"))
REACHED = {
    Stage.EXPECTED: 1,
    Stage.CHECKED_IN: 2,
    Stage.IN_PROGRESS: 2,
    Stage.WORK_DONE: 3,
    Stage.ENDED_EARLY: 3,
    Stage.ACCIDENT: 3,
    Stage.QUANTITY_DISPUTED: 3,
    Stage.COMPLETION_CONFIRMED: 4,
    Stage.AUTO_CONFIRMED: 4,
    Stage.PAY_DUE: 4,
    Stage.ARREARS: 4,
    Stage.PAID: 5,
    Stage.CLOSED: 5,
}
QUITE_OVER = timedelta(minutes=30)
OPEN_WORDS = gettext_lazy("{at} 才能打")


class Press(forms.Form):
    """What a press of the circle brings: a position, a code, when it was pressed, whether it is as told."""

    key = forms.CharField(max_length=40)
    lat = forms.FloatField(required=False, min_value=-90, max_value=90)
    lng = forms.FloatField(required=False, min_value=-180, max_value=180)
    code = forms.CharField(required=False, max_length=12, error_messages={"max_length": gettext_lazy("码是 6 位数字")})
    pressed_at = forms.CharField(required=False, max_length=40)
    as_told = forms.ChoiceField(required=False, choices=[("", ""), ("yes", "yes"), ("no", "no")])

    def clean_pressed_at(self) -> datetime | None:
        """The moment on the phone, or None where it makes no sense: then the moment it was received counts."""
        try:
            said = parse_datetime(self.cleaned_data["pressed_at"])
        except ValueError:
            return None
        return said if said is not None and said.tzinfo is not None else None


class Done(forms.Form):
    """How much was done, where the pay is counted."""

    key = forms.CharField(max_length=40, widget=forms.HiddenInput)
    pressed_at = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    quantity = forms.DecimalField(
        max_digits=9,
        decimal_places=2,
        min_value=Decimal("0.01"),
        label=gettext_lazy("干了多少"),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={
            "required": gettext_lazy("写上数量，点好的数就行"),
            "invalid": gettext_lazy("只写数字，比如 20 或 20.5"),
            "min_value": gettext_lazy("数量要大于 0"),
            "max_digits": gettext_lazy("这个数太大了，再看一眼"),
            "max_whole_digits": gettext_lazy("这个数太大了，再看一眼"),
            "max_decimal_places": gettext_lazy("小数最多两位"),
        },
    )

    clean_pressed_at = Press.clean_pressed_at


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """`/today/`: the shift at hand; `?at=CODE` where there are two in a day."""
    return _show(request, _at_hand(request))


@require_POST
def check_in(request: HttpRequest, code: str) -> HttpResponse:
    """到岗打卡, by position, QR or the six digits. A press without network arrives later with its own time."""
    attendance, form = rows.own_attendance(request, code), Press(request.POST)
    if not form.is_valid():
        return _show(request, attendance, refusal=Refused(_("这一下没看懂，再点一次")), status=422)
    said = form.cleaned_data
    how = "gps" if not said["code"] else "qr" if request.POST.get("scanned") else "code"

    def do() -> dict[str, Any]:
        living.check_in(
            attendance,
            how=how,
            by=request.user,
            lat=said["lat"],
            lng=said["lng"],
            code=said["code"],
            as_told={"yes": True, "no": False}.get(said["as_told"]),
            pressed_at=said["pressed_at"],
        )
        return {}

    done = "in_other" if said["as_told"] == "no" else "in"
    return _act(request, attendance, f"in:{said['key']}", do, done, again=gate.show if said["code"] else None)


@require_GET
def out_page(request: HttpRequest, code: str) -> HttpResponse:
    """`/today/<code>/out/`: 收工 where the pay is counted asks how much."""
    return _out(request, rows.own_attendance(request, code), Done())


@require_POST
def check_out(request: HttpRequest, code: str) -> HttpResponse:
    """收工: for paid time one tap, for counted pay with the quantity."""
    attendance = rows.own_attendance(request, code)
    form = Done(request.POST)
    if attendance.engagement.posting.pay_unit not in COUNTED_UNITS:
        form.fields.pop("quantity")
    if not form.is_valid():
        return _out(request, attendance, form, status=422)
    said = form.cleaned_data
    if _too_soon(attendance, pressed(said["pressed_at"], now())):
        return redirect(f"/today/{attendance.code}/early/")

    def do() -> dict[str, Any]:
        living.check_out(
            attendance,
            by=request.user,
            quantity=said.get("quantity"),
            pressed_at=said["pressed_at"],
        )
        return {}

    return _act(request, attendance, f"out:{said['key']}", do, "out")


@require_GET
def early_page(request: HttpRequest, code: str) -> HttpResponse:
    """`/today/<code>/early/`: what stopping early means, and why."""
    return _early(request, rows.own_attendance(request, code))


@require_POST
def end_early(request: HttpRequest, code: str) -> HttpResponse:
    """提前收工."""
    attendance = rows.own_attendance(request, code)
    because = request.POST.get("because", "")
    if because not in EARLY_WHY:
        return _early(request, attendance, refusal=Refused(_("点一个原因再交")), status=422)

    def do() -> dict[str, Any]:
        living.end_early(attendance, because=because, by=request.user)
        return {}

    return _act(request, attendance, f"early:{rows.key_of(request)}", do, "early")


@require_GET
def wasted_page(request: HttpRequest, code: str) -> HttpResponse:
    """`/today/<code>/wasted/`: came and there was no work."""
    attendance = rows.own_attendance(request, code)
    fen = attendance.engagement.posting.wasted_trip_fen
    text = (
        _("老板说好白跑一趟补 {fen} 元。点了就告诉老板和站里。").format(fen=yuan(fen))
        if fen
        else _("这个活没写补偿。点了站里会知道，老板的口碑也记上。")
    )
    return render(
        request,
        "worker/confirm.html",
        {
            "title": _("没活干，白跑了"),
            "back": f"/today/?at={attendance.code}",
            "note": {"lead": _("先给老板打个电话。"), "text": text},
            "action": f"/today/{attendance.code}/wasted/claim/",
            "label": _("白跑了"),
        },
    )


@require_POST
def claim_wasted(request: HttpRequest, code: str) -> HttpResponse:
    """The worker came for nothing."""
    attendance = rows.own_attendance(request, code)

    def do() -> dict[str, Any]:
        living.wasted_trip(attendance, by=request.user)
        return {}

    return _act(request, attendance, f"wasted:{rows.key_of(request)}", do, "wasted")


@require_POST
def accept_uncovered(request: HttpRequest, code: str) -> HttpResponse:
    """今天没保险: seen, and still coming."""
    attendance = rows.own_attendance(request, code)

    def do() -> dict[str, Any]:
        living.accept_uncovered(attendance, by=request.user)
        return {}

    return _act(request, attendance, f"bare:{rows.key_of(request)}", do, "uncovered")


# --- the inside ----------------------------------------------------------------------------------------------

EARLY_WHY = {
    "unwell": gettext_lazy("身体不舒服"),
    "home": gettext_lazy("家里有事"),
    "done": gettext_lazy("活干完了"),
    "unsafe": gettext_lazy("不安全"),
    "boss": gettext_lazy("老板让停的"),
    "weather": gettext_lazy("天气不行"),
}
WHY_ICONS = {
    "unwell": "thermometer",
    "home": "home",
    "done": "circle-check",
    "unsafe": "alert-triangle",
    "boss": "user",
    "weather": "cloud-rain",
}


def _act(
    request: HttpRequest, attendance: Attendance, key: str, do: Any, done: str, *, again: Any = None
) -> HttpResponse:
    """Run one act once; what stands in its way is shown on the page as it is now, `again` the one it came from."""
    try:
        once(f"{request.user.code}:{key}", {"attendance": attendance.code, "done": done}, do)
    except Refused as refusal:
        fresh = rows.own_attendance(request, attendance.code)
        show = again if again is not None and fresh.state == Stage.EXPECTED else _show
        return show(request, fresh, refusal=refusal, status=refusal.status)
    return redirect(f"/today/?at={attendance.code}&done={done}")


def _at_hand(request: HttpRequest) -> Attendance | None:
    if asked := request.GET.get("at", ""):
        return rows.own_attendance(request, asked[:10])
    moment = now()
    mine = _today(request)
    for one in mine:
        if one.state in rows.AT_WORK or (one.state == Stage.EXPECTED and one.shift.ends_at > moment):
            return one
    return mine[-1] if mine else None


def _today(request: HttpRequest) -> list[Attendance]:
    if not hasattr(request, "_today"):
        start, end = at(today(), 0), at(today(), 24)
        mine = deals.attendances(engagement__worker=request.worker).exclude(state=Stage.CANCELLED)
        now_or_today = Q(shift__starts_at__lt=end, shift__ends_at__gt=start) | Q(state__in=rows.AT_WORK)
        request._today = list(mine.filter(now_or_today)[:6])
    return request._today


def _show(
    request: HttpRequest, attendance: Attendance | None, *, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    moment = now()
    facts: dict[str, Any] = {"title": _("今天的活"), "said": rows.said(request), "refusal": refusal}
    if attendance is None:
        following = deals.next_of_worker(request.worker, moment)
        if following is not None:
            posting = following.engagement.posting
            facts["ticket"] = {
                "url": f"/shifts/{following.engagement.code}/",
                "starts_at": following.shift.starts_at,
                "title": posting.title,
                "place_text": posting.address,
            }
        return render(request, "worker/today.html", facts, status=status)
    posting = attendance.engagement.posting
    facts |= {
        "one": attendance,
        "deal": attendance.engagement,
        "posting": posting,
        **rows.picture(posting),
        "tag": rows.stage_tag(attendance, moment),
        "steps": _steps(attendance),
        "facts": _facts(attendance),
        "others": [
            rows.attendance_row(a, moment)
            | {
                "url": f"/today/?at={a.code}",
                "title": a.engagement.posting.title,
                "detail": span(a.shift.starts_at, a.shift.ends_at),
            }
            for a in _today(request)
            if a.pk != attendance.pk
        ],
        "uncovered": attendance.uncovered_reason if not attendance.uncovered_accepted_at else "",
        "key": rows.fresh_key(),
        "told_chips": gate.told(),
        "at_work": attendance.state in rows.AT_WORK,
        "ahead": attendance.state == Stage.EXPECTED,
        "reaccept": attendance.engagement.state == State.REACCEPT,
        "can_waste": attendance.state in (Stage.EXPECTED, Stage.CHECKED_IN) and moment >= attendance.shift.starts_at,
        "pay_page": f"/shifts/at/{attendance.code}/",
    }
    if attendance.state == Stage.EXPECTED:
        facts["punch"] = _in_circle(request, attendance, moment)
        facts["missing"] = deals.readiness(attendance).missing if not facts["uncovered"] else []
    elif attendance.state in rows.AT_WORK:
        facts |= {"punch": _out_circle(attendance, moment), "told_chips": None}
    return render(request, "worker/today.html", facts, status=status)


def _in_circle(request: HttpRequest, attendance: Attendance, moment: datetime) -> dict[str, Any]:
    shift, posting, place = attendance.shift, attendance.engagement.posting, place_of(request)
    opens = shift.starts_at - OPENS_BEFORE
    off = (
        _("{at} 才能打").format(at=clock(opens))
        if moment < opens
        else _("这一班结束了")
        if moment >= shift.ends_at
        else ""
    )
    if off and day(opens) != day(moment) and moment < opens:
        off = f"{day(opens)} {off}"
    away = distance_m(place.lat, place.lng, posting.lat, posting.lng) if place.exact and not place.code else None
    return {
        "action": f"/today/{attendance.code}/check-in/",
        "verb": _("到岗打卡"),
        "at": clock(moment),
        "off": off,
        "rule": _("{at} 开始").format(at=clock(shift.starts_at)),
        "far": away is not None and away > 500,
        "where": _("离工地 {far}").format(far=distance(away)) if away is not None else "",
        "scan_url": "" if off else f"/today/{attendance.code}/code/",
        "ask_url": f"/shifts/{attendance.engagement.code}/call/",
    }


def _out_circle(attendance: Attendance, moment: datetime) -> dict[str, Any]:
    shift, unit = attendance.shift, attendance.engagement.posting.pay_unit
    soon = _too_soon(attendance, moment)
    off = _("{at} 收工").format(at=clock(shift.ends_at)) if soon else ""
    return {
        "action": f"/today/{attendance.code}/check-out/",
        "verb": _("收工"),
        "at": clock(moment),
        "off": off,
        "rule": _("说好到 {at}").format(at=clock(shift.ends_at)),
        "counted": unit in COUNTED_UNITS,
        "out_url": f"/today/{attendance.code}/out/",
    }


def _too_soon(attendance: Attendance, moment: datetime) -> bool:
    """A day or a shift paid whole ends near its end; stopping before is 提前收工, paid in proportion."""
    unit = attendance.engagement.posting.pay_unit
    whole = unit in WHOLE_UNITS or unit == PayUnit.MONTH
    return whole and moment < attendance.shift.ends_at - QUITE_OVER


def _steps(attendance: Attendance) -> list[dict[str, Any]]:
    reached = REACHED.get(Stage(attendance.state))
    return rows.steps(STEPS, reached) if reached is not None else []


def _facts(attendance: Attendance) -> list[dict[str, Any]]:
    shift, posting = attendance.shift, attendance.engagement.posting
    rest = _("，中间歇 {n} 分钟").format(n=shift.break_minutes) if shift.break_minutes else ""
    found = [
        {"icon": "clock", "value": span(shift.starts_at, shift.ends_at), "detail": rest},
        {
            "icon": "map-pin",
            "value": posting.address,
            "detail": f"，{posting.meeting_point}" if posting.meeting_point else "",
        },
    ]
    if posting.tools:
        found.append({"icon": "tool", "value": _("带上"), "detail": posting.tools})
    if posting.contact_name:
        found.append({"icon": "user", "value": posting.contact_name, "detail": _("，到了找他")})
    if attendance.checked_in_at:
        found.append({"icon": "login", "value": _("{at} 打的卡").format(at=clock(attendance.checked_in_at))})
    if attendance.minutes and attendance.checked_out_at:
        found.append(
            {
                "icon": "logout",
                "value": _("{at} 收工").format(at=clock(attendance.checked_out_at)),
                "detail": f"，{rows.worked_words(attendance)}",
            }
        )
    return found


def _out(request: HttpRequest, attendance: Attendance, form: Done, *, status: int = 200) -> HttpResponse:
    posting = attendance.engagement.posting
    if posting.pay_unit not in COUNTED_UNITS:
        return redirect(f"/today/?at={attendance.code}")
    return render(
        request,
        "worker/form.html",
        {
            "title": _("收工"),
            "back": f"/today/?at={attendance.code}",
            "form": form,
            "units": posting.get_pay_unit_display(),
            "unit_field": "quantity",
            "action": f"/today/{attendance.code}/check-out/",
            "label": _("收工"),
            "queue": _("已记下，有网自动补"),
            "note": {
                "lead": _("按 {rate} 元一{unit}算。").format(
                    rate=yuan(posting.pay_fen), unit=posting.get_pay_unit_display()
                ),
                "text": _("写你点好的数，老板也会点一遍。"),
            },
        },
        status=status,
    )


def _early_pay(attendance: Attendance) -> str:
    """What stopping now would come to, before the tap; counted work is paid by the count instead."""
    posting = attendance.engagement.posting
    if posting.pay_unit in COUNTED_UNITS:
        return _("干了的照付。")
    minutes = minutes_worked(attendance, now())
    fen = pay.pay_for(attendance.engagement.terms, minutes=minutes, shift=attendance.shift.code, ended_early=True)
    return _("干了的照付，现在收工大约 {yuan} 元。").format(yuan=yuan(fen))


def _early(
    request: HttpRequest, attendance: Attendance, *, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    return render(
        request,
        "worker/reasons.html",
        {
            "title": _("提前收工"),
            "back": f"/today/?at={attendance.code}",
            "refusal": refusal,
            "legend": _("为什么提前"),
            "options": [{"value": key, "title": words, "icon": WHY_ICONS[key]} for key, words in EARLY_WHY.items()],
            "name": "because",
            "note": {
                "lead": _early_pay(attendance),
                "text": _("按干了多久算，老板确认后付。和老板说一声再走。"),
                "tone": "info",
            },
            "action": f"/today/{attendance.code}/end-early/",
            "label": _("提前收工"),
        },
        status=status,
    )
