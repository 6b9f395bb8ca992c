"""After the doors open: what is still off, in words; the rules, approved by two; the bureau's Excel of people."""

from dataclasses import asdict
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import linggong.accounts.actions as actions
import linggong.accounts.queries as accounts
import linggong.reference.actions as rules
import linggong.reference.queries as reference
import linggong.venues.queries as venues
import linggong.workers.actions as joining
import linggong.workers.queries as workers
from linggong.accounts.models import Role, User
from linggong.core.clock import today
from linggong.core.refusals import Refused
from linggong.core.states import Moved
from linggong.reference.models import RegionRule
from linggong.reference.rule_keys import RULE_KEYS
from linggong.venues.models import Duty
from linggong.web import people_sheet
from linggong.web.checklist import checklist, rules_are_here
from linggong.web.public.doorway import address_of, browser_of, no_store
from linggong.web.templatetags.parts import yuan
from linggong.workers import import_files

IMPORT_KEY = "import"
AT_ONCE = 200  # people per press: a page answers within seconds
ERRORS_SHOWN = 50


def may(request: HttpRequest) -> User:
    """Administrators only; for everybody else there is no such page."""
    user = request.user
    if not user.is_authenticated or not accounts.grants_of(user).filter(role=Role.ADMIN).exists():
        raise Http404
    return user


@require_safe
def more(request: HttpRequest) -> HttpResponse:
    """The list of what works and what is off, and the ways on."""
    user = may(request)
    facts = {
        "lines": checklist(user),
        "rules_are_here": rules_are_here(),
        "county": reference.full_name(_county()),
        "second": accounts.has_second_factor(user),
    }
    return render(request, "public/doors/set_up_more.html", facts)


@require_POST
def print_codes(request: HttpRequest) -> HttpResponse:
    """Login codes for the people who work here, on one page to print; older slips die."""
    user = may(request)
    people = {row.user.pk: row.user for row in accounts.holders_of(Role.ADMIN)}
    for venue in venues.listed(_county()):
        people |= {row.user_id: row.user for row in venues.staff_of(venue)}
    slips = [{"name": who.name, "code": actions.print_code(who, by=user)} for who in people.values()]
    return no_store(render(request, "public/doors/set_up_codes.html", {"slips": slips, "back": "/set-up/more/"}))


# ---- rules ---------------------------------------------------------------------------------------------------


def may_rule(request: HttpRequest) -> User:
    """The administrator, until there is a supervisor: from then on rules are theirs, at the bureau's desk alone."""
    user = may(request)
    if not rules_are_here():
        raise Http404
    return user


@require_safe
def show_rules(request: HttpRequest) -> HttpResponse:
    """The shipped rules for this county: where each comes from, its value, how far it is."""
    may_rule(request)
    return _rules_page(request)


@require_POST
def adopt(request: HttpRequest) -> HttpResponse:
    """The administrator held the ticked rules against their notices."""
    user = may_rule(request)
    ticked = set(request.POST.getlist("rule"))
    chosen = [rule for rule in _our_rules() if str(rule.pk) in ticked]
    if not chosen:
        return _rules_page(request, wrong=_("先勾你对过原文的"), status=422)
    for rule in chosen:
        try:
            rules.adopt_sample(rule, by=user)
        except Moved:
            continue  # pressed twice
    return redirect("/set-up/rules/")


@require_POST
def approve(request: HttpRequest) -> HttpResponse:
    """The second person approves, with a login code of their own typed on this computer."""
    may_rule(request)
    try:
        second = actions.check_printed_code(
            request.POST.get("code", "")[:20], bound_to=browser_of(request), address=address_of(request)
        )
        if not may_approve(second):
            raise rules.SamePerson(_("{name}不能批规定。要站长、监管或另一位管理员").format(name=second.name))
        for rule in _our_rules():
            if rule.entered_by_id and rule.approved_at is None:
                rules.approve_rule(rule, by=second)
    except Refused as refusal:
        return _rules_page(request, wrong=str(refusal), status=refusal.status)
    return redirect("/set-up/rules/")


def may_approve(user: User) -> bool:
    """Whoever heads a station, supervises or administers; never who entered the rule, that the action sees to."""
    if accounts.grants_of(user).filter(role__in=(Role.ADMIN, Role.SUPERVISOR)).exists():
        return True
    return any(Duty.HEAD in venues.works_at(user, venue) for venue in venues.of_staff(user))


def _rules_page(request: HttpRequest, *, wrong: Any = "", status: int = 200) -> HttpResponse:
    rows = [
        {"rule": rule, "what": RULE_KEYS[rule.key].what, "value": _value(rule),
         "standing": "on" if rule.approved_at else "entered" if rule.entered_by_id else "sample"}
        for rule in _our_rules()
    ]  # fmt: skip
    facts = {
        "rows": rows, "wrong": wrong, "back": "/set-up/more/",
        "samples": any(row["standing"] == "sample" for row in rows),
        "entered": any(row["standing"] == "entered" for row in rows),
    }  # fmt: skip
    return render(request, "public/doors/set_up_rules.html", facts, status=status)


def _our_rules() -> list[RegionRule]:
    """Rules in their dates that stand above this county or in it."""
    county, day = _county(), today()
    return [
        rule for rule in reference.rules_of("")
        if (reference.covers(rule.division_code, county) or reference.covers(county, rule.division_code))
        and rule.valid_from <= day and (rule.valid_to is None or rule.valid_to >= day)
    ]  # fmt: skip


def _value(rule: RegionRule) -> str:
    if rule.unit == "fen" and isinstance(rule.value, int):
        return _("{n} 元").format(n=yuan(rule.value))
    if isinstance(rule.value, dict) and "fen" in rule.value:
        per = {"day": _("天"), "month": _("月")}[rule.value["per"]]
        return _("{n} 元/{per}").format(n=yuan(rule.value["fen"]), per=per)
    if isinstance(rule.value, list):
        return "、".join(str(row["name"] if isinstance(row, dict) else row) for row in rule.value)
    units = {"years": _("岁"), "hours": _("小时"), "days": _("天"), "months": _("个月"), "celsius": "℃", "percent": "%"}
    return f"{rule.value} {units.get(rule.unit, '')}".strip()


# ---- people ----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """Choose the file, see what would happen; nothing is written but the sealed file of this try."""
    may(request)
    if request.method == "GET":
        return _people_page(request)
    upload = request.FILES.get("file")
    if upload is None:
        return _people_page(request, wrong=_("还没选文件"), status=422)
    try:
        lines = people_sheet.read(upload.read(people_sheet.BYTES_MAX + 1), _county())
    except Refused as refusal:
        return _people_page(request, wrong=str(refusal), status=refusal.status)
    _Pile(request).put({"lines": [asdict(line) for line in lines], "at": 0, "made": 0})
    return redirect("/set-up/people-list/")


@require_POST
def bring_in(request: HttpRequest) -> HttpResponse:
    """Register the next two hundred; a second press goes on where the first ended, and nobody comes in twice."""
    user = may(request)
    pile = _Pile(request)
    kept = pile.get()
    if kept is None:
        return redirect("/set-up/people-list/")
    upto = min(kept["at"] + AT_ONCE, len(kept["lines"]))
    for row in kept["lines"][kept["at"] : upto]:
        line = people_sheet.Line(**row)
        if line.wrong:
            continue
        try:
            kept["made"] += _register(line, user)
        except Refused as refusal:
            row["wrong"] = str(refusal)
    kept["at"] = upto
    pile.put(kept)
    return redirect("/set-up/people-list/")


@require_safe
def people_errors(request: HttpRequest) -> HttpResponse:
    """The rows that did not go in, for Excel."""
    may(request)
    kept = _Pile(request).get()
    if kept is None:
        raise Http404
    lines = [people_sheet.Line(**row) for row in kept["lines"]]
    response = HttpResponse(people_sheet.errors_csv(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="errors.csv"'
    return no_store(response)


def _register(line: people_sheet.Line, by: User) -> bool:
    """Raises what the actions refuse. False: the person was a worker here already."""
    person = actions.find_or_make_person(name=line.name, phone=line.phone, id_number=line.id_number, by=by)
    if workers.of_user(person) is not None:
        return False
    trade = [trade for trade in reference.trades() if trade.code == line.trade]
    place = reference.division(line.division)
    worker = joining.register(person, division=place, trades=trade, source=workers.IMPORTED, by=by, acting_for=person)
    if person.birth_on is not None:
        joining.prelim_check(worker, by=by, acting_for=person)
    return True


def _people_page(request: HttpRequest, *, wrong: Any = "", status: int = 200) -> HttpResponse:
    kept = _Pile(request).get()
    facts: dict[str, Any] = {"wrong": wrong, "back": "/set-up/more/", "columns": people_sheet.COLUMNS, "kept": kept}
    if kept is not None:
        bad = [row for row in kept["lines"] if row["wrong"]]
        known = sum(1 for row in kept["lines"] if row["known"])
        facts |= {
            "bad": bad[:ERRORS_SHOWN], "bad_count": len(bad), "known": known, "total": len(kept["lines"]),
            "good": len(kept["lines"]) - len(bad), "left": len(kept["lines"]) - kept["at"],
            "finished": kept["at"] >= len(kept["lines"]),
        }  # fmt: skip
    return render(request, "public/doors/set_up_people.html", facts, status=status)


class _Pile:
    """The people of one file, named in this browser's session alone."""

    def __init__(self, request: HttpRequest) -> None:
        self._session = request.session

    def put(self, kept: dict[str, Any]) -> None:
        """Keep them."""
        name = self._session.get(IMPORT_KEY) or import_files.new_name()
        import_files.put(name, kept)
        self._session[IMPORT_KEY] = name

    def get(self) -> dict[str, Any] | None:
        """What was kept, or None."""
        return import_files.get(self._session.get(IMPORT_KEY, ""))


def _county() -> str:
    return accounts.setting("division_code", "")
