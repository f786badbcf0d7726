"""Reads JSON as models write it: single quotes, Python's words, bare keys, special tokens as quotes. Pure."""

import ast
import json
import re
from typing import Any, NamedTuple

_DECODER = json.JSONDecoder(strict=False)
_SPACE = re.compile(r"\s*")
_TOKEN_TEXT = re.compile(r'(?P<mark><escape>|<\|"\|>)(?P<text>.*?)(?P=mark)', re.DOTALL)
_SINGLE = re.compile(r"'(?:[^'\\\n]|\\.)*+'")
_KEY = re.compile(r"[A-Za-z_][\w.-]*")
_SCALAR = re.compile(r"(?:true|false|null|True|False|None|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?=\s*(?:[,}\]]|\Z))")
_WORDS = {"True": True, "False": False, "None": None, "true": True, "false": False, "null": None}
_MOST_DEPTH = 64


class Loose(NamedTuple):
    """A value, and where it ends."""

    value: Any
    end: int


def value_at(text: str, at: int) -> Loose | None:
    """Returns the object or list that starts here; None if it can't be read in exactly one way."""
    try:
        return Loose(*_DECODER.raw_decode(text, at))
    except ValueError:
        pass
    except RecursionError:
        return None
    try:
        return _any(text, at, _MOST_DEPTH)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _any(text: str, at: int, depth: int) -> Loose:
    if depth == 0:
        raise ValueError("nested too deeply")
    at = _after_space(text, at)
    match text[at : at + 1]:
        case "{":
            return _object(text, _after_space(text, at + 1), depth)
        case "[":
            return _list(text, _after_space(text, at + 1), depth)
        case '"':
            return Loose(*_DECODER.raw_decode(text, at))
        case _:
            return _scalar(text, at)


def _scalar(text: str, at: int) -> Loose:
    if found := _TOKEN_TEXT.match(text, at):
        return Loose(found["text"], found.end())
    if found := _SINGLE.match(text, at):
        return Loose(ast.literal_eval(found[0]), found.end())
    if found := _SCALAR.match(text, at):
        word = found[0]
        return Loose(_WORDS[word] if word in _WORDS else json.loads(word), found.end())
    raise ValueError("not a value")


def _object(text: str, at: int, depth: int) -> Loose:
    fields: dict[str, Any] = {}
    while text[at : at + 1] != "}":
        key = _KEY.match(text, at)
        name, at = Loose(key[0], key.end()) if key else _any(text, at, depth - 1)
        at = _after_space(text, at)
        if not isinstance(name, str) or text[at : at + 1] != ":":
            raise ValueError("not a key")
        fields[name], at = _any(text, at + 1, depth - 1)
        at = _after_comma(text, at, "}")
    return Loose(fields, at + 1)


def _list(text: str, at: int, depth: int) -> Loose:
    rows: list[Any] = []
    while text[at : at + 1] != "]":
        row, at = _any(text, at, depth - 1)
        rows.append(row)
        at = _after_comma(text, at, "]")
    return Loose(rows, at + 1)


def _after_comma(text: str, at: int, end: str) -> int:
    at = _after_space(text, at)
    if text[at : at + 1] == ",":
        return _after_space(text, at + 1)
    if text[at : at + 1] != end:
        raise ValueError("not a comma")
    return at


def _after_space(text: str, at: int) -> int:
    return _SPACE.match(text, at).end()  # pyright: ignore[reportOptionalMemberAccess]
