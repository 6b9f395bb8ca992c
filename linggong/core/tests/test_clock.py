"""One clock for all processes of a demo city: forward, never back, and nobody else's."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from linggong.core import clock


@pytest.fixture
def shared(tmp_path, monkeypatch):
    monkeypatch.setattr(clock, "LOOK_EVERY", 0)
    before = clock._offset
    clock.follow(tmp_path / "clock")
    yield tmp_path / "clock"
    clock.follow(None)
    clock._set_offset(before)


def test_every_process_that_follows_the_file_lives_at_the_moment_it_was_put_forward_to(shared):
    goal = timezone.now() + timedelta(hours=9)
    shared.write_text(str((goal - timezone.now()).total_seconds()))  # as another process does

    assert abs(clock.now() - goal) < timedelta(seconds=2)

    later = goal + timedelta(hours=1)
    clock.put_forward(later)
    clock._set_offset(timedelta())  # another process, which has not looked yet
    os.utime(shared, ns=(1, 1))
    assert abs(clock.now() - later) < timedelta(seconds=2)


def test_it_never_goes_back_and_survives_a_torn_file(shared):
    clock.put_forward(timezone.now() + timedelta(hours=2))
    ahead = clock.now()
    clock.put_forward(timezone.now() + timedelta(hours=1))
    assert clock.now() >= ahead

    shared.write_text("")
    assert clock.now() >= ahead


def test_nobody_puts_a_countys_clock_forward():
    before = clock.now()
    clock.put_forward(before + timedelta(hours=5))
    assert clock.now() - before < timedelta(minutes=1)
