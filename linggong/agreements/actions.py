"""Verbs of agreements: put texts on file, draw up, accept, sign on paper, void, end, keep the PDF."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from linggong.accounts.models import User
from linggong.agreements import queries, wording
from linggong.agreements.models import Acceptance, Agreement, Template
from linggong.core.clock import local, now
from linggong.core.journal import record
from linggong.core.once import terms_hash
from linggong.core.refusals import Refused
from linggong.core.states import Moved
from linggong.employers.models import Employer, Member
from linggong.workers.models import Worker

S = Agreement.State
SIGNED = {"worker": S.SIGNED_WORKER, "employer": S.SIGNED_EMPLOYER}
NEEDED = ("title", "pay_fen", "pay_unit", "shifts")


class TermsChanged(Refused):
    """What the person saw is not, or no longer, what stands in the agreement."""

    message = _("说好的内容刚才变了，请再看一遍，同意再点")


class TermsMissing(Refused):
    """No agreement without work, time and pay."""

    message = _("还缺做什么、哪天干或者多少钱，写全了再定")
    status = 422


class StillAgreed(Refused):
    """Both sides agreed to other terms that still stand: void those first."""

    message = _("这活已经说好过一份约定。要改内容，先作废原来的，再重新同意")


class NotTheirs(Refused):
    """Somebody says yes for a side that is not theirs."""

    message = _("这份约定要本人同意。本人不在，请到窗口办")


class WrongMark(Refused):
    """The paper that came back is not the text that stands here."""

    message = _("校验字对不上，这张纸不是最新的。请重新打印一份再签")
    status = 422


class TemplateChanged(Refused):
    """A version of a model text that is on file came again with other words."""

    message = _("这个版本的约定正文已经登记过，内容不一样。改内容要用新的版本号")


@transaction.atomic
def load_templates(*, by: Any = None) -> int:
    """Put the shipped model texts on file. Idempotent; returns how many are new. Raises TemplateChanged."""
    return sum(enter_template(row, by=by) is not None for row in queries.shipped())


@transaction.atomic
def enter_template(facts: Mapping[str, Any], *, by: Any) -> Template | None:
    """Put one version of a model text on file: the new row, or None when it is there already.

    Raises TemplateChanged, wording.UnknownPlace when it names a fact that no terms have.
    """
    template = queries.read_template(facts)
    wording.check([*template.plain, *template.clauses])
    before = Template.objects.filter(kind=template.kind, version=template.version).first()
    if before is not None:
        if before.text_hash != template.text_hash:
            raise TemplateChanged
        return None
    template.save(force_insert=True)
    record("template.entered", template, by=by, kind=template.kind, version=template.version)
    return template


@transaction.atomic
def draw_up(*, ref: str, kind: str, worker: Worker, employer: Employer, terms: dict[str, Any], by: Any) -> Agreement:
    """Write the agreement of a deal and put it before both sides (SENT).

    Idempotent: the live agreement with the same terms is returned. One that is not in force yet and has other terms is
    void now. Raises StillAgreed when one in force has other terms, TermsMissing.
    """
    if any(not terms.get(name) for name in NEEDED):
        raise TermsMissing
    digest = terms_hash(terms)
    if (live := queries.live(ref)) is not None:
        if live.terms_hash == digest and live.template.kind == kind:
            return live
        if live.state == S.EFFECTIVE:
            raise StillAgreed
        live.move(S.VOID, by=by, because="terms_changed")
    moment = now()
    template = _template(kind, local(moment).date())
    try:
        with transaction.atomic():
            return Agreement.begin(
                ref=ref, state=S.SENT, template=template, worker=worker, employer=employer, terms=terms,
                terms_hash=digest, text_hash=template.text_hash, made_at=moment, by=by,
            )  # fmt: skip
    except IntegrityError:
        other = queries.live(ref)
        if other is None or other.terms_hash != digest:
            raise Moved from None
        return other  # two requests drew it up at once


@transaction.atomic
def accept(
    agreement: Agreement, side: str, *, how: str, by: Any, witness: Any = None, acting_for: Any = None,
    seen_hash: str = "",
) -> Agreement:  # fmt: skip
    """One side says yes to exactly these terms; with both yeses the agreement is in force (民法典 art. 491).

    `side` is worker or employer, `how` publish, tap, spoken or paper; `witness` was present when it was read aloud.
    `seen_hash` is the hash on the page the person saw. A second yes of the same side changes nothing.
    Raises TermsChanged, NotTheirs, Moved.
    """
    agreement.refresh_from_db()
    if agreement.acceptances.filter(side=side).exists():
        return agreement
    person = acting_for or by
    _check_side(agreement, side, how, person)
    _check_terms(agreement, seen_hash)
    other_side = agreement.acceptances.exclude(side=side).exists()
    moment = now()
    if agreement.state == S.SCANNED or other_side:
        agreement.move(S.EFFECTIVE, by=by, acting_for=acting_for, effective_at=moment)
    else:
        agreement.move(SIGNED[side], by=by, acting_for=acting_for)
    _write_yes(agreement, side, how=how, person=person, witness=witness, by=by, acting_for=acting_for)
    return agreement


@transaction.atomic
def print_paper(agreement: Agreement, *, by: Any) -> Agreement:
    """The one page goes on paper to be signed by hand at the counter. Printing it again changes nothing."""
    if agreement.state != S.PRINTED:
        agreement.move(S.PRINTED, by=by)
    return agreement


@transaction.atomic
def scan_paper(
    agreement: Agreement, *, mark: str, scan: str, scan_hash: str, worker_user: User, employer_user: User, by: Any
) -> Agreement:
    """The signed paper came back: both signatures are the acceptances, the staff member is the witness.

    `mark` are the six characters typed from the paper, `scan` the file below MEDIA_ROOT with its SHA-256. A side that
    had agreed before keeps its first yes. Raises WrongMark, NotTheirs, TermsChanged, Moved.
    """
    agreement.refresh_from_db()
    if not queries.is_mark(agreement, mark):
        raise WrongMark
    _check_terms(agreement, "")
    people = {"worker": worker_user, "employer": employer_user}
    for side, person in people.items():
        _check_side(agreement, side, "paper", person)
    agreement.move(S.SCANNED, by=by, scan=scan, scan_hash=scan_hash)
    agreement.move(S.EFFECTIVE, by=by, effective_at=now())
    agreed = set(agreement.acceptances.values_list("side", flat=True))
    for side, person in people.items():
        if side not in agreed:
            _write_yes(agreement, side, how="paper", person=person, witness=by, by=by, acting_for=person)
    return agreement


@transaction.atomic
def void(ref: str, *, by: Any, because: str = "") -> Agreement | None:
    """The deal is off: its agreement, if one is live, no longer binds. Idempotent. Returns it."""
    live = queries.live(ref)
    if live is not None:
        live.move(S.VOID, by=by, because=because)
    return live


@transaction.atomic
def end(ref: str, *, by: Any) -> Agreement | None:
    """The work is done and paid: the agreement has run its course. Idempotent; one not in force is left alone."""
    live = queries.live(ref)
    if live is not None and live.state == S.EFFECTIVE:
        live.move(S.ENDED, by=by)
    return live


@transaction.atomic
def want_pdf(agreement: Agreement, *, by: Any) -> None:
    """Somebody opened the agreement: its PDF is made next (event agreement.pdf_wanted), unless it is there."""
    if not agreement.pdf and agreement.effective_at is not None:
        record("agreement.pdf_wanted", agreement, by=by)


@transaction.atomic
def keep_pdf(agreement: Agreement, *, pdf: str, pdf_hash: str, by: Any = None) -> bool:
    """Note the name below MEDIA_ROOT and the SHA-256 of the signed PDF. The first stands; returns if this is it."""
    mine = Agreement.objects.filter(pk=agreement.pk, pdf="")
    if mine.update(pdf=pdf, pdf_hash=pdf_hash, pdf_at=now()) != 1:
        return False
    record("agreement.pdf_made", agreement, by=by, pdf_hash=pdf_hash)
    return True


def _template(kind: str, on: date) -> Template:
    """The text in use; the shipped ones are put on file when the first agreement of all needs them."""
    try:
        return queries.template_for(kind, on)
    except Template.DoesNotExist:
        load_templates()
        return queries.template_for(kind, on)


def _check_side(agreement: Agreement, side: str, how: str, person: Any) -> None:
    """The worker accepts for themselves; for the employer somebody who acts for it.

    Publishing is different: it was allowed where it happened, at the window by staff too, as the journal tells.
    """
    if side not in SIGNED or person is None:
        raise NotTheirs
    if side == "worker" and person.pk != agreement.worker.user_id:
        raise NotTheirs
    if side == "employer" and how != "publish":
        employer = agreement.employer
        member = Member.objects.filter(employer=employer, user=person, ended_at=None).exists()
        if not member and employer.person_id != person.pk:
            raise NotTheirs


def _check_terms(agreement: Agreement, seen_hash: str) -> None:
    if seen_hash and seen_hash != agreement.terms_hash:
        raise TermsChanged
    if terms_hash(agreement.terms) != agreement.terms_hash:
        raise TermsChanged
    if queries.text_hash(agreement.template) != agreement.text_hash:
        raise TermsChanged


def _write_yes(
    agreement: Agreement, side: str, *, how: str, person: Any, witness: Any, by: Any, acting_for: Any
) -> None:
    """The acceptance, and the same facts in the chained journal: neither can be changed without the other telling."""
    row = Acceptance.objects.create(
        agreement=agreement, side=side, user=person, how=how, witness=witness, terms_hash=agreement.terms_hash, at=now()
    )
    record(
        "agreement.accepted", agreement, by=by, acting_for=acting_for, side=side, how=how, user=person.pk,
        terms_hash=row.terms_hash, text_hash=agreement.text_hash, at=row.at.isoformat(),
    )  # fmt: skip
