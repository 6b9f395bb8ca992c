"""Two sides and the terms they talk about."""

import json

import pytest
from django.db import connection

from linggong import make
from linggong.agreements import actions

TERMS = {
    "posting": "P", "version": 1, "employer": "老王饭店", "employer_code": "E", "trade": "kitchen_helper",
    "trade_name": "帮厨", "title": "食堂帮厨", "content": "洗菜、切菜、收拾。", "address": "江滨路 8 号", "meeting_point": "西门",
    "division": "350403", "lat": 26.2, "lng": 117.6,
    "shifts": [
        {"code": "S1", "starts_at": "2026-11-24T05:30+08:00", "ends_at": "2026-11-24T13:30+08:00", "break_minutes": 30},
    ],
    "pay_fen": 2400, "pay_unit": "HOUR", "quantity": None, "pay_cycle": "DAILY", "pay_within_hours": 6, "pay_note": "",
    "custody": "offline", "meals": "ONE", "lodging": False, "transport": "", "tools": "手套、围裙", "hazards": ["BLADE"],
    "requirements": [{"text": "有健康证", "hard": True, "certificate": "health"}], "certificates": ["health"],
    "insured": True, "uninsured_reason": "", "insurance_product": "", "call_off_minutes": 120, "wasted_trip_fen": 3000,
    "form": "TEMPORARY", "way_in": "grab", "deductions": [],
}  # fmt: skip


@pytest.fixture
def terms():
    """The terms of the story, with changes: `terms(pay_fen=1)`."""
    return lambda **changes: {**TERMS, **changes}


@pytest.fixture
def drawn(db, settings, tmp_path, monday_morning, terms):
    """Draw up an agreement: `drawn(name="…", pay_fen=…)`; files go to a folder of the test."""
    settings.MEDIA_ROOT = tmp_path / "papers"

    def draw(ref="engagement:A", *, kind="SERVICE", name="刘桂芳", **changes):
        boss = make.employer()
        worker = make.worker(name=name)
        return actions.draw_up(ref=ref, kind=kind, worker=worker, employer=boss, terms=terms(**changes), by=worker.user)

    return draw


@pytest.fixture
def agreed(drawn):
    """An agreement in force by two taps: `agreed(…)` as `drawn`."""

    def agree(*args, **kwargs):
        agreement = drawn(*args, **kwargs)
        actions.accept(agreement, "employer", how="publish", by=agreement.employer.registered_by)
        return actions.accept(agreement, "worker", how="tap", by=agreement.worker.user)

    return agree


@pytest.fixture
def intrude():
    """Change a stored column past every action, straight in the database: `intrude(table, column, value, key)`.

    The comment in front keeps the write guard from seeing it, as an intruder would. Returns what was there before.
    """

    def change(table, column, value, key):
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT "{column}" FROM "{table}" WHERE id = %s', [key])
            before = cursor.fetchone()[0]
            plain = value if not isinstance(value, dict | list) else json.dumps(value)
            cursor.execute(f'/* */ UPDATE "{table}" SET "{column}" = %s WHERE id = %s', [plain, key])
        return before

    return change
