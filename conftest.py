"""The write guard, the clock and the small things every test may ask for."""

import re
import sys
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.db import connections
from django.db.backends.signals import connection_created

from linggong.core import clock, journal

WRITE = re.compile(r'\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE|DELETE\s+FROM)\s+"(\w+)"', re.IGNORECASE)
# Not our code: the test database being made and emptied, and the sign-in stamp (decision 24).
ALLOWED = ("django.db.migrations.", "django.test.testcases")
_owner: dict[str, str] = {}


def _owners() -> dict[str, str]:
    if not _owner:
        for model in apps.get_models(include_auto_created=True):
            module = model.__module__
            if module.startswith("linggong."):
                _owner[model._meta.db_table] = f"linggong.{model._meta.app_label}."
    return _owner


def _watch(execute, sql, params, many, context):
    """Only code of a table's own app may write it: that app must be on the stack, tests do not count."""
    found = WRITE.match(sql) if isinstance(sql, str) else None
    if found and (owner := _owners().get(found[1])) and not _called_from(owner, *ALLOWED):
        signing_in = found[1] == "accounts_user" and _called_from("django.contrib.auth.models")
        if not signing_in:
            raise AssertionError(f"a stranger writes {found[1]}: make it an action of {owner}")
    return execute(sql, params, many, context)


def _called_from(*prefixes: str) -> bool:
    frame = sys._getframe(2)
    while frame:
        module = frame.f_globals.get("__name__", "")
        if module.startswith(prefixes) and ".tests." not in module:
            return True
        frame = frame.f_back
    return False


def _guard(connection, **kwargs) -> None:
    if _watch not in connection.execute_wrappers:
        connection.execute_wrappers.append(_watch)


connection_created.connect(_guard, weak=False, dispatch_uid="write-guard")


# What the state and the insurers publish is loaded once per run and never emptied between tests.
KEPT = ("reference_", "agreements_template", "insurance_product", "django_migrations", "django_content_type")
_published: dict[str, list[tuple]] = {}


def _tables_people_approve() -> dict[str, list[tuple]]:
    """The rows, by table, of what is published and then approved by somebody, named in it or not."""
    rows: dict[str, list[tuple]] = {}
    with connections["default"].cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            points = {f.related_model._meta.db_table for f in model._meta.concrete_fields if f.related_model}
            named = any(not t.startswith(KEPT) for t in points)
            if table.startswith(KEPT) and (named or "approved" in {f.name for f in model._meta.concrete_fields}):
                cursor.execute(f'SELECT * FROM "{table}" ORDER BY id')
                rows[table] = cursor.fetchall()
    return rows


def _publish_again(cursor) -> None:
    """A test that approved a rule does not leave its approver, who is gone, to the next one."""
    for table, rows in _tables_people_approve().items():
        if rows == _published[table]:
            continue
        cursor.execute(f'DELETE FROM "{table}"')
        if before := _published[table]:
            marks = ", ".join(["%s"] * len(before[0]))
            cursor.executemany(f'INSERT INTO "{table}" VALUES ({marks})', before)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The test database, with divisions, trades, rules, templates and products in it."""
    import linggong.agreements.actions as agreements
    import linggong.insurance.actions as insurance
    import linggong.reference.actions as reference

    with django_db_blocker.unblock():
        reference.load(full=False)
        agreements.load_templates()
        insurance.load_products()
        _published.update(_tables_people_approve())


@pytest.fixture(scope="session", autouse=True)
def _empty_without_the_published() -> Iterator[None]:
    """Emptying between transactional tests: past the append-only triggers, and without what the state publishes."""
    from django.core.management.commands.flush import Command

    original = Command.handle

    def handle(self, **options):
        connection = connections[options["database"]]
        # The shadow tables of a full-text table are its own business; it is emptied after the rows it reads from.
        tables = [t for t in connection.introspection.table_names() if not t.startswith(KEPT) and "_fts" not in t]
        with connection.cursor() as cursor:
            lifted = []
            if connection.vendor == "sqlite":
                cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
                lifted = cursor.fetchall()
                cursor.execute("PRAGMA foreign_keys = OFF")
                for name, _ in lifted:
                    cursor.execute(f"DROP TRIGGER {name}")
            else:
                cursor.execute("SET session_replication_role = replica")
            for table in tables:
                cursor.execute(f'DELETE FROM "{table}"')
            _publish_again(cursor)
            for _, sql in lifted:
                cursor.execute(sql)
            if connection.vendor == "sqlite":
                cursor.execute("INSERT INTO postings_searchable_fts (postings_searchable_fts) VALUES ('rebuild')")
                cursor.execute("PRAGMA foreign_keys = ON")
            else:
                cursor.execute("SET session_replication_role = DEFAULT")

    Command.handle = handle
    yield
    Command.handle = original


@pytest.fixture(autouse=True)
def _back_to_the_present() -> Iterator[None]:
    """A test that moves the clock does not move it for the next one."""
    yield
    clock._set_offset(clock.timedelta(0))


@pytest.fixture
def monday_morning() -> Iterator[datetime]:
    """Live on Monday 2026-11-23 at 06:00, Asia/Shanghai."""
    moment = datetime(2026, 11, 23, 6, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    with clock.moved_to(moment):
        yield moment


@pytest.fixture
def later():
    """Run everything the journal owes, as the worker process would; returns how many reactions ran."""

    def run(rounds: int = 20) -> int:
        ran = 0
        for _ in range(rounds):
            if not (now := journal.deliver()):
                break
            ran += now
        return ran

    return run
