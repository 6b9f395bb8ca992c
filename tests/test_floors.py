"""What the import linter cannot see: keys point down, nobody peeps up, reactions live at or above what they hear."""

import tomllib
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from linggong.core import journal

TOP = Path(__file__).resolve().parent.parent


def floors() -> dict[str, int]:
    """App → floor, read from the contract that the linter enforces; higher is nearer the roof."""
    contracts = tomllib.loads((TOP / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(c for c in contracts if c["id"] == "floors")["layers"]
    return {app.strip(): len(layers) - i for i, layer in enumerate(layers) for app in layer.split("|")}


def our_models():
    return [m for m in apps.get_models(include_auto_created=True) if m.__module__.startswith("linggong.")]


def test_every_app_has_a_floor():
    assert {m._meta.app_label for m in our_models()} <= set(floors())


def test_keys_point_down():
    floor = floors()
    wrong = [
        f"{model.__name__}.{field.name} → {field.related_model.__name__}"
        for model in our_models()
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model in our_models()
        and model._meta.app_label != (below := field.related_model._meta.app_label)
        and field.related_model._meta.label != settings.AUTH_USER_MODEL  # the one stair up
        and floor[model._meta.app_label] <= floor[below]
    ]  # fmt: skip

    assert wrong == []


def test_nobody_peeps_upstairs_through_a_reverse_relation():
    visible = [
        f"{model.__name__}.{field.name}"
        for model in our_models()
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model in our_models()
        and model._meta.app_label != field.related_model._meta.app_label
        and not field.remote_field.hidden
    ]  # fmt: skip

    assert visible == []


def test_accounts_holds_no_key_to_the_ground_it_stands_beside():
    below = {"core", "reference"}
    keys = [
        f"{model.__name__}.{field.name}"
        for model in our_models()
        if model._meta.app_label == "accounts"
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model._meta.app_label in below
    ]

    assert keys == [], "the first migrations would be a circle (decision 20)"


def test_a_reaction_lives_on_the_floor_of_its_event_or_above():
    floor = floors()
    owner = {m._meta.model_name: m._meta.app_label for m in our_models()}
    wrong = []
    for name, paths in journal.subscriptions().items():
        noun = name.split(".")[0]
        assert noun in owner, f"{name}: an event is called <model>.<state>"
        wrong += [(name, path) for path in paths if floor[path.split(".")[1]] < floor[owner[noun]]]

    assert wrong == []


def test_reactions_and_sweeps_only_live_in_background():
    paths = [path for paths in journal.subscriptions().values() for path in paths] + list(journal._jobs)

    assert [path for path in paths if path.split(".")[2] != "background"] == []


@pytest.mark.parametrize("app", sorted(floors()))
def test_an_app_says_what_it_is_for_in_one_line(app):
    caption = import_module(f"linggong.{app}").__doc__

    assert caption and "\n" not in caption.strip() and caption.strip().endswith(".")


@pytest.mark.parametrize("word", ["utils", "helpers", "services", "signals", "managers", "exceptions"])
def test_no_file_is_called_by_what_it_is_not(word):
    assert not [p for p in (TOP / "linggong").rglob(f"{word}.py") if "migrations" not in p.parts]


def test_only_the_worker_knows_the_queue():
    users = [
        str(p.relative_to(TOP)) for p in (TOP / "linggong").rglob("*.py")
        if ("import huey" in (text := p.read_text()) or "from huey" in text) and "tests" not in p.parts
    ]  # fmt: skip

    assert set(users) == {"linggong/core/worker.py", "linggong/core/management/commands/work.py"}


def test_no_entity_holds_money_for_a_person():
    """The platform never holds money: no wallet, no balance of a person (domain M-02, decision 2)."""
    forbidden = ("wallet", "withdraw", "recharge", "topup")
    named = [m.__name__ for m in our_models() if any(w in m.__name__.lower() for w in forbidden)]
    fields = [
        f"{m.__name__}.{f.name}" for m in our_models() for f in m._meta.get_fields()
        if "balance" in f.name or "wallet" in f.name
    ]  # fmt: skip

    assert named == [] and fields == []
