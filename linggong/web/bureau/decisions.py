"""查证 of a list: who stood where when somebody acted on it, by which weights, and whether it comes out the same again."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

import linggong.matching.queries as matching
from linggong.matching import score

SHOWN = 50
ORDERS = {"fit": _("合适"), "near": _("最近"), "seasoned": _("干得多"), "round": _("统一撮合")}


@require_safe
def one(request: HttpRequest, code: str) -> HttpResponse:
    """`/bureau/decisions/<code>/`: within reach; people by their number in the list, nobody by name."""
    decision = matching.decision_by_code(code)
    if decision is None or not request.reach.covers_division(decision.posting.division_id):
        raise Http404
    words = {part.name: part.word for part in score.default_weights().components}
    names = [name for name, _most in decision.inputs["weights"]["most"]]
    facts = {
        "decision": decision, "order": ORDERS.get(decision.inputs["order"], decision.inputs["order"]),
        "heads": [words.get(name, name) for name in names], "wrong": matching.replayed(decision),
        "rows": [_row(place, row) for place, row in enumerate(decision.outcome[:SHOWN], start=1)],
        "count": len(decision.outcome),
    }  # fmt: skip
    return render(request, "bureau/decision.html", facts)


def _row(place: int, row: list[Any]) -> dict[str, Any]:
    _key, total, parts = row
    return {"place": place, "total": total, "parts": parts}
