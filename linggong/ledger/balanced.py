"""On PostgreSQL the database itself refuses, at commit, a transfer that does not sum to zero (M1)."""

from typing import Any

from django.db import migrations

_FUNCTION = """
CREATE OR REPLACE FUNCTION linggong_transfer_balanced() RETURNS trigger AS $$
DECLARE about bigint; lines bigint; fen numeric;
BEGIN
    about := CASE WHEN TG_TABLE_NAME = 'ledger_entry' THEN (to_jsonb(NEW) ->> 'transfer_id')::bigint
             ELSE (to_jsonb(NEW) ->> 'id')::bigint END;
    SELECT count(*), coalesce(sum(e.fen), 0) INTO lines, fen FROM ledger_entry e WHERE e.transfer_id = about;
    IF lines < 2 OR fen <> 0 THEN
        RAISE EXCEPTION 'transfer % does not balance', about USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$ LANGUAGE plpgsql
"""
_TRIGGER = """
CREATE CONSTRAINT TRIGGER {table}_balanced AFTER INSERT ON {table}
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION linggong_transfer_balanced()
"""


def balanced() -> migrations.RunPython:
    """The migration operation. SQLite has no deferred triggers: there `actions.post` alone sees to it."""

    def guard(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(_FUNCTION, params=None)
            for table in ("ledger_transfer", "ledger_entry"):
                schema_editor.execute(_TRIGGER.format(table=table), params=None)

    return migrations.RunPython(guard, migrations.RunPython.noop)
