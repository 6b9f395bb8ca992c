"""S10: one person's record, masked; opening a number needs a reason and leaves a row the person can read."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.views.decorators.http import require_GET, require_POST

import linggong.accounts.actions as accounts
import linggong.accounts.queries as people
import linggong.employers.queries as employers
import linggong.engagements.queries as deals
import linggong.venues.queries as venues
import linggong.workers.actions as workers
import linggong.workers.queries as known
from linggong.accounts.models import User
from linggong.core.refusals import Refused
from linggong.web.place import operator_of
from linggong.web.station import frame, slip
from linggong.web.station.frame import WAGES, WINDOW, only
from linggong.web.station.window import PARTS, PersonForm, picks_of, places_of
from linggong.workers.models import Verification, Worker

FOUND = 20
LATEST = 5
LOOKED_AT = {"phone": __("电话号码"), "id_number": __("身份证号"), "certificate": __("证件"), "photo": __("证件照片")}
WHAT = {"phone": "手机号", "id_number": "身份证号"}
_CODE = 10


class ProfileForm(PersonForm):
    """Area, trades and hours of somebody who is registered."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("name", "id_number", "contact_via", "phone", "id_seen", "agreed", "large_print"):
            del self.fields[name]

    def _line(self, said: dict[str, Any]) -> None:
        """Phones are not changed here."""


@require_GET
@only(WAGES)
def home(request: HttpRequest) -> HttpResponse:
    """`/desk/people/`: the search box."""
    return frame.show(request, "people.html", {"title": _("找人"), "asked": "", "rows": []})


@require_POST
@only(WAGES)
def find(request: HttpRequest) -> HttpResponse:
    """Find somebody. By POST: numbers do not belong into addresses, which end up in logs.

    Whoever gives their whole phone or ID number at the window is standing there, and may be opened from anywhere in
    the country; by name or last four digits only people within reach are found.
    """
    asked = frame.text_of(request, "q", 60)
    exact = len("".join(asked.split())) in (11, 18) and "".join(asked.split())[:10].isdigit()
    rows = list(people.find(asked)[:FOUND]) if asked else []
    if not rows and len(asked) == _CODE:
        rows = [user for user in (people.by_code(asked),) if user is not None]
    if exact and len(rows) == 1:
        frame.met(request, rows[0])
        return redirect(f"/desk/people/{rows[0].code}/")
    mine = _within(request, rows)
    facts = {"title": _("找人"), "asked": asked if not exact else "", "rows": mine, "searched": True}
    return frame.show(request, "people.html", facts)


def _within(request: HttpRequest, rows: list[User]) -> list[dict[str, Any]]:
    met = set(request.session.get(frame.MET_KEY, []))
    here = {w.user_id: w for w in known.within(request.reach).filter(user__in=rows)}
    bosses = set(employers.within(request.reach).filter(members__user__in=rows).values_list("members__user", flat=True))
    return [
        {"user": user, "worker": here.get(user.pk), "boss": user.pk in bosses}
        for user in rows
        if user.pk in here or user.pk in bosses or user.code in met
    ]


@require_GET
@only(WAGES)
def record(request: HttpRequest, code: str) -> HttpResponse:
    """`/desk/people/<code>/`."""
    return _page(request, code)


def _page(
    request: HttpRequest,
    code: str,
    *,
    opened: dict[str, str] | None = None,
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    user, worker = frame.person(request, code)
    rows, more = frame.cut(deals.of_worker(worker), request) if worker is not None else ([], "")
    role = frame.role_words(request)
    facts = {
        "title": user.name or _("没有名字"),
        "person": user,
        "worker": worker,
        "deals": rows,
        "more_url": more,
        "opened": opened,
        "refusal": refusal,
        "looks": [
            {"at": look.at, "role": look.role, "words": LOOKED_AT.get(look.what, look.what), "reason": look.reason}
            for look in people.looks_at(user)[:LATEST]
        ],
        "left": max(0, people.looks_left(request.user, role)),
        "assisted": list(people.assisted_for(user)[:LATEST]),
        "employers": employers.of_user(user),
        "trades": [row.trade.name for row in known.trades_of(worker)] if worker else [],
        "holdings": list(known.holdings_of(worker)[:LATEST]) if worker else [],
        "may_act": bool(WINDOW & set(request.duties)),
        "unchecked": worker is not None and worker.state == Verification.LIGHT,
        "parts": [dict(PARTS).get(p, p) for p in worker.free_parts] if worker else [],
        "own": user == request.user,
    }
    response = frame.show(request, "person.html", facts, status=status)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@only(WAGES)
def look(request: HttpRequest, code: str) -> HttpResponse:
    """看完整号码, with a reason. The number is in the answer to this one request, in no address and in no cache."""
    user, _worker = frame.person(request, code)
    what = request.POST.get("what", "")
    if what not in WHAT:
        raise Http404
    try:
        value = accounts.look_at(
            user, what, by=request.user, role=frame.role_words(request), reason=frame.text_of(request, "reason")
        )
    except Refused as refusal:
        return _page(request, code, refusal=refusal, status=refusal.status)
    return _page(request, code, opened={"label": _(WHAT[what]), "value": value or _("没有登记")})


@require_POST
@only(WINDOW)
def check_id(request: HttpRequest, code: str) -> HttpResponse:
    """身份证看过了: staff hold the card in their hands."""
    worker = frame.worker_of(request, code)

    def do() -> dict[str, Any]:
        accounts.check_at_counter(worker.user, by=request.user)
        if worker.state == Verification.LIGHT:
            workers.prelim_check(worker, by=request.user, acting_for=worker.user)
        return {}

    frame.once_for(request, ["check_id", worker.code], do)
    return redirect(f"/desk/people/{code}/")


@require_POST
@only(WINDOW)
def print_code(request: HttpRequest, code: str) -> HttpResponse:
    """A sign-in code on paper, for somebody at the window while messages do not arrive. Never for staff."""
    user, _worker = frame.person(request, code)
    if venues.duties_of(user) or people.grants_of(user).exists():
        raise Http404
    digits = accounts.print_code(user, by=request.user)
    one = {
        "title": _("登录码"),
        "name": user.called,
        "rows": slip.login_slip_rows(digits),
        "place": request.venue.name if request.venue else _("零工市场"),
        "hotline": operator_of(request).get("hotline", ""),
        "line": _("这张条别给别人看，用完撕掉"),
    }
    response = render(request, "station/slip.html", {"slips": [one], "back": f"/desk/people/{code}/"})
    response["Cache-Control"] = "no-store"
    return response


@require_GET
@only(WINDOW)
def profile(request: HttpRequest, code: str) -> HttpResponse:
    """`/desk/people/<code>/change/`: area, trades, hours."""
    worker = frame.worker_of(request, code)
    initial = {
        "trades": list(worker.trades.values_list("trade_id", flat=True)),
        "parts": worker.free_parts,
        "division": worker.division_id,
    }
    return _profile_page(request, worker, ProfileForm(_places(request, worker), initial=initial))


@require_POST
@only(WINDOW)
def change(request: HttpRequest, code: str) -> HttpResponse:
    """存好."""
    worker = frame.worker_of(request, code)
    form = ProfileForm(_places(request, worker), request.POST)
    if not form.is_valid():
        return _profile_page(request, worker, form, status=422)
    said = form.cleaned_data
    place = next(p for p in form.places if p.code == said["division"])
    try:
        workers.change_profile(
            worker,
            division=place,
            lat=place.lat,
            lng=place.lng,
            trades=said["chosen"],
            free_parts=said["parts"],
            by=request.user,
            acting_for=worker.user,
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _profile_page(request, worker, form, status=refusal.status)
    return redirect(f"/desk/people/{code}/")


def _places(request: HttpRequest, worker: Worker) -> list[Any]:
    found = places_of(request)
    return found if any(p.code == worker.division_id for p in found) else [worker.division, *found]


def _profile_page(request: HttpRequest, worker: Worker, form: ProfileForm, *, status: int = 200) -> HttpResponse:
    facts = {"title": _("改登记"), "form": form, "person": worker.user, "picks": picks_of(form)}
    return frame.show(request, "profile.html", facts, status=status)
