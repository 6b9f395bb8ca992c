"""The command that lives days again under other rules."""

import csv
import json
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

import linggong.reference.queries as reference
from linggong import make
from linggong.core import clock
from linggong.matching import history, score, simulating

SMALL = {"workers": 400, "postings": 120, "counties": 2, "days": 2}


def simulate(tmp_path, **options):
    call_command("simulate", out=str(tmp_path), verbosity=0, **options)
    with (tmp_path / "measures.csv").open(encoding="utf-8") as page:
        return list(csv.reader(page))


def test_the_same_seed_writes_the_same_table_and_another_seed_another(tmp_path):
    one, again, other = (simulate(tmp_path / name, seed=seed, **SMALL) for name, seed in (("a", 3), ("b", 3), ("c", 4)))

    assert one == again
    assert one != other
    assert sorted(file.name for file in (tmp_path / "a").iterdir()) == [
        "measures.csv",
        "spread.svg",
        "time_to_fill.svg",
    ]


def test_it_says_what_came_of_both(tmp_path, capsys):
    call_command("simulate", out=str(tmp_path), a="first", b="rounds,sharing=600,parts=2", **SMALL)

    said = capsys.readouterr().out
    assert "spread of hours (Gini)" in said
    assert "400 people" in said
    assert str(tmp_path) in said


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"days": 0}, "--days must lie between"), ({"workers": -1}, "--workers must lie between"),
        ({"longest": 8}, "--longest must lie between"), ({"seed": -1}, "--seed must lie between"),
        ({"a": "lottery"}, "is no method"), ({"b": "rounds,pay=free"}, "whole number"),
        ({"b": "rounds,parts=3"}, "cannot be cut"),
        ({"history": True}, "belongs to a made-up province"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_a_sentence(tmp_path, options, words):
    with pytest.raises(CommandError, match=words):
        simulate(tmp_path, **SMALL | options)


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(CommandError, match="cannot be written"):
        simulate(tmp_path / "file", **SMALL)


@pytest.mark.django_db
def test_a_place_where_nothing_happened_has_no_history(tmp_path):
    with pytest.raises(CommandError, match="Nothing happened here"):
        simulate(tmp_path, history=True)


@pytest.mark.django_db
def test_what_happened_here_is_lived_again(tmp_path):
    make.worker(state="verified")
    make.posting(starts_at=clock.at(clock.today() + timedelta(days=1), 9), days=2)
    clock.set_now(clock.at(clock.today() + timedelta(days=4), 9))

    lived = history.market(clock.today() - timedelta(days=7), 7)
    rows = {name: values for name, *values in simulate(tmp_path, history=True, days=7)}

    assert len(lived.workers.key) == 1
    assert len(lived.places) == 1
    assert len(lived.postings.shifts) == 2
    first = lived.postings.shifts[0, 1] * 15
    assert 1440 <= first - lived.midnight - lived.day[0] * 1440 < 2880
    assert set(rows) >= {"measure", "fill_percent", "gini_of_hours"}


def test_the_simulator_runs_without_django():
    given = {c.name: c.most for c in score.default_weights().components}
    lines = (
        "import sys; from linggong.matching import comparing, simulating\n"
        f"given = {json.dumps(given)}\n"
        "market = simulating.province(200, 60, 2, counties=2)\n"
        "print(comparing.told(comparing.compare(market, [comparing.read('rounds', given)] * 2)))\n"
        "assert 'django' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "spread of hours" in done.stdout


def test_nobody_is_pushed_more_often_in_a_simulation_than_the_shipped_setting_allows():
    assert simulating.Behaviour().pushes_most == reference.default("invite_per_day")
