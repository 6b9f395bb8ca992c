"""Certificates: handed in, looked at by somebody else, good until the last day and not a day longer."""

from datetime import timedelta

import pytest

import linggong.workers.actions as workers
from linggong.core import clock
from linggong.core.clock import now, today
from linggong.core.sealed import unseal
from linggong.core.states import Moved
from linggong.core.uploads import open_image
from linggong.workers import background, queries
from linggong.workers.models import Holding

pytestmark = pytest.mark.django_db

WELDER = "TZ-HJ-RH"


@pytest.fixture
def upload(worker, photo):
    """Hand in a welder's certificate: `upload()`."""
    somebody = worker()

    def hand_in(**facts):
        return workers.upload_certificate(
            somebody, **{"certificate": WELDER, "photo": photo(), "by": somebody.user, **facts}
        )

    return hand_in


@pytest.mark.row("FJ-16")
def test_a_certificate_goes_from_uploaded_over_checked_to_expired(upload, clerk):
    last_day = today() + timedelta(days=3)
    held = upload(number="T3502 0419 8005 2000 12", issuer="福建省应急管理厅", valid_to=last_day)
    owner = held.worker
    assert held.state == "uploaded"
    assert not queries.holds(owner, WELDER, today()), "nobody has looked at it"

    workers.check_certificate(held, by=clerk)
    assert held.state == "checked"
    assert queries.holds(owner, WELDER, today())

    with clock.moved_to(now() + timedelta(days=4)):
        background.expire_certificates()
        held.refresh_from_db()
        assert held.state == "expired"
        assert not queries.holds(owner, WELDER, today())


@pytest.mark.row("FJ-16")
def test_work_that_needs_it_takes_only_a_checked_unexpired_one(upload, clerk):
    held = upload(valid_to=today() + timedelta(days=30))
    owner, last_day = held.worker, held.valid_to

    assert queries.missing_certificates(owner, [WELDER, "TZ-DG-DY"], today()) == [WELDER, "TZ-DG-DY"]

    workers.check_certificate(held, by=clerk)

    assert queries.missing_certificates(owner, [WELDER, "TZ-DG-DY"], today()) == ["TZ-DG-DY"]
    assert queries.missing_certificates(owner, [WELDER], last_day) == []
    assert queries.missing_certificates(owner, [WELDER], last_day + timedelta(days=1)) == [WELDER], (
        "work after the last day is refused before any sweep has run"
    )
    assert queries.missing_certificates(owner, [], today()) == []


@pytest.mark.row("FJ-16")
def test_a_rejected_one_never_counts_and_the_worker_is_told_why(upload, clerk):
    held = upload()

    workers.reject_certificate(held, because="照片看不清，请重新拍", by=clerk)

    assert held.state == "rejected"
    assert not queries.holds(held.worker, WELDER, today())
    assert "照片看不清" in held.worker.user.notices.latest("pk").text
    with pytest.raises(Moved):
        workers.check_certificate(held, by=clerk)


def test_a_checked_one_found_wrong_later_is_taken_back(upload, clerk):
    held = upload()
    workers.check_certificate(held, by=clerk)

    workers.reject_certificate(held, because="发证机关查不到", by=clerk)

    assert not queries.holds(held.worker, WELDER, today())


def test_the_number_is_sealed_and_the_photo_kept_without_the_camera(upload, photo):
    held = upload(number="T350204198005200012")

    assert "T350204198005200012" not in held.number_sealed
    assert unseal(held, "number_sealed") == "T350204198005200012"
    assert held.number_tail4 == "0012"
    assert open_image(held.photo).startswith(b"\xff\xd8")


def test_nobody_checks_their_own_paper(upload):
    held = upload()

    with pytest.raises(workers.OwnCertificate):
        workers.check_certificate(held, by=held.worker.user)

    held.refresh_from_db()
    assert held.state == "uploaded"


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"photo": b""}, "NoPhoto"),
        ({"certificate": "NO-SUCH"}, "UnknownCertificate"),
        ({"valid_to": today() - timedelta(days=1)}, "Outdated"),
        ({"valid_from": today() + timedelta(days=9), "valid_to": today() + timedelta(days=2)}, "BadDates"),
        ({"number": "9" * 41}, "UnknownCertificate"),
    ],
)
def test_a_paper_that_cannot_be_right_is_refused_and_not_kept(upload, facts, refusal):
    with pytest.raises(getattr(workers, refusal)):
        upload(**facts)

    assert not Holding.objects.exists()


def test_at_the_counter_the_paper_itself_is_enough(worker, clerk):
    somebody = worker()

    held = workers.upload_certificate(somebody, certificate=WELDER, by=clerk, acting_for=somebody.user)
    workers.check_certificate(held, valid_to=today() + timedelta(days=700), by=clerk)

    assert queries.holds(somebody, WELDER, today())
    assert held.photo == ""


def test_a_new_photo_replaces_the_one_nobody_has_looked_at(upload):
    first, second = upload(), upload()

    first.refresh_from_db()
    assert (first.state, second.state) == ("rejected", "uploaded")


def test_the_worker_is_reminded_once_thirty_days_before(upload, clerk):
    soon, later = upload(valid_to=today() + timedelta(days=30)), None
    workers.check_certificate(soon, by=clerk)
    later = upload(certificate="TZ-DG-DY", valid_to=today() + timedelta(days=31))
    workers.check_certificate(later, by=clerk)

    background.remind_of_certificates()
    background.remind_of_certificates()

    told = soon.worker.user.notices.filter(kind="certificate_ends_soon")
    assert [notice.about_code for notice in told] == [soon.code]


def test_the_sweep_leaves_what_has_no_end(upload, clerk):
    held = upload()
    workers.check_certificate(held, by=clerk)

    with clock.moved_to(now() + timedelta(days=4000)):
        background.expire_certificates()

    held.refresh_from_db()
    assert held.state == "checked"
