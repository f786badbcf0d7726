"""Handles streamed text over several tries of one turn."""

from collections.abc import Callable

OnText = Callable[[str], None]


class StreamedText:
    """Passes text on as it streams, at most once per turn.

    Once a try has streamed text, later tries stream nothing; their text arrives whole with the answer.
    """

    def __init__(self, on_text: OnText | None) -> None:
        self._on_text = on_text
        self._spoken = False

    def next_try(self) -> OnText | None:
        """Returns the `on_text` for the next try."""
        return None if self._on_text is None or self._spoken else self._say

    def _say(self, piece: str) -> None:
        self._spoken = True
        if self._on_text is not None:
            self._on_text(piece)
