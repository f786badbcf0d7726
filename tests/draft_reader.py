"""Somebody who reads a reply each time it has grown."""

from itertools import pairwise

from orchestrator.ports import Look


class ReadAlong:
    """`texts`: what could be read, each time anew."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, look: Look) -> None:
        text = look()
        if not self.texts or text != self.texts[-1]:
            self.texts.append(text)

    @property
    def grew(self) -> bool:
        """Whether nothing that could be read was taken back."""
        return all(later.startswith(earlier) for earlier, later in pairwise(self.texts))
