"""Shows a reply while it streams, without thoughts and calls that a server leaves in the text."""

import re

from agents.models.streamed_text import OnText
from agents.models.text_call_forms import OPENERS
from agents.models.thinking_text import CLOSERS, separated
from agents.models.thinking_text import OPENERS as THOUGHTS

_MARKS = (*OPENERS, *CLOSERS)
_MARK = re.compile("|".join(map(re.escape, _MARKS)))
_LONGEST = max(map(len, (*_MARKS, *THOUGHTS)))
_MAY_BE_A_CALL = ("{", "[", "```")


def shown(text: str) -> str:
    """Returns what people may read of an unfinished text: all that can't become a thought or a call any more."""
    start = text.lstrip()
    if any(opener.startswith(start[: len(opener)]) for opener in THOUGHTS) or start.startswith("<|"):
        start = separated(text).text.lstrip() if start[:_LONGEST] not in _PREFIXES else ""
    if start.startswith(_MAY_BE_A_CALL):
        return ""
    if mark := _MARK.search(start):
        start = start[: mark.start()]
    fence = start.rfind("\n```")
    if (fence >= 0 and start.count("\n```") % 2 == 1) or (fence >= 0 and not start[fence + 4 :].strip()):
        start = start[: start.rfind("\n```", 0, fence) if start.count("\n```") % 2 == 0 else fence]
    tail = start[-_LONGEST:]
    for at in range(len(tail)):
        if tail[at:] in _PREFIXES:
            return start[: len(start) - len(tail) + at].rstrip()
    return start.rstrip()


_PREFIXES = frozenset(opener[:n] for opener in (*_MARKS, *THOUGHTS, "\n```") for n in range(1, len(opener)))


class VisibleText:
    """Passes on what people may read, piece by piece."""

    def __init__(self, on_text: OnText) -> None:
        self._on_text = on_text
        self._text = self._said = ""

    def take(self, piece: str) -> None:
        """Adds a piece of the stream."""
        self._text += piece
        self._say(shown(self._text))

    def end(self, text: str) -> None:
        """Passes on the rest of the reply, as it was understood."""
        self._say(text)

    def _say(self, text: str) -> None:
        if len(text) > len(self._said) and text.startswith(self._said):
            rest, self._said = text[len(self._said) :], text
            self._on_text(rest)
