"""The few people a visitor plays: each finds something to do on the first page."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

import linggong.engagements.actions as deals
import linggong.engagements.queries as lived
import linggong.payments.actions as payments
import linggong.payments.queries as paid
import linggong.postings.actions as postings
from linggong.core import clock
from linggong.engagements.models import Attendance
from linggong.postings.models import Posting
from linggong.web.demo import founding, living, words
from linggong.web.demo.founding import City

KITCHEN, PACKING, PROMOTER = (
    next(job for job in words.JOBS if job.title == title) for title in ("食堂帮厨", "打包发货", "超市促销")
)
DAYS = 3  # how far back the stories reach
UNLAWFUL = {"title": "超市促销", "content": "试吃摊位，只要女的，长相好", "places": 2}


def plan_past(city: City, plan: living.Days, on: date) -> None:
    """What every city has lived through, whatever chance brings besides.

    张桂芳 worked at the shop three days running: one wage arrived, one rated, one waits for her word. At the factory
    wages were stored and arrived, somebody did not come, and an hour was counted less than worked. A posting that
    slipped through was taken down after a report.
    """
    for back in (3, 2, 1):
        start = clock.at(on - timedelta(days=back), 9)
        plan.plan(start - timedelta(hours=13), _work_at_the_shop, city, plan, start, back)
    # On two days, so that even in a village there are people for both.
    for back, stored, fates in ((3, True, ("works", "works")), (2, False, ("short", "stays_away", "works"))):
        start = clock.at(on - timedelta(days=back), 8, 30)
        said = {**living.facts(city, PACKING, city.employers[2], start), "places": len(fates)}
        script = living.Script(stored=stored, fates=fates)
        plan.plan(start - timedelta(hours=13), living.post, city, plan, said, script)
    plan.plan(clock.at(on - timedelta(days=1), 7), _slip_through, city, plan)


def _slip_through(city: City, plan: living.Days) -> None:
    start = clock.at(clock.today() + timedelta(days=1), 9)
    posting = living.publish(city, living.facts(city, words.PHRASES_TO_TAKE_DOWN, city.employers[0], start))
    if posting is not None:
        plan.plan(clock.now() + timedelta(hours=1), _take_down, city, posting)


def _take_down(city: City, posting: Posting) -> None:
    posting.refresh_from_db()
    living.quietly(postings.take_down, posting, because="有人举报要先交押金，核实后下架", by=city.roles["reviewer"])


def _work_at_the_shop(city: City, plan: living.Days, start: datetime, back: int) -> None:
    posting = living.publish(city, _lunch(city, start, places=1))
    if posting is None:
        return
    worker = city.workers[0]
    founding.agree(city, worker)
    deal = living.quietly(deals.grab, posting, worker, by=worker.user)
    if deal is None:
        return
    [one] = lived.attendances(engagement=deal)
    plan.plan(start - timedelta(minutes=8), living.arrive, city, one)
    plan.plan(one.shift.ends_at + timedelta(minutes=3), living.finish, city, one)
    plan.plan(one.shift.ends_at + timedelta(minutes=30), _pay_by_hand, city, plan, one, back)


def _pay_by_hand(city: City, plan: living.Days, attendance: Attendance, back: int) -> None:
    owner = city.owners[city.employers[0].pk]
    if living.fresh(attendance).state != "work_done":
        return
    deals.confirm(attendance, by=owner)
    payments.declare_paid(paid.by_ref(lived.ref(attendance)), how="wechat", by=owner)
    if back > 1:
        user = city.workers[0].user
        payments.acknowledge(paid.by_ref(lived.ref(attendance)), how="tap", by=user)
        plan.plan(clock.now() + timedelta(hours=3), _speak, city, attendance)


def _speak(city: City, attendance: Attendance) -> None:
    deal = living.fresh(attendance).engagement
    owner = city.owners[deal.employer_id]
    living.quietly(deals.rate, deal, "worker", stars=5, tags=["on_time_pay"], text="老板人好", by=deal.worker.user)
    living.quietly(deals.rate, deal, "employer", stars=5, tags=["again"], text="手脚麻利", by=owner)


def open_today(city: City, moment: datetime) -> None:
    """What waits for each visitor now: her next shift, the shop's applicants, the reviewer's marked posting.

    张桂芳 keeps tomorrow free, so that a visitor can post for tomorrow as the shop and take it as her.
    """
    day = clock.local(moment).date()
    shop = city.employers[0]
    with transaction.atomic():
        posting = living.publish(city, _lunch(city, clock.at(day + timedelta(days=2), 9), places=2))
        if posting is not None and city.workers:
            living.quietly(deals.grab, posting, city.workers[0], by=city.workers[0].user)
        choosing = living.publish(
            city, {**_lunch(city, clock.at(day + timedelta(days=3), 9), places=2), "way_in": "apply"}
        )
        for worker in city.by_trade.get("帮厨", [])[:40]:
            if choosing is not None and lived.of_posting(choosing).count() < 4:
                living.quietly(deals.apply, choosing, worker, by=worker.user)
        other = next((e for e in city.employers[3:] if e.kind == "MERCHANT" and e.state == "verified"), shop)
        said = living.facts(city, PROMOTER, other, clock.at(day + timedelta(days=1), 9))
        living.publish(city, {**said, **UNLAWFUL}, review=False)


def _lunch(city: City, start: datetime, *, places: int) -> dict[str, Any]:
    said = living.facts(city, KITCHEN, city.employers[0], start)
    shift = {"starts_at": start, "ends_at": start + timedelta(hours=5), "break_minutes": 0}
    return {**said, "title": "饭店帮厨", "places": places, "shifts": [shift], "pay_fen": 2600, "pay_within_hours": 4}
