"""R1, R2 and R2p: what rules could not pass, the reason first, ordered by when the work starts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.views.decorators.http import require_GET, require_POST

import linggong.employers.queries as employers
import linggong.engagements.queries as deals
import linggong.postings.actions as actions
import linggong.postings.queries as postings
import linggong.venues.queries as venues
from linggong.core.asking import Count, Question, joined
from linggong.core.clock import at, now, today
from linggong.core.refusals import Refused
from linggong.postings.background import RING_AGAIN, RING_BEFORE
from linggong.postings.models import LIVE, Flag, Posting, Review
from linggong.reference import groups
from linggong.web.place import ask_with_operator
from linggong.web.posting_sheet import hourly_words, marked
from linggong.web.station import frame
from linggong.web.station.frame import REVIEW, only, posting_of
from linggong.web.templatetags.parts import clock, day, deadline, pay_unit, span, yuan

BEFORE = (Review.Kind.BEFORE, Review.Kind.APPEAL)
USUAL = {
    "address": __("地点写细一点。几号门，找谁"),
    "pay_note": __("工钱写清楚。一天多少，什么时候付"),
    "content": __("干什么写清楚。一句话说具体"),
}


@require_GET
@only(REVIEW)
def queue(request: HttpRequest) -> HttpResponse:
    """`/review/`: what keeps a posting from going out; `?tab=samples`: looks afterwards."""
    samples = request.GET.get("tab") == "samples"
    every = postings.review_queue(request.reach)
    wanted = every.exclude(kind__in=BEFORE) if samples else every.filter(kind__in=BEFORE)
    rows, more = frame.cut(wanted.prefetch_related("posting__flags"), request)
    moment = now()
    sorts = (every.filter(kind__in=BEFORE), every.exclude(kind__in=BEFORE))
    (before, after), clock_words = ask_with_operator(
        request, Question([Count(rows) for rows in sorts], lambda *n: n), _clock_words()
    )
    facts = {
        "title": _("审活"),
        "rows": [_row(review, moment) for review in rows],
        "more_url": more,
        "samples": samples,
        "views": [
            {
                "label": _("要人看 {n}").format(n=before),
                "url": "/review/",
                "on": not samples,
            },
            {
                "label": _("抽查 {n}").format(n=after),
                "url": "/review/?tab=samples",
                "on": samples,
            },
        ],
        "clock": clock_words,
    }
    return frame.show(request, "review_queue.html", facts)


def _clock_words() -> Question[dict[str, Any]]:
    """The review clock of today: GX-07 asks for P90, and for the fast lane by itself."""
    start, end = at(today(), 0), at(today(), 24)

    def words(whole: postings.ReviewTimes, fast: postings.ReviewTimes, share: tuple[int, int]) -> dict[str, Any]:
        return {
            "decided": whole.decided,
            "p90": _minutes(whole.p90_minutes),
            "fast_p90": _minutes(fast.p90_minutes),
            "fast": fast.decided,
            "late": whole.late,
            "passed": share[1],
            "sampled": share[0],
        }

    return joined(
        words,
        postings.review_times_question(start, end),
        postings.review_times_question(start, end, fast_lane=True),
        postings.sampled_share_question(start, end),
    )


def _minutes(value: float | None) -> str:
    return "—" if value is None else f"{max(1, round(value))}"


def _row(review: Review, moment: datetime) -> dict[str, Any]:
    posting = review.posting
    flags = [f for f in posting.flags.all() if f.version == posting.version and f.severity != "HINT"]
    return {
        "url": f"/review/{posting.code}/",
        "posting": posting,
        "when": f"{day(posting.next_starts_at)} {clock(posting.next_starts_at)}",
        "reasons": _tags(review, flags),
        "left": left_words(review.due_at, moment),
        "late": review.due_at < moment,
        "fast": review.fast_lane,
        "opened": review.opened_by.name if review.opened_by else "",
        "waited": _("{n} 分钟").format(n=int((moment - review.asked_at).total_seconds() // 60)),
        "soon": posting.next_starts_at - moment < RING_BEFORE,
        "kind": review.get_kind_display(),
    }


def _tags(review: Review, flags: Sequence[Flag]) -> list[dict[str, str]]:
    found = [
        {"text": f.message.rstrip("。")[:40], "tone": "danger" if f.severity == "BLOCK" else "warn"} for f in flags
    ]
    if review.kind == Review.Kind.APPEAL:
        found.insert(0, {"text": _("老板申诉，换个人看"), "tone": "info"})
    if employers.is_new(review.posting.employer):
        found.append({"text": _("刚登记"), "tone": "info"})
    return found[:3] or [{"text": _("看一眼") if review.kind in BEFORE else review.get_kind_display(), "tone": ""}]


def left_words(due_at: datetime, moment: datetime) -> str:
    """还有 12 分钟, or 超了 5 分钟."""
    minutes = round(abs((due_at - moment).total_seconds()) / 60)
    words = _("{n} 分钟").format(n=minutes) if minutes < 120 else _("{n} 小时").format(n=minutes // 60)
    return _("超了 {n}").format(n=words) if due_at < moment else _("还有 {n}").format(n=words)


# --- one posting ---------------------------------------------------------------------------------------------


@require_GET
@only(REVIEW)
def item(request: HttpRequest, code: str) -> HttpResponse:
    """`/review/<code>/`: at a desk, or phone-size for the reviewer on duty."""
    posting = _reviewed(request, code)
    refusal = None
    if postings.open_review(posting) is not None:
        try:
            actions.open_for_review(posting, by=request.user)
        except Refused as no:
            refusal = no
    return _page(request, posting, refusal=refusal)


def _mismatch(posting: Posting, moment: datetime) -> str:
    """How often people found it other than promised at this employer's, of those who were asked on arrival (U05)."""
    other, asked = deals.mismatch(posting.employer, moment)
    if not asked:
        return _("这家还没有人答过“和说的一样吗”")
    return _("这家近一年 {asked} 次到岗，{other} 次说和说的不一样").format(asked=asked, other=other)


def _reviewed(request: HttpRequest, code: str) -> Posting:
    posting = posting_of(request, code)
    if not posting.reviews.exists():
        raise Http404
    return posting


def _page(request: HttpRequest, posting: Posting, *, refusal: Refused | None = None, status: int = 200) -> HttpResponse:
    moment = now()
    review = postings.open_review(posting)
    flags = postings.flags_of(posting)
    shifts = postings.shifts_to_come(posting, moment) or postings.shifts_of(posting)
    said = request.POST.get("text", "")[:200].replace("\x00", "")
    facts = {
        "title": _("审活"),
        "posting": posting,
        "review": review,
        "refusal": refusal,
        "colour": groups.group(posting.trade.group).colour,
        "texts": texts_of(posting, flags),
        "why": reasons(posting, flags, shifts),
        "replies": replies(flags),
        "written": said,
        "when": f"{day(posting.next_starts_at)} {span(shifts[0].starts_at, shifts[0].ends_at)}" if shifts else "",
        "flagged": any(f.severity != "HINT" for f in flags),
        "live": posting.state in LIVE,
        "mismatch": _mismatch(posting, moment),
        "turn": _turn(posting, review, moment),
        "history": _history(posting),
        "back": "/review/",
    }
    template = "review_phone.html" if on_phone(request) else "review_item.html"
    response = frame.show(request, template, facts, status=status)
    response["Vary"] = "Cookie, User-Agent"
    return response


def on_phone(request: HttpRequest) -> bool:
    """A phone says so itself; `?phone=1` where it does not."""
    return request.GET.get("phone") == "1" or "Mobi" in request.headers.get("User-Agent", "")


def texts_of(posting: Posting, flags: Sequence[Flag]) -> list[dict[str, Any]]:
    """What the employer wrote, field by field, with the words against the rules marked."""
    labels = {
        "title": _("标题"),
        "content": _("干什么"),
        "requirements": _("要求"),
        "pay_note": _("工钱说明"),
        "address": _("地点"),
        "age_reason": _("年龄要求的依据"),
        "uninsured_reason": _("不买保险的原因"),
        "transport": _("接送"),
        "tools": _("工具"),
        "meeting_point": _("碰头的地方"),
        "contact_name": _("联系人"),
    }
    spans: dict[str, list[tuple[int, int]]] = {}
    for flag in flags:
        if flag.severity != "HINT":
            spans.setdefault(flag.field, []).extend((int(a), int(b)) for a, b in flag.spans)
    found = []
    for name, label in labels.items():
        text = "；".join(r["text"] for r in posting.requirements) if name == "requirements" else getattr(posting, name)
        if text and (name in spans or name in ("title", "content", "requirements")):
            found.append({"label": label, "pieces": marked(text, spans.get(name, []))})
    return found


def reasons(posting: Posting, flags: Sequence[Flag], shifts: Sequence[Any]) -> list[dict[str, str]]:
    """Why it is looked at: what is against it first, then who they are, then the wage."""
    found = [{"kind": "against", "subject": "", "text": f.message} for f in flags if f.severity != "HINT"][:2]
    employer = posting.employer
    if employers.is_new(employer):
        limits = employers.limits(employer)
        found.append(
            {
                "kind": "miss",
                "subject": _("刚登记，"),
                "text": _("材料还没交齐，最多 {n} 人 {d} 天").format(n=limits.people, d=limits.days),
            }
        )
    else:
        found.append({"kind": "for", "subject": _("核实过，"), "text": employer.get_kind_display()})
    if shifts:
        each = hourly_words(posting, shifts)
        each = f"，{each}" if each else ""
        found.append(
            {
                "kind": "for",
                "subject": _("工钱，"),
                "text": f"{yuan(posting.pay_fen)} {pay_unit(posting.pay_unit)}{each}",
            }
        )
    if not any(f.severity != "HINT" for f in flags):
        found.append({"kind": "for", "subject": _("字眼，"), "text": _("没有查到不该写的")})
    return found


def replies(flags: Sequence[Flag]) -> list[dict[str, Any]]:
    """Ready, polite answers: for what was found first, then the usual ones."""
    found = []
    for flag in flags:
        if flag.severity != "HINT":
            offer = _("可以写成“{text}”").format(text=flag.rewrite[:60]) if flag.rewrite else ""
            found.append({"value": f"flag-{flag.pk}", "title": flag.message, "text": offer})
    found += [{"value": key, "title": str(words), "text": ""} for key, words in USUAL.items()]
    found = found[:5]
    found[0]["on"] = True
    return found


def _turn(posting: Posting, review: Review | None, moment: datetime) -> dict[str, Any] | None:
    """How long is left to the start, and who is rung next."""
    if review is None or review.kind not in BEFORE or posting.next_starts_at <= moment:
        return None
    left = posting.next_starts_at - moment
    told = {
        "start": clock(posting.next_starts_at),
        "left": left_words(posting.next_starts_at, moment),
        "soon": left < RING_BEFORE,
    }
    if left >= RING_BEFORE:
        return told | {"due": deadline(review.due_at)}
    rings = list(review.rings.select_related("user").order_by("at"))
    rung = {ring.user_id for ring in rings} | {posting.posted_by_id}
    after = next((u for u in venues.reviewers_on_call(posting.division_id, moment) if u.pk not in rung), None)
    if rings:
        told["now"] = rings[-1].user.name
    if after is not None:
        told["next"], told["next_at"] = after.name, clock((rings[-1].at if rings else moment) + RING_AGAIN)
    return told


def _history(posting: Posting) -> list[dict[str, Any]]:
    return [
        {
            "who": review.decided_by.name if review.decided_by else _("系统"),
            "what": review.get_decision_display(),
            "at": review.decided_at,
            "why": "；".join(str(r.get("text", "")) for r in review.reasons),
            "kind": review.get_kind_display(),
        }
        for review in postings.reviews_of(posting)
        if review.decided_at is not None
    ]


# --- decisions -----------------------------------------------------------------------------------------------


@require_POST
@only(REVIEW)
def approve(request: HttpRequest, code: str) -> HttpResponse:
    """放行."""
    return _decide(request, code, lambda posting: actions.approve(posting, by=request.user))


@require_POST
@only(REVIEW)
def return_(request: HttpRequest, code: str) -> HttpResponse:
    """退回，让他改."""
    return _decide(
        request, code, lambda posting: actions.return_(posting, reasons=_said(request, posting), by=request.user)
    )


@require_POST
@only(REVIEW)
def reject(request: HttpRequest, code: str) -> HttpResponse:
    """不通过: it may not go out at all; the employer may appeal to somebody else."""
    return _decide(
        request, code, lambda posting: actions.reject(posting, reasons=_said(request, posting), by=request.user)
    )


@require_POST
@only(REVIEW)
def take_down(request: HttpRequest, code: str) -> HttpResponse:
    """下架."""

    def do(posting: Posting) -> Posting:
        said = _said(request, posting)
        return actions.take_down(posting, because=said[0]["text"] if said else "", by=request.user)

    return _decide(request, code, do)


def _decide(request: HttpRequest, code: str, do: Any) -> HttpResponse:
    posting = _reviewed(request, code)
    try:
        do(posting)
    except Refused as refusal:
        return _page(request, _reviewed(request, code), refusal=refusal, status=refusal.status)
    return redirect(f"/review/{posting.code}/{'?phone=1' if request.GET.get('phone') == '1' else ''}")


def _said(request: HttpRequest, posting: Posting) -> list[dict[str, str]]:
    """The chosen ready reply and what the reviewer typed besides."""
    chosen, said = request.POST.get("reply", ""), []
    if chosen.startswith("flag-"):
        flag = next((f for f in postings.flags_of(posting) if f"flag-{f.pk}" == chosen), None)
        if flag is not None:
            offer = _("。可以写成“{text}”").format(text=flag.rewrite[:60]) if flag.rewrite else ""
            said.append({"field": flag.field, "text": flag.message.rstrip("。") + offer})
    elif chosen in USUAL:
        said.append({"field": chosen, "text": str(USUAL[chosen])})
    if typed := frame.text_of(request, "text", 200):
        said.append({"field": "", "text": typed})
    return said
