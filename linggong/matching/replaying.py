"""A decision as it can be taken again: what went in as plain data, and the same rule over it, bit for bit. Pure.

`inputs` hold the weights, the numbers of each pair and which formula counted them; in lists where order matters, because
a database may keep the names of an object in another order. Formulas are kept by number: whoever
changes how a share is counted adds a formula and leaves the old one, so that an old decision replays as it was.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, fields
from typing import Any

from linggong.matching import score, turns
from linggong.matching.score import Pair, Weights

FORMULA = 1
ROUND = "round 1"
FIELDS = tuple(field.name for field in fields(Pair))


def inputs_of(
    rows: Sequence[tuple[int, Pair]], weights: Weights, *, order: str, version: int, at: str, source: str
) -> dict[str, Any]:
    """What a decision was made of: keys and numbers, no name, no place, no age. `rows` are (key, pair) as shown.

    `version` is that of the posting's terms, `at` the moment as text, `source` who proposed: index or database.
    """
    return {
        "formula": FORMULA, "order": order, "posting_version": version, "at": at, "source": source,
        "weights": {
            "version": weights.version,
            "most": [[component.name, component.most] for component in weights.components],
        },
        "fields": list(FIELDS), "rows": [[key, *astuple(pair)] for key, pair in rows],
    }  # fmt: skip


def outcome_of(inputs: Mapping[str, Any]) -> list[list[Any]]:
    """[key, points, points of each part] in the order they were shown. Raises ValueError for an unknown formula."""
    if inputs["formula"] != FORMULA:
        raise ValueError(f"formula {inputs['formula']} is not known here")
    weights = _weights(inputs["weights"])
    pairs = [(row[0], Pair(**dict(zip(inputs["fields"], row[1:], strict=True)))) for row in inputs["rows"]]
    ranked = score.rank(sorted(pairs, key=lambda row: (_far(row[1]), row[0])), weights)
    if inputs["order"] == "near":
        ranked.sort(key=lambda row: (_far(row[1]), row[0]))
    elif inputs["order"] == "seasoned":
        ranked.sort(key=lambda row: (-row[1].times, _far(row[1]), row[0]))
    elif inputs["order"] in (turns.TURN, turns.DRAW):
        ranked.sort(key=lambda row: turns.before(inputs["order"], row[1]))
    return [[key, points.total, [points.parts[c.name] for c in weights.components]] for key, _pair, points in ranked]


def digest_of(inputs: Mapping[str, Any], outcome: Any) -> str:
    """SHA-256 over both, in canonical form."""
    text = json.dumps([inputs, outcome], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def differences(inputs: Mapping[str, Any], outcome: Any, digest: str) -> list[str]:
    """What is not as it was: nothing when the decision replays bit for bit."""
    found = []
    if digest_of(inputs, outcome) != digest:
        found.append("the record was changed after it was written")
    again = outcome_of(inputs)
    if len(again) != len(outcome):
        found.append(f"{len(again)} rows instead of {len(outcome)}")
    found += [
        f"place {place}: {now} instead of {then}"
        for place, (now, then) in enumerate(zip(again, outcome, strict=False), start=1)
        if now != then
    ]
    return found


def _weights(data: Mapping[str, Any]) -> Weights:
    rows = [{"name": name, "most": most, "word": "", "rule": ""} for name, most in data["most"]]
    return Weights.read({"version": data["version"], "components": rows})


def _far(pair: Pair) -> int:
    return 10**9 if pair.distance_m is None else pair.distance_m
