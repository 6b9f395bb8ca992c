"""The agreement as a file: typeset, signed, checked. Facts in, bytes out; no tables.

Typst sets the page as PDF/A-2b, where a character without a glyph is an error and never an empty box. pyHanko signs
it (PAdES) and checks it. National ciphers (SM2, GB/T 38540) are an outside authority's business: see `ca.Seal`.
"""

import hashlib
import io
import json
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import manimgx_fonts_cjk
import qrcode
import qrcode.image.svg
import typst
from asn1crypto import cms, pem
from asn1crypto import x509 as asn1_x509
from asn1crypto.core import Null
from cryptography.hazmat.primitives import serialization

from linggong.agreements import ca
from linggong.agreements.wording import Clause
from linggong.core.clock import local

logger = logging.getLogger(__name__)

SOURCE = Path(__file__).parent / "data" / "sheet.typ"
FONTS = ("Noto Sans CJK SC", "Noto Serif CJK SC")
FONT_FOLDER = Path(manimgx_fonts_cjk.__file__).parent
FIELD = "Seal"
BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")
NO_SEAL = "这个文件没有这里的签章"
CHANGED = "文件签章以后被改过"
SIZE, SIZE_MIN = 12.0, 10.5  # points; 10.5 is the smallest that goes on paper for people
LONG = 700  # characters on the front page beyond which it needs the small size to stay one page


class CannotTypeset(Exception):
    """The page cannot be set: most likely a name holds a character that no installed font has."""


@dataclass(frozen=True)
class Sheet:
    """Everything the page says. `parties` are (role, name, masked number), `evidence` (side, name, how, when)."""

    title: str
    code: str
    parties: tuple[tuple[str, str, str], ...]
    rows: tuple[tuple[str, str], ...]
    points: tuple[str, ...]
    clauses: tuple[Clause, ...]
    evidence: tuple[tuple[str, str, str, str], ...]
    template: str
    terms_hash: str
    text_hash: str
    mark: str
    check_url: str
    made_at: datetime


@dataclass(frozen=True)
class Verdict:
    """What a check of a file found, with the words for the page."""

    ok: bool
    words: str
    signer: str = ""
    signed_at: datetime | None = None


def typeset(sheet: Sheet, *, paper: bool = False) -> bytes:
    """Set the A4 page and the full text behind it; `paper` is the one page alone with lines to sign by hand.

    Raises CannotTypeset, and says in the log which characters are to blame.
    """
    data = {
        "title": sheet.title, "code": sheet.code, "parties": sheet.parties, "rows": sheet.rows, "points": sheet.points,
        "clauses": () if paper else sheet.clauses, "evidence": sheet.evidence, "template": sheet.template,
        "terms_hash": sheet.terms_hash, "text_hash": sheet.text_hash, "mark": sheet.mark, "paper": paper,
        "check_url": sheet.check_url, "made": f"{local(sheet.made_at):%Y-%m-%d %H:%M}", "fonts": FONTS,
        "size": SIZE_MIN if _is_long(sheet) else SIZE,
    }  # fmt: skip
    inputs = {"data": json.dumps(data, ensure_ascii=False), "qr": qr_svg(sheet.check_url)}
    try:
        return _compile(inputs, sheet.made_at, system_fonts=False)
    except typst.TypstError as first:
        try:
            return _compile(inputs, sheet.made_at, system_fonts=True)  # the machine may have wider fonts than we ship
        except typst.TypstError as error:
            logger.error("agreement %s cannot be typeset: %s", sheet.code, error)
            raise CannotTypeset(str(error)) from first


def sign(pdf: bytes, *, seal: ca.Seal, reason: str) -> bytes:
    """Sign the file with the market's seal (PAdES, SHA-256). `reason` names what the signature vouches for."""
    from pyhanko import keys  # most of a second, which a process that never signs should not pay
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    fields.append_signature_field(writer, fields.SigFieldSpec(FIELD, on_page=0, box=(0, 0, 0, 0)))
    store = SimpleCertificateStore()
    key = serialization.load_pem_private_key(seal.key, password=None).private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signer = signers.SimpleSigner(
        signing_cert=_certificate(seal.certificate), signing_key=keys.load_private_key_from_pemder_data(key, None),
        cert_registry=store,
    )  # fmt: skip
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD, subfilter=fields.SigSeedSubFilter.PADES, md_algorithm="sha256", reason=reason,
        location="CN", certify=True, docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )  # fmt: skip
    out = io.BytesIO()
    signers.PdfSigner(meta, signer=signer).sign_pdf(writer, output=out)
    return out.getvalue()


def verify(pdf: bytes, *, roots: Sequence[bytes] | None = None) -> Verdict:
    """Is this file, byte for byte, one that the market's seal signed? `roots` are PEM; None: the seal in use.

    The bottom line counts, not "intact": after an appended edit the old signature is still intact (stack D4).
    """
    try:
        return _verify(pdf, ca.roots() if roots is None else roots)
    except Exception as error:  # noqa: BLE001 — a damaged file may break the parser anywhere; damaged is the answer
        logger.info("a file could not be read as a signed PDF: %r", error)
        return Verdict(False, "这个文件读不出签章，不是这里发的，或者被改过")


def qr_svg(text: str) -> str:
    """A QR code as SVG, quiet zone included."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=2)
    code.add_data(text)
    return code.make_image(image_factory=qrcode.image.svg.SvgPathImage).to_string(encoding="unicode")


def _compile(inputs: dict[str, str], made_at: datetime, *, system_fonts: bool) -> bytes:
    return typst.compile(
        SOURCE.read_bytes(), sys_inputs=inputs, pdf_standards=["a-2b"], font_paths=[str(FONT_FOLDER)],
        ignore_system_fonts=not system_fonts, timestamp=int(made_at.timestamp()),
    )  # fmt: skip


def _is_long(sheet: Sheet) -> bool:
    return sum(map(len, sheet.points)) + sum(len(words) for _label, words in sheet.rows) > LONG


def _verify(pdf: bytes, roots: Sequence[bytes]) -> Verdict:
    if (problem := _looked_at(pdf)) is not None:
        return problem
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    found = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    if len(found) != 1:
        return Verdict(False, NO_SEAL)
    signature = found[0]
    context = ValidationContext(trust_roots=[_certificate(root) for root in roots], allow_fetching=False)
    status = validate_pdf_signature(signature, context)
    signer = status.signing_cert.subject.native.get("common_name", "")
    if status.intact and status.valid and not status.trusted:
        return Verdict(False, "签章不是这里的", signer)
    whole = signature.evaluate_signature_coverage() == SignatureCoverageLevel.ENTIRE_FILE
    message = cms.ContentInfo.load(signature.pkcs7_content)
    if not (status.bottom_line and whole and _well_spelt(message, status.signing_cert)):
        return Verdict(False, CHANGED, signer)
    return Verdict(True, "文件没有被改过", signer, status.signer_reported_dt)


def _looked_at(pdf: bytes) -> Verdict | None:
    """What plain arithmetic says before a parser touches the file: a damaged file can keep a PDF parser busy for ever.

    The one signature must span the whole file, be spelt exactly as we spell it, and hold the digest of the rest.
    """
    ranges = BYTE_RANGE.findall(pdf)
    if len(ranges) != 1:
        return Verdict(False, CHANGED if ranges else NO_SEAL)
    first, length, rest, last = (int(number) for number in ranges[0])
    gap = pdf[length:rest]
    if first != 0 or rest + last != len(pdf) or re.fullmatch(rb"<(?:[0-9A-F]{2})+>", gap) is None:
        return Verdict(False, CHANGED)
    content = bytes.fromhex(gap[1:-1].decode())
    message = cms.ContentInfo.load(content)
    parts = message["content_type"].dump() + message["content"].dump()
    if message.contents != parts or content[len(message.dump()) :].strip(b"\0"):
        return Verdict(False, CHANGED)
    digest = hashlib.sha256(pdf[:length] + pdf[rest:]).digest()
    kept = [
        row["values"][0].native
        for row in message["content"]["signer_infos"][0]["signed_attrs"]
        if row["type"].native == "message_digest"
    ]
    return None if kept == [digest] else Verdict(False, CHANGED)


def _well_spelt(message: cms.ContentInfo, certificate: asn1_x509.Certificate) -> bool:
    """The labels beside a signature that no mathematics protects: versions, names of algorithms and of the issuer."""
    signed, signer = message["content"], message["content"]["signer_infos"][0]
    digest = cms.DigestAlgorithm({"algorithm": "sha256", "parameters": Null()}).dump()
    return (
        (signed["version"].native, signer["version"].native) == ("v1", "v1")
        and [row.dump() for row in signed["digest_algorithms"]] == [digest]
        and signer["digest_algorithm"].dump() == digest
        and signer["unsigned_attrs"].native is None
        and signer["sid"].chosen["issuer"].dump() == certificate.issuer.dump()
    )


def _certificate(text: bytes) -> asn1_x509.Certificate:
    _, _, der = pem.unarmor(text)
    return asn1_x509.Certificate.load(der)
