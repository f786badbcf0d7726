"""Turns Discord's markup of a message into the words a person sees. Pure."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

Names = Mapping[str, str]
"""What people, roles and channels are called, by their mention: `@1`, `@&2`, `#3`."""
NO_NAMES: Names = {}
_MENTION = re.compile(r"<(@&|@!?|#)(\d+)>")
_MARK = re.compile(
    r"<(?:(@&|@!?|#)(\d+)|t:(-?\d+)(?::[A-Za-z])?|a?:(\w+):\d+|/([^:<>]+):\d+|id:(\w+)|(https?://[^<>\s]+))>"
)
_UNKNOWN = {"@": "@unknown-user", "@&": "@unknown-role", "#": "#unknown"}


def mentioned(text: str) -> Iterator[tuple[str, str]]:
    """Yields what each mention begins with (`@`, `@&`, `#`), and the id."""
    return ((kind.rstrip("!"), id_) for kind, id_ in _MENTION.findall(text))


def words(text: str, names: Names = NO_NAMES) -> str:
    """Returns the text with names, times in UTC, and emoji by name."""
    return _MARK.sub(lambda found: _mark(found, names), text)


def _mark(found: re.Match[str], names: Names) -> str:
    kind, id_, time, emoji, command, place, link = found.groups()
    if kind:
        kind = kind.rstrip("!")
        name = " ".join(names.get(f"{kind}{id_}", "").split())
        return f"{kind[0]}{name}" if name else _UNKNOWN[kind]
    if time:
        return _moment(int(time)) or found[0]
    return f":{emoji}:" if emoji else f"/{command}" if command else f"#{place}" if place else link


def _moment(seconds: int) -> str:
    """Empty for a time that can't be shown."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return ""
