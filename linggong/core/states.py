"""States: a row changes its state only through `move`, and every move writes its event."""

from typing import Any, ClassVar

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from linggong.core.journal import record
from linggong.core.refusals import Refused


class Moved(Refused):
    """The row is not in a state that allows this: it never was, or somebody moved it first."""

    message = _("刚才情况变了，请看一下现在的样子再点")


class Stateful(models.Model):
    """A row whose `state` changes only through `move`, along the arrows in MOVES."""

    MOVES: ClassVar[dict[str, set[str]]]
    state: Any

    class Meta:
        abstract = True

    @classmethod
    def begin(cls, *, by: Any, acting_for: Any = None, **fields: Any) -> Any:
        """Create the row in its first state and write the event "<model>.<state>"."""
        row = cls._base_manager.create(**fields)
        record(f"{cls._meta.model_name}.{row.state}", row, by=by, acting_for=acting_for)
        return row

    def move(self, to: str, *, by: Any, acting_for: Any = None, because: str = "", **fields: Any) -> None:
        """Move to `to`, set `fields`, and write the event "<model>.<to>".

        One compare-and-set UPDATE, so two requests can never both succeed; no lock is held.
        Raises Moved. Must run inside a transaction.
        """
        assert transaction.get_connection().in_atomic_block
        here = self.state
        if to not in self.MOVES[here]:
            raise Moved
        every: Any = type(self)._base_manager
        rows = every.filter(pk=self.pk, state=here)
        if rows.update(state=to, **fields) != 1:
            raise Moved
        for name, value in {"state": to, **fields}.items():
            setattr(self, name, value)
        record(
            f"{self._meta.model_name}.{to}", self, by=by, acting_for=acting_for,
            came_from=here, **({"because": because} if because else {}),
        )  # fmt: skip
