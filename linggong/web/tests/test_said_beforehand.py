"""What stands on the posting's page is what will be asked for and what will be paid: no surprise at the yes."""

import pytest

from linggong import make
from linggong.agreements.wording import facts
from linggong.postings.queries import current_version, shifts_of
from linggong.reference.models import Certificate
from linggong.reference.queries import hard_certificates
from linggong.web.employer.preview import first_due

pytestmark = pytest.mark.django_db


def test_the_paper_a_trade_needs_is_said_on_the_page_and_in_the_terms(client, monday_morning):
    posting = make.posting()
    [paper] = hard_certificates(posting.trade)
    name = Certificate.objects.get(pk=paper).name

    page = client.get(f"/jobs/{posting.code}/").content.decode()

    assert f"要有{name}" in page and "没有特别要求" not in page
    assert f"要有{name}" in facts(current_version(posting).terms, hirer="老板", worker="工友")["needs"]


def test_worker_and_employer_read_the_same_latest_moment_to_pay(client, monday_morning):
    posting = make.posting()

    page = client.get(f"/jobs/{posting.code}/")

    assert page.context["pay_by"] == first_due(posting, shifts_of(posting))
