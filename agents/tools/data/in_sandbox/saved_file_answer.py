"""The answer of a tool that saved a file."""

from typing import Any, NamedTuple

MADE = "\n\x1e"
"""Separates the text from the record; JSON can't contain it, so the last one is ours."""


class Saved(NamedTuple):
    """Returns an answer's text, and how the file was made, as the domain's `Made`."""

    words: str
    made: dict[str, Any]
