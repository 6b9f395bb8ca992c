"""Public names: a random code for every row that appears in an address, a QR or on paper."""

import contextlib
import random
import secrets
from collections.abc import Iterator

# No 0/O, 1/I/L, 5/S, 8/B, 2/Z: codes are read aloud and typed from paper.
ALPHABET = "34679ACDEFGHJKMNPQRTUVWXY"
LENGTH = 10


_source: random.Random = secrets.SystemRandom()


def new_code() -> str:
    """Ten characters, about 46 bits: not guessable one by one, short enough to print."""
    return "".join(_source.choices(ALPHABET, k=LENGTH))


def new_digits(length: int = 6) -> str:
    """A one-time number to read out or type, e.g. "048213". Always from the system's own randomness."""
    return "".join(secrets.choice("0123456789") for _ in range(length))


@contextlib.contextmanager
def drawn_from(source: random.Random) -> Iterator[None]:
    """Public codes from a seed, so that a demo city is the same every time. Never outside the demo."""
    global _source
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before
