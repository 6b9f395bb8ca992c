"""`make mission`: each of the 207 rows, the tests that carry it, and whether they passed in the last `make test`."""

import csv
import json
from collections import defaultdict
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
PROVINCES = [("preamble", "PR"), ("guangxi", "GX"), ("ningbo", "NB"), ("shanxi", "SX"), ("fujian", "FJ")]


def main() -> None:
    """Print the table and the closing line."""
    results: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for file in sorted((TOP / "var" / "mission").glob("*.json")):
        for row, tests in json.loads(file.read_text()).items():
            for test, outcome in tests.items():
                results[row][test].add(outcome)
    rows = list(csv.DictReader((TOP / "docs" / "mission.csv").open(encoding="utf-8")))
    done: dict[str, int] = defaultdict(int)
    whole: dict[str, int] = defaultdict(int)
    for row in rows:
        tests = results.get(row["id"], {})
        passed = bool(tests) and all(outcomes == {"passed"} for outcomes in tests.values())
        prefix = row["id"][:2]
        whole[prefix] += 1
        done[prefix] += passed
        mark = "✔" if passed else "✕" if tests else "·"
        names = ", ".join(sorted(test.split("/")[-1] for test in tests)) or "—"
        print(f"{mark} {row['id']:8} {row['class']:5} {row['caption']}  [{names}]")
    unknown = sorted(set(results) - {row["id"] for row in rows})
    if unknown:
        print(f"no such row: {', '.join(unknown)}")
    parts = " ".join(f"{p} {done[p]}/{whole[p]}" for _, p in PROVINCES)
    print(f"mission: {sum(done.values())}/{len(rows)} ({parts})")


if __name__ == "__main__":
    main()
