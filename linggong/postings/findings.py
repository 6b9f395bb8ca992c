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


@dataclass(frozen=True)
class Notice:
    """What is said when a figure breaks a rule; {names} in the texts are filled in."""

    severity: str
    field: str
    message: str
    basis: str
    rewrite: str | None = None

    def found(self, code: str, severity: str = "", **figures: object) -> Finding:
        """The finding with its figures."""
        offer = None if self.rewrite is None else self.rewrite.format(**figures)
        message = self.message.format(**figures)
        return Finding(code, severity or self.severity, self.field, message, self.basis, rewrite=offer)
