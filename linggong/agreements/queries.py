"""Questions about agreements: which text, what it says, whether it stands, whether it is still what was agreed."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from linggong.agreements import pdf, wording
from linggong.agreements.models import Acceptance, Agreement, Template
from linggong.core.clock import local
from linggong.core.once import terms_hash
from linggong.core.queries import timeline
from linggong.workers.models import Worker

S = Agreement.State
OVER_AGE_FROM = 60  # protective and sex-blind: nobody loses anything by the over-age text (domain G-08, G-09)
ADULT_AGE = 18
SIDES = ("worker", "employer")
MARK_LENGTH = 6
TEMPLATES_FILE = Path(__file__).parent / "data" / "templates.json"


@dataclass(frozen=True)
class Yes:
    """One acceptance in words, for the page and the paper."""

    side: str
    name: str
    how: str
    at: datetime
    witness: str


def template_kind(terms: Mapping[str, Any], age: int | None, employer_kind: str) -> str:
    """Which model text fits these terms. A choice of wording, no conclusion about the legal relation (GX-27b).

    劳动法 art. 58 before all, then 民法典 art. 1192 (households), then the over-age rules, then the form of work.
    """
    if age is not None and age < ADULT_AGE:
        return "YOUNG"
    if employer_kind == "HOUSEHOLD":
        return "HOUSEHOLD"
    if age is not None and age >= OVER_AGE_FROM:
        return "OVER_AGE"
    if terms.get("pay_unit") == "FIXED" or terms.get("form") == "PIECEWORK_HOME":
        return "RESULT"
    if terms.get("form") == "PART_TIME" and _part_time(terms):
        return "PART_TIME"
    return "SERVICE"


def template_for(kind: str, on: date) -> Template:
    """The newest text of a kind in use on the day. Raises Template.DoesNotExist: load_templates was not run."""
    found = Template.objects.filter(kind=kind, in_use_from__lte=on).order_by("version").last()
    if found is None:
        raise Template.DoesNotExist(kind)
    return found


def shipped() -> list[dict[str, Any]]:
    """The model texts that come with the product."""
    return json.loads(TEMPLATES_FILE.read_text(encoding="utf-8"))


def read_template(facts: Mapping[str, Any]) -> Template:
    """A template, not stored, from its facts as the shipped file writes them."""
    template = Template(**{**facts, "in_use_from": date.fromisoformat(facts["in_use_from"])})
    template.text_hash = text_hash(template)
    return template


def text_hash(template: Template) -> str:
    """SHA-256 over everything the template says."""
    said = [template.kind, template.version, template.title, template.plain, template.clauses, template.source]
    return terms_hash(said)


def live(ref: str) -> Agreement | None:
    """The agreement of a deal that is neither void nor ended."""
    return _of(ref).exclude(state__in=[S.VOID, S.ENDED]).first()


def latest(ref: str) -> Agreement | None:
    """The newest agreement of a deal in whatever state, for history."""
    return _of(ref).last()


def by_code(code: str) -> Agreement:
    """The agreement with this public code. Raises Agreement.DoesNotExist."""
    return Agreement.objects.select_related("template", "worker__user", "employer__person").get(code=code)


def of_worker(worker: Worker) -> QuerySet[Agreement]:
    """Every agreement of this worker, newest first."""
    return Agreement.objects.filter(worker=worker).select_related("template", "employer").order_by("-pk")


def is_effective(ref: str) -> bool:
    """Have both sides agreed, and does it still stand?"""
    return Agreement.objects.filter(ref=ref, state=S.EFFECTIVE).exists()


def was_effective(ref: str) -> bool:
    """Did both sides agree at some time, whatever became of it since (E4 looks back)?"""
    return Agreement.objects.filter(ref=ref, effective_at__isnull=False).exists()


def front(agreement: Agreement) -> list[wording.Line]:
    """The front page in plain words: what W26 shows and reads aloud."""
    return wording.lines(agreement.template.plain, agreement.terms)


def full_text(agreement: Agreement) -> list[wording.Clause]:
    """The full clauses, each with the law it stands on."""
    return wording.clauses(agreement.template.clauses, agreement.terms)


def preview(kind: str, terms: Mapping[str, Any], on: date) -> list[wording.Line]:
    """The front page before anything is drawn up: what the worker reads before 我要去."""
    try:
        template = template_for(kind, on)
    except Template.DoesNotExist:
        template = next(read_template(row) for row in shipped() if row["kind"] == kind)
    return wording.lines(template.plain, terms)


def acceptances(agreement: Agreement) -> list[Yes]:
    """Who said yes, how and when, in the order it happened."""
    rows = agreement.acceptances.select_related("user", "witness").order_by("at", "pk")
    return [
        Yes(row.side, row.user.name, row.get_how_display(), row.at, row.witness.name if row.witness else "")
        for row in rows
    ]


def mark(agreement: Agreement) -> str:
    """Six characters printed on the paper; typed when it comes back signed, they prove it is this text."""
    return terms_hash([agreement.terms_hash, agreement.text_hash])[:MARK_LENGTH].upper()


def is_mark(agreement: Agreement, typed: str) -> bool:
    """Are these the six characters of this agreement? Spaces and case do not matter."""
    return re.sub(r"\s", "", typed).upper() == mark(agreement)


def sheet(agreement: Agreement) -> pdf.Sheet:
    """Everything the A4 page shows. Names and masked numbers only."""
    employer, user = agreement.employer, agreement.worker.user
    lines = front(agreement)
    holder = employer.uscc or (employer.person.masked_id if employer.person else "")
    return pdf.Sheet(
        title=agreement.template.title,
        code=agreement.code,
        parties=(("甲方（用工）", employer.name, holder), ("乙方（干活）", user.name, user.masked_id)),
        rows=tuple((line.label, line.words) for line in lines if line.label),
        points=tuple(line.words for line in lines if not line.label),
        clauses=tuple(full_text(agreement)),
        evidence=tuple(_evidence(yes) for yes in acceptances(agreement)),
        template=f"{agreement.template.title} 第 {agreement.template.version} 版",
        terms_hash=agreement.terms_hash,
        text_hash=agreement.text_hash,
        mark=mark(agreement),
        check_url=f"{settings.SITE_URL}/agreements/{agreement.code}/check/",
        made_at=agreement.made_at,
    )


def file_path(name: str) -> Path:
    """Where a kept file lies."""
    return Path(settings.MEDIA_ROOT) / name


def pdf_path(agreement: Agreement) -> Path:
    """Where the signed PDF lies; there is one when `agreement.pdf` says so."""
    return file_path(agreement.pdf)


def pdf_name(agreement: Agreement, digest: str) -> str:
    """The name of a signed PDF below MEDIA_ROOT. The digest is part of it: two makers never overwrite each other."""
    return f"agreements/{agreement.code}-{digest[:12]}.pdf"


def paper(agreement: Agreement) -> bytes:
    """The one page to be signed by hand, as PDF. Raises pdf.CannotTypeset."""
    return pdf.typeset(sheet(agreement), paper=True)


def signed_pdf(agreement: Agreement) -> bytes | None:
    """The signed PDF; None while it is still being made."""
    return pdf_path(agreement).read_bytes() if agreement.pdf else None


def without_pdf(limit: int = 20) -> list[Agreement]:
    """Agreements in force whose PDF nobody has asked for yet, oldest first."""
    rows = Agreement.objects.filter(state__in=[S.EFFECTIVE, S.ENDED], pdf="", effective_at__isnull=False)
    return list(rows.select_related("template", "worker__user", "employer__person").order_by("pk")[:limit])


def tampered(agreement: Agreement, *, signature: bool = True) -> list[str]:
    """What no longer is as it was agreed, as sentences; empty when all is well (电子签名法 art. 13).

    Compares the terms and the text with their hashes, those with each acceptance and with the journal, which is
    chained, and the PDF with its own hash and, unless told otherwise, its signature.
    """
    agreement = by_code(agreement.code)
    wrong = []
    if terms_hash(agreement.terms) != agreement.terms_hash:
        wrong.append(_("说好的内容被改过：和当时的校验码对不上"))
    if text_hash(agreement.template) != agreement.text_hash:
        wrong.append(_("约定的正文被改过：和当时的校验码对不上"))
    wrong += _tampered_acceptances(agreement)
    if agreement.pdf:
        wrong += _tampered_pdf(agreement, signature=signature)
    if agreement.scan and _file_hash(file_path(agreement.scan)) != agreement.scan_hash:
        wrong.append(_("签字的扫描件被改过，或者找不到了"))
    return wrong


def broken() -> QuerySet[Agreement]:
    """Agreements in force that lack an acceptance of either side (E11): must be empty."""
    both = Acceptance.objects.filter(side="worker").values("agreement")
    other = Acceptance.objects.filter(side="employer").values("agreement")
    rows = Agreement.objects.filter(state__in=[S.EFFECTIVE, S.ENDED], effective_at__isnull=False)
    return rows.filter(~Q(pk__in=both) | ~Q(pk__in=other)).order_by("pk")


def audit() -> Iterator[str]:
    """E11 for every agreement in force: both said yes to these very words, and no byte of them changed since."""
    for agreement in broken():
        yield f"E11: agreement {agreement.code} is in force without a yes of both"
    in_force = Agreement.objects.filter(state__in=[S.EFFECTIVE, S.ENDED], effective_at__isnull=False).order_by("pk")
    for agreement in in_force.iterator(chunk_size=500):
        for words in tampered(agreement, signature=False):
            yield f"E11: agreement {agreement.code}: {words}"


def _of(ref: str) -> QuerySet[Agreement]:
    rows = Agreement.objects.filter(ref=ref)
    return rows.select_related("template", "worker__user", "employer__person").order_by("pk")


def _tampered_acceptances(agreement: Agreement) -> list[str]:
    wrong = []
    sides = {event.data["side"]: event for event in timeline(agreement) if event.name == "agreement.accepted"}
    rows = {row.side: row for row in agreement.acceptances.all()}
    names = {"worker": _("工友"), "employer": _("老板")}
    for side in SIDES:
        row, event = rows.get(side), sides.get(side)
        if row is None and event is None:
            if agreement.effective_at is not None:
                wrong.append(_("{who}的同意记录不见了").format(who=names[side]))
            continue
        said = None if row is None else [row.user_id, row.how, row.terms_hash, row.at]
        kept = None if event is None else [event.data[key] for key in ("user", "how", "terms_hash")]
        if kept is not None:  # the moment, in whichever zone it was written down
            kept.append(datetime.fromisoformat(event.data["at"]))
        if said != kept or row.terms_hash != agreement.terms_hash or event.data["text_hash"] != agreement.text_hash:
            wrong.append(_("{who}同意的记录对不上").format(who=names[side]))
    return wrong


def _tampered_pdf(agreement: Agreement, *, signature: bool) -> list[str]:
    path = pdf_path(agreement)
    if not path.exists():
        return [_("电子约定的文件不见了")]
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != agreement.pdf_hash:
        return [_("电子约定的文件被改过：和当时的校验码对不上")]
    if not signature:
        return []
    verdict = pdf.verify(content)
    return [] if verdict.ok else [verdict.words]


def _file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def _evidence(yes: Yes) -> tuple[str, str, str, str]:
    who = {"worker": "乙方", "employer": "甲方"}[yes.side]
    how = f"{yes.how}，{yes.witness} 在场" if yes.witness else yes.how
    return who, yes.name, how, f"{local(yes.at):%Y-%m-%d %H:%M:%S}"


def _part_time(terms: Mapping[str, Any]) -> bool:
    """On average at most 4 hours a day and 24 in any calendar week here (劳动合同法 art. 68)."""
    per_day: dict[date, timedelta] = {}
    per_week: dict[tuple[int, int], timedelta] = {}
    for row in terms.get("shifts", []):
        starts, ends = (datetime.fromisoformat(row[name]) for name in ("starts_at", "ends_at"))
        length = ends - starts - timedelta(minutes=row.get("break_minutes", 0))
        day = local(starts).date()
        per_day[day] = per_day.get(day, timedelta()) + length
        week = day.isocalendar()[:2]
        per_week[week] = per_week.get(week, timedelta()) + length
    whole = sum(per_day.values(), timedelta())
    return whole <= timedelta(hours=4) * len(per_day) and all(h <= timedelta(hours=24) for h in per_week.values())
