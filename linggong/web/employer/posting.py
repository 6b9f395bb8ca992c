"""E2 to E4: one sentence becomes a posting. What is missing is asked one question at a time, everything else has 改."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

import linggong.employers.actions as employers
import linggong.employers.queries as known
import linggong.matching.queries as matching
import linggong.postings.actions as postings
import linggong.postings.queries as posted
from linggong.core.clock import now
from linggong.core.refusals import Refused
from linggong.employers import commitment
from linggong.postings.models import Posting, State
from linggong.postings.sentence import LONGEST_TEXT
from linggong.web.employer import fields, preview, sheet
from linggong.web.employer.standing import my_posting, once_for
from linggong.web.posting_sheet import EDITABLE, asked_because, hear, marked, pieces, text_of

NEAR_MOST = 50


class Sentence(forms.Form):
    """What the employer says."""

    text = forms.CharField(
        label=_("一句话说清楚"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
        error_messages={
            "required": _("写一句话，比如：明天早上8点要2个帮厨，180一天，管饭"),
            "max_length": _("写得太长了，两千个字以内，挑要紧的说"),
            "null_characters_not_allowed": _("有看不见的符号，请删掉重新打一遍"),
        },
    )  # fmt: skip


EXAMPLES = (
    _("明天早上8点到下午5点要2个帮厨，180一天，管饭"), _("25号起连干10天，早上7点到11点装化肥，6个人，12块一吨，一共300吨"),
    _("周六周日上午9点到12点打扫卫生，1个人，35一小时"),
)  # fmt: skip


@require_GET
def say(request: HttpRequest) -> HttpResponse:
    """`/e/post/`: one sentence."""
    text = request.GET.get("text", "")[:LONGEST_TEXT].replace("\x00", "") or (
        sheet.Sheet.of(request).text if request.GET.get("again") else ""
    )
    return render(request, "employer/post.html", {"form": Sentence(initial={"text": text}), "examples": EXAMPLES})


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Understand the sentence; a complete one is a draft at once."""
    form = Sentence(request.POST)
    if not form.is_valid():
        return render(request, "employer/post.html", {"form": form, "examples": EXAMPLES}, status=422)
    told = sheet.read(form.cleaned_data["text"], request.employer, now())
    told.keep(request)
    return _go_on(request, told)


@require_GET
def question(request: HttpRequest) -> HttpResponse:
    """`/e/post/check/`: what was understood, and the next question."""
    told = sheet.Sheet.of(request)
    if not told.text and not told.said:
        return redirect("employer:post")
    asked = told.question(request.employer)
    if asked is None:
        return _go_on(request, told)
    return _question(request, told, fields.Ask(asked[2], request.employer))


@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """One answer; when nothing is missing any more, a draft."""
    told = sheet.Sheet.of(request)
    asked = told.question(request.employer)
    if asked is None:
        return _go_on(request, told)
    form = fields.Ask(asked[2], request.employer, request.POST)
    if not form.is_valid():
        return _question(request, told, form, status=422)
    told.said |= form.said()
    told.keep(request)
    return _go_on(request, told)


def _go_on(request: HttpRequest, told: sheet.Sheet) -> HttpResponse:
    if told.question(request.employer) is not None:
        return redirect("employer:question")
    try:
        row = once_for(request, [told.text, told.said], lambda: {"code": postings.draft(
            request.employer, told.facts(), source_text=told.text, by=request.user).code})  # fmt: skip
    except Refused as refusal:
        return _put_right(request, told, refusal)
    request.session.pop(sheet.KEY, None)
    return redirect("employer:check", row["code"])


def _put_right(request: HttpRequest, told: sheet.Sheet, refusal: Refused) -> HttpResponse:
    """What was understood cannot be: ask again for exactly that, with the sentence that says why."""
    wrong = {"starts_at": ("date", "start_time"), "ends_at": ("start_time", "end_time"), "shifts": ("date",), "places": ("headcount",),
             "pay_fen": ("pay", "pay_unit"), "pay_unit": ("pay", "pay_unit"), "trade": ("trade",), "address": ("place",),
             "division": ("place",)}  # fmt: skip
    names = [name for field in refusal.fields for name in wrong.get(field, ())] or list(sheet.REQUIRED)
    typed = {sheet.KEPT[name]: told.said.pop(sheet.KEPT[name], None) for name in names}
    for field in set(refusal.fields) - set(wrong):
        told.said.pop(field, None)
    told.keep(request)
    asked = told.question(request.employer)
    form = fields.Ask(asked[2] if asked else [], request.employer, initial=fields.as_typed(typed))
    return _question(request, told, form, refusal=refusal, status=refusal.status)


def _question(
    request: HttpRequest, told: sheet.Sheet, form: fields.Ask, *, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    asked = told.question(request.employer)
    heard = hear(told.text, request.employer, now())
    shown = {"said": pieces(heard), "form": form, "asked": asked[1] if asked else "", "refusal": refusal,
             "seen": len(heard.marks), "because": asked_because(heard, asked[2] if asked else [])}  # fmt: skip
    return render(request, "employer/question.html", shown, status=status)


# --- the preview ---------------------------------------------------------------------------------------------


@require_GET
def check(request: HttpRequest, code: str) -> HttpResponse:
    """`/e/post/check/<code>/`: E3. `?edit=` opens one row."""
    posting = my_posting(request, code)
    if posting.state not in EDITABLE:
        return redirect("employer:posted", posting.code)
    return _preview(request, posting, editing=request.GET.get("edit", ""))


@require_POST
def change_row(request: HttpRequest, code: str, row: str) -> HttpResponse:
    """改: one row of a draft."""
    posting = my_posting(request, code)
    if row not in fields.ROWS:
        raise Http404
    form = fields.ROWS[row](postings.facts_of(posting), posting.employer, request.POST)
    if not form.is_valid():
        return _preview(request, posting, form=form, editing=row, status=422)

    def do() -> dict[str, Any]:
        if (seen := request.POST.get("seen", "")) and seen != preview.seen(posting):
            raise fields.Overtaken
        postings.redraft(posting, form.facts(), by=request.user)
        return {}

    try:
        once_for(request, [posting.code, row, dict(request.POST.lists())], do)
    except Refused as refusal:
        fields.show_refusal(form, refusal.fields or {"": str(refusal)})
        return _preview(request, my_posting(request, code), form=form, editing=row, status=refusal.status)
    return redirect("employer:check", posting.code)


@require_POST
def rewrite(request: HttpRequest, code: str) -> HttpResponse:
    """Take the lawful wording of one field, in one tap (GX-25)."""
    posting = my_posting(request, code)
    if told := preview.rewritten(posting, request.POST.get("field", "")):
        postings.redraft(posting, told, by=request.user)
    return redirect("employer:check", posting.code)


@require_POST
def publish(request: HttpRequest, code: str) -> HttpResponse:
    """发布: the promise first where it was never given (GX-26), then screening decides."""
    posting = my_posting(request, code)
    store = request.POST.get("wages") == "store"
    if not known.has_committed(request.employer):
        return redirect("employer:promise", posting.code)
    if posting.state == State.CLOSED:
        return redirect(f"{reverse('employer:job', args=[posting.code])}?did=not_out")
    if posting.state in EDITABLE:
        try:
            once_for(
                request, ["submit", posting.code], lambda: {"state": postings.submit(posting, by=request.user).state}
            )
        except Refused as refusal:
            return _preview(request, my_posting(request, code), refusal=refusal, status=refusal.status)
    if store and posting.state in (State.PUBLISHED, State.REVIEWING):
        return redirect("employer:store", posting.code)
    return redirect("employer:posted", posting.code)


@require_POST
def discard(request: HttpRequest, code: str) -> HttpResponse:
    """不发了: a draft is closed."""
    posting = my_posting(request, code)
    if posting.state != State.CLOSED:  # a second tap finds it done
        postings.close(posting, by=request.user)
    return redirect(f"{reverse('employer:jobs')}?did=discarded")


def _preview(
    request: HttpRequest, posting: Posting, *, refusal: Refused | None = None, form: fields.Row | None = None, editing: str = "",
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    shown = preview.facts(posting, form=form, editing=editing)
    reasons = _reasons(posting) if posting.state == State.RETURNED else []
    asks_papers = isinstance(refusal, known.MayNotPost)
    shown |= {"refusal": refusal, "reasons": reasons, "asks_papers": asks_papers}
    if form is not None and not form.is_valid() and (opened_on := request.POST.get("seen", "")[:12]):
        shown["seen"] = opened_on  # still the form that was opened then
    template = "employer/check.html#check" if request.htmx else "employer/check.html"
    return render(request, template, shown, status=status)


def _reasons(posting: Posting) -> list[dict[str, str]]:
    review = next((r for r in posted.reviews_of(posting) if r.decision == "returned"), None)
    return [{"text": str(reason.get("text", "")), "row": fields.ROW_OF.get(str(reason.get("field", "")), "work")}
            for reason in (review.reasons if review else [])]  # fmt: skip


# --- the promise, and what became of it ----------------------------------------------------------------------


@require_GET
def promise(request: HttpRequest, code: str) -> HttpResponse:
    """The commitment, before the first posting."""
    posting = my_posting(request, code)
    if known.has_committed(request.employer):
        return redirect("employer:check", posting.code)
    return render(request, "employer/promise.html", {"posting": posting, "text": commitment.current()})


@require_POST
def accept_promise(request: HttpRequest, code: str) -> HttpResponse:
    """我承诺."""
    posting = my_posting(request, code)
    employers.accept_commitment(request.employer, by=request.user)
    return redirect("employer:check", posting.code)


@require_GET
def posted_page(request: HttpRequest, code: str) -> HttpResponse:
    """`/e/post/done/<code>/`: E4."""
    posting = my_posting(request, code)
    if posting.state == State.DRAFT:
        return redirect("employer:check", posting.code)
    if posting.state not in OUTCOMES:
        return redirect("employer:job", posting.code)
    return render(
        request, "employer/posted.html", {"posting": posting, "state": posting.state} | OUTCOMES[posting.state](posting)
    )


def _reviewing(posting: Posting) -> dict[str, Any]:
    review = posted.open_review(posting)
    return {"due_at": review.due_at if review else None}


def _published(posting: Posting) -> dict[str, Any]:
    return {"near": len(matching.for_posting(posting, now(), limit=NEAR_MOST))}


def _refused(posting: Posting) -> dict[str, Any]:
    flags = [flag for flag in posted.flags_of(posting) if flag.severity != "HINT"]
    told = [{"message": f.message, "basis": f.basis, "pieces": marked(text_of(posting, f.field), [tuple(s) for s in f.spans])
             if f.spans else [], "row": fields.ROW_OF.get(f.field, "work")} for f in flags]  # fmt: skip
    reasons = [reason["text"] for review in posted.reviews_of(posting)[:1] for reason in review.reasons]
    return {"flags": told, "reasons": reasons}


def _returned(posting: Posting) -> dict[str, Any]:
    return {"reasons": _reasons(posting)}


OUTCOMES: dict[str, Callable[[Posting], dict[str, Any]]] = {
    State.REVIEWING: _reviewing, State.PUBLISHED: _published, State.REJECTED_AUTO: _refused, State.REJECTED: _refused,
    State.RETURNED: _returned, State.TAKEN_DOWN: _refused,
}  # fmt: skip


@require_POST
def appeal(request: HttpRequest, code: str) -> HttpResponse:
    """申诉: a person looks again."""
    posting = my_posting(request, code)
    postings.appeal(posting, by=request.user)
    return redirect("employer:posted", posting.code)
