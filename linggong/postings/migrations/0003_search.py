"""Finding by words: one table on both databases, and beside it what each of them is quick with.

SQLite: an FTS5 table that reads its words from the table; triggers keep it in step inside the same transaction.
PostgreSQL: an inverted index on the words as an array. Neither needs an extension or more than an owner's rights.
Whoever later makes SQLite build `postings_searchable` anew (AlterField) must make the triggers again.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

SQLITE = (
    "CREATE VIRTUAL TABLE postings_searchable_fts USING fts5("
    "words, content='postings_searchable', content_rowid='posting_id', tokenize='ascii', detail=none)",
    "CREATE TRIGGER postings_searchable_in AFTER INSERT ON postings_searchable BEGIN "
    "INSERT INTO postings_searchable_fts (rowid, words) VALUES (new.posting_id, new.words); END",
    "CREATE TRIGGER postings_searchable_out AFTER DELETE ON postings_searchable BEGIN "
    "INSERT INTO postings_searchable_fts (postings_searchable_fts, rowid, words) "
    "VALUES ('delete', old.posting_id, old.words); END",
    "CREATE TRIGGER postings_searchable_new AFTER UPDATE ON postings_searchable BEGIN "
    "INSERT INTO postings_searchable_fts (postings_searchable_fts, rowid, words) "
    "VALUES ('delete', old.posting_id, old.words); "
    "INSERT INTO postings_searchable_fts (rowid, words) VALUES (new.posting_id, new.words); END",
)
POSTGRES = "CREATE INDEX postings_searchable_words ON postings_searchable USING gin (string_to_array(words, ' '))"


def make(apps: Any, schema_editor: Any) -> None:
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else (POSTGRES,):
        schema_editor.execute(statement, params=None)


def unmake(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE postings_searchable_fts", params=None)


class Migration(migrations.Migration):
    dependencies = [("postings", "0002_neighbours")]

    operations = [
        migrations.CreateModel(
            name="Searchable",
            fields=[
                (
                    "posting",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="+",
                        serialize=False, to="postings.posting",
                    ),
                ),
                ("text", models.TextField()),
                ("words", models.TextField()),
            ],
        ),
        migrations.RunPython(make, unmake),
    ]  # fmt: skip
