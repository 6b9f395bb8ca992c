"""Registering an employer, its papers, people, record, messages, and its side of a case: E13, E16–E18."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

import linggong.accounts.actions as accounts
import linggong.cases.actions as cases
import linggong.employers.actions as employers
import linggong.employers.queries as known
import linggong.engagements.queries as lived
from linggong import make
from linggong.employers.models import Employer

pytestmark = pytest.mark.django_db


@pytest.fixture
def newcomer(morning, browser_of):
    """Somebody signed in who has no employer."""
    return browser_of(make.user(name="赵小店"))


def towns(client):
    form = client.get("/e/verify/place/").context["form"]
    return [code for code, _name in form.fields["town"].choices if code]


def test_somebody_without_an_employer_is_led_to_the_first_question(newcomer):
    assert newcomer.get("/e/").url == "/e/verify/"
    assert newcomer.get("/e/verify/").url == "/e/verify/kind/"
    assert "第 1 步" in newcomer.get("/e/verify/kind/").content.decode()


def test_a_shop_is_registered_one_question_a_page_and_nothing_is_lost_on_the_way(newcomer):
    assert newcomer.post("/e/verify/kind/answer/", {"kind": "MERCHANT"}).url == "/e/verify/name/"
    answer = newcomer.post("/e/verify/name/answer/", {"name": "", "contact_name": "赵老板"})
    assert answer.status_code == 422 and "赵老板" in answer.content.decode()
    newcomer.post("/e/verify/name/answer/", {"name": "小赵面馆", "contact_name": "赵老板"})
    assert newcomer.post("/e/verify/number/answer/", {"uscc": "123"}).status_code == 422
    newcomer.post("/e/verify/number/answer/", {"uscc": make.uscc()})
    assert "小赵面馆" in newcomer.get("/e/verify/name/").content.decode()
    town = towns(newcomer)[0]
    for _turn in range(2):
        newcomer.post("/e/verify/place/answer/", {"town": town, "address": "新市路3号", "key": "reg"})
    row = Employer.objects.get(name="小赵面馆")
    assert (row.state, row.division_id, row.kind) == ("new", town, "MERCHANT")
    assert "到窗口看一下证件" in newcomer.get("/e/verify/").content.decode()


def test_a_household_is_not_asked_for_a_licence(newcomer):
    assert newcomer.post("/e/verify/kind/answer/", {"kind": "HOUSEHOLD"}).url == "/e/verify/name/"
    assert newcomer.post("/e/verify/name/answer/", {"name": "赵家", "contact_name": "赵"}).url == "/e/verify/place/"


@pytest.mark.parametrize("value", ["", "😀" * 300, "x" * 10_000, "\x00", "<script>alert(1)</script>"])
@pytest.mark.parametrize("step", ["kind", "name", "number", "place"])
def test_no_value_breaks_a_step(newcomer, step, value):
    data = dict.fromkeys(("kind", "name", "contact_name", "uscc", "town", "address"), value)
    answer = newcomer.post(f"/e/verify/{step}/answer/", data)
    assert answer.status_code in (302, 422) and "<script>alert" not in answer.content.decode()
    assert newcomer.get("/e/verify/nothing/").status_code == 404


def photo():
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "JPEG")
    return SimpleUploadedFile("a.jpg", out.getvalue(), "image/jpeg")


def test_papers_are_photographed_handed_in_and_looked_at(morning, browser_of):
    boss = make.employer(state="new")
    client = browser_of(boss)
    assert (
        client.post("/e/verify/paper/licence/show/", {"photo": SimpleUploadedFile("a.jpg", b"no photo")}).status_code
        == 422
    )
    assert client.post("/e/verify/submit/").status_code == 422
    for kind in ("licence", "agent_id"):
        assert client.post(f"/e/verify/paper/{kind}/show/", {"photo": photo()}).status_code == 302
    assert client.post("/e/verify/submit/").status_code == 302
    boss.refresh_from_db()
    assert boss.state == "submitted" and "材料在审" in client.get("/e/verify/").content.decode()
    assert client.post("/e/verify/paper/nothing/show/", {"photo": photo()}).status_code == 422


def test_one_person_acts_for_two_employers_and_switches(desk, boss, browser_of):
    owner = lived.owner_of(boss)
    second = make.employer(name="老王二店", owner=owner)
    assert "老王二店" in desk.get("/e/me/").content.decode()
    desk.post("/e/switch/", {"employer": second.code})
    assert "老王二店" in desk.get("/e/").content.decode()
    other = make.employer()
    desk.post("/e/switch/", {"employer": other.code})
    assert other.name not in desk.get("/e/").content.decode()


def test_the_owner_adds_somebody_by_phone_who_can_act_until_taken_off(desk, boss, browser_of):
    number = make.phone()
    helper = accounts.make_person(name="钱小帮", phone=number, by=None)
    assert desk.post("/e/me/members/add/", {"phone": "123"}).status_code == 422
    assert desk.post("/e/me/members/add/", {"phone": make.phone()}).status_code == 422
    desk.post("/e/me/members/add/", {"phone": number})
    theirs = browser_of(helper)
    assert boss.name in theirs.get("/e/").content.decode()
    assert theirs.post("/e/me/members/add/", {"phone": number}).status_code == 404
    desk.post("/e/me/members/end/", {"member": helper.code})
    assert theirs.get("/e/").url == "/e/verify/"
    assert desk.post("/e/me/members/end/", {"member": lived.owner_of(boss).code}).status_code == 409


def test_the_record_says_what_it_is_made_of(desk, boss):
    employers.give_points(boss, "paid_on_time", cause="attendance:x", by=None)
    text = desk.get("/e/record/").content.decode()
    assert "按说好的时间付了工钱" in text and "诚信企业" in text
    assert known.has_committed(boss) and "你已经答应了" in desk.get("/e/promise/").content.decode()


def test_messages_open_the_page_they_are_about_and_are_read_at_once(desk, boss):
    posting = make.posting(employer_=boss, way_in="apply")
    deal = make.engagement(upto="applied", posting_=posting)
    text = desk.get("/e/messages/").content.decode()
    assert f"/e/deals/{deal.code}/" in text
    assert desk.get(f"/e/deals/{deal.code}/").status_code == 200
    desk.post("/e/messages/read/")
    assert "都看过了" not in desk.get("/e/messages/").content.decode()


def test_a_case_shows_their_claim_and_takes_my_side_and_my_yes(desk, boss, stranger):
    deal = make.engagement(upto="work_done", posting_=make.posting(employer_=boss))
    case = cases.file("dispute", about=make.attendance(deal), facts="少算了一小时", by=deal.worker.user, claim_fen=2000,
                      deal=lived.ref(deal), division_code=boss.division_id)  # fmt: skip
    assert "少算了一小时" in desk.get(f"/e/cases/{case.code}/").content.decode()
    assert desk.post(f"/e/cases/{case.code}/tell/", {"text": " "}).status_code == 422
    for _turn in range(2):
        desk.post(f"/e/cases/{case.code}/tell/", {"text": "那一小时在吃饭", "key": "t"})
    desk.post(f"/e/cases/{case.code}/agree/", {"key": "a"})
    assert [s.text for s in case.steps.order_by("pk")] == ["那一小时在吃饭", "雇主同意工友说的"]
    assert stranger.get(f"/e/cases/{case.code}/").status_code == 404
    rated = cases.file(
        "bad_rating",
        about=deal,
        facts="骂人",
        by=deal.worker.user,
        deal=lived.ref(deal),
        division_code=boss.division_id,
    )
    assert desk.get(f"/e/cases/{rated.code}/").status_code == 404


def test_nobody_gets_in_without_a_name(morning):
    assert Client().get("/e/today/").url.startswith("/sign-in/")
