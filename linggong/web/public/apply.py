"""W5a and W6: 我要去 on one page, and what happens next. The tap accepts the terms shown here and nothing else."""

from collections.abc import Callable, Sequence
from copy import copy
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

import linggong.agreements.queries as agreements
import linggong.engagements.actions as joining
import linggong.engagements.queries as deals
import linggong.insurance.queries as covers
import linggong.matching.queries as matching
import linggong.postings.queries as postings
import linggong.reference.queries as reference
import linggong.venues.queries as venues
import linggong.workers.queries as people
from linggong.core.clock import local, now, today
from linggong.core.once import once
from linggong.core.refusals import Refused
from linggong.engagements.models import BINDING, Engagement
from linggong.engagements.models import State as Deal
from linggong.engagements.refusals import AlreadyIn, Blocked, TermsChanged
from linggong.postings import terms as wording
from linggong.postings.models import Posting, Shift, Version, WayIn
from linggong.postings.refusals import Full
from linggong.reference.models import Certificate
from linggong.web import briefly, leaving
from linggong.web.place import place_of
from linggong.web.public import cards
from linggong.web.public.home import opening_words
from linggong.web.public.jobs import SHOWN, head, held_words, over_words, pay_words, shown, similar, where_words
from linggong.web.templatetags.parts import date_words, span, yuan
from linggong.workers.actions import AlreadyBooked

DAYS_MOST = 62
PRIVACY = gettext_lazy("定下后老板能看到你的姓名和电话；身份证号只给保险公司，老板看不到。")


class Go(forms.Form):
    """What the one page sends: which days, and the fingerprint of the terms that were read."""

    key = forms.CharField(max_length=40)
    seen = forms.CharField(max_length=64, required=False)
    pick = forms.CharField(max_length=1, required=False)
    shifts = forms.MultipleChoiceField(required=False)

    def __init__(self, data: Any, shifts: Sequence[Shift]) -> None:
        super().__init__(data)
        self.fields["shifts"].choices = [(shift.code, shift.code) for shift in shifts]

    def clean(self) -> dict[str, Any]:
        """Where there are days to pick, none picked is not the same as all."""
        said = super().clean()
        if said.get("pick") and not said.get("shifts"):
            self.add_error("shifts", _("至少选一天"))
        return said

    @property
    def chosen(self) -> list[str]:
        """The days picked; empty where there was nothing to pick: every day that has room."""
        return list(self.cleaned_data["shifts"])


@require_GET
def page(request: HttpRequest, code: str) -> HttpResponse:
    """`/jobs/<code>/apply/`: the terms in full, who pays and when, cover, privacy."""
    row = shown(code)
    if (deal := _standing(request, row)) is not None:
        return redirect(f"/jobs/{row.code}/applied/" if deal.state != Deal.OFFERED else f"/shifts/{deal.code}/")
    moment = now()
    shifts = postings.shifts_to_come(row, moment)
    if row.state not in ("published", "full") or not shifts:
        return redirect(f"/jobs/{row.code}/")
    return render(request, "public/apply.html", _facts(request, row, shifts, moment))


@require_POST
def go(request: HttpRequest, code: str) -> HttpResponse:
    """Take it: bound at once, or asked for, as the posting says."""
    row = shown(code)
    act = joining.apply if row.way_in == WayIn.APPLY else joining.grab

    def first(form: Go) -> None:
        if act is joining.grab:
            joining.refuse_when_full(row, request.worker, form.chosen)

    return _join(request, row, lambda form: act(
        row, request.worker, shift_codes=form.chosen, seen_hash=form.cleaned_data["seen"], by=request.user
    ), first)  # fmt: skip


@require_POST
def wait(request: HttpRequest, code: str) -> HttpResponse:
    """Stand in line for a full one."""
    row = shown(code)
    return _join(request, row, lambda form: joining.wait(
        row, request.worker, shift_codes=form.chosen, by=request.user
    ))  # fmt: skip


@require_GET
def applied(request: HttpRequest, code: str) -> HttpResponse:
    """`/jobs/<code>/applied/`: W6, what happens next."""
    row = shown(code)
    deal = _standing(request, row)
    if deal is None:
        return redirect(f"/jobs/{row.code}/")
    return render(request, "public/applied.html", _outcome(request, row, deal))


# --- joining -------------------------------------------------------------------------------------------------


def _join(
    request: HttpRequest, row: Posting, act: Callable[[Go], Engagement], first: Callable[[Go], None] = lambda form: None
) -> HttpResponse:
    """`first` may refuse before the key of the form is written down: a refusal that costs the database nothing."""
    if request.worker is None:
        return redirect(_door(request, row))
    moment = now()
    shifts = postings.shifts_to_come(row, moment)
    form = Go(request.POST, shifts)
    if not form.is_valid():
        refusal = Refused(_("选的日子已经过了，或者一天也没选。请至少选一天"))
        return _again(request, row, shifts, moment, refusal, [])
    terms = {"job": row.code, "path": request.path, "seen": form.cleaned_data["seen"], "shifts": form.chosen}
    try:
        first(form)
        once(f"{request.user.code}:{form.cleaned_data['key']}", terms, lambda: {"deal": act(form).code})
    except AlreadyIn:
        pass  # a second tap, or another window: what stands is shown
    except Refused as refusal:
        return _again(request, row, shifts, moment, refusal, form.chosen)
    return redirect(f"/jobs/{row.code}/applied/")


def _again(request: HttpRequest, row: Posting, shifts: Sequence[Shift], moment: datetime, refusal: Refused,
           chosen: Sequence[str]) -> HttpResponse:  # fmt: skip
    """The same page with what stood in the way, and what can be done about it. Nothing was promised."""
    row = postings.by_code(row.code) or row
    if row.state not in SHOWN or not shifts:
        facts = {"job": head(row, []), "what": over_words(row), "similar": [], "all_url": "/"}
        return render(request, "public/job_over.html", facts, status=409)
    if isinstance(refusal, Full):
        others = briefly.kept(("similar", row.pk), lambda: similar(row, moment, place_of(request)))  # a crowd asks
        else_there_is = cards.cards([copy(other) for other in others], place=place_of(request))
        if row.state == "full":  # short: whoever is late reads it among two thousand
            facts = {
                "job": head(row, shifts), "what": refusal.text, "similar": else_there_is, "all_url": "/",
                "line": f"/jobs/{row.code}/wait/",
            }  # fmt: skip
            return render(request, "public/job_over.html", facts, status=refusal.status)
        facts = page_facts(request, row, shifts, moment, chosen, refusal) | {"similar": else_there_is}
    else:
        facts = page_facts(request, row, shifts, moment, chosen, refusal)
    return render(request, "public/apply.html", facts, status=refusal.status)


def _standing(request: HttpRequest, row: Posting) -> Engagement | None:
    return deals.live(row, request.worker).first() if request.worker is not None else None


def _door(request: HttpRequest, row: Posting) -> str:
    """Where somebody goes who is not signed in, or signed in but no worker yet; they come back here."""
    door = "/join/" if request.user.is_authenticated else "/sign-in/"
    return f"{door}?next={quote(f'/jobs/{row.code}/apply/')}"


def _picked(shifts: Sequence[Shift], chosen: Sequence[str]) -> list[Shift]:
    return [shift for shift in shifts if not chosen or shift.code in chosen]


# --- the page ------------------------------------------------------------------------------------------------


def page_facts(request: HttpRequest, row: Posting, shifts: Sequence[Shift], moment: datetime,
               chosen: Sequence[str] = (), refusal: Refused | None = None) -> dict[str, Any]:  # fmt: skip
    """The page, and what stood in the way where something did."""
    facts = _facts(request, row, shifts, moment, chosen) | {"refusal": refusal}
    if isinstance(refusal, TermsChanged):
        facts["changes"] = _changes(row, request.POST.get("seen", ""))
    elif isinstance(refusal, Blocked):
        facts |= _ways_out(request, refusal.blockers, _picked(shifts, chosen))
    elif isinstance(refusal, AlreadyBooked):
        facts["clashes"] = _clashes(request.worker, _picked(shifts, chosen))
    return facts


def _facts(request: HttpRequest, row: Posting, shifts: Sequence[Shift], moment: datetime,
           chosen: Sequence[str] = ()) -> dict[str, Any]:  # fmt: skip
    version = postings.current_version(row)
    if version is None:
        raise Http404
    roomy = [shift for shift in shifts if shift.taken < shift.places]
    full = not roomy
    first = (roomy or list(shifts))[0]
    worker = request.worker
    stops = matching.check(worker, row, [first], moment) if worker is not None else []
    cover = cover_for(row, worker, first)
    facts = {
        "job": head(row, shifts),
        "terms": _terms(row, version, worker, cover.get("why", "")),
        "seen": version.terms_hash,
        "days": _days(shifts, chosen, full),
        "pay": _pay(row, first, shifts),
        "cover": cover,
        "leave": _leave(row, first),
        "privacy": PRIVACY,
        "full": full,
        "apply_kind": row.way_in == WayIn.APPLY,
        "dispatch": row.way_in == WayIn.DISPATCH,
        "action": f"/jobs/{row.code}/{'wait' if full else 'apply/go'}/",
        "door": _door(request, row) if worker is None else "",
        "together_url": f"/together/new/{row.code}/"
        if first.places - first.taken > 1 and row.way_in != WayIn.DISPATCH
        else "",
    }
    if stops:
        facts |= _ways_out(request, stops, [first])
    facts["says"] = _says(facts, row)
    return facts


def _terms(row: Posting, version: Version, worker: Any, uncovered: str) -> list[Any]:
    """The front page of the agreement as it will stand, in plain words."""
    age = people.age_on(worker, today()) if worker is not None else None
    terms = deals.terms_now(row, version.terms)
    kind = agreements.template_kind(terms, age, row.employer.kind)
    return agreements.preview(kind, {**terms, "uncovered": uncovered}, today())


def _days(shifts: Sequence[Shift], chosen: Sequence[str], full: bool) -> list[dict[str, Any]]:
    """The days to pick from; all with room are picked until somebody says otherwise."""
    return [
        {
            "code": shift.code, "label": f"{date_words(shift.starts_at)} {span(shift.starts_at, shift.ends_at)}",
            "full": shift.taken >= shift.places and not full,
            "on": shift.code in chosen if chosen else full or shift.taken < shift.places,
        }
        for shift in shifts[:DAYS_MOST]
    ]  # fmt: skip


def _pay(row: Posting, first: Shift, shifts: Sequence[Shift]) -> dict[str, Any]:
    """Who pays, how much, by when at the latest."""
    held = held_words(row)
    return {
        "who": _("%(who)s付，%(pay)s。") % {"who": row.employer.name, "pay": pay_words(row)},
        "estimate": cards.estimate_text(row), "note": row.pay_note, "held": held[0], "how": held[1],
        "is_held": cards.is_held(row), "by": cards.latest_pay(row, first, shifts), "many": len(shifts) > 1,
    }  # fmt: skip


def cover_for(row: Posting, worker: Any, shift: Shift) -> dict[str, Any]:
    """Cover in four lines, or why there is none: known before the yes, also when age alone is the reason."""
    if not row.insured:
        return {"lines": [], "none": _("这次没有保险：%(why)s") % {"why": row.uninsured_reason}}
    age = people.age_on(worker, local(shift.starts_at).date()) if worker is not None else None
    quote = covers.quote_for(row.trade, age, shift.starts_at, shift.ends_at, row.division_id)
    if quote is None:
        why = _("这里还没有开通保险")
        return {"lines": [], "none": _("%(why)s，今天没保险") % {"why": why}, "why": why}
    if age is None or quote.insurable:
        return {"lines": covers.four_lines(quote.product, quote.sum_fen or None), "none": "", "unsure": age is None}
    return {"lines": [], "none": _("今天没保险：%(why)s") % {"why": quote.reason}, "why": str(quote.reason)}


def _leave(row: Posting, first: Shift) -> str:
    """Until when one can change one's mind at no cost, and what an employer owes who does."""
    moment = now()
    until = leaving.free_until(first, row.division_id, moment)
    if until is not None:
        said = _("%(when)s 前说一声，不记口碑。") % {"when": cards.moment_words(until)}
    else:
        points = leaving.costs_now([first], row.division_id, moment)
        said = _("快开工了，定下再取消，口碑记 %(n)s 分。") % {"n": points}
    if row.wasted_trip_fen:
        said += _("老板说晚了让你白跑，补你 %(yuan)s 元。") % {"yuan": yuan(row.wasted_trip_fen)}
    return said


def _says(facts: dict[str, Any], row: Posting) -> str:
    """The whole page in words, for 听."""
    cover = facts["cover"]
    said = [
        f"{row.title}，{row.employer.name}",
        *(f"{line.label}：{line.words}" if line.label else line.words for line in facts["terms"]),
    ]
    said += [
        facts["pay"]["who"],
        facts["pay"]["held"],
        _("最晚 %(by)s") % {"by": cards.moment_words(facts["pay"]["by"])},
    ]
    said += [cover["none"]] if cover["none"] else [f"{line.label}：{line.words}" for line in cover["lines"]]
    said += [_("去不了：%(how)s") % {"how": facts["leave"]}, PRIVACY]
    return "。".join(str(part).strip("。") for part in said if part) + "。"


# --- what stands in the way ----------------------------------------------------------------------------------


def _ways_out(request: HttpRequest, blockers: Sequence[Any], shifts: Sequence[Shift]) -> dict[str, Any]:
    """Each obstacle in words with what removes it; a clash with both jobs, a certificate with where it is got."""
    rows = [
        {"kind": "against", "subject": f"{b.word}：", "text": f"{b.words}。{b.change}" if b.change else b.words}
        for b in blockers
    ]
    facts: dict[str, Any] = {"blockers": rows}
    codes = [b.code.partition(":")[2] for b in blockers if b.code.startswith("certificate:")]
    if codes:
        facts["papers"] = _papers(request, codes)
    if any(b.code == "busy" for b in blockers):
        facts["clashes"] = _clashes(request.worker, shifts)
    return facts


def _papers(request: HttpRequest, codes: Sequence[str]) -> list[dict[str, Any]]:
    """What is missing, who issues it, and the nearest station that tells how long it takes."""
    moment, place = now(), place_of(request)
    station = next(iter(venues.nearest(place.lat, place.lng, limit=1)), None)
    return [
        {
            "name": paper.name, "issuer": paper.issuer, "note": paper.note,
            "station": station, "open": station is not None and venues.is_open(station, moment),
            "opens": opening_words(station, moment) if station is not None else "",
        }
        for paper in Certificate.objects.filter(pk__in=codes)
    ]  # fmt: skip


def _clashes(worker: Any, shifts: Sequence[Shift]) -> list[dict[str, Any]]:
    """The jobs that hold the same hours, each with its page, where it can be given up."""
    gap = timedelta(minutes=reference.default("travel_buffer_minutes") or 0)
    refs = [ref for shift in shifts for ref in people.busy(worker, shift.starts_at - gap, shift.ends_at + gap)]
    found = []
    for ref in dict.fromkeys(refs):
        deal = deals.by_code(ref.partition(":")[2])
        if deal is not None and deal.worker_id == worker.pk:
            lived = next(iter(deal.attendances.all()), None)
            when = cards.when_words(lived.shift) if lived is not None else ""
            found.append(
                {"title": deal.posting.title, "who": deal.employer.name, "when": when, "url": f"/shifts/{deal.code}/"}
            )
    return found


def _changes(row: Posting, seen: str) -> list[dict[str, str]]:
    """What the employer changed since the worker read it: before and now."""
    versions = postings.versions_of(row)
    before = next((v for v in versions if v.terms_hash == seen), None)
    after = postings.current_version(row)
    if before is None or after is None:
        return []
    old, new = (
        agreements.preview(agreements.template_kind(v.terms, None, row.employer.kind), v.terms, today())
        for v in (before, after)
    )
    told = {line.label: line.words for line in old if line.label}
    other = [line for line in new if line.label and told.get(line.label) != line.words]
    was = _("原来：%(before)s")
    rows = [
        {"label": line.label, "value": line.words, "detail": was % {"before": told.get(line.label, "")}}
        for line in other
    ]
    names = {"pay": _("工钱"), "place": _("地方"), "time": _("时间"), "content": _("做的事")}
    return rows or [
        {"label": names[what], "value": _("改了"), "detail": ""} for what in wording.changed(before.terms, after.terms)
    ]


# --- after the tap -------------------------------------------------------------------------------------------


def _outcome(request: HttpRequest, row: Posting, deal: Engagement) -> dict[str, Any]:
    """定下了 / 等老板定 / 排上队了: the title, and what comes next."""
    shifts = _of_deal(row, deal)
    first = shifts[0] if shifts else None
    when = cards.when_words(first) if first is not None else ""
    title, text = {
        Deal.APPLIED: (_("报上名了，等老板定"), _("最晚 %(by)s 告诉你") % {"by": cards.moment_words(deal.answer_by)}
                       if deal.answer_by else _("有回话马上告诉你")),
        Deal.WAITLISTED: (_("排上队了"), _("前面有人不去，马上轮到你")),
        Deal.OFFERED: (_("老板叫你去"), _("看一下去不去")),
        Deal.REACCEPT: (_("条件变了，要再看一下"), when),
    }.get(Deal(deal.state), (_("定下了，%(when)s") % {"when": when}, where_words(row)))  # fmt: skip
    return {
        "job": head(row, shifts), "deal": deal, "title": title, "text": text, "bound": deal.state in BINDING,
        "facts": _next(request, row, deal, first, shifts),
    }  # fmt: skip


def _next(
    request: HttpRequest, row: Posting, deal: Engagement, first: Shift | None, shifts: Sequence[Shift]
) -> list[dict[str, str]]:
    """时间、地方、带什么、谁打电话, and where the money stands."""
    rows: list[dict[str, str]] = []
    if first is not None:
        many = cards.shifts_text(first, len(shifts))
        rows.append({"icon": "clock", "value": many or cards.when_words(first), "detail": ""})
    rows.append(
        {"icon": "map-pin", "value": where_words(row), "detail": f"，{cards.far_words(place_of(request), row)}"}
    )
    bring = row.tools or _("老板没说要带什么，带好水杯")
    rows.append({"icon": "package", "value": _("带什么："), "detail": bring})
    if deal.state in BINDING:
        who = row.contact_name or row.employer.name
        rows.append({"icon": "phone", "value": who, "detail": _("管这个活，到了找不着人打给他")})
        if first is not None:
            held = held_words(row)
            by = cards.moment_words(cards.latest_pay(row, first, shifts))
            rows.append({"icon": "cash", "value": held[0], "detail": _("，最晚 %(by)s 付") % {"by": by}})
        rows.append(_cover_now(deal))
    else:
        rows.append({"icon": "message", "value": _("结果在“消息”里"), "detail": _("，定下了还发短信")})
    return [row for row in rows if row]


def _cover_now(deal: Engagement) -> dict[str, str]:
    """保险已买好 needs a policy number; before that, 正在买."""
    lived = list(deal.attendances.all()) or list(deals.expected(deal))
    if not lived:
        return {}
    policy = covers.cover_of(deals.ref(lived[0]))
    if policy is None:
        return {"icon": "umbrella", "value": _("没有保险"), "detail": f"：{lived[0].uncovered_reason}"}
    if policy.policy_number:
        return {
            "icon": "umbrella",
            "value": _("保险已买好"),
            "detail": _("，保单尾号 %(n)s") % {"n": policy.policy_number[-4:]},
        }
    return {"icon": "umbrella", "value": _("有意外险"), "detail": _("，正在办，开工前办好")}


def _of_deal(row: Posting, deal: Engagement) -> list[Shift]:
    """The shifts this worker asked for or was given, earliest first."""
    wanted = set(deal.wanted_shifts)
    return [shift for shift in postings.shifts_of(row) if not wanted or shift.code in wanted]
