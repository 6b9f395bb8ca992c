"""An account whose seven days are over: erased by the clock, unless something is open; told either way."""

from datetime import timedelta

import pytest

import linggong.accounts.actions as accounts
from linggong import make
from linggong.accounts.models import Deletion, Notice, Sms
from linggong.core import clock
from linggong.oversight.background import let_go_who_asked
from linggong.payments.models import Settlement

pytestmark = pytest.mark.django_db


def asked(user):
    row = accounts.request_deletion(user, by=user)
    return row, row.due_at + timedelta(minutes=1)


def test_the_sweep_erases_when_the_seven_days_are_over_and_says_so_to_the_phone_first():
    worker = make.worker(name="陈要走")
    row, later = asked(worker.user)
    let_go_who_asked()
    assert Deletion.objects.get(pk=row.pk).state == "requested", "not before its day"

    with clock.moved_to(later):
        let_go_who_asked()
        let_go_who_asked()

    worker.user.refresh_from_db()
    assert (worker.user.name, worker.user.phone_sealed, worker.user.is_active) == ("", "", False)
    assert Deletion.objects.get(pk=row.pk).state == "erased"
    assert Sms.objects.filter(template="notice").exists() or not Sms.objects.exists()


def test_a_deal_and_an_open_wage_keep_the_account_and_the_person_hears_what_to_finish_once():
    deal = make.engagement(upto="confirmed")
    row, later = asked(deal.worker.user)

    with clock.moved_to(later):
        let_go_who_asked()
        let_go_who_asked()

    deal.worker.user.refresh_from_db()
    told = Notice.objects.filter(user=deal.worker.user, text__startswith="还不能注销")
    assert deal.worker.user.name != "" and told.count() == 1
    assert "活" in told.get().text and "工钱" in told.get().text
    assert Deletion.objects.get(pk=row.pk).blocked_by


def test_wages_that_law_keeps_stand_after_the_person_is_gone():
    deal = make.engagement(upto="paid")
    row, later = asked(deal.worker.user)
    kept = Settlement.objects.filter(worker=deal.worker).count()

    with clock.moved_to(later + timedelta(days=60)):
        let_go_who_asked()

    gone = Deletion.objects.get(pk=row.pk)
    assert kept and Settlement.objects.filter(worker=deal.worker).count() == kept
    assert gone.state == "erased" or gone.blocked_by


def test_an_employer_with_work_on_offer_stays():
    posting = make.posting(days=20)
    owner = make.lived.owner_of(posting.employer)
    row, later = asked(owner)

    with clock.moved_to(later):
        let_go_who_asked()

    assert "在招的活" in Deletion.objects.get(pk=row.pk).blocked_by
