"""Joining (W7): one question per page, at most five things to enter, nothing made before the last page.

The answers wait in this browser's session, the ID number sealed. The person is made last, so somebody under sixteen
leaves nothing behind but one more in a count of the day. Who goes on to post work answers the first page only.
"""

import contextlib
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

import linggong.accounts.actions as actions
import linggong.accounts.queries as accounts
import linggong.postings.queries as postings
import linggong.reference.queries as reference
import linggong.venues.queries as venues
import linggong.workers.actions as joining
import linggong.workers.queries as workers
from linggong.accounts import ids
from linggong.accounts.actions.people import AGE_MIN, clean_name
from linggong.accounts.consents import Text, current
from linggong.accounts.models import Consent, User
from linggong.core.clock import now, today
from linggong.core.once import once
from linggong.core.refusals import Refused
from linggong.core.sealed import fingerprint
from linggong.reference.groups import group
from linggong.reference.models import Division, Level, Trade
from linggong.web.hours import CALL_FROM, hour_of
from linggong.web.place import place_of
from linggong.web.public.doorway import Hidden, browser_of, let_in, safe_next, with_next
from linggong.web.public.sign_in import proved_phone
from linggong.workers.actions.joining import TRADES_MAX

DRAFT_KEY = "join"
TRADES_SHOWN = 18
PLACES_SHOWN = 6
ENDS_AT_CHECK = ("service", "sms")


class WhoForm(forms.Form):
    """Name and ID number as on the card; the number may wait for the counter."""

    name = forms.CharField(
        label=_("姓名"), max_length=40, help_text=_("照身份证上写"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("姓名没填，照身份证上写"), "max_length": _("姓名太长了，照身份证上写")},
    )  # fmt: skip
    id_number = forms.CharField(
        label=_("身份证号"), max_length=40, help_text=_("加密存着，老板看不到"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-private": True, "autocapitalize": "characters"}),
        error_messages={
            "required": _("身份证号没填。不在手边，就点下面的“到窗口验”"),
            "max_length": _("身份证号是 18 位，这里太长了"),
        },
    )  # fmt: skip

    def __init__(self, *args: Any, later: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.later = later
        self.use_required_attribute = False  # the browser would not let 到窗口验 through
        if later:
            self.fields["id_number"].required = False

    def clean_name(self) -> str:
        """As accounts wants it."""
        try:
            return clean_name(self.cleaned_data["name"])
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def clean_id_number(self) -> str:
        """Well formed, or left for the counter."""
        number = ids.clean_id(self.cleaned_data["id_number"])
        if self.later or not number:
            return ""
        if len(number) < 18:
            raise forms.ValidationError(_("少了 {n} 位，身份证号是 18 位").format(n=18 - len(number)))
        if not ids.valid_id(number) or ids.birth_of(number) > today():
            raise forms.ValidationError(str(actions.BadId.message))
        return number


@require_safe
def begin(request: HttpRequest) -> HttpResponse:
    """Go to the first question that is still open."""
    draft = _draft(request)
    going_to = safe_next(request)
    if going_to and not going_to.startswith("/join/"):
        draft["next"] = going_to
        draft.setdefault("trades", _trade_of(going_to))
    wanted = request.GET.get("as", "")
    if wanted in ("worker", "employer") or going_to:
        draft["as"] = wanted if wanted in ("worker", "employer") else _kind_for(going_to)
    _keep(request, draft)
    if (known := _known_worker(request)) is not None and draft.get("as") != "employer":
        if workers.owes_consent(known):
            return redirect(with_next("/join/agree/", draft.get("next", "")))
        return redirect(draft.get("next") or "/join/done/")
    if not _may_join(request):
        return redirect(with_next("/sign-in/", draft.get("next") or "/join/"))
    return redirect(_next_step(request, draft))


@require_http_methods(["GET", "POST"])
def who(request: HttpRequest) -> HttpResponse:
    """Name and ID number."""
    draft, kept = _draft(request), Hidden(request, "join", "id_number")
    later = "later" in request.POST
    if request.method == "GET":
        if (response := _stop_at_the_door(request)) is not None:
            return response
        known = request.user.name if request.user.is_authenticated else ""
        form = WhoForm(initial={"name": draft.get("name") or known, "id_number": kept.get()})
        return _page(request, "who", {"form": form})
    form = WhoForm(request.POST, later=later)
    if not form.is_valid():
        return _page(request, "who", {"form": form}, status=422)
    number = form.cleaned_data["id_number"]
    if number and ids.age_on(ids.birth_of(number), today()) < AGE_MIN:
        return _too_young(request, form)
    kept.put(number)
    draft.update(name=form.cleaned_data["name"], id_tail=number[-4:], later=not number)
    _keep(request, draft)
    # Somebody whose session ended meanwhile shows the phone again and finds the answers where they were.
    return _stop_at_the_door(request) or redirect(_onwards(request, draft, "area"))


@require_http_methods(["GET", "POST"])
def area(request: HttpRequest) -> HttpResponse:
    """Where they live or look for work."""
    draft = _draft(request)
    if request.method == "GET" and (response := _stop_at_the_door(request)) is not None:
        return response
    said = (request.POST.get("q") or request.GET.get("q") or "").strip()[:40]
    if request.method == "POST" and "find" not in request.POST:
        place = _division(request.POST.get("area", ""))
        if place is not None:
            draft["area"] = place.code
            _keep(request, draft)
            return _stop_at_the_door(request) or redirect(_onwards(request, draft, "trades"))
        facts = {**_places(request, draft, said), "wrong": _("还没选地方，点一个；没有就在上面找")}
        return _page(request, "area", facts, status=422)
    return _page(request, "area", _places(request, draft, said))


@require_http_methods(["GET", "POST"])
def trades(request: HttpRequest) -> HttpResponse:
    """What they can do, as pictures to tick."""
    draft = _draft(request)
    if request.method == "GET" and (response := _stop_at_the_door(request)) is not None:
        return response
    said = (request.POST.get("q") or "").strip()[:40]
    if request.method == "GET":
        return _page(request, "trades", _picks(draft, said))
    known = {trade.code for trade in reference.trades()}
    draft["call_from"] = request.POST.get("call_from", "")[:5]
    draft["trades"] = [code for code in dict.fromkeys(request.POST.getlist("trades")) if code in known][:60]
    if "find" in request.POST:
        return _page(request, "trades", _picks(draft, said))
    if not 1 <= len(draft["trades"]) <= TRADES_MAX:
        wrong = _("还没选，点一样会干的") if not draft["trades"] else _("选多了，最多 12 样，挑最拿手的")
        return _page(request, "trades", {**_picks(draft, said), "wrong": wrong}, status=422)
    _keep(request, draft)
    return _stop_at_the_door(request) or redirect(_onwards(request, draft, "check"))


@require_http_methods(["GET", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Everything on one page, each consent for itself, and then the person is made."""
    draft = _draft(request)
    if _known_worker(request) is not None and draft.get("as") != "employer":
        return redirect(draft.get("next") or "/join/done/")  # pressed twice: it is done already
    if (response := _stop_at_the_door(request)) is not None:
        return response
    if (missing := _next_step(request, draft)) != "/join/check/":
        return redirect(missing)
    if request.method == "GET":
        return _page(request, "check", _answers(request, draft))
    agreed = [purpose for purpose in ENDS_AT_CHECK if request.POST.get(f"agree_{purpose}")]
    if "service" not in agreed:
        facts = {
            **_answers(request, draft, agreed),
            "wrong": _("要记下这些才能帮你找活。同意就勾上，不同意可以到窗口问"),
        }
        return _page(request, "check", facts, status=422)
    try:
        user = _make(request, draft, agreed)
    except actions.TooYoung:
        return _too_young(request, None)
    except Refused as refusal:
        facts = {**_answers(request, draft, agreed), "wrong": str(refusal)}
        return _page(request, "check", facts, status=refusal.status)
    going_to = draft.get("next", "")
    worker = workers.of_user(user)
    let_in(request, user)
    request.session.pop(DRAFT_KEY, None)
    if going_to and (worker is None or workers.is_checked(worker)):
        return redirect(going_to)
    if worker is None:
        return redirect("/e/verify/")
    return redirect(with_next("/join/done/", going_to))


@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """What happens next; for those without a checked ID, where to go with it."""
    worker = _known_worker(request)
    if worker is None:
        return redirect("/join/")
    place = place_of(request)
    near = venues.nearest(place.lat, place.lng, limit=2)
    facts = {
        "worker": worker, "checked": workers.is_checked(worker), "to": safe_next(request),
        "verified": accounts.is_verified(request.user),
        "venues": [{"venue": venue, "open": venues.is_open(venue, now())} for venue in near],
    }  # fmt: skip
    return render(request, "public/doors/join_done.html", facts)


def _make(request: HttpRequest, draft: dict[str, Any], agreed: list[str]) -> User:
    """The person, their consents and, unless they only employ, the worker: all or nothing, and once per form."""
    signed_in = request.user if request.user.is_authenticated else None
    phone = "" if signed_in else proved_phone(request)
    number = Hidden(request, "join", "id_number").get()
    whose = signed_in.code if signed_in else fingerprint("phone", phone)[:32]
    terms = {name: draft.get(name) for name in ("name", "area", "trades", "as")} | {
        "agreed": agreed, "id": fingerprint("id", number) if number else "",
    }  # fmt: skip

    def do() -> dict[str, Any]:
        # A double press that found no answer yet finds the phone taken: by the same person, who has just proved it.
        user = signed_in or accounts.by_phone(phone)
        if user is None:
            user = actions.make_person(name=draft["name"], phone=phone, id_number=number, by=None)
        elif number and not user.id_hash:
            actions.set_id(user, number, by=user)
        for purpose in agreed:
            actions.consent(user, purpose, how=Consent.How.TAP, by=user)
        if draft.get("as") != "employer" and workers.of_user(user) is None:
            _register(user, draft)
        return {"user": user.code}

    key = (request.POST.get("key") or browser_of(request))[:40]
    return accounts.by_code(once(f"join:{whose}:{key}", terms, do)["user"])


def _register(user: User, draft: dict[str, Any]) -> None:
    place = reference.division(draft["area"])
    chosen = [trade for trade in reference.trades() if trade.code in set(draft["trades"])]
    point = {"lat": place.lat, "lng": place.lng} if place.level >= Level.TOWN and not place.about else {}
    call_from = hour_of(draft.get("call_from", ""))
    worker = joining.register(user, division=place, trades=chosen, by=user, call_from=call_from, **point)
    if user.birth_on is not None:
        # Phone shown to be theirs, number well formed, old enough: the first check of domain §2.3.1.
        joining.prelim_check(worker, by=user)


def _too_young(request: HttpRequest, form: WhoForm | None) -> HttpResponse:
    """Nothing of a child stays in this browser's session either; the count of the day is the action's."""
    if form is not None:
        with contextlib.suppress(actions.TooYoung):
            actions.make_person(name=form.cleaned_data["name"], id_number=form.cleaned_data["id_number"], by=None)
    signed_in = request.user.is_authenticated
    for key in [key for key in request.session.keys() if key.startswith(("door_", DRAFT_KEY))]:  # noqa: SIM118
        del request.session[key]
    if not signed_in:
        request.session.flush()
    return render(request, "public/doors/too_young.html", {"why": actions.TooYoung.message}, status=409)


# ---- where one stands --------------------------------------------------------------------------------------


def _draft(request: HttpRequest) -> dict[str, Any]:
    return dict(request.session.get(DRAFT_KEY, {}))


def _keep(request: HttpRequest, draft: dict[str, Any]) -> None:
    request.session[DRAFT_KEY] = draft


def _known_worker(request: HttpRequest) -> Any:
    return workers.of_user(request.user) if request.user.is_authenticated else None


def _may_join(request: HttpRequest) -> bool:
    return request.user.is_authenticated or bool(proved_phone(request))


def _stop_at_the_door(request: HttpRequest) -> HttpResponse | None:
    """Who has not shown a phone yet shows it first, and comes back to this very page."""
    return None if _may_join(request) else redirect(with_next("/sign-in/", request.path))


def _steps(request: HttpRequest, draft: dict[str, Any]) -> list[str]:
    user = request.user
    known = user.is_authenticated and bool(user.name and user.id_hash)
    first = [] if known else ["who"]
    return [*first, "check"] if draft.get("as") == "employer" else [*first, "area", "trades", "check"]


def _next_step(request: HttpRequest, draft: dict[str, Any]) -> str:
    answered = {
        "who": bool(draft.get("name")) and (bool(draft.get("later")) or bool(draft.get("id_tail"))),
        "area": _division(draft.get("area", "")) is not None, "trades": bool(draft.get("trades")) and "area" in draft,
    }  # fmt: skip
    open_steps = [step for step in _steps(request, draft) if not answered.get(step)]
    return f"/join/{open_steps[0]}/"


def _onwards(request: HttpRequest, draft: dict[str, Any], following: str) -> str:
    """After an answer: to the next question, or back to the last page when only one answer was changed."""
    if request.POST.get("back") == "check":
        return "/join/check/"
    steps = _steps(request, draft)
    return f"/join/{following if following in steps else 'check'}/"


def _kind_for(going_to: str) -> str:
    return "employer" if going_to.startswith("/e/") else "worker"


def _trade_of(going_to: str) -> list[str]:
    """Somebody on the way to a job can probably do that kind of work: it is ticked for them."""
    parts = going_to.split("/")
    posting = postings.by_code(parts[2]) if len(parts) > 2 and parts[1] == "jobs" else None
    return [posting.trade_id] if posting is not None else []


def _page(request: HttpRequest, step: str, facts: dict[str, Any], status: int = 200) -> HttpResponse:
    draft = _draft(request)
    steps = _steps(request, draft)
    at = steps.index(step) if step in steps else 0
    back = f"/join/{steps[at - 1]}/" if at else (draft.get("next") or "/")
    changing = request.GET.get("back") == "check" or request.POST.get("back") == "check"
    common = {
        "at": at + 1, "of": len(steps), "back": "/join/check/" if changing else back,
        "employer": draft.get("as") == "employer", "changing": changing,
    }  # fmt: skip
    return render(request, f"public/doors/join_{step}.html", {**common, **facts}, status=status)


# ---- what the pages show -------------------------------------------------------------------------------------


def _division(code: str) -> Division | None:
    """A county, township or village one can live in."""
    if not (code.isascii() and code.isdigit() and len(code) in (6, 9, 12)):
        return None
    try:
        place = reference.division(code)
    except Division.DoesNotExist:
        return None
    return place if place.level >= Level.COUNTY else None


def _places(request: HttpRequest, draft: dict[str, Any], said: str) -> dict[str, Any]:
    here = place_of(request)
    chosen, standing = _division(draft.get("area", "")), None
    if said:
        county = reference.county_of(here.code) if here.code else ""
        found = reference.find_place(said, county, limit=PLACES_SHOWN) or reference.find_place(said, limit=PLACES_SHOWN)
    else:
        found = reference.near(here.lat, here.lng, limit=PLACES_SHOWN)
        standing = _division(here.code)
        found = [place for place in (chosen, standing) if place is not None] + found
    found = [place for place in {place.code: place for place in found}.values() if place.level >= Level.COUNTY]
    # Only what they said themselves is ticked: a township nobody chose is walked past and then no work is near.
    at = (chosen or standing).code if chosen or standing else ""
    options = [
        {"value": place.code, "title": place.name, "text": reference.full_name(place.code), "on": place.code == at}
        for place in found[: PLACES_SHOWN + 1]
    ]
    return {"options": options, "q": said, "nothing": bool(said) and not options}


def _picks(draft: dict[str, Any], said: str) -> dict[str, Any]:
    chosen = draft.get("trades", [])
    every = reference.trades()
    heard = reference.find_trades(said, limit=TRADES_SHOWN) if said else []
    found = heard or every[:TRADES_SHOWN]
    ticked = [trade for trade in every if trade.code in chosen]
    shown = {trade.code: trade for trade in [*ticked, *found]}
    picks = [_pick(trade, trade.code in chosen) for trade in shown.values()]
    hours = [{"value": value, "label": label, "on": value == draft.get("call_from", "")} for value, label in CALL_FROM]
    return {"picks": picks, "q": said, "nothing": bool(said) and not heard, "hours": hours}


def _pick(trade: Trade, on: bool) -> dict[str, Any]:
    kind = group(trade.group)
    picture = trade.pictogram or kind.pictogram
    return {"value": trade.code, "label": trade.name, "pictogram": picture, "colour": kind.colour, "on": on}


def _answers(request: HttpRequest, draft: dict[str, Any], agreed: list[str] | None = None) -> dict[str, Any]:
    user = request.user
    rows = []
    if "who" in _steps(request, draft):
        tail = draft.get("id_tail")
        rows += [
            {"icon": "user", "label": _("姓名"), "value": draft.get("name", ""), "change_url": "/join/who/?back=check"},
            {"icon": "id", "label": _("身份证"), "value": _("尾号 {tail}").format(tail=tail) if tail else _("到窗口验"),
             "change_url": "/join/who/?back=check"},
        ]  # fmt: skip
    tail4 = user.phone_tail4 if user.is_authenticated else proved_phone(request)[-4:]
    if tail4:
        rows.append({"icon": "phone", "label": _("手机"), "value": _("尾号 {tail}").format(tail=tail4)})
    if draft.get("as") != "employer":
        names = [trade.name for trade in reference.trades() if trade.code in draft.get("trades", [])]
        rows += [
            {"icon": "map-pin", "label": _("地方"), "value": reference.full_name(draft["area"]),
             "change_url": "/join/area/?back=check"},
            {"icon": "tool", "label": _("会干"), "value": "、".join(names), "change_url": "/join/trades/?back=check"},
        ]  # fmt: skip
    texts = [_agreement(current(purpose), agreed or []) for purpose in ENDS_AT_CHECK]
    return {"rows": rows, "texts": texts}


def _agreement(text: Text, agreed: list[str]) -> dict[str, Any]:
    return {"text": text, "on": text.purpose in agreed}
