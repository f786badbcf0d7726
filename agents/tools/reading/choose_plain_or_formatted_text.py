"""Chooses between a message's plain text and its formatted one, which should say the same but often don't."""

import re
from collections.abc import Set

_WORD = re.compile(r"\w+(?:[.,:/-]\d+)*")
_ADDRESS = re.compile(r"https?://\S+|\S+@\S+")
_MOST_MISSING = 0.3
_FEW = 6
OTHER = "[only in the message's plain-text part]"


def fuller(plain: str, formatted: str) -> list[str]:
    """Returns the texts to show: the formatted one if it has figures or much text that the plain one lacks, with the
    plain one's lines that it lacks."""
    if not formatted.strip():
        return [plain] if plain.strip() else []
    if not plain.strip():
        return [formatted]
    known = _words(formatted)
    if not _says_more(known, _words(plain)):
        return [plain]
    own = [line for line in plain.splitlines() if _words(line) - known]
    return [formatted, "\n".join([OTHER, *own])] if own else [formatted]


def _says_more(these: Set[str], others: Set[str]) -> bool:
    """Returns whether there are figures, or a good part of the words, that the others lack."""
    missing = these - others
    figures = any(any(c.isdigit() for c in word) for word in missing)
    return figures or (len(missing) > _FEW and len(missing) > _MOST_MISSING * len(these))


def _words(text: str) -> Set[str]:
    """Returns the words in lower case, without addresses; figures with their points and signs."""
    return {word.casefold() for word in _WORD.findall(_ADDRESS.sub(" ", text))}
