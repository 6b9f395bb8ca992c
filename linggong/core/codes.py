"""Public names: a random code for every row that appears in an address, a QR or on paper."""

import secrets

# No 0/O, 1/I/L, 5/S, 8/B, 2/Z: codes are read aloud and typed from paper.
ALPHABET = "34679ACDEFGHJKMNPQRTUVWXY"
LENGTH = 10


def new_code() -> str:
    """Ten characters, about 46 bits: not guessable one by one, short enough to print."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def new_digits(length: int = 6) -> str:
    """A one-time number to read out or type, e.g. "048213"."""
    return "".join(secrets.choice("0123456789") for _ in range(length))
