"""Make what is out already findable by words, from its frozen terms."""

from typing import Any

from django.db import migrations

from linggong.postings import search

FIELDS = ("title", "trade_name", "employer", "content", "place", "address", "meeting_point", "transport", "tools")


def fill(apps: Any, schema_editor: Any) -> None:
    Posting, Version = apps.get_model("postings", "Posting"), apps.get_model("postings", "Version")
    Searchable, Division = apps.get_model("postings", "Searchable"), apps.get_model("reference", "Division")
    names = {row.code: row for row in Division.objects.filter(level__lte=4).only("code", "name", "parent_id")}
    rows = Posting.objects.exclude(state__in=["draft", "closed", "expired"]).order_by("pk")
    made = []
    for posting in rows.only("pk", "version", "division_id").iterator(chunk_size=500):
        version = Version.objects.filter(posting=posting.pk, number=posting.version).first()
        if version is None:
            continue
        said = version.terms | {"place": _place(names, posting.division_id)}
        asked = [row["text"] for row in said.get("requirements", []) if row.get("text")]
        text = search.text_of([*(said.get(name) or "" for name in FIELDS), *asked])
        made.append(Searchable(posting_id=posting.pk, text=text, words=search.words_of(text)))
    Searchable.objects.bulk_create(made, batch_size=500)


def _place(names: dict[str, Any], code: str) -> str:
    said = ""
    while row := names.get(code):
        said, code = row.name + said, row.parent_id
    return said


class Migration(migrations.Migration):
    dependencies = [("postings", "0003_search"), ("reference", "0001_initial")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
