"""The answer of a tool that saved a file."""

from typing import Any, NamedTuple

MADE = "\n\x1e"
"""What stands between the words and the record; JSON cannot hold it, so the last one is ours."""


class Saved(NamedTuple):
    """The words of an answer, and how the file was made, as the domain's `Made`."""

    words: str
    made: dict[str, Any]
