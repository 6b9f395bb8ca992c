"""Writes docs/states.md: the state machines as the models hold them. `python scripts/states.py`; a test compares."""

import os
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
PAGE = TOP / "docs" / "states.md"
HEAD = """# States

Every row that has a state, and the arrows along which it moves. A state changes only through `Stateful.move`, which
also writes the event `<model>.<state>`. Written by `python scripts/states.py` from the models; do not edit.
"""


def page() -> str:
    """The whole page: one diagram per machine, in the order of the floors."""
    from django.apps import apps

    from linggong.core.states import Stateful

    machines = [m for m in apps.get_models() if issubclass(m, Stateful) and m.__module__.startswith("linggong.")]
    return HEAD + "".join(f"\n{_machine(model)}" for model in machines)


def _machine(model: type) -> str:
    states = dict(model._meta.get_field("state").choices)
    said = (model.__doc__ or "").strip().split("\n")[0]
    first = model._meta.get_field("state").get_default()
    arrows = [
        f"    {_key(here)} --> {_key(there)}"
        for here in model.MOVES
        for there in sorted(model.MOVES[here], key=list(states).index)
    ]
    names = [f'    state "{states[key]} {key}" as {_key(key)}' for key in states]
    ends = [f"    {_key(key)} --> [*]" for key in states if not model.MOVES.get(key)]
    begins = [f"    [*] --> {_key(first)}"] if first in states else []
    chart = "\n".join([*names, *begins, *arrows, *ends])
    return f"## {model._meta.label}\n\n{said}\n\n```mermaid\nstateDiagram-v2\n{chart}\n```\n"


def _key(state: str) -> str:
    return str(getattr(state, "value", state))


if __name__ == "__main__":
    sys.path.insert(0, str(TOP))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linggong.settings")
    import django

    django.setup()
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(TOP)} written")
