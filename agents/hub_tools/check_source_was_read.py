"""Checks whether a source was read: looks for its page or file, and its quote, in a task's tool results. Pure."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from pydantic import JsonValue

from orchestrator.domain import events as e
from orchestrator.domain.findings import Source
from orchestrator.domain.ids import CallId
from orchestrator.domain.tool_calls import CallResult, Label, texts

_WORD = re.compile(r"\d+(?:\.\d+)*|[^\W\d_]+")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_LEFT_OUT = re.compile(r"\.\.\.|…")
_CUT = ("[the rest was cut", "more characters were left out")
_ADDRESSED = ("url", "uri", "link", "address")
_NEAR = 40
"""Lines across which the words of a quote may be spread, like the cells of a table row in a snapshot."""


class _Read(NamedTuple):
    result: CallResult
    args: dict[str, JsonValue]


def unchecked(source: Source, records: Sequence[e.Record], but: Collection[str]) -> str:
    """Returns what is missing (not opened, quote not found) as the end of a sentence; empty if the source was read.

    `but`: tools to ignore because they only repeat what agents said. A picture, or a cut result, may contain any quote.
    """
    read = list(_reads(records, but))
    there = [r for r in read if (_shows_page(r, source.url) if source.url else _names_file(r, source.file or ""))]
    if not there:
        return f"no one on this task opened {source.where[:300]}"
    if any(r.result.shown or any(c in r.result.text for c in _CUT) for r in there):
        return ""
    texts = dict.fromkeys([r.result.text for r in (*there, *read)])
    if all(any(_stands(part, t) for t in texts) for p in _LEFT_OUT.split(source.quote) if (part := _words(p))):
        return ""
    return "its quote wasn't found in anything read for this task"


def _reads(records: Sequence[e.Record], but: Collection[str]) -> Iterator[_Read]:
    """Returns every call that has a result, oldest first."""
    args: dict[CallId, dict[str, JsonValue]] = {}
    for record in records:
        match record.event:
            case e.TurnTaken(reply=reply):
                args |= {call.id: call.args for call in reply.calls}
            case e.ToolReturned(call=call, tool=tool, result=result) if result.ok and tool not in but:
                yield _Read(result, args.get(call, {}))
            case _:
                pass


def _shows_page(read: _Read, url: str) -> bool:
    """Returns whether the page's host and path appear in external content; ignores queries and fragments."""
    if Label.UNTRUSTED not in read.result.labels:
        return False
    try:
        at = urlsplit(url if "://" in url else f"https://{url}")
        place = f"{at.hostname or ''}{f':{at.port}' if at.port else ''}".removeprefix("www.")
    except ValueError:
        return False
    asked = [v for k, v in read.args.items() if isinstance(v, str) and any(a in k for a in _ADDRESSED)]
    text = "\n".join([read.result.text, *asked]).casefold()
    paths = {at.path.rstrip("/"), unquote(at.path).rstrip("/")}
    keys = [f"{place}{path}".casefold() for path in paths]
    return any(key in text and re.search(rf"(?<![\w.-]){_www(key)}(?!\.?[\w:-]|/\w)", text) for key in keys)


def _www(key: str) -> str:
    return rf"(?:www\.)?{re.escape(key)}"


def _names_file(read: _Read, file: str) -> bool:
    """Returns whether the call asked for the file or its result names it; a part after # is a sheet."""
    name = file.partition("#")[0].removeprefix("./").strip("/").rpartition("/")[2]
    return bool(name) and (name in read.result.text or any(name in text for text in texts(read.args)))


def _words(text: str) -> list[str]:
    """Returns its words and numbers; ignores spaces, quotes, dashes, marks, case and thousands separators."""
    return _WORD.findall(_THOUSANDS.sub("", text.casefold()))


def _stands(quote: list[str], text: str) -> bool:
    """Returns whether the words are adjacent in the text, or all within a few of its lines."""
    flat = _THOUSANDS.sub("", text.casefold())
    if not all(word in flat for word in quote):  # most texts end here
        return False
    if f" {' '.join(quote)} " in f" {' '.join(_words(text))} ":
        return True
    lines = [set(_words(line)) for line in text.splitlines()]
    wanted = set(quote)
    return any(wanted & line and wanted <= set[str]().union(*lines[n : n + _NEAR]) for n, line in enumerate(lines))
