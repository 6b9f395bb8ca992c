"""One statement answers many questions, with exactly the rows each would have had alone."""

import pytest
from django.db import connection
from django.db.models import Count as Sum
from django.test.utils import CaptureQueriesContext

from linggong import make
from linggong.accounts.models import Grant, User
from linggong.core.asking import Count, Question, ask, ask_all, known
from linggong.postings.models import Posting, Shift
from linggong.reference.models import RegionRule
from linggong.workers.models import Worker

pytestmark = pytest.mark.django_db


def same(rows, querysets):
    for read, queryset in zip(rows, querysets, strict=True):
        alone = list(queryset.all())
        assert read == alone
        for one, other in zip(read, alone, strict=True):
            assert getattr(one, "__dict__", None) is None or _values(one) == _values(other)


def _values(row):
    return {name: value for name, value in row.__dict__.items() if name != "_state"}


def test_many_questions_are_one_statement_and_give_the_rows_they_give_alone(monday_morning):
    make.approved_rules()
    make.posting()
    worker = make.worker()
    asked = [
        User.objects.order_by("-pk"),  # sealed bytes
        Worker.objects.order_by("pk"),  # coordinates, dates, lists in JSON
        RegionRule.objects.order_by("-valid_from", "pk"),  # days and nested JSON
        Posting.objects.values_list("code", "lat", "submitted_at", "funded_at", "hazards"),
        Shift.objects.order_by("starts_at").values_list("places", flat=True),
        Grant.objects.values("role").annotate(n=Sum("pk")).values_list("role", "n"),
        Worker.objects.filter(pk__in=[]),
    ]

    with CaptureQueriesContext(connection) as captured:
        rows = ask(Question(asked, lambda *rows: rows))

    assert len(captured) == 1
    assert all(rows[:6]) and rows[6] == [] and worker in rows[1]
    same(rows, asked)


def test_a_row_comes_with_the_rows_it_was_selected_with(monday_morning):
    posting = make.posting()

    (read,) = ask(Question([Posting.objects.select_related("employer__division", "trade")], lambda rows: rows))

    with CaptureQueriesContext(connection) as captured:
        came = read.employer.lat, read.employer.division.name, read.trade.name
    assert len(captured) == 0
    assert came == (posting.employer.lat, posting.employer.division.name, posting.trade.name)


def test_counting_stops_where_nobody_reads_on(monday_morning):
    for _ in range(3):
        make.user()
    everybody = User.objects.exclude(name="")

    counts = ask(Question([Count(everybody), Count(everybody, most=2), Count(everybody.none())], lambda *n: n))

    assert counts == (everybody.count(), 2, 0) and counts[0] >= 3


def test_an_answer_already_known_is_not_asked_for(monday_morning):
    with CaptureQueriesContext(connection) as captured:
        assert ask_all(known("yes"), known(3)) == ["yes", 3]
    assert len(captured) == 0
