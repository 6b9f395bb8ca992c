"""Hours are kept in quarters; what is changed for that is said, and nobody loses paid minutes."""

from datetime import time

import pytest
from django.core.exceptions import ValidationError

from linggong import make
from linggong.core.clock import now
from linggong.web.posting_sheet import hear, hours_of, on_the_quarter, rounded

pytestmark = pytest.mark.django_db


def test_a_sentence_off_the_quarter_is_counted_wide_and_said(monday_morning):
    heard = hear("明天8点40到11点20要2个帮厨，25一小时", make.employer(), now())

    assert hours_of(heard)["start"] == "08:30" and hours_of(heard)["end"] == "11:30"
    assert "8:40" in rounded(heard) and "11:20" in rounded(heard)
    assert rounded(hear("明天8点到11点半要2个帮厨，25一小时", make.employer(), now())) == ""


@pytest.mark.parametrize(("typed", "told"), [(time(23, 35), "23:30 或 23:45"), (time(23, 50), "23:45 或 0:00")])
def test_a_typed_hour_off_the_quarter_is_asked_again(typed, told):
    with pytest.raises(ValidationError, match=told):
        on_the_quarter(typed)
    on_the_quarter(time(8, 45))
