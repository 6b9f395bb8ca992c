"""The published protocol says what the code does."""

import re
from pathlib import Path

from django.conf import settings

from linggong.insurance.gateways import insurer

PAPER = Path(settings.BASE_DIR) / "docs" / "protocols" / "insurer.md"


def test_the_example_signatures_are_those_of_the_code(settings):
    settings.INSURER_KEY = "secret"
    rows = re.findall(
        r"\| .*?(?:`POST /orders`|its answer, 200) \| `(.*?)` \| `([0-9a-f]{64})` \|", PAPER.read_text("utf-8")
    )

    (order, order_mark), (answer, answer_mark) = rows

    assert insurer.signature("POST", "/orders", "1700000000", order.encode()) == order_mark
    assert insurer.signature("POST 200", "/orders", "1700000000", answer.encode()) == answer_mark
