"""Which weights are in force where: what the region published and a second person approved, else what is shipped."""

from datetime import date, datetime
from typing import Any

import linggong.reference.queries as reference
from linggong.core.clock import local
from linggong.matching import score
from linggong.matching.score import Weights
from linggong.reference.models import RegionRule

KEY = "match_weights"


def weights(division_code: str, moment: datetime) -> Weights:
    """The weights that order lists at a place at a moment."""
    return read(reference.rule(KEY, division_code=division_code, on=local(moment).date()))


def read(value: Any | None) -> Weights:
    """The weights of a rule's value; without a rule those shipped."""
    return score.default_weights() if value is None else Weights.read(value)


def of_the_index(moment: datetime) -> tuple[Weights, str]:
    """The one set of weights the live index counts by, and the division it is of.

    Those approved for the largest area; where several places have their own, the others are answered by the database.
    """
    on = local(moment).date()
    rows = [row for row in _approved() if row.valid_from <= on and (row.valid_to is None or row.valid_to >= on)]
    if not rows:
        return score.default_weights(), ""
    widest = min(rows, key=lambda row: (len(reference.path_of(row.division_code)), row.division_code))
    return weights(widest.division_code, moment), widest.division_code


def most(weights: Weights) -> dict[str, int]:
    """The most that each component gives, by name."""
    return {component.name: component.most for component in weights.components}


def history(division_code: str) -> list[dict[str, Any]]:
    """Every version that was ever approved for a place or above it, the newest first, the shipped one last."""
    above = reference.codes_above(division_code)
    rows = [
        {"weights": Weights.read(row.value), "from": row.valid_from, "to": row.valid_to, "document": row.document,
         "approved_at": row.approved_at}
        for row in _approved() if row.division_code in above
    ]  # fmt: skip
    rows.sort(key=lambda row: (row["from"], row["approved_at"]), reverse=True)
    shipped = score.default_weights()
    return [*rows, {"weights": shipped, "from": _shipped_on(), "to": None, "document": "", "approved_at": None}]


def _approved() -> list[RegionRule]:
    return list(RegionRule.objects.filter(key=KEY, approved_at__isnull=False).order_by("pk"))


def _shipped_on() -> date:
    return date.fromisoformat(score.shipped()["published_on"])
