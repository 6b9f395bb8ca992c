"""Tables that only grow: a trigger on either database refuses every UPDATE and DELETE, whoever asks."""

from typing import Any

from django.db import migrations

_SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION linggong_append_only() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$ LANGUAGE plpgsql
"""
_POSTGRES = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION linggong_append_only()
"""


def append_only(*tables: str) -> migrations.RunPython:
    """The migration operation that makes `tables` append-only. Put it after the tables are created."""

    def guard(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(_POSTGRES_FUNCTION, params=None)
            for table in tables:
                schema_editor.execute(_POSTGRES.format(table=table), params=None)
        else:
            for table in tables:
                for verb in ("UPDATE", "DELETE"):
                    schema_editor.execute(_SQLITE.format(table=table, verb=verb))

    return migrations.RunPython(guard, migrations.RunPython.noop)
