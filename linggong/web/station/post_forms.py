"""What the window asks of an employer who walked in, and of the work: two forms, each on one page."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

from linggong.accounts import ids
from linggong.core.money import BadAmount, parse_yuan
from linggong.employers.models import Employer, Kind
from linggong.postings import contacts, entry
from linggong.postings.models import WayIn
from linggong.postings.sentence import LONGEST_TEXT, Understood
from linggong.reference.models import Division, PayUnit
from linggong.web.posting_sheet import MEALS, facts_of, on_the_quarter, shifts_on, trade_choices

SHOWN = [("licence", __("营业执照")), ("plate", __("车牌")), ("agent_id", __("身份证"))]
UNASKED = (
    "lodging", "pay_cycle", "pay_within_hours", "transport", "tools", "age_low", "age_high", "requirements",
    "contact_name",
)  # fmt: skip
WAYS = [(WayIn.GRAB, __("先到先得")), (WayIn.APPLY, __("老板挑人")), (WayIn.DISPATCH, __("站里派工"))]
OFF = {"autocomplete": "off"}
CLOCK = forms.TimeInput(attrs={"type": "time", "step": "900"}, format="%H:%M")
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
CONTENT_MOST = 600


class EmployerForm(forms.Form):
    """The first check in a minute: who, a phone, one paper that was seen (decision 9)."""

    kind = forms.ChoiceField(label=__("哪种雇主"), choices=Kind.choices, initial=Kind.MERCHANT)
    name = forms.CharField(
        label=__("店名、厂名或姓名"),
        max_length=80,
        widget=forms.TextInput(attrs=OFF),
        error_messages={"required": __("叫什么没填"), "max_length": __("名称 80 个字以内")},
    )
    uscc = forms.CharField(
        label=__("信用代码"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs=OFF),
        help_text=__("照着执照写 18 位"),
        error_messages={"max_length": __("信用代码是 18 位，这里太长了")},
    )
    person = forms.CharField(
        label=__("来的人姓名"),
        max_length=40,
        widget=forms.TextInput(attrs=OFF),
        error_messages={"required": __("姓名没填，照身份证上写"), "max_length": __("姓名太长了，照身份证上写")},
    )
    id_number = forms.CharField(
        label=__("身份证号"),
        max_length=30,
        widget=forms.TextInput(attrs={**OFF, "data-private": "1"}),
        error_messages={"required": __("身份证号没填，一共 18 位"), "max_length": __("身份证号是 18 位，这里太长了")},
    )
    phone = forms.CharField(
        label=__("手机号"),
        max_length=30,
        widget=forms.TextInput(attrs={**OFF, "inputmode": "tel"}),
        error_messages={"required": __("手机号没填，工友要能打通"), "max_length": __("手机号是 11 位，这里太长了")},
    )
    division = forms.ChoiceField(label=__("在哪个街道"), error_messages={"required": __("选一个街道或乡镇")})
    address = forms.CharField(
        label=__("门牌"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs=OFF),
        error_messages={"max_length": __("地址 120 个字以内")},
    )
    paper = forms.ChoiceField(label=__("看了哪样"), choices=SHOWN, widget=forms.RadioSelect, initial="licence")
    number = forms.CharField(
        label=__("执照号或车牌号"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs=OFF),
        error_messages={"max_length": __("40 个字以内")},
    )
    photo = forms.FileField(label=__("照片"), required=False)
    seen = forms.BooleanField(label=__("证件看过了，人和证对得上"), error_messages={"required": __("先看证件再勾")})

    def __init__(self, places: list[Division], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = {p.code: p for p in places}
        self.fields["division"].choices = [("", _("选一个")), *((p.code, p.name) for p in places)]

    def clean_phone(self) -> str:
        """Eleven digits."""
        try:
            return ids.valid_phone(self.cleaned_data["phone"])
        except ids.BadPhone as bad:
            raise forms.ValidationError(str(bad)) from bad


class PostForm(forms.Form):
    """All of it on one page: staff see at once what was understood and what is missing."""

    text = forms.CharField(
        label=__("老板怎么说"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": __("写得太长了，两千个字以内，挑要紧的说")},
    )
    trade = forms.ChoiceField(
        label=__("干什么活"), error_messages={"required": __("选一种活"), "invalid_choice": __("从列表里选一种活")}
    )
    title = forms.CharField(
        label=__("标题"), max_length=40, required=False, error_messages={"max_length": __("标题 40 个字以内")}
    )
    places = forms.IntegerField(
        label=__("要几个人"),
        min_value=1,
        max_value=entry.PLACES_MOST,
        error_messages={
            k: __("要几个人？写 1 到 500 之间的整数") for k in ("required", "invalid", "min_value", "max_value")
        },
    )
    first = forms.DateField(
        label=__("头一天"),
        widget=DAY,
        error_messages={"required": __("哪天干"), "invalid": __("日期写成 2026-12-01 这样")},
    )
    last = forms.DateField(
        label=__("最后一天"), widget=DAY, required=False, error_messages={"invalid": __("日期写成 2026-12-01 这样")}
    )
    start = forms.TimeField(
        label=__("几点开始"),
        widget=CLOCK,
        validators=[on_the_quarter],
        error_messages={"required": __("几点开始"), "invalid": __("时间写成 08:00 这样")},
    )
    end = forms.TimeField(
        label=__("干到几点"),
        widget=CLOCK,
        validators=[on_the_quarter],
        error_messages={"required": __("干到几点"), "invalid": __("时间写成 17:00 这样")},
    )
    pay = forms.CharField(
        label=__("给多少钱"),
        max_length=12,
        error_messages={"required": __("给多少钱"), "max_length": __("写一个数，单位是元")},
    )
    pay_unit = forms.ChoiceField(
        label=__("怎么算"),
        choices=[("", __("选一个")), *PayUnit.choices],
        error_messages={"required": __("按天、按小时还是按件")},
    )
    quantity = forms.DecimalField(
        label=__("一共多少"),
        required=False,
        max_digits=10,
        decimal_places=2,
        help_text=__("按件、按吨算的写"),
        error_messages={
            k: __("写大于 0 的数，最多两位小数")
            for k in ("invalid", "max_digits", "max_decimal_places", "max_whole_digits")
        },
    )
    meals = forms.ChoiceField(label=__("管饭"), choices=MEALS, initial="NONE")
    division = forms.ChoiceField(label=__("哪个街道"), error_messages={"required": __("选一个街道或乡镇")})
    address = forms.CharField(
        label=__("在哪里干"),
        max_length=120,
        error_messages={"required": __("写到门牌，或在哪碰头"), "max_length": __("120 个字以内")},
    )
    way_in = forms.ChoiceField(label=__("怎么招"), choices=WAYS, initial=WayIn.GRAB)

    def __init__(self, places: list[Division], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["trade"].choices = trade_choices()
        self.fields["division"].choices = [("", _("选一个")), *((p.code, p.name) for p in places)]

    def clean_text(self) -> str:
        """All of it is read by workers: what does not fit is refused, not cut."""
        text = self.cleaned_data["text"]
        if len(contacts.without(text)) > CONTENT_MOST:
            raise forms.ValidationError(_("老板说的最多写 {n} 个字，挑要紧的写").format(n=CONTENT_MOST))
        return text

    def clean_pay(self) -> int:
        """Fen."""
        try:
            return parse_yuan(self.cleaned_data["pay"])
        except BadAmount as bad:
            raise forms.ValidationError(str(bad)) from bad

    def facts(self, heard: Understood, employer: Employer) -> dict[str, Any]:
        """What `postings.draft` takes: the form first, and what the sentence said that has no field here."""
        said = self.cleaned_data
        told = facts_of(heard, employer)
        days = self._days(heard)
        shifts = shifts_on(days, said["start"], said["end"], told.get("break_minutes", 0))
        kept = {k: said[k] for k in ("trade", "places", "pay_unit", "meals", "division", "address", "way_in")}
        more = {k: told[k] for k in UNASKED if k in told}
        return (
            more
            | kept
            | {
                "pay_fen": said["pay"],
                "shifts": shifts,
                "title": contacts.without(said["title"]) or None,
                # The words as said are the content: what fits no field must be read by workers, and by the screening.
                "content": contacts.without(said["text"]) or None,
                "quantity": str(said["quantity"]) if said["quantity"] is not None else None,
            }
        )

    def _days(self, heard: Understood) -> list[date]:
        """The days of the form; the very ones that were said where first and last are still theirs (周一三五)."""
        first = self.cleaned_data["first"]
        last = max(self.cleaned_data["last"] or first, first)
        if len(heard.days) > 1 and (heard.days[0], heard.days[-1]) == (first, last):
            return list(heard.days)
        return entry.days_between(first, last)
