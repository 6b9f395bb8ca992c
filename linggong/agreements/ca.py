"""The local certificate authority: one root and one signing certificate, made once, kept in the data folder.

A county that buys seals from a licensed CA hands over another `Seal` (`use`); nothing else changes. What this local
one proves is that the file is the one this market issued and that no byte of it was changed since.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings

from linggong.core.clock import now

YEARS = 20
# Made "yesterday" and more: whoever checks may have a clock that is behind, and the demo city lives in its own past.
BEFORE = timedelta(days=400)
FILES = ("root.key.pem", "root.cert.pem", "seal.key.pem", "seal.cert.pem")


@dataclass(frozen=True)
class Seal:
    """What signs: a key with its certificate, both PEM, and the roots that vouch for it."""

    key: bytes
    certificate: bytes
    roots: tuple[bytes, ...]


_chosen: Seal | None = None


def use(seal: Seal | None) -> None:
    """Sign with another authority's seal from now on; None goes back to the local one."""
    global _chosen
    _chosen = seal


def seal() -> Seal:
    """The seal in use. The local one is made at the first call; two processes at once make one."""
    if _chosen is not None:
        return _chosen
    folder = Path(settings.DATA_DIR) / "keys" / "seal"
    if not folder.exists():
        _make(folder)
    _, root, key, certificate = (folder / name for name in FILES)
    return Seal(key.read_bytes(), certificate.read_bytes(), (root.read_bytes(),))


def roots() -> tuple[bytes, ...]:
    """The certificates that a signature must lead back to."""
    return seal().roots


def _make(folder: Path) -> None:
    """Make everything aside and put it in place with one rename: there is never half an authority."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".seal-"))
    root_key, seal_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _certificate("零工市场 存证根证书（本地）", root_key, None, root_key)
    leaf = _certificate("零工市场 电子约定存证章", seal_key, root, root_key)
    contents = (_pem(root_key), root.public_bytes(_PEM), _pem(seal_key), leaf.public_bytes(_PEM))
    for name, content in zip(FILES, contents, strict=True):
        (aside / name).touch(mode=0o600)
        (aside / name).write_bytes(content)
    try:
        os.rename(aside, folder)
    except OSError:
        if not folder.exists():
            raise
        shutil.rmtree(aside)  # another process was quicker; its keys stand


_PEM = serialization.Encoding.PEM


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: x509.Certificate | None, issuer_key: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    """A root that may only issue, or a leaf that may only sign (content_commitment: the signer means it)."""
    is_root = issuer is None
    subject = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
    moment = now()
    usage = x509.KeyUsage(
        digital_signature=not is_root, content_commitment=not is_root, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=is_root, crl_sign=is_root, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - BEFORE)
        .not_valid_after(moment + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=0 if is_root else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    return builder.sign(issuer_key, hashes.SHA256())
