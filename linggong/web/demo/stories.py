"""The few people a visitor plays: each finds something to do on the first page."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

import linggong.engagements.actions as deals
import linggong.engagements.queries as lived
import linggong.payments.actions as payments
import linggong.payments.queries as paid
from linggong.core import clock
from linggong.engagements.models import Attendance
from linggong.web.demo import living, words
from linggong.web.demo.founding import City

KITCHEN = next(job for job in words.JOBS if job.title == "食堂帮厨")
UNLAWFUL = {"title": "超市促销", "content": "试吃摊位，只要女的，长相好", "places": 2}


def plan_past(city: City, plan: living.Days, on: date) -> None:
    """张桂芳 worked at the shop three days running: one wage arrived, one rated, one waits for her word."""
    for back in (3, 2, 1):
        start = clock.at(on - timedelta(days=back), 9)
        plan.plan(start - timedelta(hours=13), _work_at_the_shop, city, plan, start, back)


def _work_at_the_shop(city: City, plan: living.Days, start: datetime, back: int) -> None:
    posting = living.publish(city, city.employers[0], _lunch(city, start, places=1))
    if posting is None:
        return
    worker = city.workers[0]
    deal = deals.grab(posting, worker, by=worker.user)
    [one] = lived.attendances(engagement=deal)
    plan.plan(start - timedelta(minutes=8), living.arrive, city, one)
    plan.plan(one.shift.ends_at + timedelta(minutes=3), living.finish, city, one)
    plan.plan(one.shift.ends_at + timedelta(minutes=30), _pay_by_hand, city, plan, one, back)


def _pay_by_hand(city: City, plan: living.Days, attendance: Attendance, back: int) -> None:
    owner = city.owners[city.employers[0].pk]
    deals.confirm(living.fresh(attendance), by=owner)
    settlement = paid.by_ref(lived.ref(attendance))
    payments.declare_paid(settlement, how="wechat", by=owner)
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
    """What waits for each visitor now: her next shift, the shop's applicants, the reviewer's marked posting."""
    day = clock.local(moment).date()
    shop = city.employers[0]
    with transaction.atomic():
        posting = living.publish(city, shop, _lunch(city, clock.at(day + timedelta(days=1), 9), places=2))
        if posting is not None and city.workers:
            living.quietly(deals.grab, posting, city.workers[0], by=city.workers[0].user)
        choosing = living.publish(
            city, shop, {**_lunch(city, clock.at(day + timedelta(days=2), 9), places=2), "way_in": "apply"}
        )
        for worker in city.by_trade.get("帮厨", [])[:40]:
            if choosing is not None and lived.of_posting(choosing).count() < 4:
                living.quietly(deals.apply, choosing, worker, by=worker.user)
        other = next(e for e in city.employers[3:] if e.kind == "MERCHANT" and e.state == "verified")
        promoter = next(job for job in words.JOBS if job.title == "超市促销")
        said = living.facts(city, promoter, other, clock.at(day + timedelta(days=1), 9))
        living.publish(city, other, {**said, **UNLAWFUL}, review=False)


def _lunch(city: City, start: datetime, *, places: int) -> dict[str, Any]:
    said = living.facts(city, KITCHEN, city.employers[0], start)
    shift = {"starts_at": start, "ends_at": start + timedelta(hours=5), "break_minutes": 0}
    return {**said, "title": "饭店帮厨", "places": places, "shifts": [shift], "pay_fen": 2600, "pay_within_hours": 4}
