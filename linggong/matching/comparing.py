"""Two sets of rules beside each other on the same market: read from a line of text, run, told as a table and as plots.

Pure: only plain arrays, no Django, no database.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from linggong.matching import clusters, drawing, simulating
from linggong.matching.simulating import Behaviour, Market, Result, Rules

POINTS_MOST = 1000
EVERY_LEAST = 5
WORDS = {
    "fill_percent": "places with a yes, percent",
    "worked_percent": "places worked, percent",
    "minutes_to_fill_p50": "minutes to a yes, median",
    "minutes_to_fill_p90": "minutes to a yes, 90th percentile",
    "no_shows": "did not come",
    "backfilled_percent": "of these backfilled, percent",
    "gini_of_hours": "spread of hours (Gini)",
    "without_work_percent": "people without any work, percent",
    "hours_p90": "hours of a person, 90th percentile",
    "km_mean": "kilometres to work, mean",
    "pushes_a_person_a_day": "pushes a person and day",
    "utility": "points without those for waiting",
}
DIGITS = {"gini_of_hours": 3, "pushes_a_person_a_day": 3, "no_shows": 0, "utility": 0}


@dataclass(frozen=True)
class Wanted:
    """Rules as written; into how many parts the land is to be cut is known only with the market."""

    rules: Rules
    parts: int = 1


@dataclass(frozen=True)
class Compared:
    """What came of each set of rules, and for whom there was work at all."""

    market: Market
    reachable: np.ndarray
    results: Sequence[Result]

    def rows(self) -> list[tuple[str, list[float]]]:
        """(measure, its value under each set of rules)."""
        found = [result.measures(self.reachable, self.market.days) for result in self.results]
        return [(name, [measures[name] for measures in found]) for name in WORDS]


def read(text: str, given: Mapping[str, int]) -> Wanted:
    """`rounds,waiting=200,sharing=600,every=30,backfill=0,parts=4`: a method, then what differs from the usual.

    A number may be given for each published component, for `sharing`, `every` (minutes), `backfill` (0 or 1) and
    `parts`. Raises ValueError with a sentence.
    """
    method, *said = [word.strip() for word in text.split(",")]
    if method not in simulating.METHODS:
        raise ValueError(f"“{method}” is no method; there are {', '.join(simulating.METHODS)}.")
    ranges = dict.fromkeys((*given, "sharing"), (0, POINTS_MOST))
    ranges |= {"every": (EVERY_LEAST, simulating.OPEN_MINUTES), "backfill": (0, 1), "parts": (1, POINTS_MOST)}
    numbers = {}
    for word in said:
        name, _is, number = word.partition("=")
        if name not in ranges:
            raise ValueError(f"“{name}” is nothing that rules can say; there are {', '.join(ranges)}.")
        least, most = ranges[name]
        if not number.isascii() or not number.isdigit() or not least <= int(number) <= most:
            raise ValueError(f"{name} must be a whole number between {least} and {most}, not “{number}”.")
        numbers[name] = int(number)
    weights = {name: numbers.get(name, usual) for name, usual in given.items()}
    rules = Rules(
        text, method, weights, every=numbers.get("every", 60), sharing=numbers.get("sharing", 0),
        backfill=bool(numbers.get("backfill", 1)),
    )  # fmt: skip
    return Wanted(rules, numbers.get("parts", 1))


def compare(market: Market, wanted: Sequence[Wanted], behaviour: Behaviour | None = None, *, seed: int = 1) -> Compared:
    """Run each on the same market with the same luck. Raises ValueError when the market cannot be cut so."""
    able = simulating.reachable(market, wanted[0].rules.weights)
    results = []
    for one in wanted:
        rules = one.rules if one.parts == 1 else replace(one.rules, parts=parts_of(market, one))
        results.append(simulating.run(market, rules, behaviour, seed=seed))
    return Compared(market, able, results)


def parts_of(market: Market, wanted: Wanted) -> np.ndarray:
    """The part of each county, cut where the fewest could go to work across."""
    found = simulating.everything(market, wanted.rules.weights)
    return clusters.cut(clusters.flows(*simulating.homes_and_work(market, found)), wanted.parts)


def told(compared: Compared) -> str:
    """The table, for a terminal."""
    names = [result.rules for result in compared.results]
    rows = [["", *names, "change"]]
    for measure, values in compared.rows():
        digits = DIGITS.get(measure, 1)
        change = f"{values[-1] / values[0] - 1:+.1%}" if values[0] else "—"
        rows.append([WORDS[measure], *(f"{value:,.{digits}f}" for value in values), change])
    wide = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    return "\n".join(
        "  ".join([row[0].ljust(wide[0]), *(cell.rjust(w) for cell, w in zip(row[1:], wide[1:], strict=True))])
        for row in rows
    )


def as_csv(compared: Compared) -> str:
    """The same figures, unrounded."""
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow(["measure", *(result.rules for result in compared.results)])
    for measure, values in compared.rows():
        writer.writerow([measure, *values])
    return page.getvalue()


def plots(compared: Compared) -> dict[str, str]:
    """SVG pictures by file name: how hours are spread, and how soon places get a yes."""
    names = [f"{letter}: {result.rules}" for letter, result in zip("ABCD", compared.results, strict=False)]
    spread = {
        name: lorenz(result.hours[compared.reachable])
        for name, result in zip(names, compared.results, strict=False)
    }  # fmt: skip
    soon = {name: sooner(result) for name, result in zip(names, compared.results, strict=False)}
    longest = max((line[-1][0] for line in soon.values() if line), default=60)
    return {
        "spread.svg": drawing.lines(
            "Who has the work", "people, fewest hours first, percent", "share of all hours, percent", spread,
            most=(100, 100),
        ),
        "time_to_fill.svg": drawing.lines(
            "How soon places get a yes", "minutes since publication", "of all places, percent", soon,
            most=(-(-longest // 100) * 100, 100),
        ),
    }  # fmt: skip


def lorenz(hours: np.ndarray) -> list[tuple[float, float]]:
    """Percent of people against percent of hours, whoever has least first."""
    ordered = np.sort(hours)
    total = max(float(ordered.sum()), 1e-9)
    up = np.concatenate(([0.0], np.cumsum(ordered) / total * 100))
    return list(zip(np.linspace(0, 100, len(up)).tolist(), up.tolist(), strict=True))


def sooner(result: Result) -> list[tuple[float, float]]:
    """Minutes against percent of all places that had a yes by then; those first taken by a backfill are not in it."""
    ordered = np.sort(result.minutes)
    up = np.arange(1, len(ordered) + 1) / max(1, result.places) * 100
    return [(0.0, 0.0), *zip(ordered.astype(float).tolist(), up.tolist(), strict=True)]
