import json
import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from linggong import make
from linggong.accounts import actions as accounts
from linggong.accounts import queries as people
from linggong.agreements import queries as agreements
from linggong.cases import actions as cases
from linggong.core import clock
from linggong.engagements import actions as living
from linggong.engagements import queries as deals
from linggong.payments import queries as wages
from linggong.workers import actions as working
from linggong.workers import queries as workers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]


def photo():
    data = BytesIO()
    Image.new("RGB", (400, 300), "navy").save(data, "JPEG")
    return SimpleUploadedFile("证.jpg", data.getvalue(), "image/jpeg")


def links(html):
    return {link.split("#")[0] for link in re.findall(r'href="(/[^"]*)"', html)}


@pytest.mark.row("GX-00")
def test_everything_a_worker_owns_is_two_taps_from_the_personal_page(browser_of):
    worker = make.worker()
    make.approved_products()
    asked = make.engagement(upto="applied", worker_=worker, way_in="apply", starts_at=clock.at(clock.today(), 80))
    deal = make.engagement(upto="confirmed_done", worker_=worker)
    one = make.attendance(deal)
    case = cases.file(
        "dispute",
        about=one,
        facts="数不对",
        by=worker.user,
        deal=deals.ref(deal),
        division_code=deal.posting.division_id,
    )
    accounts.look_at(worker.user, "phone", by=make.clerk(), role="窗口", reason="打电话问到没到")
    owned = {
        f"/shifts/{asked.code}/", f"/shifts/{deal.code}/", f"/wages/{wages.by_ref(deals.ref(one)).code}/",
        f"/agreements/{agreements.live(deals.ref(deal)).code}/", f"/me/cases/{case.code}/",
        f"/messages/{people.inbox(worker.user).first().pk}/",
        "/me/insurance/", "/me/training/", "/me/card/", "/me/skills/", "/me/data/", "/me/data/looks/", "/me/record/",
    }  # fmt: skip
    page = browser_of(worker)

    first = links(page.get("/me/").content.decode())
    within_two = set(first)
    for link in first:
        if link.startswith(("/me/", "/shifts/", "/wages/", "/messages/")):
            within_two |= links(page.get(link).content.decode())

    assert owned - within_two == set()
    assert "打电话问到没到" in page.get("/me/data/looks/").content.decode()
    assert "保什么" in page.get("/me/insurance/").content.decode()


def test_the_personal_page_says_the_record_in_words_and_never_in_points(browser_of):
    deal = make.engagement(upto="rated")

    shown = browser_of(deal.worker).get("/me/").content.decode()

    assert "干完 1 个活" in shown and "<svg" in shown
    assert "分" not in re.sub(r"<[^>]+>", "", shown.split("<main")[1])


@pytest.mark.parametrize("path", ["/messages/", "/me/data/looks/", "/me/cases/", "/me/agreements/", "/me/insurance/"])
def test_the_lists_ask_the_same_questions_however_long(browser_of, path):
    make.approved_products()
    worker, clerk, counts = make.worker(), make.clerk(), []
    page = browser_of(worker)
    for number in range(12):
        deal = make.engagement(worker_=worker, starts_at=clock.at(clock.today(), 24 * (2 + number) + 8))
        one = make.attendance(deal)
        accounts.look_at(worker.user, "phone", by=clerk, role="窗口", reason="派活")
        cases.file("report", about=one, facts="问一下", by=worker.user, division_code=deal.posting.division_id)
        if number in (2, 11):
            page.get(path)
            with CaptureQueriesContext(connection) as asked:
                page.get(path)
            counts.append(len(asked))

    assert counts[0] == counts[1] <= 8


def test_messages_are_read_by_opening_them(browser_of, stranger):
    deal = make.engagement(upto="confirmed")
    page, notice = browser_of(deal.worker), people.inbox(deal.worker.user).get(kind="confirmed")

    answer = page.post(f"/messages/{notice.pk}/open/")

    assert answer.url == f"/shifts/{deal.code}/"
    assert people.inbox(deal.worker.user).get(pk=notice.pk).read_at is not None
    assert stranger.get(f"/messages/{notice.pk}/").status_code == 404
    assert stranger.post(f"/messages/{notice.pk}/open/").status_code == 404
    assert page.get(f"/messages/{'9' * 40}/").status_code == 404
    page.post("/messages/read/")
    assert people.unread_count(deal.worker.user) == 0


def test_a_mark_on_the_record_can_be_appealed_once(browser_of):
    deal = make.engagement(upto="confirmed")
    one, page = make.attendance(deal), browser_of(deal.worker)
    clock.set_now(one.shift.starts_at - timedelta(hours=1))
    living.cancel_by_worker(deal, because="sick", by=deal.worker.user)
    mark = workers.record_of(deal.worker)[0]
    assert "快开工了才说不去" in page.get("/me/record/").content.decode()

    answers = {page.post(f"/me/record/{mark.pk}/appeal/", {"key": key}).url for key in ("a", "a", "b")}

    assert len(answers) == 1 and "口碑记错了" in page.get(answers.pop()).content.decode()
    assert page.post("/me/record/999999/appeal/", {"key": "c"}).status_code == 404


def test_a_case_of_another_does_not_exist(browser_of, stranger):
    deal = make.engagement(upto="confirmed")
    case = cases.file("report", about=deal, facts="问一下", by=deal.worker.user, division_code=deal.posting.division_id)

    assert stranger.get(f"/me/cases/{case.code}/").status_code == 404
    assert "问一下" in browser_of(deal.worker).get(f"/me/cases/{case.code}/").content.decode()


# --- 评 ------------------------------------------------------------------------------------------------------


@pytest.mark.row("FJ-21")
def test_neither_side_reads_the_others_words_before_both_spoke(browser_of):
    deal = make.engagement(upto="paid")
    living.rate(deal, "employer", stars=2, tags=["late"], text="来晚了", by=deals.owner_of(deal.employer))
    page, here = browser_of(deal.worker), f"/shifts/{deal.code}/"
    before = page.get(here).content.decode()

    for _ in range(2):
        answer = page.post(f"/rate/{deal.code}/rate/", {"key": "k", "stars": "5", "tags": ["kind"], "text": "人好"})

    after = page.get(here).content.decode()
    assert "来晚了" not in before and "老板说" in before and answer.url == f"{here}?done=rated"
    assert "来晚了" in after and "人和气" in after
    assert deal.ratings.filter(side="worker").count() == 1


def test_after_seven_days_what_was_said_is_shown_all_the_same(browser_of):
    deal = make.engagement(upto="paid")
    living.rate(deal, "employer", stars=2, text="来晚了", by=deals.owner_of(deal.employer))
    clock.set_now(clock.now() + timedelta(days=7, minutes=1))
    from linggong.core import journal

    journal.run_due_jobs(clock.now())
    make.settle_down()

    assert "来晚了" in browser_of(deal.worker).get(f"/shifts/{deal.code}/").content.decode()


@pytest.mark.parametrize(
    "said", [{}, {"stars": "9"}, {"stars": "5", "tags": ["nonsense"]}, {"stars": "5", "text": "长" * 201}]
)
def test_a_rating_without_a_face_or_with_made_up_words_is_refused(browser_of, said):
    deal = make.engagement(upto="paid")

    answer = browser_of(deal.worker).post(f"/rate/{deal.code}/rate/", {"key": "k", **said})

    assert answer.status_code == 422 and not deal.ratings.exists()


def test_only_work_of_ones_own_that_was_done_can_be_rated(browser_of, stranger):
    deal = make.engagement(upto="confirmed")

    assert browser_of(deal.worker).get(f"/rate/{deal.code}/").url == f"/shifts/{deal.code}/"
    assert browser_of(deal.worker).post(f"/rate/{deal.code}/rate/", {"stars": "5"}).status_code == 409
    assert stranger.post(f"/rate/{deal.code}/rate/", {"stars": "5"}).status_code == 404


# --- 我的资料 ------------------------------------------------------------------------------------------------


@pytest.mark.row("SX-19")
def test_a_worker_sees_copies_corrects_and_deletes_what_is_kept(browser_of):
    deal = make.engagement(upto="paid")
    worker, page = deal.worker, browser_of(deal.worker)
    assert worker.user.masked_id in page.get("/me/data/").content.decode()

    answer = page.get("/me/data/copy/")
    told = json.loads(answer.content)
    assert "attachment" in answer["Content-Disposition"]
    assert told["person"]["name"] == worker.user.name and len(told["person"]["id_number"]) == 18
    assert {"consents", "looks", "trades", "certificates", "record"} <= set(told)
    assert told["deals"][0]["code"] == deal.code and told["wages"][0]["net_fen"] == 18000

    page.post("/me/data/name/correct/", {"name": "张大川"})
    assert people.by_code(worker.user.code).name == "张大川"
    assert page.post("/me/data/name/correct/", {"name": "<script>"}).status_code == 422
    page.post(
        "/me/profile/save/",
        {"division": worker.division_id, "reach_m": "30000", "pay_floor": "150", "taking_work": "on"},
    )
    assert (workers.by_code(worker.code).reach_m, workers.by_code(worker.code).pay_floor_fen) == (30000, 15000)

    assert "过 7 天才删" in page.get("/me/data/leave/").content.decode()
    page.post("/me/data/leave/ask/")
    assert people.deletion_of(worker.user) is not None
    page.post("/me/data/leave/stay/")
    assert people.deletion_of(worker.user) is None


def test_a_consent_is_taken_back_as_easily_as_given(browser_of):
    worker = make.worker()
    page = browser_of(worker)

    page.post("/me/data/consents/sms/agree/")
    assert people.has_consented(worker.user, "sms")
    page.post("/me/data/consents/sms/take-back/")
    assert not people.has_consented(worker.user, "sms")
    assert page.post("/me/data/consents/nonsense/agree/").status_code == 404


def test_nobody_gets_the_copy_of_another(client, browser_of):
    worker = make.worker(name="罗桂花")

    assert client.get("/me/data/copy/").status_code == 302
    assert "罗桂花" not in browser_of(make.worker()).get("/me/data/copy/").content.decode()
    assert worker.user.name == "罗桂花"


@pytest.mark.parametrize(
    "said", [{"reach_m": "1"}, {"reach_m": "x"}, {"pay_floor": "很多"}, {"division": "999999"}, {"tools": "锤" * 81}]
)
def test_a_wrong_profile_is_refused_and_kept(browser_of, said):
    worker = make.worker()
    body = {"division": worker.division_id, "reach_m": "10000", "taking_work": "on", **said}

    answer = browser_of(worker).post("/me/profile/save/", body)

    assert answer.status_code == 422 and 'role="alert"' in answer.content.decode()


# --- 本事 ----------------------------------------------------------------------------------------------------


@pytest.mark.row("FJ-16")
def test_a_certificate_goes_in_with_its_photo_which_others_cannot_open(browser_of, stranger):
    worker = make.worker()
    page = browser_of(worker)
    code = re.search(
        r'<option value="([^"]+)"', page.get("/me/skills/").content.decode().split('name="certificate"')[1]
    )[1]
    held = {h.pk for h in workers.holdings_of(worker)}

    for _ in range(2):
        answer = page.post("/me/skills/upload/", {
            "key": "k", "certificate": code, "number": "JK20260001", "photo": photo(), "valid_to": "2030-01-01"})  # fmt: skip

    added = [h for h in workers.holdings_of(worker) if h.pk not in held]
    assert (answer.url, len(added)) == ("/me/skills/?done=paper", 1)
    row, shown = added[0], page.get("/me/skills/").content.decode()
    assert row.state == "uploaded" and "等核对" in shown and "JK20260001" not in shown
    assert page.get(f"/me/skills/photo/{row.code}/")["Content-Type"] == "image/jpeg"
    assert stranger.get(f"/me/skills/photo/{row.code}/").status_code == 404
    assert not workers.holds(worker, code, clock.today())
    working.reject_certificate(row, because="照片看不清", by=make.clerk())
    assert "照片看不清" in page.get("/me/skills/").content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [({"photo": ""}, "四个角"), ({"certificate": "nonsense"}, "从列表里选"), ({"valid_to": "2020-01-01"}, "过期"),
     ({"photo": SimpleUploadedFile("a.jpg", b"not a photo", "image/jpeg")}, "照片"), ({"number": "1" * 41}, "40")],
)  # fmt: skip
def test_a_paper_that_cannot_be_kept_is_refused_in_words(browser_of, change, words):
    worker = make.worker()
    page = browser_of(worker)
    code = re.search(
        r'<option value="([^"]+)"', page.get("/me/skills/").content.decode().split('name="certificate"')[1]
    )[1]
    before = workers.holdings_of(worker).count()

    answer = page.post("/me/skills/upload/", {"key": "k", "certificate": code, "photo": photo(), **change})

    assert answer.status_code == 422 and words in answer.content.decode()
    assert workers.holdings_of(worker).count() == before


@pytest.mark.row("FJ-15")
def test_the_card_goes_out_without_a_name_and_is_hidden_in_one_tap(browser_of):
    worker = make.worker(name="罗桂花")
    page, trade = browser_of(worker), workers.trades_of(worker)[0].trade_id
    said = {"trades": [trade], "pay": "180", "pay_unit": "DAY", "times": "白天", "text": "干过两年食堂"}

    for bad in ("打我电话 13812345678", "我叫罗桂花"):
        refused = page.post("/me/card/save/", {"key": bad, **said, "text": bad})
        assert refused.status_code == 422 and bad in refused.content.decode()
    for _ in range(2):
        page.post("/me/card/save/", {"key": "k", **said})
    row = workers.card_of(worker)
    assert (row.state, row.pay_fen) == ("reviewing", 18000)
    working.approve_card(row, by=make.clerk())
    assert [card.text for card in workers.visible_cards()] == ["干过两年食堂"]

    page.post("/me/card/hide/")

    assert workers.visible_cards() == []


def test_trades_are_added_by_their_picture_and_what_was_worked_stays(browser_of):
    deal = make.engagement(upto="confirmed_done")
    page = browser_of(deal.worker)
    other = next(t for t in make.reference.trades() if t.code != deal.posting.trade_id)

    page.post("/me/skills/trades/save/", {"trades": [other.code]})

    assert {t.trade_id for t in workers.trades_of(deal.worker)} == {other.code, deal.posting.trade_id}
    assert page.post("/me/skills/trades/save/", {"trades": ["nonsense"]}).status_code == 422
