"""Parses simple inline markup: **bold**, *italic*, `code`, [words](https://…)."""

import re
from typing import NamedTuple

_MARKUP = re.compile(
    r"\*\*(?P<bold>.+?)\*\*|(?<![\w*])\*(?P<italic>[^*\s](?:[^*]*[^*\s])?)\*(?![\w*])|`(?P<code>[^`]+)`"
    r"|\[(?P<words>[^\]]+)\]\((?P<url>(?:https?://|mailto:)[^\s)]+)\)"
)


class Span(NamedTuple):
    """A run of text in one style."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    url: str | None = None


def spans(text: str) -> list[Span]:
    """Returns the text in runs; unclosed markup stays as it is."""
    found: list[Span] = []
    end = 0
    for match in _MARKUP.finditer(text):
        if match.start() > end:
            found.append(Span(text[end : match.start()]))
        if match["bold"] is not None:
            found += [s._replace(bold=True) for s in spans(match["bold"])]
        elif match["italic"] is not None:
            found += [s._replace(italic=True) for s in spans(match["italic"])]
        elif match["code"] is not None:
            found.append(Span(match["code"], code=True))
        else:
            found.append(Span(match["words"], url=match["url"]))
        end = match.end()
    if end < len(text):
        found.append(Span(text[end:]))
    return found


def plain(text: str) -> str:
    """Returns the text without its markup."""
    return "".join(s.text for s in spans(text))
