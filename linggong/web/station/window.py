"""S2, the window: one person, one screen, one minute. Left who they are, then what they can do, then the slip."""

from typing import Any

from django import forms
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.views.decorators.http import require_GET, require_POST

import linggong.accounts.actions as accounts
import linggong.accounts.queries as people
import linggong.engagements.actions as joining
import linggong.engagements.queries as deals
import linggong.matching.queries as matching
import linggong.postings.queries as postings
import linggong.reference.queries as reference
import linggong.workers.actions as workers
import linggong.workers.queries as known
from linggong.accounts import ids
from linggong.accounts.models import Consent, User
from linggong.core.clock import now
from linggong.core.refusals import Refused
from linggong.postings.models import Posting, WayIn
from linggong.reference import groups
from linggong.reference.models import Division, Trade
from linggong.web.hours import CALL_FROM, hour_of
from linggong.web.station import frame, slip
from linggong.web.station.frame import REVIEW, WINDOW, only
from linggong.web.templatetags.parts import day, span
from linggong.workers.models import Worker

PICKED = 12
OFFERS = 3
PARTS = [("dawn", __("清早")), ("day", __("白天")), ("evening", __("晚上")), ("night", __("夜里"))]
LINES = [("self", __("自己接电话")), ("relative", __("没手机，用家里人的号")), ("officer", __("没手机，找零工专员"))]
KINDS = {"✓": "for", "—": "miss", "✕": "against"}
OFF = {"autocomplete": "off"}


class PersonForm(forms.Form):
    """Everything the window asks, on one screen."""

    name = forms.CharField(
        label=__("姓名"),
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
    contact_via = forms.ChoiceField(label=__("电话"), choices=LINES, initial="self", widget=forms.RadioSelect)
    phone = forms.CharField(
        label=__("手机号"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={**OFF, "inputmode": "tel"}),
        help_text=__("自己的，或家里人已登记的"),
        error_messages={"max_length": __("手机号是 11 位，这里太长了")},
    )
    trades = forms.MultipleChoiceField(label=__("会干什么"), required=False)
    other = forms.CharField(
        label=__("别的活"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs=OFF),
        error_messages={"max_length": __("写一种活的名字就行")},
    )
    parts = forms.MultipleChoiceField(
        label=__("什么时候能干"), choices=PARTS, required=False, widget=forms.CheckboxSelectMultiple
    )
    call_from = forms.ChoiceField(label=__("早上几点能叫"), choices=CALL_FROM, required=False)
    division = forms.ChoiceField(
        label=__("住哪里"),
        error_messages={"required": __("选一个街道或乡镇"), "invalid_choice": __("从列表里选街道或乡镇")},
    )
    large_print = forms.BooleanField(label=__("用大字版"), required=False)
    id_seen = forms.BooleanField(label=__("身份证看过了，是本人"), required=False)
    agreed = forms.BooleanField(
        label=__("规矩已念给本人听，本人同意"), error_messages={"required": __("先把规矩念给本人听，本人点头再勾")}
    )

    def __init__(self, places: list[Division], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = places
        self.known = {trade.code: trade for trade in reference.trades()}
        self.fields["trades"].choices = [(code, trade.name) for code, trade in self.known.items()]
        self.fields["division"].choices = [("", _("选一个")), *((p.code, p.name) for p in places)]

    def clean(self) -> dict[str, Any]:
        """A phone of one's own or somebody else's; at least one trade."""
        said = super().clean()
        chosen = [self.known[code] for code in said.get("trades", [])]
        if other := said.get("other", "").strip():
            found = reference.find_trades(other, limit=1)
            if not found:
                self.add_error("other", _("没有这种活，换个说法，比如“保洁”“装卸”"))
            chosen += [trade for trade in found if trade not in chosen]
        if not chosen and "other" not in self.errors:
            self.add_error("trades", _("至少点一种会干的活"))
        said["chosen"] = chosen
        self._line(said)
        return said

    def _line(self, said: dict[str, Any]) -> None:
        via, phone = said.get("contact_via"), said.get("phone", "")
        if via == "officer":
            said["phone"] = ""
        elif not phone:
            self.add_error("phone", _("手机号没填。没有手机就选“没手机”"))
        else:
            try:
                said["phone"] = ids.valid_phone(phone)
            except ids.BadPhone as bad:
                self.add_error("phone", str(bad))
                return
            if via == "relative" and (owner := people.by_phone(said["phone"])) is None:
                self.add_error("phone", _("家里人的号还没登记过，先给家里人登记，或选零工专员"))
            elif via == "relative":
                said["relative"] = owner


def places_of(request: HttpRequest) -> list[Division]:
    """Streets and towns of the county this desk serves."""
    codes = [request.venue.division_id] if request.venue else list(request.reach.divisions[:1])
    county = reference.county_of(codes[0]) if codes else ""
    found = reference.children(county) if county else []
    try:
        return found or [reference.division(county)]
    except ObjectDoesNotExist:
        return []


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """`/desk/`: the window; for those without one, the first page their duty has."""
    if not WINDOW & set(request.duties):
        return redirect("/review/" if REVIEW & set(request.duties) else "/desk/cases/")
    user = slip.person_at(request, request.GET.get("person", "")[:12])
    if request.GET.get("person") and user is None:
        raise Http404
    if user is None:
        return _page(request, PersonForm(places_of(request)))
    return _saved(request, user)


@require_POST
@only(WINDOW)
def save(request: HttpRequest) -> HttpResponse:
    """存好: one person, known or new; somebody known is opened, never entered twice."""
    form = PersonForm(places_of(request), request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    said = form.cleaned_data
    own = said["phone"] if said["contact_via"] == "self" else ""
    try:
        # Outside the transaction below: of somebody under sixteen only a count of the day may stay.
        user = accounts.find_or_make_person(name=said["name"], phone=own, id_number=said["id_number"], by=request.user)
        frame.met(request, user)
        again = known.of_user(user) is not None
        if not again:
            _take_in(user, said, by=request.user)
    except Refused as refusal:
        _tell(form, refusal)
        return _page(request, form, status=refusal.status)
    return redirect(f"/desk/?person={user.code}{'&known=1' if again else ''}")


@transaction.atomic
def _take_in(user: User, said: dict[str, Any], *, by: User) -> Worker:
    """What was read aloud was agreed to, then the archive, then the first check: all of it or nothing."""
    for purpose in ("service", "assisted", *(("sms",) if user.phone_hash else ())):
        accounts.consent(user, purpose, how=Consent.How.SPOKEN, by=by, witness=by)
    contact = {"relative": said.get("relative"), "officer": by}.get(said["contact_via"])
    place = reference.division(said["division"])
    worker = workers.register(
        user,
        division=place,
        trades=said["chosen"],
        lat=place.lat,
        lng=place.lng,
        contact_via=said["contact_via"],
        contact_user=contact,
        free_parts=said["parts"],
        call_from=hour_of(said["call_from"]),
        source="counter",
        by=by,
        acting_for=user,
    )
    if said["large_print"]:
        accounts.choose_print(user, True, by=by)
    if said["id_seen"]:
        accounts.check_at_counter(user, by=by)
        workers.prelim_check(worker, by=by, acting_for=user)
    accounts.assisted(
        acted_by=by,
        acting_for=user,
        act="register",
        about=worker,
        consent_how=Consent.How.SPOKEN,
        receipt=_("窗口给你登记了：{trades}").format(trades="、".join(t.name for t in said["chosen"])),
    )
    return worker


def _tell(form: PersonForm, refusal: Refused) -> None:
    known_fields = {
        "phone_taken": "phone",
        "id_taken": "id_number",
        "bad_id": "id_number",
        "too_young": "id_number",
        "bad_name": "name",
        "name_differs": "name",
    }
    field = next(iter(refusal.fields), known_fields.get(refusal.code))
    form.add_error(field if field in form.fields else None, str(refusal))


def _page(request: HttpRequest, form: PersonForm, *, status: int = 200) -> HttpResponse:
    facts = {"form": form, "picks": picks_of(form), "title": _("登记"), "venue": request.venue}
    return frame.show(request, "window.html", facts, status=status)


def picks_of(form: PersonForm) -> list[dict[str, Any]]:
    """The most asked-for trade of each group, then what was ticked besides."""
    ticked = set(form["trades"].value() or [])
    first: dict[str, Trade] = {}
    for trade in form.known.values():
        first.setdefault(trade.group, trade)
    shown = list(first.values())[:PICKED]
    shown += [trade for code, trade in form.known.items() if code in ticked and trade not in shown]
    return [
        {
            "value": trade.code,
            "label": trade.name,
            "pictogram": trade.pictogram,
            "colour": groups.group(trade.group).colour,
            "on": trade.code in ticked,
        }
        for trade in shown
    ]


# --- the person is known -------------------------------------------------------------------------------------


def _saved(request: HttpRequest, user: User) -> HttpResponse:
    worker = known.of_user(user)
    if worker is None:
        return redirect(f"/desk/people/{user.code}/")
    start = frame.start_of(request)
    found = matching.for_worker(worker, now(), limit=OFFERS, offset=start)
    deal = deals.by_code(request.GET.get("deal", "")[:12])
    if deal is not None and deal.worker_id != worker.pk:
        deal = None
    facts = {
        "title": _("登记"),
        "venue": request.venue,
        "person": user,
        "worker": worker,
        "start": start,
        "offers": [offer_row(match) for match in found],
        "nothing": found.nothing,
        "deal": deal,
        "slip": slip.slip_facts(deal, request) if deal is not None and deal.terms else None,
        "trades": [row.trade.name for row in known.trades_of(worker)],
        "again": bool(request.GET.get("known")),
        "next": start + OFFERS if len(found) == OFFERS else 0,
        "parts": [dict(PARTS)[p] for p in worker.free_parts],
    }
    return frame.show(request, "window_saved.html", facts)


def offer_row(match: matching.Match) -> dict[str, Any]:
    """One offer as the window shows it."""
    posting = match.posting
    return {
        "posting": posting,
        "colour": groups.group(posting.trade.group).colour,
        "asks": posting.way_in == WayIn.APPLY,
        "when": f"{day(posting.next_starts_at)} {_hours(posting)}",
        "reasons": why(match.reasons),
    }


def why(reasons: list[dict[str, str]]) -> list[dict[str, str]]:
    """Reasons of `matching` as parts/why.html takes them."""
    return [{"kind": KINDS[r["mark"]], "subject": f"{r['word']}：", "text": r["text"]} for r in reasons]


def _hours(posting: Posting) -> str:
    if posting.last_starts_at == posting.first_starts_at:
        return span(posting.first_starts_at, posting.last_ends_at)
    return _("到 {day}，好几班").format(day=day(posting.last_starts_at))


@require_POST
@only(WINDOW)
def dispatch(request: HttpRequest, code: str) -> HttpResponse:
    """派活: bound in one step with the consent given aloud; where the employer chooses, handed in for them."""
    worker = frame.worker_of(request, code)
    posting = postings.by_code(request.POST.get("posting", "")[:12])
    if posting is None or not posting.listed:
        raise Http404
    done = frame.once_for(
        request, ["dispatch", worker.code, posting.code], lambda: {"deal": _send(posting, worker, by=request.user)}
    )
    return redirect(f"/desk/?person={worker.user.code}&deal={done['deal']}")


def _send(posting: Posting, worker: Worker, *, by: User) -> str:
    accounts.consent(worker.user, "share_with_employer", how=Consent.How.SPOKEN, by=by, witness=by)
    if posting.insured:
        accounts.consent(worker.user, "insurer", how=Consent.How.SPOKEN, by=by, witness=by)
    if posting.way_in != WayIn.APPLY:
        return joining.dispatch(posting, worker, by=by, consent_how=Consent.How.SPOKEN).code
    deal = joining.apply(posting, worker, by=by, acting_for=worker.user, channel="staff")
    accounts.assisted(
        acted_by=by,
        acting_for=worker.user,
        act="apply",
        about=deal,
        consent_how=Consent.How.SPOKEN,
        receipt=deals.receipt(deal),
    )
    return deal.code
