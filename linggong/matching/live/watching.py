"""What the live index hears of the database: triggers that note which worker, posting or employer to read again.

A trigger and not a call in every action: nothing that writes these tables, now or later, can forget it, and where the
engine is off they are not there and cost nothing. The note stands in the transaction of the change, so whoever sees
the one sees the other.

Reading the notes in the order of their keys alone would lose some: PostgreSQL commits out of key order (decision 16).
There each note carries the number of its transaction, and the reader goes back to the oldest transaction that was
still running at its last look. SQLite has one writer at a time, so there the keys are in order.
"""

from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

WORKER, POSTING, EMPLOYER = "w", "p", "e"
LOCK = 0x6C67_6D61
KEEP = 200_000
"""So many notes are kept; whoever is farther behind builds anew."""


@dataclass(frozen=True)
class Watch:
    """A table, what to note when it changes, and by which column; `updates` are the columns that matter, () all."""

    table: str
    kind: str
    key: str
    updates: tuple[str, ...] = ()
    inserts: bool = True
    deletes: bool = True
    edition: int = 1
    """Counted up when any of this changes: the triggers of other editions fall."""


WATCHED = (
    Watch("workers_worker", WORKER, "id", ("state", "lat", "lng", "reach_m", "pay_floor_fen", "taking_work")),
    Watch("workers_workertrade", WORKER, "worker_id"),
    Watch("workers_holding", WORKER, "worker_id", ("state", "certificate_id", "valid_from", "valid_to")),
    Watch("workers_quarter", WORKER, "worker_id"),
    Watch("workers_point", WORKER, "worker_id", ("at", "counts_until", "corrected_at")),
    Watch("workers_recognition", WORKER, "worker_id"),
    Watch("matching_tie", WORKER, "worker_id"),
    Watch(
        "employers_employer", EMPLOYER, "id", ("state", "prelim_at", "name", "division_id", "lat", "lng"),
        inserts=False, deletes=False, edition=2,
    ),
    Watch("employers_point", EMPLOYER, "employer_id", ("at", "counts_until", "corrected_at")),
    Watch("employers_recognition", EMPLOYER, "employer_id"),
    Watch(
        "postings_posting", POSTING, "id",
        ("state", "listed", "trade_id", "employer_id", "lat", "lng", "certificates", "next_starts_at", "last_starts_at",
         "shift_fen", "shift_minutes", "title", "division_id", "pay_fen", "pay_unit", "custody", "funded_at", "meals",
         "lodging", "transport", "suitable_for", "daypart", "way_in", "circle_m", "circle_until"),
        edition=2,
    ),
    Watch("postings_shift", POSTING, "posting_id", ("starts_at", "ends_at", "places", "taken", "called_off_at")),
)  # fmt: skip
_FUNCTION = """
CREATE OR REPLACE FUNCTION linggong_changed() RETURNS trigger AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    EXECUTE format('INSERT INTO matching_changed (kind, key, turn) VALUES (%L, ($1).%I, $2)', TG_ARGV[0], TG_ARGV[1])
    USING OLD, pg_current_xact_id()::text::bigint;
  ELSE
    EXECUTE format('INSERT INTO matching_changed (kind, key, turn) VALUES (%L, ($1).%I, $2)', TG_ARGV[0], TG_ARGV[1])
    USING NEW, pg_current_xact_id()::text::bigint;
  END IF;
  RETURN NULL;
END $$ LANGUAGE plpgsql
"""
_MANY = """
CREATE OR REPLACE FUNCTION linggong_changed_many() RETURNS trigger AS $$
BEGIN
  INSERT INTO matching_changed (kind, key, turn)
  SELECT DISTINCT 'w', worker_id, pg_current_xact_id()::text::bigint FROM those;
  RETURN NULL;
END $$ LANGUAGE plpgsql
"""


@dataclass
class Place:
    """How far the notes were read: the last key, and on PostgreSQL the oldest transaction that may still add to them.

    `last` is None until there was a note: the first one may have any key.
    """

    last: int | None = None
    turn: int = 0
    seen: dict[int, int] = field(default_factory=dict)


class FellBehind(Exception):
    """Notes were thrown away before they were read: build anew."""


def install() -> None:
    """Put up what is missing of the triggers. Idempotent; waits for transactions that write these tables."""
    with transaction.atomic(), connection.cursor() as cursor:
        here = _present(cursor)
        lacking = any(name not in here for name in _names())
        if lacking and connection.vendor == "postgresql":
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])  # two processes starting at once
            cursor.execute(_FUNCTION)
            cursor.execute(_MANY)
            here = _present(cursor)
        for name in sorted(here.keys() - _names()):
            on = f" ON {here[name]}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")
        for name, sql in _statements():
            if name not in here:
                cursor.execute(sql)


def installed() -> bool:
    """Whether every trigger stands. Django rebuilds a SQLite table to change it, and the triggers go with the old one."""
    with connection.cursor() as cursor:
        here = _present(cursor)
    return _names() <= here.keys()


def start() -> Place:
    """The place to read from for somebody who begins to read the tables only after this."""
    with connection.cursor() as cursor:
        turn = _oldest_running(cursor)
        cursor.execute("SELECT MAX(id) FROM matching_changed")
        return Place(last=cursor.fetchone()[0], turn=turn)


def news(place: Place) -> dict[str, set[int]]:
    """The keys noted since `place`, by kind; moves `place` on. May name a key twice in a row, never misses one.

    Raises FellBehind.
    """
    with connection.cursor() as cursor:
        oldest = _oldest_running(cursor)
        if oldest < place.turn:
            raise FellBehind  # another database than the one that was read
        if connection.vendor == "postgresql":
            cursor.execute("SELECT id, kind, key, turn FROM matching_changed WHERE turn >= %s", [place.turn])
        else:
            cursor.execute("SELECT id, kind, key, turn FROM matching_changed WHERE id > %s", [place.last or 0])
        rows = cursor.fetchall()
        cursor.execute("SELECT MIN(id) FROM matching_changed")
        first = cursor.fetchone()[0]
    if None not in (first, place.last) and first > place.last + 1:
        raise FellBehind
    found: dict[str, set[int]] = {}
    for number, kind, key, _turn in rows:
        if number not in place.seen:
            found.setdefault(kind, set()).add(key)
    place.last = max([row[0] for row in rows] + ([] if place.last is None else [place.last]), default=None)
    place.turn = oldest
    place.seen = {row[0]: row[3] for row in rows if row[3] >= oldest} if connection.vendor == "postgresql" else {}
    return found


def _oldest_running(cursor: Any) -> int:
    """Every transaction before this number is over, whatever it wrote can be seen. SQLite: 0."""
    if connection.vendor != "postgresql":
        return 0
    cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    return cursor.fetchone()[0]


def _present(cursor: Any) -> dict[str, str]:
    """Our triggers that stand, and on which table."""
    if connection.vendor == "postgresql":
        cursor.execute(
            "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'linggong_changed_%%' AND tgrelid IN"
            " (SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace)"
        )
    else:
        cursor.execute(
            "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'linggong_changed_%%'"
        )
    return dict(cursor.fetchall())


def _names() -> set[str]:
    return {name for name, _sql in _statements()}


def _statements() -> list[tuple[str, str]]:
    """Name and text of every trigger, for the database in use."""
    made = _postgresql if connection.vendor == "postgresql" else _sqlite
    return [pair for watch in WATCHED for pair in made(watch)]


def _name(watch: Watch, word: str) -> str:
    return f"linggong_changed_{watch.table}_{word}{'' if watch.edition == 1 else f'_{watch.edition}'}"


def _verbs(watch: Watch) -> list[tuple[str, str]]:
    update = f"UPDATE OF {', '.join(watch.updates)}" if watch.updates else "UPDATE"
    return [
        *([("insert", "INSERT")] if watch.inserts else []), ("update", update),
        *([("delete", "DELETE")] if watch.deletes else []),
    ]  # fmt: skip


def _sqlite(watch: Watch) -> list[tuple[str, str]]:
    found = []
    for word, verb in _verbs(watch):
        name = _name(watch, word)
        row = "OLD" if word == "delete" else "NEW"
        found.append((name, (
            f"CREATE TRIGGER {name} AFTER {verb} ON {watch.table} BEGIN INSERT INTO matching_changed (kind, key, turn)"
            f" VALUES ('{watch.kind}', {row}.{watch.key}, 0); END"
        )))  # fmt: skip
    return found


def _postgresql(watch: Watch) -> list[tuple[str, str]]:
    found = []
    for word, verb in _verbs(watch):
        name = _name(watch, word)
        each = f"FOR EACH ROW EXECUTE FUNCTION linggong_changed('{watch.kind}', '{watch.key}')"
        if watch.table == "workers_quarter" and word != "update":  # thirty rows at a time: one note is enough
            rows = "NEW TABLE" if word == "insert" else "OLD TABLE"
            each = f"REFERENCING {rows} AS those FOR EACH STATEMENT EXECUTE FUNCTION linggong_changed_many()"
        found.append((name, f"CREATE TRIGGER {name} AFTER {verb} ON {watch.table} {each}"))
    return found
