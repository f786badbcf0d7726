"""Shows file names that git quotes in its lists as all other tools show them. Pure."""

import re

from orchestrator.domain.escape_file_names import shown

_QUOTED = re.compile(r'^(\+\S+ -\S+  )"((?:[^"\\]|\\.)*)"$', re.MULTILINE)
_ESCAPED = re.compile(r"\\([0-7]{3}|.)", re.DOTALL)
_LETTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def unquoted(lines: str) -> str:
    """Returns the lines; a quoted name after two numbers (`+1 -0 "\\303\\244.txt"`) as it is shown elsewhere."""
    return _QUOTED.sub(lambda found: found.group(1) + shown(_name(found.group(2))), lines)


def _name(inside: str) -> str:
    def byte(found: re.Match[str]) -> bytes:
        escape = found.group(1)
        return bytes([int(escape, 8)]) if len(escape) == 3 else _bytes(_LETTERS.get(escape, escape))

    pieces = _ESCAPED.split(inside)
    plain, escaped = pieces[::2], [byte(found) for found in _ESCAPED.finditer(inside)]
    return b"".join(_bytes(p) + e for p, e in zip(plain, [*escaped, b""], strict=True)).decode(
        "utf-8", "surrogateescape"
    )


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
