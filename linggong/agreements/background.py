"""While nobody is asking: make the signed PDFs, first those somebody waits for (decision 8)."""

import hashlib
import os
import tempfile
from pathlib import Path

from linggong.agreements import actions, ca, pdf, queries
from linggong.agreements.models import Agreement
from linggong.core.journal import every, on
from linggong.core.models import Event


@on("agreement.pdf_wanted")
def make_wanted_pdf(event: Event) -> None:
    """Somebody opened it and waits."""
    agreement = Agreement.objects.select_related("template", "worker__user", "employer__person")
    make_pdf(agreement.get(pk=event.subject_id))


@every(minutes=10)
def make_pdfs() -> None:
    """The rest, a few at a time, so that a busy morning is not slowed down by paper."""
    for agreement in queries.without_pdf():
        make_pdf(agreement)


def make_pdf(agreement: Agreement) -> None:
    """Typeset, sign and keep the PDF. Once kept it is never made again. Raises pdf.CannotTypeset."""
    if agreement.pdf or agreement.effective_at is None:
        return
    sheet = queries.sheet(agreement)
    reason = f"双方同意的内容 {agreement.terms_hash}，正文 {agreement.text_hash}"
    signed = pdf.sign(pdf.typeset(sheet), seal=ca.seal(), reason=reason)
    digest = hashlib.sha256(signed).hexdigest()
    name = queries.pdf_name(agreement, digest)
    _write(queries.file_path(name), signed)
    actions.keep_pdf(agreement, pdf=name, pdf_hash=digest)


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: written aside, flushed to the disk, then put in place."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    os.replace(aside, path)
