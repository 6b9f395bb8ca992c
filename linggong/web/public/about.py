"""What is public about how this works: the order of lists, the rules, privacy, whether an agreement is real."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Max, Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

import linggong.agreements.queries as agreements
import linggong.employers.record as employer_record
import linggong.reference.queries as reference
import linggong.venues.queries as venues
import linggong.workers.record as worker_record
from linggong.accounts import consents
from linggong.agreements.models import Agreement
from linggong.core.asking import ask
from linggong.core.clock import now, today
from linggong.core.models import Delivery, Turn
from linggong.core.money import yuan
from linggong.employers import commitment
from linggong.employers.models import Kind
from linggong.engagements import waves
from linggong.engagements.models import Invitation
from linggong.matching import weighing
from linggong.oversight import spread
from linggong.postings import screening
from linggong.web.place import place_of

WORKER_SILENT = timedelta(minutes=3)  # the sweep runs every minute
HASH_SHOWN = 12
PERSONS = frozenset({Kind.HOUSEHOLD, Kind.FARM})


@require_GET
def how_sorted(request: HttpRequest) -> HttpResponse:
    """`/how-sorted/`: the published weights, and what never counts (互联网信息服务算法推荐管理规定 art. 16)."""
    place = place_of(request)
    versions = weighing.history(place.code)
    weights = weighing.weights(place.code, now())
    whole = sum(part.most for part in weights.components)
    rows = [
        {"word": part.word, "percent": round(100 * part.most / whole) if whole else 0, "rule": part.rule}
        for part in sorted(weights.components, key=lambda part: -part.most)
    ]
    facts = {"rows": rows, "version": weights.version, "history": [_version(row, weights.version) for row in versions]}
    return render(request, "public/how_sorted.html", facts | _fairness(place.code))


def _fairness(code: str) -> dict[str, Any]:
    """Which venues send by turns or by draw, what is held for new people, and how work is spread as measured."""
    day, county = today(), reference.county_of(code)
    modes = [
        {"name": venue.name, "code": venue.code, "turn": venue.by_turn, "draw": venue.by_draw}
        for venue in venues.listed(county).filter(Q(by_turn=True) | Q(by_draw=True))
    ]
    measured = spread.latest(code, day)
    if measured is not None:
        measured.without_percent = round(100 * measured.without / measured.people)
    rules = ask(reference.rules_question({code}))
    return {
        "modes": modes, "measured": measured,
        "share": rules.setting("newcomer_share", division_code=code, on=day),
        "hold": rules.setting("newcomer_hold_hours", division_code=code, on=day),
    }  # fmt: skip


def _version(row: dict[str, Any], current: str) -> dict[str, Any]:
    """One version in a line: from when, what it gave, by which notice."""
    weights = row["weights"]
    parts = sorted(weights.components, key=lambda part: -part.most)
    return {
        "version": weights.version, "since": row["from"], "until": row["to"], "document": row["document"],
        "on": weights.version == current,
        "words": "，".join(_("{word} {most} 分").format(word=part.word, most=part.most) for part in parts),
    }  # fmt: skip


@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    """`/rules/`: what employers promise, what may not be written, how the record counts, where to complain."""
    words = list(dict.fromkeys(rule.message for rule in screening.default_rules().rules))
    facts = {
        "duties": commitment.TEXTS[commitment.VERSION].duties,
        "words": words,
        "schedule": _schedule(),
        "waves": _waves(),
        "records": [_record(_("工友的口碑"), worker_record), _record(_("老板的口碑"), employer_record)],
    }
    return render(request, "public/rules.html", facts)


def _schedule() -> dict[str, Any]:
    """取消和没到: what each counts on either side's record, and what is owed; from the published rule of today."""
    day = today()
    early, late = reference.setting("cancel_bands", on=day)
    points = reference.setting("cancel_points", on=day)
    steps = [
        (_("开工前 {n} 小时以上说").format(n=early), points["early"]),
        (_("开工前 {late} 到 {early} 小时说").format(late=late, early=early), points["middle"]),
        (_("开工前不到 {n} 小时说").format(n=late), points["late"]),
        (_("没到，或叫人来了没活干"), points["absent"]),
    ]
    return {
        "steps": [{"words": words, "points": _("不记") if not n else _("{n} 分").format(n=n)} for words, n in steps],
        "undo": reference.setting("undo_minutes", on=day), "rule": reference.rule_row("cancel_points", on=day),
        "confirm": reference.setting("confirm_minutes", on=day),
        "trip": yuan(reference.setting("released_trip_fen", on=day)),
    }  # fmt: skip


def _waves() -> dict[str, Any]:
    """怎么叫人: the order of the waves, of a hundred asked how many come, and the limits of asking."""
    day = today()
    percent = reference.setting("invite_accept_percent", on=day)
    labels = dict(Invitation._meta.get_field("tier").flatchoices)
    quiet = reference.setting("quiet_hours", on=day)
    return {
        "tiers": [{"words": labels[tier], "percent": percent[tier]} for tier in waves.TIERS],
        "most": waves.WAVE_MOST, "share": reference.setting("invite_wave_percent", on=day),
        "cap": reference.setting("invite_per_day", on=day), "from": quiet[0], "to": quiet[1],
        "within": reference.setting("invite_within_hours", on=day),
        "every": reference.setting("round_minutes", on=day) if settings.ENGINE else 0,
    }  # fmt: skip


def _record(title: str, record: Any) -> dict[str, Any]:
    return {
        "title": title,
        "points": [{"words": rule.words, "points": f"{rule.points:+d}"} for rule in record.POINTS.values()],
        "rules": record.RULES_IN_WORDS,
        "benefits": record.BENEFITS,
    }


@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """`/privacy/`: what is kept, for what, and how to take it back."""
    newest = {text.purpose: text for text in consents.TEXTS}
    return render(request, "public/privacy.html", {"texts": list(newest.values())})


@require_GET
def check_agreement(request: HttpRequest, code: str) -> HttpResponse:
    """`/agreements/<code>/check/`: is this paper real? Says no more of a person than 姓师傅."""
    try:
        agreement = agreements.by_code(code)
    except Agreement.DoesNotExist:
        raise Http404 from None
    if agreement.effective_at is None:
        raise Http404
    employer = agreement.employer
    facts = {
        "agreement": agreement,
        "wrong": agreements.tampered(agreement),
        "worker": agreement.worker.user.called,
        "employer": _("一户个人") if employer.kind in PERSONS else employer.name,
        "short_hash": agreement.terms_hash[:HASH_SHOWN],
        "mark": agreements.mark(agreement),
    }
    return render(request, "public/check_agreement.html", facts)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """`/healthz`: for whoever watches the machine. 503 when the database does not answer; no personal data."""
    try:
        connection.ensure_connection()
        swept = Turn.objects.aggregate(last=Max("ran_at"))["last"]
        stuck = Delivery.objects.filter(failed_at__isnull=False, done_at=None).count()
        owed = Delivery.objects.filter(failed_at=None, done_at=None).count()
    except DatabaseError:
        return JsonResponse({"database": "down"}, status=503)
    moment = now()
    return JsonResponse({
        "database": "up",
        "worker": "up" if swept is not None and moment - swept < WORKER_SILENT else "silent",
        "worker_last_seen": swept.isoformat() if swept is not None else None,
        "deliveries_stuck": stuck,
        "deliveries_owed": owed,
    })  # fmt: skip
