"""A1, A2, A3, A5, R5: rules by two, roles, looks, words, a stopped employer — and who may not (FJ-03)."""

from datetime import date, timedelta

import pytest

import linggong.accounts.actions as accounts
import linggong.accounts.queries as known
import linggong.reference.queries as reference
import linggong.venues.actions as venues
from linggong import make
from linggong.accounts.models import Grant, Look, Role
from linggong.core import journal
from linggong.core.clock import now, set_now
from linggong.core.models import Delivery, Event
from linggong.oversight.background import walk_the_chain
from linggong.oversight.models import ChainCheck
from linggong.reference.models import RegionRule
from linggong.venues.models import Duty

TYPED = {
    "key": "min_hourly_wage", "value": "21.5", "division_code": "350400", "valid_from": "2026-11-01",
    "document": "闽人社〔2026〕1号",
}  # fmt: skip


def entered(client) -> RegionRule:
    assert client.post("/bureau/rules/enter/", TYPED).status_code == 302
    return RegionRule.objects.get(document=TYPED["document"])


def test_a_rule_acts_when_a_second_person_approved_it(supervising, second, monday_morning):
    rule = entered(supervising)
    on = date(2026, 11, 24)

    refused = supervising.post(f"/bureau/rules/{rule.pk}/approve/")
    before = reference.rule("min_hourly_wage", division_code="350400", on=on)
    second.post(f"/bureau/rules/{rule.pk}/approve/")

    assert "自己录入的规定不能自己审" in refused.content.decode() and refused.status_code == 409
    assert before != 2150
    assert reference.rule("min_hourly_wage", division_code="350400", on=on) == 2150


@pytest.mark.row("FJ-03")
def test_who_runs_the_system_can_neither_enter_nor_approve_nor_stop_a_rule(running, supervising, second):
    rule = entered(supervising)

    for path in ("rules/enter/", f"rules/{rule.pk}/adopt/", f"rules/{rule.pk}/approve/", f"rules/{rule.pk}/withdraw/"):
        assert running.post(f"/bureau/{path}", TYPED).status_code == 404
    rule.refresh_from_db()
    assert rule.approved_at is None
    assert "批准" not in running.get("/bureau/rules/?show=waiting").content.decode().split("<tbody>")[1]


@pytest.mark.row("FJ-03")
def test_no_administrator_can_erase_or_change_what_was_recorded(running, admin, auditing):
    worker = make.worker()
    accounts.look_at(worker.user, "phone", by=admin, role="管理员", reason="核对")
    before = (Look.objects.count(), Event.objects.count())

    for path in ("audit/", "audit/events/", "audit/verify/"):
        assert running.delete(f"/bureau/{path}").status_code == 405
        assert running.post(f"/bureau/{path}").status_code == 405

    assert (Look.objects.count(), Event.objects.count()) == before
    assert "核对" in auditing.get("/bureau/audit/").content.decode()


@pytest.mark.row("FJ-03")
def test_an_administrator_cannot_make_themselves_a_supervisor(running, admin):
    phone = accounts.look_at(admin, "phone", by=admin, role="", reason="")

    answer = running.post("/bureau/people/grant/", {"phone": phone, "role": "supervisor", "division_code": "350400"})

    assert answer.status_code == 403 and "不能给自己加角色" in answer.content.decode()
    assert not known.has_role(admin, Role.SUPERVISOR, "350400")


def test_an_auditor_reads_and_changes_nothing(auditing, supervising):
    rule = entered(supervising)

    assert auditing.get("/bureau/rules/").status_code == 200
    assert auditing.post(f"/bureau/rules/{rule.pk}/approve/").status_code == 404
    assert auditing.post("/bureau/settings/save/", {}).status_code == 404
    assert auditing.post("/bureau/people/grant/", {}).status_code == 404


@pytest.mark.parametrize("value", ["", "abc", "-5", "1e400", "9" * 50, "[", "19.555", "🙂" * 100])
def test_a_value_that_makes_no_sense_is_kept_and_explained(supervising, value):
    answer = supervising.post("/bureau/rules/enter/", {**TYPED, "value": value})

    assert answer.status_code == 422
    assert TYPED["document"] in answer.content.decode()
    assert not RegionRule.objects.filter(document=TYPED["document"]).exists()


def test_a_sample_is_adopted_by_one_and_approved_by_another(supervising, second):
    rule = RegionRule.objects.filter(sample=True, division_code="", entered_by=None).first()

    supervising.post(f"/bureau/rules/{rule.pk}/adopt/")
    again = supervising.post(f"/bureau/rules/{rule.pk}/adopt/")
    second.post(f"/bureau/rules/{rule.pk}/approve/")

    rule.refresh_from_db()
    assert again.status_code == 409
    assert rule.approved_at and not rule.sample


def test_a_role_is_given_and_taken_back(running):
    person = make.user(name="新同事")
    phone = accounts.look_at(person, "phone", by=person, role="", reason="")
    facts = {"phone": phone, "role": "auditor", "division_code": "350400"}

    assert running.post("/bureau/people/grant/", facts).status_code == 302
    page = running.get("/bureau/people/").text
    assert (
        f"<td>{reference.division(facts['division_code']).name}</td>" in page
        and f"<td>{facts['division_code']}" not in page
    )
    again = running.post("/bureau/people/grant/", facts)
    row = Grant.objects.get(user=person)
    running.post(f"/bureau/people/{row.pk}/end/")

    assert again.status_code >= 400 and phone in again.content.decode()
    assert not known.has_role(person, Role.AUDITOR, "350400")


def test_the_words_of_the_operator_are_saved_and_a_bad_phone_is_explained(running, supervising):
    assert (
        running.post("/bureau/settings/save/", {"market_name": "三元零工", "hotline": "0598-1234567"}).status_code
        == 302
    )
    bad = running.post("/bureau/settings/save/", {"hotline": "<b>"})

    assert known.setting("market_name") == "三元零工"
    assert bad.status_code == 422 and "电话只写数字" in bad.content.decode()
    assert supervising.post("/bureau/settings/save/", {}).status_code == 404


def test_a_stuck_delivery_is_tried_again_by_a_press(running, auditing, monday_morning, monkeypatch):
    def broken(_event):
        raise OSError("the line is dead")

    make.posting()
    owed = Delivery.objects.filter(done_at=None).first()
    working = journal._reactions[owed.reaction]
    monkeypatch.setitem(journal._reactions, owed.reaction, broken)
    for _try in range(journal.ATTEMPTS_MAX):
        set_now(now() + timedelta(hours=2))
        journal.deliver()
    monkeypatch.setitem(journal._reactions, owed.reaction, working)
    page = running.get("/bureau/settings/").content.decode()

    assert auditing.post(f"/bureau/settings/deliveries/{owed.pk}/retry/").status_code == 404
    running.post(f"/bureau/settings/deliveries/{owed.pk}/retry/")
    journal.deliver()

    owed.refresh_from_db()
    assert "the line is dead" in page and "再试" in page
    assert owed.done_at is not None


def test_an_employer_is_stopped_with_a_reason_and_let_go_on(supervising, running, monday_morning):
    posting = make.posting()
    address = f"/bureau/employers/{posting.employer.code}/"

    mute = supervising.post(f"{address}suspend/", {"because": " "})
    assert running.post(f"{address}suspend/", {"because": "x"}).status_code == 404
    supervising.post(f"{address}suspend/", {"because": "拖欠工钱"})
    posting.refresh_from_db()
    down = posting.state
    stopped = supervising.get(address).content.decode()
    supervising.post(f"{address}lift/", {"because": "已付清"})

    posting.employer.refresh_from_db()
    assert mute.status_code >= 400
    assert down == "taken_down" and "拖欠工钱" in stopped and "恢复" in stopped
    assert posting.employer.state == "verified"


@pytest.mark.parametrize(
    "path", ["", "wall/", "chain/", "rules/", "rules/enter/", "people/", "audit/", "audit/verify/", "audit/events/",
             "settings/", "employers/"]
)  # fmt: skip
def test_every_page_names_the_role_and_has_one_heading(supervising, path):
    page = supervising.get(f"/bureau/{path}").content.decode()

    assert page.count("<h1") == 1
    assert "监管" in page.split("</title>")[0]


@pytest.mark.parametrize("path", ["rules/", "people/", "audit/", "audit/events/", "employers/"])
def test_the_lists_ask_no_more_for_four_deals_than_for_one(supervising, path, monday_morning):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    make.engagement(upto="confirmed")
    with CaptureQueriesContext(connection) as few:
        supervising.get(f"/bureau/{path}")
    for _n in range(3):
        make.engagement(upto="confirmed")
    with CaptureQueriesContext(connection) as many:
        supervising.get(f"/bureau/{path}")

    assert len(many) <= len(few)


# --- reach, bounds and repeats ---------------------------------------------------------------------------------


def test_trying_again_what_does_not_exist_is_not_found(running):
    assert running.post("/bureau/settings/deliveries/987654/retry/").status_code == 404


def test_a_rule_sent_twice_is_entered_once_and_another_rule_is_another(supervising):
    once = supervising.get("/bureau/rules/enter/").context["once"]

    for _turn in range(2):
        assert supervising.post("/bureau/rules/enter/", TYPED | {"once": once}).status_code == 302
    supervising.post("/bureau/rules/enter/", TYPED | {"once": "another", "value": "22"})

    assert RegionRule.objects.filter(document=TYPED["document"]).count() == 2


def test_the_audit_pages_show_their_own_region_and_nobody_elses(auditing, db):
    near, far = make.worker(name="近处人"), make.worker(name="远处人", division=make.reference.division("350102"))
    stranger = make.user(name="外地看客")
    for worker in (near, far):
        accounts.look_at(worker.user, "phone", by=stranger, role="登记员", reason="核对")

    looks = auditing.get("/bureau/audit/").context["rows"]
    events = auditing.get("/bureau/audit/events/?q=远处人").context["rows"]
    near_events = auditing.get("/bureau/audit/events/?q=近处人").context["rows"]

    assert {look.subject for look in looks} == {near.user}
    assert events == [] and near_events


def test_the_page_walks_a_bounded_stretch_and_shows_what_the_nightly_walk_found(auditing):
    make.worker()
    journal.seal_chain()
    assert "还没从头查过" in auditing.get("/bureau/audit/verify/").text

    walk_the_chain()

    page = auditing.get("/bureau/audit/verify/").text
    assert "从第 1 条查到第" in page and ChainCheck.objects.get().faults == 0


def test_people_of_venues_come_in_tens_beside_the_roles(auditing):
    venue = make.venue()
    for n in range(12):
        venues.add_staff(
            venue, make.user(name="值班" + "甲乙丙丁戊己庚辛壬癸子丑"[n]), Duty.CLERK, by=make.supervisor()
        )

    page = auditing.get("/bureau/people/")
    more = auditing.get(page.context["staff_more"])

    assert len(page.context["staff"]) == 10 and "staff_from=10" in page.context["staff_more"]
    assert more.context["staff"] and not {s.pk for s in more.context["staff"]} & {s.pk for s in page.context["staff"]}


def test_a_rule_that_acts_and_is_a_sample_is_counted_as_both(supervising):
    make.approved_rules()

    chips = {chip["label"]: chip["count"] for chip in supervising.get("/bureau/rules/").context["chips"]}
    shown = supervising.get("/bureau/rules/?show=sample").context["rows"]

    tagged = RegionRule.objects.filter(sample=True, approved_at__isnull=False).exists()
    assert tagged and chips["样例"] > 0 and any(row.standing == "on" for row in shown)


def test_the_settings_say_that_wages_are_checked_where_a_minimum_acts_though_no_county_is_set(running):
    assert "工价检查没开" in running.get("/bureau/settings/").content.decode()

    make.approved_rules()

    assert "工价检查开着" in running.get("/bureau/settings/").content.decode()
