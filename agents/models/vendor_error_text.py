"""Collects what a vendor said in an error, without what it only quotes of the request, and its main sentence. Pure."""

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


def sentence_of(error: Exception, sent: Sequence[Mapping[str, Any]] = (), *, body: object = None) -> str:
    """Returns the vendor's own main sentence for people, as `words_of` is for us; empty if there is none to show.

    What looks like a key, a page of HTML and what it quotes of the request are left out.
    """
    message = _message_in(body or getattr(error, "body", None)) or str(error)
    text = _without_quotations(_without_echoes(_LIBRARY.sub("", message)), sent)
    text = " ".join(_KEYS.sub("…", text).replace("“", '"').replace("”", '"').split()).rstrip(" .:")
    if not re.search(r"\w{3}", text) or _NOT_WORDS.match(text):
        return ""
    return text if len(text) <= _MOST else f"{text[:_MOST].rpartition(' ')[0]} …"


_MOST = 200
_KEYS = re.compile(
    r"\b(?:sk|pk|rk|gsk|xai|nvapi|hf|ghp|pat|key)[-_](?=\S*[\d*])[\w*.-]{6,}|\bbearer \S+|\bAIza[\w*-]+|\w*\*{3,}\w*"
    r"|\b(?=[A-Za-z_]*\d)[A-Za-z0-9_+/=]{20,}|(?<=://)[^\s/@]+@|(?<=\?)\w+=\S+",
    re.IGNORECASE,
)
"""What may be a secret, or a part of one."""
_NOT_WORDS = re.compile(r"\s*[<{\[]|error code: \d+ - |traceback", re.IGNORECASE)


def _message_in(body: object) -> str:
    """Returns the text of the first field that holds a sentence."""
    if isinstance(body, str):
        return body
    if isinstance(body, list | tuple):
        return next((text for one in cast("Sequence[object]", body) if (text := _message_in(one))), "")
    if not isinstance(body, Mapping):
        return ""
    found = cast("Mapping[str, object]", body)
    return next((text for name in _SENTENCES if (text := _message_in(found.get(name)))), "")


_SENTENCES = ("error", "message", "msg", "detail", "errors", "error_message", "error_msg", "status_msg", "base_resp")


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
    words = [place[0].lower() for place in places]
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
