"""Pages that are the same for everybody but for a few words: rendered once with slots, then only filled.

A shell is rendered without the request, so nothing of a person can get into it; what differs from one visitor to the
next (the token of the form, the address, the place) is a slot.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from types import SimpleNamespace
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.utils.html import escape

from linggong.web.context import MODE_COOKIE, page
from linggong.web.place import Place

MOST = 256
MARK = "\ue000"  # private use: never in what people type, an address or a name
PLACE, PATH, TOKEN = "place", "path", "token"

_kept: OrderedDict[Hashable, list[bytes | str]] = OrderedDict()
_lock = Lock()


def slot(name: str) -> str:
    """What stands in a shell where the words come later."""
    return f"{MARK}{name}{MARK}"


def filled(key: Hashable, make: Callable[[], str], words: dict[str, str | bytes]) -> bytes:
    """The shell of this key, rendered by `make` when it is not here, with its slots filled. Words are escaped, bytes not.

    The key holds everything that the shell depends on.
    """
    with _lock:
        pieces = _kept.get(key)
        if pieces is not None:
            _kept.move_to_end(key)
    if pieces is None:
        pieces = _cut(make())
        with _lock:
            _kept[key] = pieces
            while len(_kept) > MOST:
                _kept.popitem(last=False)
    ready = {name: word if isinstance(word, bytes) else escape(word).encode() for name, word in words.items()}
    return b"".join([piece if isinstance(piece, bytes) else ready[piece] for piece in pieces])


def rendered(template: str, facts: dict[str, Any], *, mode: str, operator: dict[str, Any]) -> str:
    """A page of nobody in particular, with slots for its place, address and token."""
    nobody = SimpleNamespace(
        path="/", COOKIES={MODE_COOKIE: mode}, GET={}, user=AnonymousUser(), worker=None, desk="public",
        get_full_path=slot(PATH), _place=Place(slot(PLACE), 0.0, 0.0), _operator=operator,
    )  # fmt: skip
    return render_to_string(template, {"request": nobody, "csrf_token": slot(TOKEN), **page(nobody), **facts})


def forget() -> None:
    """Forget every shell."""
    with _lock:
        _kept.clear()


def _cut(text: str) -> list[bytes | str]:
    """Text and names of slots by turns."""
    pieces = re.split(f"{MARK}(\\w+){MARK}", text)
    return [piece if number % 2 else piece.encode() for number, piece in enumerate(pieces)]
