"""The people of one Excel, between the look and the registering: a sealed file under a name nobody can guess.

It holds names, phones and ID numbers of people who are not here yet, so it does not outlive the day.
"""

import json
import secrets
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.conf import settings

from linggong.core.clock import now
from linggong.core.sealed import CannotOpen, seal, unseal

KEPT_FOR = timedelta(hours=24)


def new_name() -> str:
    """A name for the next file; only who holds it finds the file again."""
    return secrets.token_hex(16)


def put(name: str, kept: dict[str, Any]) -> None:
    """Keep plain JSON data under `name`, whole or not at all. Raises OSError when the disk refuses."""
    path = _folder() / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = path.with_suffix(".half")
    try:
        half.touch(mode=0o600)
        half.write_text(seal(_row(name, ""), "box", json.dumps(kept, ensure_ascii=False)))
        half.replace(path)
    except OSError:
        half.unlink(missing_ok=True)
        raise


def get(name: str) -> dict[str, Any] | None:
    """What was kept under `name`, or None."""
    try:
        return json.loads(unseal(_row(name, (_folder() / name).read_text()), "box")) if name else None
    except (OSError, CannotOpen, ValueError):
        return None


def forget_old() -> int:
    """Erase what was put down more than a day ago. Returns how many files went."""
    if not _folder().is_dir():
        return 0
    ended = (now() - KEPT_FOR).timestamp()
    old = [path for path in _folder().iterdir() if path.is_file() and path.stat().st_mtime <= ended]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _folder() -> Path:
    return settings.DATA_DIR / "imports"


def _row(name: str, box: str) -> Any:
    return SimpleNamespace(_meta=SimpleNamespace(db_table="import_file"), code=name, box=box)
