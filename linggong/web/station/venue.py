"""The head's page: who works here, who is rung at night, when the doors are open. Choosing a venue is for everybody."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.views.decorators.http import require_GET, require_POST

import linggong.accounts.queries as accounts
import linggong.venues.actions as actions
import linggong.venues.queries as venues
from linggong.accounts import ids
from linggong.accounts.models import User
from linggong.core.clock import at, now
from linggong.core.refusals import Refused
from linggong.venues.models import Duty, OnCall, Venue
from linggong.web.desk import VENUE_KEY
from linggong.web.station import frame
from linggong.web.station.frame import HEAD, only

AHEAD = timedelta(days=14)
WEEK = "一二三四五六日"
CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class StaffForm(forms.Form):
    """A colleague by phone."""

    phone = forms.CharField(
        label=__("手机号"),
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
        error_messages={"required": __("手机号没填，一共 11 位"), "max_length": __("手机号是 11 位，这里太长了")},
    )
    duty = forms.ChoiceField(
        label=__("岗位"), choices=[("", __("选一个")), *Duty.choices], error_messages={"required": __("选一个岗位")}
    )

    def clean_phone(self) -> str:
        """The person must be known already."""
        try:
            phone = ids.valid_phone(self.cleaned_data["phone"])
        except ids.BadPhone as bad:
            raise forms.ValidationError(str(bad)) from bad
        self.user = accounts.by_phone(phone)
        if self.user is None:
            raise forms.ValidationError(_("这个号还没登记，请他先登录一次再加"))
        return phone


class DutyForm(forms.Form):
    """Who is rung from when to when."""

    who = forms.ChoiceField(label=__("谁值班"), error_messages={"required": __("选一位审活员")})
    day = forms.DateField(
        label=__("哪天"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": __("选哪一天"), "invalid": __("日期写成 2026-12-01 这样")},
    )
    start = forms.TimeField(
        label=__("几点起"),
        widget=CLOCK,
        error_messages={"required": __("几点开始"), "invalid": __("时间写成 20:00 这样")},
    )
    end = forms.TimeField(
        label=__("到几点"),
        widget=CLOCK,
        error_messages={"required": __("到几点"), "invalid": __("时间写成 08:00 这样")},
    )
    rank = forms.ChoiceField(
        label=__("先打给谁"), choices=[("1", __("先打")), ("2", __("第二个打")), ("3", __("第三个打"))]
    )

    def __init__(self, people: list[User], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["who"].choices = [(p.code, p.name) for p in people]
        self.people = {p.code: p for p in people}

    def window(self) -> tuple[datetime, datetime]:
        """An end that is not after the start lies on the next day."""
        said = self.cleaned_data
        starts = at(said["day"], said["start"].hour, said["start"].minute)
        ends = at(said["day"], said["end"].hour, said["end"].minute)
        return starts, ends if ends > starts else ends + timedelta(days=1)


class HoursForm(forms.Form):
    """Seven days; both empty: shut."""

    def __init__(self, hours: list[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        week = hours or [None] * 7
        for n, word in enumerate(WEEK):
            pair = week[n] or ("", "")
            for part, label, value in (("o", _("周{d} 开门"), pair[0]), ("c", _("周{d} 关门"), pair[1])):
                field = forms.TimeField(
                    label=label.format(d=word),
                    required=False,
                    initial=value,
                    widget=CLOCK,
                    error_messages={"invalid": _("时间写成 08:30 这样")},
                )
                self.fields[f"{part}{n}"] = field

    def week(self) -> list[list[str] | None]:
        """As venues.hours keeps it."""
        said = self.cleaned_data
        pairs = [(said.get(f"o{n}"), said.get(f"c{n}")) for n in range(7)]
        return [[f"{o:%H:%M}", f"{c:%H:%M}"] if o and c else None for o, c in pairs]


class CircleForm(forms.Form):
    """How long neighbours' work is theirs alone; 0 is off."""

    minutes = forms.IntegerField(
        label=__("街坊先看几分钟（0 就是不开）"), min_value=0, max_value=240,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={"required": __("写几分钟，不开就写 0"), "invalid": __("写一个数"),
                        "max_value": __("最多 240 分钟"), "min_value": __("最少 0 分钟")},
    )  # fmt: skip


class TurnForm(forms.Form):
    """How the window orders who is sent; both off: by the published points."""

    by_turn = forms.BooleanField(label=__("轮流派：没活天数多的先派"), required=False)
    by_draw = forms.BooleanField(label=__("早上摇号：拿了号的按摇出来的先后派"), required=False)


def _mine(request: HttpRequest) -> Venue:
    if request.venue is None or Duty.HEAD not in venues.works_at(request.user, request.venue):
        raise Http404
    return request.venue


@require_GET
@only(HEAD)
def home(request: HttpRequest) -> HttpResponse:
    """`/desk/venue/`."""
    return _page(request, _mine(request))


def _page(
    request: HttpRequest,
    venue: Venue,
    *,
    staff: forms.Form | None = None,
    duty: forms.Form | None = None,
    hours: forms.Form | None = None,
    circle: forms.Form | None = None,
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    moment = now()
    people = venues.reviewers(venues.serves(venue))
    facts = {
        "title": _("本站"),
        "venue": venue,
        "staff": list(venues.staff_of(venue)),
        "staff_form": staff or StaffForm(),
        "duty_form": duty or DutyForm(people),
        "hours_form": hours or HoursForm(venue.hours),
        "circle_form": circle or CircleForm(initial={"minutes": venue.circle_minutes}),
        "turn_form": TurnForm(initial={"by_turn": venue.by_turn, "by_draw": venue.by_draw}),
        "refusal": refusal,
        "on_call": list(venues.on_call_of(venue, moment, moment + AHEAD)),
        "posts": request.venues,
        "is_open": venues.is_open(venue, moment),
    }
    return frame.show(request, "venue.html", facts, status=status)


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Which venue this desk is, for somebody who works at several."""
    code = request.POST.get("venue", "")
    if code not in {venue.code for venue in request.venues}:
        raise Http404
    request.session[VENUE_KEY] = code
    return redirect("/desk/")


@require_POST
@only(HEAD)
def add_staff(request: HttpRequest) -> HttpResponse:
    """加人."""
    venue, form = _mine(request), StaffForm(request.POST)
    if not form.is_valid():
        return _page(request, venue, staff=form, status=422)
    try:
        actions.add_staff(venue, form.user, form.cleaned_data["duty"], by=request.user)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, venue, staff=form, status=refusal.status)
    return redirect("/desk/venue/")


@require_POST
@only(HEAD)
def end_staff(request: HttpRequest) -> HttpResponse:
    """不在这岗了. Nobody takes away their own last key: the head is ended by another head or the bureau."""
    venue = _mine(request)
    user, duty = accounts.by_code(request.POST.get("who", "")[:12]), request.POST.get("duty", "")
    if user is None or user == request.user:
        raise Http404
    actions.end_staff(venue, user, duty, by=request.user)
    return redirect("/desk/venue/")


@require_POST
@only(HEAD)
def add_duty(request: HttpRequest) -> HttpResponse:
    """排值班."""
    venue = _mine(request)
    form = DutyForm(venues.reviewers(venues.serves(venue)), request.POST)
    if not form.is_valid():
        return _page(request, venue, duty=form, status=422)
    starts, ends = form.window()
    try:
        actions.set_on_call(
            venue, form.people[form.cleaned_data["who"]], starts, ends, int(form.cleaned_data["rank"]), by=request.user
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, venue, duty=form, status=refusal.status)
    return redirect("/desk/venue/")


@require_POST
@only(HEAD)
def drop_duty(request: HttpRequest, pk: int) -> HttpResponse:
    """不值这班."""
    row = OnCall.objects.filter(pk=pk, venue=_mine(request)).first()
    if row is None:
        raise Http404
    actions.drop_on_call(row, by=request.user)
    return redirect("/desk/venue/")


@require_POST
@only(HEAD)
def change_hours(request: HttpRequest) -> HttpResponse:
    """改开放时间."""
    venue = _mine(request)
    form = HoursForm(venue.hours, request.POST)
    if not form.is_valid():
        return _page(request, venue, hours=form, status=422)
    try:
        actions.change_venue(venue, hours=form.week(), by=request.user)
    except Refused as refusal:
        form.add_error(None, next(iter(refusal.fields.values()), str(refusal)))
        return _page(request, venue, hours=form, status=refusal.status)
    return redirect("/desk/venue/")


@require_POST
@only(HEAD)
def change_circle(request: HttpRequest) -> HttpResponse:
    """邻里直聘: 街坊先看几分钟."""
    venue = _mine(request)
    form = CircleForm(request.POST)
    if not form.is_valid():
        return _page(request, venue, circle=form, status=422)
    actions.change_venue(venue, circle_minutes=form.cleaned_data["minutes"], by=request.user)
    return redirect("/desk/venue/")


@require_POST
@only(HEAD)
def change_turns(request: HttpRequest) -> HttpResponse:
    """怎么派: by turns, by the morning draw, or neither. A draw begins the morning after it was switched on."""
    venue, form = _mine(request), TurnForm(request.POST)
    form.is_valid()  # two ticks are always valid
    actions.change_venue(venue, **form.cleaned_data, by=request.user)
    return redirect("/desk/venue/")
