"""Build the reference tables that ship with the product out of the collected source tables.

Run `python scripts/build_reference.py` with LINGGONG_DEVDATA naming the folder of the sources (default ../shared/data).
Hand-written and checked inputs stand beside the results: trade_map.csv (what the sources do not say of a trade)
and rules.csv (sample regional rules). The other files in linggong/reference/data are written by this script.
"""

import csv
import gzip
import io
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = Path(os.environ.get("LINGGONG_DEVDATA", ROOT.parent / "shared" / "data"))
TARGET = ROOT / "linggong" / "reference" / "data"
PROVINCES = ("14", "33", "35", "45")  # the villages of these are shipped
UNITS = {
    "天": "DAY", "小时": "HOUR", "月": "MONTH", "26天": "MONTH", "课时": "HOUR", "场": "FIXED", "单": "ORDER",
    "计件": "PIECE", "间": "PIECE", "桶": "PIECE", "罐": "PIECE", "平方米": "SQM", "吨": "TONNE", "斤": "JIN",
    "亩": "MU",
}  # fmt: skip
OWN_CERTIFICATES = [
    {"code": "L-KS", "name": "开锁服务备案", "family": "公安备案", "category": "开锁", "mandatory": "1",
     "issuer": "公安机关", "legal_basis": "公安机关对开锁业的备案要求", "note": "上门开锁前核对备案号"},
]  # fmt: skip

Row = dict[str, str]


def main() -> None:
    """Write every file and say how many rows each has."""
    if not SOURCE.is_dir():
        sys.exit(f"no source tables in {SOURCE}: set LINGGONG_DEVDATA")
    divisions = list(_divisions())
    towns = list(_townships({row["code"]: row for row in _read("admin/divisions.csv")}))
    _write("divisions.csv.gz", divisions)
    _write("townships.csv.gz", towns)
    _write("villages.csv.gz", _villages({town["code"] for town in towns}))
    _write("min_wage.csv", _minimum_wages({row["code"] for row in divisions}))
    _write("holidays.csv", _holidays())
    certificates = list(_certificates())
    _write("certificates.csv", certificates)
    _write("trades.csv", _trades({row["code"] for row in certificates}))


def _divisions() -> Iterator[Row]:
    for row in _read("admin/divisions.csv"):
        seated = bool(row["lng"])
        yield {
            "code": row["code"], "parent": row["parent"], "level": row["level"],
            "name": row["name"], "short_name": row["short_name"] or row["name"],
            "pinyin": row["pinyin"], "initials": row["initials"],
            "lng": row["lng"] if seated else row["rep_lng"],
            "lat": row["lat"] if seated else row["rep_lat"],
            "about": "" if seated or not row["rep_lng"] else "1",
        }  # fmt: skip


def _townships(counties: dict[str, Row]) -> Iterator[Row]:
    for row in _read("admin/townships.csv.gz"):
        county = counties[row["county"]]
        known = bool(row["lng"])
        yield {
            "code": row["code"], "parent": row["county"], "stats_code": row["stats_code_2023"],
            "name": row["name"], "short_name": row["base_name"] or row["name"],
            "pinyin": row["pinyin"], "initials": row["initials"],
            "lng": row["lng"] if known else county["rep_lng"] or county["lng"],
            "lat": row["lat"] if known else county["rep_lat"] or county["lat"],
            "about": "" if known else "1",
        }  # fmt: skip


def _villages(towns: set[str]) -> Iterator[Row]:
    """A village's code is its township's code and the last three digits of its statistical code.

    The two official number systems disagree on townships, so a village whose township is not surely known is left out.
    """
    for row in _read("admin/villages_fj_zj_sx_gx.csv.gz"):
        if row["township_code"] in towns and row["stats_code"].startswith(PROVINCES):
            yield {
                "code": row["township_code"] + row["stats_code"][-3:], "stats_code": row["stats_code"],
                "short_name": row["short_name"], "kind": row["kind"],
            }  # fmt: skip


def _minimum_wages(known: set[str]) -> Iterator[Row]:
    for row in _read("min_wage/min_wage.csv"):
        assert row["code"] in known, row
        yield {
            "division": row["code"], "monthly_fen": _fen(row["monthly"]), "hourly_fen": _fen(row["hourly"]),
            "tier": row["tier"], "valid_from": row["from"], "valid_to": row["to"], "document": row["document"],
            "url": row["source"],
        }  # fmt: skip


def _holidays() -> Iterator[Row]:
    for row in _read("calendar/holidays.csv"):
        yield {
            "day": row["date"], "name": row["name"], "off": row["off"], "statutory": row["statutory"],
            "notice": row["notice"],
        }  # fmt: skip


def _certificates() -> Iterator[Row]:
    for row in _read("occupations/certificates.csv"):
        row["code"] = row.pop("cert_id")
        yield {key: row[key] for key in OWN_CERTIFICATES[0]}
    yield from OWN_CERTIFICATES


def _trades(certificates: set[str]) -> Iterator[Row]:
    listed = {row["trade_id"]: row for row in _read("occupations/gig_trades.csv")}
    occupations = {row["code"]: row["name"] for row in _read("occupations/csco2022.csv")}
    with (TARGET / "trade_map.csv").open(encoding="utf-8", newline="") as text:
        ours = list(csv.DictReader(text))
    missing = set(listed) - {row["code"] for row in ours}
    assert not missing, f"trade_map.csv lacks {sorted(missing)}"
    taken: dict[str, str] = {row["name"]: row["code"] for row in ours}
    for row in ours:
        source = listed.get(row["code"], {})
        asked = row["certificates"].split()
        assert {c.rstrip("!") for c in asked} <= certificates, row
        csco = row["csco_code"] or source["csco_code"]
        assert csco in occupations, (row["code"], csco)
        yield {
            "code": row["code"], "name": row["name"], "sector": row["sector"] or source["sector"],
            "group": row["group"], "pictogram": row["pictogram"],
            "csco_code": csco, "csco_name": occupations[csco], "isco08": row["isco08"] or source["isco08"],
            "pay_unit": row["pay_unit"] or UNITS[source["pay_unit"]],
            "wage_low_fen": row["wage_low_fen"], "wage_high_fen": row["wage_high_fen"],
            "wage_source": row["wage_source"], "risk_class": row["risk_class"], "hazards": row["hazards"],
            "outdoor": row["outdoor"], "seated": row["seated"], "new_form": row["new_form"],
            "local": row["local"], "popularity": row["popularity"], "certificates": row["certificates"],
            "words": " ".join(_words(row, source, taken)),
        }  # fmt: skip


def _words(row: Row, source: Row, taken: dict[str, str]) -> Iterator[str]:
    """The other words for a trade. A word points at one trade only: the sentence reader must not guess."""
    dropped = set(row["fewer_words"].split())
    given = [word for word in source.get("aliases", "").split("|") if word and word not in dropped]
    for word in [*given, *row["more_words"].split()]:
        owner = taken.setdefault(word, row["code"])
        assert owner == row["code"], f"{word} stands for {owner} and for {row['code']}"
    yield from dict.fromkeys(w for w in [*given, *row["more_words"].split()] if w != row["name"])


def _fen(yuan: str) -> str:
    return str(round(float(yuan) * 100)) if yuan else ""


def _read(name: str) -> Iterator[Row]:
    raw = (SOURCE / name).read_bytes()
    text = (gzip.decompress(raw) if name.endswith(".gz") else raw).decode()
    yield from csv.DictReader(io.StringIO(text))


def _write(name: str, rows: Iterable[Row]) -> None:
    rows = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    raw = text.getvalue().encode()
    # mtime 0: the same input gives the same file, so a rebuild that changes nothing shows nothing in git.
    (TARGET / name).write_bytes(gzip.compress(raw, 9, mtime=0) if name.endswith(".gz") else raw)
    print(f"{name}: {len(rows)}")


if __name__ == "__main__":
    main()
