"""Several questions in one trip to the database: a page may ask many small things and still wait once."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import (
    BinaryField,
    DateField,
    DateTimeField,
    DecimalField,
    Field,
    FloatField,
    JSONField,
    QuerySet,
    TimeField,
)

Answer = TypeVar("Answer")
AT_ONCE = 50  # values in one array: both databases stop a function at about a hundred arguments


@dataclass(frozen=True)
class Count:
    """How many rows, instead of the rows; more than `most` are not looked for."""

    rows: QuerySet[Any]
    most: int | None = None


@dataclass(frozen=True)
class Question(Generic[Answer]):
    """What has to be read, and what it means: `answer` takes a list of rows (a number for Count) for each of `asked`.

    For small lists. A page's main list stays a queryset of its own.
    """

    asked: Sequence[QuerySet[Any] | Count]
    answer: Callable[..., Answer]


def known(answer: Answer) -> Question[Answer]:
    """A question whose answer needs no reading."""
    return Question((), lambda: answer)


def first(rows: QuerySet[Any]) -> Question[Any | None]:
    """The first row of an ordered queryset, or None."""
    return Question([rows[:1]], lambda found: next(iter(found), None))


def joined(meaning: Callable[..., Answer], *questions: Question[Any]) -> Question[Answer]:
    """Several questions as one: `meaning` takes their answers."""

    def answer(*found: Any) -> Answer:
        rest = iter(found)
        return meaning(*(question.answer(*(next(rest) for _ in question.asked)) for question in questions))

    return Question([asked for question in questions for asked in question.asked], answer)


def ask(question: Question[Answer]) -> Answer:
    """One question, one statement."""
    parts = [_Part(asked) for asked in question.asked]
    _read([part for part in parts if part.sql])
    return question.answer(*(part.rows() for part in parts))


def ask_all(*questions: Question[Any]) -> list[Any]:
    """Every answer, all read by one statement and so at one moment."""
    return ask(joined(lambda *answers: list(answers), *questions))


class _Part:
    """One queryset on its way through the statement: packed as a JSON array there, Django's own rows here."""

    def __init__(self, asked: QuerySet[Any] | Count) -> None:
        self.counted = isinstance(asked, Count)
        rows = asked.rows if isinstance(asked, Count) else asked
        if isinstance(asked, Count):
            rows = rows.order_by().values("pk")[: asked.most]
        self.queryset = rows.all()
        self.compiler = self.queryset.query.get_compiler(using=self.queryset.db)
        self.packed: list[tuple[Any, ...]] | int = 0 if self.counted else []
        try:
            inner, self.params = self.compiler.as_sql(with_col_aliases=True)
        except EmptyResultSet:
            self.sql = ""
            return
        kind = _Sqlite if self.compiler.connection.vendor == "sqlite" else _Postgresql
        if self.counted:
            self.sql = f"(SELECT COUNT(*) FROM ({inner}) part)"
            return
        self.unpack = []
        columns = []
        for expression, _sql, alias in self.compiler.select:
            pack, unpack = kind.column(expression.output_field)
            columns.append(pack.format(self.compiler.connection.ops.quote_name(alias)))
            self.unpack.append(unpack)
        pieces = [columns[at : at + AT_ONCE] for at in range(0, len(columns), AT_ONCE)]
        row = ", ".join(f"{kind.array}({', '.join(piece)})" for piece in pieces)
        self.sql = f"(SELECT {kind.gather.format(f'{kind.array}({row})')} FROM ({inner}) part)"

    def take(self, said: Any) -> None:
        """What the statement brought for this queryset."""
        if self.counted:
            self.packed = said
            return
        self.packed = [
            tuple(
                value if unpack is None or value is None else unpack(value)
                for value, unpack in zip(chain.from_iterable(row), self.unpack, strict=True)
            )
            for row in json.loads(said)
        ]

    def rows(self) -> Any:
        """The rows as the queryset gives them: models, tuples, single values, with whatever it prefetches."""
        if self.counted or not self.packed:
            return self.packed
        # Django's own way from columns to models, fed with the rows that are here already.
        self.compiler.execute_sql = lambda *_args, **_more: [self.packed]  # type: ignore[method-assign]
        self.queryset.query.get_compiler = lambda *_args, **_more: self.compiler  # type: ignore[method-assign]
        return list(self.queryset)


def _read(parts: list[_Part]) -> None:
    if not parts:
        return
    with connections[parts[0].queryset.db].cursor() as cursor:
        cursor.execute(
            "SELECT " + ", ".join(part.sql for part in parts), list(chain.from_iterable(p.params for p in parts))
        )
        for part, said in zip(parts, cursor.fetchone(), strict=True):
            part.take(said)


class _Sqlite:
    """Fractions are written out in full and bytes in hex: JSON keeps neither by itself."""

    array, gather = "json_array", "json_group_array({})"

    @staticmethod
    def column(field: Field) -> tuple[str, Callable[[Any], Any] | None]:
        if isinstance(field, FloatField):
            return "CASE WHEN {0} IS NOT NULL THEN printf('%%!.17g', {0}) END", float
        if isinstance(field, BinaryField):
            return "CASE WHEN {0} IS NOT NULL THEN hex({0}) END", bytes.fromhex
        return "{0}", None


class _Postgresql:
    """Moments come as text and become moments again; JSON stays text, which is what Django expects."""

    array, gather = "json_build_array", "COALESCE(json_agg({}), '[]')::text"

    @staticmethod
    def column(field: Field) -> tuple[str, Callable[[Any], Any] | None]:
        if isinstance(field, BinaryField):
            return "encode({0}, 'hex')", bytes.fromhex
        if isinstance(field, JSONField):
            return "{0}::text", None
        if isinstance(field, DecimalField):
            return "{0}::text", Decimal
        if isinstance(field, DateTimeField | DateField | TimeField):
            return "{0}", field.to_python
        return "{0}", None
