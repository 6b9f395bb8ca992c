"""Sealed fields: personal data that the database alone cannot read, and can only find by exact value.

A sealed value is `v1.<key id>.<base64 of nonce + ciphertext>`, AES-256-GCM, with `table.column:code` as
associated data: a value moved to another row or column does not open. Equality search goes through a
second column holding an HMAC of the normalised value under a key kept apart from the data.
"""

import base64
import hashlib
import hmac
import os
import secrets
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models


class CannotOpen(Exception):
    """The key is missing, or the value does not belong to this row. A bug or an attack, never shown as is."""


def _key(kid: str) -> bytes:
    try:
        return bytes.fromhex(settings.SEAL_KEYS[kid])
    except KeyError as error:
        raise CannotOpen(kid) from error


def seal(row: models.Model, column: str, clear: str) -> str:
    """Seal `clear` for `column` of `row`; the row must already have its `code`. Empty stays empty."""
    if not clear:
        return ""
    kid = settings.SEAL_KEY_ID
    nonce = os.urandom(12)
    box = AESGCM(_key(kid)).encrypt(nonce, clear.encode(), _place(row, column))
    return f"v1.{kid}.{base64.urlsafe_b64encode(nonce + box).decode()}"


def unseal(row: models.Model, column: str) -> str:
    """Open `column` of `row`. Raises CannotOpen. For staff to see it, go through accounts.actions.look_at."""
    token = getattr(row, column)
    if not token:
        return ""
    try:
        version, kid, body = token.split(".")
        raw = base64.urlsafe_b64decode(body)
        if version != "v1":
            raise CannotOpen(version)
        return AESGCM(_key(kid)).decrypt(raw[:12], raw[12:], _place(row, column)).decode()
    except (ValueError, InvalidTag) as error:
        raise CannotOpen(column) from error


def fingerprint(kind: str, clear: str) -> str:
    """The blind index of a value: same kind and value, same 64 hex characters; not reversible without the key."""
    text = f"{kind}\x1f{clear.strip().upper()}".encode()
    return hmac.new(bytes.fromhex(settings.INDEX_KEY), text, hashlib.sha256).hexdigest()


def new_key() -> str:
    """A fresh 256-bit key, as hex."""
    return secrets.token_hex(32)


def _place(row: Any, column: str) -> bytes:
    return f"{row._meta.db_table}.{column}:{row.code}".encode()
