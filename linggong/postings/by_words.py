"""Finding by words on either database: the terms somebody typed, and which postings hold one of them."""

from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Func, QuerySet, Value

import linggong.reference.queries as reference
from linggong.postings import search
from linggong.postings.models import Searchable


@dataclass(frozen=True)
class Term:
    """One word somebody typed: as it must stand in the text, or the trades it is a name of."""

    said: str
    trades: tuple[str, ...] = ()


def terms_of(said: str) -> tuple[Term, ...]:
    """What somebody typed, as filters take it: 小工 means every trade that is called so anywhere."""
    words = search.terms_in(said)
    meant = reference.find_trades_of(words) if words else []
    return tuple(
        Term(word, tuple(trade.code for trade in trades)) for word, trades in zip(words, meant, strict=True)
    )  # fmt: skip


def holding(term: str) -> QuerySet[Searchable]:
    """Keys of the postings whose text holds the term: the index bounds them, the text decides."""
    return Searchable.objects.filter(HasWords(Value(search.needed(term))), text__contains=term).values("posting")


class HasWords(Func):
    """Whether a row of Searchable has every one of these words, by the index of the database at hand."""

    output_field = BooleanField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """The full-text table beside it; between words FTS5 reads "and"."""
        table = "postings_searchable_fts"
        sql = f"posting_id IN (SELECT rowid FROM {table} WHERE {table} MATCH %(expressions)s)"
        return self.as_sql(compiler, connection, template=sql, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """The inverted index on the words as an array."""
        sql = "string_to_array(words, ' ') @> string_to_array(%(expressions)s, ' ')"
        return self.as_sql(compiler, connection, template=sql, **context)
