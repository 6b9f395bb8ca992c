"""A2: what this region has published. One person enters it, a second approves; who runs the system does neither."""

import json
import re
import uuid
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

import linggong.reference.actions as actions
import linggong.reference.queries as reference
from linggong.core.clock import today
from linggong.core.once import once
from linggong.core.refusals import Refused
from linggong.matching import score, weighing
from linggong.reference.models import Division, RegionRule
from linggong.reference.rule_keys import RULE_KEYS
from linggong.web.bureau import frame
from linggong.web.bureau.frame import SUPERVISE
from linggong.web.templatetags.parts import yuan

_UNITS = {
    "years": _("岁"), "hours": _("小时"), "days": _("天"), "months": _("个月"), "minutes": _("分钟"), "metres": _("米"),
    "percent": "%", "celsius": "℃", "metres_per_minute": _("米/分钟"),
}  # fmt: skip


class RuleForm(forms.Form):
    """One rule as its notice says it."""

    key = forms.ChoiceField(label=_("哪一项"), choices=lambda: [(k, row.what) for k, row in RULE_KEYS.items()])
    value = forms.CharField(
        label=_("数值"), max_length=2000,
        help_text=_("钱写元，比如 19.5；两个钟点写 21:00、05:00；几个词用顿号隔开；排序写 2026.2：近 300、会干 200、…各项都写"),
        error_messages={"required": _("数值没填")},
    )  # fmt: skip
    division_code = forms.CharField(
        label=_("地区编码"), max_length=12, required=False, help_text=_("6 位或更长的行政区划代码；空着是全国")
    )
    valid_from = forms.DateField(
        label=_("从哪天起"), widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": _("开始日期没填"), "invalid": _("日期写成 2026-12-01 这样")},
    )  # fmt: skip
    valid_to = forms.DateField(
        label=_("到哪天止"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("日期写成 2026-12-01 这样")},
    )  # fmt: skip
    document = forms.CharField(
        label=_("文件名称和文号"), max_length=120, error_messages={"required": _("要写文件名称和文号")}
    )
    document_url = forms.URLField(
        label=_("文件网址"), max_length=200, required=False, assume_scheme="https",
        error_messages={"invalid": _("网址要以 https:// 开头")},
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """The value in the shape its key asks for."""
        facts = super().clean()
        if facts.get("key") and facts.get("value"):
            try:
                facts["value"] = value_of(facts["key"], facts["value"])
            except ValueError:
                self.add_error("value", _("这个数值读不懂。钱写元，比如 19.5；年龄、时间写整数"))
        return facts


def value_of(key: str, text: str) -> Any:
    """What somebody typed as the value of a rule; money in yuan becomes fen. Raises ValueError."""
    text = text.strip()
    if text[:1] in "[{":
        return json.loads(text)
    if key == weighing.KEY:
        return _weights_of(text)
    asks = RULE_KEYS[key]
    if asks.unit == "fen":
        whole, _dot, rest = text.partition(".")
        if not (whole.isascii() and whole.isdigit() and len(whole) < 9 and len(rest) <= 2 and (rest or "0").isdigit()):
            raise ValueError(text)
        return int(whole) * 100 + int(rest.ljust(2, "0") or 0)
    if asks.unit:
        number = float(text)
        if number != number or abs(number) > 1e9:
            raise ValueError(text)
        return int(number) if number == int(number) else number
    return text if asks.check.__name__ == "text" else [part for part in text.replace("、", " ").split() if part]


def _weights_of(text: str) -> dict[str, Any]:
    """2026.2：近 300、会干 200、…: the version, then every part by its word with the most it gives."""
    version, _colon, rest = text.replace(":", "：").partition("：")
    given = dict(re.findall(r"([^\s、，\d]+)\s*(\d{1,4})", rest))
    parts = score.shipped()["components"]
    if not version.strip() or set(given) != {part["word"] for part in parts}:
        raise ValueError(text)
    return {
        "version": version.strip(), "components": [part | {"most": int(given[part["word"]])} for part in parts],
    }  # fmt: skip


def value_words(rule: RegionRule) -> str:
    """The value as people say it."""
    if rule.unit == "fen" and isinstance(rule.value, int):
        return f"{yuan(rule.value)} 元"
    if isinstance(rule.value, dict) and "components" in rule.value:
        parts = "、".join(f"{part['word']} {part['most']}" for part in rule.value["components"])
        return f"{rule.value['version']}：{parts}"
    if isinstance(rule.value, dict) and "fen" in rule.value:
        return f"{yuan(rule.value['fen'])} 元/{'天' if rule.value.get('per') == 'day' else '月'}"
    if isinstance(rule.value, list):
        return "、".join(str(row.get("name", "") if isinstance(row, dict) else row) for row in rule.value)
    return f"{rule.value} {_UNITS.get(rule.unit, '')}".strip()


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """`/bureau/rules/`: waiting ones first; `?show=waiting|on|sample` narrows, `?q=` finds by the words."""
    return _page(request)


def _page(request: HttpRequest, *, refusal: Refused | None = None, status: int = 200) -> HttpResponse:
    show, asked = request.GET.get("show", ""), frame.asked(request)
    rules = [rule for rule in reference.rules_of("") if _in_reach(request, rule.division_code)]
    counts = {"waiting": 0, "on": 0, "sample": 0}
    for rule in rules:
        rule.standing = "on" if rule.approved_at else "waiting" if rule.entered_by_id else "sample"
        rule.what = RULE_KEYS[rule.key].what if rule.key in RULE_KEYS else rule.key
        rule.piles = {rule.standing} | ({"sample"} if rule.sample else set())
        for pile in rule.piles:
            counts[pile] += 1
    wanted = [r for r in rules if (not show or show in r.piles) and asked in f"{r.what} {r.document} {r.division_code}"]
    wanted.sort(key=lambda r: {"waiting": 0, "on": 1, "sample": 2}[r.standing])
    rows, more = frame.cut(wanted, request)
    names = dict(Division.objects.filter(code__in={r.division_code for r in rows}).values_list("code", "name"))
    for rule in rows:
        rule.mine = request.reach.covers_division(rule.division_code)
        rule.words, rule.place = value_words(rule), names.get(rule.division_code, rule.division_code) or _("全国")
        rule.acts = (
            rule.approved_at and rule.valid_from <= today() and (rule.valid_to is None or rule.valid_to >= today())
        )
    labels = (("", _("全部")), ("waiting", _("等第二个人批")), ("on", _("管用的")), ("sample", _("样例")))
    facts = {
        "rows": rows, "more_url": more, "asked": asked, "may_write": frame.may(request, SUPERVISE), "refusal": refusal,
        "chips": [{"label": label, "url": f"/bureau/rules/?show={key}", "on": key == show, "count": counts.get(key, len(rules))}
                  for key, label in labels],
    }  # fmt: skip
    return render(request, "bureau/rules.html", facts, status=status)


@require_http_methods(["GET", "POST"])
@frame.only(SUPERVISE)
def enter(request: HttpRequest) -> HttpResponse:
    """`/bureau/rules/enter/`."""
    form = RuleForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            facts = form.cleaned_data
            if not request.reach.covers_division(facts["division_code"]):
                form.add_error("division_code", _("只能录自己辖区里的规定"))
            else:
                try:
                    _once(request, facts)
                    return redirect("/bureau/rules/?show=waiting")
                except Refused as refusal:
                    for name, words in refusal.fields.items():
                        form.add_error(name if name in form.fields else None, words)
    # The form has a field "key" of its own, so this key is called otherwise.
    facts = {"form": form, "once": request.POST.get("once") or uuid.uuid4().hex}
    return render(request, "bureau/rule_enter.html", facts, status=status)


def _once(request: HttpRequest, facts: dict[str, Any]) -> None:
    """One press is one rule, however often it is sent."""
    said = "".join(char for char in request.POST.get("once", "")[:40] if char.isalnum())
    terms = [str(facts[name]) for name in sorted(facts)]
    once(
        f"rule:{request.user.code}:{said or uuid.uuid4().hex}", terms,
        lambda: {"rule": actions.enter_rule(**facts, by=request.user).pk},
    )  # fmt: skip


@require_POST
@frame.only(SUPERVISE)
def adopt(request: HttpRequest, pk: int) -> HttpResponse:
    """我对过原文: a sample enters as it stands."""
    return _do(request, lambda: actions.adopt_sample(_rule(request, pk), by=request.user))


@require_POST
@frame.only(SUPERVISE)
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """批准, by a second person."""
    return _do(request, lambda: actions.approve_rule(_rule(request, pk), by=request.user))


@require_POST
@frame.only(SUPERVISE)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """停用, with the reason."""
    because = frame.typed(request, "because") or str(_("没写原因"))
    rule = _rule(request, pk)
    if not request.reach.covers_division(rule.division_code):
        raise Http404
    return _do(request, lambda: actions.withdraw_rule(rule, because=because, by=request.user))


def _do(request: HttpRequest, act: Any) -> HttpResponse:
    try:
        act()
    except Refused as refusal:
        return _page(request, refusal=refusal, status=refusal.status)
    return redirect("/bureau/rules/")


def _rule(request: HttpRequest, pk: int) -> RegionRule:
    rule = RegionRule.objects.filter(pk=pk).first()
    if rule is None or not _in_reach(request, rule.division_code):
        raise Http404
    return rule


def _in_reach(request: HttpRequest, code: str) -> bool:
    """What lies inside, and what stands above and so acts here: the product's samples of a province are checked here."""
    if not code or request.reach.covers_division(code):
        return True
    return any(reference.covers(code, mine) for mine in request.reach.divisions)
