"""What an employer can enter about a posting: one small form per row of the preview, and the questions for what is missing."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

import linggong.reference.queries as reference
from linggong.core.clock import local, now, today
from linggong.core.money import BadAmount, parse_yuan, yuan
from linggong.core.refusals import Refused
from linggong.employers.models import Employer
from linggong.postings import circle, entry, pay
from linggong.postings.models import WayIn
from linggong.reference.models import PayUnit
from linggong.web.posting_sheet import MEALS, on_the_quarter, shifts_on, trade_choices

Facts = Mapping[str, Any]
WEEKDAYS = [(str(n), __("周") + word) for n, word in enumerate("一二三四五六日")]
CYCLES = [
    ("DAILY", __("一天一结")), ("ON_COMPLETION", __("干完一起结")), ("WEEKLY", __("一周一结")),
    ("HALF_MONTH", __("半月一结")), ("MONTHLY", __("一月一结")),
]  # fmt: skip
WITHIN = [(24, __("确认后 1 天内付")), (12, __("确认后 12 小时内付")), (48, __("确认后 2 天内付")), (72, __("确认后 3 天内付")),
          (168, __("确认后 7 天内付"))]  # fmt: skip
CALL_OFF = [(120, __("提前 2 小时")), (60, __("提前 1 小时")), (240, __("提前 4 小时")), (720, __("提前 12 小时"))]
WAYS = [
    (WayIn.GRAB, __("先到先得：合适的人一点就定下，来得快")), (WayIn.APPLY, __("我挑人：先报名，你看过再定")),
]  # fmt: skip
DAY = forms.DateInput(attrs={"type": "date", "autocomplete": "off"}, format="%Y-%m-%d")
CLOCK = forms.TimeInput(attrs={"type": "time", "step": "900", "autocomplete": "off"}, format="%H:%M")


CIRCLES = [(0, __("大家都看")), *((m, format_lazy(__("{m} 米内的街坊"), m=m)) for m in circle.CIRCLES)]


class Overtaken(Refused):
    """Another window changed the posting after this one was opened."""

    message = __("这条活在别的窗口改过了。上面是现在的样子，你填的还在，看好了再点一次")


class YuanField(forms.CharField):
    """An amount in yuan, given as fen."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_length=12, widget=widget, **kwargs)

    def clean(self, value: Any) -> int | None:
        said = super().clean(value)
        if not said:
            return None
        if not self.required and said.strip() in ("0", "０"):
            return 0
        try:
            return parse_yuan(said)
        except BadAmount as error:
            raise forms.ValidationError(str(error)) from error


def trade_field() -> forms.ChoiceField:
    """Every trade, by group."""
    return forms.ChoiceField(
        label=__("干什么活"), choices=trade_choices(),
        error_messages={"required": __("选一种活，差不多的就行"), "invalid_choice": __("从列表里选一种活")},
    )  # fmt: skip


def places_field() -> forms.IntegerField:
    """How many people per shift."""
    wrong = __("要几个人？写 1 到 500 之间的整数")
    return forms.IntegerField(
        label=__("要几个人"), min_value=1, max_value=entry.PLACES_MOST,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong),
    )  # fmt: skip


def day_field(label: Any, *, required: bool = True) -> forms.DateField:
    """A day."""
    return forms.DateField(
        label=label, required=required, widget=DAY,
        error_messages={"required": __("哪天干？选一个日子"), "invalid": __("日子没看懂，照 2026-11-25 这样写")},
    )  # fmt: skip


def clock_field(label: Any) -> forms.TimeField:
    """An hour."""
    return forms.TimeField(
        label=label, widget=CLOCK, validators=[on_the_quarter],
        error_messages={"required": __("写几点，比如 8:00"), "invalid": __("时间没看懂，照 8:00 这样写")},
    )  # fmt: skip


def pay_field() -> YuanField:
    """What is paid for one unit."""
    return YuanField(label=__("给多少钱，元"), error_messages={"required": __("给多少钱？写一个数，不能只写面议")})


def unit_field() -> forms.ChoiceField:
    """What the pay is for."""
    named = [
        (unit.value, _("整活一口价") if unit == PayUnit.FIXED else _("一{unit}").format(unit=unit.label))
        for unit in PayUnit
    ]
    return forms.ChoiceField(
        label=__("怎么算"), choices=named, error_messages={"required": __("选一天、一小时、一件还是整活")}
    )


def town_field(employer: Employer, chosen: str = "") -> forms.ChoiceField:
    """The towns and streets of the employer's county, and the one chosen already."""
    county = reference.county_of(employer.division_id)
    towns = [(town.code, town.name) for town in reference.children(county)]
    for code in (employer.division_id, chosen):
        if code and code not in dict(towns):
            towns.insert(0, (code, reference.division(code).name))
    return forms.ChoiceField(
        label=__("哪条街道、哪个乡镇"), choices=towns, error_messages={"invalid_choice": __("从列表里选街道或乡镇")}
    )


def address_field() -> forms.CharField:
    """Where exactly."""
    return forms.CharField(
        label=__("详细地点"), max_length=120, help_text=__("写到门牌，或者说清在哪碰头"),
        error_messages={"required": __("在哪里干？写到街道和门牌"), "max_length": __("地点最多写 120 个字，请删短一点")},
    )  # fmt: skip


def words_field(label: Any, longest: int, *, hint: Any = "", lines: int = 0) -> forms.CharField:
    """Free text that may stay empty."""
    sentence = _("{label}最多写 {n} 个字，请删短一点").format(label=label, n=longest)
    widget = forms.Textarea(attrs={"rows": lines}) if lines else forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(
        label=label,
        max_length=longest,
        required=False,
        help_text=hint,
        widget=widget,
        error_messages={"max_length": sentence},
    )


class Ask(forms.Form):
    """The entries of one question that nobody said yet."""

    def __init__(self, names: Iterable[str], employer: Employer, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        made = {
            "trade": ("trade", trade_field), "headcount": ("places", places_field),
            "date": ("day", lambda: day_field(__("哪天干"))), "start_time": ("start", lambda: clock_field(__("几点开始"))),
            "end_time": ("end", lambda: clock_field(__("干到几点"))), "pay": ("pay", pay_field), "pay_unit": ("pay_unit", unit_field),
        }  # fmt: skip
        for name in names:
            if name == "place":
                self.fields["town"], self.fields["address"] = town_field(employer), address_field()
                self.initial.setdefault("town", employer.division_id)
                continue
            field, make = made[name]
            self.fields[field] = make()
        if "day" in self.fields:
            self.initial.setdefault("day", today() + timedelta(days=1))

    def said(self) -> dict[str, Any]:
        """The answers as entries of the sheet."""
        clean = self.cleaned_data
        told: dict[str, Any] = {
            name: clean[name] for name in ("trade", "places", "pay_unit", "address") if name in clean
        }
        if "pay" in clean:
            told["pay_fen"] = clean["pay"]
        if "day" in clean:
            told["days"] = [clean["day"].isoformat()]
        if "town" in clean:
            told["division"] = clean["town"]
        for name in ("start", "end"):
            if name in clean:
                told[name] = f"{clean[name]:%H:%M}"
        return told


def as_typed(said: Facts) -> dict[str, Any]:
    """Entries of the sheet as they stand in the fields of `Ask`: what was wrong is shown again, not thrown away."""
    shown = {name: said.get(name) for name in ("trade", "places", "pay_unit", "address", "start", "end")}
    if said.get("pay_fen"):
        shown["pay"] = yuan(said["pay_fen"])
    if said.get("days"):
        shown["day"] = said["days"][0]
    return {name: value for name, value in shown.items() if value not in (None, "", [])}


class Row(forms.Form):
    """One row of the preview. Made from the facts of a posting, it gives back the facts that change."""

    def __init__(self, facts: Facts, employer: Employer, data: Any = None) -> None:
        self.before, self.employer = facts, employer
        super().__init__(data, initial=self.start(facts))
        self.build()

    def build(self) -> None:
        """Fields that need the employer or the tables."""

    def start(self, facts: Facts) -> dict[str, Any]:
        """What stands in the fields."""
        return {name: facts.get(name) for name in self.base_fields}

    def facts(self) -> dict[str, Any]:
        """What changes."""
        return dict(self.cleaned_data)


class Work(Row):
    """What is to be done."""

    title = words_field(__("标题"), 40)
    content = words_field(__("具体做什么"), 600, lines=4, hint=__("干什么、搬多重、几楼，工友看得到"))

    def build(self) -> None:
        self.fields = {"trade": trade_field(), **self.fields}

    def start(self, facts: Facts) -> dict[str, Any]:
        return {name: facts.get(name) for name in ("trade", "title", "content")}


class People(Row):
    """How many, and how they come."""

    way_in = forms.ChoiceField(label=__("怎么招"), choices=WAYS, widget=forms.RadioSelect)
    circle_m = forms.TypedChoiceField(
        label=__("给谁看"), choices=CIRCLES, coerce=int, empty_value=0, required=False,
        help_text=__("选街坊，附近的人在“在我们附近”里看得到；站里开了先看时间的，街坊先看"),
    )  # fmt: skip

    def build(self) -> None:
        self.fields = {"places": places_field(), **self.fields}
        if self.before.get("way_in") == WayIn.DISPATCH:
            del self.fields["way_in"]

    def start(self, facts: Facts) -> dict[str, Any]:
        return {name: facts.get(name) for name in ("places", "way_in", "circle_m")}


class When(Row):
    """Which days and hours. The days as they are stay as they are unless first, last or weekdays are changed."""

    first_day = day_field(__("从哪天"))
    last_day = day_field(__("到哪天"), required=False)
    weekdays = forms.MultipleChoiceField(
        label=__("只在周几干（不选就是每天）"), choices=WEEKDAYS, required=False, widget=forms.CheckboxSelectMultiple
    )
    start_at = clock_field(__("几点开始"))
    end_at = clock_field(__("干到几点"))
    break_minutes = forms.IntegerField(
        label=__("中间歇多久，分钟"), min_value=0, max_value=600, required=False, widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": __("写分钟数，比如 60"), "min_value": __("写 0 或更多"), "max_value": __("最多 600 分钟")},
    )  # fmt: skip

    def _shifts(self) -> list[Facts]:
        moment = now()
        return [row for row in self.before.get("shifts", []) if row["starts_at"] > moment] or list(
            self.before.get("shifts", [])
        )

    def _days(self) -> list[date]:
        return [local(row["starts_at"]).date() for row in self._shifts()]

    def _weekdays(self) -> list[str]:
        days = sorted(set(self._days()))
        named = sorted({day.weekday() for day in days})
        every = entry.days_between(days[0], days[-1], named)
        return (
            [str(n) for n in named]
            if len(days) > 1 and every == days and len(named) < 7 and len(every) > len(named)
            else []
        )

    def start(self, facts: Facts) -> dict[str, Any]:
        rows = self._shifts()
        first, days = rows[0], self._days()
        return {
            "first_day": days[0], "last_day": days[-1] if len(days) > 1 else None, "weekdays": self._weekdays(),
            "start_at": local(first["starts_at"]).time(), "end_at": local(first["ends_at"]).time(),
            "break_minutes": first.get("break_minutes") or 0,
        }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        first, last = said.get("first_day"), said.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("最后一天要在第一天以后，只干一天就空着"))
        elif first and last and not entry.days_between(first, last, [int(n) for n in said.get("weekdays", [])]):
            self.add_error("weekdays", _("这几天里没有选的周几，换一下"))
        return said

    def facts(self) -> dict[str, Any]:
        said = self.cleaned_data
        first, last = said["first_day"], said["last_day"] or said["first_day"]
        asked = (first, said["last_day"], said["weekdays"])
        same = asked == (self.initial["first_day"], self.initial["last_day"], self.initial["weekdays"])
        days = self._days() if same else entry.days_between(first, last, [int(n) for n in said["weekdays"]])
        return {"shifts": shifts_on(days, said["start_at"], said["end_at"], said["break_minutes"] or 0)}


class Where(Row):
    """The place of work. `here` is a position taken with the phone at the site."""

    address = address_field()
    meeting_point = words_field(__("碰头的地方"), 80, hint=__("比如南门保安亭"))
    lat = forms.FloatField(min_value=3, max_value=54, required=False, widget=forms.HiddenInput)
    lng = forms.FloatField(min_value=73, max_value=136, required=False, widget=forms.HiddenInput)

    def build(self) -> None:
        self.fields = {"town": town_field(self.employer, self.before.get("division") or ""), **self.fields}

    def start(self, facts: Facts) -> dict[str, Any]:
        told = {name: facts.get(name) for name in ("address", "meeting_point")}
        return told | {"town": facts.get("division") or self.employer.division_id}

    def facts(self) -> dict[str, Any]:
        said = self.cleaned_data
        told = {"division": said["town"], "address": said["address"], "meeting_point": said["meeting_point"]}
        if said.get("lat") is not None and said.get("lng") is not None:
            return told | {"lat": said["lat"], "lng": said["lng"]}
        same = (said["town"], said["address"]) == (self.initial["town"], self.initial["address"])
        if same:
            return told
        if said["address"] == self.employer.address:
            return told | {"lat": self.employer.lat, "lng": self.employer.lng}
        return told | {"lat": None, "lng": None}


class Pay(Row):
    """The wage and when it is paid."""

    pay_cycle = forms.ChoiceField(label=__("多久结一次"), choices=CYCLES)
    pay_within_hours = forms.TypedChoiceField(label=__("最晚什么时候付"), choices=WITHIN, coerce=int)
    pay_note = words_field(__("工钱说明"), 80, hint=__("比如加班另算"))

    def build(self) -> None:
        more = dict(self.fields)
        quantity = forms.DecimalField(
            label=__("一共大概多少"), required=False, max_digits=9, decimal_places=2, min_value=Decimal("0.01"),
            help_text=__("按件、按吨算的写总数，系统估每人多少"), widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            error_messages={"invalid": __("写一个数，比如 30"), "min_value": __("要大于 0")},
        )  # fmt: skip
        self.fields = {"pay": pay_field(), "pay_unit": unit_field(), "quantity": quantity, **more}
        within = self.before.get("pay_within_hours")
        if within not in dict(WITHIN):
            self.fields["pay_within_hours"].choices = [*WITHIN, (within, _("确认后 {n} 小时内付").format(n=within))]

    def start(self, facts: Facts) -> dict[str, Any]:
        told = {name: facts.get(name) for name in ("pay_unit", "quantity", "pay_cycle", "pay_within_hours", "pay_note")}
        return told | {"pay": yuan(facts["pay_fen"]) if facts.get("pay_fen") else ""}

    def facts(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        return said | {
            "pay_fen": said.pop("pay"),
            "quantity": None if said["quantity"] is None else str(said["quantity"]),
        }


class Board(Row):
    """Meals, lodging, the way there, tools."""

    meals = forms.ChoiceField(label=__("管饭"), choices=MEALS)
    lodging = forms.BooleanField(label=__("管住"), required=False)
    transport = words_field(__("接送"), 60, hint=__("比如 6:30 北门有车接"))
    tools = words_field(__("工具"), 60, hint=__("谁出工具，要带什么"))


class Wants(Row):
    """What is asked of the worker."""

    wishes = words_field(__("要求"), 600, lines=3, hint=__("一行写一条，最多 10 条。不写就是谁都行"))
    age_low = forms.IntegerField(label=__("最小年龄"), min_value=0, max_value=120, required=False)
    age_high = forms.IntegerField(label=__("最大年龄"), min_value=0, max_value=120, required=False)
    age_reason = words_field(__("为什么限年龄"), 80)

    def start(self, facts: Facts) -> dict[str, Any]:
        told = {name: facts.get(name) for name in ("age_low", "age_high", "age_reason")}
        return told | {"wishes": "\n".join(row["text"] for row in facts.get("requirements") or [])}

    def facts(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        lines = [" ".join(line.split()) for line in said.pop("wishes").splitlines()]
        return said | {"requirements": wishes(lines, self.before.get("requirements") or [])}


def wishes(lines: Iterable[str], before: Iterable[Facts]) -> list[Facts]:
    """Lines as requirements; a line that stood there before keeps its certificate."""
    known = {row["text"]: row for row in before}
    return [known.get(line) or {"text": line, "hard": False, "certificate": ""} for line in lines if line]


class Cover(Row):
    """Accident cover: on unless the employer says why not (FJ-43b)."""

    insured = forms.ChoiceField(
        label=__("意外险"),
        choices=[("yes", __("给工友买，保费你出")), ("no", __("这次不买"))],
        widget=forms.RadioSelect,
    )
    uninsured_reason = words_field(__("不买的原因"), 80, hint=__("工友报名前会看到"))

    def start(self, facts: Facts) -> dict[str, Any]:
        return {
            "insured": "yes" if facts.get("insured", True) else "no",
            "uninsured_reason": facts.get("uninsured_reason", ""),
        }

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if said.get("insured") == "no" and not (said.get("uninsured_reason") or "").strip():
            self.add_error("uninsured_reason", _("不买要写一句原因，工友报名前会看到"))
        return said

    def facts(self) -> dict[str, Any]:
        bought = self.cleaned_data["insured"] == "yes"
        return {"insured": bought, "uninsured_reason": "" if bought else self.cleaned_data["uninsured_reason"]}


class Rain(Row):
    """Until when a shift may be called off for nothing, and what a wasted trip is worth."""

    call_off_minutes = forms.TypedChoiceField(label=__("下雨不干，最晚什么时候说"), choices=CALL_OFF, coerce=int)
    wasted = YuanField(label=__("说晚了，白跑一趟补多少，元"), required=False, help_text=__("不补就清空"))

    def build(self) -> None:
        if not self.before.get("wasted_trip_fen") and (offer := self._suggested(self.before)):
            words = _("建议 {sum} 元：一班工钱的一部分，够来回路费和误工。你可以改，不补就清空")
            self.fields["wasted"].help_text = words.format(sum=yuan(offer))
        minutes = self.before.get("call_off_minutes")
        if minutes not in dict(CALL_OFF):
            self.fields["call_off_minutes"].choices = [*CALL_OFF, (minutes, _("提前 {n} 分钟").format(n=minutes))]

    def start(self, facts: Facts) -> dict[str, Any]:
        sum_fen = facts.get("wasted_trip_fen") or self._suggested(facts)
        return {"call_off_minutes": facts.get("call_off_minutes"), "wasted": yuan(sum_fen) if sum_fen else ""}

    def _suggested(self, facts: Facts) -> int:
        """A share of one shift's pay, by the region's setting: the employer sees why and may write another sum."""
        rows = facts.get("shifts") or []
        if not rows or not facts.get("pay_fen"):
            return 0
        first = rows[0]
        minutes = pay.worked_minutes(first["starts_at"], first["ends_at"], first.get("break_minutes") or 0)
        each = pay.estimate(
            facts["pay_fen"], facts["pay_unit"], minutes=minutes, quantity=facts.get("quantity"), places=facts["places"],
            shifts=len(rows),
        )  # fmt: skip
        place = facts.get("division") or self.employer.division_id
        percent = reference.setting("wasted_trip_percent", division_code=place, on=today())
        return pay.wasted_trip_fen(each, percent=percent)

    def facts(self) -> dict[str, Any]:
        return {
            "call_off_minutes": self.cleaned_data["call_off_minutes"],
            "wasted_trip_fen": self.cleaned_data["wasted"] or 0,
        }


ROWS: dict[str, type[Row]] = {
    "work": Work, "people": People, "when": When, "where": Where, "pay": Pay, "board": Board, "wants": Wants, "cover": Cover,
    "rain": Rain,
}  # fmt: skip
ROW_OF = {
    "title": "work", "content": "work", "trade": "work", "places": "people", "way_in": "people", "shifts": "when",
    "starts_at": "when", "ends_at": "when", "break_minutes": "when", "address": "where", "meeting_point": "where",
    "division": "where", "pay": "pay", "pay_fen": "pay", "pay_unit": "pay", "quantity": "pay", "pay_cycle": "pay",
    "pay_within_hours": "pay", "pay_note": "pay", "meals": "board", "lodging": "board", "transport": "board",
    "tools": "board", "requirements": "wants", "age_low": "wants", "age_high": "wants", "age_reason": "wants",
    "hazards": "work", "insured": "cover", "uninsured_reason": "cover", "call_off_minutes": "rain",
    "wasted_trip_fen": "rain",
}  # fmt: skip
"""Which row of the preview holds a fact, to show what is wrong where it can be put right."""


def show_refusal(form: Row, fields: Mapping[str, str]) -> None:
    """Put the sentences of a refusal at the form's own fields, the rest on top."""
    names = {"pay_fen": "pay", "starts_at": "first_day", "ends_at": "end_at", "shifts": "first_day", "requirements": "wishes",
             "wasted_trip_fen": "wasted", "division": "town"}  # fmt: skip
    for name, words in fields.items():
        here = name if name in form.fields else names.get(name, "")
        form.add_error(here if here in form.fields else None, words)
