"""W1 and W2: find work near. The list and the map are two views of one search, and the address holds the search."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

import linggong.accounts.queries as accounts
import linggong.engagements.queries as deals
import linggong.matching.queries as matching
import linggong.postings.queries as postings
import linggong.venues.queries as venues
import linggong.workers.queries as workers
from linggong.core.asking import Question
from linggong.core.clock import local, now
from linggong.matching import listed, widening
from linggong.postings.models import Daypart, Posting
from linggong.reference import groups
from linggong.reference.models import PayUnit
from linggong.web import briefly
from linggong.web.context import page
from linggong.web.place import Place, ask_with_operator, operator_of, place_of
from linggong.web.public import compass, shelf, shell
from linggong.web.public.cards import cards, ticket
from linggong.web.templatetags.parts import clock, day
from linggong.web.wish import CIRCLES, PAGE, SUITS, YES, Wish, circle_words
from linggong.workers.models import WorkerTrade

TILES = 4
TILES_FOR_ALL = ("load", "clean", "food", "farm")


@dataclass(frozen=True)
class Found:
    """One page of the list, how many there are in all, and when there are none, why."""

    rows: list[Posting]
    count: int
    reasons: dict[int, list]
    reach_m: int
    nothing: widening.Nothing | None = None


class Panel(forms.Form):
    """筛选: everything that can be asked for, on one sheet. GET, so the address can be shared."""

    group = forms.ChoiceField(label=gettext_lazy("哪种活"), required=False)
    day = forms.CharField(
        label=gettext_lazy("哪一天"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    part = forms.ChoiceField(label=gettext_lazy("什么时候"), required=False)
    within = forms.ChoiceField(label=gettext_lazy("多远"), required=False)
    pay = forms.CharField(
        label=gettext_lazy("一班最少给多少"), required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "5"}),
    )  # fmt: skip
    unit = forms.ChoiceField(label=gettext_lazy("怎么算钱"), required=False)
    suits = forms.ChoiceField(label=gettext_lazy("适合谁"), required=False)
    meals = forms.BooleanField(label=gettext_lazy("管饭"), required=False)
    lodging = forms.BooleanField(label=gettext_lazy("管住"), required=False)
    transport = forms.BooleanField(label=gettext_lazy("接送"), required=False)
    funded = forms.BooleanField(label=gettext_lazy("工钱已存好"), required=False)
    q = forms.CharField(widget=forms.HiddenInput, required=False)
    view = forms.CharField(widget=forms.HiddenInput, required=False)
    order = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, wish: Wish, moment: datetime) -> None:
        on = postings.when_filter(wish.day, moment) if wish.day else None
        super().__init__(initial={**wish.__dict__, "day": on.isoformat() if on else ""}, auto_id="f_%s")
        self.fields["group"].choices = [("", _("都行")), *((g.code, g.word) for g in groups.GROUPS)]
        self.fields["part"].choices = [("", _("都行")), *Daypart.choices]
        self.fields["within"].choices = [("", _("都行")), *((key, circle_words(key)) for key in CIRCLES)]
        self.fields["unit"].choices = [("", _("都行")), *((u.value, _("按%(u)s") % {"u": u.label}) for u in PayUnit)]
        self.fields["suits"].choices = [("", _("不挑")), *SUITS.items()]


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """`/`: the list, or with ?view=map the compass; htmx gets the part that changes."""
    wish, moment, worker = Wish.read(request.GET), now(), request.worker
    if not request.user.is_authenticated:
        request._operator = briefly.kept(("operator",), accounts.settings)
    place = place_of(request)
    order = order_of(wish, place, worker)

    def asked_for() -> dict[str, Any]:
        found = search(wish, place, moment, worker, order)
        return _list_facts(wish, place, moment, found, order, worker)

    target = request.htmx.target if request.htmx else None
    if (ready := _from_memory(request, wish, moment, place, order, target)) is not None:
        return _told(HttpResponse(ready))
    if target in ("more", "jobs"):
        return _told(render(request, f"public/home.html#{target}", asked_for()))
    facts = {"wish": wish, "place": place}
    if worker is None and place.code:
        # Everybody at this place who asks the same sees the same below the head of the page.
        facts["body"] = briefly.kept(
            ("home", place.code, wish),
            lambda: render_to_string(
                "public/home.html#body", asked_for() | _page_facts(request, wish, moment, place), request
            ),
        )
    else:
        facts |= asked_for() | _page_facts(request, wish, moment, place)
    return _told(render(request, "public/home.html", facts))


def _from_memory(
    request: HttpRequest, wish: Wish, moment: datetime, place: Place, order: str, target: str | None
) -> bytes | None:
    """The list of somebody who is nobody yet, from rows and cards kept in this process, the same to the letter.

    None where the page has something of its own (a map, an empty list, a message) or only the database can say.
    """
    if request.user.is_authenticated or wish.view or (request.COOKIES and len(get_messages(request))):
        return None
    filters = wish.filters(place, moment)
    whole = place.is_area and not wish.within
    trades = None
    if filters.trades or filters.group or filters.seated:
        key = ("trades", filters.trades, filters.group, filters.seated)
        trades = tuple(briefly.kept(key, lambda: postings.trades_of(filters)))
    found = listed.page(
        filters, moment, order=order, around=None if whole else (place.lat, place.lng, wish.reach_m(place)),
        trades=trades, skip=wish.offset, limit=PAGE,
    )  # fmt: skip
    if found is None or not found.rows:
        return None
    ready = shelf.rendered(found.rows, place, moment)
    if ready is None:
        return None
    rest = found.count - wish.offset - len(found.rows)
    more = wish.url(start=str(wish.offset + PAGE)) if rest > 0 else ""
    mode, operator = page(request)["page"].mode, operator_of(request)
    template = f"public/home.html#{target}" if target in ("more", "jobs") else "public/home.html"
    plain = replace(wish, start="", on="")

    def make() -> str:
        facts = _around_the_list(plain, place, order, None) | _page_facts(request, plain, moment, place)
        facts |= {"place": Place(shell.slot(shell.PLACE), 0.0, 0.0), "rows": shell.slot("rows")}
        facts |= {"title": shell.slot("title"), "count": shell.slot("count")}
        return shell.rendered(template, facts, mode=mode, operator=operator)

    return shell.filled(
        (template, plain, order, place.is_area, mode, repr(operator), local(moment).date()), make,
        {
            shell.PLACE: place.name, shell.PATH: request.get_full_path(), shell.TOKEN: get_token(request),
            "title": _title(wish, place), "count": postings.count_words(found.count),
            "rows": b"\n".join((ready, shelf.pager(more, rest))),
        },
    )  # fmt: skip


def _told(response: HttpResponse) -> HttpResponse:
    """One address gives a page or a part of it: nobody between may mix them up."""
    patch_vary_headers(response, ["HX-Request", "HX-Target", "Cookie"])
    patch_cache_control(response, private=True, no_cache=True)
    return response


# --- searching -----------------------------------------------------------------------------------------------


def order_of(wish: Wish, place: Place, worker: Any) -> str:
    """The order asked for, else what fits the person; the nearest first where nobody is signed in or checked."""
    if wish.order and (wish.order != "fit" or worker is not None):
        return wish.order
    if worker is not None and not wish.order and workers.is_checked(worker):
        return "fit"
    return "soon" if place.is_area and not wish.within else "near"


def search(wish: Wish, place: Place, moment: datetime, worker: Any, order: str) -> Found:
    """One page. An order that knows nothing of the person is the same for all, and so remembered for a moment."""
    if order == "fit":
        return _for_worker(wish, place, moment, worker)
    if place.code or not place.exact:
        key = (place.code, place.lat, place.lng, replace(wish, view="", on=""), order, usual_of(place, worker))
        return briefly.kept(("search", key), lambda: _for_all(wish, place, moment, worker, order))
    return _for_all(wish, place, moment, worker, order)


def usual_of(place: Place, worker: Any) -> int | None:
    """How far this worker usually goes; only from home."""
    return worker.reach_m if worker is not None and place.exact and place.code else None


def _for_all(wish: Wish, place: Place, moment: datetime, worker: Any, order: str) -> Found:
    filters = wish.filters(place, moment)
    if place.is_area and not wish.within:
        plain = "pay" if order == "pay" else "soon"
        rows = list(postings.found(moment, filters, order=plain)[wish.offset : wish.offset + PAGE])
        around, reach = None, wish.reach_m(place)
    else:
        reach = wish.reach_m(place, usual_of(place, worker))
        rows = postings.near(
            place.lat, place.lng, reach, moment, filters, order=order, limit=PAGE, offset=wish.offset
        )  # fmt: skip
        around = (place.lat, place.lng, reach)
    count = postings.how_many(moment, filters, around=around)
    nothing = None if count else _why_nothing(wish, place, moment, filters, reach)
    return Found(rows, count, {}, reach, nothing)


def _for_worker(wish: Wish, place: Place, moment: datetime, worker: Any) -> Found:
    filters = wish.filters(place, moment)
    reach = wish.reach_m(place, usual_of(place, worker))
    matches = matching.for_worker(
        worker, moment, (place.lat, place.lng), filters, "fit", radius_m=reach, limit=matching.LOOK_AT
    )
    page = matches[wish.offset : wish.offset + PAGE]
    return Found(
        [match.posting for match in page], len(matches), {match.posting.pk: match.reasons for match in page},
        reach, matches.nothing,
    )  # fmt: skip


def _why_nothing(wish: Wish, place: Place, moment: datetime, filters: Any, reach: int) -> widening.Nothing:
    """Loosen one condition at a time; around an area its middle is the point to widen from."""
    point = (place.lat, place.lng)
    bounded = bool(filters.division)

    def many(looser: Any, wider: int) -> int:
        inside = bounded and wider == reach
        open_wide = looser if inside else replace(looser, division="")
        return postings.how_many(moment, open_wide, around=None if inside else (*point, wider))

    return widening.explain(filters, reach, many)


# --- saying --------------------------------------------------------------------------------------------------


def _list_facts(wish: Wish, place: Place, moment: datetime, found: Found, order: str, worker: Any) -> dict[str, Any]:
    jobs = cards(
        found.rows, place=place, reasons=found.reasons, first=wish.offset + 1, numbered=wish.view == "map"
    )  # fmt: skip
    rest = found.count - wish.offset - len(jobs)
    facts = _around_the_list(wish, place, order, worker) | {
        "jobs": jobs,
        "count": postings.count_words(found.count),
        "place": place,
        "more_url": wish.url(start=str(wish.offset + PAGE)) if rest > 0 and jobs else "",
        "more_count": rest,
        "title": _title(wish, place),
    }
    if not found.count:
        facts |= _empty(found, wish, place, moment)
    if wish.view == "map" and jobs:
        chosen = next((job for job in jobs if job["code"] == wish.on), jobs[0])
        facts["map"] = compass.drawing(
            place, jobs, on=chosen["code"], url_of=lambda job: f"{wish.url(on=job['code'])}#job-{job['code']}"
        )
        facts["jobs"] = [chosen, *(job for job in jobs if job is not chosen)]
        facts["map_note"] = _map_note(place)
    return facts


def _around_the_list(wish: Wish, place: Place, order: str, worker: Any) -> dict[str, Any]:
    """What stands above the rows and knows nothing of them."""
    return {
        "wish": wish,
        "views": [
            {"label": _("列表"), "url": wish.url(view=""), "on": wish.view == "", "icon": "list"},
            {"label": _("方位"), "url": wish.url(view="map"), "on": wish.view == "map", "icon": "compass"},
        ],
        "chips": _chips(wish),
        "orders": _orders(wish, place, order, worker),
    }


def _title(wish: Wish, place: Place) -> str:
    if wish.within:
        return circle_words(wish.within)
    return place.name if place.is_area else _("附近")


def _map_note(place: Place) -> str:
    if place.exact:
        return _("简图，只看方向和远近。")
    return _("简图，从%(place)s中间量的，只看方向和远近。") % {"place": place.name}


def _chips(wish: Wish) -> list[dict[str, Any]]:
    """One tap each, and off again by a second."""
    rows = [
        (_("今天"), "day", "today"), (_("明天"), "day", "tomorrow"), (_("3 公里内"), "within", "3"),
        (_("管饭"), "meals", YES), (_("半天活"), "half", YES), (_("坐着干"), "seated", YES),
    ]  # fmt: skip
    return [
        {"label": label, "on": getattr(wish, name) == value,
         "url": wish.url(**{name: "" if getattr(wish, name) == value else value})}
        for label, name, value in rows
    ]  # fmt: skip


def _orders(wish: Wish, place: Place, order: str, worker: Any) -> list[dict[str, Any]]:
    """合适 is about the person; the others are the same for everybody and always there (SX-13a)."""
    rows = [("fit", _("合适"))] if worker is not None else []
    rows += [("near", _("最近"))] if not place.is_area or wish.within else []
    rows += [("soon", _("最早")), ("pay", _("工钱"))]
    return [{"label": label, "on": key == order, "url": wish.url(order=key)} for key, label in rows]


def _empty(found: Found, wish: Wish, place: Place, moment: datetime) -> dict[str, Any]:
    """What emptied the list, one step that does find work, and who can help."""
    nothing, said = found.nothing, wish.said(moment)
    title = _("%(what)s，现在没有活") % {"what": "，".join(said)} if said else _("附近现在没有活")
    steps = [_step(step, wish, found.reach_m) for step in (nothing.steps if nothing else [])]
    text = nothing.words if nothing and not (said and steps) else _("换个条件就有：")
    if nothing and nothing.change:
        text = f"{nothing.words}。{nothing.change}"
    group = groups.BY_CODE.get(wish.group)
    return {
        "empty": {
            "title": title, "text": text, "pictogram": group.pictogram if group else "all",
            "primary": steps[0] if steps else None, "second": steps[1] if len(steps) > 1 else None,
            "station": _open_station(place, moment), "private": bool(nothing and nothing.change),
            # 有了叫我: the conditions go along in the form; who is nobody yet says who they are first.
            "kept": wish.kept(), "door": f"/sign-in/?{urlencode({'next': wish.url()})}",
        },
        "nearest_url": wish.url(order="near"),
    }  # fmt: skip


def _step(step: widening.Step, wish: Wish, reach_m: int) -> dict[str, str]:
    """A widening as an address of ours."""
    filters, changes = step.filters, {}
    if filters.day is None:
        changes["day"] = ""
    if not filters.dayparts:
        changes["part"] = ""
    if not filters.trades:
        changes["trade"] = ""
    if not filters.terms:
        changes["q"] = ""
    if not filters.group:
        changes["group"] = ""
    if not filters.pay_low_fen:
        changes["pay"] = ""
    for name, value in {"meals": filters.meals, "lodging": filters.lodging, "transport": filters.transport,
                        "seated": filters.seated, "half": filters.half_day, "suits": filters.suitable_for, "unit": filters.unit,
                        "funded": filters.funded}.items():  # fmt: skip
        if not value:
            changes[name] = ""
    if step.radius_m != reach_m:
        changes["within"] = _circle(step.radius_m)
    return {"label": step.words, "href": wish.url(**changes)}


def _circle(radius_m: int) -> str:
    """The smallest circle of ours that holds the radius."""
    wide = [(reach, key) for key, reach in CIRCLES.items() if reach >= radius_m and key.isdecimal()]
    return min(wide)[1] if wide else "60"


def _open_station(place: Place, moment: datetime) -> dict[str, str] | None:
    """The nearest station, one that is open if there is any."""
    near = venues.nearest(place.lat, place.lng, limit=8)
    if not near:
        return None
    venue = next((v for v in near if venues.is_open(v, moment)), None)
    if venue is not None:
        lead, text = _("%(name)s开着门。") % {"name": venue.name}, _("去窗口，有人帮你找。")
    else:
        venue = near[0]
        lead, text = f"{venue.name}。", opening_words(venue, moment)
    return {"lead": lead, "text": text, "href": f"/stations/{venue.code}/"}


def opening_words(venue: Any, moment: datetime) -> str:
    """When it opens next, in words."""
    opens = venues.next_opening(venue, moment)
    if opens is None:
        return _("去之前打个电话")
    return _("%(day)s %(clock)s 开门") % {"day": day(opens), "clock": clock(opens)}


# --- the rest of the page ------------------------------------------------------------------------------------


def _page_facts(request: HttpRequest, wish: Wish, moment: datetime, place: Place) -> dict[str, Any]:
    worker = request.worker
    next_shift, own = None, []
    if worker is not None and wish.view != "map":
        next_shift, own = ask_with_operator(
            request, deals.next_of_worker_question(worker, moment), Question([workers.trades_of(worker)], list)
        )
    return {
        "ticket": ticket(next_shift, place) if next_shift is not None else None,
        "trades": [] if wish.view == "map" else tiles(own, wish),
        "panel": Panel(wish, moment),
    }


def tiles(own: Iterable[WorkerTrade], wish: Wish) -> list[dict[str, Any]]:
    """Four kinds of work, the person's own first, then 全部."""
    codes = list(dict.fromkeys([*(row.trade.group for row in own), *TILES_FOR_ALL]))[:TILES]
    rows = [
        {"label": group.word, "url": wish.url(group=group.code, trade="", q=""), "pictogram": group.pictogram,
         "colour": group.colour, "extra": number > 1}
        for number, group in enumerate(map(groups.group, codes))
    ]  # fmt: skip
    return [*rows, {"label": _("全部"), "url": "/trades/", "pictogram": "all", "colour": "", "extra": False}]
