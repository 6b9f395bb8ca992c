"""The tables that ship with the product, into the database: idempotent, and skipped when nothing changed."""

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from django.db import models, transaction

from linggong.core.clock import now
from linggong.core.codes import new_code
from linggong.reference.models import (
    Certificate,
    Division,
    Holiday,
    Level,
    ReferenceVersion,
    RegionRule,
    Synonym,
    Trade,
    TradeCertificate,
)
from linggong.reference.queries import path_of

DATA = Path(__file__).resolve().parent.parent / "data"
# The four provinces whose townships even a slim load has, and whose villages a full one has.
PROVINCES = ("14", "33", "35", "45")
BATCH = 2000
NAMES = {
    "divisions": "省市县", "townships": "乡镇街道", "far_townships": "外省乡镇街道", "villages": "村居",
    "certificates": "证书", "trades": "工种", "holidays": "节假日", "rules": "地区规定样例",
}  # fmt: skip

Row = dict[str, str]
Say = Callable[[str], None]


def load(progress: Say | None = None, *, full: bool = True) -> dict[str, int]:
    """Bring the reference tables to the state of the shipped files; returns the rows written by table.

    Idempotent: a table whose file is unchanged is skipped; local trades, entered rules and approvals are kept.
    `full=False` leaves out the townships outside the four provinces and all villages. `progress` is told one
    Chinese sentence per table. Each table is one transaction.
    """
    parts: list[tuple[str, tuple[str, ...], Callable[[], int]]] = [
        ("divisions", ("divisions.csv.gz",), _load_divisions),
        ("townships", ("townships.csv.gz",), lambda: _load_townships(slim=True)),
        ("certificates", ("certificates.csv",), _load_certificates),
        ("trades", ("trades.csv", "certificates.csv"), _load_trades),
        ("holidays", ("holidays.csv",), _load_holidays),
        ("rules", ("rules.csv", "min_wage.csv"), _load_rules),
    ]
    if full:
        parts.insert(2, ("far_townships", ("townships.csv.gz",), lambda: _load_townships(slim=False)))
        parts.insert(3, ("villages", ("villages.csv.gz", "townships.csv.gz"), _load_villages))
    written = {}
    for name, files, do in parts:
        rows = _once(name, files, do)
        if rows is not None:
            written[name] = rows
            if progress is not None:
                progress(f"{NAMES[name]}：写入 {rows} 行")
    return written


def _once(name: str, files: tuple[str, ...], do: Callable[[], int]) -> int | None:
    digest = _digest(files)
    with transaction.atomic():
        ReferenceVersion.objects.get_or_create(name=name)
        # The row is the lock: of two processes that start together, the second waits and finds the work done.
        version = ReferenceVersion.objects.select_for_update().get(name=name)
        if version.digest == digest:
            return None
        version.rows = do()
        version.digest, version.token, version.loaded_at = digest, new_code(), now()
        version.save()
    return version.rows


def _digest(files: tuple[str, ...]) -> str:
    """Of the files and of this loader: a new way of reading an old file loads it again."""
    summed = hashlib.sha256(Path(__file__).read_bytes())
    for name in files:
        summed.update((DATA / name).read_bytes())
    return summed.hexdigest()


def _load_divisions() -> int:
    return _put(Division, (_division(row, int(row["level"])) for row in _read("divisions.csv.gz")), "code")


def _load_townships(*, slim: bool) -> int:
    rows = (row for row in _read("townships.csv.gz") if row["code"].startswith(PROVINCES) == slim)
    return _put(Division, (_division(row, Level.TOWN) for row in rows), "code")


def _division(row: Row, level: int) -> Division:
    return Division(
        code=row["code"], parent_id=row["parent"] or None, level=level, name=row["name"],
        short_name=row["short_name"], pinyin=row["pinyin"], initials=row["initials"], path=path_of(row["code"]),
        lng=float(row["lng"]) if row["lng"] else None, lat=float(row["lat"]) if row["lat"] else None,
        about=bool(row["about"]), stats_code=row.get("stats_code", ""),
    )  # fmt: skip


def _load_villages() -> int:
    """A village has no point of its own: it stands at its township's, marked as approximate."""
    points = {code: (lng, lat) for code, lng, lat in _town_points()}
    ends = {"村委会": "村", "居委会": "社区"}

    def villages() -> Iterator[Division]:
        for row in _read("villages.csv.gz"):
            town = row["code"][:9]
            lng, lat = points[town]
            yield Division(
                code=row["code"], parent_id=town, level=Level.VILLAGE, path=row["code"],
                name=_with_end(row["short_name"], ends.get(row["kind"], "")), short_name=row["short_name"],
                lng=lng, lat=lat, about=True, stats_code=row["stats_code"],
            )  # fmt: skip

    return _put(Division, villages(), "code")


def _with_end(name: str, end: str) -> str:
    return name if name.endswith(("村", "社区")) else name + end


def _town_points() -> list[tuple[str, float | None, float | None]]:
    return list(Division.objects.filter(level=Level.TOWN).values_list("code", "lng", "lat"))


def _load_certificates() -> int:
    rows = (
        Certificate(**{**row, "mandatory": row["mandatory"] == "1"}) for row in _read("certificates.csv")
    )  # fmt: skip
    return _put(Certificate, rows, "code")


def _load_trades() -> int:
    """Shipped trades are brought up to date; trades a region added, and their words, stay as they are."""
    rows = list(_read("trades.csv"))
    count = _put(Trade, (_trade(row) for row in rows), "code")
    codes = [row["code"] for row in rows]
    Synonym.objects.filter(trade_id__in=codes).delete()
    TradeCertificate.objects.filter(trade_id__in=codes).delete()
    Synonym.objects.bulk_create(
        [Synonym(trade_id=row["code"], word=word) for row in rows for word in row["words"].split()],
        batch_size=BATCH,
    )
    TradeCertificate.objects.bulk_create(
        [
            TradeCertificate(trade_id=row["code"], certificate_id=asked.rstrip("!"), hard=asked.endswith("!"))
            for row in rows
            for asked in row["certificates"].split()
        ],
        batch_size=BATCH,
    )
    return count


def _trade(row: Row) -> Trade:
    return Trade(
        code=row["code"], name=row["name"], sector=row["sector"], group=row["group"],
        pictogram=row["pictogram"], csco_code=row["csco_code"], csco_name=row["csco_name"],
        isco08=row["isco08"], pay_unit=row["pay_unit"], wage_low_fen=_int(row["wage_low_fen"]),
        wage_high_fen=_int(row["wage_high_fen"]), wage_source=row["wage_source"],
        risk_class=_int(row["risk_class"]), hazards=row["hazards"].split(), outdoor=row["outdoor"] == "1",
        seated=row["seated"] == "1", new_form=row["new_form"] == "1", local=row["local"] == "1",
        popularity=int(row["popularity"]),
    )  # fmt: skip


def _load_holidays() -> int:
    rows = (
        Holiday(
            day=date.fromisoformat(row["day"]), name=row["name"], off=row["off"] == "1",
            statutory=row["statutory"] == "1", notice=row["notice"],
        )
        for row in _read("holidays.csv")
    )  # fmt: skip
    return _put(Holiday, rows, "day")


def _load_rules() -> int:
    """Samples only, and none of them acts: nobody has held them against the notice. Approved ones stay."""
    known = set(RegionRule.objects.values_list("key", "division_code", "valid_from"))
    rows = [r for r in _sample_rules() if (r.key, r.division_code, r.valid_from) not in known]
    RegionRule.objects.bulk_create(rows, batch_size=BATCH)
    return len(rows)


def _sample_rules() -> Iterator[RegionRule]:
    for row in _read("rules.csv"):
        yield _sample(row["key"], json.loads(row["value"]), row["unit"], row)
    for row in _read("min_wage.csv"):
        for key, column in (("min_hourly_wage", "hourly_fen"), ("min_monthly_wage", "monthly_fen")):
            if row[column]:
                yield _sample(key, int(row[column]), "fen", row)


def _sample(key: str, value: object, unit: str, row: Row) -> RegionRule:
    return RegionRule(
        key=key, value=value, unit=unit, division_code=row["division"], sample=True,
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        document=row["document"], document_url=row["url"],
    )  # fmt: skip


def _put(model: type[models.Model], rows: Iterator[models.Model], key: str) -> int:
    """Insert the rows, and bring those with a known key up to date."""
    known = set(model._base_manager.values_list(key, flat=True))
    new, old = [], []
    for row in rows:
        (old if getattr(row, key) in known else new).append(row)
    model._base_manager.bulk_create(new, batch_size=BATCH)
    fields = [field.name for field in model._meta.concrete_fields if field.name != key]
    model._base_manager.bulk_create(
        old, batch_size=BATCH, update_conflicts=True, unique_fields=[key], update_fields=fields
    )
    return len(new) + len(old)


def _int(text: str) -> int | None:
    return int(text) if text else None


def _read(name: str) -> Iterator[Row]:
    raw = (DATA / name).read_bytes()
    text = (gzip.decompress(raw) if name.endswith(".gz") else raw).decode()
    yield from csv.DictReader(io.StringIO(text))
