"""Streamed words over several tries of one turn."""

from collections.abc import Callable

OnText = Callable[[str], None]


class Pieces:
    """Hands words on as they stream, and never says a turn twice.

    Once a try has spoken, later tries stream nothing; their words arrive whole with the answer.
    """

    def __init__(self, on_text: OnText | None) -> None:
        self._on_text = on_text
        self._spoken = False

    def next_try(self) -> OnText | None:
        """What to give as `on_text` to the next try."""
        return None if self._on_text is None or self._spoken else self._say

    def _say(self, piece: str) -> None:
        self._spoken = True
        if self._on_text is not None:
            self._on_text(piece)
