"""A few seconds' memory of what everybody sees alike, in this process. Nothing personal is ever kept here."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

from django.conf import settings

# Under the five seconds in which an approved posting must be in the lists (GX-09). Tests ask the database each time.
SECONDS = 0.0 if settings.MODE == "test" else 3.0
MOST = 512
T = TypeVar("T")

_kept: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()
_lock = Lock()


def kept(key: Hashable, make: Callable[[], T], *, seconds: float | None = None) -> T:
    """What `make` gave for this key within the last seconds, else what it gives now."""
    at = time.monotonic()
    if SECONDS:
        with _lock:
            until, value = _kept.get(key, (0.0, None))
        if at < until:
            return value
    value = make()
    if SECONDS:
        with _lock:
            _kept[key] = (at + (seconds or SECONDS), value)
            _kept.move_to_end(key)
            while len(_kept) > MOST:
                _kept.popitem(last=False)
    return value


def forget() -> None:
    """Forget everything at once."""
    with _lock:
        _kept.clear()
