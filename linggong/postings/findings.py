"""What screening says about a posting."""

from dataclasses import dataclass

BLOCK = "BLOCK"
"""May not be published whatever a person thinks of it."""
FLAG = "FLAG"
"""A reviewer decides."""
HINT = "HINT"
"""Advice to the employer; nothing stops."""


@dataclass(frozen=True)
class Finding:
    """One thing found, in which field and words, under which law, with the lawful wording if there is one."""

    code: str
    severity: str
    field: str
    message: str
    basis: str
    spans: tuple[tuple[int, int], ...] = ()
    words: tuple[str, ...] = ()
    rewrite: str | None = None
    rewrites: tuple[str | None, ...] = ()
