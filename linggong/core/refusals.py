"""An expected no: said in the user's words, with what to do next."""

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refused(Exception):
    """Base of every expected no. Pages answer with `status` and the sentence; nothing has changed.

    `message` says what happened and what to do next; `code` is stable, for the API and for tests.
    `fields` names form fields that the sentence belongs to, when there are any.
    """

    message: ClassVar[str | Promise] = _("这一步现在做不了，请返回再看一下")
    status: ClassVar[int] = 409

    def __init__(self, message: str | Promise | None = None, *, fields: dict[str, str] | None = None) -> None:
        self.text = message or self.message
        self.fields = fields or {}
        super().__init__(str(self.text))

    def __str__(self) -> str:
        return str(self.text)

    @property
    def code(self) -> str:
        """`AlreadyBooked` becomes `already_booked`."""
        name = type(self).__name__
        return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))
