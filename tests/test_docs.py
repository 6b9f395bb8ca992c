"""The documents say what the code says."""

import importlib.util
import re
import subprocess
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps

from linggong.core.states import Stateful

TOP = Path(__file__).resolve().parent.parent
DOCS = sorted((TOP / "docs").rglob("*.md"))
TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)


def table(page: str, first: str) -> list[list[str]]:
    """The rows of the table of a page whose first heading cell is `first`."""
    lines = (TOP / "docs" / page).read_text(encoding="utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"| {first} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def ticked(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def journey() -> list[list[str]]:
    return table("journey.md", "Step")


def states_of(model: type[Stateful]) -> set[str]:
    return {str(value) for value, _label in model._meta.get_field("state").choices}


def ours() -> list[str]:
    """Every text file under version control."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, capture_output=True, check=True).stdout.decode()
    kinds = (".py", ".md", ".sh", ".html", ".toml", ".css", ".js", ".csv", ".json", ".txt", ".yml", ".lock", "Makefile")
    return [name for name in listed.split("\0") if name.endswith(kinds) and (TOP / name).exists()]


def test_the_floors_in_house_md_are_the_floors_of_the_contract():
    contracts = tomllib.loads((TOP / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    enforced = [
        [app.strip() for app in layer.split("|")]
        for layer in next(c for c in contracts if c["id"] == "floors")["layers"]
    ]

    assert [ticked(row[1]) for row in table("house.md", "Floor")] == enforced


@pytest.mark.parametrize("step", journey(), ids=lambda row: row[0])
def test_a_step_of_the_journey_is_in_the_code(step):
    _name, screen, verb, calls, after = step
    app, room, function = ticked(verb)[0].split(".")

    assert [file for file in ticked(screen) if not (TOP / "linggong" / file).exists()] == []
    assert callable(getattr(import_module(f"linggong.{app}.{room}"), function))
    assert [called for called in ticked(calls) if not apps.is_installed(f"linggong.{called}")] == []
    if after != "—":
        noun = after.split()[0]
        machines = [m for m in apps.get_models() if issubclass(m, Stateful) and m._meta.model_name == noun]
        assert [ticked(after)[0] in states_of(machine) for machine in machines] == [True]


def test_a_step_of_the_journey_calls_what_its_app_may_call():
    floors = {app: number for number, row in enumerate(reversed(table("house.md", "Floor"))) for app in ticked(row[1])}
    upward = [
        (row[0], called)
        for row in journey()
        for called in ticked(row[3])
        if floors[called] >= floors[ticked(row[2])[0].split(".")[0]]
    ]

    assert upward == []


def test_the_journey_is_lived_step_by_step_in_this_order():
    lived = (TOP / "tests" / "test_journey.py").read_text(encoding="utf-8")
    by_itself = {"accept", "hear_bound", "mark_paid"}  # these follow inside the step before, or from the journal
    verbs = [ticked(row[2])[0].split(".")[-1] for row in journey()]
    places = [lived.find(f".{verb}(") for verb in verbs if verb not in by_itself]

    assert -1 not in places
    assert places == sorted(places)


def test_the_drawn_states_are_those_of_the_models():
    spec = importlib.util.spec_from_file_location("states", TOP / "scripts" / "states.py")
    states = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(states)

    assert states.PAGE.read_text(encoding="utf-8") == states.page(), "run python scripts/states.py"


def test_every_make_target_that_a_page_names_exists():
    targets = set(TARGET.findall((TOP / "Makefile").read_text()))
    pages = [*DOCS, *TOP.glob("*.md")]
    named = {(p.name, word) for p in pages for word in re.findall(r"\bmake ([a-z]+)\b(?=[`\n])", p.read_text("utf-8"))}

    assert {"run", "test"} <= targets
    assert sorted((page, word) for page, word in named if word not in targets) == []


def test_the_newcomer_finds_the_two_commands_and_what_changed():
    readme = (TOP / "README.md").read_text(encoding="utf-8")

    assert "make run" in readme and "make test" in readme
    assert "## Unreleased" in (TOP / "CHANGELOG.md").read_text(encoding="utf-8").replace("[", "").replace("]", "")


@pytest.mark.parametrize("page", [*DOCS, *sorted(TOP.glob("*.md"))], ids=lambda p: str(p.relative_to(TOP)))
def test_links_between_pages_lead_somewhere(page):
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    broken = [t for t in targets if "://" not in t and not t.startswith("mailto:") and not (page.parent / t).exists()]

    assert broken == []


def test_no_file_knows_the_machine_it_was_written_on():
    """Neither absolute paths of a builder's disk, nor the hosts of package registries: a lock carries names and hashes."""
    # Put together here, so that this file does not find itself.
    foreign = re.compile(
        "|".join(
            [r"(?<![\w}])/" + "work/", "/" + r"home/\w+/", "pypi" + r"\.org", "registry" + r"\.npmjs", "npm" + "mirror"]
        )
    )
    found = [
        f"{name}:{number}"
        for name in ours()
        for number, line in enumerate((TOP / name).read_text(encoding="utf-8").splitlines(), start=1)
        if foreign.search(line)
    ]

    assert found == []
