"""Any change after signing is found: in the terms, the text, the yes, the file (电子签名法 art. 13)."""

import hashlib
import io
import random
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from linggong.agreements import actions, background, ca, pdf, queries
from linggong.core import clock
from linggong.core.journal import Event
from linggong.core.once import terms_hash

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed(agreed, later):
    """An agreement in force whose PDF was asked for and made."""

    def make_it(**facts):
        agreement = agreed(**facts)
        actions.want_pdf(agreement, by=agreement.worker.user)
        later()
        return queries.by_code(agreement.code)

    return make_it


def test_the_zone_in_which_the_yes_was_written_down_does_not_matter(agreed):
    china = ZoneInfo("Asia/Shanghai")
    clock.stand_at(datetime(2026, 11, 16, 15, 41, tzinfo=china))
    agreement = agreed()
    clock.set_now(datetime(2026, 11, 16, 15, 42, tzinfo=china))

    assert queries.tampered(agreement) == []
    said = [e.data["at"] for e in Event.objects.filter(name="agreement.accepted", subject_id=agreement.pk)]
    assert all(moment.endswith("+08:00") for moment in said) and said


@pytest.mark.row("FJ-29")
def test_untouched_agreements_have_nothing_wrong(sealed):
    agreement = sealed()

    assert agreement.pdf
    assert queries.tampered(agreement) == [] and list(queries.audit()) == []
    assert not queries.broken().exists()


@pytest.mark.row("FJ-29")
def test_every_stored_fact_that_is_changed_is_found(sealed, intrude):
    agreement = sealed()
    yes = agreement.acceptances.get(side="worker")
    other = agreement.acceptances.get(side="employer")
    changes = [
        ("agreements_agreement", "terms", '{"pay_fen": 1}', agreement.pk),
        ("agreements_agreement", "terms_hash", "0" * 64, agreement.pk),
        ("agreements_agreement", "pdf_hash", "0" * 64, agreement.pk),
        ("agreements_template", "clauses", "[]", agreement.template_id),
        ("agreements_acceptance", "terms_hash", "0" * 64, yes.pk),
        ("agreements_acceptance", "user_id", other.user_id, yes.pk),
        ("agreements_acceptance", "how", "spoken", yes.pk),
        ("agreements_acceptance", "at", "2026-01-01 00:00:00+00:00", yes.pk),
    ]

    for table, column, value, key in changes:
        before = intrude(table, column, value, key)
        assert queries.tampered(agreement), f"{table}.{column}"
        assert any(agreement.code in words for words in queries.audit()), f"{table}.{column}"
        intrude(table, column, before, key)
    assert queries.tampered(agreement) == []


@pytest.mark.row("FJ-29")
def test_terms_changed_together_with_their_hash_still_contradict_the_yes(sealed, intrude):
    agreement = sealed()
    forged = {**agreement.terms, "pay_fen": 1}

    intrude("agreements_agreement", "terms", forged, agreement.pk)
    intrude("agreements_agreement", "terms_hash", terms_hash(forged), agreement.pk)

    assert len(queries.tampered(agreement)) == 2


@pytest.mark.row("FJ-29")
def test_a_changed_or_missing_file_is_found(sealed):
    agreement = sealed()
    path = queries.pdf_path(agreement)
    content = path.read_bytes()

    path.write_bytes(content[:-10] + bytes([content[-10] ^ 1]) + content[-9:])
    changed = queries.tampered(agreement)
    path.unlink()
    gone = queries.tampered(agreement)

    assert "被改过" in changed[0]
    assert "不见了" in gone[0]


@pytest.mark.row("FJ-29")
def test_the_file_names_its_signer_and_time_and_any_flipped_byte_is_found(sealed):
    content = queries.signed_pdf(sealed())
    start, length, rest, last = (int(n) for n in pdf.BYTE_RANGE.findall(content)[0])
    chance = random.Random(29)
    places = {*range(20), length, length + 1, rest - 2, rest - 1, len(content) - 1}
    places |= set(chance.sample(range(len(content)), 200)) | set(chance.sample(range(length, rest), 200))

    verdict = pdf.verify(content)

    assert verdict.ok, verdict.words
    assert "存证章" in verdict.signer
    assert verdict.signed_at is not None
    assert (start, rest + last) == (0, len(content))
    for place in places:
        flipped = content[:place] + bytes([content[place] ^ chance.choice((1, 0x20, 0x80))]) + content[place + 1 :]
        assert not pdf.verify(flipped).ok, place


@pytest.mark.row("FJ-29")
def test_an_edit_appended_to_the_file_is_found_although_the_old_signature_is_intact(sealed):
    content = queries.signed_pdf(sealed())
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"BT (pay 1 yuan) Tj ET"))
    writer.update_container(page)
    edited = io.BytesIO()
    writer.write(edited)

    assert edited.getvalue().startswith(content)
    assert not pdf.verify(edited.getvalue()).ok


def test_another_authoritys_signature_an_unsigned_file_and_rubbish_are_not_ours(sealed, settings, tmp_path):
    agreement = sealed()
    content, plain = queries.signed_pdf(agreement), queries.paper(agreement)
    settings.DATA_DIR = tmp_path / "elsewhere"
    foreign = pdf.sign(plain, seal=ca.seal(), reason="x")
    own = pdf.verify(foreign)
    seen_there = pdf.verify(content)

    assert own.ok
    assert not seen_there.ok
    assert "签章不是这里的" in seen_there.words
    for rubbish in (plain, b"", b"%PDF-1.7 nothing", content[:5000]):
        assert not pdf.verify(rubbish).ok


def test_another_seal_can_be_used_instead_of_the_local_one(sealed, settings, tmp_path):
    plain = queries.paper(sealed())
    local = settings.DATA_DIR
    settings.DATA_DIR = tmp_path / "bought"
    bought = ca.seal()
    settings.DATA_DIR = local
    ca.use(bought)
    try:
        signed = pdf.sign(plain, seal=ca.seal(), reason="x")
        verdict = pdf.verify(signed)
    finally:
        ca.use(None)

    assert verdict.ok
    assert not pdf.verify(signed).ok


def test_the_pdf_is_made_once_by_the_one_who_waits_or_by_the_sweep(agreed, later):
    wanted, swept = agreed(), agreed("engagement:B")
    before = (wanted.pdf, swept.pdf)
    actions.want_pdf(wanted, by=wanted.worker.user)
    later()
    background.make_pdfs()
    first = {row.code: (row.pdf, row.pdf_hash) for row in map(queries.by_code, (wanted.code, swept.code))}

    background.make_pdfs()
    actions.want_pdf(queries.by_code(wanted.code), by=None)
    later()

    assert before == ("", "")
    assert all(first[code][0] for code in first)
    assert {row.code: (row.pdf, row.pdf_hash) for row in map(queries.by_code, (wanted.code, swept.code))} == first
    for code in first:
        content = queries.signed_pdf(queries.by_code(code))
        assert hashlib.sha256(content).hexdigest() == first[code][1]
    assert Event.objects.filter(name="agreement.pdf_made").count() == 2


def test_the_keys_are_made_once_and_nobody_else_may_read_them(settings, tmp_path):
    settings.DATA_DIR = tmp_path

    first, second = ca.seal(), ca.seal()

    assert first == second
    assert {oct(path.stat().st_mode & 0o777) for path in (tmp_path / "keys" / "seal").iterdir()} == {"0o600"}
