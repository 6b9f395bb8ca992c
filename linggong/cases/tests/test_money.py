"""What the custodian reports and what was agreed differ: somebody owns it within a minute."""

import pytest

import linggong.payments.actions as payments
from linggong import make
from linggong.cases.models import Case
from linggong.core import journal
from linggong.payments.models import Custody

pytestmark = pytest.mark.django_db


def test_a_payment_of_another_sum_becomes_a_case_with_an_owner_once(settings):
    settings.WAGE_ACCOUNT_PROVIDER = "pretend"
    posting = make.posting()
    make.clerk()
    funding = payments.fund(
        ref=f"posting:{posting.code}", employer=posting.employer, custody=Custody.SUPERVISED, wages_fen=36_000, key="k",
        by=None,
    )  # fmt: skip

    for message in ("m", "n"):
        payments.hear_funding(funding, provider_ref="ZH1", fen=35_000, message_id=message)
    journal.deliver()

    case = Case.objects.get(kind="money")
    assert (case.about_code, case.division_code, case.claim_fen) == (funding.code, posting.division_id, 35_000)
    assert case.owner is not None and case.owner_role == "head"
    assert "ZH1" in case.facts and "350" in case.facts
