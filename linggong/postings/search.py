"""Chinese text as words without a dictionary: every character and every pair of neighbours is a word. Pure.

A word is written as its code points in hex, so that no database's idea of what a letter is decides what is found.
"""

import re
import unicodedata
from collections.abc import Iterable

TERMS_MOST = 5
TERM_MOST = 20


def squeezed(text: str) -> str:
    """Letters and figures alone, full width made half, capitals made small: ６Ｆ 仓库 → 6f仓库."""
    return "".join(char for char in _plain(text) if _counts(char))


def text_of(fields: Iterable[str]) -> str:
    """What can be found, one field a line: nothing is found across two fields."""
    return "\n".join(line for line in map(squeezed, fields) if line)


def words_of(text: str) -> str:
    """Every word of a text made by `text_of`, each once, in order, with a blank between."""
    found = set()
    for line in text.split("\n"):
        found.update(line)
        found.update(line[at : at + 2] for at in range(len(line) - 1))
    return " ".join(sorted(map(_written, found)))


def needed(term: str) -> str:
    """The words that a text must have to hold the term: its pairs, or the one character."""
    pairs = {term[at : at + 2] for at in range(len(term) - 1)} or {term}
    return " ".join(sorted(map(_written, pairs)))


def terms_in(said: str) -> list[str]:
    """What somebody typed, cut at blanks and signs: 三元区 搬货 asks for both."""
    plain = "".join(char if _counts(char) else " " for char in _plain(said))
    return list(dict.fromkeys(term[:TERM_MOST] for term in re.split(r" +", plain) if term))[:TERMS_MOST]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _counts(char: str) -> bool:
    return unicodedata.category(char)[0] in "LN"


def _written(word: str) -> str:
    return "".join(f"u{ord(char):x}" for char in word)
