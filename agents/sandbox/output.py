"""Collects a command's output: reports every line once, keeps the beginning and the end."""

import codecs
from collections import deque
from collections.abc import Callable

HEAD, TAIL = 16_000, 16_000
_LONGEST_LINE = 500


class Output:
    """Takes bytes as they arrive; keeps at most HEAD + TAIL characters."""

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self._on_line = on_line
        self._decode = codecs.getincrementaldecoder("utf-8")("backslashreplace")  # as names of files are shown
        self._line = ""
        self._begin()

    def add(self, piece: bytes, *, final: bool = False) -> None:
        text = self._decode.decode(piece, final)
        self._show(text, final=final)
        room = HEAD - len(self._head)
        self._head += text[:room]
        if rest := text[room:]:
            self._tail.append(rest)
            self._tailed += len(rest)
        while self._tail and self._tailed - len(self._tail[0]) >= TAIL:
            gone = len(self._tail.popleft())
            self._tailed -= gone
            self._lost += gone

    def text(self) -> str:
        """Returns what was kept, with a note where something is left out."""
        tail = "".join(self._tail)
        lost = self._lost + max(len(tail) - TAIL, 0)
        if not lost:
            return self._head + tail
        return f"{self._head}\n[… {lost:,} characters left out; write long output to a file …]\n{tail[-TAIL:]}"

    def take(self) -> str:
        """Returns what was kept since the last call."""
        text = self.text()
        self._begin()
        return text

    def _begin(self) -> None:
        self._head = ""
        self._tail: deque[str] = deque()
        self._tailed = 0
        self._lost = 0

    def _show(self, text: str, *, final: bool) -> None:
        *lines, self._line = (self._line + text).replace("\r", "\n").split("\n")
        if final or len(self._line) > _LONGEST_LINE:
            lines, self._line = [*lines, self._line], ""
        for line in lines:
            if line.strip():
                self._on_line(line.strip()[:_LONGEST_LINE])
