"""Collects what a vendor said in an error, without what it only quotes of the request. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

_ECHOES = ("input", "ctx", "url", "failed_generation", "received")
"""Fields that repeat the request, or lead to a manual."""
_ECHO = re.compile(rf"""(['"])(?:{"|".join(_ECHOES)})\1\s*:\s*(?=\S)""")
_UNNAMED = ("message", "msg", "error", "errors", "detail", "type", "object", "param", "status")
_LIBRARY = re.compile(r"^(?:(?:litellm\.)?\w+(?:error|timeout|limit)?: )*?(?:\w+(?:exception|error) - )", re.IGNORECASE)
_QUOTED = 5
"""As many words in a row as that are a quotation from the request."""
_CLOSING = {"{": "}", "[": "]", "(": ")"}


def words_of(error: Exception, sent: Sequence[Mapping[str, Any]] = (), *, body: object = None) -> str:
    """Returns all that the vendor said, lower case; the details stand beside the message, in lines of their own.

    `sent`: the messages of the request. `body`: the response's, if the error doesn't hold it.
    """
    said = _without_echoes(_LIBRARY.sub("", str(error)))
    lines = [said, *(line for line in _lines(body or getattr(error, "body", None)) if line not in said)]
    return _without_quotations("\n".join(lines).lower(), sent)


def _lines(body: object, name: str = "") -> Iterator[str]:
    """Yields the leaves of a body with their names."""
    if isinstance(body, Mapping):
        for key, value in cast("Mapping[str, object]", body).items():
            if key not in _ECHOES:
                yield from _lines(value, "" if key in _UNNAMED else key)
    elif isinstance(body, list | tuple):
        for value in cast("Sequence[object]", body):
            yield from _lines(value, name)
    elif body not in (None, ""):
        text = _without_echoes(str(body))
        yield f"{name}: {text}" if name else text


def _without_echoes(text: str) -> str:
    """Returns text without the values of fields that repeat the request; validators write their rows into it."""
    while match := _ECHO.search(text):
        text = f"{text[: match.start()]}{text[_end(text, match.end()) :]}"
    return text


def _end(text: str, at: int) -> int:
    """Returns where the value that starts there ends."""
    waiting: list[str] = []
    while at < len(text):
        char = text[at]
        if char in "'\"":
            at = _string_end(text, at)
        elif char in _CLOSING:
            waiting.append(_CLOSING[char])
        elif waiting and char == waiting[-1]:
            waiting.pop()
        elif not waiting and char in ",}])":
            return at
        at += 1
    return at


def _string_end(text: str, start: int) -> int:
    at = start + 1
    while at < len(text) and text[at] != text[start]:
        at += 2 if text[at] == "\\" else 1
    return at


def _without_quotations(text: str, sent: Sequence[Mapping[str, Any]]) -> str:
    places = list(re.finditer(r"\w+", text))
    if len(places) < _QUOTED or not sent:
        return text
    words = [place[0] for place in places]
    known = _runs(re.findall(r"\w+", " ".join(_texts(sent)).lower()))
    kept, at = list[str](), 0
    for number in range(len(words) - _QUOTED + 1):
        if tuple(words[number : number + _QUOTED]) in known:
            start, end = places[number].start(), places[number + _QUOTED - 1].end()
            kept.append(text[at : max(at, start)])
            at = max(at, end)
    return "".join([*kept, text[at:]])


def _runs(words: Sequence[str]) -> set[tuple[str, ...]]:
    return {tuple(words[at : at + _QUOTED]) for at in range(len(words) - _QUOTED + 1)}


def _texts(sent: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for message in sent:
        content: Any = message.get("content")
        for part in cast("list[Any]", content) if isinstance(content, list) else [content]:
            text = cast("Mapping[str, Any]", part).get("text") if isinstance(part, Mapping) else part
            if isinstance(text, str):
                yield text
        for call in message.get("tool_calls") or ():
            yield str(call["function"]["arguments"])
