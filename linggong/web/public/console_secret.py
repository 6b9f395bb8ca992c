"""The word that only the console of the server shows: whoever can read it may open an empty system, nobody else.

It is made once, kept in a file that only the operating system's owner reads, and gone when the market is open.
"""

import contextlib
import hmac
import os
import secrets
from pathlib import Path

from django.conf import settings

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that look alike: it is read off one screen and typed into another
GROUPS, PER_GROUP = 4, 4  # 79 bits


def current() -> str:
    """The secret of this system, made now when there is none yet."""
    path = _path()
    with contextlib.suppress(FileNotFoundError):
        return path.read_text().strip()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = "-".join("".join(secrets.choice(LETTERS) for _ in range(PER_GROUP)) for _ in range(GROUPS))
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(made)
    except FileExistsError:  # another process was faster: its word counts
        return path.read_text().strip()
    return made


def is_it(said: str) -> bool:
    """Is this the secret? Small letters, spaces and missing dashes are forgiven. Never when there is none."""
    try:
        kept = _path().read_text().strip()
    except FileNotFoundError:
        return False
    return bool(kept) and hmac.compare_digest(_bare(kept).encode(), _bare(said).encode())


def exists() -> bool:
    """Has the console shown one?"""
    return _path().exists()


def forget() -> None:
    """The market is open; nobody needs it any more."""
    _path().unlink(missing_ok=True)


def _bare(said: str) -> str:
    return "".join(letter for letter in said.upper() if letter.isascii() and letter.isalnum())


def _path() -> Path:
    return settings.DATA_DIR / "keys" / "set-up"
