"""E11 and one posting: what runs, what is over, and every way to stop, change or repeat it."""

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.views.decorators.http import require_GET, require_POST

import linggong.engagements.queries as deals
import linggong.payments.queries as payments
import linggong.postings.actions as postings
import linggong.postings.queries as posted
from linggong.core.asking import known
from linggong.core.clock import at, local, now, today
from linggong.core.refusals import Refused
from linggong.postings.models import LIVE, Posting, Shift, State
from linggong.reference import groups
from linggong.web.employer import fields, preview
from linggong.web.employer.said import said
from linggong.web.employer.standing import PAGE, my_posting, once_for, start_of
from linggong.web.place import ask_with_operator
from linggong.web.templatetags.parts import day, pay_unit

RUNNING = frozenset(
    {State.DRAFT, State.SUBMITTED, State.REJECTED_AUTO, State.REVIEWING, State.RETURNED, State.REJECTED, *LIVE}
)
OVER = frozenset({State.STARTED, State.CLOSED, State.EXPIRED, State.TAKEN_DOWN})
TONES = {
    State.PUBLISHED: "ok", State.FULL: "ok", State.REVIEWING: "info", State.RETURNED: "warn", State.REJECTED_AUTO: "danger",
    State.REJECTED: "danger", State.TAKEN_DOWN: "danger",
}  # fmt: skip
TABS = (("open", __("在招")), ("today", __("今天")), ("done", __("干完")))


class Day(forms.Form):
    """From which day to do it again."""

    starts_on = fields.day_field(__("从哪天开始"))


class Reason(forms.Form):
    """Why a shift is called off."""

    because = forms.CharField(
        label=__("为什么不干了"), max_length=60, help_text=__("工友会看到，比如：下大雨"),
        error_messages={"required": __("写一句为什么，工友要看到"), "max_length": __("60 个字以内")},
    )  # fmt: skip


@require_GET
def jobs(request: HttpRequest) -> HttpResponse:
    """`/e/jobs/`: 在招, 今天, 干完."""
    tab = request.GET.get("tab", "open")
    tab = tab if tab in dict(TABS) else "open"
    start, moment = start_of(request), now()
    rows = posted.with_room(_of_tab(posted.of_employer(request.employer), tab), moment)
    page = list(rows[start : start + PAGE + 1])
    shown = {
        "tab": tab,
        "views": [{"label": label, "url": f"?tab={key}", "on": key == tab} for key, label in TABS],
        "rows": [row_of(posting) for posting in page[:PAGE]],
        "more_url": f"?tab={tab}&from={start + PAGE}" if len(page) > PAGE else "",
        "did": said(request),
    }
    return render(request, "employer/jobs.html#more" if request.htmx and start else "employer/jobs.html", shown)


def _of_tab(rows: QuerySet[Posting], tab: str) -> QuerySet[Posting]:
    if tab == "today":
        start, end = at(today(), 0), at(today(), 24)
        shifts = Shift.objects.filter(
            posting=OuterRef("pk"), starts_at__gte=start, starts_at__lt=end, called_off_at=None
        )
        return rows.filter(Exists(shifts), state__in=LIVE | {State.STARTED, State.CLOSED})
    return rows.filter(Q(state__in=RUNNING if tab == "open" else OVER))


def state_words(posting: Posting) -> str:
    """The state as the employer reads it: 干完了 is said only where somebody came."""
    if posting.state == State.CLOSED and posting.published_at is None:
        return _("没发，收掉了")
    if posting.state == State.CLOSED and posting.last_ends_at > now():
        return _("不招了，收掉了")
    return posting.get_state_display()


def row_of(posting: Posting) -> dict[str, Any]:
    """One posting as a row of a list; it carries `places_left` from `with_room`."""
    group = groups.group(posting.trade.group)
    left = posting.places_left
    words = _("还差 {n} 人").format(n=left) if posting.state == State.PUBLISHED and left else state_words(posting)
    return {
        "url": f"/e/post/check/{posting.code}/" if posting.state == State.DRAFT else f"/e/jobs/{posting.code}/",
        "title": _("{title}，要 {n} 人").format(title=posting.title, n=posting.places),
        "detail": f"{day(posting.next_starts_at)} {local(posting.next_starts_at):%-H:%M}，{posting.address}",
        "fen": posting.pay_fen, "unit": pay_unit(posting.pay_unit), "state": {"text": words, "tone": TONES.get(posting.state, "")},
        "pictogram": group.pictogram, "colour": group.colour, "code": posting.code,
    }  # fmt: skip


@require_GET
def job(request: HttpRequest, code: str) -> HttpResponse:
    """`/e/jobs/<code>/`: how it stands and what can be done."""
    return _job(request, my_posting(request, code))


def _job(
    request: HttpRequest, posting: Posting, *, refusal: Refused | None = None, form: Any = None, status: int = 200
) -> HttpResponse:
    if posting.state == State.DRAFT:
        return redirect("employer:check", posting.code)
    moment = now()
    shifts, review, stored = ask_with_operator(
        request,
        posted.shifts_question(posting.code),
        posted.open_review_question(posting) if posting.state == State.REVIEWING else known(None),
        payments.stored_question(f"posting:{posting.code}") if posting.funded_at else known(0),
    )
    to_come = [shift for shift in shifts if shift.starts_at > moment]
    first = (to_come or shifts or [None])[0]
    shown = {
        "posting": posting, "group": groups.group(posting.trade.group), "first": first, "many": len(shifts) > 1, "to_come": to_come[:30],
        "days": [{"starts_at": s.starts_at, "full": s.taken >= s.places} for s in shifts[:30]] if len(shifts) > 1 else [],
        "rows": preview.rows(posting, to_come or shifts) if shifts else [], "tone": TONES.get(posting.state, ""),
        "due_at": review.due_at if review else None, "refusal": refusal, "did": said(request),
        "state_words": state_words(posting),
        "can": {
            "pause": posting.state in (State.PUBLISHED, State.FULL), "resume": posting.state == State.PAUSED and bool(to_come),
            "change": posting.state in LIVE | {State.REVIEWING}, "edit": posting.state in (State.RETURNED, State.REJECTED_AUTO),
            "appeal": posting.state in (State.REJECTED_AUTO, State.REJECTED, State.TAKEN_DOWN) and posting.last_starts_at > moment,
            "close": State.CLOSED in Posting.MOVES[posting.state], "people": posting.state in LIVE | OVER,
            "site": posting.state in LIVE | {State.STARTED},
            "store": posting.state in LIVE | {State.REVIEWING} and bool(to_come) and posting.funded_at is None,
        },
        "stored_fen": stored,
        "again": form or Day(initial={"starts_on": today() + timedelta(days=1)}),
    }  # fmt: skip
    return render(request, "employer/job.html", shown, status=status)


def _act(request: HttpRequest, code: str, act: Any) -> HttpResponse:
    posting = my_posting(request, code)
    try:
        act(posting, by=request.user)
    except Refused as refusal:
        return _job(request, my_posting(request, code), refusal=refusal, status=refusal.status)
    return redirect("employer:job", posting.code)


@require_POST
def pause(request: HttpRequest, code: str) -> HttpResponse:
    """先不招了."""
    return _act(request, code, postings.pause)


@require_POST
def resume(request: HttpRequest, code: str) -> HttpResponse:
    """接着招."""
    return _act(request, code, postings.resume)


@require_POST
def close(request: HttpRequest, code: str) -> HttpResponse:
    """不招了."""
    return _act(request, code, postings.close)


@require_POST
def repeat(request: HttpRequest, code: str) -> HttpResponse:
    """再发一次: the same offer from another day, as a draft to look at."""
    posting = my_posting(request, code)
    form = Day(request.POST)
    if not form.is_valid():
        return _job(request, posting, form=form, status=422)
    day_on = form.cleaned_data["starts_on"]
    try:
        again = once_for(request, [posting.code, str(day_on)], lambda: {
            "code": postings.repeat(posting, starts_on=day_on, by=request.user).code})  # fmt: skip
    except Refused as refusal:
        return _job(request, posting, form=form, refusal=refusal, status=refusal.status)
    return redirect("employer:check", again["code"])


# --- changing ------------------------------------------------------------------------------------------------


@require_GET
def change(request: HttpRequest, code: str) -> HttpResponse:
    """What may be changed once people can see it, and who is asked again."""
    return _change(request, my_posting(request, code), editing=request.GET.get("edit", ""))


@require_POST
def change_row(request: HttpRequest, code: str, row: str) -> HttpResponse:
    """Change one row: a new version, read again, and asked of everybody again."""
    posting = my_posting(request, code)
    if row not in fields.ROWS:
        raise Http404
    form = fields.ROWS[row](postings.facts_of(posting), posting.employer, request.POST)
    if not form.is_valid():
        return _change(request, posting, form=form, editing=row, status=422)

    def do() -> dict[str, Any]:
        if (seen := request.POST.get("seen", "")) and seen != str(posting.version):
            raise fields.Overtaken
        return {"version": postings.change(posting, form.facts(), by=request.user).version}

    try:
        once_for(request, [posting.code, row, dict(request.POST.lists())], do)
    except Refused as refusal:
        fields.show_refusal(form, refusal.fields or {"": str(refusal)})
        return _change(request, my_posting(request, code), form=form, editing=row, status=refusal.status)
    return redirect("employer:job", posting.code)


def _change(
    request: HttpRequest, posting: Posting, *, form: fields.Row | None = None, editing: str = "", status: int = 200
) -> HttpResponse:
    if posting.state not in LIVE | {State.REVIEWING}:
        return redirect("employer:job", posting.code)
    moment = now()
    shifts = posted.shifts_to_come(posting, moment) or posted.shifts_of(posting)
    if form is None and editing in fields.ROWS:
        form = fields.ROWS[editing](postings.facts_of(posting), posting.employer)
    shown = {
        "posting": posting, "rows": preview.rows(posting, shifts), "editing": editing if form is not None else "", "form": form,
        "bound": deals.bound(posting).count(),
    }  # fmt: skip
    template = "employer/change.html#change" if request.htmx else "employer/change.html"
    return render(request, template, shown, status=status)


# --- calling off ---------------------------------------------------------------------------------------------


@require_GET
def off_page(request: HttpRequest, code: str, shift: str) -> HttpResponse:
    """`/e/jobs/<code>/call-off/<shift>/`: what it costs, before it is done."""
    posting = my_posting(request, code)
    return _off(request, posting, _shift(posting, shift), Reason())


@require_POST
def call_off(request: HttpRequest, code: str, shift: str) -> HttpResponse:
    """今天不干了: everybody of the shift is told at once."""
    posting = my_posting(request, code)
    row, form = _shift(posting, shift), Reason(request.POST)
    if not form.is_valid():
        return _off(request, posting, row, form, status=422)
    try:
        postings.call_off(row, because=form.cleaned_data["because"], by=request.user)
    except Refused as refusal:
        return _off(request, posting, row, form, refusal=refusal, status=refusal.status)
    return redirect("employer:job", posting.code)


def _shift(posting: Posting, code: str) -> Shift:
    row = posted.shift_by_code(code)
    if row is None or row.posting_id != posting.pk:
        raise Http404
    return row


def _off(
    request: HttpRequest,
    posting: Posting,
    shift: Shift,
    form: Reason,
    *,
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    late = shift.starts_at - now() < timedelta(minutes=posting.call_off_minutes)
    shown = {
        "posting": posting, "shift": shift, "form": form, "refusal": refusal, "late": late,
        "free_until": shift.starts_at - timedelta(minutes=posting.call_off_minutes), "owed": posting.wasted_trip_fen * shift.taken,
    }  # fmt: skip
    return render(request, "employer/call_off.html", shown, status=status)
