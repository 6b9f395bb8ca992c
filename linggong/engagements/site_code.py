"""The code at the work site: six digits and a QR that change every minute; yesterday's photo is worthless."""

import hashlib
import hmac
from datetime import datetime

STEP_SECONDS = 60
STEPS_BACK = 5  # read aloud, typed slowly, on a weak network


def code_at(secret: str, posting_code: str, moment: datetime) -> str:
    """The six digits shown at `moment`."""
    return _digits(secret, posting_code, int(moment.timestamp()) // STEP_SECONDS)


def is_current(secret: str, posting_code: str, given: str, moment: datetime) -> bool:
    """True for the code of this minute or of the last five; compared without leaking by time."""
    step, typed = int(moment.timestamp()) // STEP_SECONDS, given.strip().encode()
    return any(
        hmac.compare_digest(_digits(secret, posting_code, step - back).encode(), typed)
        for back in range(STEPS_BACK + 1)
    )


def _digits(secret: str, posting_code: str, step: int) -> str:
    mac = hmac.new(secret.encode(), f"site:{posting_code}:{step}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(mac[:8]) % 1_000_000:06d}"
