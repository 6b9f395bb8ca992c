"""S3: a posting for an employer who walked in: who they are, one sentence, read back aloud, out, on paper."""

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.views.decorators.http import require_GET, require_POST

import linggong.accounts.actions as accounts
import linggong.accounts.queries as people
import linggong.employers.actions as employers
import linggong.employers.queries as known
import linggong.engagements.queries as deals
import linggong.postings.actions as postings
import linggong.postings.queries as posted
from linggong.accounts.models import User
from linggong.core.clock import now, today
from linggong.core.money import yuan
from linggong.core.refusals import Refused
from linggong.employers.models import Employer
from linggong.postings import screening
from linggong.postings.models import Posting, State
from linggong.postings.sentence import LONGEST_TEXT, Understood
from linggong.reference import groups
from linggong.reference.models import Division
from linggong.web.posting_sheet import EDITABLE, hear, hours_of, notices, pieces
from linggong.web.station import frame
from linggong.web.station.frame import WINDOW, employer_of, only, posting_of
from linggong.web.station.post_forms import EmployerForm, PostForm
from linggong.web.station.window import places_of

FOUND = 10


# --- who -----------------------------------------------------------------------------------------------------


@require_GET
@only(WINDOW)
def home(request: HttpRequest) -> HttpResponse:
    """`/desk/post/`: find them, or write them down."""
    return _home(request, EmployerForm(places_of(request)))


def _home(
    request: HttpRequest,
    form: EmployerForm,
    *,
    found: list[Employer] | None = None,
    asked: bool = False,
    status: int = 200,
) -> HttpResponse:
    facts = {"title": _("代发活"), "form": form, "found": found or [], "asked": asked}
    return frame.show(request, "post_who.html", facts, status=status)


@require_POST
@only(WINDOW)
def find(request: HttpRequest) -> HttpResponse:
    """By phone, credit code or a part of the name; within reach."""
    said = frame.text_of(request, "q", 60)
    digits = "".join(said.split())
    rows: list[Employer] = []
    if len(digits) == 11 and digits.isdigit():
        user = people.by_phone(digits)
        rows = known.of_user(user) if user else []
    elif len(digits) == 18 and (one := known.by_uscc(digits)) is not None:
        rows = [one]
    elif len(said) > 1:
        rows = list(known.within(request.reach).filter(name__contains=said)[:FOUND])
    rows = [row for row in rows if request.reach.covers_division(row.division_id)]
    if len(rows) == 1:
        return redirect(f"/desk/post/for/{rows[0].code}/")
    return _home(request, EmployerForm(places_of(request)), found=rows, asked=True)


@require_POST
@only(WINDOW)
def register(request: HttpRequest) -> HttpResponse:
    """登记雇主: the first check at the window."""
    form = EmployerForm(places_of(request), request.POST, request.FILES)
    if not form.is_valid():
        return _home(request, form, status=422)
    said = form.cleaned_data
    try:
        owner = accounts.find_or_make_person(
            name=said["person"], phone=said["phone"], id_number=said["id_number"], by=request.user
        )
        frame.met(request, owner)
        photo = said["photo"].read() if said["photo"] else b""
        terms = [said["kind"], said["name"], owner.code]
        done = frame.once_for(request, terms, lambda: {"code": _enter(form, owner, photo, by=request.user).code})
    except Refused as refusal:
        names = {
            "phone_taken": "phone",
            "bad_id": "id_number",
            "too_young": "id_number",
            "name_differs": "person",
            "bad_name": "person",
        }
        field = next(iter(refusal.fields), names.get(refusal.code))
        form.add_error(field if field in form.fields else None, str(refusal))
        return _home(request, form, status=refusal.status)
    return redirect(f"/desk/post/for/{done['code']}/")


@transaction.atomic
def _enter(form: EmployerForm, owner: User, photo: bytes, *, by: User) -> Employer:
    said = form.cleaned_data
    place = form.places[said["division"]]
    alone = said["kind"] in known.PERSONS
    employer = employers.register(
        kind=said["kind"],
        name=said["name"],
        contact_name=said["person"],
        division=place,
        uscc="" if alone else said["uscc"],
        person=owner if alone else None,
        address=said["address"],
        lat=place.lat,
        lng=place.lng,
        source="counter",
        by=by,
        acting_for=owner,
    )
    employers.show_paper(employer, said["paper"], number=said["number"] or said["id_number"][-4:], photo=photo, by=by)
    if said["paper"] != "agent_id":
        employers.show_paper(employer, "agent_id", number=said["id_number"][-4:], by=by)
    accounts.consent(owner, "service", how="spoken", by=by, witness=by)
    employers.prelim_check(employer, by=by)
    return employer


# --- what ----------------------------------------------------------------------------------------------------


@require_GET
@only(WINDOW)
def sentence(request: HttpRequest, code: str) -> HttpResponse:
    """`/desk/post/for/<employer>/`: the sentence box and what came of it."""
    employer = employer_of(request, code)
    return _form_page(
        request,
        employer,
        PostForm(_places(request, employer), initial={"division": employer.division_id, "address": employer.address}),
    )


def _places(request: HttpRequest, employer: Employer) -> list[Division]:
    found = places_of(request)
    return found if any(p.code == employer.division_id for p in found) else [employer.division, *found]


def _form_page(
    request: HttpRequest, employer: Employer, form: PostForm, *, heard: Understood | None = None, status: int = 200
) -> HttpResponse:
    facts = {
        "title": _("代发活"),
        "employer": employer,
        "form": form,
        "pieces": pieces(heard) if heard else [],
        "limits": known.limits(employer),
        "earlier": list(posted.of_employer(employer)[:3]),
        "heard": heard,
    }
    return frame.show(request, "post_what.html", facts, status=status)


@require_POST
@only(WINDOW)
def read(request: HttpRequest, code: str) -> HttpResponse:
    """读一下: fill the form from the sentence; what was typed already and not said stays."""
    employer = employer_of(request, code)
    text = request.POST.get("text", "").replace("\x00", "")
    if not text.strip() or len(text) > LONGEST_TEXT:
        form = PostForm(_places(request, employer), request.POST)
        form.full_clean()
        if not text.strip():
            form.add_error("text", _("写一句话，比如：明天早上8点到下午5点要2个帮厨，180一天，管饭"))
        return _form_page(request, employer, form, status=422)
    heard = hear(text, employer, now())
    typed = {name: request.POST.get(name, "") for name in PostForm.base_fields}
    kept = {name: value for name, value in typed.items() if value}
    said = {name: value for name, value in heard_fields(heard).items() if value not in (None, "")}
    initial = {"division": employer.division_id, "address": employer.address, **kept, **said, "text": text}
    return _form_page(request, employer, PostForm(_places(request, employer), initial=initial), heard=heard)


def heard_fields(heard: Understood) -> dict[str, Any]:
    """What was understood, by field of the form."""
    days = heard.days or ((heard.starts_on,) if heard.starts_on else ())
    hours = hours_of(heard)
    return {
        "trade": heard.trade_code,
        "title": heard.trade_word[:40],
        "places": heard.headcount,
        "first": min(days, default=None),
        "last": max(days) if len(days) > 1 else None,
        "start": hours["start"],
        "end": hours["end"],
        "pay": yuan(heard.pay_fen).replace(",", "") if heard.pay_fen else "",
        "pay_unit": heard.pay_unit,
        "quantity": heard.quantity if heard.quantity_unit in (None, heard.pay_unit) else None,
        "meals": heard.meals,
        "address": heard.place_text[:120],
    }


@require_POST
@only(WINDOW)
def draft(request: HttpRequest, code: str) -> HttpResponse:
    """看看对不对: a draft nobody else sees."""
    employer = employer_of(request, code)
    form = PostForm(_places(request, employer), request.POST)
    if not form.is_valid():
        return _form_page(request, employer, form, status=422)
    text = form.cleaned_data["text"]
    owner = deals.owner_of(employer)
    facts = form.facts(hear(text, employer, now()), employer) | {"venue": request.venue}
    try:
        done = frame.once_for(
            request,
            form.data.urlencode(),
            lambda: {
                "code": postings.draft(
                    employer, facts, source="COUNTER", source_text=text, by=request.user, acting_for=owner
                ).code
            },
        )
    except Refused as refusal:
        _show(form, refusal)
        return _form_page(request, employer, form, status=refusal.status)
    return redirect(f"/desk/post/{done['code']}/")


def _show(form: PostForm, refusal: Refused) -> None:
    names = {"starts_at": "first", "ends_at": "end", "shifts": "first", "pay_fen": "pay", "lat": "address"}
    for field, words in (refusal.fields or {"": str(refusal)}).items():
        name = names.get(field, field)
        form.add_error(name if name in form.fields else None, str(words))


# --- read back, publish, paper --------------------------------------------------------------------------------


@require_GET
@only(WINDOW)
def one(request: HttpRequest, code: str) -> HttpResponse:
    """`/desk/post/<posting>/`: read it back aloud; once out, the poster."""
    return _page(request, posting_of(request, code))


def _page(request: HttpRequest, posting: Posting, *, refusal: Refused | None = None, status: int = 200) -> HttpResponse:
    shifts = posted.shifts_to_come(posting, now()) or posted.shifts_of(posting)
    found = posted.hints_for(posting, on=today()) if posting.state in EDITABLE else []
    facts = {
        "title": _("代发活"),
        "posting": posting,
        "shifts": shifts,
        "notices": notices(posting, found),
        "refusal": refusal,
        "editable": posting.state in EDITABLE,
        "committed": known.has_committed(posting.employer),
        "blocked": screening.blocked(found),
        "colour": groups.group(posting.trade.group).colour,
        "review": posted.open_review(posting),
        "out": posting.state in (State.PUBLISHED, State.FULL),
    }
    return frame.show(request, "post_check.html", facts, status=status)


class NotReadOut(Refused):
    """The promise was not read to an employer who never gave it."""

    message = __("先把用工承诺书念给老板听，老板答应了勾上“承诺书念过了”，再发布")


@require_POST
@only(WINDOW)
def publish(request: HttpRequest, code: str) -> HttpResponse:
    """发布并打印. The promise is read aloud first where it was never given (GX-26)."""
    posting = posting_of(request, code)
    if posting.state not in EDITABLE:
        return redirect(f"/desk/post/{posting.code}/")
    owner = deals.owner_of(posting.employer)

    def do() -> dict[str, Any]:
        if request.POST.get("promised") and not known.has_committed(posting.employer):
            employers.accept_commitment(posting.employer, by=request.user, acting_for=owner)
        if not known.has_committed(posting.employer):
            raise NotReadOut
        state = postings.submit(posting, by=request.user, acting_for=owner).state
        words = _("窗口替你发的活：{title}").format(title=posting.title)
        accounts.assisted(
            acted_by=request.user, acting_for=owner, act="post", about=posting, consent_how="spoken", receipt=words
        )
        return {"state": state}

    try:
        frame.once_for(request, ["publish", posting.code, posting.version], do)
    except Refused as refusal:
        return _page(request, posting_of(request, code), refusal=refusal, status=refusal.status)
    return redirect(f"/desk/post/{posting.code}/")


@require_POST
@only(WINDOW)
def discard(request: HttpRequest, code: str) -> HttpResponse:
    """不发了."""
    posting = posting_of(request, code)
    if posting.state not in EDITABLE or posting.source != "COUNTER":
        raise Http404
    postings.close(posting, by=request.user)
    return redirect("/desk/post/")
